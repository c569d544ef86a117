"""AgileRL's IPPO."""

from typing import Any

import torch
from agilerl.algorithms import IPPO
from agilerl.training.train_multi_agent_on_policy import train_multi_agent_on_policy

from orderup.integrations.agilerl import AgileRLNetwork

torch.set_num_threads(1)
__all__ = ["AgileRLNetwork", "ippo", "train"]


def ippo(env: Any) -> IPPO:
    """An agent for each of the environment's."""
    agents = env.possible_agents
    return IPPO(
        observation_spaces=[env.single_observation_space(name) for name in agents],
        action_spaces=[env.single_action_space(name) for name in agents],
        agent_ids=agents,
        batch_size=400,
        learn_step=25 * env.num_envs,
        lr=1e-3,
        gamma=0.95,
        action_std_init=0.0,
    )


def train(env: Any, population: list[IPPO]) -> None:
    """Until somebody says stop."""
    settings = {"max_steps": 10**9, "evo_steps": 10**8, "eval_steps": 1, "verbose": False}
    train_multi_agent_on_policy(env, "orderup", "IPPO", population, **settings)
