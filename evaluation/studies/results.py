"""What evaluating finds, kept: the sums of every episode as safetensors, with what they are in the same file's header.

One episode's replay goes with them as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field, TypeAdapter

from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.files import is_there
from orderup.envs.foundation.validation import Stored, validated

from ..measures.kpis import kpis_of
from ..running.contestant import Contestant
from ..running.replay import EpisodeReplay
from ..running.result import Result, Skipped, Traces
from . import sealed_tensors
from .sealed_tensors import Unusable

TABLES = tuple(field.name for field in fields(Result) if field.type == "pd.DataFrame")
"""A result's."""
REPLAY = "replay"
"""The recording of one trace, among the tensors."""
FORMER = {"levels": "echelon", "film": REPLAY}
"""What files of before call keys and tensors, and what they are called since."""


@dataclass(frozen=True)
class Stamp:
    """What a result belongs to."""

    key: str
    """The hash of its job."""
    learnt: str | None
    """The digest of the checkpoint that was evaluated."""


class _Table(Stored):
    """One of a result's tables: its columns in their order, and its rows where they have names."""

    columns: list[str]
    index: str | None = Field(None, description="What rows are")
    rows: list[str] | None = None


class _About(Stored):
    """The header, but for its own digest."""

    format: Literal[2] = 2
    key: str
    learnt: str | None = None
    seconds: float = Field(ge=0)
    skipped: str | None = None
    terms: list[str] = []
    echelon: dict[str, int] = Field({}, description="Of each site")
    caveats: list[str] = []
    tables: dict[str, _Table] = {}
    numbers: str = Field("", description="The digest of all tables' numbers, and of the replay")


def save(path: Path, stamp: Stamp, found: Result | str, seconds: float) -> None:
    """Put a result, or the reason why there is none, into a file, in one step. Raises InputError when it cannot be written."""
    about: dict[str, Any] = {"key": stamp.key, "learnt": stamp.learnt, "seconds": round(seconds, 3)}
    tensors: dict[str, Any] = {}
    if isinstance(found, str):
        about["skipped"] = found
    else:
        tables = {name: getattr(found, name) for name in TABLES}
        tensors = {f"{name}/{column}": _numbers(table[column]) for name, table in tables.items() for column in table}
        if found.replay is not None:
            tensors[REPLAY] = np.frombuffer(json.dumps(vars(found.replay)).encode(), dtype=np.uint8)
        described = {name: _described(table) for name, table in tables.items()}
        about |= {
            "terms": list(found.terms),
            "echelon": dict(found.echelon),
            "tables": described,
            "caveats": list(found.caveats),
        }
    sealed_tensors.save(path, tensors, _About(**about).model_dump(mode="json", exclude={"numbers"}))


def load(path: Path, stamp: Stamp, traces: Traces, contestant: Contestant) -> Result | Skipped | None:
    """The result, or why there is none; None where there is no file. Raises Unusable for one that is not as it was written.

    It is unusable, too, where it belongs to another policy, or is of an older version.
    """
    if not is_there(path):
        return None
    about, tensors = _read(path)
    if (about.key, about.learnt) != (stamp.key, stamp.learnt):
        raise Unusable("it is of another policy")
    if about.skipped is not None:
        return Skipped(contestant.autonomy.name, contestant.name, about.skipped)
    try:
        replay = TypeAdapter(EpisodeReplay).validate_json(tensors[REPLAY].tobytes()) if REPLAY in tensors else None
        tables: dict[str, Any] = {name: _table(tensors, name, about.tables[name]) for name in TABLES}
    except (KeyError, ValueError, TypeError, RecursionError) as error:
        raise Unusable("it is of another version") from error
    if len(tables["sums"]) != traces.episodes or not _needed(about.terms) <= set(tables["sums"]):
        raise Unusable("it is of another version")
    return Result(
        traces=traces,
        autonomy=contestant.autonomy,
        agent=contestant.agent,
        name=contestant.name,
        training=contestant.training,
        terms=tuple(about.terms),
        echelon=about.echelon,
        caveats=tuple(about.caveats),
        replay=replay,
        **tables,
    )


def seconds(path: Path) -> float | None:
    """How long it took to find; None where there is nothing, or nothing that can be used."""
    try:
        return _read(path)[0].seconds if is_there(path) else None
    except (Unusable, InputError):
        return None


def _read(path: Path) -> tuple[_About, dict[str, NDArray[Any]]]:
    """The header and all numbers, which are those that were written. Raises Unusable for others."""
    header, tensors = sealed_tensors.load(path, "what a study has evaluated")
    try:
        return validated(_About, _renamed(header)), _renamed(tensors)
    except InputError as error:
        raise Unusable("it is not what was written") from error


def _renamed(found: Mapping[str, Any]) -> dict[str, Any]:
    return {FORMER.get(name, name): value for name, value in found.items()}


def _needed(terms: Sequence[str]) -> set[str]:
    """The sums that today's KPIs are worked out from, which those of an older version may lack."""
    return {name for kpi in kpis_of(tuple(terms)) for name in kpi.columns}


def _numbers(column: Any) -> NDArray[Any]:
    return np.ascontiguousarray(column.to_numpy())


def _described(table: pd.DataFrame) -> _Table:
    rows = None if isinstance(table.index, pd.RangeIndex) else [str(name) for name in table.index]
    index = None if table.index.name is None else str(table.index.name)
    return _Table(columns=[str(name) for name in table], index=index, rows=rows)


def _table(tensors: dict[str, Any], name: str, about: _Table) -> pd.DataFrame:
    rows = None if about.rows is None else pd.Index(about.rows)
    table = pd.DataFrame({column: tensors[f"{name}/{column}"] for column in about.columns}, index=rows)
    return table if about.index is None else table.rename_axis(about.index)
