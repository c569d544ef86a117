"""How close BenchMARL's MAPPO comes to fitted levels: `python -m benchmarks.benchmarl_gap [--seeds 3] [--frames 900000]`.

In an environment that has BenchMARL. Every seed learns on `owmr` with silo sites from 128 copies; its policy, by the means of
its actions, is then played on held-out traces beside `optimised_base_stock` and levels in closed form.

Rewards are a tenth of the usual ones. BenchMARL does not centre advantages: as long as its critic, which begins at 0, has not
come down to what episodes cost, whatever was tried looks bad and the policy spreads out. To a tenth of it the way is shorter.
"""

from __future__ import annotations

import argparse
import importlib
import time
from typing import Any

import numpy as np

import orderup

SCENARIO, COPIES, PERIODS = "owmr", 128, 50
EPISODES = 500
"""Held out."""


def trained(seed: int, frames: int) -> Any:
    """BenchMARL's policy after so many periods of the network."""
    used = importlib.import_module("benchmarks.client_settings.benchmarl")
    config, algorithm = used.config, used.algorithm
    config.on_policy_n_envs_per_worker, config.on_policy_collected_frames_per_batch = COPIES, COPIES * PERIODS
    config.on_policy_minibatch_size, config.on_policy_n_minibatch_iters = COPIES * PERIODS // 4, 4
    config.max_n_frames, config.lr = frames, 1e-3
    scale = 0.1 / costs("base_stock").mean()
    task = used.benchmarl_task(SCENARIO, autonomy="autonomous_silo", horizon=PERIODS, reward_scale=scale)
    experiment = used.Experiment(task, algorithm, used.model, seed=seed, config=config, critic_model_config=used.critic)
    experiment.run()
    return experiment.policy


def costs(agent: Any) -> Any:
    """Of each held-out episode (B,) [money/period]."""
    return orderup.evaluate(SCENARIO, agents=agent, episodes=EPISODES).episodes["cost"].to_numpy()


def main() -> None:
    """Train, and print a line for each seed: the paired difference to fitted levels in per cent of their cost, and seconds."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--frames", type=int, default=900_000, help="periods, over all copies")
    asked = parser.parse_args()
    fitted = costs("optimised_base_stock")
    plain = 100 * (costs("base_stock") - fitted).mean() / fitted.mean()
    print(f"fitted levels {fitted.mean():.2f}; levels in closed form {plain:+.2f} %", flush=True)
    for seed in range(asked.seeds):
        begun = time.process_time()
        policy = trained(seed, asked.frames)
        seconds = time.process_time() - begun
        apart = costs(policy) - fitted
        half = 1.96 * apart.std(ddof=1) / np.sqrt(apart.size)
        mean, width = (100 * value / fitted.mean() for value in (apart.mean(), half))
        print(f"seed {seed}: {mean:+.2f} ± {width:.2f} % after {asked.frames:,} periods, {seconds:.0f} CPU-s", flush=True)


if __name__ == "__main__":
    main()
