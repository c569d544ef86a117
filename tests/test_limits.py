"""What is too large, or no number, is refused by its key before anything is done, and never comes into a table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from orderup.agents.base import Agent
from orderup.agents.learning.learner import Task
from orderup.agents.make import make_agent
from orderup.agents.training.train import learner_of
from orderup.envs.catalogue import load_autonomy, load_scenario
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.validation import validated
from orderup.envs.information.information import Information
from orderup.envs.information.policy import Decision
from orderup.envs.simulator import Simulator
from orderup.evaluation import evaluate
from orderup.evaluation.command import Evaluate


class Endless(Agent):
    """Orders more than there are numbers for."""

    def act(self, information: Information) -> Decision:
        """As much as can be."""
        return Decision(quantity=np.full((1, 1, 1), 1e308))


def test_a_cost_that_is_no_number_is_an_error_and_not_a_row() -> None:
    with pytest.raises(InputError, match=r"^scenario: found 'cost_holding inf \(.*Endless at autonomous_silo, episode 0\)'"):
        evaluate("newsvendor", agents=Endless(), episodes=2, horizon=60)


def test_the_largest_numbers_that_are_taken_have_finite_costs() -> None:
    keys: dict[str, Any] = {**load_scenario("newsvendor").model_dump(by_alias=True), "name": "mine"}
    keys["customers"][0] |= {"demand": {"type": "constant", "value": 1e12}, "shortage": 1e12}
    keys["sites"]["store_1"]["holding"] = 1e12
    result = evaluate(keys, agents={"type": "base_stock", "levels": {"store_1": 0.0}}, episodes=2)
    assert result.cost > 1e24
    assert np.isfinite(result.frame[["estimate"]].loc[result.frame["kpi"] == "cost"]).all().all()


@pytest.mark.parametrize(
    ("key", "value", "accepted"),
    [
        ("episodes", 1e23, "a whole number"),
        ("episodes", 10**23, "less than or equal to 1000000"),
        ("horizon", 10**7, "less than or equal to 1000000"),
        ("batch", 10**9, "less than or equal to 1000000"),
        ("workers", 10**6, "less than or equal to 1024"),
        ("seed", 2**64, "less than 18446744073709551616"),
    ],
)
def test_absurd_sizes_are_refused_by_their_keys(key: str, value: Any, accepted: str) -> None:
    with pytest.raises(InputError, match=f"^{key}: found .*{accepted}"):
        validated(Evaluate, {"scenario": "newsvendor", key: value})


@pytest.mark.parametrize(
    ("agent", "message"),
    [
        ({"type": "forecast_newsvendor", "window": 10**11}, "agent.window: found 100000000000; accepted: .*10000"),
        ({"type": "mpc", "scenarios": 10**7}, "agent.scenarios: found 10000000; accepted: .*1000000"),
        ({"type": "ppo", "hidden": [10**6]}, r"agent.hidden\[0\]: found 1000000; accepted: .*10000"),
        (
            {"type": "pathwise", "steps": 1e9},
            "agent.steps: found 1000000000.0; accepted: a whole number, written as 1000000000",
        ),
        ({"type": "base_stock", "levels": {"store_1": "14"}}, "agent.levels.*found '14'; accepted: a number"),
    ],
)
def test_so_are_those_of_agents(agent: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        make_agent(agent)


def test_episodes_that_no_memory_holds_are_refused() -> None:
    with pytest.raises(InputError, match="^batch: found 10000000; accepted: at most 4294"):
        Simulator("newsvendor", batch=10_000_000, horizon=1_000_000)
    with pytest.raises(InputError, match="^episodes: found 10000000; accepted: at most 1000000"):
        evaluate("newsvendor", episodes=10_000_000)


@pytest.mark.parametrize("name", ["pathwise", "ppo"])
@pytest.mark.parametrize(("level", "key"), [("autonomous_silo", "planner"), ("central_ideal", "sites")])
def test_an_agent_for_a_seat_that_is_not_there_is_refused(name: str, level: str, key: str) -> None:
    task = Task(load_scenario("newsvendor"), load_autonomy(level), 0)
    learner = learner_of({"type": name, key: "base_stock"}, {})
    with pytest.raises(InputError, match=f"^agent.{key}: found 'base_stock'; accepted: nothing at {level}, where no"):
        learner.sized(task).check(task)
