"""What a period's decisions come to before it is played: the orders, who decided them, by which records.

Letters: N sites, L lanes, K products, B batch.
"""

from __future__ import annotations

from dataclasses import dataclass

from .autonomy.ordering_period import Ordered
from .events.conditions import USUAL
from .numerics.arrays import Array
from .physics.decision import Decision, Decisions
from .physics.dynamics import inventory_position, placed
from .physics.execution import learned
from .simulator import Simulator


@dataclass(frozen=True, eq=False)
class Proposed:
    """The orders of a period that is about to begin."""

    ordered: Ordered
    released: Array
    """Those that go out (L, K, B), as lanes, contracts and full stores take them."""
    position: Array
    """Inventory position before them (N, K, B), as sites know it."""
    known_position: Array
    """The same as the centre knows it; the sites' where there is none."""
    asked: Array
    """What other sites ask of each one in this period, and its recipes, as it knows by then (N, K, B)."""
    target: Decision | None
    """The centre's decision in force."""
    centre_decides: bool
    """Whether this is one of the centre's periods."""


def proposed(simulator: Simulator, decision: Decision | Decisions) -> Proposed:
    """What a decision comes to in the period that is about to begin, which is not played; the centre takes it in.

    To be called once in a period, since the centre remembers what it has decided and dated.
    """
    now, feed, centre = simulator.now, simulator.feed, simulator.centre
    position, decides = inventory_position(simulator.network, now.state), simulator.centre_decides
    known = centre.known_position(now, feed, position) if simulator.autonomy.has_planner else position
    ordered = centre.orders(now, feed, position, simulator.taken(decision))
    conditions = USUAL if now.outlook is None else now.outlook.now
    released, _ = placed(simulator.network, now.state, ordered.released, conditions)
    return Proposed(ordered, released, position, known, _asked(simulator, ordered), centre.target, decides)


def _asked(simulator: Simulator, ordered: Ordered) -> Array:
    """Of this period's orders, what sources learn of in it, and what they learn of earlier ones (N, K, B).

    They hear of what waits for approval when it is proposed, unless a centre orders beside sites.
    """
    network, beside = simulator.network, simulator.autonomy.acts.places_orders and simulator.autonomy.has_sites
    heard = ordered.released if beside else ordered.decided
    if not network.times.is_delayed:
        return network.drawn(heard)
    at_once = simulator.backend.asarray((network.times.order_delay == 0).astype(float)[:, None, None])
    return network.drawn(heard * at_once + learned(network, simulator.now.state))
