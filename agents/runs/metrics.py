"""How a training went: a line of metrics.csv and a point of TensorBoard's curves for every update."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeAlias

from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.files import ADDING, WRITABLE, is_there, open_plain, read_bytes, write_text

from .curves import Curves

METRICS = "metrics.csv"
METRICS_SEAL = "metrics.csv.sha256"
"""The digest of the table's first lines, and how many of them, as of the last checkpoint."""
LARGEST = 2**30
"""Bytes of a table that is read at all."""
OURS = "the table of a run, as `orderup train` writes it"

Row: TypeAlias = Mapping[str, float | None]


class Metrics:
    """The table and the curves of a run, in step; of those that are there the first `kept` lines stay.

    The curves are drawn anew from the table when a run is resumed. Raises InputError where nothing can be written, where fewer
    lines are there than are to be kept, and where they are others than were written.
    """

    def __init__(self, folder: Path, kept: int = 0) -> None:
        self._path, self.rows = folder / METRICS, kept
        """Lines below the heading."""
        lines = _sealed_lines(folder, kept)[: kept + 1] if kept else []
        found = _numbers(self._path, lines)
        self.names: Sequence[str] = list(found[0]) if found else []
        """Columns; none before the first line is written."""
        self.last = found[-1] if found else {}
        """The last line that stayed."""
        self._digest = hashlib.sha256("".join(lines).encode())
        with _written(self._path):
            self._seal()
            write_text(self._path, "".join(lines), make=False)
            self._table = os.fdopen(open_plain(self._path, ADDING), "a", newline="", encoding="utf-8")
            self._curves = Curves(folder)
            for row in found:
                self._curves.draw(row)

    def write(self, row: Row) -> None:
        """Add a line, with the columns of the first one."""
        lines = io.StringIO(newline="")
        table = csv.DictWriter(lines, self.names or list(row))
        if not self.names:
            self.names = list(row)
            table.writeheader()
        table.writerow(row)
        with _written(self._path):
            self._table.write(lines.getvalue())
            self._table.flush()
            self._curves.draw(row)
        self._digest.update(lines.getvalue().encode())
        self.rows += 1

    def secure(self) -> None:
        """Return when everything written is on the disk, and its digest with it."""
        with _written(self._path):
            os.fsync(self._table.fileno())
        self._seal()

    def _seal(self) -> None:
        """Put down what the lines so far are. Before lines are taken away, so that there are never fewer than it tells of."""
        write_text(self._path.with_name(METRICS_SEAL), f"{self._digest.hexdigest()} {self.rows}\n", make=False)

    def close(self) -> None:
        """Nothing more to come; each line was written out when it came, or its failure told."""
        for file in (self._table, self._curves):
            with suppress(OSError):
                file.close()


def kept_rows(folder: Path) -> list[dict[str, float | None]]:
    """The lines of a run's table as of its last checkpoint; none where there is no table: a policy can stand alone.

    Raises InputError where they are not those that training wrote.
    """
    if not is_there(folder / METRICS) or not (is_there(folder / METRICS_SEAL) or is_there(folder / "last.json")):
        return []
    return _numbers(folder / METRICS, _sealed_lines(folder, 0))


@contextmanager
def _written(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(str(path), error.strerror or str(error), WRITABLE) from error


def _sealed_lines(folder: Path, kept: int) -> list[str]:
    """The heading and the lines that the digest is of. Raises InputError for others, and where they are fewer than `kept`."""
    path = folder / METRICS
    lines = io.StringIO(_text(path), newline="").readlines()
    if kept and len(lines) <= kept:
        raise InputError(str(path), f"{max(len(lines) - 1, 0)} lines", f"the {kept} lines that the last checkpoint counts on")
    seal = re.fullmatch(r"([0-9a-f]{64}) (\d{1,18})\n", _text(folder / METRICS_SEAL))
    if seal is None:
        raise InputError(str(folder / METRICS_SEAL), "no digest", "the digest of the table, as training writes it")
    told, rows = seal[1], int(seal[2])
    lines = lines[: rows + 1]
    if (
        rows < kept
        or (len(lines) != rows + 1 and rows)
        or hashlib.sha256("".join(lines if rows else []).encode()).hexdigest() != told
    ):
        raise InputError(
            str(path), "other contents than were written", f"the table as training wrote it, as {METRICS_SEAL} tells"
        )
    return lines if rows else []


def _text(path: Path) -> str:
    try:
        return read_bytes(path, LARGEST, OURS).decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(str(path), str(error), OURS) from None


def _numbers(path: Path, lines: Sequence[str]) -> list[dict[str, float | None]]:
    """The numbers of lines below their heading."""
    try:
        rows = list(csv.DictReader(lines))
        return [{name: float(text) if text else None for name, text in row.items()} for row in rows]
    except (ValueError, TypeError, csv.Error) as error:
        raise InputError(str(path), str(error), "numbers, as training wrote them") from None
