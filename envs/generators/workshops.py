"""What plants of a network drawn at random make: of which parts, in how many steps, on which machines."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from pydantic import Field, model_validator

from ..foundation.errors import InputError
from ..foundation.validation import Keys

HOURS = 8.0
"""Of every machine in a period."""
MOST_PARTS = 3
"""Kinds of parts that anything is put together from."""
Times: TypeAlias = tuple[int, int]
"""Shortest and longest lead time [periods]."""
SPREAD = (0.5, 1.5)
"""Of what differs from product to product, the least and the greatest share of what is usual."""


@dataclass(frozen=True, eq=False)
class Recipe:
    """How a unit of something is made, the same at every plant."""

    product: str
    uses: dict[str, float]
    co_products: dict[str, float]
    lead_time: int


@dataclass(frozen=True, eq=False)
class Assortment:
    """What is made and bought: names by stages, what is sold first and what is bought last, and recipes of all but these."""

    stages: list[list[str]]
    recipes: list[Recipe]

    @property
    def sold(self) -> list[str]:
        """What customers buy."""
        return self.stages[0]

    @property
    def names(self) -> list[str]:
        """Everything."""
        return [name for stage in self.stages for name in stage]

    def needed(self, sold: dict[str, float]) -> dict[str, float]:
        """Units of everything in so many of what is sold, in these themselves too."""
        found = {name: sold.get(name, 0.0) for name in self.names}
        for recipe in self.recipes:
            for part, units in recipe.uses.items():
                found[part] += units * found[recipe.product]
        return found


class Workshops(Keys):
    """What plants make. Every plant makes everything by the same recipes, on machines of its own that recipes share.

    In an `assembly` network products are put together, over `stages`, from up to three parts (more where some would be left
    over), of which some go into several products. In a `process` network each takes one material of the stage before, of which
    something is lost, and another product of its own stage may come beside it.
    """

    kind: Literal["assembly", "process"] = Field("assembly", description="Several parts into one, or one material into several")
    products: int = Field(2, ge=1, le=100, description="That customers buy, each store's mean divided among them")
    parts: int = Field(3, ge=1, le=100, description="Kinds in each stage before; of materials as many as are of use")
    stages: int = Field(1, ge=1, le=5, description="Steps from what is bought to what is sold")
    co_products: float = Field(
        0.5, ge=0, le=1, description="Chance that another comes beside what is made in a process network"
    )
    machines: int = Field(1, ge=0, le=20, description="At each plant, which recipes share; as many as recipes at most")
    load: float = Field(
        0.75, gt=0, lt=1, description="Share of their hours that machines run for mean demand, set-ups left out"
    )
    set_ups: float = Field(
        0.0, ge=0, lt=1, description="Share of a machine's hours that set-ups take in a period in which it makes everything"
    )

    @model_validator(mode="after")
    def _possible(self) -> Workshops:
        if not self.machines and self.set_ups:
            raise InputError("set_ups", self.set_ups, "0 where there are no machines")
        return self

    def put_into(self, network: dict[str, Any], plants: Sequence[str], lead_times: Times, seed: int) -> dict[str, Any]:
        """The keys of a network whose `plants` buy one product, where they make several; drawn apart from all else."""
        rng = np.random.default_rng([seed, len("making")])
        goods = self._assortment(rng, lead_times)
        customers = [self._buying(rng, entry, goods.sold) for entry in network["customers"]]
        wanted = _through(network["lanes"], customers, goods.sold)
        between = [{**lane, "products": goods.sold} for lane in network["lanes"] if lane["from"] != "supplier"]
        bought = self._bought(rng, goods.stages[-1], plants, lead_times)
        made = [lane for plant in plants for lane in self._made(goods, plant, wanted[plant])]
        return {
            "products": goods.names,
            "sites": {name: self._site(rng, site, goods, name in plants) for name, site in network["sites"].items()},
            "lanes": [*between, *made, *bought],
            "customers": customers,
        }

    def _assortment(self, rng: np.random.Generator, lead_times: Times) -> Assortment:
        first, last = ("module", "part") if self.kind == "assembly" else ("blend", "material")
        stages = [[f"product_{number + 1}" for number in range(self.products)]]
        for step in range(1, self.stages + 1):
            kinds = self.parts if self.kind == "assembly" else min(self.parts, len(stages[-1]))
            name = last if step == self.stages else f"{first}_{step}"
            stages.append([f"{name}_{number + 1}" for number in range(kinds)])
        recipes = []
        for above, below in itertools.pairwise(stages):
            for number, product in enumerate(above):
                uses, time = self._uses(rng, number, len(above), below), int(rng.integers(lead_times[0], lead_times[1] + 1))
                recipes.append(Recipe(product, uses, self._beside(rng, product, above), time))
        return Assortment(stages, recipes)

    def _uses(self, rng: np.random.Generator, number: int, above: int, below: list[str]) -> dict[str, float]:
        """What goes into one of so many: everything in the stage below into something."""
        own = below[number % len(below) :: above] if number < len(below) else [below[number % len(below)]]
        if self.kind == "process":
            return {own[0]: round(float(rng.uniform(1.0, 1.5)), 2)}
        others = [part for part in below if part not in own]
        more = int(rng.integers(0, max(MOST_PARTS - len(own), 0) + 1))
        chosen = [*own, *(others[place] for place in rng.permutation(len(others))[:more])]
        return {part: float(rng.integers(1, 3)) for part in sorted(chosen)}

    def _beside(self, rng: np.random.Generator, product: str, stage: list[str]) -> dict[str, float]:
        others = [name for name in stage if name != product]
        if self.kind == "assembly" or not others or rng.random() >= self.co_products:
            return {}
        return {others[int(rng.integers(len(others)))]: round(float(rng.uniform(0.1, 0.4)), 2)}

    def _buying(self, rng: np.random.Generator, entry: dict[str, Any], sold: list[str]) -> dict[str, Any]:
        """Customers of one product, as customers of several."""
        shares = rng.uniform(*SPREAD, len(sold))
        demand, shares = entry["demand"], shares / shares.sum()
        each = {key: (demand[key] * shares).round(4).tolist() for key in ("mean", "sd") if key in demand}
        scaled = {key: dict(zip(sold, values, strict=True)) for key, values in each.items()}
        return {**entry, "products": sold, "demand": {**demand, **scaled}}

    def _bought(
        self, rng: np.random.Generator, parts: list[str], plants: Sequence[str], lead_times: Times
    ) -> list[dict[str, Any]]:
        """Lanes that bring each part to each plant from its supplier."""
        costs, times = rng.uniform(0.1, 0.5, len(parts)).round(2), rng.integers(lead_times[0], lead_times[1] + 1, len(parts))
        return [
            {
                "from": f"supplier_{number + 1}",
                "to": plant,
                "products": [part],
                "lead_time": int(times[number]),
                "unit_cost": float(costs[number]),
            }
            for plant in plants
            for number, part in enumerate(parts)
        ]

    def _made(self, goods: Assortment, plant: str, wanted: dict[str, float]) -> list[dict[str, Any]]:
        """A plant's recipes, whose machines have the hours for what is `wanted` of each product in a period."""
        needed, machines = goods.needed(wanted), min(self.machines, len(goods.recipes))
        found = []
        for number, recipe in enumerate(goods.recipes):
            lane: dict[str, Any] = {"make": recipe.product, "at": plant, "uses": recipe.uses, "lead_time": recipe.lead_time}
            if recipe.co_products:
                lane["co_products"] = recipe.co_products
            if machines:
                on_it = len(range(number % machines, len(goods.recipes), machines))
                lane |= {
                    "machine": f"machine_{number % machines + 1}",
                    "hours": HOURS * self.load / on_it / (needed[recipe.product] or 1.0),
                    "setup_hours": HOURS * self.set_ups / on_it,
                }
            found.append(lane)
        return found

    def _site(self, rng: np.random.Generator, site: dict[str, Any], goods: Assortment, makes: bool) -> dict[str, Any]:
        """A site that holds what is sold, and parts where they are used, which cost less to hold than what they are in."""
        holding = dict.fromkeys(goods.sold, site["holding"])
        for recipe in goods.recipes:
            shares = rng.uniform(*SPREAD, len(recipe.uses))
            value = 0.8 * holding[recipe.product] if makes else 0.0
            for (part, units), share in zip(recipe.uses.items(), shares / shares.sum(), strict=True):
                own = round(float(value * share / units), 4)
                holding[part] = min(holding.get(part, own), own)
        machines = min(self.machines, len(goods.recipes)) if makes else 0
        there = {f"machine_{number + 1}": {"hours": HOURS} for number in range(machines)}
        return {**site, "holding": holding, **({"machines": there} if there else {})}


def _through(
    lanes: Sequence[dict[str, Any]], customers: Sequence[dict[str, Any]], sold: list[str]
) -> dict[str, dict[str, float]]:
    """Mean demand that each site has to cover by the first lane into each below it [units/period]."""
    source: dict[str, str] = {}
    for lane in lanes:
        source.setdefault(lane["to"], lane["from"])
    found = {name: dict.fromkeys(sold, 0.0) for name in source}
    for entry in customers:
        place = entry["site"]
        while place in found:
            for product in sold:
                found[place][product] += entry["demand"]["mean"][product]
            place = source[place]
    return found
