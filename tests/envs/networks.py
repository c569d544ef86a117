"""Random networks and random decision makers, to hold the core to its laws on problems that nobody thought of.

Hypothesis draws how large a network is, which mechanisms it has and a seed; the numbers follow from the seed. So a failing
example shrinks to few sites and few mechanisms, and drawing one costs little.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

from orderup.envs.autonomy.autonomy import Autonomy
from orderup.envs.foundation.validation import validated
from orderup.envs.information.policy import Decision
from orderup.envs.network.network import Network
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.simulator import Simulator

from .happenings import DEPOT, EVENTS, ORIGIN, RARITIES, Happenings
from .keys_writer import Keys
from .workshops import WORKSHOPS, Workshops, let_packs_be_made

MECHANISMS = (
    "several parents",
    "several lanes",
    "lateral lanes",
    "partial lanes",
    "random lead times",
    "replayed lead times",
    "order delays",
    "lane capacities",
    "throughput",
    "supplier capacities",
    "storage",
    "hard storage",
    "stores that refuse orders",
    "stores that turn goods away",
    "volumes",
    "weights",
    "fixed costs",
    "trucks",
    "lots",
    "least orders",
    "cancelled orders",
    "rerouted orders",
    "rationing rules",
    "lost sales",
    "segments",
    "transfer prices",
    "trade terms",
    "prices",
    "initial stock",
    "numbers by product",
    "demand kinds",
    "correlation",
    "several suppliers",
    *EVENTS,
    *RARITIES,
    *WORKSHOPS,
)
FORMS = ("level", "quantity", "mixed")
HORIZON = 8


def level_of(visibility: str, authority: str = "autonomous") -> Autonomy:
    """A level of autonomy."""
    return Autonomy.model_validate({"name": "test", "visibility": visibility, "authority": authority})


SILO = level_of("silo")


@dataclass(frozen=True)
class Case:
    """A scenario and how its decision maker decides."""

    scenario: Scenario
    mechanisms: frozenset[str]
    form: str
    seed: int


@st.composite
def cases(draw: st.DrawFn, forms: tuple[str, ...] = FORMS, without: tuple[str, ...] = ()) -> Case:
    """Random networks with their decision makers; `without` names mechanisms to leave out."""
    allowed = [name for name in MECHANISMS if name not in without]
    chosen = draw(st.lists(st.booleans(), min_size=len(allowed), max_size=len(allowed)))
    mechanisms = frozenset(name for name, there in zip(allowed, chosen, strict=True) if there)
    sites, products = draw(st.integers(1, 8)), draw(st.integers(1, 3))
    form, seed = draw(st.sampled_from(forms)), draw(st.integers(0, 10**6))
    keys = written(f"{seed} {sites} {products}", sites, products, mechanisms)
    return Case(validated(Scenario, keys), mechanisms, form, seed)


def with_everything(seed: int, sites: int, products: int) -> Scenario:
    """A random network with every mechanism there is."""
    return validated(Scenario, written(seed, sites, products, frozenset(MECHANISMS)))


def written(seed: int | str, sites: int, products: int, mechanisms: frozenset[str]) -> Keys:
    """The keys of the random network of a seed."""
    return _Writer(random.Random(seed), sites, products, mechanisms).scenario()


class _Writer(Happenings, Workshops):
    """Writes the keys of one scenario. Every site has a way to get every product: from a site before it, or from outside."""

    def __init__(self, rng: random.Random, sites: int, products: int, mechanisms: frozenset[str]) -> None:
        names = [f"{rng.choice(('store', 'warehouse', 'plant'))}_{number}" for number in range(sites)]
        super().__init__(rng, names, [f"product_{number}" for number in range(products)], mechanisms)
        self.depots = (DEPOT,) if "collecting sites" in mechanisms else ()

    def scenario(self) -> dict[str, Any]:
        keys: dict[str, Any] = {"name": "random_network", "horizon": HORIZON, "products": self.products}
        keys["lanes"] = self.lanes()
        keys["sites"] = {name: self.of_site(self.site()) for name in (*self.sites, *self.depots)}
        keys["lanes"] += [{**lane, "name": f"recipe-{number}"} for number, lane in enumerate(self.recipes(keys["sites"]))]
        self.made_alone(keys["lanes"])
        self.apart(keys["lanes"])
        keys["suppliers"] = {name: self.of_supplier(self.supplier()) for name in self.suppliers()}
        for key, mechanism in (("volume", "volumes"), ("weight", "weights")):
            if mechanism in self.mechanisms:
                keys[key] = self.amount(1, 3)
        keys["customers"] = self.customers({lane["from"] for lane in keys["lanes"]})
        for lane in keys["lanes"]:
            if not (lane["from"].startswith("supplier") or "make" in lane) and self.has("trade terms"):
                lane["terms"] = self.terms(lane, keys)
        if len(keys["lanes"]) > 1 and self.has("trucks"):
            some = self.rng.sample([lane["name"] for lane in keys["lanes"]], self.rng.randint(2, len(keys["lanes"])))
            keys["trucks"] = [{"lanes": some, "cost": self.number(1, 20)}]
        if self.has("correlation"):
            keys["correlation"] = {"rho": self.rng.choice((0.3, 0.9))}
        let_packs_through(keys)
        let_packs_be_made(keys)
        return self.happenings(keys)

    def suppliers(self) -> list[str]:
        return ["supplier", "supplier_far"] if "several suppliers" in self.mechanisms else ["supplier"]

    def supplier(self) -> dict[str, Any]:
        capacity = {"capacity": self.number(5, 60)} if self.has("supplier capacities") else {}
        return {"origin": ORIGIN, **capacity}

    def site(self) -> dict[str, Any]:
        site: dict[str, Any] = {"holding": self.amount(0, 3)}
        if self.has("initial stock"):
            site["initial"] = self.amount(0, 30)
        if self.has("storage"):
            site |= {"storage": self.number(5, 40), "overflow": self.number(0, 2)}
        if "returns" not in self.mechanisms and not self.depots and self.has("hard storage", 0.4):
            site |= {"storage": self.number(5, 40), "overflow": 0, "storage_hard": True}
            site.pop("initial", None)
            if self.has("stores that refuse orders"):
                site["storage_full"] = "refused"
            elif self.has("stores that turn goods away"):
                site |= {"storage_full": "charged", "overflow": self.number(0, 3)}
        if self.has("throughput"):
            site["throughput"] = self.number(1, 30)
        if self.has("rationing rules", 0.9):
            site["rationing"] = self.rng.choice(("priority", "even_cover", "first_come", "uniform", "linear"))
        return site

    def lanes(self) -> list[dict[str, Any]]:
        lanes = [lane for number in range(len(self.sites)) for lane in self.regular(number)]
        if len(self.sites) > 1 and "lateral lanes" in self.mechanisms:
            for _ in range(self.rng.randint(1, 3)):
                source, destination = self.rng.sample(self.sites, 2)
                lanes.append({**self.lane(source, destination), "lateral": True})
        if self.has("rerouted orders"):
            lanes = [{**lane, "reroute": self.passes_on(lane, lanes)} for lane in lanes]
        lanes += [self.lane(depot, self.rng.choice(self.sites)) for depot in self.depots]
        return [{**lane, "name": f"lane-{number}"} for number, lane in enumerate(lanes)]

    def passes_on(self, lane: dict[str, Any], lanes: list[dict[str, Any]]) -> bool:
        return self.rng.random() < 0.6 and "expires" not in lane and self.has_next(lane, lanes)

    def has_next(self, lane: dict[str, Any], lanes: list[dict[str, Any]]) -> bool:
        """Whether another regular lane brings each of a lane's products to its site."""
        ways = [other for other in lanes if other["to"] == lane["to"] and "lateral" not in other and other is not lane]
        brought = [{product for other in ways for product in other.get("products", self.products)}]
        return "lateral" not in lane and set(lane.get("products", self.products)) <= brought[0]

    def regular(self, number: int) -> list[dict[str, Any]]:
        """The lanes into a site that come from outside or from sites before it."""
        above = [*self.suppliers(), *self.sites[:number]]
        first = self.rng.choice(self.sites[:number] if number and self.rng.random() < 0.8 else self.suppliers())
        sources = [first]
        if self.has("several lanes", 0.5):
            sources += self.rng.choices(sources, k=self.rng.randint(1, 2))
        if self.has("several parents", 0.6):
            sources += self.rng.choices(above, k=self.rng.randint(1, 2))
        lanes = [self.lane(source, self.sites[number]) for source in sources]
        if len(self.products) > 1 and self.has("partial lanes"):
            lanes[0]["products"] = self.products[:1]
            lanes.append({**self.lane(self.rng.choice(above), self.sites[number]), "products": self.products[1:]})
        return lanes

    def lane(self, source: str, destination: str) -> dict[str, Any]:
        lane: dict[str, Any] = {"from": source, "to": destination, "lead_time": self.lead_time()}
        if self.has("order delays", 0.5):
            lane["order_delay"] = self.rng.randint(1, 2)
        if self.has("lane capacities", 0.5):
            lane["capacity"] = self.number(1, 20)
        if self.has("weights", 0.4):
            lane["capacity_weight"] = self.number(3, 40)
        if self.has("fixed costs", 0.5):
            lane["fixed_cost"] = self.number(1, 20)
        if self.has("lots", 0.5):
            lane |= {"minimum": self.amount(0, 8), "multiple": self.amount(0, 5)}
        if self.has("least orders", 0.5):
            lane |= {"minimum_order": self.number(0, 15), "minimum_value": self.number(0, 15)}
        if self.has("cancelled orders", 0.5):
            lane["unfilled"] = "cancelled"
        if self.has("initial stock", 0.5):
            lane["initial"] = self.amount(0, 6)
        if not source.startswith("supplier") and self.has("transfer prices"):
            lane["transfer_price"] = self.amount(0, 5)
        least = 1 if "minimum_value" in lane else 0
        return self.of_lane({**lane, "unit_cost": self.amount(least, 4), "priority": self.rng.randint(0, 2)})

    def terms(self, lane: dict[str, Any], keys: dict[str, Any]) -> dict[str, Any]:
        """Payments between the two sites; those about customers where there are any, of which all lanes have a part."""
        terms = {"on_hand": self.amount(-2, 2), "buy_back": self.amount(0, 5)}
        if any(entry["site"] == lane["to"] for entry in keys["customers"]):
            part = 1.0 / sum(other["to"] == lane["to"] for other in keys["lanes"])
            shares = {name: part * self.rng.choice((0.0, 0.3, 1.0)) for name in ("backlog_share", "revenue_share")}
            terms |= {"backlog": self.amount(-2, 4), **shares}
        kept = {name: value for name, value in terms.items() if self.rng.random() < 0.6}
        return {**kept, "late": self.amount(1, 5)}

    def lead_time(self) -> Any:
        if self.has("random lead times", 0.5):
            low = self.rng.randint(0, 2)
            if self.has("replayed lead times", 0.5):
                return {"type": "replay", "values": self.rng.choices(range(low, 4), k=self.rng.randint(1, 5))}
            return {"type": "uniform_integer", "low": low, "high": low + self.rng.randint(1, 3)}
        return self.rng.choice((0, 0, 1, 1, 2, 3))

    def customers(self, sources: set[str]) -> list[dict[str, Any]]:
        """At every site that supplies no other, and at some others."""
        buying = [name for name in self.sites if name not in sources or self.rng.random() < 0.3] or self.sites[-1:]
        return [entry for site in buying for entry in self.segments(site)]

    def segments(self, site: str) -> list[dict[str, Any]]:
        count = self.rng.randint(1, 3) if "segments" in self.mechanisms else 1
        return [self.segment(site, f"segment_{number}") for number in range(count)]

    def segment(self, site: str, name: str) -> dict[str, Any]:
        entry: dict[str, Any] = {"site": site, "segment": name, "demand": self.demand(), "shortage": self.amount(0, 20)}
        if len(self.products) > 1 and self.has("partial lanes", 0.3):
            entry["products"] = self.rng.sample(self.products, self.rng.randint(1, len(self.products)))
        if self.has("prices"):
            entry["price"] = self.amount(0, 30)
        if self.has("lost sales", 0.6):
            entry["unmet"] = "lost"
            if name == "segment_1":
                entry["observes"] = "demand"
        return self.of_segment({**entry, "priority": self.rng.randint(0, 2)})

    def demand(self) -> dict[str, Any]:
        mean, sd = self.rng.choice((1, 5, 10)), self.rng.choice((0, 1, 4))
        kinds: tuple[dict[str, Any], ...] = (
            {"type": "normal", "mean": mean, "sd": sd},
            {"type": "poisson", "mean": mean},
            {"type": "negative_binomial", "mean": mean, "variance_to_mean": 2.0},
            {"type": "geometric", "mean": mean},
            {"type": "uniform_integer", "low": 0, "high": 2 * mean},
            {"type": "constant", "value": mean},
            {"type": "lognormal", "mean": mean, "sd": sd},
            {"type": "discrete", "values": [0, mean, 2.5 * mean], "probabilities": [0.5, 0.3, 0.2]},
            {"type": "replay", "values": [0, mean, 2 * mean]},
            {"type": "step", "before": mean, "after": 2 * mean, "since": 3},
            {"type": "ar1", "mean": mean, "sd": sd, "rho": 0.5},
            {"type": "seasonal", "base": {"type": "poisson", "mean": mean}, "amplitude": 0.5, "cycle": 4},
        )
        return self.rng.choice(kinds if "demand kinds" in self.mechanisms else kinds[:1])


def let_packs_through(keys: dict[str, Any]) -> None:
    """Raise every limit to the largest pack that has to pass it, since smaller ones are refused."""
    largest = {key: max(v.values() if isinstance(v := keys.get(key, 1), dict) else [v]) for key in ("volume", "weight")}
    for lane in keys["lanes"]:
        units = max(sizes.values() if isinstance(sizes := lane.get("multiple", 0), dict) else [sizes])
        pack = units * largest["volume"]
        if "capacity_weight" in lane:
            lane["capacity_weight"] = max(lane["capacity_weight"], units * largest["weight"])
        if "vehicles" in lane:
            lane["vehicles"]["capacity"] = max(lane["vehicles"]["capacity"], pack)
        source = {**keys["sites"], **keys["suppliers"]}[lane["from"]]
        for place, key in ((lane, "capacity"), (source, "capacity"), (source, "throughput")):
            if key in place:
                place[key] = max(place[key], pack)


def decision_maker(network: Network, batch: int, form: str, seed: int) -> Callable[[], Decision]:
    """Random levels, quantities, or the one here and the other there, around what each lane's site needs."""
    rng = np.random.default_rng(seed)
    periods = (network.times.lead_time + network.times.order_delay + 1)[:, None]
    mean = np.maximum(network.loads.mean[network.topology.destination, :, 0], 1.0)
    by_quantity = rng.random(len(network.lanes)) < 0.5

    def decide() -> Decision:
        scale = rng.choice([0.0, 1.0, 1.0, 3.0], (batch, *mean.shape)) * rng.random((batch, *mean.shape))
        level, quantity = 2 * scale * mean * periods, 2 * scale * mean
        if rng.random() < 0.5:
            level, quantity = np.round(level), np.round(quantity)
        if form == "level":
            return Decision(level=level)
        if form == "quantity":
            return Decision(quantity=quantity)
        return Decision(level=level, quantity=quantity, by_quantity=by_quantity)

    return decide


def simulator_of(case: Case, batch: int = 2, **options: Any) -> tuple[Simulator, Callable[[], Decision]]:
    """A simulator whose episodes have begun, and who decides in it."""
    simulator = Simulator(case.scenario, SILO, batch=batch, **options)
    simulator.reset(seed=case.seed)
    return simulator, decision_maker(simulator.numpy_network, batch, case.form, case.seed)
