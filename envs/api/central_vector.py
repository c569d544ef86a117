"""The network as a true vector environment of Gymnasium: one planner in each of many copies, which are one batch."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from ..authority.reward_scale import ScaleLike
from ..autonomy.autonomy import PLANNER
from ..foundation.errors import InputError
from ..foundation.whole_numbers import checked_count
from ..numerics.arrays import Array
from ..rendering.picture import RENDER_FPS, RENDER_MODES
from ..simulator import Ledger
from .open_seats import Seen, seat_of
from .seats import Seats

MODES = [mode.value for mode in AutoresetMode]


class CentralVectorNetwork(VectorEnv[Any, Any, Any]):
    """`num_envs` copies of `CentralNetwork`, one step of which is one step of the simulator.

    All copies end together. By `autoreset_mode` the next episodes have begun then (`SameStep`, with `final_obs` and
    `final_info`), begin with the next step (`NextStep`), or not by themselves (`Disabled`). Rewards are −cost times
    `reward_scale`, which is 1 / cost by the closed form unless a number is given. Raises InputError for a level of autonomy at
    which sites decide.
    """

    def __init__(
        self,
        scenario: Any,
        autonomy: Any = "central_ideal",
        num_envs: int = 1,
        reward_scale: ScaleLike = "auto",
        autoreset_mode: AutoresetMode | str = AutoresetMode.SAME_STEP,
        render_mode: str | None = None,
        **options: Any,
    ) -> None:
        self.num_envs = checked_count(num_envs, "num_envs")
        if render_mode is not None:
            raise InputError("render_mode", render_mode, "none: a batch has no picture; central_env has one")
        self.render_mode = None
        self.seats = Seats(scenario, autonomy, batch=self.num_envs, reward_scale=reward_scale, **options)
        if list(self.seats.names) != [PLANNER]:
            accepted = (
                "an autonomy level whose only open seat is the planner's; fill the others with `seats`, or use batched_env"
            )
            raise InputError("autonomy", f"open seats {', '.join(self.seats.names) or 'none'}", accepted)
        (self.view,) = self.seats.views
        self.mode = _mode(autoreset_mode)
        self.metadata = {"render_modes": list(RENDER_MODES), "render_fps": RENDER_FPS, "autoreset_mode": self.mode}
        self.single_observation_space, self.single_action_space = self.view.observation_space, self.view.action_space
        self.observation_space = batch_space(self.single_observation_space, self.num_envs)
        self.action_space = batch_space(self.single_action_space, self.num_envs)
        self.max_episode_steps = self.seats.simulator.horizon
        """Periods of an episode."""
        self._ended = True

    @property
    def reward_scale(self) -> float:
        """What rewards are multiplied by."""
        return self.seats.reward_scale

    def action_masks(self) -> NDArray[np.bool_]:
        """Whether each choice of every copy is worth making (B, A·k). Raises InputError for actions that are no choices."""
        found: NDArray[np.bool_] = self.seats.mask(self.view)[:, 0].astype(bool)
        return found

    def reset(self, *, seed: Any = None, options: dict[str, Any] | None = None) -> tuple[Seen, dict[str, Any]]:
        """Begin episodes 0 … B−1 of `seed`, or the next B of the last one. Of a list of seeds the first counts."""
        if isinstance(seed, (list, tuple, np.ndarray)):
            seed = None if len(seed) == 0 or seed[0] is None else int(seed[0])
        self.seats.reset(seed)
        self._ended = False
        return self._observations(), self._infos(None)

    def step(self, actions: Any) -> tuple[Seen, NDArray[Any], NDArray[np.bool_], NDArray[np.bool_], dict[str, Any]]:
        """One period of all copies, under actions (B, A). Raises InputError for NaN, and for choices that are none."""
        never = np.zeros(self.num_envs, dtype=bool)
        if self._ended:
            if self.mode is not AutoresetMode.NEXT_STEP:
                raise RuntimeError("no episode is under way: call reset() first")
            return (*self._restarted(), never, never.copy(), self._infos(None))
        ledger, self._ended = self.seats.step({"planner": self.view.numbers(actions)})
        rewards = self.seats.rewards(self.view, ledger)[0].astype(np.float64)
        observations, infos, ended = self._observations(), self._infos(ledger), np.full(self.num_envs, self._ended)
        if self._ended and self.mode is AutoresetMode.SAME_STEP:
            last = observations
            observations, before = self.reset()[0], infos
            infos = self._infos(None) | {
                "final_obs": last,
                "_final_obs": ended.copy(),
                "final_info": before,
                "_final_info": ended.copy(),
            }
        return observations, rewards, never, ended, infos

    def _restarted(self) -> tuple[Seen, NDArray[np.float64]]:
        """What is seen of the next episodes, and nothing paid."""
        return self.reset()[0], np.zeros(self.num_envs)

    def _observations(self) -> Seen:
        return seat_of(self.seats.observations(self.view), 0)

    def _infos(self, ledger: Ledger | None) -> dict[str, Any]:
        """What each copy's period cost, by term too; whether its next decision counts; and masks of choices."""
        simulator = self.seats.simulator
        there = np.ones(self.num_envs, dtype=bool)
        found: dict[str, Array] = {"active": np.full(self.num_envs, int(simulator.centre_decides))}
        for name in ("cost", *simulator.terms):
            amounts = None if ledger is None else ledger.by_site if name == "cost" else ledger.by_term[name]
            found[name] = np.zeros(self.num_envs) if amounts is None else amounts.sum(axis=0)
        found["reward_scale"] = np.full(self.num_envs, self.reward_scale)
        if self.seats.has_masks:
            found["action_mask"] = self.seats.mask(self.view)[:, 0]
        return found | {f"_{name}": there.copy() for name in found}


def _mode(given: AutoresetMode | str) -> AutoresetMode:
    for mode in AutoresetMode:
        if given in (mode, mode.value, mode.name, mode.name.lower()):
            return mode
    raise InputError("autoreset_mode", given, f"one of {', '.join(MODES)}")
