"""Costs that nobody is below, by name: on every trace, or in the long run by theory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from orderup.agents.exact import Lattice, on_lattice
from orderup.agents.exact.scope import ANY, check_scope
from orderup.agents.exact.serial import Store, clark_scarf, common_factor_sum, decomposition
from orderup.envs.demand.stationary import Stationary
from orderup.envs.foundation.errors import InputError
from orderup.envs.network.building import build
from orderup.envs.network.network import Network
from orderup.envs.network.stacking import entries

from ..comparison.comparison import Comparison
from ..comparison.prices import Bound
from ..running.result import Traces
from ..statistics.statistics import Floats
from .hindsight import check_hindsight, hindsight_bound
from .relaxed import left_out

Progress = Callable[[int], None] | None
FINENESS = 50
"""Points of a lattice to a store's standard deviation, where demand is not in whole units."""


def clark_scarf_bound(traces: Traces) -> Bound:
    """The optimum of a serial line whose customers wait, which is what Chen and Zheng's (1994) lower bound comes to.

    Assumed: stages in a line behind one customer, demand that is independent from period to period, fixed lead times, no order
    delays. It is the cost of the long run; an episode that ends may cost a little less. Raises InputError with the assumption
    that fails.
    """
    network = _checked(traces, "clark_scarf")
    line = range(len(network.sites))
    if network.topology.source.tolist() != [*range(1, len(network.sites)), -1] or network.topology.customer_site.tolist() != [
        0
    ]:
        raise _fails("clark_scarf", f"the network of {traces.scenario.name}", "a serial line of sites behind one customer")
    total = 0.0
    for product in range(len(network.products)):
        optimum = clark_scarf(
            [float(network.costs.holding[site, product, 0]) for site in line],
            float(network.costs.shortage[0, product, 0]),
            [int(network.times.lead_time[network.topology.main_lane[site]]) for site in line],
            _demand(network, 0, product),
        )
        total += optimum.cost
    return _in_expectation("clark_scarf", total + _goods(network), traces)


def decomposition_bound(traces: Traces) -> Bound:
    """What one warehouse and its stores would cost if stores could give stock back at no cost, by agents.exact.decomposition.

    Assumed: one warehouse without customers of its own, stores of one customer segment each with one lane, from the warehouse,
    customers who wait, demand that is independent from period to period and between sites independent or of one correlation,
    fixed lead times, no order delays, stores that hold stock at no less than the warehouse does. It is a cost of the long run;
    an episode that ends may cost a little less. Raises InputError with the assumption that fails.
    """
    network = _checked(traces, "decomposition")
    stores, warehouse = network.topology.customer_site.tolist(), len(network.sites) - 1
    _check_one_warehouse(network)
    rates = [_common(network, site) for site in stores]
    total = 0.0
    for product in range(len(network.products)):
        demands = _on_one_lattice([_demand(network, row, product) for row in range(len(stores))])
        parts = [
            Store(
                float(network.costs.holding[site, product, 0]),
                float(network.costs.shortage[row, product, 0]),
                int(network.times.lead_time[network.topology.main_lane[site]]),
                demand,
            )
            for row, (site, demand) in enumerate(zip(stores, demands, strict=True))
        ]
        lead_time = int(network.times.lead_time[network.topology.main_lane[warehouse]])
        total += decomposition(
            float(network.costs.holding[warehouse, product, 0]), lead_time, parts, common_factor_sum(demands, rates)
        )
    return _in_expectation("decomposition", total + _goods(network), traces)


BY_THEORY: Mapping[str, Callable[[Traces], Bound]] = {"clark_scarf": clark_scarf_bound, "decomposition": decomposition_bound}


def bound_of_name(name: str, traces: Traces, workers: int = 1, progress: Progress = None) -> Bound:
    """The bound called `hindsight`, `clark_scarf` or `decomposition`. Raises InputError where it does not hold."""
    if name in BY_THEORY:
        return BY_THEORY[name](traces)
    return hindsight_bound(traces, workers=workers, progress=progress)


def check_bound(name: str, traces: Traces) -> None:
    """Raises InputError where the bound does not hold, as far as that is known without working it out."""
    if name in BY_THEORY:
        BY_THEORY[name](traces)
    else:
        check_hindsight(traces)


def with_bound(found: Comparison, name: str, workers: int = 1, progress: Progress = None) -> Comparison:
    """The same comparison, its regret measured against a bound on its traces."""
    return replace(found, bounds=(bound_of_name(name, found.traces, workers, progress),))


def _fails(bound: str, found: str, wanted: str) -> InputError:
    """A bound for which an assumption does not hold."""
    return InputError("bound", f"{bound}, {found}", wanted)


def _in_expectation(name: str, cost: float, traces: Traces) -> Bound:
    relaxed = left_out(traces.scenario, name)
    return Bound(name, np.full(traces.episodes, cost), on_every_trace=False, relaxed=relaxed)


def _checked(traces: Traces, bound: str) -> Network:
    """The network, of which the assumptions hold that all bounds by theory make."""
    network = build(traces.scenario)
    check_scope(traces.scenario, "bound", bound, ANY)
    if network.fulfilment.backlogged is not None:
        raise _fails(bound, "lost sales", "customers who wait: unmet: backlog")
    if network.times.is_random.any():
        raise _fails(bound, "random lead times", "fixed ones")
    if network.times.is_delayed:
        raise _fails(bound, "order delays", "lanes whose sources know of orders at once")
    if network.limits.carried is not None:
        raise _fails(bound, "lanes that do not carry every product", "lanes that carry all")
    for row in range(len(network.customers)):
        for product in range(len(network.products)):
            if not isinstance(_process(network, row, product), Stationary):
                found = f"demand of {network.customers[row]}, which remembers or knows the calendar"
                raise _fails(bound, found, "demand that is independent and alike from period to period")
    return network


def _check_one_warehouse(network: Network) -> None:
    *stores, warehouse = range(len(network.sites))
    sources = network.topology.source[[int(network.topology.main_lane[site]) for site in stores]]
    tree = len(network.lanes) == len(network.sites) and (sources == warehouse).all()
    if not (stores and tree and network.topology.source[network.topology.main_lane[warehouse]] < 0):
        wanted = "one warehouse, supplied from outside, and one lane into each store, from the warehouse"
        raise _fails("decomposition", f"the network of {network.scenario.name}", wanted)
    if sorted(network.topology.customer_site.tolist()) != stores:
        raise _fails("decomposition", f"customers {', '.join(network.customers)}", "one segment at each store, none elsewhere")


def _common(network: Network, site: int) -> float:
    """How much of a site's normal score is common to all. Raises InputError for correlations that are not all the same."""
    correlation = network.scenario.correlation
    if correlation is None:
        return 0.0
    if not isinstance(correlation.rho, float):
        raise _fails("decomposition", "a matrix of correlations", "one rho for all pairs of stores")
    buying = [name for number, name in enumerate(network.sites) if number in network.topology.customer_site]
    return correlation.weights(buying)[network.sites[site]].get("common", 0.0)


def _process(network: Network, row: int, product: int) -> object:
    """The process by which a customer row buys a product."""
    site, segment = network.customers[row].rsplit("/", 1)
    name = network.products[product]
    buying = [entry for entry in entries(network.scenario, site, segment) if name in (entry.products or network.products)]
    return buying[0].demand.at(site) if len(buying) == 1 else None


def _demand(network: Network, row: int, product: int) -> Lattice:
    """Of one period, what is below nothing counted as nothing."""
    process = _process(network, row, product)
    assert isinstance(process, Stationary)  # or the bound was refused
    name = (network.products[product],)
    return on_lattice(process.only(name).over(name, 1)).not_negative


def _on_one_lattice(demands: list[Lattice]) -> list[Lattice]:
    """The same demands with the same step."""
    if all(demand.step == 1.0 for demand in demands):
        return demands
    step = min(demand.std() for demand in demands) / FINENESS
    return [demand.rounded(step) for demand in demands]


def _goods(network: Network) -> float:
    """What all that is sold costs to buy and to move, less its price [money/period]."""
    flow: Floats = network.loads.mean[:, :, 0]
    moved = sum(
        float((network.costs.unit_cost[lane, :, 0] * flow[site]).sum()) for site, lane in enumerate(network.topology.main_lane)
    )
    rows, products = range(len(network.customers)), range(len(network.products))
    sold = sum(
        float(network.costs.price[row, product, 0]) * _demand(network, row, product).mean()
        for row in rows
        for product in products
    )
    return moved - sold
