"""How the plain model ships: within capacities, by each source's rule, and what becomes of what could not be filled."""

from __future__ import annotations

import math

from .plain_network import PlainNetwork
from .plain_queue import Amounts, World, counted, dot, least, less, scaled, total, uncounted
from .plain_shares import Claim, hand_out, share_out, whole
from .plain_workshop import Workshop


class PlainShipments(PlainNetwork):
    """A network whose sources divide what they have."""

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
