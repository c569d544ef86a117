"""A site that makes goods, in plain Python: who has what of its stock, and of the hours of its machines, in one period."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from orderup.envs.scenario.scenario import Lane

from .plain_queue import Amounts, World, less, total
from .plain_shares import Claim, Shares, share_out, whole

if TYPE_CHECKING:
    from .plain_network import PlainNetwork


class Workshop:
    """A site's stock, machines and all who draw on them. What is begun of a recipe is counted in units of its product."""

    def __init__(self, model: PlainNetwork, site: str, asked: dict[str, Amounts], world: World) -> None:
        self.model, self.site, self.asked = model, site, asked
        self.recipes = [label for label in asked if model.lanes[label].makes]
        self.lanes = [label for label in asked if label not in self.recipes]
        self.given = {label: model.zeros() for label in asked}
        machines = model.scenario.sites[site].machines
        self.hours = {name: keys.most * world.of("limits", f"{site}/{name}") for name, keys in machines.items()}
        for again in (False, True):
            self.share(again)
        self.in_turn(self.lanes)

    # What there is

    def product(self, label: str) -> int:
        return self.model.scenario.products.index(str(self.model.lanes[label].make))

    def uses(self, label: str) -> dict[int, float]:
        """How much of each part a unit takes."""
        lane = self.model.lanes[label]
        return {self.model.scenario.products.index(part): units for part, units in lane.uses.items()} if lane.makes else {}

    def made(self, label: str) -> float:
        return self.given[label][self.product(label)]

    def left(self, k: int) -> float:
        used = sum(self.uses(label).get(k, 0.0) * self.made(label) for label in self.recipes)
        return max(self.model.on_hand[self.site].units[k] - used - sum(self.given[label][k] for label in self.lanes), 0.0)

    def free(self, machine: str) -> float:
        on = [label for label in self.recipes if self.model.lanes[label].machine == machine]
        return max(self.hours[machine] - sum(self.takes(label, self.made(label)) for label in on), 0.0)

    def some(self, label: str, units: float) -> bool:
        """Whether this is more of a recipe than rounding leaves: a millionth of mean demand, where anything is set up."""
        sites = self.model.scenario.sites.values()
        mean = self.model.weight[self.site][self.product(label)]
        return units > (1e-6 * (mean or 1.0) if any(site.machines for site in sites) else 1e-9)

    def takes(self, label: str, units: float) -> float:
        """Hours to begin so many units in a period."""
        lane = self.model.lanes[label]
        return lane.hours * units + lane.setup_hours * self.some(label, units)

    def missing(self, label: str) -> Amounts:
        return [x if x > 1e-9 else 0.0 for x in less(self.asked[label], self.given[label])]

    # Shares by the site's rule

    def share(self, again: bool) -> None:
        """A part of everything for everybody, and as much of each recipe as the scarcest part allows."""
        wanted = {label: self.missing(label)[self.product(label)] for label in self.recipes}
        if again:
            wanted = {label: self.alone(label, units) for label, units in wanted.items()}
        for machine in self.hours:
            wanted |= self.in_hours(machine, wanted)
        shares: dict[str, Amounts] = {label: self.model.zeros() for label in self.asked}
        for k in range(len(self.model.scenario.products)):
            for label, units in self.of_stock(k, wanted).items():
                shares[label][k] = units
        for label in self.lanes:
            self.given[label] = total(self.given[label], [[*map(whole, shares[label], self.model.packs(label))]])
        for label, units in wanted.items():
            parts = [shares[label][k] / each for k, each in self.uses(label).items()]
            self.begin(label, min([units, *parts]))

    def begin(self, label: str, units: float) -> None:
        k = self.product(label)
        units = whole(units, self.model.packs(label)[k])
        if self.some(label, units):
            self.given[label][k] = min(self.given[label][k] + units, self.asked[label][k])

    def of_stock(self, k: int, wanted: dict[str, float]) -> Shares:
        """Shares of a product on the shelf: for lanes that take it away, and for recipes as a part."""
        claims = {}
        drawing = [*self.lanes, *(label for label in self.recipes if self.uses(label))]
        for label in sorted(drawing, key=[*self.model.lanes].index):
            if label in self.lanes:
                of, each, asked, pack = k, 1.0, self.missing(label)[k], self.model.packs(label)[k]
            else:
                of, each = self.product(label), self.uses(label).get(k, 0.0)
                asked, pack = each * wanted[label], each * self.model.packs(label)[of]
            claims[label] = self.claim(label, of, each, asked, pack)
        rule = self.model.scenario.sites[self.site].rationing if len(claims) > 1 else "proportional"
        return share_out(rule, claims, self.left(k)) if claims else {}

    def claim(self, label: str, k: int, each: float, asked: float, pack: float = 0.0) -> Claim:
        """On something of which a unit of product k takes so much."""
        lane, given = self.model.lanes[label], self.given[label][k]
        lines, past = [], given
        for age, units in self.model.waiting[label].lines[k]:  # the oldest first, which is what has been given
            gone = min(units, past)
            lines.append((age, each * (units - gone)))
            past -= gone
        stock = self.model.covered(lane.destination, k) + given
        weight = self.model.weight[lane.destination][k]
        return Claim(asked, lines, each * stock, each * weight, pack, lane.priority)

    def in_hours(self, machine: str, wanted: dict[str, float]) -> dict[str, float]:
        """As much of each recipe as its share of a machine's hours is enough for."""
        on = [label for label in self.recipes if self.model.lanes[label].machine == machine]
        setup = {label: self.setup(label) if self.some(label, wanted[label]) else 0.0 for label in on}
        claims = {}
        for label in sorted(on, key=[*self.model.lanes].index):
            pace, units = self.model.lanes[label].hours, wanted[label]
            asked = pace * units + setup[label]
            each = self.claim(label, self.product(label), pace, asked)
            rate = asked / units if units > 0 else pace
            each.lines = [(age, amount * rate / pace if pace else 0.0) for age, amount in each.lines]
            if not pace:
                each.lines = [(a, rate * x) for a, x in self.claim(label, self.product(label), 1.0, 0.0).lines]
            claims[label] = each
        free, rule = self.free(machine), self.model.scenario.sites[self.site].rationing
        hours = share_out(rule if len(on) > 1 else "proportional", claims, free)
        if len(on) > 1 and any(self.model.lanes[label].setup_hours for label in on):
            hours = self.one_by_one(claims, hours, setup, free)
        found = {}
        for label in on:
            enough = hours[label] >= claims[label].asked
            units = max(hours[label] - setup[label], 0.0) / (self.model.lanes[label].hours or 1.0)
            found[label] = wanted[label] if enough else min(units, wanted[label])
        return found

    def setup(self, label: str) -> float:
        """Hours before the next unit: none where some have been made."""
        return 0.0 if self.some(label, self.made(label)) else self.model.lanes[label].setup_hours

    def one_by_one(self, claims: dict[str, Claim], hours: Shares, setup: Shares, free: float) -> Shares:
        """First whose claim the rule would fill most, of equals the largest; nothing for whom there is no time to set up."""
        if sum(claim.asked for claim in claims.values()) <= free:
            return hours
        filled = {label: hours[label] / claim.asked if claim.asked > 0 else 0.0 for label, claim in claims.items()}
        queue = sorted(claims, key=lambda label: claims[label].priority)
        queue.sort(key=lambda label: (-round(filled[label] * 1e6), -claims[label].asked))
        found = {}
        for label in queue:
            found[label] = min(claims[label].asked, free) if free >= setup[label] else 0.0
            free = max(free - found[label], 0.0)
        return found

    # What is left

    def alone(self, label: str, units: float) -> float:
        """As many units of a recipe as could be begun with all that is left."""
        lane: Lane = self.model.lanes[label]
        most = [units, *(self.left(k) / each for k, each in self.uses(label).items())]
        if lane.machine is not None:
            room = max(self.free(lane.machine) - self.setup(label), 0.0)
            most.append(room / lane.hours if lane.hours else (math.inf if room > 0 else 0.0))
        return min(most)

    def in_turn(self, lanes: list[str]) -> None:
        """What is left, for one after the other who can still use it."""
        order = [*self.model.lanes]
        queue = sorted([*lanes, *self.recipes], key=lambda label: (self.model.lanes[label].priority, order.index(label)))
        if len(self.asked) == 1:
            return
        for label in queue:
            more = self.missing(label)
            if label in self.recipes:
                self.begin(label, self.alone(label, more[self.product(label)]))
            else:
                got = [min(x, self.left(k)) for k, x in enumerate(more)]
                self.given[label] = total(self.given[label], [[*map(whole, got, self.model.packs(label))]])
