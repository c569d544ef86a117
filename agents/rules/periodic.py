"""Order up to a level every so many periods."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from pydantic import Field, PrivateAttr

from orderup.envs.foundation.validation import Periods
from orderup.envs.information.information import Information
from orderup.envs.information.policy import Context, Decision
from orderup.envs.network.costs import order_cost
from orderup.envs.network.network import Network

from ..base import agents
from ..levels.covering import replaced_losses
from .fitted import Numbers
from .rule import Amounts, Rule
from .site_demand import SiteDemand, each_main_lane


@agents.register("periodic")
class PeriodicReview(Rule):
    """(R, S): every `review` periods all sites order up to `up_to`, and nothing in between.

    In closed form S is the level whose mean chance of covering demand over the ℓ+1 … ℓ+R periods until the next order's arrival
    is b/(b+h), and R that of the economic order quantity of the whole network: √(2ΣK / Σhλ), at least 1.
    """

    names = ("up_to",)
    dates_ahead = False
    known = frozenset({"fixed_cost", "trucks"})
    review: Periods | None = Field(None, description="R, between two orders [periods]; left out: in closed form")
    offset: int = Field(0, ge=0, le=1_000_000, description="Period of the first order")
    up_to: Amounts = Field(None, description="S [units]; left out: in closed form")
    _every: int = PrivateAttr(default=1)

    def begin(self, context: Context, numbers: Mapping[str, Any]) -> None:
        """Settle the rhythm as well."""
        super().begin(context, numbers)
        self._every = self._rhythm(context.network)

    def act(self, information: Information) -> Decision:
        """Order when it is time."""
        position = self.position(information)
        due = (information.period - self.offset) % self._every == 0
        return self.to_levels(self._number["up_to"] + 0.0 * position if due else self.never(position), information)

    def closed_form(self, network: Network, wait: int) -> Numbers:
        """Levels for the rhythm."""
        every = self._rhythm(network)
        (level,) = each_main_lane(network, wait, lambda site: (_level(site, every),))
        return {"up_to": level + every * replaced_losses(network)}

    def _rhythm(self, network: Network) -> int:
        if self.review is not None:
            return self.review
        held = float((network.costs.holding * network.loads.mean).sum())
        paid = float(order_cost(network.costs)[network.topology.is_main.any(axis=1)].sum())
        return max(round(math.sqrt(2 * paid / held)), 1) if held else 1


def _level(site: SiteDemand, every: int) -> float:
    """The smallest level on the demand's lattice with that mean chance."""
    wanted = site.shortage / (site.shortage + site.holding) - 1e-12
    step, covers = site.one_period.step, [(site.span + late).lattice(site.one_period, alone=every > 1) for late in range(every)]
    low, high = min(covers[0].first, 0), covers[-1].last
    while low < high:
        middle = (low + high) // 2
        enough = np.mean([cover.cdf(middle * step) for cover in covers]) >= wanted
        low, high = (low, middle) if enough else (middle + 1, high)
    return step * low
