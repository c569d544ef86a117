"""The network between two periods, as the information layer finds it."""

from __future__ import annotations

from dataclasses import dataclass

from ..events.conditions import Outlook
from ..flows.pipelines import under_way
from ..network.network import Network
from ..numerics.arrays import Array
from ..physics.state import Flows, State


@dataclass(slots=True, eq=False)
class Snapshot:
    """The network between two periods, as the information layer finds it: as it is, or as a late and noisy feed shows it."""

    network: Network
    period: int
    state: State
    flows: Flows | None
    """What moved in the last period; None before the first."""
    target: Array | None = None
    """The centre's levels in force (L, K, B) [units], where there is one that sets levels."""
    age: int = 0
    """How old a feed is [periods]."""
    error: Array | None = None
    """Relative error of a feed's readings (N, K, B)."""
    since: Array | None = None
    """What has been ordered since a feed's age (L, K, B)."""
    outlook: Outlook | None = None
    """What is revealed at the beginning of the period; None before an episode."""
    recent: tuple[Array, ...] = ()
    """What was ordered in each of the latest periods, the youngest first (L, K, B)."""

    @property
    def accepting(self) -> Array | None:
        """1 where lanes take orders now, 0 where they do not (L, 1, B); None where all do."""
        return None if self.outlook is None else self.network.on_lanes("accepting", self.outlook.now, self.state.open_orders)


def unshipped(network: Network, state: State) -> Array:
    """Ordered and not shipped (L, K, B): open at the source, on its way there, lost there unknown, or not approved yet."""
    orders = state.open_orders
    if network.times.is_delayed:
        orders = orders + under_way(network.ordering.order_pipelines, state.sent, orders)
    for waiting in (*state.pending, *state.missing):
        orders = orders + waiting
    return orders
