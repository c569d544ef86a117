"""Stable-Baselines3 and sb3-contrib train on rows, with choices and masks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats
from stable_baselines3 import DQN, PPO

from orderup.integrations.stable_baselines3 import HUBER, dqn_env, ppo_settings, sb3_env

Values = NDArray[np.float64]
DEMAND = np.arange(41)
CHANCES = stats.poisson.pmf(DEMAND, 10)


def test_ppo_trains_on_numbers_and_planner_and_sites_share_a_policy() -> None:
    env = sb3_env("owmr", "hybrid_soe", copies=2, uniform=True, horizon=10)
    model = PPO("MlpPolicy", env, **ppo_settings(env, periods=10, minibatches=2), n_epochs=1, device="cpu").learn(140)
    assert np.isfinite(model.predict(env.reset(), deterministic=True)[0]).all()


def test_dqn_trains_on_choices() -> None:
    env: Any = dqn_env("newsvendor", copies=4, horizon=10)
    model = DQN("MlpPolicy", env, learning_starts=20, train_freq=1, buffer_size=200, device="cpu").learn(80)
    assert 0 <= int(model.predict(env.reset(), deterministic=True)[0][0]) <= 20


def test_rewards_for_dqn_are_a_tenth() -> None:
    usual, small = (make("newsvendor", copies=4, actions="discrete", horizon=10) for make in (sb3_env, dqn_env))
    assert small.reward_scale == pytest.approx(HUBER * usual.reward_scale)
    for env in (usual, small):
        env.seed(0)
        env.reset()
    rewards = [env.step(np.full(4, 10))[1] for env in (usual, small)]
    np.testing.assert_allclose(rewards[1], HUBER * rewards[0], rtol=1e-6)


def test_by_huber_s_loss_the_best_level_is_too_low_where_errors_exceed_1_and_the_optimum_where_they_are_a_tenth() -> None:
    scale = sb3_env("newsvendor", copies=1).reward_scale
    assert liked(mean, scale) == 37
    assert liked(by_huber, scale) == 35
    assert liked(by_huber, HUBER * scale) == 37


def liked(guess: Callable[[Values], Values], scale: float) -> float:
    """The newsvendor's level with the best value after the three periods of a lead time of two, each guessed from the next."""
    stock = np.arange(-100.0, 61.0)
    worth = -scale * np.where(stock > 0, stock, -9.0 * stock)
    for discount in (1.0, 0.8, 0.8):
        worth = discount * guess(np.interp(stock[:, None] - DEMAND, stock, worth))
    return float(stock[worth.argmax()])


def mean(values: Values) -> Values:
    """By the squared loss (S,) of values (S, D)."""
    means: Values = values @ CHANCES
    return means


def by_huber(values: Values) -> Values:
    """Where the slope of Huber's loss is 0, by bisection."""
    low, high = values.min(axis=1), values.max(axis=1)
    for _ in range(40):
        middle = (low + high) / 2
        slope = np.clip(values - middle[:, None], -1.0, 1.0) @ CHANCES
        low, high = np.where(slope > 0, middle, low), np.where(slope > 0, high, middle)
    found: Values = low
    return found


def test_masked_ppo_chooses_what_masks_leave() -> None:
    contrib = pytest.importorskip("sb3_contrib")
    env = sb3_env("owmr", "central_ideal", copies=2, actions="discrete", horizon=10)
    model = contrib.MaskablePPO("MlpPolicy", env, **ppo_settings(env, periods=10, minibatches=2), n_epochs=1, device="cpu")
    model.learn(40)
    masks = env.action_masks()
    chosen, _ = model.predict(env.reset(), action_masks=masks)
    left = masks.reshape(2, 6, 21)
    assert all(left[copy, number, chosen[copy, number]] for copy in range(2) for number in range(6))


def test_a_recurrent_policy_trains() -> None:
    contrib = pytest.importorskip("sb3_contrib")
    env = sb3_env("newsvendor", copies=4, horizon=10)
    contrib.RecurrentPPO("MlpLstmPolicy", env, n_steps=10, batch_size=20, n_epochs=1, device="cpu").learn(40)
