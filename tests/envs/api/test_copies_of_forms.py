"""Errors that are raised again, copies made in the middle of an episode, and many restarts, of every form."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import cloudpickle
import gymnasium
import numpy as np
import pytest

from orderup import aec_env, batched_env, central_env, central_vector_env, parallel_env, vector_env
from orderup.envs.foundation.errors import InputError, UnknownName

from ...memory import megabytes, needs_proc
from ..clients import sampled


def test_an_error_survives_being_raised_again_from_its_text_or_from_itself() -> None:
    with pytest.raises(UnknownName) as caught:
        parallel_env("owmr", actions="levels")
    error = caught.value
    for again in (UnknownName(str(error)), UnknownName(error), InputError(str(error)), pickle.loads(pickle.dumps(error))):
        assert str(again) == str(pickle.loads(pickle.dumps(again))) == str(error)
    assert UnknownName(error).key == error.key
    with pytest.raises(InputError, match=r"actions\[planner_0\]: found \[nan\]"):
        _in_processes()


def _in_processes() -> None:
    env = gymnasium.vector.AsyncVectorEnv([lambda: central_env("newsvendor", horizon=3)] * 2, context="fork")
    try:
        env.reset(seed=1)
        env.step(np.full((2, 1), np.nan, np.float32))
    finally:
        env.close(terminate=True)


FORMS: dict[str, Any] = {
    "parallel": lambda: parallel_env("disruption_storm", "hybrid_soe", horizon=9, actions="discrete"),
    "parallel-tokens": lambda: parallel_env("owmr", "federated", horizon=9, observations="tokens"),
    "turns": lambda: aec_env("owmr", "hybrid_soe", horizon=9),
    "central": lambda: central_env("disruption_storm", horizon=9),
    "batched": lambda: batched_env("disruption_storm", "hybrid_soe", 3, horizon=9),
    "rows": lambda: vector_env("owmr", copies=3, horizon=9),
    "vector": lambda: central_vector_env("owmr", num_envs=3, horizon=9),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_copy_made_in_the_middle_of_an_episode_goes_on_as_the_original_does(form: str) -> None:
    env = FORMS[form]()
    env.reset()
    play(env, 5)
    copies = [pickle.loads(pickle.dumps(env)), copy.deepcopy(env), pickle.loads(cloudpickle.dumps(env))]
    story = play(env, 7, first=5)
    for other in copies:
        assert play(other, 7, first=5) == story


def play(env: Any, periods: int, first: int = 0) -> bytes:
    """Some periods, over an episode's end too, and all that was told."""
    told = []
    for period in range(first, first + periods):
        if hasattr(env, "agent_selection"):
            if not env.agents or all(env.truncations.values()):
                env.reset()
            for _ in env.possible_agents:
                env.step(sampled(env, period)[env.agent_selection])
            found: Any = [env.observe(agent) for agent in env.possible_agents], env.rewards
        else:
            if getattr(env, "agents", True) == []:
                env.reset()
            found = env.step(_some(env, period))
            if len(found) == 5 and not hasattr(env, "num_envs") and np.all(_ended(found[3])):
                env.reset()
        told.append(written(found))
    return b"".join(told)


def written(found: Any) -> bytes:
    """All numbers and names, bit for bit."""
    if isinstance(found, dict):
        return b"".join(str(name).encode() + written(value) for name, value in found.items())
    if isinstance(found, (list, tuple)):
        return b"".join(map(written, found))
    return found.tobytes() if isinstance(found, np.ndarray) else repr(found).encode()


def _ended(flags: Any) -> bool:
    return all(flags.values()) if isinstance(flags, dict) else bool(flags)


def _some(env: Any, seed: int) -> Any:
    if not hasattr(env, "possible_agents"):
        shape = (env.num_envs, *env.action_space.shape[-1:]) if hasattr(env, "num_envs") else env.action_space.shape
        return np.random.default_rng(seed).uniform(-1, 1, shape).astype(np.float32)
    one = sampled(env, seed)
    return {agent: np.stack([action] * env.num_envs) for agent, action in one.items()} if hasattr(env, "num_envs") else one


@needs_proc
@pytest.mark.slow
@pytest.mark.exhaustive
def test_a_hundred_thousand_restarts_take_no_more_memory() -> None:
    env = parallel_env("newsvendor", horizon=2)
    for number in range(100_000):
        env.reset(seed=number if number % 2 else None)
        if number == 5_000:
            before = megabytes()
    assert megabytes() - before < 4
