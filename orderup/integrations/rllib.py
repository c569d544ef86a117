"""Scenarios as environments of RLlib, by its new API stack, with policies for planner and sites, roles or single agents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gymnasium import spaces

from ..envs.api.parallel import ParallelNetwork
from ..envs.autonomy.autonomy import PLANNER
from ..envs.foundation.errors import UnknownName
from ..face import parallel_env
from .missing import needed

needed("ray.rllib", "rllib")

from ray.rllib.core.rl_module.multi_rl_module import MultiRLModuleSpec  # noqa: E402 # only where RLlib is there
from ray.rllib.core.rl_module.rl_module import RLModuleSpec  # noqa: E402 # as above
from ray.rllib.env.multi_agent_env import MultiAgentEnv  # noqa: E402 # as above
from ray.tune.registry import register_env  # noqa: E402 # as above

BY = ("party", "role", "agent")


class RLlibNetwork(MultiAgentEnv):  # type: ignore[misc] # RLlib is not there where types are checked
    """`ParallelNetwork` as RLlib knows environments; its configuration are the arguments of `orderup.parallel_env`.

    Rewards are scaled by the closed form and what is seen is bounded, unless the configuration says otherwise.
    """

    def __init__(self, config: Any = None) -> None:
        super().__init__()
        keys = {"scenario": "owmr", "reward_scale": "auto", "bounds": True, **dict(config or {})}
        self.env: ParallelNetwork = parallel_env(**keys)
        self.possible_agents = self.env.possible_agents
        self.agents = list(self.possible_agents)
        self.observation_spaces, self.action_spaces = self.env.observation_spaces, self.env.action_spaces
        self.observation_space = spaces.Dict(self.observation_spaces)
        self.action_space = spaces.Dict(self.action_spaces)

    def get_observation_space(self, agent_id: str) -> Any:
        return self.env.observation_space(agent_id)

    def get_action_space(self, agent_id: str) -> Any:
        return self.env.action_space(agent_id)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, Any]:
        found = self.env.reset(seed=seed, options=options)
        self.agents = list(self.possible_agents)
        return found

    def step(self, action_dict: dict[str, Any]) -> tuple[Any, Any, Any, Any, Any]:
        seen, rewards, terminations, truncations, infos = self.env.step(action_dict)
        ended = all(truncations.values())
        return seen, rewards, {**terminations, "__all__": False}, {**truncations, "__all__": ended}, infos

    def render(self) -> Any:
        return self.env.render()

    def close(self) -> None:
        self.env.close()


def register(name: str = "orderup", **options: Any) -> str:
    """Make the environment known to RLlib by a name, with options of `orderup.parallel_env`; `env_config` adds to them."""
    register_env(name, lambda config: RLlibNetwork({**options, **dict(config)}))
    return name


def policy_of(by: str = "party") -> Callable[..., str]:
    """Whose policy an agent has, for `policy_mapping_fn`: one for `party` (sites, planner), `role` (store, …), or `agent`.

    Raises UnknownName for anything else.
    """
    if by not in BY:
        raise UnknownName("by", by, BY)

    def policy(agent: str, *_: Any, **__: Any) -> str:
        if by == "agent":
            return agent
        role = agent.rpartition("_")[0]
        return role if by == "role" else "planner" if agent == PLANNER else "sites"

    return policy


def modules(config: dict[str, Any], by: str = "party", model_config: Any = None) -> MultiRLModuleSpec:
    """A module for each policy, with the spaces of its agents, for `config.rl_module(rl_module_spec=…)`."""
    env, policy = RLlibNetwork(config), policy_of(by)
    specs: dict[str, RLModuleSpec] = {}
    for agent in env.possible_agents:
        specs[policy(agent)] = RLModuleSpec(
            observation_space=env.get_observation_space(agent),
            action_space=env.get_action_space(agent),
            model_config=model_config,
        )
    return MultiRLModuleSpec(rl_module_specs=specs)
