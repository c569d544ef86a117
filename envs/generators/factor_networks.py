"""Networks side by side, each as some factors say: what a designed experiment over networks is played on.

They have nothing in common but the clock. What factors leave open (which store is larger, which lane longer) is drawn.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from pydantic import Field

from ..foundation.validation import Keys, Seed
from .generator import Generator, generators

USUAL = 10.0
"""What a network's stores pay for a period's demand on their shelves, about [money]."""
OUTAGE = 5.0
"""How long an outage lasts on average [periods]."""
PROMOTED = 0.05
"""Chance that a promotion begins in a period without."""


class NetworkFactors(Keys):
    """What there is to say of a network, in numbers that can be varied one by one."""

    sites: int = Field(7, ge=2, le=400, description="How many there are, the root included")
    depth: int = Field(2, ge=2, le=6, description="Echelons, the customers' stores included")
    lead_time: float = Field(2.0, ge=0, le=12, description="Of a lane, on average [periods]")
    order_delay: int = Field(1, ge=0, le=8, description="Until a site's source knows of its orders [periods]")
    demand: float = Field(15.0, gt=0, le=1000, description="Mean of a store's, on average [units/period]")
    variation: float = Field(0.3, gt=0, le=0.8, description="Standard deviation of a store's demand, as a share of its mean")
    memory: float = Field(0.0, ge=0, lt=1, description="Correlation of a store's demand with that of the period before")
    correlation: float = Field(0.0, ge=0, lt=1, description="Of the demand of two stores")
    critical_ratio: float = Field(0.9, gt=0, lt=1, description="Shortage cost by shortage and holding cost together, usually")
    inequality: float = Field(0.0, ge=0, le=3, description="Standard deviation of the logarithm of stores' shortage costs")
    holding_ratio: float = Field(0.5, gt=0, le=1, description="Of a site's holding cost to those of the sites it supplies")
    lost: float = Field(0.0, ge=0, le=1, description="Share of the stores whose customers do not wait")
    slack: float = Field(2.0, ge=1, le=100, description="Capacity of the lane into the root, by mean demand; 100: any amount")
    outage: float = Field(0.0, ge=0, le=0.5, description="Share of time in which nothing leaves over that lane")
    uplift: float = Field(1.0, ge=1, le=5, description="What a store's promotions multiply its demand by")
    known_ahead: int = Field(0, ge=0, le=20, description="How long before a store knows of its own promotions [periods]")
    reported: float = Field(0.0, ge=0, le=1, description="Share of these that others hear of")


@generators.register("factor_networks")
class FactorNetworks(Generator):
    """Trees of stores under warehouses under one root each, one network for each of `points`."""

    points: list[NetworkFactors] = Field(min_length=1, description="A network's factors each, as its keys")
    seed: Seed = Field(0, description="Of what the factors leave open; another seed, other networks")

    def build(self) -> dict[str, Any]:
        found: dict[str, Any] = {"sites": {}, "lanes": [], "customers": [], "disruptions": [], "promotions": []}
        counts: dict[str, int] = {}
        groups: list[tuple[list[str], float]] = []
        for number, factors in enumerate(self.points):
            drawn = _Network(factors, np.random.default_rng([self.seed, number]), counts)
            drawn.put_into(found)
            groups.append((drawn.stores, factors.correlation))
        if any(rho for _, rho in groups):
            found["correlation"] = _copula(groups)
        return found


class _Network:
    """One of them: site 0 is the root, and every site but the last echelon's supplies some of the next."""

    def __init__(self, factors: NetworkFactors, rng: np.random.Generator, counts: dict[str, int]) -> None:
        self.factors, self.rng = factors, rng
        self.echelon = _echelons(factors.sites, factors.depth)
        """Of each site, 0 being the root's (N,)."""
        self.last = int(self.echelon.max())
        self.names = [self._named(echelon, counts) for echelon in self.echelon.tolist()]
        self.stores = [name for name, echelon in zip(self.names, self.echelon, strict=True) if echelon == self.last]
        sizes = np.exp(rng.normal(0.0, 0.4, len(self.stores)))
        self.means = (factors.demand * sizes / sizes.mean()).round(2)

    def _named(self, echelon: int, counts: dict[str, int]) -> str:
        role = "plant" if echelon == 0 else "store" if echelon == self.last else "warehouse"
        counts[role] = counts.get(role, 0) + 1
        return f"{role}_{counts[role]}"

    def put_into(self, found: dict[str, Any]) -> None:
        """Add its sites, lanes and customers, and what happens to them, to those of the others."""
        holding = USUAL / float(self.means.sum())
        for site, (name, echelon) in enumerate(zip(self.names, self.echelon.tolist(), strict=True)):
            cost = holding * self.factors.holding_ratio ** (self.last - echelon)
            found["sites"][name] = {"role": name.rpartition("_")[0], "holding": float(f"{cost:.4g}")}
            found["lanes"].append(self._lane(site))
        self._trouble(found)
        for store, mean in zip(self.stores, self.means.tolist(), strict=True):
            found["customers"].append(self._customers(store, mean, holding))
            self._promote(found, store)

    def _lane(self, site: int) -> dict[str, Any]:
        usual = self.factors.lead_time * self.rng.uniform(0.5, 1.5)
        time = int(usual) + int(self.rng.random() < usual % 1)
        if site == 0:
            limited = self.factors.slack < 100
            capacity = {"capacity": float(f"{self.factors.slack * self.means.sum():.4g}")} if limited else {}
            return {"from": "supplier", "to": self.names[0], "lead_time": time, **capacity}
        above = np.flatnonzero(self.echelon == self.echelon[site] - 1)
        place = int((self.echelon[:site] == self.echelon[site]).sum()) % len(above)
        source = self.names[int(above[place])]
        return {"from": source, "to": self.names[site], "lead_time": time, "order_delay": self.factors.order_delay}

    def _customers(self, store: str, mean: float, holding: float) -> dict[str, Any]:
        factors, ratio = self.factors, self.factors.critical_ratio
        odds = ratio / (1 - ratio) * math.exp(factors.inequality * float(self.rng.normal()))
        demand = {"type": "ar1", "mean": mean, "sd": round(factors.variation * mean, 3), "rho": factors.memory}
        found: dict[str, Any] = {"site": store, "shortage": float(f"{holding * odds:.4g}"), "demand": demand}
        return found | ({"unmet": "lost", "observes": "demand"} if self.rng.random() < factors.lost else {})

    def _trouble(self, found: dict[str, Any]) -> None:
        if self.factors.outage:
            ends = 1.0 / OUTAGE
            begins = round(ends * self.factors.outage / (1.0 - self.factors.outage), 5)
            when = {"type": "markov", "begins": begins, "ends": ends}
            found["disruptions"].append({"at": [f"supplier->{self.names[0]}"], "pauses": "shipments", "when": when})

    def _promote(self, found: dict[str, Any], store: str) -> None:
        factors = self.factors
        if factors.uplift > 1:
            known = {"known_ahead": factors.known_ahead, "reported": factors.reported}
            promotion = {"at": store, "uplift": factors.uplift, "chance": PROMOTED, "length": 2, **known}
            found["promotions"].append({"name": f"deal_{store}", **promotion})


def _echelons(sites: int, depth: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The echelon of each site (N,): one root, and further ones that grow by the same factor."""
    depth = min(depth, sites)
    shares = np.array([float(sites) ** (level / max(depth - 1, 1)) for level in range(depth)])
    counts = np.maximum(1, np.floor(shares / shares.sum() * sites)).astype(np.int64)
    counts[0] = 1
    counts[-1] += sites - counts.sum()
    found: np.ndarray[tuple[int], np.dtype[np.int64]] = np.repeat(np.arange(depth), counts)
    return found


def _copula(groups: list[tuple[list[str], float]]) -> dict[str, Any]:
    """The correlation of all stores: that of its network within each, none between them."""
    stores = [store for names, _ in groups for store in names]
    matrix, first = np.eye(len(stores)), 0
    for names, rho in groups:
        block = slice(first, first + len(names))
        matrix[block, block] += rho * (1.0 - np.eye(len(names)))
        first += len(names)
    return {"rho": matrix.tolist(), "sites": stores}
