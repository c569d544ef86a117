"""The network as a Gymnasium environment: one planner decides for all sites."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
from numpy.typing import NDArray

from ..autonomy.autonomy import PLANNER
from ..foundation.errors import InputError
from ..information.observation import ObservationEntry
from ..rendering.picture import RENDER_FPS, RENDER_MODES, checked_mode
from .parallel import ParallelNetwork


class CentralNetwork(gymnasium.Env[Any, Any]):
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
        self.render_fps = RENDER_FPS
        """Pictures a second, in a film."""
        self.max_episode_steps = self._env.max_cycles
        """Periods of an episode, after which it is truncated; also `max_cycles`, as PettingZoo calls it."""

    @property
    def max_cycles(self) -> int:
        """As `max_episode_steps`."""
        return self.max_episode_steps

    @property
    def reward_scale(self) -> float:
        """What rewards are multiplied by."""
        return self._env.reward_scale

    @property
    def state_space(self) -> gymnasium.spaces.Box:
        """Space of `state()`."""
        return self._env.state_space

    def state(self) -> NDArray[np.float32]:
        """As ParallelNetwork's."""
        return self._env.state()

    def observation_table(self) -> list[ObservationEntry]:
        """What every number of the observation is."""
        return self._env.observation_table(PLANNER)

    def action_masks(self) -> NDArray[np.bool_]:
        """Whether each choice is worth making (A·k,), as sb3-contrib's masked policies ask.

        Raises InputError for actions that are no choices.
        """
        return self._env.action_mask(PLANNER).astype(bool)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Begin episode 0 of `seed`, or the next episode of the last seed."""
        super().reset(seed=seed)
        observations, infos = self._env.reset(seed, options)
        return observations[PLANNER], infos[PLANNER]

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """One period."""
        observations, rewards, terminations, truncations, infos = self._env.step({PLANNER: action})
        return observations[PLANNER], rewards[PLANNER], terminations[PLANNER], truncations[PLANNER], infos[PLANNER]

    def close(self) -> None:
        """Close the window, if there is one."""
        self._env.close()

    def render(self) -> Any:
        """As ParallelNetwork's."""
        return self._env.render()
