"""Parquet files, column by column, and frames that are in memory already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from orderup.envs.demand.table_file import LARGEST_TABLE
from orderup.envs.foundation.errors import InputError

from .options import ReadingOptions
from .table import Column, Table

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class ParquetFile:
    """A Parquet file of which only the schema has been read."""

    path: Path
    header: tuple[str, ...]

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return self.path.name

    def table(self, columns: Sequence[str]) -> Table:
        """Its rows in some of its columns."""
        import pyarrow.parquet

        with pyarrow.parquet.ParquetFile(self.path) as file:
            frame = file.read(columns=list(dict.fromkeys(columns))).to_pandas()
        return _table(frame.reset_index(drop=True), self.name, columns)


@dataclass(frozen=True)
class Frame:
    """A frame of pandas."""

    name: str
    frame: pd.DataFrame

    @property
    def header(self) -> tuple[str, ...]:
        """The names of its columns."""
        return tuple(map(str, self.frame.columns))

    def table(self, columns: Sequence[str]) -> Table:
        """Its rows in some of its columns."""
        return _table(self.frame.set_axis(list(self.header), axis=1), self.name, columns)


def open_parquet(path: Path, options: ReadingOptions) -> ParquetFile:
    """A Parquet file. Raises InputError for what is none."""
    try:
        import pyarrow.parquet
    except ImportError:
        raise InputError(str(path), "a Parquet file", "Parquet after installing orderup[import], or CSV") from None
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            rows, header = file.metadata.num_rows, tuple(file.schema_arrow.names)
    except (OSError, ValueError) as error:
        raise InputError(str(path), str(error), "a Parquet file that can be read") from None
    if rows > LARGEST_TABLE:
        raise InputError(str(path), f"{rows:,} rows", f"at most {LARGEST_TABLE:,} rows")
    return ParquetFile(path, header)


def _table(frame: pd.DataFrame, name: str, columns: Sequence[str]) -> Table:
    found: dict[str, Any] = {column: Column.of(frame[column]) for column in columns}
    return Table(name, found, np.arange(1, len(frame) + 1, dtype=np.int32))
