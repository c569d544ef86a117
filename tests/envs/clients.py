"""What clients of the environments do: act, and compare what they are told."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
from numpy.typing import NDArray

from orderup.envs.api.parallel import ParallelNetwork

PERIODS = 6
"""Long enough for a test."""


def action(*numbers: float) -> NDArray[np.float32]:
    return np.array(numbers, np.float32)


def actions_for(env: ParallelNetwork, rng: np.random.Generator) -> dict[str, NDArray[np.float32]]:
    return {agent: rng.uniform(-1, 1, env.action_space(agent).shape).astype(np.float32) for agent in env.agents}


def assert_same(ours: Any, theirs: Any) -> None:
    assert ours.keys() == theirs.keys()
    for key, value in ours.items():
        if isinstance(value, dict):
            assert_same(value, theirs[key])
        else:
            np.testing.assert_array_equal(value, theirs[key])


def sampled(env: Any, seed: int) -> dict[str, Any]:
    """An action for every agent of an environment, or of a copy."""
    rng = np.random.default_rng(seed)
    found: dict[str, Any] = {}
    for agent in env.possible_agents:
        space = env.action_space(agent)
        if isinstance(space, gymnasium.spaces.Box):
            found[agent] = rng.uniform(-1, 1, space.shape).astype(np.float32)
        else:
            found[agent] = rng.integers(0, 21, () if isinstance(space, gymnasium.spaces.Discrete) else space.shape)
    return found
