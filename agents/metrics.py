"""How a training went: a line of metrics.csv and a point of TensorBoard's curves for every update."""

from __future__ import annotations

import csv
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TypeAlias

from orderup.envs.errors import InputError
from orderup.envs.files import write_text

METRICS = "metrics.csv"
CURVES = "events.out.tfevents.*"
"""What TensorBoard reads."""

Row: TypeAlias = Mapping[str, float | None]


class Metrics:
    """The table and the curves of a run, in step; of those that are there the first `kept` lines stay.

    The curves are drawn anew from the table when a run is resumed. Raises InputError where nothing can be written, and where
    fewer lines are there than are to be kept.
    """

    def __init__(self, folder: Path, kept: int = 0) -> None:
        self._path, self.rows = folder / METRICS, kept
        """Lines below the heading."""
        found = _read(self._path, kept) if kept else []
        self.names: Sequence[str] = list(found[0]) if found else []
        """Columns; none before the first line is written."""
        self.last = found[-1] if found else {}
        """The last line that stayed."""
        with _written(self._path):
            write_text(self._path, "".join(_lines(self._path)[: kept + 1]) if kept else "")
            self._table = self._path.open("a", newline="", encoding="utf-8")
            self._curves = _new_curves(folder)
            for row in found:
                self._draw(row)

    def write(self, row: Row) -> None:
        """Add a line, with the columns of the first one."""
        with _written(self._path):
            table = csv.DictWriter(self._table, self.names or list(row))
            if not self.names:
                self.names = list(row)
                table.writeheader()
            table.writerow(row)
            self._table.flush()
            self._draw(row)
        self.rows += 1

    def secure(self) -> None:
        """Return when everything written is on the disk."""
        with _written(self._path):
            os.fsync(self._table.fileno())

    def close(self) -> None:
        """Nothing more to come; each line was written out when it came, or its failure told."""
        for file in (self._table, self._curves):
            with suppress(OSError):
                file.close()

    def _draw(self, row: Row) -> None:
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary
        from tensorboard.summary.writer.record_writer import RecordWriter

        step = int(row["periods"] or 0)
        known = {tag: value for tag, value in row.items() if value is not None and tag != "periods"}
        values = [Summary.Value(tag=tag, simple_value=value) for tag, value in known.items()]
        event = Event(step=step, wall_time=time.time(), summary=Summary(value=values))
        RecordWriter(self._curves).write(event.SerializeToString())
        self._curves.flush()


@contextmanager
def _written(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(str(path), error.strerror or str(error), "a path that can be written, on a disk with room") from error


def _new_curves(folder: Path) -> IO[bytes]:
    """A file for TensorBoard in place of those that are there. Its own writer has a thread, which keeps its failures."""
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.summary.writer.record_writer import RecordWriter

    for old in folder.glob(CURVES):
        old.unlink()
    file = (folder / CURVES.replace("*", f"{int(time.time()):010d}.run")).open("wb")
    RecordWriter(file).write(Event(wall_time=time.time(), file_version="brain.Event:2").SerializeToString())
    return file


def _lines(path: Path) -> list[str]:
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return file.readlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(str(path), str(error), "the table of a run, as `train.py` writes it") from None


def _read(path: Path, kept: int) -> list[dict[str, float | None]]:
    rows = list(csv.DictReader(_lines(path)[: kept + 1]))
    try:
        if len(rows) == kept:
            return [{name: float(text) if text else None for name, text in row.items()} for row in rows]
    except (ValueError, TypeError) as error:
        raise InputError(str(path), str(error), "numbers, as training wrote them") from None
    raise InputError(str(path), f"{len(rows)} lines", f"the {kept} lines that the last checkpoint counts on")
