"""The one protocol for whoever decides: a rule, an optimiser or a network.

Letters: B batch, S seats, L lanes, K products. Arrays are batch first here, outside the core.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ..autonomy.autonomy import Autonomy
from ..network.network import Network
from ..numerics.backend import Backend
from ..physics.decision import Decision, Decisions
from .information import Information

__all__ = ["Context", "Decision", "Decisions", "Policy"]


@dataclass(frozen=True)
class Context:
    """What a policy is told before an episode: the network as everybody knows it, and the autonomy level it acts under."""

    network: Network
    """Names, structure and parameters, in NumPy; `network.scenario` is the scenario it was made from."""
    autonomy: Autonomy
    backend: Backend
    batch: int
    seed: int
    """For a policy's own randomness."""
    seats: tuple[str, ...]
    """Who decides: the sites, in the network's order, or the planner."""


class Policy(Protocol):
    """Fills one or more seats; acts for a whole batch at once, the seats of a site each by their own information."""

    def reset(self, context: Context) -> None:
        """Begin a batch of episodes. Raises InputError when the policy cannot act in this context."""
        ...

    def act(self, information: Information) -> Decision:
        """Decide for this period, from what the seats may know."""
        ...
