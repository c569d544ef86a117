"""Two lanes, two levels, two positions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field, PrivateAttr

from orderup.envs.information.information import Information
from orderup.envs.information.policy import Context, Decision
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Array

from ...base import agents
from ...exact.dual_index import best_dual_index
from ..fitted import Numbers
from ..rule import Amounts, Rule
from .two_lanes import solved_levels


@agents.register("dual_index")
class DualIndexRule(Rule):
    """Dual index: express orders up to one level, regular up to another, each by the stock that arrives within its lead time.

    That is what constant levels of two lanes mean here. In closed form the best pair for a store whose demand comes in whole
    units (Veeraraghavan and Scheller-Wolf, Operations Research 56, 2008); elsewhere, and for other sites' lanes, base-stock's
    levels. Peers are asked for nothing.
    """

    names = ("levels",)
    levels: Amounts = Field(
        None, description="Level of each lane, a site's name standing for its main one; else in closed form"
    )
    _lateral: Array | None = PrivateAttr(default=None)

    def begin(self, context: Context, numbers: Mapping[str, Any]) -> None:
        """Know who is a peer."""
        super().begin(context, numbers)
        lateral = context.network.topology.is_lateral
        self._lateral = context.backend.asarray(lateral) if lateral.any() else None

    def act(self, information: Information) -> Decision:
        """The levels, in every period."""
        level = self._number["levels"]
        if self._lateral is None:
            return Decision(level=level)
        return Decision(level=level, quantity=0.0 * level, by_quantity=self._lateral)

    def closed_form(self, network: Network, wait: int) -> Numbers:
        """The best pairs, and base-stock."""
        return {"levels": solved_levels(network, wait, "dual_index", best_dual_index)}
