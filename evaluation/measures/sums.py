"""What was counted, added up over sites, products, segments and lanes: numerators and denominators, in NumPy.

Letters: B batch, N sites, L lanes, K products, C customers, G segments.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from ..statistics.statistics import Floats
from . import amounts, worked_out
from .amounts import Amount
from .structure import products_sold, segments_of
from .worked_out import BY_SITE, Counted, fairness

AT_CUSTOMERS = (amounts.demanded, amounts.served, amounts.on_time, amounts.backlog)
BY_PRODUCT = (*AT_CUSTOMERS, amounts.stockouts, amounts.stockout_spells, amounts.on_hand, amounts.in_transit)
OF_MACHINES = (amounts.machine_hours, amounts.setup_hours, amounts.regular_hours, amounts.waiting_hours)
INFLOW = Amount("inflow")
"""Units by all lanes into a lane's site."""


@dataclass(frozen=True)
class Sums:
    """Numerators and denominators by name, after warm-up; all but the network's are of all episodes together."""

    network: dict[str, Floats]
    """Of each episode (B,)."""
    sites: dict[str, Floats]
    """(N,)"""
    products: dict[str, Floats]
    """(K,)"""
    segments: dict[str, Floats]
    """Of customers of one name, at all sites (G,)."""
    lanes: dict[str, Floats]
    """(L,)"""
    machines: dict[str, Floats] = field(default_factory=dict)
    """(M,); empty where there are none."""
    outages: dict[str, Floats] = field(default_factory=dict)
    """By offset from the beginning of an outage (O,); empty where the scenario has no disruptions."""
    orders: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    """All orders of the episodes that they are kept of, one row for each episode and period (rows, L · K)."""
    caveats: tuple[str, ...] = ()
    """What those who decided say that they leave out of account."""


def sums_of(counted: Counted, own: Iterable[Amount] = ()) -> Sums:
    """Everything that was counted, in all the ways a report tells it."""
    own = tuple(own)
    sites = _of_sites(counted, own)
    return Sums(
        _of_network(counted, own),
        {name: values.sum(axis=1) for name, values in sites.items()},
        _of_products(counted),
        _of_segments(counted),
        _of_lanes(counted),
        _of_machines(counted),
    )


def _of_sites(counted: Counted, own: Iterable[Amount]) -> dict[str, Floats]:
    """Every sum by site and episode (N, B)."""
    sites = counted.sites
    sites |= {name: counted.numbers(name) for name in counted.sums if name.startswith("cost_")}
    for amount in (*BY_SITE, *own):
        if (found := counted.by_site(amount)) is not None:
            sites[amount.name] = found
    return sites


def _of_network(counted: Counted, own: Iterable[Amount]) -> dict[str, Floats]:
    network = {name: values.sum(axis=0) for name, values in counted.sites.items()}
    for amount in (*BY_SITE, *own):
        if amount.of_network is not None:
            network[amount.name] = amount.of_network(counted)
    return network | fairness(counted.sites)


def _of_products(counted: Counted) -> dict[str, Floats]:
    """Units and service by product; the money of a period is not kept by product."""
    found: dict[str, Floats] = {amount.name: counted.numbers(amount).sum(axis=(0, 2)) for amount in BY_PRODUCT}
    pairs: Floats = products_sold(counted.sim.numpy_network).sum(axis=0) * float(counted.sim.batch)
    pair_periods = pairs * counted.periods
    return found | {
        worked_out.pairs.name: pairs,
        worked_out.pair_periods.name: pair_periods,
        worked_out.covered.name: pair_periods - found[amounts.stockouts.name],
        worked_out.outflow.name: found[amounts.served.name],
        worked_out.behind.name: found[amounts.demanded.name],
        worked_out.periods.name: _all_periods(counted, pairs.shape),
    }


def _of_segments(counted: Counted) -> dict[str, Floats]:
    segments = segments_of(counted.sim.numpy_network)
    owner = np.equal.outer(segments, [label.rpartition("/")[2] for label in counted.sim.numpy_network.customers])
    found = {amount.name: owner @ counted.units(amount).sum(axis=1) for amount in AT_CUSTOMERS}
    return found | {worked_out.periods.name: _all_periods(counted, (len(segments),))}


def _of_lanes(counted: Counted) -> dict[str, Floats]:
    shipped, network = counted.units(amounts.shipped).sum(axis=1), counted.sim.numpy_network
    inflow = counted.at(shipped[:, None], network.topology.destination)[network.topology.destination, 0]
    return {
        amounts.shipped.name: shipped,
        INFLOW.name: inflow,
        worked_out.periods.name: _all_periods(counted, shipped.shape),
    }


def _of_machines(counted: Counted) -> dict[str, Floats]:
    return {amount.name: counted.units(amount).sum(axis=1) for amount in OF_MACHINES if amount.name in counted.sums}


def _all_periods(counted: Counted, shape: tuple[int, ...]) -> Floats:
    return np.full(shape, float(counted.periods * counted.sim.batch))
