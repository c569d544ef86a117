"""Environments by recorded programs say what they say array by array, and take no more memory for long."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from orderup.envs.api.central import CentralNetwork
from orderup.envs.api.parallel import ParallelNetwork
from orderup.envs.api.vector import VectorNetwork

from ..memory import megabytes, needs_proc
from .recorded_twins import LEVELS, needs_numba

pytestmark = needs_numba


def joint(env: ParallelNetwork, rng: np.random.Generator) -> dict[str, Any]:
    return {agent: rng.uniform(-1, 1, env.action_space(agent).shape).astype(np.float32) for agent in env.agents}


@pytest.mark.parametrize("autonomy", LEVELS)
def test_a_parallel_environment_says_the_same(autonomy: str) -> None:
    envs = [ParallelNetwork("owmr", autonomy, horizon=6, compiled=compiled) for compiled in (False, True)]
    rng = np.random.default_rng(1)
    for _ in range(2):
        (seen, infos), (shown, notes) = (env.reset(seed=3) for env in envs)
        assert infos == notes
        while envs[0].agents:
            actions = joint(envs[0], rng)
            (seen, *said), (shown, *told) = (env.step(actions) for env in envs)
            assert said == told
            for agent in seen:
                assert np.array_equal(seen[agent], shown[agent])
            assert np.array_equal(envs[0].state(), envs[1].state())


def test_a_central_environment_says_the_same() -> None:
    envs = [CentralNetwork("owmr", horizon=6, compiled=compiled) for compiled in (False, True)]
    rng, done = np.random.default_rng(1), False
    for env in envs:
        env.reset(seed=3)
    while not done:
        action = rng.uniform(-1, 1, envs[0].action_space.shape or ()).astype(np.float32)
        (seen, *said), (shown, *told) = (env.step(action) for env in envs)
        assert np.array_equal(seen, shown)
        assert said == told
        done = bool(said[2])


def test_a_vector_environment_says_the_same_in_single_precision() -> None:
    envs = [VectorNetwork("owmr", copies=40, horizon=6, dtype="float32", compiled=compiled) for compiled in (False, True)]
    rng = np.random.default_rng(1)
    for env in envs:
        env.seed(4)
    first, second = (env.reset() for env in envs)
    assert np.array_equal(first, second)
    for _ in range(14):
        actions = rng.uniform(-1, 1, (envs[0].num_envs, *(envs[0].action_space.shape or ()))).astype(np.float32)
        (seen, paid, done, infos), (shown, also_paid, also_done, notes) = (env.step(actions) for env in envs)
        assert np.array_equal(np.asarray(seen), np.asarray(shown))
        assert np.array_equal(paid, also_paid)
        assert np.array_equal(done, also_done)
        assert [sorted(info) for info in infos] == [sorted(note) for note in notes]
        for info, note in zip(infos, notes, strict=True):
            assert np.array_equal(info.get("terminal_observation", 0), note.get("terminal_observation", 0))


@needs_proc
@pytest.mark.slow
def test_ten_thousand_resets_and_a_hundred_thousand_steps_take_no_more_memory() -> None:
    env = ParallelNetwork("owmr", horizon=10, compiled=True)
    actions = {agent: np.zeros(env.action_space(agent).shape, np.float32) for agent in env.possible_agents}

    def play(episodes: int) -> None:
        for _ in range(episodes):
            env.reset()
            while env.agents:
                env.step(actions)

    env.reset(seed=0)
    play(500)
    before = megabytes()
    play(10_000)
    assert megabytes() < before + 8
