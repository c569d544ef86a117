"""What selfish sites come to: `python benchmarks/selfish.py [scenario …] [--seeds 5] [--workers 2] [--steps …] [--table]`.

Scenarios: selfish_line, selfish_line_repaired, selfish_hub; left out: all. Constant levels, in which the theory's equilibrium
is, are learnt by `pathwise`, for each site's own cost and for the team's. Every training is a run in runs/benchmark-selfish/,
so that one that is there is not done again; `--table` only tells of what is there. Costs are on the same held-out traces.
"""

from __future__ import annotations

import argparse
import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from orderup.agents.exact.serial import Transfers, TwoStages
from orderup.agents.runs.run import is_whole, load_run
from orderup.agents.training.train import train
from orderup.envs.catalogue import load_scenario
from orderup.envs.scenario.scenario import Scenario
from orderup.evaluation.comparison.selfish import no_price
from orderup.evaluation.comparison.side_by_side import compare

RUNS = Path("runs") / "benchmark-selfish"
SCENARIOS = ("selfish_line", "selfish_line_repaired", "selfish_hub")
REWARDS = ("own", "team")
EPISODES = 2000


def trained(job: tuple[str, str, int, int | None]) -> None:
    """One training, unless it is there."""
    scenario, reward, seed, steps = job
    name = f"{scenario}-{reward}-{seed}"
    if not is_whole(RUNS / name):
        keys = {"type": "pathwise", "network": False, "reward": reward, "steps": steps}
        train(scenario, agent=keys, seed=seed, name=name, folder=RUNS, progress=False, overwrite=True)


def line_of(scenario: Scenario) -> TwoStages:
    """The scenario as theory has it."""
    retailer, supplier = scenario.sites.values()
    down, up = scenario.lanes
    (buyers,) = scenario.customers
    terms = {} if down.terms is None else {name: getattr(down.terms, name) for name in Transfers.__dataclass_fields__}
    rates: Any = (retailer.holding, supplier.holding)
    lead_times = (down.lead_time.longest, up.lead_time.longest)
    demand = buyers.demand.over(scenario.products, 1)
    return TwoStages(rates, float(buyers.shortage), lead_times, demand, 0.05, Transfers(**terms))  # type: ignore[arg-type] # numbers


def tell(scenario: str, seeds: int) -> None:
    """Print what is there of a scenario."""
    folders = {reward: [RUNS / f"{scenario}-{reward}-{seed}" for seed in range(seeds)] for reward in REWARDS}
    there = {reward: [folder for folder in found if is_whole(folder)] for reward, found in folders.items()}
    if not there["own"]:
        return
    print(f"\n{scenario}")
    exact = scenario.startswith("selfish_line")
    if exact:
        found = line_of(load_scenario(scenario)).equilibrium()
        own = ", ".join(f"{cost:.3f}" for cost in found.costs)
        print(f"  exact: levels {found.levels}, own costs {own}, price of anarchy {found.price_of_anarchy:.2%}")
    best = [("central_ideal", "optimal")] if exact else []
    runs = [("autonomous_silo", load_run(folder)) for folders in there.values() for folder in folders]
    comparison = compare(scenario, [*best, *runs], episodes=EPISODES)
    if exact:
        optimum = comparison.results[0].cost
        for result in comparison.results[1:]:
            print(f"  {result.name}: {result.cost / optimum - 1:+.2%} against the optimum on the same traces")
    for price in comparison.prices:
        if price.kind == "price of anarchy":
            print(f"  {price!r}")
    for row in comparison.leaving:
        print(f"  {row.site}: own cost {row.own_cost:.3f}, gain {row.gain:.4f} ± {row.half_width:.4f}, at most {row.share:.2%}")
    for method in comparison.methods:
        if method.is_selfish:
            seconds = np.mean([(load_run(folder).result or {})["seconds"] for folder in there["own"]])
            print(
                f"  {method.label}: {no_price(method) or 'has a price'}; settled {method.settled}; {seconds:.0f} s a training"
            )


def main() -> None:
    """Train what is not there, and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenarios", nargs="*", default=list(SCENARIOS))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--steps", type=int, default=None, help="of a training; left out: the learner's")
    parser.add_argument("--table", action="store_true")
    keys = parser.parse_args()
    if not keys.table:
        jobs = [
            (scenario, reward, seed, keys.steps)
            for scenario in keys.scenarios
            for reward in REWARDS
            for seed in range(keys.seeds)
        ]
        with ProcessPoolExecutor(keys.workers) as pool:
            list(pool.map(trained, jobs))
    for scenario in keys.scenarios:
        tell(scenario, keys.seeds)


if __name__ == "__main__":
    main()
