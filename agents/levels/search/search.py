"""The best levels, by simulation: down the gradient of episodes' cost where there is one, then by trying neighbours.

Letters: M candidates, E episodes, P parties of a level, L lanes, K products.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeAlias

import numpy as np

from orderup.envs.autonomy.autonomy import Autonomy
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Floats
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.simulator import Party, Simulator

from ...fitting_progress import tell
from ...gradients.episode_window import EpisodeWindow
from ...learning.stopwatch import Stopwatch
from ..allocating import AllocationRule
from ..base_stock import closed_form_levels
from ..level_rule import Follows, LevelRule
from ..news import is_news
from ..sources import whole_levels
from .candidates import Candidates, RecordedCandidates
from .moves import ROUNDS, SCALES, SURE, Evaluator, Trying, group_moves, is_level, movable, single_moves

Numbers: TypeAlias = dict[str, Floats]
"""`<party>/level` [units], and where there are any `<party>/gain` and `<party>/news`, each (L, K) or (M, L, K)."""

EPISODES = 8192
"""Played for every candidate when neighbours are tried, the same for all."""
MOST = 24_000_000
"""Numbers simulated at most in one round of trying, periods × lanes × products; beyond, candidates get fewer episodes …"""
FEWEST_EPISODES = 128
"""… down to these; where they would be fewer, a round may be longer, and what is found is believed if it is sure."""
MOST_OF_FEW, FEWEST_OF_FEW, ROUNDS_OF_FEW = 72_000_000, 48, 6
"""Of such a round; with fewer episodes single levels are not tried. A round takes some ten seconds."""
MOST_TOGETHER = 12_000_000
"""Of a round in which groups of levels are scaled …"""
MOST_CLOSER = 16_000_000
"""… and of a closer look at half of them, at a quarter, and so on, where none is cheaper for sure."""
PASSES = 10
"""Through steps of all sizes by which groups are scaled."""
PLAIN, FEWEST_DESCENDED = 8, 32
"""Lanes × products up to which a step down the gradient has all its episodes, and how many it has at least."""
COARSE, FINE, FINEST = 0.16, 0.04, 0.01
"""Steps between neighbours, in usual levels: the first where no gradient was followed, the first where one was, the last."""


@dataclass(frozen=True)
class SearchProblem:
    """What is searched: levels, and with `forecast` gains, of all who decide; a planner may allocate."""

    scenario: Scenario
    autonomy: Autonomy
    forecast: bool
    seed: int
    allocation: AllocationRule | None = field(default=None, kw_only=True)
    follows: Follows = field(default="customers", kw_only=True)
    """What levels follow for those who see all records."""
    recorded: RecordedCandidates = field(default_factory=RecordedCandidates, kw_only=True, compare=False, repr=False)

    @property
    def parties(self) -> tuple[Party, ...]:
        """Who decides."""
        there: dict[Party, bool] = {"sites": self.autonomy.has_sites, "planner": self.autonomy.has_planner}
        return tuple(party for party, decides in there.items() if decides)

    @property
    def what(self) -> str:
        """What is fitted, for those who wait."""
        return f"levels for {self.scenario.name} at {self.autonomy.name}"

    def start(self) -> Numbers:
        """Closed-form levels, and gains of nothing."""
        simulator, found = Simulator(self.scenario, self.autonomy), {}
        for party in self.parties:
            context = simulator.context(0, party)
            found[f"{party}/level"] = whole_levels(simulator.numpy_network, closed_form_levels(context))
            if self.forecast:
                found[f"{party}/gain"] = 0.0 * found[f"{party}/level"]
            if is_news(simulator.numpy_network):
                found[f"{party}/news"] = 0.0 * found[f"{party}/level"] + 1.0
        return found

    def rules(self, numbers: Mapping[str, Any]) -> dict[Party, LevelRule]:
        """The rule of every party with these numbers."""
        return {party: rule_of(numbers, party, self.allocation, self.follows) for party in self.parties}

    def variants(self, may_leave: bool) -> list[SearchProblem]:
        """The same with each signal that levels could follow: whoever sees all may do as those who see only their own.

        A centre that `may_leave` it also divides nothing itself.
        """
        simulator = Simulator(self.scenario, self.autonomy)
        sees_all = any(self.autonomy.sees(simulator.seats_of(party), "shared") for party in self.parties)
        signals: tuple[Follows, ...] = ("customers", "orders") if self.forecast and sees_all else (self.follows,)
        rules = (self.allocation, None) if may_leave and self.allocation is not None else (self.allocation,)
        return [
            replace(self, follows=follows, allocation=allocation, recorded=RecordedCandidates())
            for allocation in rules
            for follows in signals
        ]

    @property
    def places(self) -> int:
        """How many levels of a party anything depends on."""
        return int(movable(Simulator(self.scenario, self.autonomy).numpy_network).sum())

    @property
    def window(self) -> EpisodeWindow:
        """The part of an episode that is looked at."""
        return EpisodeWindow.of(Simulator(self.scenario, self.autonomy).numpy_network, self.autonomy)

    def least(self, name: str) -> float:
        """The least that a level of this name can be."""
        return 0.0

    @property
    def slopes_help(self) -> bool:
        """Whether a gradient is worth following to the levels of a few lanes.

        Not to levels of parts: their closed forms are close, and steps are long where goods are made.
        """
        return self.differentiable and Simulator(self.scenario, self.autonomy).numpy_network.recipes is None

    @property
    def differentiable(self) -> bool:
        """Whether the cost has slopes that lead somewhere: not with lot sizes or fixed costs, where it is a stair."""
        return not Simulator(self.scenario, self.autonomy).numpy_network.steps


def rule_of(
    numbers: Mapping[str, Any], party: str, allocation: AllocationRule | None = None, follows: Follows = "customers"
) -> LevelRule:
    """A party's rule with its numbers; it is the planner that allocates."""
    level, gain, news = (numbers.get(f"{party}/{name}") for name in ("level", "gain", "news"))
    return LevelRule(level, gain, news, allocation if party == "planner" else None, follows)


def descend(problem: SearchProblem, numbers: Numbers, iterations: int, episodes: int, rate: float) -> Numbers:
    """Adam on fresh episodes in every step."""
    from ...gradients.backpropagation import Optimiser, Rollout
    from ...gradients.objective import Objective
    from ...learning.one_thread import one_thread

    window = problem.window
    episodes = max(int(episodes * min(PLAIN / next(iter(numbers.values())).size, 1.0)), FEWEST_DESCENDED)
    scales = {name: _scale(problem, name, values) for name, values in numbers.items()}
    with one_thread():
        simulator = window.simulator(problem.scenario, problem.autonomy, episodes, backend="torch")
        start = {name: (values / scales[name]).astype(np.float32) for name, values in numbers.items()}
        optimiser = Optimiser(start, rate, iterations, 1.0, None)
        units = {name: simulator.backend.asarray(scale) for name, scale in scales.items()}
        rules = problem.rules(optimiser.numbers)
        table = Rollout(simulator, rules, Objective(1.0, 0.5), Stopwatch())
        table.record()
        first_cost: float | None = None
        while not optimiser.finished:
            for party, rule in rules.items():
                rule.level = (optimiser.numbers[f"{party}/level"] * units[f"{party}/level"]).clamp_min(0.0)
                for name in ("gain", "news"):
                    if (key := f"{party}/{name}") in optimiser.numbers:
                        setattr(rule, name, optimiser.numbers[key] * units[key])
            simulator.reset(problem.seed, np.arange(episodes) + optimiser.done * episodes)
            tell(f"{problem.what}, down the gradient", optimiser.done / iterations)
            cost = table.play(window)
            first_cost = first_cost or abs(float(cost.detach())) or 1.0
            optimiser.step(cost / first_cost)
        found = {name: values.astype(float) * scales[name] for name, values in optimiser.arrays().items()}
    return {name: np.maximum(values, 0.0) if name.endswith("level") else values for name, values in found.items()}


def better(problem: SearchProblem, candidates: list[Numbers]) -> Numbers:
    """The one that costs least on the same episodes."""
    return candidates[int(_costs(problem, candidates, len(candidates)).argmin())]


def best_variant(fitted: Sequence[tuple[SearchProblem, Numbers]]) -> tuple[SearchProblem, Numbers]:
    """The variant of a problem, with its numbers, that costs least on the same episodes."""
    if len(fitted) == 1:
        return fitted[0]
    costs = [_costs(problem, [numbers], len(fitted))[0] for problem, numbers in fitted]
    return fitted[int(np.argmin(costs))]


def _costs(problem: SearchProblem, candidates: list[Numbers], shares: int) -> Floats:
    """What each costs on average, on as many episodes as so many candidates can have."""
    network = Simulator(problem.scenario, problem.autonomy).numpy_network
    episodes = max(_affordable(MOST, problem.window, network, shares), FEWEST_EPISODES)
    found: Floats = _evaluator(problem, problem.window, episodes)(candidates).mean(axis=1)
    return found


@dataclass(frozen=True)
class SearchResult:
    """What a search has come to, and what it has left undone, a clause each."""

    problem: SearchProblem
    """The variant that was chosen."""
    numbers: Numbers
    undone: tuple[str, ...] = ()


def try_neighbours(problem: SearchProblem, numbers: Numbers, integral: bool) -> SearchResult:
    """Move single levels by ever smaller steps, then scale those of a site, of a product and all, as long as it gets cheaper.

    Whole levels stay whole. Single levels of large networks are tried on few episodes, and are believed less; of still larger
    ones they are not tried.
    """
    network = Simulator(problem.scenario, problem.autonomy).numpy_network
    if integral:
        numbers = {name: np.round(values) if is_level(name) else values for name, values in numbers.items()}
    undone = []
    places = problem.places * sum(map(is_level, numbers))
    episodes = _affordable(MOST, problem.window, network, 2 * places + 2)
    few = episodes < FEWEST_EPISODES
    if few:
        episodes = min(_affordable(MOST_OF_FEW, problem.window, network, 2 * places + 2), FEWEST_EPISODES)
    if episodes < FEWEST_OF_FEW:
        undone.append(f"its {places} levels were not tried one by one: only those of a site, of a product and all together")
    else:
        trying = Trying(_evaluator(problem, problem.window, episodes), SURE if few else 0.0, ROUNDS_OF_FEW if few else ROUNDS)
        numbers = _singly(problem, network, numbers, integral, trying)
        if trying.cut_short:
            undone.append(f"its search was cut short after {trying.rounds} rounds of steps of one size")
    numbers, cut_short = _together(problem, network, numbers, integral)
    if cut_short:
        undone.append(
            "levels of a site, of a product and all were still getting cheaper together when its search was cut short"
        )
    return SearchResult(problem, numbers, tuple(undone))


def _singly(problem: SearchProblem, network: Network, numbers: Numbers, integral: bool, trying: Trying) -> Numbers:
    """Single levels, up and down."""
    share = FINE if problem.slopes_help else COARSE
    sizes = math.ceil(math.log2(share / FINEST)) + 1
    while share >= FINEST:
        trying.tells = partial(tell, f"{problem.what}, level by level", 1 - (math.log2(share / FINEST) + 1) / sizes)
        step = np.maximum(share * network.usual_level, 1e-9)
        step = np.maximum(np.round(step), 1.0) if integral else step
        numbers = trying.settled(numbers, single_moves(network, numbers, step, {name: problem.least(name) for name in numbers}))
        if integral and step.max() == 1.0:
            break
        share /= 2
    return numbers


def _together(problem: SearchProblem, network: Network, numbers: Numbers, integral: bool) -> tuple[Numbers, bool]:
    """Groups of levels, on whole episodes, since a part of them need not be like the rest; and whether that was cut short.

    What small steps have changed can make large ones worth while again: so all sizes are gone through until none helps.
    """
    if sum(values.size for name, values in numbers.items() if is_level(name)) == 1:
        return numbers, False
    trying = _trying_together(problem, network, len(group_moves(network, numbers, SCALES[0], integral)) + 1)
    for _ in range(PASSES):
        before = numbers
        for done, share in enumerate(SCALES):
            trying.tells = partial(tell, f"{problem.what}, sites and products together", done / len(SCALES))
            numbers = trying.settled(numbers, group_moves(network, numbers, share, integral))
        if numbers is before:
            return numbers, trying.cut_short
    return numbers, True


def _trying_together(problem: SearchProblem, network: Network, count: int) -> Trying:
    """So many groups on few episodes, where they have to be sure of helping, and ever fewer of them on more."""
    whole_episode = problem.scenario.horizon - problem.scenario.warmup
    window = EpisodeWindow(problem.scenario.warmup, whole_episode, to_the_end=True)
    episodes = [max(_affordable(MOST_TOGETHER, window, network, count), FEWEST_OF_FEW)]
    while count > 2:
        count = (count + 1) // 2
        episodes.append(_affordable(MOST_CLOSER, window, network, count))
    closer = [partial(_evaluator, problem, window, many) for many in dict.fromkeys(episodes) if many > episodes[0]]
    return Trying(_evaluator(problem, window, episodes[0]), SURE, closer=closer)


def _affordable(most: int, window: EpisodeWindow, network: Network, candidates: int) -> int:
    """How many episodes each of some candidates can have."""
    return min(EPISODES, most // (window.periods * network.usual_level.size * candidates))


def _evaluator(problem: SearchProblem, window: EpisodeWindow, episodes: int) -> Evaluator:
    """All candidates on the same episodes."""

    def simulator_of(batch: int) -> Simulator:
        return window.simulator(problem.scenario, problem.autonomy, batch)

    helped = problem.allocation is not None or simulator_of(1).sees_the_present
    return Candidates(simulator_of, problem.rules, problem.seed, episodes, window.burn_in, problem.recorded, helped).costs


def _scale(problem: SearchProblem, name: str, values: Floats) -> Floats:
    """Units in which one step size suits all: a usual level, or ten of a gain."""
    if name.endswith(("gain", "news")):
        return np.full_like(values, 10.0)
    network = Simulator(problem.scenario, problem.autonomy).numpy_network
    found: Floats = np.maximum(values, network.loads.mean[network.topology.destination, :, 0]) + 1e-9
    return found
