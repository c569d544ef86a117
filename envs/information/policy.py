"""The one protocol for whoever decides: a rule, an optimiser or a network.

Letters: B batch, S seats, L lanes, K products. Arrays are batch first here, outside the core.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from ..autonomy.autonomy import Autonomy
from ..network.network import Network
from ..numerics.arrays import Array
from ..numerics.backend import Backend
from .information import Information


@dataclass(frozen=True)
class Context:
    """What a policy is told before an episode: the network as everybody knows it, and the level it acts under."""

    network: Network
    """Names, structure and parameters, in NumPy; `network.scenario` is the scenario it was made from."""
    autonomy: Autonomy
    backend: Backend
    batch: int
    seed: int
    """For a policy's own randomness."""
    seats: tuple[str, ...]
    """Who decides: the sites, in the network's order, or the planner."""


@dataclass(slots=True, eq=False)
class Decision:
    """What is wanted of the lanes: order-up-to levels, quantities, or, lane by lane, the one or the other.

    Each (B, L, K), or anything that broadcasts to it [units]. Where both are given `by_quantity` (L,) or (B, L) says which
    lanes go by their quantity. Levels that are `relative`, all or those of some lanes (L,) or (B, L), are distances from the
    centre's. `response` says by how many units a level rises for every unit that internal customers order in this same period,
    which nobody knows when he decides.
    """

    level: Array = None
    quantity: Array = None
    by_quantity: Array = None
    relative: Any = False
    response: Array = None

    def __post_init__(self) -> None:
        if self.by_quantity is None:
            fits = (self.level is None) != (self.quantity is None)
        else:
            fits = self.level is not None and self.quantity is not None
        if not fits:
            raise ValueError("a decision holds a level or a quantity, or both and by_quantity")


class Decisions(NamedTuple):
    """What both parties decide, where the centre and the sites decide; one alone may be given as it is."""

    planner: Decision | None = None
    sites: Decision | None = None


class Policy(Protocol):
    """Fills one or more seats; acts for a whole batch at once, the seats of a site each by their own information."""

    def reset(self, context: Context) -> None:
        """Begin a batch of episodes. Raises InputError when the policy cannot act in this context."""
        ...

    def act(self, information: Information) -> Decision:
        """Decide for this period, from what the seats may know."""
        ...
