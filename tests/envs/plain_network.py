"""The plain model's network between two periods: what there is, where it is, and who is connected with whom."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from orderup.envs.scenario.event_places import lanes_at
from orderup.envs.scenario.scenario import Customers, Lane, Scenario

from .plain_money import Costs
from .plain_queue import Amounts, Queue, total
from .plain_turns import echelons, turns

LONG_AGO = 10**6
"""The age of what customers are owed at the start."""


@dataclass
class Parcel:
    """An order or a shipment under way: what it holds, in how many periods it arrives, and in how many at the latest."""

    lane: str
    units: Amounts
    left: int
    latest: int


@dataclass
class Period:
    """What moved in a period, by lane, by customer or by site, and what it cost, by (term, site)."""

    orders: dict[str, Amounts]
    shipments: dict[str, Amounts]
    receipts: dict[str, Amounts]
    demand: dict[str, Amounts]
    served: dict[str, Amounts] = field(default_factory=dict)
    unmet: dict[str, Amounts] = field(default_factory=dict)
    late: dict[str, Amounts] = field(default_factory=dict)
    spilled: dict[str, Amounts] = field(default_factory=dict)
    scrapped: dict[str, Amounts] = field(default_factory=dict)
    cost: Costs = field(default_factory=dict)


class PlainNetwork:
    """Its state, and what follows from that. `initial` and `weight` give sites' stock at the start and mean demand."""

    def __init__(
        self,
        scenario: Scenario,
        initial: dict[str, Amounts],
        weight: dict[str, Amounts],
        lanes: Iterable[str],
        customers: Iterable[str],
    ) -> None:
        self.scenario, self.weight = scenario, weight
        self.volume, self.heavy = self.numbers(scenario.volume), self.numbers(scenario.weight)
        by_label = {lane.label: lane for lane in scenario.lanes}
        self.lanes: dict[str, Lane] = {label: by_label[label] for label in lanes}
        self.echelon, self.turn = echelons(scenario), turns(scenario)
        self.on_hand = {name: Queue(stock) for name, stock in initial.items()}
        self.open = {label: self.zeros() for label in self.lanes}
        self.waiting = {label: Queue(self.zeros()) for label in self.lanes}
        self.backlog = {customer: Queue(self.owed(customer), age=LONG_AGO) for customer in customers}
        self.goodwill = {customer: [1.0 for _ in scenario.products] for customer in self.backlog}
        self.committed = {label: self.carried(lane, weight[lane.destination]) for label, lane in self.lanes.items()}
        self.missing: list[Parcel] = []
        self.away: dict[str, list[int]] = {label: [] for label in self.lanes}
        self.sold: list[dict[str, Amounts]] = []
        self.door = {label: self.zeros() for label in self.lanes}
        self.turned_away = {label: self.zeros() for label in self.lanes}
        self.shipped: list[Parcel] = []
        self.sent: list[Parcel] = []
        for label, lane in self.lanes.items():
            units = self.carried(lane, self.numbers(lane.initial))
            late = self.told(label) - lane.lead_time.longest
            brought = self.joined(label, units)
            self.shipped += [Parcel(label, brought, left, left + late) for left in range(lane.lead_time.longest)]
            self.sent += [Parcel(label, units, left, left) for left in range(lane.order_delay)]
            for goods in scenario.arriving:
                if goods.lane == label:
                    told = [goods.quantity * (goods.product in (None, product)) for product in scenario.products]
                    self.shipped.append(Parcel(label, self.carried(lane, told), goods.period, goods.period + late))

    def slowest(self, label: str) -> int:
        """A lane's lead time at the most, all that can delay it together."""
        return self.lanes[label].lead_time.longest + self.delays(label)

    def told(self, label: str) -> int:
        """The same as those who decide know it."""
        return self.lanes[label].known_lead_time.longest + self.delays(label)

    def delays(self, label: str) -> int:
        """All that can delay a lane, together."""
        return sum(
            int(change.to)
            for event in self.scenario.disruptions
            for change in event.changes
            if change.of == "delay"
            and any(lane.label == label for place in event.at for lane in lanes_at(self.scenario, place, "delay", ""))
        )

    def protection(self, label: str) -> int:
        return self.told(label) + self.lanes[label].order_delay + 1

    def owed(self, customer: str) -> Amounts:
        """What a customer is owed at the start."""
        return self.by_entry(customer, lambda entry: entry.backlog)

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
        return [label for label, lane in self.lanes.items() if lane.source == source and not lane.makes]

    def made_at(self, site: str) -> list[str]:
        return [label for label, lane in self.lanes.items() if lane.at == site]

    def joined(self, label: str, units: Amounts) -> Amounts:
        """What a lane brings with an order or a shipment: what comes of a recipe beside its product, too."""
        return self.per_unit(label, self.lanes[label].co_products, units, units)

    def parts(self, label: str, units: Amounts) -> Amounts:
        """What a recipe needs for an order or a shipment; nothing on other lanes."""
        return self.per_unit(label, self.lanes[label].uses, units, self.zeros())

    def per_unit(self, label: str, amounts: dict[str, float], units: Amounts, start: Amounts) -> Amounts:
        found, products = list(start), self.scenario.products
        for name, each in amounts.items():
            found[products.index(name)] += each * units[products.index(str(self.lanes[label].make))]
        return found

    def packs(self, label: str) -> Amounts:
        """How many units of each product leave together, 0 for any number."""
        return self.carried(self.lanes[label], self.numbers(self.lanes[label].multiple))

    def pack_table(self) -> dict[str, Amounts]:
        return {label: self.packs(label) for label in self.lanes}

    def in_transit(self, label: str) -> Amounts:
        return total(self.door[label], (parcel.units for parcel in self.shipped if parcel.lane == label))

    def on_order(self, label: str) -> Amounts:
        unknown = (parcel.units for parcel in (*self.sent, *self.missing) if parcel.lane == label)
        return total(self.in_transit(label), [self.joined(label, total(self.open[label], unknown))])

    def above(self, site: str, reserve: Amounts) -> Amounts:
        """What a site has beyond a reserve."""
        return [max(have - kept, 0.0) for have, kept in zip(self.on_hand[site].units, reserve, strict=True)]

    def covered(self, site: str, k: int) -> float:
        """What a site has, or is being sent, for those it supplies."""
        coming = sum(self.in_transit(other)[k] for other in self.into(site))
        owed = sum(debt.units[k] for customer, debt in self.backlog.items() if customer.split("/")[0] == site)
        owed += sum(self.parts(other, self.open[other])[k] for other in self.made_at(site))
        return self.on_hand[site].units[k] + coming - owed - sum(self.open[other][k] for other in self.out_of(site))

    def issue(self, site: str, units: Amounts) -> None:
        """Take units off a shelf, the oldest or the youngest of them."""
        youngest_first = self.scenario.sites[site].issue == "lifo"
        (self.on_hand[site].take_youngest if youngest_first else self.on_hand[site].take)(units)

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
