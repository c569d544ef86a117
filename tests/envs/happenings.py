"""Random events and rare mechanisms for the random networks of tests.envs.networks."""

from __future__ import annotations

from .keys_writer import Keys, KeysWriter

EVENTS = (
    "pauses",
    "capacity cuts",
    "delays",
    "regimes",
    "price changes",
    "ramps",
    "yields",
    "shifts",
    "promotions",
)
RARITIES = (
    "promised lead times",
    "orders that lapse",
    "lost orders",
    "vehicles",
    "contracts",
    "setup costs",
    "overtime",
    "variety",
    "carbon",
    "price breaks",
    "reserves",
    "promises",
    "goodwill",
    "spill-over",
    "shelf life",
    "youngest first",
    "returns",
    "what becomes another",
    "collecting sites",
    "backlog at the start",
    "goods with dates",
    "salvage",
)
ORIGIN = "overseas"
DEPOT = "depot_99"
"""A site that no lane leads to."""


class Happenings(KeysWriter):
    """Writes the keys of what happens to a network."""

    depots: tuple[str, ...] = ()
    """Sites that live on what customers bring back."""

    def share(self) -> float:
        return self.rng.choice((0.25, 0.5, self.rng.random()))

    def happenings(self, keys: Keys) -> Keys:
        """What a scenario with these keys lacks: its events, and the mechanisms that are about several sites."""
        buying = sorted({entry["site"] for entry in keys["customers"]})
        if self.has("regimes"):
            keys["regimes"] = {"storm": {"when": self.timing(())}}
        regimes = tuple(keys.get("regimes", ()))
        delayed: list[Keys] = [{"at": place, "delay": self.rng.randint(1, 2)} for place in self.some(keys, "delays")]
        slow = {lane["name"] for event in delayed for lane in self.lanes_of(keys, event["at"])}
        failures = [*delayed, *self.pauses(keys, slow), *self.cuts(keys)]
        keys["disruptions"] = [{**event, "when": self.timing(regimes)} for event in failures]
        keys["prices"] = [
            {"at": place, "when": self.timing(regimes), self.rng.choice(("factor", "tariff")): self.number(0, 2)}
            for place in self.some(keys, "price changes")
            if any(lane["unit_cost"] for lane in self.lanes_of(keys, place))
        ]
        keys["shifts"] = [{**event, "when": self.timing(regimes)} for event in self.shifts(buying)]
        keys["promotions"] = [self.promotion(buying) for _ in range(self.rng.randint(1, 2)) if self.has("promotions")]
        keys["returns"] = self.returns(buying)
        keys["arriving"] = [goods for lane in keys["lanes"] for goods in self.arriving(lane)]
        if self.has("carbon"):
            keys["carbon"] = {
                "price": self.number(0, 2),
                **({"allowance": self.number(0, 9)} if self.rng.random() < 0.5 else {}),
            }
        return keys

    # Places and times

    def some(self, keys: Keys, mechanism: str) -> list[str]:
        """Places that events can be at."""
        sources = {lane["from"] for lane in keys["lanes"]}
        places = [*(lane["name"] for lane in keys["lanes"]), *sorted(sources)]
        if {lane["from"] for lane in keys["lanes"]} & set(keys.get("suppliers", ())):
            places.append(ORIGIN)
        return self.rng.sample(places, self.rng.randint(1, min(2, len(places)))) if self.has(mechanism) else []

    def lanes_of(self, keys: Keys, place: str, end: str = "from") -> list[Keys]:
        sources = {*keys.get("suppliers", ())} if place == ORIGIN else {place}
        return [lane for lane in keys["lanes"] if lane["name"] == place or lane[end] in sources]

    def timing(self, regimes: tuple[str, ...]) -> Keys:
        first = self.rng.randint(0, 3)
        during = {name: {"begins": 0.8, "ends": 0.1} for name in regimes}
        kinds: list[Keys] = [
            {"type": "markov", "begins": 0.3, "ends": 0.4, "during": during},
            {"type": "scheduled", "from": first, "until": first + 2, "every": 4},
            {"type": "scheduled", "from": first},
            {"type": "once", "between": [first, first + 2], "length": 2},
            {"type": "gradual", "from": first, "until": first + 3},
            *({"type": "regime", "name": name} for name in regimes),
        ]
        return self.rng.choice(kinds)

    # Events

    def pauses(self, keys: Keys, slow: set[str]) -> list[Keys]:
        """What stops: orders and shipments anywhere, goods in transit where they take a known time."""
        found: list[Keys] = [
            {"at": place, "pauses": self.rng.choice(("orders", "shipments"))} for place in self.some(keys, "pauses")
        ]
        found = [event for event in found if event["pauses"] == "shipments" or self.orders_at(keys, event["at"])]
        steady = [lane["name"] for lane in keys["lanes"] if lane["name"] not in slow and lane["lead_time"] in (1, 2, 3)]
        if steady and self.has("pauses"):
            at = self.rng.sample(steady, self.rng.randint(1, len(steady)))
            found += [{"at": at, "pauses": effect} for effect in ("transit", "receipts") if self.rng.random() < 0.6]
        return found

    def orders_at(self, keys: Keys, place: str) -> bool:
        """Whether a place is one whose orders can pause: of a site, those into it."""
        return place not in keys["sites"] or bool(self.lanes_of(keys, place, "to"))

    def cuts(self, keys: Keys) -> list[Keys]:
        machines = [f"{name}/{machine}" for name, site in keys["sites"].items() for machine in site.get("machines", ())]
        found = [
            {"at": place, "keeps": self.rng.choice((0.0, self.kept(keys, place)))}
            for place in self.some(keys, "capacity cuts")
            if self.leaving(keys, place)
        ]
        return found + [
            {"at": place, "keeps": self.rng.choice((0.0, self.share()))} for place in machines if self.has("downtime")
        ]

    def leaving(self, keys: Keys, place: str) -> list[Keys]:
        """The lanes whose capacity a place is about: of a site, those that lead to others."""
        return [lane for lane in self.lanes_of(keys, place) if place == lane["name"] or "make" not in lane]

    def kept(self, keys: Keys, place: str) -> float:
        """A share that can be left: none where there is no limit."""
        limits = {**keys["sites"], **keys.get("suppliers", {})}
        together = [name for name, block in limits.items() if block.get("throughput") or block.get("capacity")]
        named = [lane for lane in keys["lanes"] if lane["name"] == place]
        if named:
            return self.share() if "capacity" in named[0] else 0.0
        limited = all("capacity" in lane or lane["from"] in together for lane in self.leaving(keys, place))
        return self.share() if limited else 0.0

    def shifts(self, buying: list[str]) -> list[Keys]:
        found: list[Keys] = []
        if self.has("shifts"):
            found.append({"at": self.rng.choice(buying), "factor": self.number(0, 3)})
        if len(buying) > 1 and self.has("shifts"):
            leaves, *gains = self.rng.sample(buying, self.rng.randint(2, len(buying)))
            found.append({"from": leaves, "to": gains, "share": self.share()})
        return found

    def promotion(self, buying: list[str]) -> Keys:
        at = self.rng.sample(buying, self.rng.randint(1, len(buying)))
        told = {"known_ahead": self.rng.randint(0, 3), "reported": 0.5, "together": self.rng.random() < 0.5}
        return {"at": at, "uplift": self.number(1, 3), "chance": 0.3, "length": self.rng.randint(1, 3), **told}

    def arriving(self, lane: Keys) -> list[Keys]:
        keys = lane["lead_time"]
        time = keys.get("high", max(keys.get("values", [0]))) if isinstance(keys, dict) else keys
        if not time or not self.has("goods with dates"):
            return []
        goods = {"lane": lane["name"], "period": self.rng.randrange(time), "quantity": self.number(0, 20)}
        return [goods | ({"product": self.rng.choice(lane["products"])} if "products" in lane else {})]

    def returns(self, buying: list[str]) -> list[Keys]:
        if not (self.depots or self.has("returns")):
            return []
        to = self.rng.sample(self.sites, self.rng.randint(1, min(2, len(self.sites))))
        ways = [{"from": self.rng.sample(buying, self.rng.randint(1, len(buying))), "to": site} for site in (*self.depots, *to)]
        found = [{**way, "share": 0.2, "spread": self.rng.choice((0, 0.1)), "delay": self.rng.randint(1, 3)} for way in ways]
        return [
            way | ({"becomes": self.rng.choice(self.products)} if self.has("what becomes another") else {}) for way in found
        ]

    # Mechanisms of a lane, a site, a supplier or a segment

    def of_lane(self, lane: Keys) -> Keys:
        self.of_way(lane)
        if "capacity" in lane and self.has("ramps"):
            lane["ramp"] = {"from": self.share(), "since": self.rng.randint(0, 2), "until": self.rng.randint(3, 5)}
        if self.has("yields", 0.5):
            lane["yield"] = {"mean": 0.8, "spread": self.rng.choice((0, 0.2))}
        if self.has("contracts", 0.5):
            lane["contract"] = {"notice": self.rng.randint(1, 4), "down": self.share(), "up": self.number(0, 2)}
        if self.has("setup costs", 0.5):
            lane["setup"] = self.amount(1, 9)
        if self.has("carbon"):
            lane["carbon"] = self.number(0, 3)
        if not lane["from"].startswith("supplier") and self.has("reserves"):
            lane["reserve"] = self.amount(0, 6)
        return lane

    def of_way(self, lane: Keys) -> None:
        """What becomes of orders on their way, and how goods come."""
        if self.has("promised lead times", 0.5):
            lane["promised"] = self.rng.randint(0, 4)
        if "unfilled" not in lane and self.has("orders that lapse", 0.6):
            lane["expires"] = self.rng.randint(1, 4)
        if self.has("lost orders", 0.5):
            lane |= {"lost_orders": self.rng.choice((0.2, 0.5)), "lost_known": self.rng.random() < 0.5}
        if self.has("vehicles", 0.5):
            trip = self.rng.randint(1, 3)
            lane["vehicles"] = {"number": self.rng.randint(1, 3), "capacity": self.number(2, 12), "round_trip": trip}

    def of_site(self, site: Keys) -> Keys:
        if "throughput" in site and self.has("overtime"):
            site["overtime"] = {"extra": self.number(1, 9), "cost": self.number(0, 3)}
        if self.has("variety"):
            site["variety"] = self.number(0, 3)
        if self.has("carbon"):
            site["carbon"] = self.number(0, 1)
        if self.has("salvage"):
            site["salvage"] = self.amount(0, 5)
        if self.has("shelf life"):
            site |= {"shelf_life": self.rng.randint(1, 4), "scrap_cost": self.number(0, 3)}
            if self.has("youngest first"):
                site["issue"] = "lifo"
        return site

    def of_supplier(self, supplier: Keys) -> Keys:
        if self.has("price breaks", 0.9):
            supplier["price_breaks"] = [
                {"from": self.number(1, 9), "discount": 0.1},
                {"from": self.number(10, 30), "discount": 0.3},
            ]
        return supplier

    def of_segment(self, entry: Keys) -> Keys:
        if "unmet" not in entry and self.has("promises"):
            entry["promise"] = self.rng.randint(1, 3)
        if entry.get("unmet") != "lost" and self.has("backlog at the start"):
            entry["backlog"] = self.amount(0, 12)
        if self.has("reserves"):
            entry["reserve"] = self.amount(0, 8)
        if self.has("goodwill"):
            entry["goodwill"] = {"loss": self.share(), "recovery": self.share(), "least": self.share()}
        others = [name for name in self.sites if name != entry["site"]]
        if others and self.has("spill-over"):
            entry["spill_to"] = {"site": self.rng.choice(others), "cost": self.number(0, 4)}
        return entry
