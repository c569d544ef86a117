"""What a site has to cover, as a rule in closed form needs it: the demand, and what holding it or lacking it costs.

Letters: N sites, L lanes, K products. A store whose only customers are independent from period to period has its demand
exactly; elsewhere it is normal with the network's mean and deviation, put on a lattice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from orderup.envs.demand.distribution import NormalDistribution
from orderup.envs.demand.stationary import Stationary
from orderup.envs.foundation.errors import InputError
from orderup.envs.network.costs import order_cost
from orderup.envs.network.network import Network
from orderup.envs.physics.state import start

from ..exact.lattice import Lattice, on_lattice
from ..exact.reorder import of_a_size
from ..fitting_progress import going_through
from ..levels.covering import Span
from ..levels.explosion import Explosion, buyers
from ..levels.sources import slowest, splits

COARSENESS = 12
"""Points of the lattice to a standard deviation, where demand is not in whole units."""

NEXT_TO_NOTHING = 1e-9
"""What stock that costs nothing is taken to cost, as a share of what a shortage does."""


@dataclass(frozen=True, eq=False)
class SiteDemand:
    """One product at the end of one lane."""

    item: tuple[int, int]
    """The site and the product, by their places in the network."""
    holding: float
    shortage: float
    """Of a unit short at the customers below, and what a lost sale would have earned; the mean over them."""
    fixed: float
    """Of an order by the lane, its part of a truck included."""
    span: Span
    """Periods that an order by the lane protects, waiting included."""
    one_period: Lattice
    exact: bool
    """Whether the demand is the customers' own."""

    @property
    def in_steps(self) -> SiteDemand:
        """The same site counted in steps of its demand's lattice, where demand comes in whole numbers."""
        one, step = self.one_period, self.one_period.step
        return replace(
            self, holding=self.holding * step, shortage=self.shortage * step, one_period=Lattice(one.probability, one.first)
        )

    @property
    def interval(self) -> int:
        """ℓ of the formulas, a random lead time being its mean."""
        return round(self.span.mean) - 1

    @property
    def cover(self) -> Lattice:
        """Demand of the periods that an order protects, with an order in every period."""
        return self.span.lattice(self.one_period)

    @property
    def cover_of_few(self) -> Lattice | None:
        """The same where orders are rare, if lead times are random."""
        if not self.span.further:
            return None
        return self.span.lattice(self.one_period, alone=self.fixed > 0)

    @property
    def fitting(self) -> SiteDemand:
        """The same site, its demand on coarser points where reorder points and levels would be too many to choose from."""
        if self.certain is not None:
            return replace(self, one_period=Lattice(np.ones(1), 1, self.certain))
        found = of_a_size(self.one_period, self.fixed * (1 / self.holding + 1 / self.shortage), self.interval)
        return self if found is self.one_period else replace(self, one_period=found)

    @property
    def certain(self) -> float | None:
        """The demand of every period where it is always the same [units]; positions then are whole periods' apart."""
        one = self.one_period
        return float(one.values[0]) if len(one.probability) == 1 and one.first > 0 else None

    @classmethod
    def of(
        cls, network: Network, lane: int, product: int, wait: int, slowest: int | None = None, parts: Explosion | None = None
    ) -> SiteDemand | None:
        """None where there is no demand, or it costs nothing not to meet it.

        `slowest` is a lane that brings part of it and takes longer; `parts` says what is made of what, where that is known.
        """
        site = int(network.topology.destination[lane])
        holding, shortage = float(network.costs.holding[site, product, 0]), _shortage(network, site, product, parts)
        mean, fixed = float(network.loads.mean[site, product, 0]), float(order_cost(network.costs)[lane])
        if min(shortage, mean) <= 0:
            return None
        if holding <= 0:  # then more is never worse, up to what an episode asks for
            holding = max(NEXT_TO_NOTHING * shortage, 2.0 * fixed / (mean * network.scenario.horizon**2))
        one, exact = _one_period(network, site, product)
        by = lane if slowest is None else slowest
        span = Span.of(network, by) + (int(network.times.order_delay[by]) + 1 + wait)
        return cls((site, product), holding, shortage, fixed, span, one, exact)


def only_customers(network: Network, site: int, product: int) -> Stationary | None:
    """The process that a store's product is sold by, where it has one without memory and supplies nobody else."""
    out = np.flatnonzero(network.topology.source == site).tolist()
    if any(network.limits.carries(lane, product) for lane in out):
        return None
    if network.recipes is not None and network.recipes.uses[network.recipes.site == site, product].any():
        return None
    buying = [entry.demand.at(entry.site) for _, entry in buyers(network, (site, product))]
    return buying[0] if len(buying) == 1 and isinstance(buying[0], Stationary) else None


def _one_period(network: Network, site: int, product: int) -> tuple[Lattice, bool]:
    process = only_customers(network, site, product)
    if process is not None:
        name = (network.products[product],)
        demand = process.only(name).over(name, 1)
        mean, spread = (float(np.ravel(value)[0]) for value in (demand.mean(), demand.std()))
        if spread == 0:
            return (Lattice(np.ones(1), int(mean)) if mean == int(mean) else Lattice(np.ones(1), 1, mean)), True
        with suppress(InputError):  # more points than are held: normal, which so much demand nearly is
            return on_lattice(demand, step=spread / COARSENESS).not_negative, True
    mean, deviation = (float(values[site, product, 0]) for values in (network.loads.mean, network.loads.deviation))
    deviation = max(deviation, 0.02 * mean)  # a lattice needs some spread
    lattice = on_lattice(NormalDistribution(np.array([mean]), np.array([deviation])), step=deviation / COARSENESS)
    return lattice.not_negative, False


def _shortage(network: Network, site: int, product: int, parts: Explosion | None) -> float:
    if network.recipes is not None:
        return float((parts or Explosion(network)).shortage[site, product])
    below = np.isin(network.topology.customer_site, _sites_below(network, site, product))
    return shortage_of(network, np.flatnonzero(below), product)


def shortage_of(network: Network, rows: NDArray[np.int64], product: int) -> float:
    """What a unit short costs some customers (rows), and what a lost sale would have earned; the mean over them."""
    if not len(rows):
        return 0.0
    lost = (
        np.zeros(len(rows)) if network.fulfilment.backlogged is None else 1.0 - network.fulfilment.backlogged[rows, product, 0]
    )
    margin = network.costs.price[rows, product, 0] - network.landed_cost[network.topology.customer_site[rows], product]
    rates: NDArray[np.float64] = network.costs.shortage[rows, product, 0] + lost * margin
    return max(float(rates.mean()), 0.0)


def _sites_below(network: Network, site: int, product: int) -> list[int]:
    """The site and all whose main sources of a product lead to it."""
    parent, found = network.topology.main_sources[:, product], [site]
    for above in found:
        found += np.flatnonzero(parent == above).tolist()
    return found


def opening_position(network: Network) -> NDArray[np.float64]:
    """Inventory position of each site when an episode starts (N, K)."""
    begun = start(network, np.zeros((1, 1, 1)))
    position = np.array(begun.on_hand[:, :, 0], dtype=float)
    np.add.at(position, network.topology.destination, begun.on_order[:, :, 0])
    np.subtract.at(position, network.topology.customer_site, begun.backlog[:, :, 0])
    return position


def each_main_lane(
    network: Network, wait: int, formula: Callable[[SiteDemand], Sequence[float]], count: int = 1
) -> list[NDArray[np.float64]]:
    """What a formula makes of the demand behind every main lane: `count` numbers (L, K) each, 0 where there is none."""
    found, parts = [np.zeros((len(network.lanes), len(network.products))) for _ in range(count)], Explosion(network)
    late = {(split.lanes[0], split.product): slowest(split, network) for split in splits(network, by_main_lanes=True)}
    for lane, product in going_through(
        np.argwhere(network.topology.is_main).tolist(), f"closed forms for {network.scenario.name}"
    ):
        demand = SiteDemand.of(network, lane, product, wait, late.get((lane, product)), parts)
        if demand is not None:
            for values, number in zip(found, formula(demand), strict=True):
                values[lane, product] = number
    return found
