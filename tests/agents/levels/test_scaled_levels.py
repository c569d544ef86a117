"""Levels that were searched are never beaten by themselves scaled, on held-out traces; and what was not searched is said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest

import orderup
from benchmarks.scaled_levels import Rival, rivals
from orderup.agents import make_agent
from orderup.agents.levels.search import search as level_search
from orderup.agents.levels.search.moves import Evaluator, Numbers, Trying, groups
from orderup.agents.levels.search.optimised import OptimisedBaseStock, _fit, searched
from orderup.agents.levels.search.search import SearchProblem, try_neighbours
from orderup.agents.rules.fitted import _fit as _fit_rule
from orderup.agents.rules.fitted import _Problem as RuleProblem
from orderup.agents.rules.rule import Rule
from orderup.envs.catalogue import load_autonomy, load_scenario
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.simulator import Simulator

from ...covering import beyond

SILO = "autonomous_silo"
SHIPPED = (
    "additive",
    "additive_import",
    "beer_game",
    "local_promotions",
    "lost_sales",
    "seasonal",
    "serial_clark_scarf",
    "serial_poisson",
    "single_source",
)
"""Scenarios of every kind of demand and cost; each takes some ten seconds."""


def network(sites: int, products: int, lot: int | None = None, seed: int = 0) -> Scenario:
    """A plant, a warehouse and stores, each product with costs and demand of its own; orders in lots that cost something."""
    rng, names = np.random.default_rng(seed), [f"p{number}" for number in range(products)]
    stores = [f"store_{number}" for number in range(1, sites - 1)]
    steps: dict[str, Any] = {} if lot is None else {"multiple": lot, "fixed_cost": 4.0}
    base = {"plant_1": 0.25, "warehouse_1": 0.5, **dict.fromkeys(stores, 1.0)}
    lanes = [("supplier", "plant_1", 3), ("plant_1", "warehouse_1", 2)]
    lanes += [("warehouse_1", store, int(rng.integers(0, 3))) for store in stores]
    keys = {
        "name": f"drawn_{sites}_{products}_{lot or 0}",
        "horizon": 120,
        "warmup": 40,
        "products": names,
        "sites": {
            site: {"holding": {name: round(float(rate * rng.uniform(0.7, 1.3)), 3) for name in names}}
            for site, rate in base.items()
        },
        "lanes": [{"from": source, "to": site, "lead_time": time, **steps} for source, site, time in lanes],
        "customers": [
            {
                "site": store,
                "products": [name],
                "shortage": round(float(rng.uniform(4, 20)), 2),
                "demand": {"type": "poisson", "mean": round(float(rng.uniform(3, 20)), 1)},
            }
            for store in stores
            for name in names
        ],
    }
    return load_scenario(keys)


def beaten_by(problem: SearchProblem, numbers: Any, episodes: int, least: float = 0.001) -> list[Rival]:
    """Those that save more than chance and `least` [share] explain."""
    return [rival for rival in rivals(problem, numbers, episodes) if rival.saving > 3 * rival.error + least]


def levels_of(scenario: Any, autonomy: Any = SILO, **keys: Any) -> tuple[SearchProblem, Any]:
    problem = SearchProblem(load_scenario(scenario), load_autonomy(autonomy), False, 0)
    agent = make_agent({"type": "optimised_base_stock", **keys})
    assert isinstance(agent, OptimisedBaseStock)
    return problem, searched(problem, agent)


def test_groups_are_all_levels_those_of_each_site_and_those_of_each_product() -> None:
    numpy_network = Simulator(network(3, 2)).numpy_network
    found = list(groups(numpy_network))
    assert [int(part.sum()) for part in found] == [6, 2, 2, 2, 3, 3]
    assert len(list(groups(Simulator("newsvendor").numpy_network))) == 1


@pytest.fixture
def few_numbers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A search of small rounds, whose results nothing keeps."""
    _fit.cache_clear()
    for name, most in {
        "MOST": 2_000_000,
        "MOST_OF_FEW": 4_000_000,
        "MOST_TOGETHER": 2_000_000,
        "MOST_CLOSER": 4_000_000,
    }.items():
        monkeypatch.setattr(level_search, name, most)
    yield
    _fit.cache_clear()


@pytest.mark.usefixtures("few_numbers")
@pytest.mark.parametrize("factor", [0.8, 1.2])
def test_levels_that_are_all_off_by_as_much_are_put_right(factor: float) -> None:
    problem, found = levels_of("serial_poisson", iterations=0, neighbours=False)
    off = {name: values * factor for name, values in found.numbers.items()}
    right = try_neighbours(problem, off, integral=True).numbers
    np.testing.assert_allclose(right["sites/level"][:, 0], [23, 19, 19, 18], atol=2)


@pytest.mark.usefixtures("few_numbers")
def test_levels_in_lots_are_not_beaten_by_themselves_scaled() -> None:
    problem, found = levels_of(network(3, 2, lot=5))
    assert not problem.differentiable
    assert beaten_by(problem, found.numbers, 200) == []


def test_what_few_episodes_do_not_tell_is_looked_at_more_closely() -> None:
    """One move saves 0.4, thirty-nine nothing: 16 episodes of standard deviation 1 cannot be sure of it, 1,600 can."""
    numbers = {"sites/level": np.zeros((1, 1))}

    def costs_of(episodes: int) -> Evaluator:
        def costs(candidates: Sequence[Numbers]) -> Any:
            means = np.array([-0.4 if candidate["sites/level"].item() == 1.0 else 0.0 for candidate in candidates])
            noise = np.random.default_rng([episodes]).normal(size=(len(candidates), episodes))
            return means[:, None] + noise - noise.mean(axis=1, keepdims=True) * (episodes < 100)

        return costs

    moves = [lambda _, value=value: {"sites/level": np.full((1, 1), float(value))} for value in range(1, 41)]
    few, closer = Trying(costs_of(16), sure=2.0), Trying(costs_of(16), sure=2.0, closer=[lambda: costs_of(1600)])
    assert few.settled(numbers, moves) is numbers
    assert closer.settled(numbers, moves)["sites/level"].item() == 1.0


def test_large_steps_are_tried_again_after_small_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """The store's level wants to be raised by a twentieth, and only then the warehouse's by a tenth, by less not at all."""
    problem = SearchProblem(load_scenario("selfish_line"), load_autonomy(SILO), False, 0)

    def cost(numbers: Numbers) -> float:
        store, warehouse = numbers["sites/level"][:, 0] / 10.0
        ready = 1.04 < store < 1.06
        return float(abs(store - 1.05) + (0.0 if ready and warehouse > 1.09 else 5.0 + abs(warehouse - 1.0)))

    def evaluator(*_: Any) -> Evaluator:
        return lambda candidates: np.array([[cost(numbers)] * 2 for numbers in candidates])

    monkeypatch.setattr(level_search, "_evaluator", evaluator)
    network = Simulator(problem.scenario, problem.autonomy).numpy_network
    assert network.sites == ("store_1", "warehouse_1")
    start = {"sites/level": np.full((2, 1), 10.0)}
    found, cut_short = level_search._together(problem, network, start, integral=False)
    np.testing.assert_allclose(found["sites/level"][:, 0], [10.5, 11.0])
    assert not cut_short


@pytest.mark.slow
def test_a_fitted_rule_is_not_beaten_by_itself_scaled() -> None:
    rule = make_agent({"type": "s_s", "fitted": True})
    assert isinstance(rule, Rule)
    problem = RuleProblem(network(3, 1, lot=5), load_autonomy(SILO), False, 0, rule)
    found = {f"{name}/level": values for name, values in _fit_rule(problem).numbers.items()}
    assert beaten_by(problem, found, 200) == []


def test_what_a_search_leaves_undone_stands_beside_its_result() -> None:
    small = {"type": "optimised_base_stock", "iterations": 2, "episodes": 8, "neighbours": False}
    (told,) = orderup.evaluate("newsvendor", agents=small, episodes=2).caveats
    assert "neighbours were not tried" in told
    steps = orderup.evaluate(network(3, 1, lot=5), agents=small, episodes=2).caveats
    assert any("its levels are those of the closed form" in caveat for caveat in steps)


def test_a_network_too_large_for_single_levels_says_that_these_were_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(level_search, "MOST", 10_000)
    monkeypatch.setattr(level_search, "MOST_OF_FEW", 10_000)
    monkeypatch.setattr(level_search, "MOST_TOGETHER", 300_000)
    monkeypatch.setattr(level_search, "MOST_CLOSER", 300_000)
    problem = SearchProblem(network(3, 2, lot=5), load_autonomy(SILO), False, 0)
    start = problem.start()
    found = try_neighbours(problem, start, integral=True)
    assert found.undone == ("its 6 levels were not tried one by one: only those of a site, of a product and all together",)
    far = {name: 0.7 * values for name, values in start.items()}
    near = try_neighbours(problem, far, integral=True).numbers
    assert near["sites/level"].sum() > far["sites/level"].sum()


@pytest.mark.slow
@pytest.mark.parametrize("lot", [pytest.param(None, marks=pytest.mark.exhaustive), 5])
def test_fifty_six_levels_are_not_beaten_by_themselves_scaled(lot: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a third of the steps, by rounds half as long as usual: single levels are still tried."""
    _fit.cache_clear()
    for name in ("MOST", "MOST_OF_FEW", "MOST_TOGETHER"):
        monkeypatch.setattr(level_search, name, getattr(level_search, name) // 2)
    problem, found = levels_of(network(7, 8, lot), iterations=30)
    assert found.undone == ()
    assert beaten_by(problem, found.numbers, 150) == []


@pytest.mark.slow
@pytest.mark.usefixtures("few_numbers")
@pytest.mark.parametrize("scenario", [pytest.param(name, marks=beyond(f"{name} scaled")) for name in SHIPPED])
def test_levels_of_scenarios_are_not_beaten_by_themselves_scaled(scenario: str) -> None:
    problem, found = levels_of(scenario, iterations=40, episodes=64)
    assert beaten_by(problem, found.numbers, 200, least=0.005) == []
