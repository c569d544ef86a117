"""From a scenario to its network, part by part."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..foundation.garbage_collection import collection_waits
from ..scenario.scenario import Scenario
from .costs import compile_costs
from .demand_sources import compile_demand, compile_forecasts
from .event_effects import influences
from .event_sources import compile_events
from .fulfilment import compile_fulfilment
from .lane_times import compile_times
from .limits import compile_limits, shared_limits
from .loads import compile_loads
from .mechanisms import compile_mechanisms
from .network import Network
from .ordering import compile_ordering
from .recipes import compile_machines, compile_recipes, machine_names
from .starting_stock import compile_start
from .topology import compile_topology


@collection_waits()
def build(scenario: Scenario, pooled: bool | NDArray[np.bool_] = True) -> Network:
    """The network of a scenario, in NumPy and float64.

    `pooled` says whether one party places all orders with a supplier, or by which lanes (L,) one does.
    """
    topology = compile_topology(scenario)
    recipes = compile_recipes(scenario, topology)
    shared, names = shared_limits(scenario, topology), machine_names(scenario, topology)
    hits = influences(scenario, topology.lanes, (*shared, *names))
    demand = compile_demand(scenario, topology)
    loads, times = compile_loads(scenario, topology, demand, recipes), compile_times(scenario, topology, hits)
    events, costs = compile_events(scenario, topology, hits, demand), compile_costs(scenario, topology, pooled, recipes)
    limits = compile_limits(scenario, topology, shared, names, events.channels, loads)
    machines = compile_machines(scenario, topology, recipes, loads, limits.place_of)
    return Network(
        scenario=scenario,
        topology=topology,
        demand=demand,
        forecasts=compile_forecasts(scenario, topology, demand, times),
        events=events,
        times=times,
        loads=loads,
        costs=costs,
        limits=limits,
        ordering=compile_ordering(scenario, topology, times, recipes),
        fulfilment=compile_fulfilment(scenario, topology, loads, limits.multiple, recipes, machines),
        start=compile_start(scenario, topology, times, loads),
        mechanisms=compile_mechanisms(scenario, topology, times, loads, costs, limits.volume, recipes),
        recipes=recipes,
        machines=machines,
    )


def drawing_from(network: Network, scenario: Scenario) -> Network:
    """The same network, whose trace is drawn from another scenario's demand and events; nothing is forecast in it."""
    demand = compile_demand(scenario, network.topology)
    hits = influences(scenario, network.topology.lanes, network.limits.limited)
    return replace(network, demand=demand, forecasts=None, events=compile_events(scenario, network.topology, hits, demand))
