"""The batch as AgileRL's vectorised environment, with rules in some seats whose actions it is told.

Letters: B copies, A numbers of an action.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..envs.api.batched import BatchedNetwork
from ..envs.autonomy.autonomy import PLANNER
from ..envs.foundation.errors import InputError
from ..face import batched_env
from .missing import needed
from .rules import RulesBeside

needed("agilerl", "agilerl")

from agilerl.vector.pz_vec_env import PettingZooVecEnv  # noqa: E402 # only where AgileRL is there

DEFINED = "env_defined_actions"


class AgileRLNetwork(PettingZooVecEnv):  # type: ignore[misc] # AgileRL is not there where types are checked
    """`num_envs` copies of a scenario, a step of which is one step of the simulator; options are those of `batched_env`.

    `rules` holds agents for seats, `{"planner": "base_stock"}`: they stay among the agents, so that critics see them, and
    decide for themselves; what they do is told as `env_defined_actions`, as nearly as actions can say it. So is an idle
    planner's, which is nothing, so that nobody learns from it. Masks are left out of `info` unless `action_mask="info"` is
    said: AgileRL cannot read those of several copies.
    """

    def __init__(
        self,
        scenario: Any,
        autonomy: Any = "autonomous_silo",
        num_envs: int = 64,
        rules: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        if rules and options.get("seats"):
            raise InputError("seats", "beside rules", "one of the two: a seat with a rule stays among the agents")
        self.beside = RulesBeside(rules or {})
        keys = {"action_mask": "none", **options, "seats": self.beside.policies or options.get("seats")}
        self.core: BatchedNetwork = batched_env(scenario, autonomy, num_envs, **keys)
        self.beside.begin(self.core)
        views = {**self.core.observation_spaces, **self.beside.observation_spaces}
        acted = {**self.core.action_spaces, **self.beside.action_spaces}
        agents = [agent for agent in self.core.seats.simulator.names if agent in views]
        super().__init__(num_envs, {agent: views[agent] for agent in agents}, {agent: acted[agent] for agent in agents}, agents)
        self._given: Mapping[str, Any] = {}

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, Any]:
        seen, infos = self.core.reset(seed, options)
        return self._with_rules(seen, infos)

    def step(self, actions: Mapping[str, Any], *args: Any, **kwargs: Any) -> tuple[Any, Any, Any, Any, Any]:
        """One period of all copies, under actions (B, A); those of seats with rules are not asked for."""
        own = {agent: _without_nan(actions[agent]) for agent in self.core.agents if agent in actions}
        seen, rewards, never, ended, infos = self.core.step(own)
        seen, infos = self._with_rules(seen, infos)
        rewards |= self.beside.rewards(rewards, self.num_envs)
        terminations, truncations = (self._for_all(each) for each in (never, ended))
        return seen, {agent: rewards[agent] for agent in self.possible_agents}, terminations, truncations, infos

    def _for_all(self, flags: Mapping[str, Any]) -> dict[str, NDArray[np.bool_]]:
        """What is so of everybody at once, by agent."""
        return {agent: next(iter(flags.values())).copy() for agent in self.possible_agents}

    def _with_rules(self, seen: dict[str, Any], infos: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        seen = {**seen, **self.beside.observations()}
        infos = {**infos, **{agent: {DEFINED: action} for agent, action in self.beside.actions().items()}}
        if PLANNER in self.core.agents and not self.core.seats.simulator.centre_decides:
            infos[PLANNER][DEFINED] = np.zeros(self._nothing(PLANNER))
        return {agent: seen[agent] for agent in self.possible_agents}, {agent: infos[agent] for agent in self.possible_agents}

    def _nothing(self, agent: str) -> tuple[int, ...]:
        return (self.num_envs, *self.core.action_space(agent).shape)

    def render(self) -> Any:
        return None

    def close_extras(self, **kwargs: Any) -> None:
        self.core.close()


def _without_nan(action: Any) -> NDArray[Any]:
    """A client's array, with nothing where it leaves an action to the environment."""
    found = np.asarray(action)
    return np.nan_to_num(found) if found.dtype.kind == "f" and np.isnan(found).all() else found
