"""The network between two periods, as the information layer finds it."""

from __future__ import annotations

from dataclasses import dataclass

from .arrays import Array
from .network import Network
from .state import Flows, State
from .transit import under_way


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
    recent: tuple[Array, ...] = ()
    """What was ordered in each of the latest periods, the youngest first (L, K, B)."""


def unshipped(network: Network, state: State) -> Array:
    """Ordered and not shipped (L, K, B): open at the source, on its way there, or waiting for approval."""
    orders = state.open_orders
    if network.is_delayed:
        orders = orders + under_way(network.messengers, state.sent, orders)
    for waiting in state.pending:
        orders = orders + waiting
    return orders
