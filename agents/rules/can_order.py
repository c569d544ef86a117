"""Products that share a lane's order, and lanes that share a truck: whoever must be ordered takes along whoever may.

Letters: B batch, L lanes, K products.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from pydantic import Field, PrivateAttr

from orderup.envs.information.information import Information
from orderup.envs.information.policy import Context, Decision
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Array, namespace

from ..base import agents
from ..exact.reorder import zheng_federgruen
from ..levels.covering import replaced_losses
from .fitted import Numbers
from .rule import Amounts, Rule
from .site_demand import SiteDemand, each_main_lane


@agents.register("can_order")
class CanOrder(Rule):
    """(s, c, S): once a product's position is at or below `reorder`, all of its lane at or below `can` are ordered `up_to` S.

    A lane's fixed cost is paid for an order, whatever products it holds (Balintfy 1964, Management Science 10), and so is a
    truck's, whatever its lanes: one of them that must be ordered takes along the others, as far as a seat sees their records: a
    centre, or sites at visibility `shared`. In closed form s and S are each product's own best with an equal share of these
    costs, and c is `share` of the way from s to S: a start for `fitted`.
    """

    names = ("reorder", "can", "up_to")
    dates_ahead = False
    signed = ("reorder", "can")
    known = frozenset({"fixed_cost", "trucks"})
    share: float = Field(0.5, ge=0, le=1, description="Where c lies between s and S, in closed form")
    reorder: Amounts = Field(None, description="s: must be ordered [units]; left out: in closed form")
    can: Amounts = Field(None, description="c: may be ordered along [units]; left out: in closed form")
    up_to: Amounts = Field(None, description="S [units]; left out: in closed form")
    _on_one_truck: Array | None = PrivateAttr(default=None)

    def begin(self, context: Context, numbers: Mapping[str, Any]) -> None:
        """Look which lanes have a truck in common, too."""
        super().begin(context, numbers)
        trucks, lanes = context.network.costs.trucks, np.arange(len(context.network.lanes))
        on = [np.isin(lanes, lanes[truck.lanes]) for truck in trucks]
        together = sum((np.outer(each, each) for each in on), np.zeros((lanes.size, lanes.size), dtype=bool))
        self._on_one_truck = context.backend.asarray(1.0 * together) if on else None

    def act(self, information: Information) -> Decision:
        """Whether somebody must, and who may."""
        position = self.position(information)
        xp = namespace(position)
        must = self._must(position)
        if self._on_one_truck is not None and information.autonomy.sees(information.seats, "shared"):
            seen = must if information.planner else self._must(self.by_lane(_positions(information)))
            must = must | xp.any((self._on_one_truck[None] * seen[:, None, :, 0]) > 0, axis=2)[:, :, None]
        along = self.reached(position, self._number["can"]) | self.reached(position, self._number["reorder"])
        return self.to_levels(xp.where(must & along, self._number["up_to"], self.never(position)), information)

    def _must(self, position: Array) -> Array:
        """Lanes of which any product must be ordered at these positions (B, L, 1), true or false."""
        wanted = (self.main > 0) & (self._number["up_to"] > 0.0)
        return namespace(position).any(wanted & self.reached(position, self._number["reorder"]), axis=2)[:, :, None]

    def closed_form(self, network: Network, wait: int) -> Numbers:
        """Each product on its own, at a part of the fixed cost."""
        products = len(network.products)

        def best(site: SiteDemand) -> tuple[float, float]:
            fits = self.fitting(replace(site, fixed=site.fixed / products))
            few = fits.cover_of_few
            found = zheng_federgruen(fits.holding, fits.shortage, fits.fixed, fits.interval, fits.one_period, cover=few)
            return found.reorder, found.up_to

        reorder, up_to = (number + replaced_losses(network) for number in each_main_lane(network, wait, best, 2))
        return {"reorder": reorder, "can": reorder + self.share * (up_to - reorder), "up_to": up_to}


def _positions(information: Information) -> Array:
    """Inventory positions of all sites as the feed has them (B, N, K)."""
    stock = information.everywhere("on_hand") - information.everywhere("backlog") - information.everywhere("owed")
    return stock + information.everywhere("unfilled", summed=True) + information.everywhere("pipeline", summed=True)
