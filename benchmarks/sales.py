"""What it costs to see sales instead of demand: `python -m benchmarks.sales [pathwise]`, for docs/explanation/sales.md.

Every agent plays the same traces of `lost_sales` three times: seeing sales, seeing demand, and taking its sales for demand.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import numpy as np

import orderup
from orderup.agents.levels.search.optimised import _fit
from orderup.agents.sales.asked import Asked, AskedFor
from orderup.envs.catalogue import changed, load_scenario
from orderup.envs.scenario.scenario import Scenario

SCENARIO, AUTONOMY, EPISODES = "lost_sales", "autonomous_silo", 400
RULES: dict[str, dict[str, Any]] = {
    "forecast_newsvendor": {"type": "forecast_newsvendor"},
    "… method=moving_average": {"type": "forecast_newsvendor", "method": "moving_average"},
    "… method=kaplan_meier": {"type": "forecast_newsvendor", "method": "kaplan_meier"},
    "moving_average": {"type": "moving_average"},
    "… safety=0": {"type": "moving_average", "safety": 0.0},
    "… safety=0 window=30": {"type": "moving_average", "safety": 0.0, "window": 30},
    "optimised_base_stock forecast=true": {"type": "optimised_base_stock", "forecast": True},
}
STEPS, SEEDS = 2_000_000, (0, 1)


def demand_seen(scenario: Scenario) -> Scenario:
    """The same, but that all that customers ask for is seen."""
    entries = [entry.model_dump() | {"observes": "demand"} for entry in scenario.customers]
    return changed(scenario, name=f"{scenario.name}_demand_seen", customers=entries)


@contextmanager
def taken_for_demand() -> Iterator[None]:
    """Whoever asks what customers asked for is told what they got."""
    _fit.cache_clear()
    with patch.object(AskedFor, "sold", lambda self, information: Asked(information.own("demand"), None, None)):
        yield
    _fit.cache_clear()


def costs(scenario: Scenario, agent: Any) -> Any:
    """Cost per period of every trace."""
    return orderup.evaluate(scenario, AUTONOMY, agent, episodes=EPISODES).episodes["cost"].to_numpy()


def against(ours: Any, theirs: Any) -> str:
    """Mean difference in per cent, with its 95 % interval."""
    difference = (ours - theirs) / theirs.mean() * 100
    return f"{difference.mean():+.2f} ± {1.96 * difference.std(ddof=1) / np.sqrt(len(difference)):.2f} %"


def trained(scenario: Scenario, seed: int) -> Any:
    """Cost of a network trained on a scenario, on its own traces."""
    with tempfile.TemporaryDirectory() as folder:
        agent = {"type": "pathwise"}
        run = orderup.train(scenario, agent=agent, autonomy=AUTONOMY, steps=STEPS, seed=seed, folder=folder, progress=False)
        return costs(scenario, {"type": "trained", "run": str(run.folder)})


def main() -> None:
    """Print the rows."""
    by_sales, by_demand = load_scenario(SCENARIO), demand_seen(load_scenario(SCENARIO))
    print("| agent | cost, demand seen | sales seen | sales taken for demand |\n| --- | ---: | ---: | ---: |")
    if "pathwise" in sys.argv[1:]:
        for seed in SEEDS:
            known, seen = trained(by_demand, seed), trained(by_sales, seed)
            print(f"| `pathwise`, {STEPS:,} periods, seed {seed} | {known.mean():.3f} | {against(seen, known)} | |", flush=True)
        return
    for name, agent in RULES.items():
        known, seen = costs(by_demand, agent), costs(by_sales, agent)
        with taken_for_demand():
            naive = costs(by_sales, agent)
        row = f"| `{name}` | {known.mean():.3f} | {against(seen, known)} | {against(naive, known)} |"
        print(row.replace("`… ", "… `"), flush=True)


if __name__ == "__main__":
    main()
