"""What units are worth: the least that it costs to buy them, or what they are made of, and to bring them where they are.

Letters: T periods, N sites, L lanes, K products, R recipes.
"""

from __future__ import annotations

import numpy as np

from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Floats

from .problem import PlanningProblem


def worth(network: Network, price: Floats | None = None) -> Floats:
    """The least that it costs to buy a unit, or to make it, and bring it to a site (N, K) [money/unit]; 0 where none can come.

    Where unit costs are multiplied by a `price` (L,), by that.
    """
    unit_cost = network.costs.unit_cost[:, :, 0] if price is None else network.costs.unit_cost[:, :, 0] * price[:, None]
    value = np.full(network.loads.mean.shape[:2], np.inf)
    for _ in range(value.size):
        before = value.copy()
        offers = _offers(network, _before(network, value) + unit_cost, value)
        np.minimum.at(value, network.topology.destination, offers)
        if (value == before).all():
            break
    return np.where(np.isfinite(value), value, 0.0)


def worth_after(network: Network, problem: PlanningProblem) -> Floats:
    """What a unit is worth in the end where prices change (N, K) [money/unit]: what it costs then, to buy it and bring it.

    But no more than a unit costs that is bought in time and kept until then: else it would pay to buy without end.
    """
    assert problem.price is not None  # as the caller asked
    shape = network.loads.mean.shape[:2]
    to, times = network.topology.destination, problem.lead_time[0]
    coming, kept = np.full((problem.periods + 1, *shape), np.inf), np.full(shape, np.inf)
    for period, price in enumerate(problem.price):
        before = _before(network, kept)  # what came in this period leaves in the next
        under_way = np.minimum(times, problem.periods - period)[:, None]
        unit = before + network.costs.unit_cost[:, :, 0] * price[:, None] + network.costs.transit_rate[:, :, 0] * under_way
        due = np.minimum(period + times, problem.periods)
        np.minimum.at(coming, (due, to), _offers(network, unit, kept))
        kept = np.minimum(kept, coming[period]) + network.costs.holding[:, :, 0]
    found: Floats = np.minimum(worth(network, problem.price[-1]), np.minimum(kept, coming[-1]))
    return found


def delivered(network: Network) -> Floats:
    """What a unit by each lane costs that has come to its source the cheapest way, or whose parts have (L, K) [money/unit]."""
    found: Floats = _before(network, worth(network)) + network.costs.unit_cost[:, :, 0]
    return found


def _before(network: Network, value: Floats) -> Floats:
    """What a unit by each lane costs before it leaves (L, K), by what units are worth at the sites (N, K)."""
    source = network.topology.source[:, None]
    found: Floats = np.where(source >= 0, value[network.topology.source], 0.0)
    if network.recipes is not None:
        uses, at_site = network.recipes.uses[:, :, 0], value[network.recipes.site]
        found[network.recipes.lanes, network.recipes.product] = (uses * np.where(uses > 0, at_site, 0.0)).sum(axis=1)
    return found


def _offers(network: Network, cost: Floats, value: Floats) -> Floats:
    """What each lane brings a unit of a product for (L, K), infinite for others, by what it `cost` (L, K).

    Of recipes with co-products these cost equal parts of all, as if the product cost nothing, and the product what is then
    left: what comes of a recipe is not worth more than what goes into it, or it would pay to make it without end.
    """
    carried = network.limits.carried
    found: Floats = cost + 0.0 if carried is None else np.where(carried[:, :, 0] > 0, cost, np.inf)
    if network.recipes is None or network.recipes.beside is None:
        return found
    beside, to = network.recipes.beside, network.topology.destination
    for lane, product, amounts in zip(beside.rows, beside.product, beside.amounts[:, :, 0], strict=True):
        others = np.flatnonzero(amounts)
        found[lane, others] = cost[lane, product] / (amounts[others] * others.size)
        saved = np.minimum(value[to[lane], others], found[lane, others]) @ amounts[others]
        if np.isfinite(cost[lane, product]):
            found[lane, product] = max(cost[lane, product] - saved, 0.0)
    return found
