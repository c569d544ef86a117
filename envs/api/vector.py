"""Many copies of the network as one Stable-Baselines3 VecEnv: a row for each copy and seat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from stable_baselines3.common.vec_env import VecEnv

from ..foundation.errors import InputError
from ..rendering.picture import RENDER_FPS, RENDER_MODES, Screen, checked_mode
from ..simulator import Ledger, whole
from .seats import Seats


class VectorNetwork(VecEnv):
    """The simulator's batch itself: row c·S + s is seat s of copy c.

    All rows end together; the last observations are then in `infos` as `terminal_observation`, with `TimeLimit.truncated`, and
    the next episodes have begun. `reward_scale` multiplies the rewards, which are −cost otherwise; `render_mode` is as for
    `ParallelNetwork`, and shows the first copy. Raises InputError for an autonomy level whose open seats do not share one
    format, planner and sites: fill one of the parties with `seats`.
    """

    def __init__(
        self,
        scenario: Any,
        autonomy: Any = "autonomous_silo",
        copies: int = 64,
        reward_scale: float = 1.0,
        render_mode: str | None = None,
        **options: Any,
    ) -> None:
        self.seats = Seats(scenario, autonomy, batch=whole(copies, "copies"), **options)
        if len(self.seats.views) != 1:
            accepted = "an autonomy level whose open seats are all sites', or the planner's alone: fill the others with `seats`"
            raise InputError("autonomy", f"open seats {', '.join(self.seats.names) or 'none'}", accepted)
        (self.view,) = self.seats.views
        self.copies, self.reward_scale = copies, reward_scale
        self.render_mode = checked_mode(render_mode)
        self._screen = Screen(self.seats.simulator, self.seats.seating)
        self._actions: NDArray[Any] = np.empty(0)
        super().__init__(copies * len(self.view.names), self.view.observation_space, self.view.action_space)
        self.metadata: dict[str, Any] = {"render_modes": list(RENDER_MODES), "render_fps": RENDER_FPS}

    def reset(self) -> NDArray[np.float32]:
        """Begin the next episodes; after `seed(s)` those numbered 0 … copies−1 of seed s.

        With the option `episode`, a number, those from it on.
        """
        first = self._options[0].get("episode")
        self.seats.reset(self._seeds[0], None if first is None else np.arange(first, first + self.copies))
        self._reset_seeds()
        self._reset_options()
        self.reset_infos = [{} for _ in range(self.num_envs)]
        return self._observations()

    def step_async(self, actions: NDArray[Any]) -> None:
        """Keep the actions (rows, A); Box actions outside [−1, 1] are clipped, as SB3 clips them itself.

        Raises InputError for NaN, which a policy that has diverged says.
        """
        self._actions = np.clip(actions, -1.0, 1.0)
        if np.isnan(self._actions).any():
            row = int(np.argwhere(np.isnan(self._actions))[0, 0])
            raise InputError(f"actions[{row}]", self._actions[row].tolist(), "numbers from −1 to 1")

    def step_wait(self) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_], list[dict[str, Any]]]:
        """One period of all copies."""
        ledger, done = self.advance()
        rewards = self.rewards(ledger).reshape(-1)
        observations = self._observations()
        infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        if done:
            infos = [{"TimeLimit.truncated": True, "terminal_observation": row} for row in observations]
            observations = self.reset()
        return observations, rewards, np.full(self.num_envs, done), infos

    def advance(self) -> tuple[Ledger, bool]:
        """One period under the actions kept, and whether the episodes are over; no others are begun."""
        return self.seats.step({self.view.party: self._actions.reshape(self.copies, len(self.view.names), -1)})

    def rewards(self, ledger: Ledger) -> NDArray[np.float32]:
        """Of every copy and seat (copies, S), fresh."""
        each = np.broadcast_to(self.seats.rewards(self.view, ledger), (len(self.view.names), self.copies))
        rewards: NDArray[np.float32] = (each.T * self.reward_scale).astype(np.float32, order="C")
        return rewards

    def state(self) -> NDArray[np.float32]:
        """Every copy's full state (copies, N·G), for a centralised critic in training."""
        return self.seats.state()

    def render(self, mode: str | None = None) -> Any:
        """The first copy as it is. Raises InputError for a mode that is not the one the environment was made with."""
        if mode not in (None, self.render_mode):
            raise InputError("mode", mode, f"{self.render_mode}, or an environment made with render_mode={mode!r}")
        return self._screen.render(self.render_mode)

    def get_images(self) -> Sequence[NDArray[np.uint8] | None]:
        """The first copy's image, and none of the others."""
        return [self._screen.picture.image(), *[None] * (self.num_envs - 1)]

    def close(self) -> None:
        """Close the window, if there is one."""
        self._screen.close()

    def seed(self, seed: int | None = None) -> Sequence[int | None]:
        """The seed of the next reset: one for all copies, which run its episodes from 0 on."""
        self._seeds = [seed] * self.num_envs
        return self._seeds

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        """The attribute, once for each row asked for."""
        return [getattr(self, attr_name)] * len(list(self._get_indices(indices)))

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        """Set an attribute of the whole."""
        setattr(self, attr_name, value)

    def env_method(self, method_name: str, *args: Any, indices: Any = None, **kwargs: Any) -> list[Any]:
        """Call a method of the whole, once."""
        return [getattr(self, method_name)(*args, **kwargs)] * len(list(self._get_indices(indices)))

    def env_is_wrapped(self, wrapper_class: Any, indices: Any = None) -> list[bool]:
        """No row is wrapped by itself."""
        return [False] * len(list(self._get_indices(indices)))

    def _observations(self) -> NDArray[np.float32]:
        return self.view.observations().reshape(self.num_envs, -1)
