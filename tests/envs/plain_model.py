"""One episode in plain Python, lane by lane and unit by unit, written from the rules and not from the core's code.

It is slow and has no arrays, so that each rule stands alone and can be read; the core must agree with it on random networks.
"""

from __future__ import annotations

import math

from .plain_money import count
from .plain_network import Parcel, Period
from .plain_orders import PlainOrders, Request
from .plain_queue import Amounts, World, dot, least, less, times, total
from .plain_shipments import PlainShipments

__all__ = ["Period", "PlainModel", "Request"]


class PlainModel(PlainOrders, PlainShipments):
    """The network, period by period."""

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
