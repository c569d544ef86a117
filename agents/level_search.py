"""The best levels, by simulation: down the gradient of episodes' cost where there is one, then by trying neighbours.

Letters: M candidates, E episodes, P parties of a level, L lanes, K products.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from orderup.envs.autonomy import Autonomy
from orderup.envs.schema import Scenario
from orderup.envs.seating import Seating
from orderup.envs.simulator import Party, Simulator
from orderup.envs.trace import Trace

from .base_stock import waiting_time
from .level_rule import LevelRule
from .levels import installation_levels
from .stopwatch import Stopwatch
from .window import Window

Floats = NDArray[np.float64]
Numbers = dict[str, Floats]
"""`<party>/level` [units], and where there are any `<party>/gain` and `<party>/news`, each (L, K) or (M, L, K)."""

EPISODES = 8192
"""Played for every candidate when neighbours are tried, the same for all."""
MOST = 24_000_000
"""Numbers simulated at most in one round of trying, periods × lanes × products; beyond, candidates get fewer episodes …"""
FEWEST_EPISODES = 128
"""… but never fewer than these: below, neighbours are not tried at all."""
PLAIN, FEWEST_DESCENDED = 8, 32
"""Lanes × products up to which a step down the gradient has all its episodes, and how many it has at least."""
COARSE, FINE, FINEST = 0.16, 0.04, 0.01
"""Steps between neighbours, in usual levels: the first where no gradient was followed, the first where one was, the last."""


@dataclass(frozen=True)
class Problem:
    """What is searched: levels, and with `forecast` gains, of everybody who decides at a level."""

    scenario: Scenario
    autonomy: Autonomy
    forecast: bool
    seed: int

    @property
    def parties(self) -> tuple[Party, ...]:
        """Who decides."""
        there: dict[Party, bool] = {"sites": self.autonomy.has_sites, "planner": self.autonomy.has_planner}
        return tuple(party for party, decides in there.items() if decides)

    def start(self) -> Numbers:
        """Closed-form levels, and gains of nothing."""
        simulator, found = Simulator(self.scenario, self.autonomy), {}
        for party in self.parties:
            wait = waiting_time(simulator.context(0, party))
            all_known = self.autonomy.authority == "central"
            found[f"{party}/level"] = installation_levels(simulator.plan, all_known=all_known, wait=wait)
            if self.forecast:
                found[f"{party}/gain"] = 0.0 * found[f"{party}/level"]
            if self.scenario.promotions:
                found[f"{party}/news"] = 0.0 * found[f"{party}/level"] + 1.0
        return found

    def rules(self, numbers: Mapping[str, Any]) -> dict[Party, LevelRule]:
        """Everybody's rule with these numbers."""
        return {party: rule_of(numbers, party) for party in self.parties}

    @property
    def differentiable(self) -> bool:
        """Whether the cost has slopes that lead somewhere: not with lot sizes or fixed costs, where it is a stair."""
        return not Simulator(self.scenario, self.autonomy).plan.steps


def rule_of(numbers: Mapping[str, Any], party: str) -> LevelRule:
    """A party's rule with its numbers."""
    return LevelRule(numbers[f"{party}/level"], numbers.get(f"{party}/gain"), numbers.get(f"{party}/news"))


def descend(problem: Problem, numbers: Numbers, iterations: int, episodes: int, rate: float) -> Numbers:
    """Adam on fresh episodes in every step."""
    from .backpropagation import Search, Table, one_thread
    from .objective import Objective

    window = Window.of(problem.scenario)
    episodes = max(int(episodes * min(PLAIN / next(iter(numbers.values())).size, 1.0)), FEWEST_DESCENDED)
    scales = {name: _scale(problem, name, values) for name, values in numbers.items()}
    with one_thread():
        simulator = Simulator(
            problem.scenario,
            problem.autonomy,
            batch=episodes,
            horizon=window.periods,
            to_the_end=window.to_the_end,
            backend="torch",
            dtype="float32",
        )
        start = {name: (values / scales[name]).astype(np.float32) for name, values in numbers.items()}
        search = Search(start, rate, iterations, 1.0, None)
        units = {name: simulator.backend.asarray(scale) for name, scale in scales.items()}
        rules = problem.rules(search.numbers)
        table = Table(simulator, rules, Objective(1.0, 0.5), Stopwatch())
        first_cost: float | None = None
        while not search.finished:
            for party, rule in rules.items():
                rule.level = (search.numbers[f"{party}/level"] * units[f"{party}/level"]).clamp_min(0.0)
                for name in ("gain", "news"):
                    if (key := f"{party}/{name}") in search.numbers:
                        setattr(rule, name, search.numbers[key] * units[key])
            simulator.reset(problem.seed, np.arange(episodes) + search.done * episodes)
            cost = table.play(window)
            first_cost = first_cost or abs(float(cost.detach())) or 1.0
            search.step(cost / first_cost)
        found = {name: values.astype(float) * scales[name] for name, values in search.arrays().items()}
    return {name: np.maximum(values, 0.0) if name.endswith("level") else values for name, values in found.items()}


def better(problem: Problem, candidates: list[Numbers]) -> Numbers:
    """The one that costs least on the same episodes."""
    window, size = Window.of(problem.scenario), Simulator(problem.scenario, problem.autonomy).plan.usual_level.size
    episodes = max(min(EPISODES, MOST // (window.periods * size * len(candidates))), FEWEST_EPISODES)
    return candidates[int(_judge(problem, window, episodes)(candidates).argmin())]


def try_neighbours(problem: Problem, numbers: Numbers, whole: bool) -> Numbers:
    """Move single levels up and down, by ever smaller steps, as long as the same episodes get cheaper; whole ones stay so.

    Every round tries all single moves at once; those that help are then tried together, and the best of all is kept.
    """
    plan = Simulator(problem.scenario, problem.autonomy).plan
    names = [name for name in numbers if name.endswith("level")]
    places = [(name, lane, product) for name in names for lane, product in np.ndindex(numbers[name].shape)]
    window = Window.of(problem.scenario)
    episodes = min(EPISODES, MOST // (window.periods * plan.usual_level.size * (2 * len(places) + 2)))
    if whole:
        numbers = {name: np.round(values) if name in names else values for name, values in numbers.items()}
    if episodes < FEWEST_EPISODES:
        return numbers
    judge, share = _judge(problem, window, episodes), FINE if problem.differentiable else COARSE
    while share >= FINEST:
        step = np.maximum(share * plan.usual_level, 1e-9)
        step = np.maximum(np.round(step), 1.0) if whole else step
        numbers = _settled(numbers, places, step, judge)
        if whole and step.max() == 1.0:
            break
        share /= 2
    return numbers


Judge = Callable[[list[Numbers]], Floats]
"""Mean cost (M,) of each of some numbers."""


def _settled(numbers: Numbers, places: list[tuple[str, int, int]], step: Floats, judge: Judge) -> Numbers:
    """Numbers no single one of which can be moved by its step (L, K) with profit."""
    while True:
        moves = [(place, sign * float(step[place[1:]])) for place in places for sign in (1, -1)]
        tried = [numbers, *(_moved(numbers, [move]) for move in moves)]
        cost = judge(tried)
        helping = [move for move, paid in zip(moves, cost[1:], strict=True) if paid < cost[0]]
        if not helping:
            return numbers
        best = tried[int(cost.argmin())]
        together = _moved(numbers, helping)
        numbers = together if len(helping) > 1 and judge([together, best]).argmin() == 0 else best


def _moved(numbers: Numbers, moves: list[tuple[tuple[str, int, int], float]]) -> Numbers:
    found = {name: values.copy() for name, values in numbers.items()}
    for (name, lane, product), size in moves:
        found[name][lane, product] = max(found[name][lane, product] + size, 0.0)
    return found


def _judge(problem: Problem, window: Window, episodes: int) -> Judge:
    """All candidates on the same episodes, which are drawn once, in one batch."""
    simulator_of = partial(
        Simulator, problem.scenario, problem.autonomy, horizon=window.periods, to_the_end=window.to_the_end, dtype="float32"
    )
    drawn = _drawn(simulator_of(batch=episodes), problem.seed)

    def costs(candidates: list[Numbers]) -> Floats:
        count = len(candidates)
        simulator = simulator_of(batch=count * episodes)
        stacked = {
            name: np.repeat(np.stack([numbers[name] for numbers in candidates]), episodes, axis=0) for name in candidates[0]
        }
        seating = Seating(simulator, {str(party): rule for party, rule in problem.rules(stacked).items()})
        seating.replay(drawn.repeated(count))
        total = np.zeros(count * episodes)
        while not simulator.done:
            paid = simulator.advance(seating.decisions()).discounted.cost
            if simulator.now.period > window.burn_in:
                total += paid
        found: Floats = total.reshape(count, episodes).mean(axis=1) / window.length
        return found

    return costs


def _drawn(simulator: Simulator, seed: int) -> Trace:
    simulator.reset(seed)
    assert simulator.trace is not None  # as it has just been drawn
    return simulator.trace


def _scale(problem: Problem, name: str, values: Floats) -> Floats:
    """Units in which one step size suits all: a usual level, or ten of a gain."""
    if name.endswith(("gain", "news")):
        return np.full_like(values, 10.0)
    plan = Simulator(problem.scenario, problem.autonomy).plan
    found: Floats = np.maximum(values, plan.mean[plan.destination, :, 0]) + 1e-9
    return found
