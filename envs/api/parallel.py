"""The network as a PettingZoo environment: everybody who decides is an agent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray
from pettingzoo import ParallelEnv

from ..authority.actions import Form
from ..authority.rewards import RewardLike
from ..autonomy.autonomy import PLANNER
from ..foundation.errors import InputError, UnknownName
from ..information.observation import ObservationEntry
from ..information.policy import Policy
from ..rendering.picture import RENDER_FPS, RENDER_MODES, Screen, checked_mode
from ..seating import Dropout
from ..simulator import Ledger, Party
from .seats import Seats


class ParallelNetwork(ParallelEnv[str, NDArray[np.float32], NDArray[np.float32]]):
    """A supply network whose sites replenish themselves, as far as the level of autonomy lets them.

    Agents: the sites that decide (`store_1`, …), and `planner_0` where a centre does, less those that `seats` fills with
    policies. Observation: Box (D,) float32, the fields that the autonomy level lets the agent see (`observation_table`), scaled
    to the order of one. Action: Box (A,) in [−1, 1], an order-up-to level for each lane and product, or within a band the
    distance from the centre's (`envs/authority/actions.py`). Reward: −cost of the period, `own`, of the `team` (mean over
    sites), a number λ between, or `tracking`. An episode lasts `horizon` periods and ends by truncation, for all at once.
    `info` holds whether the agent's next decision counts (`active`), and its cost by ledger terms, the network's for the
    planner.
    """

    metadata = {"name": "orderup", "render_modes": list(RENDER_MODES), "render_fps": RENDER_FPS, "is_parallelizable": True}

    def __init__(
        self,
        scenario: Any,
        autonomy: Any = "autonomous_silo",
        reward: RewardLike = "team",
        horizon: int | None = None,
        render_mode: str | None = None,
        split: str = "train",
        actions: Form = "level",
        seats: Mapping[str, Policy] | None = None,
        dropout: Dropout | None = None,
        compiled: bool | None = None,
    ) -> None:
        self.render_mode = checked_mode(render_mode)
        self._seats = Seats(
            scenario,
            autonomy,
            batch=1,
            reward=reward,
            horizon=horizon,
            split=split,
            actions=actions,
            seats=seats,
            dropout=dropout,
            compiled=compiled,
        )
        if not self._seats.names:
            raise InputError("seats", "all filled", "at least one seat left open (evaluate plays where all are filled)")
        self.possible_agents = list(self._seats.names)
        self.agents: list[str] = []
        self._info_keys = ("active", "cost", *self._seats.simulator.terms)
        self._shapes = [(len(view.names), view.actions.size) for view in self._seats.views]
        self._always_active = self._seats.simple and PLANNER not in self.possible_agents
        self._all_active = [1] * len(self.possible_agents)
        self._screen = Screen(self._seats.simulator, self._seats.seating)

    def observation_space(self, agent: str) -> spaces.Box:
        """The same object for every call; sites share one. Raises UnknownName for an agent that is not there."""
        return self._seats.view_of(agent).observation_space

    def action_space(self, agent: str) -> spaces.Box:
        """The same object for every call; sites share one. Raises UnknownName for an agent that is not there."""
        return self._seats.view_of(agent).action_space

    @property
    def state_space(self) -> spaces.Box:
        """Space of `state()`."""
        return self._seats.state_space

    def state(self) -> NDArray[np.float32]:
        """Everything that can be seen of every site, for a centralised critic in training; of demand that is sales, sales."""
        state: NDArray[np.float32] = self._seats.state()[0]
        return state

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, NDArray[np.float32]], dict[str, dict[str, Any]]]:
        """Begin episode 0 of `seed`, or the next episode of the last seed. Options are accepted and have no effect."""
        self._seats.reset(seed)
        self.agents = self.possible_agents[:]
        nothing = dict.fromkeys(self._info_keys, 0.0)
        infos = {agent: {**nothing, "active": self._active(agent)} for agent in self.agents}
        if self.render_mode == "human":
            self.render()
        return self._observations(), infos

    def step(
        self, actions: Mapping[str, NDArray[np.float32]]
    ) -> tuple[dict[str, NDArray[np.float32]], dict[str, float], dict[str, bool], dict[str, bool], dict[str, dict[str, Any]]]:
        """One period. Raises InputError, with the agent's name, for an action that is missing or outside its space."""
        acted = self.agents
        if not acted:
            raise RuntimeError("no episode is under way: call reset() first")
        ledger, done = self._seats.step(self._joined(actions))
        rewards: dict[str, float] = {}
        for view in self._seats.views:
            paid = self._seats.rewards(view, ledger)[:, 0].tolist()
            rewards.update(zip(view.names, paid if len(paid) == len(view.names) else paid * len(view.names), strict=True))
        infos = self._infos(ledger)
        if done:
            self.agents = []
        if self.render_mode == "human":
            self.render()
        return self._observations(), rewards, dict.fromkeys(acted, False), dict.fromkeys(acted, done), infos

    def render(self) -> str | NDArray[np.uint8] | None:
        """The network as it is: text (`ansi`), an image (`rgb_array`), or the image in a window (`human`)."""
        return self._screen.render(self.render_mode)

    def close(self) -> None:
        """Close the window, if there is one."""
        self._screen.close()

    def observation_table(self, agent: str) -> list[ObservationEntry]:
        """What every number of an agent's observation is."""
        return self._seats.view_of(agent).observer.table(agent)

    def _observations(self) -> dict[str, NDArray[np.float32]]:
        found: dict[str, NDArray[np.float32]] = {}
        for view in self._seats.views:
            found.update(zip(view.names, view.observations()[0], strict=True))
        return found

    def _active(self, agent: str) -> int:
        return 1 if self._always_active else int(self._seats.seating.active(agent))

    def _infos(self, ledger: Ledger) -> dict[str, dict[str, Any]]:
        columns = [amounts[:, 0].tolist() for amounts in (ledger.by_site, *ledger.by_term.values())]
        infos: dict[str, dict[str, Any]] = {}
        for view in self._seats.views:
            if view.party == "planner":
                own = [[sum(column)] for column in columns]
            else:
                own = columns if view.rows is None else [[column[row] for row in view.rows] for column in columns]
            active = self._all_active if self._always_active else [self._active(agent) for agent in view.names]
            for agent, row in zip(view.names, zip(active, *own, strict=True), strict=True):
                infos[agent] = dict(zip(self._info_keys, row, strict=True))
        return infos

    def _joined(self, actions: Mapping[str, NDArray[np.float32]]) -> dict[Party, NDArray[np.float32]]:
        """All agents' actions by party, each (1, S, A), checked."""
        joined: dict[Party, NDArray[np.float32]] = {}
        try:
            for view, shape in zip(self._seats.views, self._shapes, strict=True):
                found = np.array([actions[agent] for agent in view.names], dtype=np.float32)
                if found.shape != shape or not np.maximum.reduce(abs(found), axis=None) <= 1:
                    raise self._complaint(actions)
                joined[view.party] = found[None]
        except (KeyError, ValueError, TypeError) as error:
            raise error if isinstance(error, InputError) else self._complaint(actions) from None
        if len(actions) != len(self.agents):
            raise self._complaint(actions)
        return joined

    def _complaint(self, actions: Mapping[str, Any]) -> InputError:
        for agent in actions:
            if agent not in self.agents:
                return UnknownName("actions", agent, self.agents)
        for agent in self.agents:
            if agent not in actions:
                return InputError(f"actions[{agent}]", "nothing", "an action for every agent")
            space = self.action_space(agent)
            try:
                fits = space.contains(np.asarray(actions[agent], dtype=np.float32))
            except (ValueError, TypeError):
                fits = False
            if not fits:
                return InputError(f"actions[{agent}]", actions[agent], f"{space}, without NaN")
        return InputError("actions", actions, "an action for every agent, by its name")
