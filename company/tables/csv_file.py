"""Text tables: CSV in any dialect and encoding, packed or not."""

from __future__ import annotations

import io
import itertools
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import numpy as np

from orderup.envs.demand.table_file import BoundedGzip
from orderup.envs.foundation.errors import InputError

from .dialect import SEPARATORS, Dialect, dialect_of
from .encoding import LATIN, WESTERN, encoding_of
from .options import ReadingOptions
from .table import Gathered, Table

if TYPE_CHECKING:
    import pandas as pd

PART = 250_000
"""Rows that are in memory as texts at a time."""
LOOKED_AT = 500
"""Lines by which the dialect is found."""
TOO_MANY = re.compile(r"Expected (\d+) fields in line (\d+), saw (\d+)")
READABLE = "a text table that can be read"
NAMED = {"utf-8": "", WESTERN: "not UTF-8, read as Western Windows (cp1252)", LATIN: "not UTF-8, read as Latin-1"}
"""What is said of an encoding; nothing where it goes without saying."""


@dataclass(frozen=True)
class CsvFile:
    """A text table of which the header has been read, and the rest not yet."""

    path: Path
    encoding: str
    dialect: Dialect

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return self.path.name

    @property
    def header(self) -> tuple[str, ...]:
        """The names of its columns."""
        return self.dialect.header

    def table(self, columns: Sequence[str]) -> Table:
        """Its rows in some of its columns. Raises InputError for a row with more cells than the header has."""
        found = {name: Gathered() for name in columns}
        count: int = _guarded(self.path, lambda: self._gather(found))
        if _lines(self.path) > count + self.dialect.above + 1 and self.encoding != "utf-16":
            _guarded(self.path, self._refuse_swallowed)
        rows = np.arange(count, dtype=np.int32) + np.int32(self.dialect.above + 2)
        return Table(self.name, {name: column.column for name, column in found.items()}, rows, self._notes)

    def _gather(self, found: dict[str, Gathered]) -> int:
        """Read the rows part by part; tells how many there are."""
        count = 0
        with _opened(self.path) as file:
            for part in self._parts(file):
                count += len(part)
                for name, column in found.items():
                    column.add(part[name])
        return count

    def _parts(self, file: BinaryIO) -> Iterator[pd.DataFrame]:
        """All columns, so that a row with too many cells is noticed."""
        import pandas as pd

        try:
            yield from pd.read_csv(
                file,
                sep=self.dialect.separator,
                encoding=self.encoding,
                skiprows=self.dialect.above + 1,
                header=None,
                names=list(self.header),
                dtype=str,
                keep_default_na=False,
                na_values=[""],
                skip_blank_lines=False,
                chunksize=PART,
            )
        except pd.errors.EmptyDataError:
            return

    def _refuse_swallowed(self) -> None:
        """Raise InputError for a cell in which whole rows are, as after a quotation mark that is not closed."""
        width, row = len(self.header) - 1, self.dialect.above + 2
        with _opened(self.path) as file:
            for part in self._parts(file):
                for name in part.columns:
                    lines = part[name].str.count("\n").fillna(0)
                    wrong = (lines > 0) & (part[name].str.count(re.escape(self.dialect.separator)) >= lines * max(width, 1))
                    if wrong.any():
                        at = int(wrong.to_numpy().argmax())
                        found = part[name].iloc[at].partition("\n")[0]
                        accepted = "a cell that ends in its row: a quotation mark before it is not closed, or is to be doubled"
                        raise InputError(f"{self.name}, row {row + at}, column {name}", found, accepted)
                row += len(part)

    @property
    def _notes(self) -> tuple[str, ...]:
        said = [f"cells parted by {SEPARATORS.get(self.dialect.separator, repr(self.dialect.separator))}"]
        said += [NAMED.get(self.encoding, f"encoding {self.encoding}")]
        said += [f"{self.dialect.above} line(s) above the column names left out"] if self.dialect.above else []
        return tuple(filter(None, said))


def open_csv(path: Path, options: ReadingOptions) -> CsvFile:
    """A text table. Raises InputError for what is none."""
    encoding = _guarded(path, lambda: encoding_of(lambda: _opened(path), path.name, options.encoding))
    return CsvFile(
        path, encoding, dialect_of(_guarded(path, lambda: _first_lines(path, encoding)), path.name, options.separator)
    )


def _first_lines(path: Path, encoding: str) -> list[str]:
    with io.TextIOWrapper(_opened(path), encoding=encoding, newline="") as text:
        return list(itertools.islice(text, LOOKED_AT))


def _lines(path: Path) -> int:
    """How many lines a file has, its last one too where that is not ended; empty ones at the end are not counted."""
    count, ended = 0, 0
    with _opened(path) as file:
        while chunk := file.read(1 << 20):
            count += chunk.count(b"\n")
            kept = chunk.rstrip(b"\r\n")
            ended = chunk.count(b"\n") - kept.count(b"\n") + (0 if kept else ended)
    return count - ended + 1


def _opened(path: Path) -> BinaryIO:
    if path.name.lower().endswith(".gz"):
        return cast(BinaryIO, io.BufferedReader(BoundedGzip(path)))
    return path.open("rb")


def _guarded(path: Path, reading: Any) -> Any:
    """What `reading` gives. Raises InputError in place of what may go wrong with a file."""
    try:
        return reading()
    except InputError:
        raise
    except (OSError, EOFError, ValueError, zlib.error) as error:
        told = TOO_MANY.search(str(error))
        if told is None:
            raise InputError(str(path), str(error).strip() or type(error).__name__, READABLE) from None
        accepted = f"{told[1]} cells, as many as there are column names: a cell with a separator in it stands in quotes"
        raise InputError(f"{path.name}, row {told[2]}", f"{told[3]} cells", accepted) from None
