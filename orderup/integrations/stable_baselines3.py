"""Copies as rows of Stable-Baselines3 and sb3-contrib, with settings under which their algorithms learn."""

from __future__ import annotations

from typing import Any

from ..envs.api.vector import VectorNetwork
from ..face import vector_env

EXPLORATION: dict[str, Any] = {"log_std_init": -1.0}
"""`policy_kwargs` for numbers of a range: actions spread by e^−1 around the usual level, not by 1, a third of it clipped."""
HUBER = 0.1
"""What `dqn_env` multiplies rewards by, so that errors stay below 1."""


def sb3_env(scenario: Any, autonomy: Any = "autonomous_silo", copies: int = 64, **options: Any) -> VectorNetwork:
    """The same as `orderup.vector_env`: a row for each copy and seat, rewards scaled by the closed form.

    With `actions="discrete"` it suits, by its masks, MaskablePPO; DQN learns by `dqn_env`. `uniform=True` lets planner and
    sites share a policy.
    """
    return vector_env(scenario, autonomy, copies, **options)


def dqn_env(scenario: Any, autonomy: Any = "autonomous_silo", copies: int = 64, **options: Any) -> VectorNetwork:
    """The same with choices, and with rewards a tenth as large, for learners by Huber's loss, as Stable-Baselines3's DQN is.

    Beyond an error of 1 that loss is the absolute one, whose best guess is a median and not a mean: shortages, rare and dear,
    hardly count, and levels end too low (Huber, Annals of Mathematical Statistics 35, 1964). Below 1 it is the squared one.
    """
    chosen = {"actions": "discrete", **options}
    usual = vector_env(scenario, autonomy, 1, **chosen).reward_scale
    return vector_env(scenario, autonomy, copies, **{**chosen, "reward_scale": HUBER * usual})


def ppo_settings(env: VectorNetwork, periods: int = 64, minibatches: int = 8) -> dict[str, Any]:
    """Keywords for `PPO`, `MaskablePPO` and `RecurrentPPO` on these rows: so many periods to an update, and to a minibatch."""
    settings: dict[str, Any] = {
        "n_steps": periods,
        "batch_size": max(periods * env.num_envs // minibatches, 1),
        "gae_lambda": 0.95,
    }
    if env.view.choices is None:
        settings["policy_kwargs"] = dict(EXPLORATION)
    return settings
