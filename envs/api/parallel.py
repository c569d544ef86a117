"""The network as a PettingZoo environment: every site that decides is an agent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray
from pettingzoo import ParallelEnv

from ..actions import Form
from ..errors import InputError, UnknownName
from ..simulator import Ledger
from .picture import picture
from .seats import Seats

RENDER_MODES = ("ansi",)


class ParallelNetwork(ParallelEnv[str, NDArray[np.float32], NDArray[np.float32]]):
    """A supply network whose sites replenish themselves.

    Agents: the sites (`store_1`, …), or `planner_0` where a centre decides. Observation: Box (D,) float32, the fields that the
    level of autonomy lets the agent see (`observation_table`), scaled to the order of one. Action: Box (A,) in [−1, 1], an
    order-up-to level for each lane into the site and product (`orderup.envs.actions`). Reward: −cost of the period, `own`, of
    the `team` (mean over sites), or a number λ between. An episode lasts `horizon` periods and ends by truncation, for all at
    once. `info` holds the site's cost by ledger terms.
    """

    metadata = {"name": "orderup", "render_modes": list(RENDER_MODES), "is_parallelizable": True}  # PettingZoo declares it so

    def __init__(
        self,
        scenario: Any,
        autonomy: Any = "autonomous_silo",
        reward: str | float = "team",
        horizon: int | None = None,
        render_mode: str | None = None,
        split: str = "train",
        actions: Form = "level",
    ) -> None:
        if render_mode is not None and render_mode not in RENDER_MODES:
            raise UnknownName("render_mode", render_mode, RENDER_MODES)
        self.render_mode = render_mode
        self._seats = Seats(scenario, autonomy, batch=1, reward=reward, horizon=horizon, split=split, actions=actions)
        self.possible_agents = list(self._seats.names)
        self.agents: list[str] = []
        self._shape = (len(self.possible_agents), self._seats.actions.size)
        self._info_keys = ("active", "cost", *self._seats.simulator.terms)
        self._last: Ledger | None = None

    def observation_space(self, agent: str) -> spaces.Box:
        """The same object for every call and agent."""
        return self._seats.observation_space

    def action_space(self, agent: str) -> spaces.Box:
        """The same object for every call and agent."""
        return self._seats.action_space

    @property
    def state_space(self) -> spaces.Box:
        """Space of `state()`."""
        return self._seats.state_space

    def state(self) -> NDArray[np.float32]:
        """Everything about every site, for a centralised critic in training."""
        state: NDArray[np.float32] = self._seats.state()[0]
        return state

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, NDArray[np.float32]], dict[str, dict[str, Any]]]:
        """Begin episode 0 of `seed`, or the next episode of the last seed. Options are accepted and have no effect."""
        self._seats.simulator.reset(seed)
        self._last = None
        self.agents = self.possible_agents[:]
        return self._observations(), {agent: {**dict.fromkeys(self._info_keys, 0.0), "active": 1} for agent in self.agents}

    def step(
        self, actions: Mapping[str, NDArray[np.float32]]
    ) -> tuple[dict[str, NDArray[np.float32]], dict[str, float], dict[str, bool], dict[str, bool], dict[str, dict[str, Any]]]:
        """One period. Raises InputError, with the agent's name, for an action that is missing or outside its space."""
        acted = self.agents
        if not acted:
            raise RuntimeError("no episode is under way: call reset() first")
        self._last, done = self._seats.step(self._joined(actions)[None])
        paid = self._seats.rewards(self._last)[:, 0].tolist()
        rewards = dict.fromkeys(acted, paid[0]) if len(paid) == 1 else dict(zip(acted, paid, strict=True))
        infos = self._infos(self._last)
        if done:
            self.agents = []
        return self._observations(), rewards, dict.fromkeys(acted, False), dict.fromkeys(acted, done), infos

    def render(self) -> str | None:
        """The sites' stock, backlog and orders as text, with render_mode "ansi"."""
        return picture(self._seats.simulator.now) if self.render_mode == "ansi" else None

    def observation_table(self, agent: str) -> list[Any]:
        """What every number of an agent's observation is (`orderup.envs.observation.Entry`)."""
        return self._seats.observer.table(agent)

    def _observations(self) -> dict[str, NDArray[np.float32]]:
        return dict(zip(self.possible_agents, self._seats.observations()[0], strict=True))

    def _infos(self, ledger: Ledger) -> dict[str, dict[str, Any]]:
        columns = [amounts[:, 0].tolist() for amounts in (ledger.by_site, *ledger.by_term.values())]
        if len(self.possible_agents) != len(columns[0]):
            columns = [[sum(column)] for column in columns]
        rows = zip([1] * len(columns[0]), *columns, strict=True)
        return {
            agent: dict(zip(self._info_keys, row, strict=True)) for agent, row in zip(self.possible_agents, rows, strict=True)
        }

    def _joined(self, actions: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float32]:
        """All agents' actions (S, A), checked."""
        try:
            joined = np.array([actions[agent] for agent in self.agents], dtype=np.float32)
            if joined.shape == self._shape and len(actions) == len(joined) and np.maximum.reduce(abs(joined), axis=None) <= 1:
                return joined
        except (KeyError, ValueError, TypeError):
            pass
        raise self._complaint(actions)

    def _complaint(self, actions: Mapping[str, Any]) -> Exception:
        for agent in actions:
            if agent not in self.agents:
                return UnknownName("actions", agent, self.agents)
        for agent in self.agents:
            if agent not in actions:
                return InputError(f"actions[{agent}]", "nothing", "an action for every agent")
            if not self._fits(actions[agent]):
                return InputError(f"actions[{agent}]", actions[agent], f"{self._seats.action_space}, without NaN")
        return InputError("actions", actions, "an action for every agent, by its name")

    def _fits(self, action: Any) -> bool:
        try:
            return bool(self._seats.action_space.contains(np.asarray(action, dtype=np.float32)))
        except (ValueError, TypeError):
            return False


def parallel_env(scenario: Any, autonomy: Any = "autonomous_silo", **options: Any) -> ParallelNetwork:
    """The environment of a scenario under a level of autonomy; `options` are ParallelNetwork's."""
    return ParallelNetwork(scenario, autonomy, **options)
