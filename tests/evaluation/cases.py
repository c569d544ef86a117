"""Scenarios and policies small enough to work out by hand."""

from __future__ import annotations

import itertools
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from pydantic import PrivateAttr

from orderup.agents import Agent
from orderup.envs.catalogue import load_autonomy
from orderup.envs.information.information import Information
from orderup.envs.information.policy import Context, Decision
from orderup.evaluation import Result, Training, evaluate

TWO_SITES: dict[str, Any] = {
    "name": "two_sites",
    "description": "=1+1, a formula for a careless spreadsheet",
    "horizon": 2,
    "sites": {"store_1": {"holding": 1, "initial": 10}, "warehouse_1": {"holding": 0.5, "initial": 20}},
    "lanes": [
        {"from": "warehouse_1", "to": "store_1", "lead_time": 1},
        {"from": "supplier", "to": "warehouse_1", "lead_time": 1},
    ],
    "customers": [{"site": "store_1", "shortage": 9, "demand": {"type": "replay", "values": [12, 3]}}],
}
"""The store is asked for 12 and 3 units."""

RANDOM: dict[str, Any] = {
    "name": "random_line",
    "horizon": 30,
    "warmup": 10,
    "products": ["tea", "coffee"],
    "sites": {
        "store_1": {"holding": 1, "initial": 9},
        "store_2": {"holding": 1, "initial": 9},
        "warehouse_1": {"holding": 0.5, "initial": 12},
    },
    "lanes": [
        {"from": "warehouse_1", "to": "store_1", "lead_time": 1},
        {"from": "warehouse_1", "to": "store_2", "lead_time": 1, "transfer_price": 2},
        {"from": "supplier", "to": "warehouse_1", "lead_time": 2, "unit_cost": 1},
        {"from": "store_1", "to": "store_2", "lead_time": 1, "lateral": True},
    ],
    "customers": [
        {"site": "store_1", "segment": "first", "shortage": 9, "demand": {"type": "poisson", "mean": 4}},
        {
            "site": "store_1",
            "segment": "second",
            "priority": 1,
            "products": ["tea"],
            "shortage": 5,
            "demand": {"type": "poisson", "mean": 3},
        },
        {"site": "store_2", "shortage": 9, "unmet": "lost", "demand": {"type": "poisson", "mean": 5}},
    ],
}
"""Two segments at one store, lost sales at the other, two products, a lateral lane."""


class Scripted(Agent):
    """Orders given quantities: a list over periods of one number for each lane, in the network's order."""

    quantities: list[list[float]]

    def act(self, information: Information) -> Decision:
        return Decision(quantity=np.array(self.quantities[information.period])[None, :, None])


class Levels(Agent):
    """Orders up to given levels: a list over periods of one number for each lane, in the network's order."""

    levels: list[list[float]]

    def act(self, information: Information) -> Decision:
        return Decision(level=np.array(self.levels[information.period])[None, :, None])


class Moody(Agent):
    """Orders at random, by the context's seed."""

    _generator: np.random.Generator = PrivateAttr()
    _shape: tuple[int, int, int] = PrivateAttr()

    def reset(self, context: Context) -> None:
        self._generator = np.random.default_rng(context.seed)
        self._shape = (context.batch, len(context.network.lanes), len(context.network.products))

    def act(self, information: Information) -> Decision:
        return Decision(quantity=1.0 * self._generator.poisson(5.0, self._shape))


class Dice(Agent):
    """As `Moody`, with dice of its own: two of them are equal policies that do not do the same."""

    dice: int
    _generator: np.random.Generator = PrivateAttr()
    _shape: tuple[int, int, int] = PrivateAttr()

    def reset(self, context: Context) -> None:
        self._generator = np.random.default_rng([self.dice, context.seed])
        self._shape = (context.batch, len(context.network.lanes), len(context.network.products))

    def act(self, information: Information) -> Decision:
        return Decision(quantity=1.0 * self._generator.poisson(5.0, self._shape))


def costing(costs: Any, level: str = "autonomous_silo", name: str = "rule", **learnt: Any) -> Result:
    """A result whose episodes cost this per period, by decisions of its own.

    `seed=…` and keys of a learner make it that of a trained run.
    """
    base = _episodes(len(costs), level)
    training = None
    if learnt:
        told = ("seed", "trained_at", "game")
        settings = {"type": "ppo", **{key: value for key, value in learnt.items() if key not in told}}
        trained_at = load_autonomy(learnt.get("trained_at", level))
        training = Training("ppo", settings, learnt["seed"], trained_at, base.traces.scenario, learnt.get("game"))
    sums = base.sums.assign(cost=np.asarray(costs) * base.sums["periods"], decisions=float(next(_NUMBERS)))
    return replace(base, name=name, sums=sums, training=training)


_NUMBERS = itertools.count(1)


@lru_cache
def _episodes(count: int, level: str) -> Result:
    return evaluate(RANDOM, level, "hold", episodes=count)
