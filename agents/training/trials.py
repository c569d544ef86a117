"""The trials of a search on disk: a line of `tuning.csv` each, out of which the search goes on where it was interrupted."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.files import is_there, read_bytes, write_text
from orderup.envs.foundation.sealed_files import SEAL, digest
from orderup.envs.foundation.validation import Stored, validated

OWN = ("trial", "cost", "ended", "seconds", "costs")
"""Columns before those of the keys that were tried."""
OURS = "the table of a search, as `orderup train tune=…` writes it"
LARGEST = 2**26
"""Bytes of a table that is read at all."""


class Trial(Stored):
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
    table.writerow([*OWN, *done[0].keys, SEAL])
    for trial in done:
        values = [trial.trial, trial.cost, trial.ended, trial.seconds, json.dumps(trial.costs)]
        table.writerow([*values, *map(json.dumps, trial.keys.values()), _digest(trial)])
    write_text(path, file.getvalue())


def read_trials(path: Path) -> list[Trial]:
    """The trials of a table, none where there is no table. Raises InputError for one that is not as it was written."""
    if not is_there(path):
        return []
    data = read_bytes(path, LARGEST, OURS)
    try:
        lines = list(csv.DictReader(data.decode("utf-8").splitlines()))
        rows = [_plain(line) for line in lines]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, csv.Error) as error:
        raise InputError(str(path), str(error), OURS) from None
    done = [validated(Trial, row, str(path)) for row in rows]
    for number, (trial, line) in enumerate(zip(done, lines, strict=True)):
        if trial.trial != number or line.get(SEAL) != _digest(trial):
            raise InputError(
                f"{path}, line {number + 2}", "another trial than was written", f"{OURS}, each line with its {SEAL}"
            )
    return done


def _digest(trial: Trial) -> str:
    """Of all but the time it took, which is told and used for nothing."""
    return digest(trial.model_dump(exclude={"seconds"}))


def _plain(row: Mapping[str, str]) -> dict[str, Any]:
    keys = {name: json.loads(text) for name, text in row.items() if name not in (*OWN, SEAL)}
    numbers = {name: json.loads(row[name] or "null") for name in OWN if name != "ended"}
    return {**numbers, "ended": row["ended"], "keys": keys}
