"""How the plain model orders: what a lane is asked for, what of it is allowed, and when its source hears of it."""

from __future__ import annotations

import math

from orderup.envs.scenario.scenario import Lane

from .plain_network import Parcel, PlainNetwork
from .plain_queue import Amounts, World, dot, less, times, total
from .plain_shares import whole

Request = tuple[str, Amounts]
"""("level", …) or ("quantity", …) for one lane."""


class PlainOrders(PlainNetwork):
    """A network whose lanes are asked for something."""

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
