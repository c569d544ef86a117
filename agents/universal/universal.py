"""The policy for every network that comes with the project, as it is."""

from __future__ import annotations

from pydantic import PrivateAttr

from orderup.envs.information.information import Information
from orderup.envs.information.policy import Context, Decision

from ..base import Agent, agents
from ..levels.ignored import ignored
from .universal_network import Demand, History, UniversalNetwork, shipped, shipped_digest

TAKEN_INTO_ACCOUNT = ("lost", "demand", "capacity", "promised", "lost_orders")
"""What closed forms leave out and it has met in training; promotions and forecasts it adds where demand is known."""


@agents.register("universal")
class Universal(Agent):
    """One network for every network, trained over thousands of them: the same weights for all sites, lanes and products.

    It moves closed-form levels by what a seat sees, whatever its level of autonomy; where demand is not known, levels by what
    has been asked for.
    """

    demand: Demand = "known"
    history: History = None
    _network: UniversalNetwork = PrivateAttr()

    @property
    def weights(self) -> str:
        """Those of the network."""
        return shipped_digest()

    def reset(self, context: Context) -> None:
        """Make ready. Raises InputError for a scenario that is out of its scope."""
        self._network = shipped(self.demand, self.history)
        self._network.reset(context)

    def act(self, information: Information) -> Decision:
        """Levels for this period."""
        return self._network.act(information)

    def caveats(self, context: Context) -> tuple[str, ...]:
        """What it has not met in training."""
        known = (*TAKEN_INTO_ACCOUNT, "promotions", "forecasts") if self.demand == "known" else TAKEN_INTO_ACCOUNT
        return ignored(context.network, known, "its numbers")
