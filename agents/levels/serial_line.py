"""A serial line as the exact theory has it: what it has to be, and its optimum."""

from __future__ import annotations

from orderup.envs.demand.stationary import Stationary
from orderup.envs.foundation.errors import InputError
from orderup.envs.network.network import Network

from ..exact.scope import PLAIN, check_scope
from ..exact.serial.clark_scarf import SerialOptimum, clark_scarf

WANTED = (
    "a serial line of one product, with backlog, fixed lead times, demand that is independent and alike from period to "
    "period, no order delays, no cost for an order and no events"
)


def serial_optimum(network: Network, who: str) -> SerialOptimum:
    """The optimum of a line, asked for by the agent `who`. Raises InputError by the first key that makes it none."""
    scenario = network.scenario
    check_scope(scenario, "agent", who, PLAIN)
    sites, lanes, products, customers = network.topology.shape
    chain = sites == lanes and customers == 1 and network.topology.source.tolist() == [*range(1, sites), -1]
    if not chain or products != 1 or network.fulfilment.backlogged is not None:
        raise InputError("agent", f"{who} on {scenario.name}", WANTED)
    (entry,) = scenario.customers
    process = entry.demand.at(entry.site)
    if not isinstance(process, Stationary):
        raise InputError("agent", "demand that remembers or knows the calendar", WANTED)
    wrong = {
        "orders with a fixed cost": network.costs.fixed_cost.any() or bool(network.costs.trucks),
        "order delays": network.times.is_delayed,
        "random lead times": network.times.is_random.any(),
    }
    for found, there in wrong.items():
        if there:
            raise InputError("agent", f"{who} on {scenario.name}, {found}", WANTED)
    line = range(sites)
    return clark_scarf(
        [float(network.costs.holding[site, 0, 0]) for site in line],
        float(network.costs.shortage[0, 0, 0]),
        [int(network.times.known_lead_time[network.topology.main_lane[site]]) for site in line],
        process.over(network.products, 1),
    )
