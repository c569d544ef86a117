"""A steady flow from afar, and surges from nearby."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from pydantic import Field, PrivateAttr

from orderup.envs.arrays import Array
from orderup.envs.information import Information
from orderup.envs.network import Network
from orderup.envs.policy import Context, Decision

from ..base import agents
from ..exact.constant_order import best_base_surge
from ..levels import installation_levels
from .rule import Amounts, Numbers, Rule
from .site_demand import SiteDemand
from .two_lanes import Pair, pairs, premium


@agents.register("tailored_base_surge")
class TailoredBaseSurge(Rule):
    """Tailored base-surge: the same quantity in every period by the slow lane, the rest by the fast one, up to a level.

    In closed form the best quantity and level of a store whose customers wait (Allon and Van Mieghem, Management Science 56,
    2010). Sites without a choice order up to base-stock's level, and peers are asked for nothing.
    """

    names = ("order", "up_to")
    order: Amounts = Field(None, description="Ordered by the slow, main lane in every period [units]; left out: in closed form")
    up_to: Amounts = Field(
        None, description="Level of the fast lane, or of a site's only one [units]; left out: in closed form"
    )
    _steady: Array = PrivateAttr()

    def begin(self, context: Context, numbers: Mapping[str, Any]) -> None:
        """Know which lanes are slow."""
        super().begin(context, numbers)
        network = context.network
        steady = network.is_lateral.copy()
        steady[[pair.slow for pair in pairs(network, "tailored_base_surge")]] = True
        self._steady = context.backend.asarray(steady)

    def act(self, information: Information) -> Decision:
        """The steady quantity, and up to the level."""
        return Decision(level=self._number["up_to"], quantity=self._number["order"], by_quantity=self._steady)

    def closed_form(self, network: Network, wait: int) -> Numbers:
        """The best of both."""
        up_to = installation_levels(network, wait=wait)
        order = np.zeros_like(up_to)
        for pair in pairs(network, "tailored_base_surge"):
            for product in range(len(network.products)):
                order[pair.slow, product], up_to[pair.fast, product] = _best(network, pair, product, wait)
        return {"order": order, "up_to": up_to}


def _best(network: Network, pair: Pair, product: int, wait: int) -> tuple[float, float]:
    """Regular order and express level."""
    fast = SiteDemand.of(network, pair.fast, product, wait)
    if fast is None:
        return 0.0, 0.0
    step, demand = fast.one_period.step, fast.in_steps
    grain = 0.1 if step == 1.0 else 1.0
    extra = premium(network, pair, product) * step
    best = best_base_surge(demand.holding, demand.shortage, extra, fast.interval, demand.one_period, grain)
    return best.order * step, best.level * step
