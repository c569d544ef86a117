"""Stable-Baselines3's PPO."""

import torch
from stable_baselines3 import PPO

from orderup.integrations.stable_baselines3 import ppo_settings, sb3_env

torch.set_num_threads(1)
__all__ = ["PPO", "ppo_settings", "sb3_env"]
