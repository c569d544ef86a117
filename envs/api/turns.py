"""The network as PettingZoo's environment of turns (AEC): who decides takes his turn, and a period passes after the last."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray
from pettingzoo import AECEnv

from ..autonomy.autonomy import PLANNER
from ..foundation.errors import UnknownName
from ..information.observation import ObservationEntry
from .open_seats import Space
from .parallel import ParallelNetwork


class TurnsNetwork(AECEnv[str, Any, Any]):
    """The same environment as `ParallelNetwork`, one agent after the other: the planner, then the sites downstream first.

    Nobody sees what another has decided in the same period: all act on what was known when it began, as in the parallel form.
    """

    metadata: ClassVar[dict[str, Any]] = ParallelNetwork.metadata

    def __init__(self, scenario: Any, autonomy: Any = "autonomous_silo", **options: Any) -> None:
        super().__init__()
        self._env = ParallelNetwork(scenario, autonomy, **options)
        echelon = self._env.network.topology.echelon
        above = dict(zip(self._env.network.sites, echelon, strict=True)) | {PLANNER: -1}
        self.names = self._env.names
        """What each agent is called in the scenario: a site's own name, in any words."""
        self.possible_agents = sorted(self._env.possible_agents, key=lambda agent: above[self.names[agent]])
        self.agents: list[str] = []
        self.render_mode, self.max_cycles = self._env.render_mode, self._env.max_cycles
        self.observation_spaces, self.action_spaces = self._env.observation_spaces, self._env.action_spaces
        self._chosen: dict[str, Any] = {}
        self._seen: dict[str, Any] = {}

    @property
    def state_space(self) -> spaces.Box:
        """Space of `state()`."""
        return self._env.state_space

    @property
    def reward_scale(self) -> float:
        """What rewards are multiplied by."""
        return self._env.reward_scale

    def observation_space(self, agent: str) -> Space:
        """As ParallelNetwork's."""
        return self._env.observation_space(agent)

    def action_space(self, agent: str) -> Space:
        """As ParallelNetwork's."""
        return self._env.action_space(agent)

    def action_mask(self, agent: str) -> NDArray[np.int8]:
        """As ParallelNetwork's."""
        return self._env.action_mask(agent)

    def observation_table(self, agent: str) -> list[ObservationEntry]:
        """As ParallelNetwork's."""
        return self._env.observation_table(agent)

    def state(self) -> NDArray[np.float32]:
        """As ParallelNetwork's."""
        return self._env.state()

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> None:
        """Begin episode 0 of `seed`, or the next episode of the last seed."""
        self._seen, infos = self._env.reset(seed, options)
        self.agents = self.possible_agents[:]
        self.infos = {agent: infos[agent] for agent in self.agents}
        self.rewards = dict.fromkeys(self.agents, 0.0)
        self._cumulative_rewards = dict.fromkeys(self.agents, 0.0)
        self.terminations, self.truncations = dict.fromkeys(self.agents, False), dict.fromkeys(self.agents, False)
        self._chosen = {}
        self.agent_selection = self.agents[0]

    def observe(self, agent: str) -> Any:
        """What an agent sees, fresh. Raises UnknownName for one that is not there."""
        if agent not in self._seen:
            raise UnknownName("agent", agent, self.possible_agents)
        seen = self._seen[agent]
        return {name: values.copy() for name, values in seen.items()} if isinstance(seen, dict) else seen.copy()

    def step(self, action: Any) -> None:
        """The decision of the agent whose turn it is; after the last one's, the period passes.

        Raises InputError for one that is none of its space: its turn is not over then. An idle planner may say None.
        """
        if not self.agents:
            raise RuntimeError("no episode is under way: call reset() first")
        agent = self.agent_selection
        if self.truncations[agent]:
            self._was_dead_step(action)
            return
        self._keep(agent, action)
        self._cumulative_rewards[agent] = 0.0
        self._clear_rewards()
        if len(self._chosen) == len(self.agents):
            self._pass()
        self.agent_selection = self.agents[(self.agents.index(agent) + 1) % len(self.agents)]
        self._accumulate_rewards()

    def render(self) -> Any:
        """As ParallelNetwork's."""
        return self._env.render()

    def close(self) -> None:
        """Close the window, if there is one."""
        self._env.close()

    def _keep(self, agent: str, action: Any) -> None:
        """Remember a decision until all are there, or refuse it at once."""
        self._chosen[agent] = self._env.checked_action(agent, action)

    def _pass(self) -> None:
        """One period."""
        observations, rewards, terminations, truncations, infos = self._env.step(self._chosen)
        self._seen, self._chosen = observations, {}
        self.rewards = {agent: rewards[agent] for agent in self.agents}
        self.terminations = {agent: terminations[agent] for agent in self.agents}
        self.truncations = {agent: truncations[agent] for agent in self.agents}
        self.infos = {agent: infos[agent] for agent in self.agents}
