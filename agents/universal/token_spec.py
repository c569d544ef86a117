"""What has to be said of a network for every network, beside its numbers: what it reads, by name, and its layers."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.validation import Count, Stored
from orderup.envs.information.tokens import BUCKETS

from .features.demand_memory import HALF_LIVES
from .features.relations import RELATIONS

ITEM = [
    "mean", "granularity", "variation", "memory", "own_share", "share_of_source", "safety", "shortage_to_holding",
    "holding_above", "lost", "customers", "siblings", "echelon", "lead_time", "order_delay", "protection", "has_source_site",
    "source_lead_time", "source_safety", "longest_below", "known",
]  # fmt: skip
"""Of a product at a site, before an episode."""
LANE = [
    "main", "lead_time", "order_delay", "protection", "premium_to_holding", "premium_to_shortage", "lead_time_spread",
    "lost_orders", "promised", "load", "outage", "outage_length", "from_site", "usual_level",
]  # fmt: skip
"""Of a product on a lane, before an episode."""
LEVEL = ["own_age", "sees_neighbours", "sees_all", "feed_age", "feed_noise", "approval", "cadence"]
"""Of the level of autonomy."""
NOW = [
    "gap", "level", "on_hand", "owed", "coming", "asked", *(f"mean_{life:g}" for life in HALF_LIVES), "deviation_8",
    "deviation_32", "error_2", "error_32", "inexperience", "since", "size", "granularity", "variation",
]  # fmt: skip
"""Of a product at a site, in every period."""
LANE_NOW = [*(f"due_{bucket}" for bucket in BUCKETS), "unfilled", "gap", "closed"]
"""Of a product on a lane, in every period."""
CUSTOMER_NOW = ["owed", "asked"]
"""The same of a lane to another site, as its source sees it."""
ABOUT_OTHERS = ["position", "level", "coming", "asked", "mean_2", "mean_8", "lacks", "exceeds"]
"""Of other sites that are seen, added up by how they stand to one."""
OTHERS = [f"{what} of {relation}" for relation in RELATIONS for what in ABOUT_OTHERS]


class TokenSpec(Stored):
    """All of a network but its numbers, which are tensors with the names and shapes of `shapes`."""

    item: list[str] = ITEM
    lane: list[str] = LANE
    level: list[str] = LEVEL
    now: list[str] = NOW
    lane_now: list[str] = LANE_NOW
    customer_now: list[str] = CUSTOMER_NOW
    others: list[str] = OTHERS
    standing: Count = Field(32, description="Units of the layers that read what stands before an episode")
    sets: Count = Field(16, description="Units of the layers that read lanes and customers, which are added up")
    hidden: Count = Field(64, description="Units of the layers that read a product at a site")
    head: Count = Field(32, description="Units of the layer that decides for a lane")

    def check(self) -> None:
        """Raises InputError where it reads other numbers than there are."""
        for name, there in FIELDS.items():
            if (found := getattr(self, name)) != there:
                others = sorted(one for one in {*found, *there} if (one in found) != (one in there))
                what = f"a policy that reads {len(found)} numbers ({', '.join(others) or 'in another order'})"
                raise InputError(f"spec.{name}", what, f"one that reads these {len(there)}: {', '.join(there)}")

    @property
    def layers(self) -> dict[str, tuple[int, int]]:
        """Of each layer: units after it, and before it."""
        told = len(self.now) + 2 * self.sets + len(self.others)
        return {
            "item": (self.standing, len(self.item)),
            "around": (self.standing, 3 * self.standing + len(self.level)),
            "lane": (self.sets, len(self.lane)),
            "lane_now": (self.sets, len(self.lane_now)),
            "customer_now": (self.sets, len(self.customer_now) + len(self.lane)),
            "first_standing": (self.hidden, self.standing),
            "first": (self.hidden, told),
            "second": (self.hidden, self.hidden),
            "head_lane": (self.head, len(self.lane)),
            "head_lane_now": (self.head, len(self.lane_now)),
            "head": (self.head, self.hidden),
            "out": (1, self.head),
        }

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Names and shapes of its tensors: `<layer>.weight` (after, before) and `<layer>.bias` (after,)."""
        found: dict[str, tuple[int, ...]] = {}
        for name, (after, before) in self.layers.items():
            found |= {f"{name}.weight": (after, before), f"{name}.bias": (after,)}
        return found

    def start(self, seed: int) -> dict[str, NDArray[np.float32]]:
        """Numbers to learn from: of a network that says nothing yet."""
        rng = np.random.default_rng([seed, len("universal")])
        found: dict[str, NDArray[np.float32]] = {}
        for name, (after, before) in self.layers.items():
            scale = 0.0 if name == "out" else 1.0 / math.sqrt(before)
            found[f"{name}.weight"] = (scale * rng.uniform(-1, 1, (after, before))).astype(np.float32)
            found[f"{name}.bias"] = np.zeros(after, np.float32)
        return found


FIELDS = {
    "item": ITEM, "lane": LANE, "level": LEVEL, "now": NOW, "lane_now": LANE_NOW, "customer_now": CUSTOMER_NOW, "others": OTHERS
}  # fmt: skip
"""What a network reads, by the parts of its spec."""
