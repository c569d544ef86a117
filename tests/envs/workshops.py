"""Random recipes and machines for the random networks of tests.envs.networks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from .keys_writer import Keys, KeysWriter

WORKSHOPS = ("recipes", "machines", "co-products", "made alone", "downtime")


class Workshops(KeysWriter, ABC):
    """Writes lanes that make goods. A product is made of those after it, so that there is no circle."""

    @abstractmethod
    def lane(self, source: str, destination: str) -> Keys:
        """A lane between two places."""

    def recipes(self, sites: Keys) -> list[Keys]:
        """The lanes that make goods at some sites; their machines are put into `sites`."""
        if "recipes" not in self.mechanisms:
            return []
        found: list[Keys] = []
        for site in self.rng.sample(self.sites, self.rng.randint(1, min(3, len(self.sites)))):
            machines = self.machines() if self.has("machines", 0.8) else {}
            made = [self.recipe(site, number, machines) for number in self.makes()]
            taken = {recipe.get("machine") for recipe in made}
            sites[site] |= {"machines": {name: machine for name, machine in machines.items() if name in taken}}
            found += made
        return found

    def makes(self) -> Sequence[int]:
        """Which products are made at a site, some by two recipes."""
        return self.rng.choices(range(len(self.products)), k=self.rng.randint(1, 4))

    def machines(self) -> Keys:
        found: Keys = {}
        for name in ("press", "oven")[: self.rng.randint(1, 2)]:
            found[name] = {"hours": self.number(1, 8)}
            if self.rng.random() < 0.5:
                found[name]["overtime"] = {"hours": self.number(1, 3), "cost": self.number(0, 5)}
        return found

    def recipe(self, site: str, number: int, machines: Keys) -> Keys:
        lane = self.lane(site, site)
        for key in ("transfer_price", "reserve", "products"):
            lane.pop(key, None)
        parts = self.rng.sample(self.products[number + 1 :], self.rng.randint(0, len(self.products) - number - 1))
        others = [name for name in self.products if name not in (self.products[number], *parts)]
        lane |= {"make": self.products[number], "at": site, "uses": {part: self.number(1, 3) for part in parts}}
        if others and self.has("co-products"):
            lane["co_products"] = {self.rng.choice(others): self.rng.uniform(0.1, 1)}
        if machines and self.rng.random() < 0.8:
            name = self.rng.choice([*machines])
            lane |= {"machine": name, "hours": self.rng.uniform(0.05, 1)}
            if self.rng.random() < 0.5:
                lane["setup_hours"] = self.rng.uniform(0.1, 0.6) * machines[name]["hours"]
        return lane

    def made_alone(self, lanes: list[Keys]) -> None:
        """Take what is made somewhere off the lanes that bring it there, where they bring other products as well."""
        for recipe in [lane for lane in lanes if "make" in lane]:
            into = [lane for lane in lanes if lane["to"] == recipe["at"] and "make" not in lane]
            rest = [[name for name in lane.get("products", self.products) if name != recipe["make"]] for lane in into]
            if recipe["uses"] and all(rest) and self.has("made alone", 0.5):
                for lane, products in zip(into, rest, strict=True):
                    lane["products"] = products

    def apart(self, lanes: list[Keys]) -> None:
        """Least orders stay where what is made at a site does not come with other products."""
        made = {(lane["at"], name) for lane in lanes if "make" in lane for name in (lane["make"], *lane["uses"])}
        for lane in lanes:
            carried = lane.get("products", self.products)
            if "make" not in lane and len(carried) > 1 and any((lane["to"], name) in made for name in carried):
                lane.pop("minimum_order", None)
                lane.pop("minimum_value", None)


def let_packs_be_made(keys: Keys) -> None:
    """Give machines hours for the largest pack and its set-up, since others are refused."""
    for lane in keys["lanes"]:
        if "machine" in lane:
            machine = keys["sites"][lane["at"]]["machines"][lane["machine"]]
            pack = sizes[lane["make"]] if isinstance(sizes := lane.get("multiple", 0), dict) else sizes
            needed = pack * lane["hours"] + lane.get("setup_hours", 0.0)
            machine["hours"] = max(machine["hours"], needed * 1.001)
