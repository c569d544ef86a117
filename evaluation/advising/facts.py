"""What a network of one's own is like, in the factors of an atlas.

Letters: N sites, L lanes, K products, C customers.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from orderup.agents.levels.sources import capacities
from orderup.agents.universal.features.standing_features import memory_of_demand
from orderup.envs.events.timing import Markov
from orderup.envs.network.network import Network

ANY = 100.0
"""Slack of a supplier that ships any amount."""


def facts(network: Network) -> dict[str, float]:
    """Each factor of networks, means by demand where sites or products differ; nothing is said of organisations."""
    topology, times = network.topology, network.times
    mean = np.asarray(network.demand.own_mean, dtype=float)
    deviation = np.asarray(network.demand.own_deviation, dtype=float)
    selling, inside = mean > 0, topology.source >= 0
    weight = mean / max(mean.sum(), 1e-12)
    holding = network.costs.holding[:, :, 0]
    shortage = _shortage(network)
    ratio = shortage / np.maximum(shortage + holding, 1e-12)
    promotions = network.scenario.promotions
    main = [int(lane) for lane in topology.main_lane if lane >= 0]
    return {
        "sites": float(len(network.sites)),
        "depth": float(max(topology.echelon) + 1),
        "lead_time": float(np.mean(times.known_lead_time[main])) if main else 0.0,
        "order_delay": float(np.mean(times.order_delay[inside])) if inside.any() else 0.0,
        "demand": float(mean[selling].mean()) if selling.any() else 0.0,
        "variation": float((weight * deviation / np.maximum(mean, 1e-12)).sum()),
        "memory": float((weight * memory_of_demand(network)).sum()),
        "correlation": _correlation(network),
        "critical_ratio": float((weight * ratio).sum()),
        "inequality": float(np.log(np.maximum(shortage[selling], 1e-9)).std()) if selling.any() else 0.0,
        "holding_ratio": _holding_ratio(network, holding),
        "lost": _lost(network),
        "slack": _slack(network, mean),
        "outage": max((share for share in _outages(network)), default=0.0),
        "uplift": float(max((each.uplift for each in promotions), default=1.0)),
        "known_ahead": float(np.mean([each.known_ahead for each in promotions])) if promotions else 0.0,
        "reported": float(np.mean([each.reported for each in promotions])) if promotions else 0.0,
    }


def _shortage(network: Network) -> NDArray[np.float64]:
    """The greatest of each site's customers (N, K) [money/unit]."""
    found = np.zeros((len(network.sites), len(network.products)))
    for row, site in enumerate(network.topology.customer_site):
        found[site] = np.maximum(found[site], network.costs.shortage[row, :, 0])
    return found


def _correlation(network: Network) -> float:
    given = network.scenario.correlation
    if given is None:
        return 0.0
    if isinstance(given.rho, float):
        return given.rho
    matrix = np.array(given.rho)
    apart = ~np.eye(len(matrix), dtype=bool)
    return float(matrix[apart].mean()) if apart.any() else 0.0


def _holding_ratio(network: Network, holding: NDArray[np.float64]) -> float:
    topology = network.topology
    inside = np.flatnonzero((topology.source >= 0) & ~topology.is_lateral)
    if not inside.size:
        return 1.0
    above, below = holding[topology.source[inside]], holding[topology.destination[inside]]
    return float((above / np.maximum(below, 1e-12)).mean())


def _lost(network: Network) -> float:
    backlogged = network.fulfilment.backlogged
    return 0.0 if backlogged is None else float(1.0 - np.asarray(backlogged, dtype=float).mean())


def _slack(network: Network, mean: NDArray[np.float64]) -> float:
    """What lanes from outside can bring, by mean demand, all together."""
    if not network.is_limited.any():
        return ANY
    outside = network.topology.source < 0
    brought = np.minimum(capacities(network)[outside], ANY * max(mean.sum(), 1e-12)).sum()
    return float(min(brought / max(mean.sum(), 1e-12), ANY))


def _outages(network: Network) -> Iterator[float]:
    """Share of time that disruptions are on, each by itself, as far as they come and go by chance."""
    for one in network.events.influences:
        if one.channel in ("accepting", "available") and one.fails and isinstance(one.timing, Markov):
            yield one.timing.begins / max(one.timing.begins + one.timing.ends, 1e-12)
