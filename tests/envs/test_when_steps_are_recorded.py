"""When steps are played by recorded programs, and by which key that is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import orderup
from orderup.envs.api import seats as seats_module
from orderup.envs.api.parallel import ParallelNetwork
from orderup.envs.api.seats import PAYS_AFTER, PAYS_ONCE_COMPILED, Seats
from orderup.envs.api.vector import VectorNetwork
from orderup.envs.authority.rewards import OwnCost, PeriodOutcome
from orderup.envs.autonomy.autonomy import PLANNER
from orderup.envs.foundation.errors import InputError
from orderup.envs.numerics.arrays import Array

from .levels_of_autonomy import level
from .recorded_twins import LATE, Twins, begun, needs_numba

pytestmark = needs_numba


@pytest.mark.parametrize("autonomy", LATE)
def test_a_late_feed_refuses_to_be_recorded_by_its_key_and_else_is_played_array_by_array(autonomy: str) -> None:
    with pytest.raises(InputError, match="compiled"):
        orderup.parallel_env("owmr", autonomy, compiled=True)
    twins = begun("owmr", autonomy, horizon=5)
    twins.play()
    assert twins.refusal == "a feed that is late or noisy"


def test_filled_seats_refuse_to_be_recorded_by_their_key() -> None:
    seats = {PLANNER: orderup.make_agent("base_stock")}
    with pytest.raises(InputError, match="compiled.*policies in seats"):
        ParallelNetwork("owmr", level("band", band=0.5), seats=seats, compiled=True)


def test_without_numba_it_is_refused_by_its_key_and_else_played_array_by_array(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seats_module, "can_compile", lambda: False)
    with pytest.raises(InputError, match=r"compiled.*Numba is not installed.*orderup\[compiled\]"):
        VectorNetwork("owmr", copies=2, compiled=True)
    env = VectorNetwork("owmr", copies=2)
    assert env.seats._played_until_recorded is None


def test_a_numba_that_does_not_come_is_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "orderup.envs.recording.compiled", None)
    twins = begun("owmr", horizon=4)
    twins.play()
    assert "Numba" in str(twins.refusal)
    env = ParallelNetwork("owmr", compiled=True)
    env.reset(seed=0)
    with pytest.raises(InputError, match="compiled"):
        env.step({agent: np.zeros(env.action_space(agent).shape, np.float32) for agent in env.agents})


class Choosy(OwnCost):
    """Looks at the numbers themselves."""

    def reward(self, outcome: PeriodOutcome) -> Array:
        return super().reward(outcome) * (2.0 if outcome.cost.sum() > 100.0 else 1.0)


class Squared(OwnCost):
    """Uses what no recorded row can be made of."""

    def reward(self, outcome: PeriodOutcome) -> Array:
        return -(outcome.cost**2)


class Particular(OwnCost):
    """Wants an array of NumPy's."""

    def reward(self, outcome: PeriodOutcome) -> Array:
        if not isinstance(outcome.cost, np.ndarray):
            raise ValueError("not an array")
        return -outcome.cost


class Halved(OwnCost):
    """Can be recorded."""

    def reward(self, outcome: PeriodOutcome) -> Array:
        return -0.5 * outcome.cost


@pytest.mark.parametrize("reward", [Choosy(), Squared(), Particular()])
def test_ones_own_reward_that_cannot_be_recorded_is_worked_out_array_by_array(reward: Any) -> None:
    twins = begun("owmr", reward=reward, horizon=4)
    twins.play()
    assert twins.refusal
    env = ParallelNetwork("owmr", reward=reward, compiled=True)
    env.reset(seed=0)
    with pytest.raises(InputError, match="compiled"):
        env.step({agent: np.zeros(env.action_space(agent).shape, np.float32) for agent in env.agents})


def test_ones_own_reward_is_recorded_where_it_can_be() -> None:
    twins = begun("owmr", reward=Halved(), horizon=4)
    twins.play()
    assert twins.refusal is None


def test_steps_are_recorded_once_that_pays_in_the_middle_of_an_episode_too(monkeypatch: pytest.MonkeyPatch) -> None:
    assert PAYS_AFTER > PAYS_ONCE_COMPILED >= 1000
    monkeypatch.setattr(seats_module, "PAYS_AFTER", 14)
    monkeypatch.setattr(seats_module, "PAYS_ONCE_COMPILED", 14)
    twins = Twins("owmr", "central_periodic", horizon=10)
    twins.recorded = Seats("owmr", "central_periodic", batch=3, horizon=10)
    assert twins.recorded.recorded is None
    for seed in range(3):
        twins.reset(seed)
        twins.play(looks=(4, 6))
    assert twins.refusal is None
