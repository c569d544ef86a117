"""What an agent could not hold in memory is refused by the key that asks for it, with its size and what would fit."""

from __future__ import annotations

from typing import Any

import pytest

import orderup
from orderup.agents import make_agent
from orderup.agents.size_limits import MOST, check_memory
from orderup.envs.foundation.errors import InputError
from orderup.envs.simulator import Simulator


def test_what_fits_is_said_and_fits() -> None:
    numbers = int(3 * MOST * 1e9 / 8)
    with pytest.raises(
        InputError, match=r"agent.window: found '900, which makes demand of 6.0 GB'; accepted: at most about 300"
    ):
        check_memory("agent.window", 900, numbers, "demand")
    check_memory("agent.window", 300, numbers // 3, "demand")


@pytest.mark.parametrize(
    ("agent", "level", "key"),
    [
        ({"type": "moving_average", "window": 10_000}, "autonomous_silo", "agent.window"),
        ({"type": "forecast_newsvendor", "method": "moving_average", "window": 10_000}, "autonomous_silo", "agent.window"),
        (
            {"type": "forecast_newsvendor", "method": "gradient_boosting", "window": 10_000, "lags": 10_000},
            "autonomous_silo",
            "agent.lags",
        ),
        ({"type": "mpc", "horizon": 10_000, "scenarios": 1_000}, "central_ideal", "agent.horizon"),
    ],
)
def test_an_agent_that_looks_too_far_is_refused_before_it_begins(agent: Any, level: str, key: str) -> None:
    if agent.get("method") == "gradient_boosting":
        pytest.importorskip("sklearn", reason="scikit-learn is not installed: orderup[forecast]")
    long = {**orderup.load_scenario("owmr").model_dump(by_alias=True), "name": "long", "horizon": 10_000}
    simulator = Simulator(long, level, batch=100 if "lags" in agent else 8_000)
    with pytest.raises(InputError, match=r"GB'; accepted: at most about [0-9]+, for 2 GB") as caught:
        make_agent(agent).reset(simulator.context(0, "planner" if simulator.autonomy.has_planner else "sites"))
    assert caught.value.key == key


def test_a_long_window_is_no_more_than_its_episodes_are_long() -> None:
    assert orderup.evaluate("newsvendor", agents={"type": "moving_average", "window": 10_000}, episodes=2, horizon=60).cost > 0
