"""What a shortage has to cost for a target of service to be reached: found for each level of autonomy and each method.

Whoever decides is told that cost, decides by it, and is played on training episodes, the same for all: the cost is moved until
service is what was promised. Nobody pays it, so that what methods come to is money at equal service. Letters: G targets,
C customers, K products, B batch.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from orderup.envs.autonomy.autonomy import Autonomy
from orderup.envs.catalogue import changed
from orderup.envs.demand.service import TargetGroup, is_settled, targets
from orderup.envs.information.policy import Policy
from orderup.envs.numerics.arrays import Floats
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.simulator import Simulator
from orderup.envs.trace.trace import Trace

from .base import Agent
from .fitting_progress import tell
from .measured_service import Measure
from .told import in_world

CLOSE = 0.001
"""Distance from the target that is good enough …"""
TRIES = 10
"""… and costs that are tried to come closer."""
NARROW = 0.03
"""Share by which two costs differ between which there is nothing more to be found: levels are steps."""
LARGEST, SMALLEST = 1e6, 1e-6
"""Of a shortage's cost, in holding costs of a period."""


def has_targets(scenario: Scenario) -> bool:
    """Whether any customers are promised service in place of a shortage cost."""
    return any(entry.service is not None and not is_settled(entry.shortage) for entry in scenario.customers)


@dataclass(frozen=True)
class Multipliers:
    """What a shortage costs whoever decides, by target, and the service that came of it on training episodes."""

    targets: tuple[TargetGroup, ...]
    costs: tuple[float, ...]
    """Of a unit short, by target [money/unit]."""
    achieved: tuple[float, ...]
    """Service, by target."""
    tied_up: float = 0.0
    """Money in stock."""
    within: float | None = None
    """The budget that binds; None where none does."""

    def told(self, scenario: Scenario) -> Scenario:
        """The scenario as whoever decides has it: with these costs in place of targets."""
        cost = dict(zip(self.targets, self.costs, strict=True))
        found: dict[int, dict[str, float]] = {}
        for target, place, product in targets(scenario.customers, tuple(scenario.products)):
            found.setdefault(place, {})[product] = cost[target]
        dumped = scenario.model_dump(by_alias=True)["customers"]
        customers = [{**keys, "shortage": found[row]} if row in found else keys for row, keys in enumerate(dumped)]
        return changed(scenario, customers=customers, budget=None)

    @property
    def missed(self) -> tuple[str, ...]:
        """Targets that are not reached, a clause each."""
        why = "" if self.within is None else f" within a budget of {self.within:g}"
        return tuple(
            f"service of {target.told} is not reached{why}: {100 * found:.1f} % in training"
            for target, found in zip(self.targets, self.achieved, strict=True)
            if abs(found - target.share) > 3 * CLOSE
        )


def multipliers(scenario: Scenario, autonomy: Autonomy, agent: Any) -> Multipliers:
    """The costs at which an agent's service is what was promised, or as close as it comes; found once in a process."""
    return _found(_TargetTask(scenario, autonomy, agent))


@dataclass(frozen=True, eq=False)
class _TargetTask:
    scenario: Scenario
    autonomy: Autonomy
    agent: Any

    @property
    def key(self) -> tuple[Any, ...]:
        asked = self.agent
        said = (type(asked).__qualname__, repr(asked.model_dump())) if isinstance(asked, Agent) else (id(asked),)
        return (self.scenario.model_dump_json(), self.autonomy.model_dump_json(), *said)

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _TargetTask) and self.key == other.key


@lru_cache(maxsize=256)
def _found(task: _TargetTask) -> Multipliers:
    search = _Search(task)
    what = f"service of {task.scenario.name} at {task.autonomy.name}"
    for number in range(TRIES):
        tell(what, number / TRIES)
        if search.done:
            break
        search.next()
    return search.best if task.scenario.budget is None else search.within(task.scenario.budget)


class _Search:
    """Costs moved in the logarithm, service in its log odds, in which they go nearly together: secants within brackets."""

    def __init__(self, task: _TargetTask) -> None:
        self._task = task
        found = list(targets(task.scenario.customers, tuple(task.scenario.products)))
        self._targets = tuple(dict.fromkeys(target for target, _, _ in found))
        self._wanted = np.array([target.share for target in self._targets])
        network = Simulator(task.scenario, task.autonomy).numpy_network
        self._measure = Measure.of(network, self._targets)
        self._unit = self._measure.holding(network)
        start = np.log(self._wanted / (1.0 - self._wanted))  # the newsvendor's critical ratio
        self._costs, self._slopes = start, np.ones_like(start)
        self._low, self._high = np.full_like(start, math.log(SMALLEST)), np.full_like(start, math.log(LARGEST))
        self._last: tuple[Floats, Floats] | None = None
        self._trace: Trace | None = None  # of all tries, drawn by the first
        self.best: Multipliers = Multipliers(self._targets, tuple(np.exp(start) * self._unit), (math.nan,) * len(start))
        self._error = math.inf

    @property
    def done(self) -> bool:
        """Whether it is close enough, or can come no closer."""
        return self._error <= CLOSE or bool((self._high - self._low < NARROW).all())

    def next(self) -> None:
        """Try the costs that look best so far."""
        costs = np.exp(self._costs) * self._unit
        found = self._tried(costs)
        achieved = np.array(found.achieved)
        error = float(np.abs(achieved - self._wanted).max())
        if error < self._error:
            self._error, self.best = error, found
        self._move(achieved)

    def within(self, budget: float) -> Multipliers:
        """The best of what ties up no more than a budget: all costs less by one factor, found by halving in the logarithm."""
        full, low, high = np.array(self.best.costs), 0.0, 0.0
        found = self.best
        for _ in range(TRIES):
            if found.tied_up <= budget and high - low < NARROW:
                break
            shift = (low + high) / 2 if low < high else high - 1.0
            tried = replace(self._tried(full * math.exp(shift)), within=budget)
            if tried.tied_up > budget:
                high, low = shift, min(low, shift)
            else:
                found, low = tried, shift
        return found

    def _tried(self, costs: Floats) -> Multipliers:
        """What comes of these costs (G,) in training."""
        asked = Multipliers(self._targets, tuple(costs.tolist()), ())
        task = self._task
        told = asked.told(task.scenario)
        achieved, tied_up, self._trace = self._measure.of_policy(task.scenario, task.autonomy, task.agent, told, self._trace)
        return replace(asked, achieved=tuple(achieved.tolist()), tied_up=tied_up)

    def _move(self, achieved: Floats) -> None:
        """New costs by what came of the last ones."""
        gap = _odds(self._wanted) - _odds(achieved)
        short = achieved < self._wanted
        self._low = np.where(short, np.maximum(self._low, self._costs), self._low)
        self._high = np.where(short, self._high, np.minimum(self._high, self._costs))
        if self._last is not None:
            step, moved = self._costs - self._last[0], _odds(achieved) - self._last[1]
            slope = np.divide(moved, step, out=self._slopes.copy(), where=np.abs(step) > 1e-9)
            self._slopes = np.clip(np.where(np.abs(step) > 1e-9, slope, self._slopes), 0.3, 3.0)
        self._last = self._costs, _odds(achieved)
        wanted = self._costs + gap / self._slopes
        settled = np.abs(achieved - self._wanted) <= CLOSE / 2
        inside = (wanted > self._low) & (wanted < self._high)
        middle = (self._low + self._high) / 2
        self._costs = np.where(settled, self._costs, np.where(inside, wanted, middle))


def _odds(share: Floats) -> Floats:
    kept = np.clip(share, 1e-6, 1.0 - 1e-6)
    found: Floats = np.log(kept / (1.0 - kept))
    return found


def at_service(agent: Any, simulator: Simulator) -> dict[str, Policy]:
    """Who fills the seats of a simulator whose customers are promised service: the agent, told what a shortage has to cost."""
    found = multipliers(simulator.scenario, simulator.autonomy, agent)
    return in_world(agent, simulator, found.told(simulator.scenario), found.missed)
