"""What customers' demand asks of each item, a product at a site, through the recipes it goes into and the lanes it leaves by.

Letters: N sites, K products. An assembly is looked at as Rosling (Operations Research 37, 1989) does, as a line: where an item
stands in it is said by how long it takes until what it is ordered for can be sold, and what comes after all that takes longer,
and together with what takes as long.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from orderup.envs.demand.distribution import Distribution, NormalDistribution
from orderup.envs.network.loads import Amounts, Item, needed_for
from orderup.envs.network.network import Network
from orderup.envs.network.stacking import entries
from orderup.envs.numerics.arrays import Floats
from orderup.envs.scenario.scenario import Customers

from .covering import Scaled, Span

CLOSE = 1e-9
"""Periods that differ by less are as many."""


class Use(NamedTuple):
    """What an item is needed for: `content` units of it for a unit that customers buy, `span` after it is there."""

    sold: Item
    content: float
    span: Span


class Rates(NamedTuple):
    """What a unit of an item costs with what it is put together with, the mean over its uses [money/unit/period]."""

    shortage: float
    in_products: float
    """Held in what is sold."""
    along: float
    """Held as it is, with all else for the same product that takes as long as it or longer."""
    longer: float
    """Held of those that take longer alone."""


def buyers(network: Network, item: Item) -> list[tuple[int, Customers]]:
    """Who buys an item: the rows, and what the scenario says of each."""
    name = network.products[item[1]]
    return [
        (int(row), entry)
        for row in np.flatnonzero(network.topology.customer_site == item[0])
        for entry in entries(network.scenario, *network.customers[row].rsplit("/", 1))
        if name in (entry.products or network.products)
    ]


@dataclass(frozen=True, eq=False)
class Explosion:
    """A network's items and their uses, by main lanes and recipes.

    Those below order ahead of their order delays when everybody's orders are known (`delays_below` false).
    """

    network: Network
    delays_below: bool = True

    @cached_property
    def takes(self) -> dict[Item, Amounts]:
        """What a unit of each item takes by its main lane; what needs others comes before them."""
        return dict(needed_for(self.network.topology, self.network.recipes))

    @cached_property
    def goes_into(self) -> dict[Item, Amounts]:
        """What each item goes into, and how many units of it for one of that."""
        found: dict[Item, Amounts] = {item: {} for item in self.takes}
        for whole, parts in self.takes.items():
            for part, amount in parts.items():
                found[part][whole] = amount
        return found

    @cached_property
    def content(self) -> Floats:
        """Units of each item in one of each other, itself included (N, K, N, K)."""
        shape = self.network.topology.main_lanes.shape
        found = np.eye(shape[0] * shape[1]).reshape(*shape, *shape)
        for whole, parts in self.takes.items():
            for part, amount in parts.items():
                found[part] += amount * found[whole]
        return found

    def until_there(self, lane: int, delayed: bool = True) -> Span:
        """Periods from an order by a lane, −1 for none, until what it brings is there and that period is over."""
        if lane < 0:
            return Span(1)
        return Span.of(self.network, lane) + (1 + (int(self.network.times.order_delay[lane]) if delayed else 0))

    @cached_property
    def uses(self) -> dict[Item, tuple[Use, ...]]:
        """What each item is needed for, way by way; equal ones together."""
        found: dict[Item, dict[tuple[Item, Span], float]] = {}
        for item, parts in self.takes.items():
            own = found.setdefault(item, {})
            if self.buyers(item):
                own[item, Span(0)] = 1.0
            onward = self.until_there(self.main_lane(item), self.delays_below)
            for part, amount in parts.items():
                of_part = found.setdefault(part, {})
                for (sold, span), content in own.items():
                    place = sold, span + onward
                    of_part[place] = of_part.get(place, 0.0) + amount * content
        return {item: tuple(Use(sold, content, span) for (sold, span), content in own.items()) for item, own in found.items()}

    def main_lane(self, item: Item) -> int:
        """By which an item comes, −1 for none."""
        return int(self.network.topology.main_lanes[item])

    def buyers(self, item: Item) -> list[tuple[int, Customers]]:
        """Who buys an item."""
        return self._buyers[item]

    @cached_property
    def _buyers(self) -> dict[Item, list[tuple[int, Customers]]]:
        return {item: buyers(self.network, item) for item in self.takes}

    def demand(self, uses: Sequence[Use]) -> Distribution:
        """What some uses ask for, each over its span: exact where one kind of customers buys one product, else normal."""
        names = self.network.products
        found = [
            (row, use, use.span.demand(entry.demand.at(entry.site), (names[use.sold[1]],)))
            for use in uses
            for row, entry in self.buyers(use.sold)
        ]
        if len(found) == 1:
            ((_, use, total),) = found
            return total if use.content == 1.0 else Scaled(total, use.content)
        rows, products, periods, content = (
            np.array(values)
            for values in zip(*((row, use.sold[1], use.span.mean, use.content) for row, use, _ in found), strict=True)
        )
        mean, spread = (
            content * np.array([float(np.ravel(value)[0]) for value in values])
            for values in ([total.mean() for *_, total in found], [total.std() for *_, total in found])
        )
        together = np.equal.outer(products, products) * _overlap(periods) * self.network.loads.correlation[np.ix_(rows, rows)]
        return NormalDistribution(mean.sum(keepdims=True), np.sqrt(np.maximum(spread @ together @ spread, 0.0))[None])

    def rates(self, item: Item) -> Rates | None:
        """What a unit of an item costs; None where nobody needs it."""
        uses, total = self.uses[item], dict[Item, float]()
        for use in uses:
            total[use.sold] = total.get(use.sold, 0.0) + use.content
        flow = [use.content * self._mean(use.sold) for use in uses]
        if not uses or sum(flow) <= 0:
            return None
        found, own = np.zeros(4), self.until_there(self.main_lane(item))
        for use, share in zip(uses, np.array(flow) / sum(flow), strict=True):
            since = (use.span + own).mean
            along, longer = self._held(use.sold, since - CLOSE), self._held(use.sold, since + CLOSE)
            units = np.array([self.shortage_of(use.sold), self._held(use.sold, -np.inf), along, longer])
            found += share * units / total[use.sold]
        return Rates(*found.tolist())

    @cached_property
    def shortage(self) -> Floats:
        """Shortage cost of a unit of each item (N, K), the mean over what it is needed for [money/unit/period]."""
        found = np.zeros(self.network.topology.main_lanes.shape)
        for item in self.takes:
            rates = self.rates(item)
            found[item] = 0.0 if rates is None else rates.shortage
        return found

    def shortage_of(self, sold: Item) -> float:
        """Shortage cost of those who buy an item, the mean over them; the margin of a lost sale counts."""
        network, rows = self.network, [row for row, _ in self.buyers(sold)]
        rates = network.costs.shortage[rows, sold[1], 0].copy()
        if network.fulfilment.backlogged is not None:
            margin = network.costs.price[rows, sold[1], 0] - network.landed_cost[sold]
            rates += (1.0 - network.fulfilment.backlogged[rows, sold[1], 0]) * margin
        return max(float(rates.mean()), 0.0)

    def _mean(self, sold: Item) -> float:
        return float(self.network.demand.own_mean[sold])

    def _held(self, sold: Item, since: float) -> float:
        """What is added to the holding of a product by all that takes at least so many periods [money/unit/period]."""
        return sum(rate for periods, rate in self._added[sold] if periods >= since)

    @cached_property
    def _added(self) -> dict[Item, list[tuple[float, float]]]:
        """Of each product that is sold, when every item that is in it has to be ordered, and what that adds to its holding."""
        found: dict[Item, list[tuple[float, float]]] = {}
        holding = self.network.costs.holding[:, :, 0]
        for item, parts in self.takes.items():
            added = float(holding[item]) - sum(amount * float(holding[part]) for part, amount in parts.items())
            arrival = self.until_there(self.main_lane(item))
            for use in self.uses[item]:
                found.setdefault(use.sold, []).append(((use.span + arrival).mean, use.content * added))
        return found


def _overlap(periods: Floats) -> Floats:
    """Correlation of what the same customers ask for over some numbers of periods, all from the same one on."""
    longer = np.maximum.outer(periods, periods)
    found: Floats = np.sqrt(np.minimum.outer(periods, periods) / np.where(longer > 0, longer, 1.0))
    return found
