"""How much faster batches are than copies one by one, as their libraries have them, at 256 copies of `owmr`.

python -m benchmarks.client_speed    # TorchRL's where it is installed
"""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib.util import find_spec

import gymnasium

import orderup

COPIES, TURNS = 256, 3


def seconds(step: Callable[[], object], times: int) -> float:
    """Of processor time for one call, in the quickest of a few turns."""
    step()
    found = []
    for _ in range(TURNS):
        begun = time.process_time()
        for _ in range(times):
            step()
        found.append((time.process_time() - begun) / times)
    return min(found)


def of_gymnasium(mode: str, times: int) -> float:
    """A step of all copies of the central environment."""
    env = gymnasium.make_vec("orderup/owmr-v0", num_envs=COPIES, vectorization_mode=mode)
    env.reset(seed=0)
    actions = env.action_space.sample()
    return seconds(lambda: env.step(actions), times)


def of_torchrl() -> tuple[float, float]:
    """A period of one copy in random roll-outs: of the batch, and of its wrapper for PettingZoo."""
    import torch
    from torchrl.envs.libs.pettingzoo import PettingZooWrapper

    from orderup.integrations.torchrl import TorchRLNetwork

    torch.set_num_threads(1)
    batch, wrapper = TorchRLNetwork("owmr", num_envs=COPIES), PettingZooWrapper(orderup.parallel_env("owmr"))
    return (
        seconds(lambda: batch.rollout(100, break_when_any_done=False), 1) / 100 / COPIES,
        seconds(lambda: wrapper.rollout(100, break_when_any_done=False), 1) / 100,
    )


def main() -> None:
    """Say both ratios."""
    true, sync = of_gymnasium("vector_entry_point", 50), of_gymnasium("sync", 3)
    print(
        f"Gymnasium: {true * 1e3:.3g} ms a step of {COPIES} copies, SyncVectorEnv {sync * 1e3:.3g} ms: {sync / true:.0f} times"
    )
    if find_spec("torchrl") is not None:
        batch, wrapper = of_torchrl()
        print(f"TorchRL: {batch * 1e6:.3g} µs a period, PettingZooWrapper {wrapper * 1e6:.4g} µs: {wrapper / batch:.0f} times")


if __name__ == "__main__":
    main()
