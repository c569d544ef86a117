"""What several policies came to on the same traces, as tidy tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import pandas as pd

from ..running.result import Result
from ..statistics.statistics import Interval
from .method import Method

TableName = Literal["episodes", "sites", "echelons", "products", "segments", "lanes"]


def of_methods(methods: Sequence[Method], differences: Sequence[Mapping[str, Interval]]) -> pd.DataFrame:
    """One row for each method and KPI: estimate, low, high, and the same of its difference to the reference."""
    tables = []
    for method, found in zip(methods, differences, strict=True):
        table = method.frame.copy()
        for name in ("estimate", "low", "high"):
            values = {kpi: getattr(interval, name) for kpi, interval in found.items()}
            table[f"difference_{name}"] = table["kpi"].map(values)
        tables.append(_headed({"autonomy": method.autonomy.name, "method": method.name, "seeds": len(method.seeds)}, table))
    return pd.concat(tables, ignore_index=True)


def of_results(results: Sequence[Result], table: TableName) -> pd.DataFrame:
    """One of the results' tables, one below the other, with scenario, autonomy level, policy and traces."""
    tables = []
    for result in results:
        who: dict[str, str | int] = {
            "scenario": result.traces.scenario.name,
            "autonomy": result.autonomy.name,
            "agent": result.name,
            "seed": result.traces.seed,
            "split": result.traces.split,
        }
        tables.append(_headed(who, getattr(result, table).reset_index()))
    return pd.concat(tables, ignore_index=True)


def _headed(who: Mapping[str, str | int], table: pd.DataFrame) -> pd.DataFrame:
    """The table with the same few values before every row."""
    for place, (name, value) in enumerate(who.items()):
        table.insert(place, name, value)
    return table
