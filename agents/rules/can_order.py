"""Products that share a lane's order: whoever must be ordered takes along whoever may."""

from __future__ import annotations

from dataclasses import replace

from pydantic import Field

from orderup.envs.information.information import Information
from orderup.envs.information.policy import Decision
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import namespace

from ..base import agents
from ..exact.reorder import zheng_federgruen
from ..levels.covering import replaced_losses
from .fitted import Numbers
from .rule import Amounts, Rule
from .site_demand import SiteDemand, each_main_lane


@agents.register("can_order")
class CanOrder(Rule):
    """(s, c, S): once a product's position is at or below `reorder`, all of its lane at or below `can` are ordered `up_to` S.

    A lane's fixed cost is paid for an order, whatever products it holds (Balintfy 1964, Management Science 10). In closed form
    s and S are each product's own best with its share of the fixed cost, one over the number of products, and c is `share` of
    the way from s to S: a start for `fitted`.
    """

    names = ("reorder", "can", "up_to")
    signed = ("reorder", "can")
    known = frozenset({"fixed_cost"})
    share: float = Field(0.5, ge=0, le=1, description="Where c lies between s and S, in closed form")
    reorder: Amounts = Field(None, description="s: must be ordered [units]; left out: in closed form")
    can: Amounts = Field(None, description="c: may be ordered along [units]; left out: in closed form")
    up_to: Amounts = Field(None, description="S [units]; left out: in closed form")

    def act(self, information: Information) -> Decision:
        """Whether somebody must, and who may."""
        position = self.position(information)
        xp = namespace(position)
        wanted = (self.main > 0) & (self._number["up_to"] > 0.0)
        must = xp.any(wanted & self.reached(position, self._number["reorder"]), axis=2)[:, :, None]
        along = self.reached(position, self._number["can"]) | self.reached(position, self._number["reorder"])
        return self.to_levels(xp.where(must & along, self._number["up_to"], self.never(position)), information)

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
