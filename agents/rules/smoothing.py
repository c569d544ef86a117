"""Close part of the gap to a level, so that orders swing less than demand."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import scipy  # its stats are loaded when first used: they take 0.8 s
from pydantic import Field, PrivateAttr

from orderup.envs.information.information import Information
from orderup.envs.information.policy import Context, Decision
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Array, positive

from ..base import agents
from ..levels.covering import replaced_losses
from .fitted import Numbers
from .rule import Amounts, Rule
from .site_demand import SiteDemand, each_main_lane


@agents.register("smoothing")
class Smoothing(Rule):
    """Proportional order-up-to: orders mean demand plus a share β of what the position lacks of the level less one mean demand.

    β = 1 is base-stock. With independent demand and no order cut at nothing Var(orders)/Var(demand) is β/(2 − β), against 1 of
    base-stock (Dejonckheere, Disney, Lambrecht and Towill, European Journal of Operational Research 147, 2003). What swings
    less upstream is held here: the position's own deviation, σ·(1 − β)/√(β(2 − β)), has to be covered as well, and the closed
    form does so, as of normal demand.
    """

    names = ("up_to",)
    dates_ahead = False
    share: float = Field(0.5, gt=0, le=1, description="β: part of the gap that is closed in a period")
    up_to: Amounts = Field(None, description="The order-up-to level [units]; left out: in closed form")
    _mean: Array = PrivateAttr()

    def begin(self, context: Context, numbers: Mapping[str, Any]) -> None:
        """Know mean demand."""
        super().begin(context, numbers)
        self._mean = context.backend.asarray(context.network.loads.mean[context.network.topology.destination, :, 0])[None]

    def act(self, information: Information) -> Decision:
        """Mean demand, and part of the gap."""
        full = self._number["up_to"] - self._mean
        return self.by_position(information, lambda position: positive(self._mean + self.share * (full - position)))

    def closed_form(self, network: Network, wait: int) -> Numbers:
        """The newsvendor's level for the larger variance."""
        (level,) = each_main_lane(network, wait, lambda site: (self._level(site),))
        return {"up_to": np.maximum(level, 0.0) + replaced_losses(network)}

    def _level(self, site: SiteDemand) -> float:
        wander = (1 - self.share) ** 2 / (self.share * (2 - self.share))
        one, span = site.one_period, site.span
        if self.share == 1:
            return float(site.cover.ppf(site.shortage / (site.shortage + site.holding)))
        score = float(scipy.stats.norm.ppf(site.shortage / (site.shortage + site.holding)))
        if not span.further:
            return span.periods * one.mean() + score * one.std() * math.sqrt(span.periods + wander)
        return span.mean * one.mean() + score * math.sqrt(
            one.std() ** 2 * (span.mean + wander) + one.mean() ** 2 * span.variance
        )
