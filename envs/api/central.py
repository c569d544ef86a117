"""The network as a Gymnasium environment: one planner decides for all sites."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
from numpy.typing import NDArray

from ..autonomy.autonomy import PLANNER
from ..foundation.errors import InputError
from ..rendering.picture import RENDER_FPS, RENDER_MODES, checked_mode
from .parallel import ParallelNetwork


class CentralNetwork(gymnasium.Env[NDArray[np.float32], NDArray[np.float32]]):
    """The same simulator as `ParallelNetwork`, with its one agent `planner_0` taken out of the dictionaries.

    Raises InputError for a level of autonomy at which sites decide.
    """

    metadata = {"render_modes": list(RENDER_MODES), "render_fps": RENDER_FPS}  # Gymnasium declares it so

    def __init__(self, scenario: Any, autonomy: Any = "central_ideal", render_mode: str | None = None, **options: Any) -> None:
        self.render_mode = checked_mode(render_mode)
        self._env = ParallelNetwork(scenario, autonomy, render_mode=render_mode, **options)
        if self._env.possible_agents != [PLANNER]:
            open_seats = ", ".join(self._env.possible_agents)
            accepted = (
                "an autonomy level whose only open seat is the planner's; fill the others with `seats`, or use parallel_env"
            )
            raise InputError("autonomy", f"open seats {open_seats}", accepted)
        self.observation_space: gymnasium.Space[Any] = self._env.observation_space(PLANNER)
        self.action_space: gymnasium.Space[Any] = self._env.action_space(PLANNER)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.float32], dict[str, Any]]:
        """Begin episode 0 of `seed`, or the next episode of the last seed."""
        super().reset(seed=seed)
        observations, infos = self._env.reset(seed, options)
        return observations[PLANNER], infos[PLANNER]

    def step(self, action: NDArray[np.float32]) -> tuple[NDArray[np.float32], float, bool, bool, dict[str, Any]]:
        """One period."""
        observations, rewards, terminations, truncations, infos = self._env.step({PLANNER: action})
        return observations[PLANNER], rewards[PLANNER], terminations[PLANNER], truncations[PLANNER], infos[PLANNER]

    def close(self) -> None:
        """Close the window, if there is one."""
        self._env.close()

    def render(self) -> Any:
        """As ParallelNetwork's."""
        return self._env.render()
