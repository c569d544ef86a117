"""What judging finds, kept: the sums of every episode as safetensors, with what they are in the same file's header.

One episode's film goes with them as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field, TypeAdapter

from orderup.envs.files import write_bytes
from orderup.envs.validation import Keys, validated

from ..contestant import Contestant
from ..film import Film
from ..kpis import kpis_of
from ..result import Result, Skipped, Traces

LARGEST = 2**32
"""Bytes of a file that is read at all."""
TABLES = tuple(field.name for field in fields(Result) if field.type == "pd.DataFrame")
"""A result's."""
FILM = "film"


@dataclass(frozen=True)
class Stamp:
    """What a result belongs to."""

    key: str
    """The hash of its job."""
    learnt: str | None
    """The digest of the checkpoint that was judged."""


class _Table(Keys):
    """One of a result's tables: its columns in their order, and its rows where they have names."""

    columns: list[str]
    index: str | None = Field(None, description="What rows are")
    rows: list[str] | None = None


class _About(Keys):
    """The header."""

    format: Literal[1] = 1
    key: str
    learnt: str | None = None
    seconds: float = Field(ge=0)
    skipped: str | None = None
    terms: list[str] = []
    levels: dict[str, int] = {}
    caveats: list[str] = []
    tables: dict[str, _Table] = {}


def save(path: Path, stamp: Stamp, found: Result | str, seconds: float) -> None:
    """Put a result, or the reason why there is none, into a file, in one step. Raises InputError when it cannot be written."""
    from safetensors.numpy import save as as_bytes  # 0.1 s

    about = _About(key=stamp.key, learnt=stamp.learnt, seconds=round(seconds, 3))
    tensors: dict[str, Any] = {}
    if isinstance(found, str):
        about = about.model_copy(update={"skipped": found})
    else:
        tables = {name: getattr(found, name) for name in TABLES}
        tensors = {f"{name}/{column}": _numbers(table[column]) for name, table in tables.items() for column in table}
        if found.film is not None:
            tensors[FILM] = np.frombuffer(json.dumps(vars(found.film)).encode(), dtype=np.uint8)
        described = {name: _described(table) for name, table in tables.items()}
        told = {"terms": list(found.terms), "levels": dict(found.levels), "caveats": list(found.caveats)}
        about = about.model_copy(update={**told, "tables": described})
    write_bytes(path, as_bytes(tensors, {"about": about.model_dump_json()}))


def load(path: Path, stamp: Stamp, traces: Traces, contestant: Contestant) -> Result | Skipped | None:
    """The result, or why there is none; None where there is no file, it is damaged, or it belongs to something else."""
    about = _about(path)
    if about is None or (about.key, about.learnt) != (stamp.key, stamp.learnt):
        return None
    if about.skipped is not None:
        return Skipped(contestant.autonomy.name, contestant.name, about.skipped)
    contents = _contents(path, about)
    if contents is None:
        return None
    tables, film = contents
    if len(tables["sums"]) != traces.episodes or not _needed(about.terms) <= set(tables["sums"]):
        return None
    return Result(
        traces=traces,
        autonomy=contestant.autonomy,
        agent=contestant.agent,
        name=contestant.name,
        training=contestant.training,
        terms=tuple(about.terms),
        levels=about.levels,
        caveats=tuple(about.caveats),
        film=film,
        **tables,
    )


def seconds(path: Path) -> float | None:
    """How long it took to find; None where there is nothing."""
    about = _about(path)
    return None if about is None else about.seconds


def _about(path: Path) -> _About | None:
    from safetensors import SafetensorError, safe_open

    try:
        if path.stat().st_size > LARGEST:
            return None
        with safe_open(path, framework="np") as file:  # the header alone
            return validated(_About, json.loads((file.metadata() or {})["about"]))
    except (OSError, SafetensorError, KeyError, ValueError, RecursionError):  # InputError is a ValueError
        return None


def _contents(path: Path, about: _About) -> tuple[dict[str, Any], Film | None] | None:
    """The tables by name, and the film where one was kept; None where the file is damaged."""
    from safetensors import SafetensorError
    from safetensors.numpy import load as from_bytes

    try:
        tensors = from_bytes(path.read_bytes())
        film = TypeAdapter(Film).validate_json(tensors[FILM].tobytes()) if FILM in tensors else None
        return {name: _table(tensors, name, about.tables[name]) for name in TABLES}, film
    except (OSError, SafetensorError, KeyError, ValueError, TypeError, RecursionError):
        return None


def _needed(terms: Sequence[str]) -> set[str]:
    """The sums that today's KPIs are worked out from, which those of an older version may lack."""
    return {name for kpi in kpis_of(tuple(terms)) for name in (kpi.numerator, kpi.denominator)}


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
