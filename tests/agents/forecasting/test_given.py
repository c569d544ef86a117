"""Who goes by forecasts from elsewhere, and what they are worth where demand goes up and down."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm, poisson

from orderup.agents import make_agent
from orderup.agents.exact import newsvendor_cost
from orderup.agents.levels.level_rule import LevelRule
from orderup.agents.levels.news import ExtraDemand
from orderup.agents.levels.search.search import SearchProblem
from orderup.agents.planning.schaake_shuffle import SchaakeShuffle
from orderup.envs.catalogue import load_autonomy, load_scenario
from orderup.envs.foundation.errors import InputError
from orderup.envs.network.building import build
from orderup.envs.simulator import Simulator
from orderup.evaluation import evaluate

from ...forecast_files import LONG_AGO, forecasts, means, scenario, written

GIVEN = {"type": "forecast_newsvendor", "method": "given"}
TEST = slice(1500, LONG_AGO)


def cost(keys: Any, agent: Any = GIVEN, autonomy: str = "autonomous_silo") -> float:
    return float(evaluate(keys, autonomy, agents=make_agent(agent), episodes=1).cost)


def test_with_the_true_quantiles_it_reaches_the_newsvendors_optimum_of_every_period(tmp_path: Path) -> None:
    """The optimum of each period by itself can be no more than reached; on record, it is what it costs on that demand."""
    written(tmp_path)
    demand, mean = pd.read_csv(tmp_path / "demand.csv")["demand"].to_numpy()[TEST], means()[TEST, 0]
    level = poisson.ppf(0.9, mean)
    on_record = np.maximum(level - demand, 0) + 9 * np.maximum(demand - level, 0)
    expected = float(newsvendor_cost(1.0, 9.0, poisson(mean), level).mean())
    found = cost(scenario(tmp_path))
    assert found == pytest.approx(on_record.mean(), rel=0.002)  # stock left from before is sometimes above the next level
    assert abs(found - expected) < 3 * on_record.std() / len(demand) ** 0.5


def test_forecasts_that_are_moved_cost_more_and_so_do_none(tmp_path: Path) -> None:
    for number, shift in enumerate((0.0, 6.0, -4.0)):
        (tmp_path / str(number)).mkdir()
        written(tmp_path / str(number), forecasts(shift=shift))
    true, high, low = (cost(scenario(tmp_path / str(number), horizon=100)) for number in range(3))
    assert true < 0.9 * min(high, low)
    assert true < 0.7 * cost(scenario(tmp_path / "0", horizon=100), "forecast_newsvendor")


def test_over_several_periods_normal_forecasts_give_the_normal_quantile_of_their_sum(tmp_path: Path) -> None:
    mean, deviation = means()[:, 0], 4.0
    columns = {f"q{level:g}": mean + deviation * norm.ppf(level) for level in (0.2, 0.6, 0.8)}
    written(tmp_path, pd.DataFrame({"period": np.arange(LONG_AGO), "site": "store_1", "product": "tea", **columns}))
    simulator = Simulator(scenario(tmp_path, lead_time=2), "autonomous_silo", split="test")
    policy, information = make_agent(GIVEN), simulator.reset(seed=0)
    policy.reset(simulator.context())
    level = policy.act(information).level
    assert level is not None
    assert level.item() == pytest.approx(norm.ppf(0.9, mean[1500:1503].sum(), deviation * 3**0.5))


def test_beyond_what_is_forecast_stands_usual_demand(tmp_path: Path) -> None:
    path = written(tmp_path)
    short = {"forecasts": {"path": str(path), "ahead": 1}}
    simulator = Simulator(scenario(tmp_path, lead_time=2, **short), "autonomous_silo", split="test")
    policy, information = make_agent(GIVEN), simulator.reset(seed=0)
    policy.reset(simulator.context())
    source, first = simulator.numpy_network.forecasts, means()[1500, 0]
    assert source is not None
    levels, usual = source.levels, source.usual[:, 0, 0]
    own = np.array([poisson.ppf(level, first) for level in levels.levels])
    above = [levels.weights(0.9) @ one - levels.mean(one[:, None])[0] for one in (own, usual, usual)]
    expected = sum(levels.mean(one[:, None])[0] for one in (own, usual, usual)) + np.sqrt(np.sum(np.square(above)))
    decision = policy.act(information)
    assert decision.level is not None
    assert decision.level.item() == pytest.approx(expected)


@pytest.mark.parametrize(("agent", "most"), [("mpc", 0.75), ("universal", 0.9)])
def test_a_planner_and_the_policy_for_every_network_go_by_them(tmp_path: Path, agent: Any, most: float) -> None:
    written(tmp_path)
    keys = scenario(tmp_path, horizon=60)
    assert cost(keys, agent, "autonomous_shared") < most * cost({**keys, "forecasts": None}, agent, "autonomous_shared")


def test_levels_that_follow_what_is_to_come_cost_less_than_those_that_stay(tmp_path: Path) -> None:
    written(tmp_path)
    paid = []
    for news in (np.ones((1, 1)), None):
        simulator = Simulator(scenario(tmp_path, horizon=100), "autonomous_silo", split="test")
        rule, information, total = LevelRule(np.full((1, 1), 38.0), news=news), simulator.reset(seed=0), 0.0
        rule.reset(simulator.context())
        while not simulator.done:
            information, ledger, _ = simulator.step(rule.act(information))
            total += float(ledger.cost[0])
        paid.append(total)
    assert paid[0] < 0.75 * paid[1]


def test_a_search_of_levels_lets_them_follow_forecasts(tmp_path: Path) -> None:
    written(tmp_path)
    asked = load_scenario(scenario(tmp_path)), load_autonomy("autonomous_silo"), False, 0
    assert SearchProblem(*asked).start()["sites/news"].tolist() == [[1.0]]


def test_an_upstream_site_hears_of_its_stores_forecasts_where_records_are_shared_and_not_in_a_silo(tmp_path: Path) -> None:
    """By hand: what forecasts have above the usual, of one period at the store and of two at the warehouse."""
    path = written(tmp_path)
    chain = scenario(
        tmp_path,
        sites={"store_1": {"role": "store", "holding": 1.0}, "warehouse_1": {"role": "warehouse", "holding": 0.5}},
        lanes=[
            {"from": "warehouse_1", "to": "store_1", "lead_time": 0},
            {"from": "supplier", "to": "warehouse_1", "lead_time": 1},
        ],
        forecasts={"path": str(path), "ahead": 2},
    )
    found = {}
    for level in ("autonomous_silo", "autonomous_shared"):
        simulator = Simulator(chain, level, split="test")
        information = simulator.reset(seed=0)
        found[level] = ExtraDemand(simulator.context()).extra(information)[0, :, 0]
    source = simulator.numpy_network.forecasts
    assert source is not None
    told = np.array([[poisson.ppf(level, mean) for level in source.levels.levels] for mean in means()[1500:1502, 0]])
    above = source.levels.mean(told.T) - source.usual_mean[simulator.numpy_network.sites.index("store_1"), 0]
    to_store = list(simulator.numpy_network.topology.source >= 0).index(True)
    assert found["autonomous_silo"][to_store] == pytest.approx(above[0])
    assert found["autonomous_silo"][1 - to_store] == 0.0
    assert found["autonomous_shared"][to_store] == pytest.approx(above[0])
    assert found["autonomous_shared"][1 - to_store] == pytest.approx(above.sum())


def test_futures_have_the_quantiles_that_are_told_in_the_order_they_were_drawn_in(tmp_path: Path) -> None:
    written(tmp_path)
    network = build(load_scenario(scenario(tmp_path)))
    assert network.forecasts is not None
    drawn = np.random.default_rng(0).poisson(30.0, (4, 1, 1, 400)).astype(float)
    told = np.array([poisson.ppf(level, 60.0) for level in network.forecasts.levels.levels])[:, None, None, None]
    found = SchaakeShuffle(network.forecasts, np.array([0]), np.ones((1, 1))).shuffled(drawn, told)
    assert (found[1:] == drawn[1:]).all()
    assert np.quantile(found[0], 0.9) == pytest.approx(poisson.ppf(0.9, 60.0), abs=0.5)
    assert (np.diff(found[0, 0, 0][drawn[0, 0, 0].argsort(kind="stable")]) >= 0).all()


def test_without_forecasts_there_is_nothing_to_go_by(tmp_path: Path) -> None:
    written(tmp_path)
    with pytest.raises(InputError, match="forecasts"):
        cost({**scenario(tmp_path), "forecasts": None})
