"""Many copies of the network as one Stable-Baselines3 VecEnv: a row for each copy and seat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from stable_baselines3.common.vec_env import VecEnv

from ..authority.reward_scale import ScaleLike
from ..foundation.errors import InputError
from ..foundation.whole_numbers import checked_count
from ..rendering.picture import RENDER_FPS, RENDER_MODES, Screen, checked_mode
from ..simulator import Ledger, Party
from .open_seats import copy_of
from .rows import Rows
from .seats import Seats


class VectorNetwork(VecEnv):
    """The simulator's batch itself: row c·S + s is seat s of copy c, sites before the planner.

    All rows end together; the last observations are then in `infos` as `terminal_observation`, with `TimeLimit.truncated`, and
    the next episodes have begun. Rewards are −cost times `reward_scale`, which is 1 / cost by the closed form unless a number
    is given; `infos` have what each row cost in money. `render_mode` is as for `ParallelNetwork`, and shows the first copy.
    With `actions="discrete"` rows have masks, `action_masks()`. Raises InputError for an autonomy level whose open seats do
    not share one format, planner and sites: fill one of the parties with `seats`, or say uniform=True.
    """

    def __init__(
        self,
        scenario: Any,
        autonomy: Any = "autonomous_silo",
        copies: int = 64,
        reward_scale: ScaleLike = "auto",
        render_mode: str | None = None,
        **options: Any,
    ) -> None:
        self.seats = Seats(scenario, autonomy, batch=checked_count(copies, "copies"), reward_scale=reward_scale, **options)
        self.rows = Rows(self.seats)
        self.view, self.copies = self.rows.first, copies
        self.render_mode = checked_mode(render_mode)
        self._screen = Screen(self.seats.simulator, self.seats.seating)
        self._actions: dict[Party, NDArray[Any]] = {}
        super().__init__(copies * len(self.rows.agents), self.view.observation_space, self.view.action_space)
        self.metadata: dict[str, Any] = {"render_modes": list(RENDER_MODES), "render_fps": RENDER_FPS}
        self.max_cycles = self.seats.simulator.horizon
        """Periods of an episode."""

    @property
    def reward_scale(self) -> float:
        """What rewards are multiplied by."""
        return self.seats.reward_scale

    def reset(self) -> Any:
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
        """Keep the actions (rows, A); numbers outside [−1, 1] are clipped, as SB3 clips them itself.

        Raises InputError for NaN, which a policy that has diverged says, and for choices that are none.
        """
        self._actions = self.rows.numbers(actions)

    def step_wait(self) -> tuple[Any, NDArray[np.float32], NDArray[np.bool_], list[dict[str, Any]]]:
        """One period of all copies."""
        ledger, done = self.advance()
        rewards = self.rewards(ledger).reshape(-1)
        observations = self._observations()
        infos: list[dict[str, Any]] = [{"cost": cost} for cost in self.rows.costs(ledger).reshape(-1).tolist()]
        if done:
            for number, info in enumerate(infos):
                info["TimeLimit.truncated"] = True
                info["terminal_observation"] = copy_of(observations, number)
            observations = self.reset()
        return observations, rewards, np.full(self.num_envs, done), infos

    def advance(self) -> tuple[Ledger, bool]:
        """One period under the actions kept, and whether the episodes are over; no others are begun."""
        return self.seats.step(self._actions)

    def rewards(self, ledger: Ledger) -> NDArray[np.float32]:
        """Of every copy and seat (copies, S), fresh."""
        return self.rows.rewards(ledger)

    def action_masks(self) -> NDArray[np.bool_]:
        """Whether each choice of every row is worth making (rows, A·k), as sb3-contrib's masked policies ask.

        Raises InputError for actions that are no choices.
        """
        return self.rows.flat(self.rows.masks()).astype(bool)  # type: ignore[no-any-return] # an array, as masks are

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
        """Call a method of the whole, once; of `action_masks` each row gets its own."""
        found, rows = getattr(self, method_name)(*args, **kwargs), list(self._get_indices(indices))
        return [found[row] for row in rows] if method_name == "action_masks" else [found] * len(rows)

    def env_is_wrapped(self, wrapper_class: Any, indices: Any = None) -> list[bool]:
        """No row is wrapped by itself."""
        return [False] * len(list(self._get_indices(indices)))

    def _observations(self) -> Any:
        return self.rows.flat(self.rows.observations())
