"""What peers send each other and back: units on lateral lanes, and those of them that the opposite lane has carried of late.

Letters: B batch, K products, D ordered pairs of peers with lateral lanes between them.

Transshipment evens out stock; what goes back within `WINDOW` periods was sent in vain, and shows peers that decide against each
other.
"""

from __future__ import annotations

from orderup.envs.numerics.arrays import Array, minimum, take, tree_sum

from .amounts import Period, counted
from .structure import Peers

WINDOW = 5
"""Periods back within which a unit that goes the other way is cross-flow; the period itself counts too."""
NOTE = "cross_flow"


@counted("by_site")
def cross_flow(period: Period) -> Array | None:
    """Units that a site gets from a peer, as far as it has sent the peer as many within the window."""
    if period.peers is None:
        return None
    sent = _sent(period, period.peers)
    of_late = sum(sent[1:], start=sent[0])
    return tree_sum(period.peers.gains.total(minimum(sent[0], take(of_late, period.peers.opposite))), axis=1)


@counted("by_site")
def lateral_flow(period: Period) -> Array | None:
    """Units that a site gets by lateral lanes."""
    if period.peers is None or period.regular is None:
        return None
    return tree_sum(period.network.topology.inbound.total(period.flows.shipments * (1.0 - period.regular)), axis=1)


def _sent(period: Period, peers: Peers) -> tuple[Array, ...]:
    """What each pair has shipped in this period and the earlier ones of the window, the latest first (D, K, B)."""
    earlier: tuple[Array, ...] = () if period.previous is None else period.previous.notes[NOTE]
    period.notes[NOTE] = (peers.lanes.total(period.flows.shipments), *earlier[:WINDOW])
    found: tuple[Array, ...] = period.notes[NOTE]
    return found
