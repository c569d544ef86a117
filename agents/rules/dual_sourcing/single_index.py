"""Two lanes, two levels, one position."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from pydantic import Field, PrivateAttr

from orderup.envs.information.information import Information
from orderup.envs.information.policy import Context, Decision
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Array, positive

from ...base import agents
from ...exact.dual_index import best_single_index
from ..fitted import Numbers
from ..rule import Amounts, Rule
from .two_lanes import pairs, solved_levels


@agents.register("single_index")
class SingleIndexRule(Rule):
    """Single index: both lanes look at the whole inventory position, express up to its level first, regular up to a higher one.

    Express so counts on what comes too late to help, which dual index does not (Scheller-Wolf, Veeraraghavan and van Houtum
    2007). In closed form the best pair for a store whose demand comes in whole units; elsewhere base-stock's levels. Sites with
    one lane order up to its level.
    """

    names = ("levels",)
    dates_ahead = False
    levels: Amounts = Field(
        None, description="Level of each lane, a site's name standing for its main one; else in closed form"
    )
    _fast: Array = PrivateAttr()

    def begin(self, context: Context, numbers: Mapping[str, Any]) -> None:
        """Know which lanes are fast."""
        super().begin(context, numbers)
        fast = np.zeros((len(context.network.lanes), len(context.network.products)))
        for pair in pairs(context.network, "single_index"):
            fast[pair.fast, pair.product] = 1.0
        self._fast = context.backend.asarray(fast)

    def act(self, information: Information) -> Decision:
        """Express first."""
        gap = self._number["levels"] - self.position(information)
        express = positive(gap) * self._fast
        quantity = express + positive(gap - self._by_express(express)) * self.main
        return Decision(quantity=quantity, later=self.nothing_later)

    def closed_form(self, network: Network, wait: int) -> Numbers:
        """The best pairs, and base-stock."""
        return {"levels": solved_levels(network, wait, "single_index", best_single_index)}

    def _by_express(self, express: Array) -> Array:
        """What express brings to each lane's site (B, L, K)."""
        network = self._network
        same = network.topology.destination[:, None] == network.topology.destination[None, :]
        return self._backend.asarray(1.0 * same) @ express
