"""RLlib's PPO, in this process."""

from typing import Any

import torch
from ray.rllib.algorithms.ppo import PPOConfig

from orderup.integrations.rllib import modules, policy_of, register

torch.set_num_threads(1)
__all__ = ["PPOConfig", "modules", "policy_of", "register", "set_up"]


def set_up(config: Any) -> Any:
    """Everything in this process, in small batches."""
    here = config.env_runners(num_env_runners=0).learners(num_learners=0)
    return here.training(train_batch_size_per_learner=400, minibatch_size=200, num_epochs=6)
