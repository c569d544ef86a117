"""The report on disk: every episode as a row, and what they come to."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import pandas as pd

from orderup.agents import agents
from orderup.envs.errors import InputError
from orderup.envs.files import write_text

from .result import Comparison, Result
from .statistics import Interval

FOLDER = Path("reports")
NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"


def write_report(comparison: Comparison, name: str | None = None, command: str = "", folder: str | Path = FOLDER) -> Path:
    """Write `results.csv` and `results.json` into `folder/name`, which is returned; the same comparison gives the same bytes.

    Left out, the name is the scenario's. A report that is there is replaced, each file in one step. Raises InputError for a
    name that is not a plain folder name, and where nothing can be written.
    """
    target = Path(folder) / checked_name(name if name is not None else comparison.traces.scenario.name)
    write_text(target / "results.csv", as_csv(rows(comparison)))
    write_text(target / "results.json", as_json(summary(comparison, command)))
    return target


def checked_name(name: str) -> str:
    """The name itself. Raises InputError when it could lead out of its folder, or looks like an option."""
    if not re.fullmatch(NAME, name):
        raise InputError("name", name, "letters, digits, _, - and ., beginning with a letter or digit, at most 100")
    return name


def rows(comparison: Comparison) -> pd.DataFrame:
    """One row for each level, policy and episode."""
    return pd.concat([_rows(result) for result in comparison.results], ignore_index=True)


def _rows(result: Result) -> pd.DataFrame:
    who: dict[str, str | int] = {
        "scenario": result.traces.scenario.name,
        "autonomy": result.autonomy.name,
        "agent": result.name,
        "seed": result.traces.seed,
        "split": result.traces.split,
    }
    table = result.episodes.reset_index()
    for place, (name, value) in enumerate(who.items()):
        table.insert(place, name, value)
    return table


def as_csv(table: pd.DataFrame) -> str:
    """A table as CSV whose texts no spreadsheet takes for formulas."""
    safe = table.copy()
    for name in table.columns[[not pd.api.types.is_numeric_dtype(kind) for kind in table.dtypes]]:
        safe[name] = table[name].map(harmless)
    return safe.to_csv(index=False, lineterminator="\n")


def harmless(text: str) -> str:
    """The text in one line, with a ' before what would begin a formula in a spreadsheet.

    >>> harmless("=HYPERLINK(0)"), harmless("base_stock")
    ("'=HYPERLINK(0)", 'base_stock')
    """
    line = re.sub(r"[\x00-\x1f\x7f]", " ", text)
    return f"'{line}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else line


def summary(comparison: Comparison, command: str = "") -> dict[str, Any]:
    """Everything the episodes come to, and how they were made, as plain data."""
    traces, reference = comparison.traces, comparison.reference
    return {
        "command": command,
        "traces": {
            "seed": traces.seed,
            "episodes": traces.episodes,
            "split": traces.split,
            "horizon": traces.horizon,
            "warmup": traces.scenario.warmup,
        },
        "warnings": list(comparison.warnings),
        "reference": {"autonomy": reference.autonomy.name, "agent": reference.name},
        "kpis": {
            kpi.name: {"meaning": kpi.meaning, "unit": kpi.unit, "better": kpi.better} for kpi in reference.definitions.values()
        },
        "results": [_entry(comparison, result) for result in comparison.results],
        "skipped": [{"autonomy": entry.autonomy, "agent": entry.name, "reason": entry.reason} for entry in comparison.skipped],
        "scenario": traces.scenario.model_dump(mode="json", by_alias=True),
    }


def _entry(comparison: Comparison, result: Result) -> dict[str, Any]:
    return {
        "autonomy": result.autonomy.name,
        "agent": result.name,
        "level": result.autonomy.model_dump(mode="json", by_alias=True),
        "settings": {"type": agents.name_of(type(result.agent)), **result.agent.model_dump(mode="json", by_alias=True)},
        "kpis": {name: _bounds(interval) for name, interval in result.intervals.items()},
        "difference": {name: _bounds(comparison.difference(result, name)) for name in result.definitions},
        "relative_cost": _bounds(comparison.relative_cost(result)),
        "cvar95": result.cvar95,
        "sites": result.sites.reset_index().to_dict(orient="records"),
    }


def _bounds(interval: Interval) -> dict[str, float]:
    return {"estimate": interval.estimate, "low": interval.low, "high": interval.high}


def as_json(data: Any) -> str:
    """Plain data as JSON, what is not a number being null."""
    return json.dumps(_plain(data), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _plain(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _plain(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_plain(value) for value in data]
    return None if isinstance(data, float) and not math.isfinite(data) else data
