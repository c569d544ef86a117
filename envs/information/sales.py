"""What a site sees of its customers' demand where it sees sales alone, and when that may not have been all.

Letters: N sites, K products, C customers, B batch.
"""

from __future__ import annotations

from ..network.network import Network
from ..numerics.arrays import Array, namespace, take, take_from
from ..physics.state import Flows, State

ROUNDING = 1e-6
"""Share of a reserve by which sums of what was sold may miss it."""
CRUMB = 1e-5
"""Share of what was sold that may be left by rounding in single precision."""


def seen_demand(network: Network, flows: Flows) -> Array:
    """What customers asked for (C, K, B) [units]; of those seen by their sales, what they got off their site's shelf."""
    alone = network.fulfilment.sales_alone
    if alone is None:
        return flows.demand
    sold = off_the_shelf(flows)
    return sold if bool((alone > 0).all()) else namespace(sold).where(alone > 0, sold, flows.demand)


def off_the_shelf(flows: Flows) -> Array:
    """What customers got from their own site (C, K, B): a sale elsewhere is no sale of it."""
    return flows.served if flows.spilled is None else flows.served - flows.spilled


def ran_out(network: Network, state: State, flows: Flows) -> Array:
    """1 where customers who are seen by their sales left nothing on the shelf that they might have had (N, K, B), else 0.

    That is all a site knows: as many may have come as were served, or more. Told by what was on the shelf after each of them,
    which follows from what is there now and what was sold, scrapped and sold to other sites' customers since.
    """
    alone, fulfilment = network.fulfilment.sales_alone, network.fulfilment
    xp, count = namespace(state.on_hand), 0.0 * state.on_hand
    if alone is None:
        return count
    left = state.on_hand + (0.0 * count if flows.scrapped is None else flows.scrapped)
    if network.mechanisms.spill is not None and flows.spilled is not None:
        for visitors, sites in network.mechanisms.spill.turns:
            left = take_from(left, sites, -take(flows.spilled, visitors))
    sold = off_the_shelf(flows)
    for service in reversed(fulfilment.services):
        there, seen = take(left, service.sites), take(alone, service.customers)
        kept = 0.0 if fulfilment.customer_reserve is None else take(fulfilment.customer_reserve, service.customers)
        rest = CRUMB * take(sold, service.customers)
        empty = xp.where(there <= kept * (1.0 + ROUNDING) + rest, seen + 0.0 * there, 0.0 * there)
        count = take_from(count, service.sites, -empty)
        left = take_from(left, service.sites, -take(sold, service.customers))
    return xp.where(count > 0, count * 0.0 + 1.0, count * 0.0)
