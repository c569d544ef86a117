"""Many networks drawn at random, side by side in one scenario: what a policy for every network is trained and judged on.

They have nothing in common but their products' names and the clock, so that one simulation is of all of them.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, model_validator

from ..foundation.errors import InputError
from ..foundation.validation import Seed
from .generator import Generator, generators

Kind = Literal["poisson", "negative_binomial", "normal", "geometric", "uniform_integer", "ar1", "wandering"]
KINDS: tuple[Kind, ...] = ("poisson", "negative_binomial", "normal", "geometric", "uniform_integer", "ar1", "wandering")
USUAL = 10.0
"""What stores of a network pay for a period's demand on their shelves, about [money]: so that none outweighs the others."""
Share = Annotated[float, Field(ge=0, le=1)]
Range = tuple[Annotated[float, Field(ge=0)], Annotated[float, Field(ge=0)]]


@generators.register("network_family")
class NetworkFamily(Generator):
    """Trees of one site or more, each drawn by itself: shape, lead times, costs, demand, and whether customers wait.

    A network of one site has a store alone. Each product is drawn by itself at every site, but travels by the same lanes.
    """

    networks: int = Field(32, ge=1, le=10_000, description="Side by side")
    products: int = Field(1, ge=1, le=1000, description="At every site, each with numbers of its own")
    sites: tuple[int, int] = Field((1, 12), description="Fewest and most of a network; small ones are more frequent")
    depth: int = Field(4, ge=1, le=10, description="Most echelons")
    seed: Seed = Field(0, description="Another seed, other networks")
    lead_times: tuple[int, int] = Field((0, 8), description="Shortest and longest of a lane [periods]; short ones are frequent")
    order_delay: int = Field(2, ge=0, le=100, description="Longest time until a site's source knows of its orders [periods]")
    means: Range = Field((0.7, 300.0), description="Least and greatest mean demand of a store [units/period]")
    variations: Range = Field((0.1, 1.2), description="Least and greatest standard deviation of demand, as a share of its mean")
    critical_ratios: Range = Field((0.5, 0.99), description="Of shortage cost to shortage and holding cost together")
    demands: list[Kind] = Field([*KINDS], min_length=1, description="Kinds to draw from")
    wanders: float = Field(1.0, ge=0, le=3, description="How far demand that wanders does, beside what is usual for it")
    lost: Share = Field(0.45, description="Chance that a network's customers do not wait")
    travelling: Share = Field(0.6, description="Chance that orders travel inside a network")
    random_times: Share = Field(0.1, description="Chance that a lane's lead time is drawn")
    second_sources: Share = Field(0.15, description="Chance of a second lane from outside, faster and dearer")
    lost_orders: Share = Field(0.05, description="Chance that orders from outside can get lost")
    unreliable: Share = Field(0.1, description="Chance that suppliers promise a time that they may miss, and lose orders")
    kept: Share = Field(0.0, description="Of these: chance that they keep what they promise, at once included")
    tight: Share = Field(0.1, description="Chance that a lane from outside has a capacity")
    failing: Share = Field(0.08, description="Chance that a lane from outside fails now and then")
    empty: bool = Field(False, description="Whether nothing is in stock or under way at the start")

    @model_validator(mode="after")
    def _possible(self) -> NetworkFamily:
        for name in ("sites", "lead_times", "means", "variations", "critical_ratios"):
            low, high = getattr(self, name)
            least = 1 if name == "sites" else 0
            if not least <= low <= high or (name != "lead_times" and low == 0):
                accepted = f"the least, {'at least' if name in ('sites', 'lead_times') else 'above'} {least}, then the greatest"
                raise InputError(name, [low, high], accepted)
        if self.critical_ratios[1] >= 1:
            raise InputError("critical_ratios", list(self.critical_ratios), "ratios below 1")
        return self

    def build(self) -> dict[str, Any]:
        found: dict[str, Any] = {"sites": {}, "lanes": [], "customers": [], "disruptions": []}
        if self.products > 1:
            found["products"] = [f"product_{number + 1}" for number in range(self.products)]
        counts: dict[str, int] = {}
        for number in range(self.networks):
            _Drawn(self, np.random.default_rng([self.seed, number]), counts).put_into(found)
        return found


class _Drawn:
    """One network."""

    def __init__(self, family: NetworkFamily, rng: np.random.Generator, counts: dict[str, int]) -> None:
        self.family, self.rng, self.counts = family, rng, counts
        low, high = family.sites
        size = round(math.exp(rng.uniform(math.log(low), math.log(high + 0.49))))
        self.size = 1 if family.depth == 1 else size
        self.lost = rng.random() < family.lost
        self.travels = family.order_delay > 0 and rng.random() < family.travelling
        self.names = [f"product_{number + 1}" for number in range(family.products)]

    def put_into(self, found: dict[str, Any]) -> None:
        """Add its sites, lanes and customers to those of the others."""
        rng, parents = self.rng, self._parents()
        height = [self._height(site, parents) for site in range(self.size)]
        demands = {site: self._demand() for site in range(self.size) if site not in parents}
        base = float(np.exp(rng.uniform(-1.0, 1.0))) * USUAL / sum(mean for _, mean in demands.values())
        ratio = float(rng.uniform(0.25, 1.0))
        names = [self._name(height[site], site in parents) for site in range(self.size)]
        for site, parent in enumerate(parents):
            is_store = site not in parents
            holding = float(f"{base * ratio ** height[site] * rng.uniform(0.85, 1.15):.3g}")
            found["sites"][names[site]] = {
                "role": names[site].rpartition("_")[0],
                "holding": holding,
                **({"initial": 0.0} if self.family.empty else {}),
                **({"rationing": "even_cover"} if not is_store and rng.random() < 0.3 else {}),
            }
            found["lanes"] += self._lanes(names[site], None if parent < 0 else names[parent], holding)
            if parent < 0:
                self._limit(found, sum(mean for _, mean in demands.values()))
            if is_store:
                found["customers"].append(self._customers(names[site], holding, demands[site][0]))

    def _parents(self) -> list[int]:
        """The site that each comes after, the first one's being −1: a tree no deeper than allowed."""
        depth_of, parents = [1], [-1]
        branching = float(self.rng.uniform(0.0, 1.0))
        for site in range(1, self.size):
            able = [other for other in range(site) if depth_of[other] < self.family.depth]
            deepest = able[-1]
            parent = deepest if self.rng.random() < branching**2 else int(self.rng.choice(able[: max(1, len(able) // 2)]))
            parents.append(parent)
            depth_of.append(depth_of[parent] + 1)
        return parents

    def _height(self, site: int, parents: list[int]) -> int:
        children = [child for child, parent in enumerate(parents) if parent == site]
        return 1 + max((self._height(child, parents) for child in children), default=-1)

    def _name(self, height: int, supplies: bool) -> str:
        role = "store" if not supplies else "warehouse" if height < 2 else "plant"
        self.counts[role] = self.counts.get(role, 0) + 1
        return f"{role}_{self.counts[role]}"

    def _time(self) -> int:
        """A lead time, of which short ones are more frequent."""
        low, high = self.family.lead_times
        return int(low + (high + 1 - low) * self.rng.random() ** 2)

    def _lanes(self, name: str, source: str | None, holding: float) -> list[dict[str, Any]]:
        rng, family, time = self.rng, self.family, self._time()
        lane: dict[str, Any] = {"from": source or "supplier", "to": name, "lead_time": time}
        if rng.random() < family.random_times and time > 0:
            lane["lead_time"] = {"type": "uniform_integer", "low": max(time - 2, 0), "high": time + 1}
        if source is not None:
            if self.travels:
                lane["order_delay"] = int(rng.integers(1, family.order_delay + 1))
            return [lane]
        if rng.random() < family.lost_orders:
            lane["lost_orders"] = round(float(rng.uniform(0.05, 0.3)), 3)
        promises = rng.random() < family.unreliable
        if promises and family.kept and rng.random() < family.kept:
            lane |= {"lead_time": time, "promised": time, "lost_orders": 0.0}
        elif promises and time > 0:
            truth = {"type": "uniform_integer", "low": max(time - 1, 0), "high": time + 1}
            lane |= {"lead_time": truth, "promised": time, "lost_orders": round(float(rng.uniform(0.0, 0.3)), 3)}
        found = [lane]
        if rng.random() < family.second_sources and time > 0:
            dearer = float(f"{holding * np.exp(rng.uniform(0.0, 2.5)):.3g}")
            fast = {"from": "supplier_2", "to": name, "lead_time": int(rng.integers(0, time)), "unit_cost": dearer}
            found = [{**lane, "unit_cost": 0.0}, fast]
        return found

    def _limit(self, found: dict[str, Any], mean: float) -> None:
        """Give the lane from outside that was added last a capacity, or let it fail, by chance."""
        rng, family, lane = self.rng, self.family, found["lanes"][-1]
        if rng.random() < family.tight:
            lane["capacity"] = float(f"{mean * rng.uniform(1.1, 2.0):.3g}")
        if rng.random() < family.failing:
            chances = {"begins": round(float(rng.uniform(0.01, 0.06)), 3), "ends": round(float(rng.uniform(0.1, 0.5)), 3)}
            label = lane.get("name", f"{lane['from']}->{lane['to']}")
            what = "orders" if rng.random() < 0.5 else "shipments"
            found["disruptions"].append({"at": [label], "pauses": what, "when": {"type": "markov", **chances}})

    def _customers(self, site: str, holding: float, demand: dict[str, Any]) -> dict[str, Any]:
        low, high = (math.log(ratio / (1 - ratio)) for ratio in self.family.critical_ratios)
        shortage = [float(f"{holding * math.exp(self.rng.uniform(low, high)):.3g}") for _ in self.names]
        found: dict[str, Any] = {"site": site, "demand": demand, "shortage": self._each(shortage)}
        return found | ({"unmet": "lost", "observes": "demand"} if self.lost else {})

    def _each(self, numbers: list[float]) -> Any:
        return numbers[0] if len(numbers) == 1 else dict(zip(self.names, numbers, strict=True))

    def _demand(self) -> tuple[dict[str, Any], float]:
        """A customers' demand, and about what it comes to a period."""
        rng, family = self.rng, self.family
        low, high = math.log(family.means[0]), math.log(family.means[1])
        means = np.exp(rng.uniform(low, high, len(self.names))).round(2)
        kind = family.demands[int(rng.integers(len(family.demands)))]
        lowest, highest = np.log(family.variations).tolist()
        variation = np.exp(rng.uniform(lowest, highest, len(self.names)))
        found: dict[str, Any] = {"type": kind, "mean": self._each(means.tolist())}
        if kind in ("negative_binomial", "wandering"):
            found["variance_to_mean"] = self._each((1.01 + variation**2 * means).round(3).tolist())
        if kind == "normal":
            found["sd"] = self._each((means * np.minimum(variation, 0.5)).round(3).tolist())
        elif kind == "ar1":
            found |= {"sd": self._each((means * np.minimum(variation, 0.5)).round(3).tolist())}
            found |= {"rho": round(float(rng.uniform(-0.2, 0.9)), 2)}
        elif kind == "uniform_integer":
            most = [float(max(1, round(2 * mean))) for mean in means]
            found = {"type": kind, "low": 0, "high": self._each(most)}
        elif kind == "wandering":
            found |= self._movement()
        return found, float(means.sum())

    def _movement(self) -> dict[str, float]:
        """How a level wanders."""
        most = {"drift": 0.15, "trend": 1.0, "jump": 0.8, "spell": 1.0, "season": 0.8, "memory": 0.9, "spikes": 0.03}
        found = {name: round(float(self.rng.uniform(0.0, largest)), 3) for name, largest in most.items()}
        further = {name: self.family.wanders * found[name] for name in ("drift", "trend", "jump", "spell")}
        found |= {name: round(amount, 3) for name, amount in further.items()}
        return found if self.family.wanders == 1 else {**found, "furthest": round(8.0 * max(self.family.wanders, 0.5) ** 2, 3)}
