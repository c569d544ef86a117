"""Demand that wanders: what it says of itself is what it draws, and every episode has its own way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from orderup.envs.demand.wandering import Wandering
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.validation import validated
from orderup.envs.numerics.draws import Draw

EVERYTHING: dict[str, Any] = {
    "mean": 40.0, "variance_to_mean": 4.0, "drift": 0.1, "trend": 0.8, "jump": 0.5, "spell": 0.6, "season": 0.6,
    "memory": 0.7, "spikes": 0.02,
}  # fmt: skip


def draw(xp: Any = np, periods: int = 64, episodes: int = 1500, seed: int = 2) -> Draw:
    return Draw(seed, "store_1", "store_1", ("product",), periods, xp.arange(episodes))


def test_without_movement_it_is_a_count_with_the_variance_asked_for() -> None:
    demand = Wandering(mean=40.0, variance_to_mean=4.0).sample(draw())
    assert np.array_equal(demand, np.round(demand))
    assert demand.min() >= 0
    assert demand.mean() == pytest.approx(40.0 + 4.0 / 4, rel=0.01)
    assert demand.var() == pytest.approx(4.0 * 40.0, rel=0.06)
    before, after = demand[:-1].ravel() - demand.mean(), demand[1:].ravel() - demand.mean()
    assert abs((before * after).mean() / demand.var()) < 0.01


def test_its_moments_are_those_of_what_it_draws() -> None:
    process = Wandering(**EVERYTHING)
    demand = process.sample(draw())[:, 0]
    mean, deviation = process.moments(("product",))
    assert mean[0] == pytest.approx(demand.mean(), rel=0.1)
    assert deviation[0] == pytest.approx(demand.std(), rel=0.15)
    until = np.concatenate([np.zeros((1, demand.shape[1])), demand.cumsum(axis=0)])
    sums = until[8:] - until[:-8]
    of_eight = process.over(("product",), 8)
    assert of_eight.std()[0] == pytest.approx(sums.std(), rel=0.25)
    assert of_eight.std()[0] > 1.5 * np.sqrt(8) * deviation[0]  # a level that is high stays so
    longer = process.over(("product",), 64)
    assert longer.mean()[0] == pytest.approx(64 * mean[0], rel=0.02)


def test_each_movement_is_there_in_a_third_of_the_episodes() -> None:
    for name, size in (("trend", 1.5), ("jump", 1.5), ("spell", 1.5), ("drift", 0.5)):
        level = Wandering(mean=1000.0, **{name: size, **({"jumps": 0.2} if name == "jump" else {})})._level(
            draw(), draw().uniform() * 1.0
        )
        moves = (np.ptp(level[:, 0], axis=0) > 1e-6).mean()
        assert moves == pytest.approx(1 / 3, abs=0.05), name
        assert level.max() <= 1000.0 * 8.0 * 1.0001


def test_an_episode_is_the_same_alone_and_in_pytorch() -> None:
    process = Wandering(**EVERYTHING)
    several = process.sample(draw(episodes=5))
    alone = process.sample(Draw(2, "store_1", "store_1", ("product",), 64, np.array([3])))
    assert np.array_equal(several[..., 3:4], alone)
    assert np.allclose(several, process.sample(draw(torch, episodes=5)).numpy())


@pytest.mark.parametrize(
    ("key", "value"), [("variance_to_mean", 0.5), ("drift", -1), ("season", 2), ("memory", 1), ("mean", -3)]
)
def test_what_cannot_be_is_refused_by_its_key(key: str, value: float) -> None:
    with pytest.raises(InputError, match=key):
        validated(Wandering, {**EVERYTHING, key: value}, "demand")
