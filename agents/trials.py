"""The trials of a search on disk: a line of `tuning.csv` each, out of which the search goes on where it was interrupted."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from orderup.envs.errors import InputError
from orderup.envs.files import write_text
from orderup.envs.validation import Keys, validated

OWN = ("trial", "cost", "ended", "seconds", "costs")
"""Columns before those of the keys that were tried."""


class Trial(Keys):
    """A line of `tuning.csv`: what was tried, and what came of it."""

    trial: int
    cost: float | None
    """The lowest on validation's episodes [money per period]; none where training failed."""
    ended: Literal["whole", "given up", "failed"]
    seconds: float
    costs: list[float]
    """At each examination."""
    keys: dict[str, Any]


def write_trials(path: Path, done: Sequence[Trial]) -> None:
    """Write the table of all trials. Raises InputError where that cannot be."""
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\n")
    table.writerow([*OWN, *done[0].keys])
    for trial in done:
        values = [trial.trial, trial.cost, trial.ended, trial.seconds, json.dumps(trial.costs)]
        table.writerow([*values, *map(json.dumps, trial.keys.values())])
    write_text(path, file.getvalue())


def read_trials(path: Path) -> list[Trial]:
    """The trials of a table, none where there is no table. Raises InputError for one that is damaged."""
    if not path.is_file():
        return []
    try:
        rows = [_plain(row) for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines())]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(str(path), str(error), "the table of a search, as `train.py tune=…` writes it") from None
    return [validated(Trial, row, str(path)) for row in rows]


def _plain(row: Mapping[str, str]) -> dict[str, Any]:
    keys = {name: json.loads(text) for name, text in row.items() if name not in OWN}
    numbers = {name: json.loads(row[name] or "null") for name in OWN if name != "ended"}
    return {**numbers, "ended": row["ended"], "keys": keys}
