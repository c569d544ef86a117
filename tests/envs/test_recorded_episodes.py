"""Episodes with the rule inside a recorded program: each costs what it does array by array, at every level of autonomy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from orderup.agents.levels.allocating import divides, shared_lanes
from orderup.agents.levels.search.search import SearchProblem
from orderup.envs.catalogue import list_autonomy
from orderup.envs.information.information import Information
from orderup.envs.information.policy import Context, Decision
from orderup.envs.recorded_episodes import Programs, RecordedEpisodes
from orderup.envs.recording.graph import NotRecordable
from orderup.envs.seating import Seating
from orderup.envs.simulator import Simulator

from ..covering import covered
from .recorded_twins import needs_numba

BATCH, PERIODS = 4, 11


def problem(scenario: Any, autonomy: str, batch: int = BATCH) -> tuple[Simulator, Any]:
    """A simulator, and rules with other numbers in each episode; a centre divides what is scarce where it can."""
    simulator = Simulator(scenario, autonomy, batch=batch, horizon=PERIODS)
    can_divide = divides(simulator.autonomy) and shared_lanes(simulator.numpy_network).any()
    searched = SearchProblem(simulator.scenario, simulator.autonomy, True, 0, allocation="least_cost" if can_divide else None)
    rng, start = np.random.default_rng(0), searched.start()
    numbers = {
        name: values * rng.uniform(0.5, 1.3, (batch, *values.shape)) + (0.3 if name.endswith("gain") else 0.0)
        for name, values in start.items()
    }
    return simulator, searched.rules(numbers)


def array_by_array(simulator: Simulator, rules: Any) -> np.ndarray[Any, Any]:
    seating = Seating(simulator, {str(party): rule for party, rule in rules.items()})
    seating.reset(seed=5)
    costs = []
    while not simulator.done:
        costs.append(simulator.advance(seating.decisions()).discounted.cost)
    return np.array(costs)


def by_programs(simulator: Simulator, rules: Any) -> np.ndarray[Any, Any]:
    simulator.reset(seed=5)
    for party, rule in rules.items():
        rule.reset(simulator.context(0, party))
    episodes, costs = RecordedEpisodes(simulator, rules), []
    while not simulator.done:
        costs.append(episodes.advance())
    return np.array(costs)


@needs_numba
@covered("level", list_autonomy())
def test_every_scenario_costs_the_same_at_every_level(scenario: str, level: str, recorded_twin: Path) -> None:
    simulator, rules = problem(scenario, level)
    if simulator.numpy_network.fulfilment.sales_alone is not None:  # demand is estimated, from the numbers themselves
        with pytest.raises(NotRecordable, match="numbers that are not known"):
            by_programs(simulator, rules)
        return
    expected = array_by_array(simulator, rules)
    np.testing.assert_allclose(by_programs(simulator, rules), expected, rtol=1e-12, atol=1e-9)


@needs_numba
def test_programs_of_one_batch_serve_for_another_and_for_other_numbers() -> None:
    kept = Programs()
    for batch in (3, 300):
        simulator, rules = problem("owmr", "central_ideal", batch)
        expected = array_by_array(simulator, rules)
        simulator.reset(seed=5)
        rules["planner"].reset(simulator.context(0, "planner"))
        before, episodes = len(kept.of), RecordedEpisodes(simulator, rules, kept)
        found = [episodes.advance() for _ in range(PERIODS)]
        assert not before or len(kept.of) == before
        np.testing.assert_allclose(found, expected, rtol=1e-12)


@needs_numba
def test_the_simulator_is_where_its_episodes_are() -> None:
    simulator, rules = problem("owmr", "autonomous_silo")
    array_by_array(simulator, rules)
    expected = simulator.now.state.on_hand.copy()
    by_programs(simulator, rules)
    assert simulator.done
    assert np.array_equal(simulator.now.state.on_hand, expected)


@needs_numba
def test_what_a_late_feed_would_show_is_not_made_up() -> None:
    simulator, rules = problem("owmr", "central_stale")
    by_programs(simulator, rules)
    assert simulator.now.period == PERIODS
    with pytest.raises(RuntimeError, match="keeps no reports of a late feed"):
        _ = simulator.feed.state


class _Looks:
    """A rule whose order depends on which of two numbers is the larger, and which decides so in Python."""

    numbers: tuple[Any, ...] = ()

    def reset(self, context: Context) -> None:
        self._lanes = len(context.network.lanes)

    def by(self, numbers: tuple[Any, ...]) -> _Looks:
        return self

    def in_numpy(self) -> _Looks:
        return self

    def act(self, information: Information) -> Decision:
        stock = information.own("on_hand")
        return Decision(level=np.full((1, self._lanes, 1), 9.0 if (stock > 5.0).any() else 4.0))


@needs_numba
def test_a_rule_that_looks_at_the_numbers_themselves_is_refused() -> None:
    simulator = Simulator("newsvendor", batch=BATCH, horizon=PERIODS)
    with pytest.raises(NotRecordable):
        by_programs(simulator, {"sites": _Looks()})
