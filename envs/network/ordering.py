"""In which order sites order, and on which pipelines orders and goods travel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..flows.order_sequence import OrderSequence, order_sequence
from ..flows.pipelines import Pipeline, pipelines
from .lane_times import LaneTimes
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


def compile_ordering(topology: Topology, times: LaneTimes) -> Ordering:
    """The pipelines of a network, and the sequences in which its sites order."""
    shipments = pipelines(times.lead_time, times.is_random, times.delay_at_most)
    orders = pipelines(times.order_delay, np.zeros(len(topology.lanes), bool))
    chains = pipelines(times.lead_time + times.order_delay, times.is_random)
    geometry = (topology.source, topology.destination, topology.echelon, topology.is_lateral, times.protection)
    return Ordering(
        shipment_pipelines=shipments,
        order_pipelines=orders,
        chains=chains,
        orders=order_sequence(*geometry, shipments, orders),
        central_orders=order_sequence(*geometry, chains, (), all_known=True),
    )
