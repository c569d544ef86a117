"""One episode in plain Python, lane by lane and unit by unit, written from the rules and not from the core's code.

It is slow and has no arrays, so that each rule stands alone and can be read; the core must agree with it on random networks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from orderup.envs.schema import Customers, Lane, Scenario
from orderup.envs.topology import levels

Amounts = list[float]
"""One number for each product [units]."""
Wish = tuple[str, Amounts]
"""("level", …) or ("quantity", …) for one lane."""


@dataclass
class Parcel:
    """An order or a shipment under way: what it holds, in how many periods it arrives, and in how many at the latest."""

    lane: str
    units: Amounts
    left: int
    latest: int


@dataclass
class Period:
    """What moved in a period, by lane or by customer, and what it cost, by (term, site)."""

    orders: dict[str, Amounts]
    shipments: dict[str, Amounts]
    receipts: dict[str, Amounts]
    served: dict[str, Amounts] = field(default_factory=dict)
    unmet: dict[str, Amounts] = field(default_factory=dict)
    cost: dict[tuple[str, str], float] = field(default_factory=dict)


class PlainModel:
    """The network between two periods. `initial` and `weight` give sites' stock at the start and mean demand."""

    def __init__(
        self, scenario: Scenario, initial: dict[str, Amounts], weight: dict[str, Amounts], lanes: Iterable[str]
    ) -> None:
        self.scenario, self.weight = scenario, weight
        by_label = {lane.label: lane for lane in scenario.lanes}
        self.lanes: dict[str, Lane] = {label: by_label[label] for label in lanes}
        self.level = levels(scenario)
        self.on_hand = {name: list(stock) for name, stock in initial.items()}
        self.open = {label: self.zeros() for label in self.lanes}
        self.backlog = {f"{entry.site}/{entry.segment}": self.zeros() for entry in scenario.customers}
        self.shipped: list[Parcel] = []
        self.sent: list[Parcel] = []
        for label, lane in self.lanes.items():
            units = self.carried(lane, self.numbers(lane.initial))
            longest = lane.lead_time.longest
            self.shipped += [Parcel(label, units, left, left) for left in range(longest)]
            self.sent += [Parcel(label, units, left, left) for left in range(lane.order_delay)]

    def zeros(self) -> Amounts:
        return [0.0] * len(self.scenario.products)

    def numbers(self, value: float | dict[str, float]) -> Amounts:
        return [value.get(product, 0.0) if isinstance(value, dict) else value for product in self.scenario.products]

    def carried(self, lane: Lane, units: Amounts) -> Amounts:
        return [
            x if lane.products is None or p in lane.products else 0.0
            for p, x in zip(self.scenario.products, units, strict=True)
        ]

    def into(self, site: str) -> list[str]:
        return [label for label, lane in self.lanes.items() if lane.destination == site]

    def out_of(self, source: str) -> list[str]:
        return [label for label, lane in self.lanes.items() if lane.source == source]

    def in_transit(self, label: str) -> Amounts:
        return total(self.zeros(), (parcel.units for parcel in self.shipped if parcel.lane == label))

    def on_order(self, label: str) -> Amounts:
        unknown = (parcel.units for parcel in self.sent if parcel.lane == label)
        return total(total(self.in_transit(label), [self.open[label]]), unknown)

    def step(self, wishes: dict[str, Wish], demand: dict[str, Amounts], lead_times: dict[str, int]) -> Period:
        """One period."""
        orders = self.orders(wishes)
        known = self.send(orders)
        wanted = {label: total(self.open[label], [known[label]]) for label in self.lanes}
        shipments = self.shipments(wanted)
        for label, lane in self.lanes.items():
            left = [w - s for w, s in zip(wanted[label], shipments[label], strict=True)]
            self.open[label] = left if lane.unfilled == "kept" else self.zeros()
            if lane.source in self.on_hand:
                self.on_hand[lane.source] = [
                    have - s for have, s in zip(self.on_hand[lane.source], shipments[label], strict=True)
                ]
        period = Period(orders, shipments, self.receive(shipments, lead_times))
        self.serve(demand, period)
        self.count(period)
        return period

    # Orders

    def orders(self, wishes: dict[str, Wish]) -> dict[str, Amounts]:
        """Lateral lanes first, then downstream before upstream; of a site's lanes the fastest first."""
        placed: dict[str, Amounts] = {}
        queue = sorted(
            self.lanes,
            key=lambda label: (
                not self.lanes[label].lateral,
                0 if self.lanes[label].lateral else self.level[self.lanes[label].destination],
                self.protection(label),
            ),
        )
        for label in queue:
            kind, wish = wishes[label]
            if kind == "level":
                wish = [level - have for level, have in zip(wish, self.expected(label, placed), strict=True)]
            placed[label] = self.allowed(self.lanes[label], wish)
        return placed

    def protection(self, label: str) -> int:
        lane = self.lanes[label]
        return lane.lead_time.longest + lane.order_delay + 1

    def expected(self, label: str, placed: dict[str, Amounts]) -> Amounts:
        """What a lane's destination will have when an order by the lane arrives: on hand − owed + what arrives by then."""
        lane, horizon = self.lanes[label], self.protection(label) - 1
        site = lane.destination
        coming = [self.open[other] for other in self.into(site) if self.lanes[other].lead_time.longest <= horizon]
        coming += [parcel.units for parcel in self.shipped if self.leads_to(parcel, site) and parcel.latest <= horizon]
        coming += [
            parcel.units
            for parcel in self.sent
            if self.leads_to(parcel, site) and parcel.left + self.lanes[parcel.lane].lead_time.longest <= horizon
        ]
        coming += [placed[other] for other in self.into(site) if other in placed and self.protection(other) - 1 <= horizon]
        owed = [self.backlog[customer] for customer in self.backlog if customer.split("/")[0] == site]
        owed += [self.open[other] for other in self.out_of(site)]
        owed += [parcel.units for parcel in self.sent if self.lanes[parcel.lane].source == site and parcel.left == 0]
        if not lane.lateral:
            owed += [placed[other] for other in self.out_of(site) if not self.lanes[other].order_delay]
        gross = total(self.on_hand[site], coming)
        return [have - debt for have, debt in zip(gross, total(self.zeros(), owed), strict=True)]

    def leads_to(self, parcel: Parcel, site: str) -> bool:
        return self.lanes[parcel.lane].destination == site

    def allowed(self, lane: Lane, wish: Amounts) -> Amounts:
        order = []
        for want, least, step in zip(
            self.carried(lane, wish), self.numbers(lane.minimum), self.numbers(lane.multiple), strict=True
        ):
            units = want if want > 1e-6 else 0.0
            if units > 0:
                units = max(units, least)
            order.append(math.ceil(units / step - 1e-6) * step if step > 0 else units)
        return order

    def send(self, orders: dict[str, Amounts]) -> dict[str, Amounts]:
        """The orders that the sources get to know now."""
        self.sent += [Parcel(label, units, self.lanes[label].order_delay, 0) for label, units in orders.items()]
        return self.due(self.sent)

    def due(self, parcels: list[Parcel]) -> dict[str, Amounts]:
        """Take what has arrived off a list, and bring the rest one period nearer."""
        arrived = {label: self.zeros() for label in self.lanes}
        for parcel in list(parcels):
            if parcel.left == 0:
                arrived[parcel.lane] = total(arrived[parcel.lane], [parcel.units])
                parcels.remove(parcel)
            else:
                parcel.left, parcel.latest = parcel.left - 1, parcel.latest - 1
        return arrived

    # Shipments

    def shipments(self, wanted: dict[str, Amounts]) -> dict[str, Amounts]:
        """Within each lane's capacity, then divided by each source's rule, then within what may leave the source."""
        shipped = {label: scaled(units, self.lanes[label].capacity) for label, units in wanted.items()}
        for site in self.on_hand:
            lanes = self.out_of(site)
            if lanes:
                shipped |= self.divided(site, {label: shipped[label] for label in lanes})
        limits = {name: site.throughput for name, site in self.scenario.sites.items()}
        limits |= {name: supplier.capacity for name, supplier in self.scenario.suppliers.items()}
        for name, limit in limits.items():
            lanes = self.out_of(name)
            leaving = sum(sum(shipped[label]) for label in lanes)
            if limit is not None and leaving > limit:
                shipped |= {label: [units * limit / leaving for units in shipped[label]] for label in lanes}
        return shipped

    def divided(self, site: str, wanted: dict[str, Amounts]) -> dict[str, Amounts]:
        given = {label: self.zeros() for label in wanted}
        rule = self.scenario.sites[site].rationing
        for k, stock in enumerate(self.on_hand[site]):
            have = max(stock, 0.0)
            asked = {label: units[k] for label, units in wanted.items()}
            if sum(asked.values()) <= have:
                shares = asked
            elif rule == "proportional":
                shares = {label: units * have / sum(asked.values()) for label, units in asked.items()}
            elif rule == "priority":
                shares = self.by_priority(asked, have)
            else:
                shares = self.even_cover(asked, have, k)
            for label, units in shares.items():
                given[label][k] = units
        return given

    def by_priority(self, asked: dict[str, float], have: float) -> dict[str, float]:
        shares = {}
        for label in sorted(asked, key=lambda label: self.lanes[label].priority):
            shares[label] = min(asked[label], have)
            have -= shares[label]
        return shares

    def even_cover(self, asked: dict[str, float], have: float, k: int) -> dict[str, float]:
        """Raise the cover of those who have least until the stock is used up."""
        mean = {label: self.weight[self.lanes[label].destination][k] for label in asked}
        weight = {label: max(m, 1e-3 * max(mean.values())) or 1.0 for label, m in mean.items()}
        stock = {label: self.covered(self.lanes[label].destination, k) for label in asked}

        def shares(cover: float) -> dict[str, float]:
            return {label: min(max(cover * weight[label] - stock[label], 0.0), asked[label]) for label in asked}

        turns = {stock[label] / weight[label] for label in asked} | {
            (stock[label] + asked[label]) / weight[label] for label in asked
        }
        high = min(cover for cover in turns if sum(shares(cover).values()) > have)
        low = max((cover for cover in turns if cover < high), default=high)
        below, above = sum(shares(low).values()), sum(shares(high).values())
        return shares(low + (have - below) / (above - below) * (high - low) if above > below else low)

    def covered(self, site: str, k: int) -> float:
        """What a site has, or is being sent, for those it supplies."""
        coming = sum(parcel.units[k] for parcel in self.shipped if self.leads_to(parcel, site))
        owed = sum(debt[k] for customer, debt in self.backlog.items() if customer.split("/")[0] == site)
        return self.on_hand[site][k] + coming - owed - sum(self.open[other][k] for other in self.out_of(site))

    def receive(self, shipments: dict[str, Amounts], lead_times: dict[str, int]) -> dict[str, Amounts]:
        for label, units in shipments.items():
            longest = self.lanes[label].lead_time.longest
            self.shipped.append(Parcel(label, units, lead_times.get(label, longest), longest))
        receipts = self.due(self.shipped)
        for label, units in receipts.items():
            site = self.lanes[label].destination
            self.on_hand[site] = total(self.on_hand[site], [units])
        return receipts

    # Customers and money

    def serve(self, demand: dict[str, Amounts], period: Period) -> None:
        for customer in sorted(self.backlog, key=lambda customer: (min(e.priority for e in self.entries(customer)), customer)):
            site, lost = customer.split("/")[0], self.by_entry(customer, lambda entry: float(entry.unmet == "lost"))
            owed = total(self.backlog[customer], [demand[customer]])
            got = [min(debt, have) for debt, have in zip(owed, self.on_hand[site], strict=True)]
            self.on_hand[site] = [have - g for have, g in zip(self.on_hand[site], got, strict=True)]
            period.served[customer] = got
            period.unmet[customer] = [debt - g for debt, g in zip(owed, got, strict=True)]
            self.backlog[customer] = [u * (1 - gone) for u, gone in zip(period.unmet[customer], lost, strict=True)]

    def entries(self, customer: str) -> list[Customers]:
        return [entry for entry in self.scenario.customers if f"{entry.site}/{entry.segment}" == customer]

    def by_entry(self, customer: str, number: Callable[[Customers], float | dict[str, float]]) -> Amounts:
        """A number of each product's own entry, 0 for products that the customer does not buy."""
        found = self.zeros()
        for entry in self.entries(customer):
            for k, product in enumerate(self.scenario.products):
                if entry.products is None or product in entry.products:
                    found[k] = self.numbers(number(entry))[k]
        return found

    def count(self, period: Period) -> None:
        """Every term of the ledger on the state at the period's end."""
        cost = period.cost
        for name, site in self.scenario.sites.items():
            stock = self.on_hand[name]
            add(cost, "holding", name, dot(stock, self.numbers(site.holding)))
            if site.storage is not None:
                add(cost, "overflow", name, max(sum(stock) - site.storage, 0.0) * site.overflow)
        for label, lane in self.lanes.items():
            inside = lane.source in self.on_hand
            moved = period.shipments[label]
            add(cost, "transport" if inside else "purchase", lane.destination, dot(moved, self.numbers(lane.unit_cost)))
            add(cost, "fixed", lane.destination, lane.fixed_cost * (sum(period.orders[label]) > 0))
            if inside:
                rate = self.numbers(self.scenario.sites[lane.source].holding)
                add(cost, "in_transit", lane.source, dot(self.in_transit(label), rate))
                paid = dot(moved, self.numbers(lane.transfer_price))
                add(cost, "transfer", lane.destination, paid)
                add(cost, "transfer", lane.source, -paid)
        for customer in self.backlog:
            place = customer.split("/")[0]
            add(cost, "shortage", place, dot(period.unmet[customer], self.by_entry(customer, lambda entry: entry.shortage)))
            add(cost, "revenue", place, -dot(period.served[customer], self.by_entry(customer, lambda entry: entry.price)))


def total(first: Amounts, others: Iterable[Amounts]) -> Amounts:
    found = list(first)
    for units in others:
        found = [x + y for x, y in zip(found, units, strict=True)]
    return found


def dot(units: Amounts, rates: Amounts) -> float:
    return sum(x * rate for x, rate in zip(units, rates, strict=True))


def scaled(units: Amounts, limit: float | None) -> Amounts:
    """All products by the same share, so that they stay within a limit in sum."""
    return units if limit is None or sum(units) <= limit else [x * limit / sum(units) for x in units]


def add(cost: dict[tuple[str, str], float], term: str, site: str, amount: float) -> None:
    cost[term, site] = cost.get((term, site), 0.0) + amount
