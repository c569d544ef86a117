"""What does not change in an episode: numbers of each item, and of each lane, that everybody knows of a network.

An item is a product at a site. Letters: N sites, L lanes, K products.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orderup.envs.autonomy.autonomy import PLANNER
from orderup.envs.demand.lead_time import LeadTime
from orderup.envs.events.timing import Markov
from orderup.envs.information.policy import Context
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Array, Floats, ndtri

from ...levels.base_stock import periods_ahead, waiting_time
from ...levels.base_stock_levels import Tree, shortage_below
from ...levels.sources import capacities
from .ahead import covered_by

LARGEST = 6.0
"""Where features are cut."""
SMALLEST = 1e-6
"""What a spread is at least, where nothing is asked for [units]."""
FLOOR = 0.2
"""Least spread of demand, as a share of its mean, that amounts are measured in."""


@dataclass(frozen=True)
class Standing:
    """A network as a policy sees it before an episode."""

    item: Floats
    """(F, N, K)"""
    lane: Floats
    """(F, L, K)"""
    periods: Floats
    """Protection interval of each lane, what a level makes late included (L, K) [periods]."""
    main: Floats
    """1 for main lanes (L, K)."""
    safety: Floats
    """Quantile of the standard normal at each item's critical ratio (N, K)."""
    seen: Floats
    """What is said of the level of autonomy (F,)."""


def spread(mean: Array, deviation: Array) -> Array:
    """What amounts of an item are measured in (N, K, ·) [units]: its deviation, and at least a share of its mean."""
    return (deviation**2 + (FLOOR * mean) ** 2) ** 0.5


def standing(context: Context, known: bool) -> Standing:
    """Of a network at a level of autonomy. Where demand is not `known`, nothing is told that says what it will be like."""
    network = context.network
    topology, times = network.topology, network.times
    mean, deviation = network.loads.mean[:, :, 0], network.loads.deviation[:, :, 0]
    into, main_lanes = topology.destination, topology.main_lanes
    main = topology.is_main.astype(float)
    there = main_lanes >= 0
    lane = np.maximum(main_lanes, 0)
    products = np.arange(mean.shape[1])
    holding = network.costs.holding[:, :, 0]
    shortage = _shortages(network, known)
    ratio = np.clip(shortage / (shortage + holding + 1e-9), 0.02, 0.998)
    safety = ndtri(ratio)
    source = np.where(there, topology.source[lane], -1)
    above = np.where(source >= 0, holding[np.maximum(source, 0), products], 0.0)
    time = np.broadcast_to(times.known_lead_time[:, None], main.shape).astype(float)
    wait = waiting_time(context) + periods_ahead(context) / 2
    periods = times.protection[:, None] + wait + 0.0 * main
    unit = spread(mean, deviation) + SMALLEST
    own = np.asarray(network.demand.own_mean, dtype=float)
    count = np.array([(topology.source == site).sum() for site in range(len(network.sites))], dtype=float)[:, None]
    siblings = np.where(source >= 0, count[np.maximum(source, 0), 0], 0.0)
    share = np.where(source >= 0, mean / np.maximum(mean[np.maximum(source, 0), products], 1e-9), 1.0)
    demand = [
        np.log(mean + 0.1) / 3,
        1.0 / (1.0 + unit),
        np.minimum(deviation / np.maximum(mean, 1e-9), 3.0),
        memory_of_demand(network),
    ]
    lost = _lost(network, known)
    zero = 0.0 * mean
    item = [
        *(value if known else zero for value in demand),
        own / np.maximum(mean, 1e-9) if known else (own > 0) * 1.0,
        share if known else (source >= 0) * 1.0,
        safety / 2,
        np.log(shortage / (holding + 1e-9) + 1e-3) / 3,
        above / (holding + 1e-9),
        lost,
        np.log1p(count) + zero,
        np.log1p(siblings),
        np.array(topology.echelon, dtype=float)[:, None] / 3 + zero,
        time[lane, products] / 4,
        times.order_delay[lane] / 2.0 + zero,
        np.sqrt(periods[lane, products]) / 3,
        (source >= 0) * 1.0,
        np.where(source >= 0, time[np.maximum(main_lanes[np.maximum(source, 0), products], 0), products] / 4, 0.0),
        np.where(source >= 0, safety[np.maximum(source, 0), products] / 2, 0.0),
        _longest_below(network) / 8 + zero,
        zero + float(known),
    ]
    premium = network.costs.unit_cost[:, :, 0] - network.costs.unit_cost[lane, products, 0][into]
    entries = topology.lanes_of(network.scenario)
    spread_of_time = np.array([_deviation(entry.known_lead_time) for entry in entries])
    lost_orders = np.array([entry.lost_orders if entry.promised is None else 0.0 for entry in entries])
    promised = np.array([float(entry.promised is not None) for entry in entries])
    per_lane = [
        main,
        time / 4,
        times.order_delay[:, None] / 2.0 + 0.0 * main,
        np.sqrt(periods) / 3,
        np.log1p(np.maximum(premium, 0.0) / (holding[into] + 1e-9)),
        np.log1p(np.maximum(premium, 0.0) / (shortage[into] + 1e-9)),
        spread_of_time[:, None] / 2 + 0.0 * main,
        3 * lost_orders[:, None] + 0.0 * main,
        promised[:, None] + 0.0 * main,
        np.clip(mean[into] / capacities(network), 0.0, 2.0) if known else 0.0 * main,
        *(values[:, None] + 0.0 * main for values in _outages(network)),
        (topology.source >= 0)[:, None] + 0.0 * main,
    ]
    return Standing(_cut(item), _cut(per_lane), periods, main, np.where(there, safety, 0.0), _level(context))


def _cut(values: list[NDArray[np.float64]]) -> Floats:
    found: Floats = np.clip(np.stack(values), -LARGEST, LARGEST)
    return found


def _level(context: Context) -> Floats:
    """What is known, how old, and when decisions take effect; not who decides: who knows the same decides alike."""
    autonomy, plans = context.autonomy, context.seats == (PLANNER,)
    return np.array(
        [
            plans * autonomy.feed_latency / 4,
            float(autonomy.sees(context.seats, "neighbours")),
            float(autonomy.sees(context.seats, "shared")),
            autonomy.feed_latency / 4,
            3 * autonomy.feed_noise,
            plans * autonomy.approval_latency / 4,
            plans * np.log(autonomy.cadence) / 2,
        ]
    )


def _shortages(network: Network, known: bool) -> Floats:
    """Of an item's own customers and of everybody's below (N, K): by what they ask for where that is `known`, else alike."""
    found = np.zeros((len(network.sites), len(network.products)))
    for tree in Tree.each(network):
        for site in range(len(network.sites)):
            found[site, list(tree.products)] = shortage_below(tree, site, by_demand=known)
    return found


def _lost(network: Network, known: bool) -> Floats:
    """Share of an item's demand that does not wait (N, K), its own customers' or everybody's below."""
    own = np.asarray(network.demand.own_mean, dtype=float)
    mean: Floats = own if known else (own > 0).astype(float)
    backlogged = network.fulfilment.backlogged
    waits = np.ones((len(network.customers), mean.shape[1])) if backlogged is None else backlogged[:, :, 0]
    gone = np.zeros_like(mean)
    for row, site in enumerate(network.topology.customer_site):
        gone[site] = np.maximum(gone[site], 1.0 - waits[row])
    total, covered = covered_by(network, mean), covered_by(network, mean * gone)
    found: Floats = covered / np.maximum(total, 1e-12)
    return found


def memory_of_demand(network: Network) -> Floats:
    """Correlation of demand with that of the period before (N, K), the mean over customers by variance."""
    shape = len(network.sites), len(network.products)
    shared, total = np.zeros(shape), np.zeros(shape)
    for source in network.demand.sources:
        columns = list(source.columns) if not isinstance(source.columns, slice) else source.columns
        _, one = source.process.moments(source.products)
        two = source.process.over(source.products, 2).std()
        site = network.demand.site_of_row[source.row]
        shared[site, columns] += np.asarray(two) ** 2 / 2 - one**2
        total[site, columns] += one**2
    found: Floats = np.clip(covered_by(network, shared) / np.maximum(covered_by(network, total), 1e-12), -1.0, 1.0)
    return found


def _longest_below(network: Network) -> Floats:
    """Longest time from a site to customers it serves by way of others (N, 1) [periods]."""
    topology, times = network.topology, network.times
    found = np.zeros((len(network.sites), 1))
    for lane in np.argsort(np.array(topology.echelon)[topology.destination], kind="stable"):
        source, site = topology.source[lane], topology.destination[lane]
        if source >= 0 and not topology.is_lateral[lane]:
            found[source] = np.maximum(found[source], found[site] + times.known_lead_time[lane] + 1)
    return found


def _outages(network: Network) -> tuple[Floats, Floats]:
    """Share of time that each lane is closed, and how long an outage lasts, each (L,), on scales of their own.

    By what is known of disruptions that come and go by chance, outside of any regime; shares of several are added up.
    """
    share, length = np.zeros(len(network.lanes)), np.zeros(len(network.lanes))
    for one in network.events.influences:
        if one.channel in ("accepting", "available") and one.fails and isinstance(one.timing, Markov):
            lasts = 1.0 / max(one.timing.ends, 0.02)
            rows = list(one.rows)
            share[rows] += (1.0 - one.value) * one.timing.begins * lasts / (1.0 + one.timing.begins * lasts)
            length[rows] = np.maximum(length[rows], lasts)
    return 5.0 * share, length / 10.0


def _deviation(time: LeadTime) -> float:
    chances = time.chances()
    mean = sum(value * chance for value, chance in chances.items())
    return float(sum(chance * (value - mean) ** 2 for value, chance in chances.items()) ** 0.5)
