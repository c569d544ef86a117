"""What is there before the first period.

Letters as in orderup.envs.network.network: N sites, L lanes, K products, C customers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..demand.base import per_product
from ..mechanisms.opening import Opening
from ..numerics.arrays import Array
from ..scenario.scenario import Scenario
from ..scenario.storage_checks import fits
from .lane_times import LaneTimes
from .loads import Loads, usual
from .stacking import carried_by, customer_stack, lane_stack, unless
from .topology import Topology


@dataclass(frozen=True)
class StartingStock:
    """Stock, goods under way and debts at the start [units]."""

    initial: Array
    """On each site's shelf (N, K, 1)."""
    lane_initial: Array
    """In each period of a lane's pipeline and order delay (L, K, 1)."""
    owed: Array | None
    """What customers are owed (C, K, 1); None where nothing is."""
    opening: Opening | None
    """What arrives in known periods besides; None where nothing does."""


def compile_start(scenario: Scenario, topology: Topology, times: LaneTimes, loads: Loads) -> StartingStock:
    """What a scenario's episodes start from."""
    lanes, products = topology.lanes_of(scenario), topology.products
    carried, undisturbed = carried_by(lanes, products)[:, :, 0] > 0, times.lead_time - times.delay_at_most
    return StartingStock(
        initial=_on_hand(scenario, topology, loads),
        lane_initial=lane_stack(lanes, "initial", products),
        owed=unless(customer_stack(topology.customers_of(scenario), "backlog", products), 0.0),
        opening=Opening.of(scenario.arriving, topology.lanes, carried, products, undisturbed, times.order_delay),
    )


def _on_hand(scenario: Scenario, topology: Topology, loads: Loads) -> NDArray[np.float64]:
    """Stock on the shelf: as given, else enough for the longest protection interval among the site's regular lanes.

    Of that, where storage is hard, as much as fits.
    """
    stock: NDArray[np.float64] = np.zeros_like(loads.mean)
    volume = per_product(scenario.volume, scenario.products)
    lanes = topology.lanes_of(scenario)
    for number, (name, site) in enumerate(zip(topology.sites, topology.sites_of(scenario), strict=True)):
        if site.initial is not None:
            stock[number, :, 0] = per_product(site.initial, scenario.products)
            continue
        inbound = [lane for lane in lanes if lane.destination == name]
        regular = [lane for lane in inbound if not lane.lateral] or inbound
        periods = max((lane.known_lead_time.longest + lane.order_delay + 1 for lane in regular), default=0)
        enough = usual(loads.mean[number], loads.deviation[number], periods)
        most, size = fits(site), float(volume @ enough[:, 0])
        stock[number] = enough if most is None or size <= most else enough * (most / size)
    return stock
