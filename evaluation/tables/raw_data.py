"""Every episode in the schema of marl-eval, for its tools and those of rliable: `results.json`.

Source: https://github.com/instadeepai/marl-eval, after Gorsane et al., Towards a standardised performance evaluation protocol
for cooperative MARL (2022). Those tools want equally many runs of every algorithm; what is written here is what there is.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..comparison.comparison import Comparison
from ..measures.kpis import COST
from ..running.result import Result

ENVIRONMENT = "orderup"


def raw_data(comparison: Comparison) -> dict[str, Any]:
    """Environment → task (the scenario) → algorithm (autonomy level / method) → training seed → step → KPI → episodes.

    `return` is minus the cost, since there more is better. A rule is a run of seed 0 after 0 steps. KPIs that mean nothing in
    some episode are left out, for all methods.
    """
    told = _told(comparison)
    algorithms = {method.label: {_seed(result): _run(result, told) for result in method.seeds} for method in comparison.methods}
    return {ENVIRONMENT: {comparison.traces.scenario.name: algorithms}}


def _told(comparison: Comparison) -> list[str]:
    tables = [result.episodes for result in comparison.results]
    return [str(name) for name in tables[0] if all(name in table and np.isfinite(table[name]).all() for table in tables)]


def _seed(result: Result) -> str:
    return str(0 if result.training is None else result.training.seed)


def _run(result: Result, told: list[str]) -> dict[str, Any]:
    metrics = {name: result.episodes[name].to_list() for name in told}
    metrics["return"] = (-result.episodes[COST.name]).to_list()
    steps = 0 if result.training is None else result.training.settings.get("steps", 0)
    means = {name: [float(np.mean(values))] for name, values in metrics.items()}
    return {"step_1": {"step_count": steps, **metrics}, "absolute_metrics": means}
