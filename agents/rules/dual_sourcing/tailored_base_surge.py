"""A steady flow from afar, and surges from nearby."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import numpy as np
from pydantic import Field, PrivateAttr

from orderup.envs.foundation.errors import InputError
from orderup.envs.information.information import Information
from orderup.envs.information.policy import Context, Decision
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Array

from ...base import agents
from ...exact.constant_order import best_base_surge, diffusion_surge
from ...fitting_progress import going_through
from ...levels.base_stock_levels import installation_levels
from ..fitted import Numbers
from ..rule import Amounts, Rule
from ..site_demand import SiteDemand
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
        steady, found = network.topology.is_lateral.copy(), pairs(network, "tailored_base_surge")
        steady[[pair.slow for pair in found]] = True
        surging = {pair.fast for pair in found} | set(_alone(network, found))
        if both := [network.lanes[lane] for lane in sorted(surging) if steady[lane]]:
            wanted = "lanes that are the slow one of all their products, or of none"
            raise InputError("agent", f"tailored_base_surge on {network.scenario.name}, whose {both[0]} is both", wanted)
        self._steady = context.backend.asarray(steady)

    def act(self, information: Information) -> Decision:
        """The steady quantity, and up to the level."""
        return Decision(level=self._number["up_to"], quantity=self._number["order"], by_quantity=self._steady)

    def closed_form(self, network: Network, wait: int) -> Numbers:
        """The best of both."""
        up_to = installation_levels(network, wait=wait)
        order = np.zeros_like(up_to)
        for pair in going_through(pairs(network, "tailored_base_surge"), f"tailored_base_surge for {network.scenario.name}"):
            order[pair.slow, pair.product], up_to[pair.fast, pair.product] = self._best(network, pair, wait)
        return {"order": order, "up_to": up_to}

    def _best(self, network: Network, pair: Pair, wait: int) -> tuple[float, float]:
        """Regular order and express level."""
        fast = SiteDemand.of(network, pair.fast, pair.product, wait)
        if fast is None:
            return 0.0, 0.0
        step, demand = fast.one_period.step, fast.in_steps
        extra, one = premium(network, pair) * step, demand.one_period
        for grain in (0.1, 1.0) if step == 1.0 else (1.0,):
            with suppress(InputError):  # too many points
                best = best_base_surge(demand.holding, demand.shortage, extra, fast.interval, one, grain)
                return best.order * step, best.level * step
        self.note("its order and level are those of the heavy-traffic limit, demand being too large for single units")
        best = diffusion_surge(demand.holding, demand.shortage, extra, fast.interval, one)
        return best.order * step, best.level * step


def _alone(network: Network, found: list[Pair]) -> list[int]:
    """Main lanes of products that have no faster one, and are sold."""
    paired = {(pair.site, pair.product) for pair in found}
    sold = np.argwhere((network.topology.main_lanes >= 0) & (network.loads.mean[:, :, 0] > 0)).tolist()
    return [int(network.topology.main_lanes[site, product]) for site, product in sold if (site, product) not in paired]
