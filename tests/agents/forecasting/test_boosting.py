from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from orderup.agents import make_agent
from orderup.agents.forecasting import boosting
from orderup.envs.catalogue import changed, load_scenario
from orderup.envs.foundation.errors import InputError
from orderup.envs.simulator import Simulator
from orderup.evaluation import evaluate

pytest.importorskip("sklearn")

BOOSTED: dict[str, Any] = {"type": "forecast_newsvendor", "method": "gradient_boosting"}
NEWSVENDOR = load_scenario("newsvendor")


def with_demand(demand: dict[str, Any], name: str, **keys: Any) -> Any:
    entry = NEWSVENDOR.customers[0].model_dump(by_alias=True)
    return changed(NEWSVENDOR, name=name, customers=[{**entry, "demand": demand}], **keys)


def test_of_steady_demand_it_learns_the_newsvendors_level() -> None:
    boosted, known = (evaluate(NEWSVENDOR, agents=agent, episodes=100).cost for agent in (BOOSTED, "base_stock"))
    assert known <= boosted < 1.03 * known


def test_of_demand_with_memory_or_a_season_it_learns_more_than_smoothing() -> None:
    remembering = with_demand({"type": "ar1", "mean": 20, "sd": 6, "rho": 0.8}, "remembering")
    weekly = {"type": "seasonal", "base": {"type": "poisson", "mean": 10}, "profile": [0.2, 0.5, 1.0, 1.3, 2.4, 1.1, 0.5]}
    for scenario in (remembering, with_demand(weekly, "weekly", calendar=7)):
        boosted, smoothed = (evaluate(scenario, agents=agent, episodes=50).cost for agent in (BOOSTED, "forecast_newsvendor"))
        assert boosted < 0.95 * smoothed


def test_it_learns_from_training_episodes_only(monkeypatch: pytest.MonkeyPatch) -> None:
    seeds: list[Any] = []
    reset = Simulator.reset

    def noted(self: Simulator, seed: Any = None, episodes: Any = None) -> Any:
        seeds.append(seed)
        return reset(self, seed, episodes)

    monkeypatch.setattr(Simulator, "reset", noted)
    monkeypatch.setattr(boosting, "TREES", 2)
    make_agent(BOOSTED).reset(Simulator(changed(NEWSVENDOR, name="unseen")).context(seed=10_000))
    assert seeds == [boosting.SEED]


def test_a_row_of_a_batch_is_forecast_as_it_would_be_alone_and_every_time_the_same() -> None:
    levels = []
    for batch in (3, 1, 1):
        sim, agent = Simulator("seasonal", batch=batch, horizon=12), make_agent(BOOSTED)
        information = sim.reset(seed=0)
        agent.reset(sim.context())
        found = []
        while not sim.done:
            decision = agent.act(information)
            found.append(np.array(decision.level[0]))
            information, _, _ = sim.step(decision)
        levels.append(found)
    assert np.array_equal(levels[0], levels[1])
    assert np.array_equal(levels[1], levels[2])


@pytest.mark.parametrize("level", ["central_stale", "hybrid_soe", "autonomous_shared"])
def test_it_has_a_place_at_every_level_of_autonomy(level: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boosting, "TREES", 2)
    assert evaluate("reference", level, BOOSTED, episodes=4, horizon=40).cost > -1e9


def test_without_scikit_learn_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boosting, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"pip install orderup\[forecast\]") as caught:
        make_agent(BOOSTED).reset(Simulator("newsvendor").context())
    assert caught.value.key == "agent.method"


def test_quantiles_that_are_learnt_are_not_fitted_again() -> None:
    with pytest.raises(InputError) as caught:
        make_agent({**BOOSTED, "fitted": True}).reset(Simulator("newsvendor").context())
    assert caught.value.key == "agent.fitted"
