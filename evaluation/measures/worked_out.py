"""What is worked out of all that was counted: the numerators and denominators of KPIs that are no plain sums over periods.

Letters: B batch, N sites, L lanes, K products, C customers. Each is told by site and episode (N, B), and of the network (B,),
which is the sum over sites unless something else is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from orderup.envs.numerics.arrays import Array, in_float64, tree_sum
from orderup.envs.simulator import Simulator

from ..statistics.statistics import Floats
from . import amounts
from .amounts import NOTHING, Amount, worked_out
from .cross_flow import cross_flow, lateral_flow
from .rationing import rationed_need, rationed_orders
from .structure import customers_behind, is_express, products_sold

REVENUE = "revenue"
"""The term that makes the ledger's sum minus a profit."""


@dataclass(frozen=True)
class Counted:
    """Sums over the evaluated periods of a batch, as the core has them: (N, B), (rows, K, B)."""

    sim: Simulator
    sums: Mapping[str, Array]
    periods: int
    planned: bool
    """Whether a centre set levels."""
    sites: dict[str, Floats] = field(default_factory=dict)
    """By site and episode (N, B), as far as they are worked out."""

    def numbers(self, amount: Amount | str) -> Floats:
        """One of the sums in NumPy."""
        return in_float64(self.sums[str(amount)])

    def units(self, amount: Amount) -> Floats:
        """The same over all products: (rows, K, B) to (rows, B)."""
        found: Floats = tree_sum(self.numbers(amount), axis=1)
        return found

    def at(self, rows: Floats, places: NDArray[np.int64]) -> Floats:
        """Rows added up by the site each belongs to: (rows, B) to (N, B)."""
        found = np.zeros((len(self.sim.numpy_network.sites), rows.shape[1]))
        np.add.at(found, places[places >= 0], rows[places >= 0])
        return found

    def by_site(self, amount: Amount) -> Floats | None:
        """An amount by site (N, B); None where there is nothing to tell."""
        if amount.by_site is not None:
            found: Floats | None = amount.by_site(self)
            return found
        if amount.name not in self.sums:
            return np.zeros(self.shape) if amount.always else None
        return self._as_counted(amount)

    def _as_counted(self, amount: Amount) -> Floats:
        network = self.sim.numpy_network
        if amount.place == "by_site":
            return self.numbers(amount)
        if amount.place == "sites":
            return self.units(amount)
        if amount.place == "machines" and network.machines is not None:
            return self.at(self.units(amount), network.machines.site)
        if amount.place == "sellers":
            found = np.zeros(self.shape)
            found[network.topology.buyers.targets] = self.units(amount)
            return found
        return self.at(
            self.units(amount), network.topology.customer_site if amount.place == "customers" else network.topology.destination
        )

    def of(self, amount: Amount) -> Floats:
        """What was worked out before, by site (N, B)."""
        return self.sites[amount.name]

    @property
    def shape(self) -> tuple[int, int]:
        """(N, B)."""
        return len(self.sim.numpy_network.sites), self.sim.batch

    @cached_property
    def behind(self) -> NDArray[np.bool_]:
        """Which customers each site is a main source for (N, C)."""
        return customers_behind(self.sim.numpy_network)

    @cached_property
    def may_override(self) -> Floats:
        """Lanes and products in which a site may depart from the centre (N, B)."""
        some = self.sim.within.sum(axis=1)[:, None] * np.ones(self.sim.batch) * (str(amounts.overrides) in self.sums)
        return self.at(some, self.sim.numpy_network.topology.destination)


@worked_out()
def cost(counted: Counted) -> Floats:
    """All money terms together, which are told before it."""
    found: Floats = np.sum(list(counted.sites.values()), axis=0)
    return found


@worked_out()
def profit(counted: Counted) -> Floats | None:
    """Minus the cost, where customers pay."""
    return -counted.of(cost) if f"cost_{REVENUE}" in counted.sums else None


@worked_out()
def outlay(counted: Counted) -> Floats | None:
    """All money terms but revenue, where customers pay."""
    return counted.of(cost) - counted.sites[f"cost_{REVENUE}"] if f"cost_{REVENUE}" in counted.sums else None


@worked_out(of_network=lambda counted: counted.of(amounts.served).sum(axis=0))
def outflow(counted: Counted) -> Floats:
    """Units that leave a site's shelf, parts of what is made there among them; of the network, those that customers get."""
    network = counted.sim.numpy_network
    left = counted.of(amounts.served) + counted.at(counted.units(amounts.shipped), network.topology.source)
    return left if network.recipes is None else left + tree_sum(network.recipes.used(counted.numbers(amounts.shipped)), axis=1)


@worked_out()
def expedited(counted: Counted) -> Floats:
    """Units shipped by a lane that is faster than the site's main one."""
    by_express = counted.numbers(amounts.shipped) * is_express(counted.sim.numpy_network)[:, :, None]
    return counted.at(tree_sum(by_express, axis=1), counted.sim.numpy_network.topology.destination)


@worked_out()
def regular_inflow(counted: Counted) -> Floats:
    """Units shipped to a site but by lateral lanes."""
    network = counted.sim.numpy_network
    return counted.at(counted.units(amounts.shipped) * ~network.topology.is_lateral[:, None], network.topology.destination)


@worked_out(of_network=lambda counted: _order_variance(counted, "outside")[0])
def order_variance(counted: Counted) -> Floats:
    """Of a site's orders over time, lateral lanes left out; of the network, of the orders that suppliers get."""
    return _order_variance(counted, "site")


@worked_out(of_network=lambda counted: counted.of(amounts.demanded).sum(axis=0))
def behind(counted: Counted) -> Floats:
    """What the customers behind a site ask for; of the network, what all do."""
    found: Floats = counted.behind @ counted.units(amounts.demanded)
    return found


def _behind_suppliers(counted: Counted) -> Floats:
    asked = bool(np.any(counted.sim.numpy_network.topology.is_outside))
    return _demand_variance(counted, range(len(counted.sim.numpy_network.customers) if asked else 0))


@worked_out(of_network=_behind_suppliers)
def demand_variance(counted: Counted) -> Floats:
    """Of the demand of the customers behind a site over time; of the network, of those behind outside suppliers.

    These are all customers, or none where no lane leads in from outside: nobody there is asked for anything.
    """
    return np.array([_demand_variance(counted, np.flatnonzero(row)) for row in counted.behind])


@worked_out(constant=True)
def target_steps(counted: Counted) -> Floats:
    """Periods in which a centre could have changed its levels; 0 where none sets levels."""
    return np.full(counted.shape, float(counted.planned * (counted.periods - 1)))


@worked_out(constant=True)
def override_periods(counted: Counted) -> Floats:
    """Periods of a site that may depart from the centre."""
    return (counted.may_override > 0).astype(np.float64) * float(counted.periods)


@worked_out(constant=True)
def override_pairs(counted: Counted) -> Floats:
    """Periods of its lanes and products in which it may."""
    return counted.may_override * counted.periods


@worked_out(of_network=lambda counted: np.full(counted.sim.batch, float(counted.periods)), constant=True)
def periods(counted: Counted) -> Floats:
    """Those that count, the same for all sites."""
    return np.full(counted.shape, float(counted.periods))


@worked_out(constant=True)
def site_periods(counted: Counted) -> Floats:
    """Those of all sites together."""
    return counted.of(periods)


@worked_out(constant=True)
def pairs(counted: Counted) -> Floats:
    """Sites and products that customers buy there."""
    bought = products_sold(counted.sim.numpy_network).sum(axis=1)[:, None]
    return np.broadcast_to(bought, counted.shape).astype(np.float64)


@worked_out(constant=True)
def pair_periods(counted: Counted) -> Floats:
    """Periods of these."""
    return counted.of(pairs) * counted.periods


@worked_out()
def covered(counted: Counted) -> Floats:
    """Those of them that end with nothing owed and nothing lost."""
    return counted.of(pair_periods) - counted.of(amounts.stockouts)


BY_SITE = (
    *(cost, profit, outlay),
    *(amounts.demanded, amounts.served, amounts.on_time, amounts.backlog, amounts.stockouts, amounts.stockout_spells),
    *(amounts.on_hand, amounts.tied_up, amounts.in_transit, outflow, expedited, regular_inflow),
    *(amounts.wasted, amounts.spilled, amounts.scrapped, amounts.returned, amounts.carbon),
    *(amounts.machine_hours, amounts.setup_hours, amounts.regular_hours, amounts.waiting_hours),
    *(amounts.orders_placed, order_variance, behind, demand_variance),
    *(rationed_orders, rationed_need, cross_flow, lateral_flow),
    *(amounts.target_changes, amounts.overrides, amounts.override_distance, target_steps, override_periods, override_pairs),
    *(periods, site_periods, pairs, pair_periods, covered),
)
"""What is told by site, in this order, after the money terms."""

WORST_FILL, FILL_SPREAD, FILL_EPISODES = Amount("worst_fill"), Amount("fill_spread"), Amount("fill_episodes")
"""Of the network alone."""


def fairness(sites: Mapping[str, Floats]) -> dict[str, Floats]:
    """The worst site's fill rate and the spread of all in each episode (B,), 0 of 0 episodes where nobody bought anything."""
    asked = sites[amounts.demanded.name] > 0
    fill = sites[amounts.on_time.name] / np.where(asked, sites[amounts.demanded.name], 1.0)
    worst, best = np.where(asked, fill, np.inf).min(axis=0), np.where(asked, fill, -np.inf).max(axis=0)
    known = asked.any(axis=0)
    spread = np.subtract(best, worst, out=np.zeros(known.shape), where=known)
    return {
        WORST_FILL.name: np.where(known, worst, 0.0),
        FILL_SPREAD.name: spread,
        FILL_EPISODES.name: known.astype(np.float64),
    }


def _order_variance(counted: Counted, whose: str) -> Floats:
    """Sample variance over time of orders, summed over products (N, B), or (1, B) of all that suppliers get."""
    total, squares = counted.numbers(f"{whose}_orders"), counted.numbers(f"{whose}_squares")
    beyond = np.maximum(squares - total * total / counted.periods, 0.0)
    variance: Floats = tree_sum(beyond, axis=1) / max(counted.periods - 1, 1)
    return variance


def _demand_variance(counted: Counted, rows: Iterable[int]) -> Floats:
    """Sample variance over time of the demand of some customers taken together, summed over products (B,)."""
    trace, periods = counted.sim.trace, counted.periods
    assert trace is not None  # as there is something counted
    given = trace.demand[trace.periods - periods :]
    total = sum((given[:, row] for row in rows), start=0.0 * given[:, 0])
    mean = tree_sum(total) / periods
    squares = tree_sum((total - mean) ** 2)
    squares = squares * (squares > NOTHING**2 * periods * mean**2)
    return in_float64(tree_sum(squares)) / max(periods - 1, 1)
