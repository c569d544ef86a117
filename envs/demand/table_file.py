"""A table in a CSV or Parquet file, read for what it is: no value becomes another kind of value on the way.

Shapes: R rows.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..foundation.errors import InputError
from ..numerics.arrays import Floats

if TYPE_CHECKING:
    import pandas as pd


LARGEST_TABLE = 500_000_000
"""Rows beyond which a Parquet file is refused unread."""
SWELLING, HARMLESS = 250, 1 << 26
"""How many times its size a compressed table may become beyond 64 MB; one that is made to fill a memory, a thousand times."""
NUMERIC = {"integer", "floating", "mixed-integer-float", "decimal", "string", "empty"}
"""Kinds of columns that hold numbers, in pandas' words; texts may be numbers, dates and truth values are none."""


def read_table(path: Path, texts: tuple[str, ...], numbers: tuple[str, ...], key: str = "demand") -> pd.DataFrame:
    """The columns named of a file's table, the `texts` of a CSV as they are written; `key` is the scenario's for the file.

    Raises InputError for a file that cannot be read, is empty, or lacks one of them.
    """
    needed = list(dict.fromkeys([*texts, *numbers]))
    with _complaints(path, key):
        frame = _parquet(path, needed, key) if _is_parquet(path, key) else _csv(path, texts, needed, key)
    if frame.empty:
        raise InputError(f"{key}.path", str(path), "a file with rows")
    return frame


def header_of(path: Path, key: str = "demand") -> list[str]:
    """What a file's columns are called. Raises InputError for one that cannot be read."""
    with _complaints(path, key):
        return _parquet_header(path) if _is_parquet(path, key) else list(map(str, _csv_frame(path, nrows=0)))


def existing(given: str, key: str, note: str = "") -> tuple[Path, int]:
    """The file at a path, and when it was changed last. Raises InputError where there is none."""
    try:
        file = Path(given).expanduser()
        changed = file.stat().st_mtime_ns if file.is_file() else None
    except (OSError, RuntimeError, ValueError) as error:  # a name too long, no such user, no permission, a NUL
        raise InputError(f"{key}.path", given, f"an existing CSV or Parquet file ({error}){note}") from None
    if changed is None:
        raise InputError(f"{key}.path", given, f"an existing CSV or Parquet file{note}")
    return file, changed


@contextmanager
def _complaints(path: Path, key: str) -> Iterator[None]:
    """Whatever goes wrong with reading a file, as an InputError of its key."""
    try:
        yield
    except InputError:
        raise
    except ImportError as error:
        raise InputError(f"{key}.path", str(path), "CSV, or Parquet after installing orderup[parquet]") from error
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise InputError(f"{key}.path", str(path), f"a file that can be read ({error})") from error


def _is_parquet(path: Path, key: str) -> bool:
    name = path.name.lower()
    if not name.endswith((".csv", ".csv.gz", ".parquet")):
        raise InputError(f"{key}.path", str(path), "a file whose name ends in .csv, .csv.gz or .parquet")
    return name.endswith(".parquet")


def as_numbers(frame: pd.DataFrame, path: Path, column: str, truths: bool = False) -> Floats:
    """A column's numbers (R,), NaN where it is blank. Raises InputError for text, dates, and truth values without `truths`."""
    import pandas as pd

    values = frame[column]
    kind = pd.api.types.infer_dtype(values, skipna=True)
    if kind not in NUMERIC and not (truths and kind == "boolean"):
        refuse(frame, path, column, values.notna().to_numpy(), "a number")
    numbers: Floats = pd.to_numeric(values, errors="coerce").to_numpy(float, na_value=np.nan)
    refuse(frame, path, column, np.isnan(numbers) & values.notna().to_numpy(), "a number")
    return numbers


def as_names(frame: pd.DataFrame, path: Path, column: str) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """The number (R,) of each row's name, and the names in alphabetical order."""
    import pandas as pd

    refuse(frame, path, column, frame[column].isna().to_numpy(), "a name")
    numbers, names = pd.factorize(frame[column].astype(str), sort=True)
    return numbers.astype(np.int64), tuple(names)


def as_texts(column: pd.Series[Any]) -> pd.Series[Any]:
    """A column as it is written (R,), whole numbers without a point, missing where it is blank."""
    import pandas as pd

    if pd.api.types.is_float_dtype(column) and (column.dropna() % 1 == 0).all():
        column = column.astype("Int64")
    return column.astype(str).str.strip().where(column.notna())


def refuse(frame: pd.DataFrame, path: Path, column: str, wrong: NDArray[np.bool_], accepted: str) -> None:
    """Raise InputError for the first row that is wrong; rows are counted from 1 below the header."""
    if wrong.any():
        row = int(wrong.argmax())
        found = frame[column].iloc[row]
        raise InputError(f"{path}, row {row + 1}, column {column}", getattr(found, "item", lambda: found)(), accepted)


class BoundedGzip(io.RawIOBase):
    """What a compressed file holds, up to many times its size."""

    def __init__(self, path: Path) -> None:
        self._file, self._left = gzip.open(path), max(SWELLING * path.stat().st_size, HARMLESS)  # noqa: SIM115 (closed below)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        read = self._file.readinto(buffer)
        self._left -= read
        if self._left < 0:
            raise ValueError(f"it becomes more than {SWELLING} times as large when it is unpacked")
        return read

    def close(self) -> None:
        self._file.close()
        super().close()


def _csv(path: Path, texts: tuple[str, ...], needed: list[str], key: str) -> pd.DataFrame:
    frame = _csv_frame(path, dtype=dict.fromkeys(texts, str))
    _refuse_missing(list(map(str, frame)), needed, key)
    return frame[needed]


def _csv_frame(path: Path, **options: Any) -> pd.DataFrame:
    import pandas as pd  # half a second that only those pay who use recorded demand

    with BoundedGzip(path) if path.name.lower().endswith(".gz") else path.open("rb") as file:
        frame: pd.DataFrame = pd.read_csv(file, keep_default_na=False, na_values=[""], **options)
    return frame


def _parquet(path: Path, needed: list[str], key: str) -> pd.DataFrame:
    import pyarrow.parquet

    with pyarrow.parquet.ParquetFile(path) as file:
        _refuse_missing(file.schema_arrow.names, needed, key)
        if file.metadata.num_rows > LARGEST_TABLE:
            raise InputError(f"{key}.path", f"{path} of {file.metadata.num_rows:,} rows", f"at most {LARGEST_TABLE:,} rows")
        frame: pd.DataFrame = file.read(columns=needed).to_pandas()
    return frame


def _parquet_header(path: Path) -> list[str]:
    import pyarrow.parquet

    with pyarrow.parquet.ParquetFile(path) as file:
        return list(file.schema_arrow.names)


def _refuse_missing(names: list[str], needed: list[str], key: str) -> None:
    if missing := [column for column in needed if column not in names]:
        raise InputError(f"{key}.columns", names, f"columns that include {', '.join(missing)}")
