"""PPO on Zipkin's twelve lost-sales instances, against the best capped base-stock policy and the exact optimum.

`python benchmarks/lost_sales.py [--seeds 1] [--first 12] [agent keys, as steps=100000]`: a line for each instance and seed. The
capped base-stock policy orders min(S − position, cap), S and cap being the best of a grid on episodes that it is not judged on.
"""

from __future__ import annotations

import argparse
import os
import time
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import yaml
from numpy.typing import NDArray

from orderup.agents import make_agent
from orderup.agents.learner import Learner, State, Task
from orderup.agents.learnt import Learnt
from orderup.agents.stopwatch import Stopwatch
from orderup.envs.catalogue import load_autonomy, load_scenario
from orderup.envs.information import Information, inventory_level, on_order
from orderup.envs.policy import Context, Decision
from orderup.envs.schema import Scenario
from orderup.envs.simulator import Simulator

OPTIMA = {
    (1, 4): 4.041, (1, 9): 5.438, (1, 19): 6.676, (1, 39): 7.836,
    (2, 4): 4.395, (2, 9): 6.094, (2, 19): 7.664, (2, 39): 9.106,
    (3, 4): 4.599, (3, 9): 6.531, (3, 19): 8.363, (3, 39): 10.038,
}  # fmt: skip # a table
"""Zipkin (2008): the optimal cost by lead time and shortage cost, for Poisson(5) and a holding cost of 1."""
SEARCHED, JUDGED = 64, 4096
"""Episodes for each pair of the grid, and for the verdict."""


class CappedBaseStock:
    """Orders min(level − position, cap), each a number, or one for each row of the batch (B, 1, 1)."""

    def __init__(self, level: Any, cap: Any) -> None:
        self.level, self.cap = level, cap

    def reset(self, context: Context) -> None:
        """Nothing to remember."""

    def act(self, information: Information) -> Decision:
        """By the site's own books."""
        position = inventory_level(information) + on_order(information)
        return Decision(quantity=np.clip(self.level - position, 0.0, self.cap))


class Silent:
    """A journal that keeps nothing."""

    state: State | None = None

    def __init__(self) -> None:
        self.clock = Stopwatch()

    def begin(self, learnt: Any, state: Any) -> None:
        """Keep who to ask."""
        self.learnt = learnt

    def update(self, periods: int, metrics: Any) -> bool:
        """Go on."""
        return True


def instance(lead_time: int, shortage: float) -> Scenario:
    """A store as in `lost_sales`, with another lead time and shortage cost."""
    plain = load_scenario("lost_sales").model_dump(mode="json", by_alias=True, exclude_none=True)
    plain["name"] = f"lost_sales_{lead_time}_{shortage}"
    plain["lanes"][0]["lead_time"] = lead_time
    plain["customers"][0]["shortage"] = shortage
    return load_scenario(plain)


def best_capped(scenario: Scenario, lead_time: int) -> CappedBaseStock:
    """The cheapest pair of a grid of whole numbers, by simulation on the same episodes for all."""
    middle = 5.0 * (lead_time + 1)
    pairs = [(level, cap) for level in np.arange(middle - 3, middle + 16) for cap in np.arange(5, 13)]
    levels, caps = (np.repeat(column, SEARCHED)[:, None, None] for column in np.array(pairs).T)
    simulator = Simulator(scenario, batch=len(levels), dtype="float32")
    policy = CappedBaseStock(levels, caps)
    information = simulator.reset(1, np.tile(np.arange(SEARCHED), len(pairs)))
    costs: NDArray[np.float64] = np.zeros(len(levels))
    while not simulator.done:
        information, ledger, _ = simulator.step(policy.act(information))
        costs += ledger.cost if simulator.now.period > scenario.warmup else 0.0
    return CappedBaseStock(*pairs[int(costs.reshape(len(pairs), -1).mean(axis=1).argmin())])


def trained(task: Task, keys: dict[str, Any]) -> Learnt:
    """The last policy."""
    learner, journal = make_agent({"type": "ppo", **keys}), Silent()
    assert isinstance(learner, Learner)
    learner.learn(task, journal)
    found: Learnt = journal.learnt()
    return found


def main() -> None:
    """Print a line for each instance and seed, and how often PPO is no dearer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--first", type=int, default=len(OPTIMA), help="How many of the instances")
    parser.add_argument("keys", nargs="*", help="key=value of the agent")
    given = parser.parse_args()
    keys = {name: yaml.safe_load(value) for name, _, value in (pair.partition("=") for pair in given.keys)}
    won = []
    for (lead_time, shortage), optimum in list(OPTIMA.items())[: given.first]:
        scenario = instance(lead_time, shortage)
        capped = best_capped(scenario, lead_time)
        for seed in range(given.seeds):
            task, start = Task(scenario, load_autonomy("autonomous_silo"), seed), time.process_time()
            learnt = trained(task, keys)
            seconds = time.process_time() - start
            ours, theirs = task.costs(learnt, JUDGED).mean(), task.costs(capped, JUDGED).mean()
            won.append(ours <= theirs)
            print(
                f"ℓ={lead_time} p={shortage:2} seed {seed}: PPO {ours:.4f} ({ours / optimum - 1:+.2%}), "
                f"capped at S={capped.level:.0f}, cap {capped.cap:.0f} {theirs:.4f} ({theirs / optimum - 1:+.2%}), "
                f"optimum {optimum}; {seconds:.0f} CPU-seconds",
                flush=True,
            )
    print(f"PPO costs no more than the capped base-stock policy in {sum(won)} of {len(won)}")


if __name__ == "__main__":
    main()
