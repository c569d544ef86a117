"""One episode in plain Python, lane by lane and unit by unit, written from the rules and not from the core's code.

It is slow and has no arrays, so that each rule stands alone and can be read; the core must agree with it on random networks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from orderup.envs.scenario.event_places import lanes_at
from orderup.envs.scenario.scenario import Customers, Lane, Scenario

from .plain_money import Costs, count
from .plain_queue import Amounts, Queue, World, counted, dot, least, less, scaled, times, total, uncounted
from .plain_shares import Claim, hand_out, share_out, whole
from .plain_turns import echelons, turns
from .plain_workshop import Workshop

LONG_AGO = 10**6
"""The age of what customers are owed at the start."""
Request = tuple[str, Amounts]
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


class PlainModel:
    """The network between two periods. `initial` and `weight` give sites' stock at the start and mean demand."""

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

    def in_transit(self, label: str) -> Amounts:
        return total(self.door[label], (parcel.units for parcel in self.shipped if parcel.lane == label))

    def on_order(self, label: str) -> Amounts:
        unknown = (parcel.units for parcel in (*self.sent, *self.missing) if parcel.lane == label)
        return total(self.in_transit(label), [self.joined(label, total(self.open[label], unknown))])

    def step(self, requests: dict[str, Request], world: World) -> Period:
        """One period."""
        for queue in (*self.on_hand.values(), *self.backlog.values(), *self.waiting.values()):
            queue.age()
        orders = {label: self.bound(label, units, world) for label, units in self.orders(requests, world).items()}
        orders = self.fitting(orders)
        known = self.send({label: times(units, world.of("reaching", label)) for label, units in orders.items()})
        self.lose({label: times(units, 1.0 - world.of("reaching", label)) for label, units in orders.items()})
        wanted = {label: total(self.open[label], [known[label]]) for label in self.lanes}
        for label, units in known.items():
            self.waiting[label].add(units)
        shipments = self.shipments(wanted, world)
        self.drive(shipments)
        for label, lane in self.lanes.items():
            self.open[label] = less(wanted[label], shipments[label]) if lane.unfilled == "kept" else self.zeros()
            self.waiting[label].take(shipments[label] if lane.unfilled == "kept" else wanted[label])
            if lane.source in self.on_hand:
                self.issue(lane.source, self.parts(label, shipments[label]) if lane.makes else shipments[label])
        self.expire()
        self.reroute({label: less(wanted[label], shipments[label]) for label in self.lanes})
        demand = {
            customer: [d * g for d, g in zip(units, self.goodwill[customer], strict=True)]
            for customer, units in world.demand.items()
        }
        period = Period(orders, shipments, self.receive(shipments, world), demand)
        self.bring_back(world)
        self.serve(period)
        self.remember(period)
        period.cost = count(self, period, world)
        return period

    # Orders

    def orders(self, requests: dict[str, Request], world: World) -> dict[str, Amounts]:
        """Lateral lanes first, then downstream before upstream; of a site's lanes the fastest first."""
        placed: dict[str, Amounts] = {}
        ways = [(label, turn) for label in self.lanes for turn in {*self.turns(label)}]
        queue = sorted(ways, key=lambda way: self.when(*way))
        for label, turn in queue:
            kind, request = requests[label]
            if kind == "level":
                request = [level - have for level, have in zip(request, self.expected(label, placed), strict=True)]
            request = [x if at == turn else 0.0 for x, at in zip(request, self.turns(label), strict=True)]
            order = times(self.allowed(self.lanes[label], request), world.of("accepting", label))
            placed[label] = total(placed.get(label, self.zeros()), [order])
        return placed

    def turns(self, label: str) -> list[int]:
        """In which of its site's turns a lane orders each product: what is made there before its parts."""
        lane = self.lanes[label]
        of = [self.turn[lane.destination, product] for product in self.scenario.products]
        carried = [at for at, there in zip(of, self.carried(lane, [1.0 for _ in of]), strict=True) if there]
        return [at if at in carried and not lane.lateral else carried[0] for at in of] if carried else [0 for _ in of]

    def when(self, label: str, turn: int) -> tuple[bool, int, int, int]:
        lane = self.lanes[label]
        if lane.lateral:
            return False, 0, 0, self.protection(label)
        return True, self.echelon[lane.destination], turn, self.protection(label)

    def bound(self, label: str, units: Amounts, world: World) -> Amounts:
        """An order within its contract's window, if it is taken at all."""
        contract, open_ = self.lanes[label].contract, world.of("accepting", label)
        if contract is not None:
            before = self.committed[label]
            units = [min(max(x, (1 - contract.down) * c), (1 + contract.up) * c) for x, c in zip(units, before, strict=True)]
            self.committed[label] = total(before, [times(less(units, before), open_ / contract.notice)])
        return times(units, open_)

    def fitting(self, orders: dict[str, Amounts]) -> dict[str, Amounts]:
        """Orders that stores take for no more than fits: all of a site cut alike, to whole packs of what is large enough."""
        for name, site in self.scenario.sites.items():
            if site.storage_full == "refused" and site.storage is not None:
                into = self.into(name)
                there = total(self.on_hand[name].units, (self.on_order(label) for label in into))
                free = max(site.storage - dot(there, self.volume), 0.0)
                asked = sum(dot(self.joined(label, orders[label]), self.volume) for label in into)
                if asked > free:
                    orders |= {label: self.large_enough(label, times(orders[label], free / asked)) for label in into}
        return orders

    def large_enough(self, label: str, units: Amounts) -> Amounts:
        """Whole packs of products of which there are as many as the lane takes, if the order is as large as it takes."""
        lane = self.lanes[label]
        packed = map(whole, units, self.packs(label))
        taken = [x if x >= smallest else 0.0 for x, smallest in zip(packed, self.numbers(lane.minimum), strict=True)]
        for least_, counts in ((lane.minimum_order, 1.0), (lane.minimum_value, lane.unit_cost)):
            taken = taken if dot(taken, self.numbers(counts)) >= least_ else self.zeros()
        return taken

    def protection(self, label: str) -> int:
        return self.told(label) + self.lanes[label].order_delay + 1

    def expected(self, label: str, placed: dict[str, Amounts]) -> Amounts:
        """What a lane's destination will have when an order by the lane arrives: on hand − owed + what arrives by then."""
        lane, horizon = self.lanes[label], self.protection(label) - 1
        site = lane.destination
        into, joined = self.into(site), self.joined
        coming = [joined(other, self.open[other]) for other in into if self.told(other) <= horizon]
        coming += [parcel.units for parcel in self.shipped if self.leads_to(parcel, site) and parcel.latest <= horizon]
        coming += [self.door[other] for other in into]
        coming += [joined(parcel.lane, parcel.units) for parcel in self.missing if self.leads_to(parcel, site)]
        coming += [
            joined(parcel.lane, parcel.units)
            for parcel in self.sent
            if self.leads_to(parcel, site) and parcel.left + self.told(parcel.lane) <= horizon
        ]
        coming += [joined(of, placed[of]) for of in into if of in placed and self.protection(of) - 1 <= horizon]
        owed = [self.backlog[customer].units for customer in self.backlog if customer.split("/")[0] == site]
        owed += [self.open[other] for other in self.out_of(site)]
        owed += [self.parts(other, self.open[other]) for other in self.made_at(site)]
        new = [parcel for parcel in self.sent if parcel.left == 0]
        owed += [parcel.units for parcel in new if parcel.lane in self.out_of(site)]
        owed += [self.parts(parcel.lane, parcel.units) for parcel in new if parcel.lane in self.made_at(site)]
        if not lane.lateral:
            at_once = {label: units for label, units in placed.items() if not self.lanes[label].order_delay}
            owed += [at_once[other] for other in self.out_of(site) if other in at_once]
            owed += [self.parts(other, at_once[other]) for other in self.made_at(site) if other in at_once]
        return less(total(self.on_hand[site].units, coming), total(self.zeros(), owed))

    def leads_to(self, parcel: Parcel, site: str) -> bool:
        return self.lanes[parcel.lane].destination == site

    def allowed(self, lane: Lane, request: Amounts) -> Amounts:
        order = []
        for want, smallest in zip(self.carried(lane, request), self.numbers(lane.minimum), strict=True):
            units = want if want > 1e-6 else 0.0
            if units > 0:
                units = max(units, smallest)
            order.append(units)
        for wanted, counts in ((lane.minimum_order, 1.0), (lane.minimum_value, lane.unit_cost)):
            size = dot(order, self.numbers(counts))
            order = times(order, wanted / size) if 0 < size < wanted else order
        steps = self.numbers(lane.multiple)
        return [math.ceil(x / step - 1e-6) * step if step > 0 else x for x, step in zip(order, steps, strict=True)]

    def send(self, orders: dict[str, Amounts]) -> dict[str, Amounts]:
        """The orders that the sources get to know now."""
        self.sent += [Parcel(label, units, self.lanes[label].order_delay, 0) for label, units in orders.items()]
        return self.due(self.sent)

    def lose(self, lost: dict[str, Amounts]) -> None:
        """What its buyer counts on, though no source will ever hear of it, until it would have come."""
        for parcel in self.missing:
            parcel.left -= 1
        self.missing += [Parcel(label, units, self.protection(label) - 1, 0) for label, units in lost.items()]
        self.missing = [parcel for parcel in self.missing if parcel.left > 0 and not self.lanes[parcel.lane].lost_known]

    def due(self, parcels: list[Parcel], world: World | None = None, new: int = 0) -> dict[str, Amounts]:
        """Take what has arrived off a list and bring the rest one period nearer, the last `new` of them in any case.

        Nothing else moves on a lane that is stopped, and nothing is let in where nothing is received.
        """
        arrived = {label: self.zeros() for label in self.lanes}
        for number, parcel in enumerate(list(parcels)):
            moves = world is None or number >= len(parcels) - new or bool(world.of("moving", parcel.lane))
            lets_in = world is None or bool(world.of("receiving", parcel.lane))
            if moves and parcel.left > 0:
                parcel.left, parcel.latest = parcel.left - 1, parcel.latest - 1
            elif moves and lets_in:
                arrived[parcel.lane] = total(arrived[parcel.lane], [parcel.units])
                parcel.left = -1
        parcels[:] = [parcel for parcel in parcels if parcel.left >= 0]
        return arrived

    # Shipments

    def shipments(self, wanted: dict[str, Amounts], world: World) -> dict[str, Amounts]:
        """Within each lane's capacity and reserve, then divided by each source's rule, then within what may leave it."""
        shipped = {label: self.in_capacity(label, units, world) for label, units in wanted.items()}
        workshops: dict[str, Workshop] = {}
        for site in self.on_hand:
            lanes = self.out_of(site)
            if lanes or self.made_at(site):
                for label in lanes:
                    reserve = self.carried(self.lanes[label], self.numbers(self.lanes[label].reserve))
                    shipped[label] = least(shipped[label], self.above(site, reserve)) if any(reserve) else shipped[label]
                    shipped[label] = [*map(whole, shipped[label], self.packs(label))]
                drawing = {label: shipped[label] for label in self.lanes if label in (*lanes, *self.made_at(site))}
                if self.made_at(site):
                    workshops[site] = Workshop(self, site, drawing, world)
                shipped |= workshops[site].given if site in workshops else self.divided(site, drawing)
        for name, limit in self.limits().items():
            lanes = self.out_of(name)
            left, leaving = limit * world.of("limits", name), sum(dot(shipped[label], self.volume) for label in lanes)
            if leaving > left:
                every = [(label, k) for label in lanes for k in range(len(shipped[label]))]
                tables = (shipped, self.pack_table())
                asked, sizes = ([units[label][k] * self.volume[k] for label, k in every] for units in tables)
                shares = hand_out([units * left / leaving for units in asked], asked, left, sizes)
                for label in lanes:
                    part = [share for (of, _), share in zip(every, shares, strict=True) if of == label]
                    shipped[label] = uncounted(part, self.volume)
        for workshop in workshops.values():
            workshop.given |= {label: shipped[label] for label in workshop.lanes}
            workshop.in_turn([])
            shipped |= workshop.given
        return shipped

    def packs(self, label: str) -> Amounts:
        """How many units of each product leave together, 0 for any number."""
        return self.carried(self.lanes[label], self.numbers(self.lanes[label].multiple))

    def pack_table(self) -> dict[str, Amounts]:
        return {label: self.packs(label) for label in self.lanes}

    def in_capacity(self, label: str, units: Amounts, world: World) -> Amounts:
        """What a lane takes of a period's orders, by volume and then by weight."""
        lane, packs = self.lanes[label], self.packs(label)
        taken = [*map(whole, units, packs)]
        limits = [(self.capacity(label, lane.capacity, world), self.volume)]
        limits += [(self.capacity(label, lane.capacity_weight, world), self.heavy)]
        if lane.vehicles is not None:
            limits += [((lane.vehicles.number - len(self.away[label])) * lane.vehicles.capacity, self.volume)]
        for limit, counts in limits:
            asked, sizes = counted(taken, counts), counted(packs, counts)
            taken = uncounted(hand_out(scaled(asked, limit), asked, limit, sizes), counts)
        return taken

    def drive(self, shipments: dict[str, Amounts]) -> None:
        """Vehicles leave with what is shipped, and others come back; each is noted with the periods until it does."""
        for label, lane in self.lanes.items():
            if lane.vehicles is not None:
                used = math.ceil(dot(shipments[label], self.volume) / lane.vehicles.capacity - 1e-6)
                leaving = [lane.vehicles.round_trip] * used
                self.away[label] = [left - 1 for left in (*self.away[label], *leaving) if left > 1]

    def expire(self) -> None:
        """Open orders that their source has known of for too long."""
        for label, lane in self.lanes.items():
            if lane.expires is not None:
                old = self.waiting[label].as_old_as(lane.expires - 1)
                self.open[label] = less(self.open[label], old)
                self.waiting[label].take(old)

    def reroute(self, unfilled: dict[str, Amounts]) -> None:
        """What a source could not fill waits at the next one, product by product: the next dearer, or the cheapest of all."""
        for label in [label for label, lane in self.lanes.items() if lane.reroute]:
            for k, product in enumerate(self.scenario.products):
                if self.lanes[label].products is not None and product not in (self.lanes[label].products or ()):
                    continue
                moved = [amount if at == k else 0.0 for at, amount in enumerate(unfilled[label])]
                if self.lanes[label].unfilled == "kept":
                    self.open[label] = less(self.open[label], moved)
                    self.waiting[label].take(moved)
                to = self.next_source(label, k, product)
                self.open[to] = total(self.open[to], [moved])
                self.waiting[to].add(moved)

    def next_source(self, label: str, k: int, product: str) -> str:
        ways = [
            other.label
            for other in self.scenario.lanes
            if other.destination == self.lanes[label].destination
            and not other.lateral
            and (other.products is None or product in other.products)
        ]
        cost = {other: self.numbers(self.lanes[other].unit_cost)[k] for other in ways}
        dearer = [other for other in ways if (cost[other], ways.index(other)) > (cost[label], ways.index(label))]
        return min(dearer or ways, key=lambda other: (cost[other], ways.index(other)))

    def capacity(self, label: str, most: float | None, world: World) -> float:
        """As much as events leave of the most that a lane takes."""
        share = world.of("available", label)
        return share * most if most is not None else math.inf if share else 0.0

    def above(self, site: str, reserve: Amounts) -> Amounts:
        """What a site has beyond a reserve."""
        return [max(have - kept, 0.0) for have, kept in zip(self.on_hand[site].units, reserve, strict=True)]

    def limits(self) -> dict[str, float]:
        """What may leave a site, overtime included, or a supplier."""
        limits = {name: supplier.capacity for name, supplier in self.scenario.suppliers.items()}
        for name, site in self.scenario.sites.items():
            extra = site.overtime.extra if site.overtime is not None else 0.0
            limits[name] = None if site.throughput is None else site.throughput + extra
        return {name: limit for name, limit in limits.items() if limit is not None}

    def divided(self, site: str, wanted: dict[str, Amounts]) -> dict[str, Amounts]:
        """What each lane gets of a site's stock, product by product."""
        given, rule = {label: self.zeros() for label in wanted}, self.scenario.sites[site].rationing
        for k, stock in enumerate(self.on_hand[site].units):
            claims = {label: self.claim(label, units[k], k) for label, units in wanted.items()}
            for label, units in share_out(rule, claims, stock).items():
                given[label][k] = units
        return given

    def claim(self, label: str, asked: float, k: int) -> Claim:
        """On its source's stock of a product."""
        lane, lines = self.lanes[label], self.waiting[label].lines[k]
        stock, weight = self.covered(lane.destination, k), self.weight[lane.destination][k]
        return Claim(asked, lines, stock, weight, self.packs(label)[k], lane.priority)

    def covered(self, site: str, k: int) -> float:
        """What a site has, or is being sent, for those it supplies."""
        coming = sum(self.in_transit(other)[k] for other in self.into(site))
        owed = sum(debt.units[k] for customer, debt in self.backlog.items() if customer.split("/")[0] == site)
        owed += sum(self.parts(other, self.open[other])[k] for other in self.made_at(site))
        return self.on_hand[site].units[k] + coming - owed - sum(self.open[other][k] for other in self.out_of(site))

    def receive(self, shipments: dict[str, Amounts], world: World) -> dict[str, Amounts]:
        for label, units in shipments.items():
            longest = self.slowest(label)
            left = world.lead_times.get(label, longest) + int(world.of("delay", label))
            entering = self.joined(label, times(units, world.of("surviving", label)))
            self.shipped.append(Parcel(label, entering, left, self.told(label)))
        receipts = self.through_the_door(self.due(self.shipped, world, new=len(shipments)), world)
        for label, units in receipts.items():
            self.on_hand[self.lanes[label].destination].add(units)
        return receipts

    def through_the_door(self, arrived: dict[str, Amounts], world: World) -> dict[str, Amounts]:
        """What there is room for, of what has just arrived and of what was waiting; each gets the same share in."""
        receipts: dict[str, Amounts] = {}
        for name, site in self.scenario.sites.items():
            there = {label: total(arrived[label], [self.door[label]]) for label in self.into(name)}
            shut = [label for label in there if 0 in (world.of("moving", label), world.of("receiving", label))]
            wanting = {label: self.zeros() if label in shut else units for label, units in there.items()}
            size = sum(dot(units, self.volume) for units in wanting.values())
            room = math.inf
            if site.storage_hard and site.storage is not None:
                room = max(site.storage - dot(self.on_hand[name].units, self.volume), 0.0)
            for label, units in wanting.items():
                receipts[label] = units if size <= room else times(units, room / size)
                left = less(there[label], receipts[label])
                away = site.storage_full == "charged"
                self.door[label] = self.zeros() if away else left
                self.turned_away[label] = left if away else self.zeros()
        return receipts

    # Customers

    def bring_back(self, world: World) -> None:
        for number, way in enumerate(self.scenario.returns):
            if way.delay <= len(self.sold):
                sold = self.sold[-way.delay]
                back = total(self.zeros(), (units for name, units in sold.items() if name.split("/")[0] in way.leaves))
                if way.becomes is not None:
                    back = [sum(back) * (product == way.becomes) for product in self.scenario.products]
                self.on_hand[way.gains].add(times(back, world.of("returning", str(number))))

    def serve(self, period: Period) -> None:
        for customer in sorted(self.backlog, key=lambda customer: (min(e.priority for e in self.entries(customer)), customer)):
            self.backlog[customer].add(period.demand[customer])
            site, reserve = customer.split("/")[0], self.by_entry(customer, lambda entry: entry.reserve)
            period.served[customer] = self.hand_over(customer, site, reserve)
        for customer in self.backlog:
            spill = self.entries(customer)[0].spill_to
            period.spilled[customer] = self.zeros() if spill is None else self.hand_over(customer, spill.site, self.zeros())
            period.served[customer] = total(period.served[customer], [period.spilled[customer]])

    def hand_over(self, customer: str, site: str, reserve: Amounts) -> Amounts:
        """What a site has for a customer beyond a reserve."""
        got = least(self.backlog[customer].units, self.above(site, reserve))
        self.backlog[customer].take(got)
        self.issue(site, got)
        return got

    def issue(self, site: str, units: Amounts) -> None:
        """Take units off a shelf, the oldest or the youngest of them."""
        youngest_first = self.scenario.sites[site].issue == "lifo"
        (self.on_hand[site].take_youngest if youngest_first else self.on_hand[site].take)(units)

    def remember(self, period: Period) -> None:
        """What is left undone, or on the shelf for too long, and what follows from it."""
        for customer, queue in self.backlog.items():
            (entry, *_), unmet = self.entries(customer), queue.units
            period.unmet[customer], period.late[customer] = unmet, queue.as_old_as(entry.promise)
            lost = self.by_entry(customer, lambda entry: float(entry.unmet == "lost"))
            queue.take([u * gone for u, gone in zip(unmet, lost, strict=True)])
            if entry.goodwill is not None:
                keys, asked = entry.goodwill, period.demand[customer]
                for k, good in enumerate(self.goodwill[customer]):
                    share = min(unmet[k], asked[k]) / asked[k] if asked[k] else 0.0
                    changed = good + keys.recovery * (1 - good) - keys.loss * share
                    self.goodwill[customer][k] = max(min(changed, 1.0), keys.least)
        self.sold.append(period.served)
        for name, site in self.scenario.sites.items():
            shelf = self.on_hand[name]
            period.scrapped[name] = self.zeros() if site.shelf_life is None else shelf.as_old_as(site.shelf_life - 1)
            shelf.take(period.scrapped[name])

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
