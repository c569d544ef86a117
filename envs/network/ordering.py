"""In which order sites order, and on which pipelines orders and goods travel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..flows.order_sequence import Making, OrderSequence, order_sequence
from ..flows.pipelines import Pipeline, pipelines
from ..flows.recipes import Recipes
from ..scenario.scenario import Scenario
from .lane_times import LaneTimes
from .stacking import carried_by
from .topology import Topology


@dataclass(frozen=True)
class Ordering:
    """The way of an order, from its decision to what it brings."""

    shipment_pipelines: tuple[Pipeline, ...]
    order_pipelines: tuple[Pipeline, ...]
    chains: tuple[Pipeline, ...]
    """Lanes from the placing of an order to the arrival of what it brings, as a centre thinks of them."""
    orders: OrderSequence
    """How order-up-to levels become orders, by what the sites know."""
    central_orders: OrderSequence
    """The same for a centre, which knows of every order when it is placed; its late parts are on the chains."""


def compile_ordering(scenario: Scenario, topology: Topology, times: LaneTimes, recipes: Recipes | None) -> Ordering:
    """The pipelines of a network, and the sequences in which its sites order."""
    making = None
    if recipes is not None:
        carried = carried_by(topology.lanes_of(scenario), topology.products)[:, :, 0] > 0
        making = Making(recipes, np.where(carried, topology.turn[topology.destination], -1))
    shipments = pipelines(times.lead_time, times.is_random, times.delay_at_most)
    orders = pipelines(times.order_delay, np.zeros(len(topology.lanes), bool))
    chains = pipelines(times.lead_time + times.order_delay, times.is_random)
    geometry = (topology.source, topology.destination, topology.echelon, topology.is_lateral)
    known = times.known_lead_time
    return Ordering(
        shipment_pipelines=shipments,
        order_pipelines=orders,
        chains=chains,
        orders=order_sequence(*geometry, known, times.order_delay, shipments, orders, making=making),
        central_orders=order_sequence(*geometry, known + times.order_delay, 0 * known, chains, (), True, making),
    )
