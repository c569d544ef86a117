"""Recorded demand: one CSV or Parquet file in long format, read and checked once however many customers share it.

Shapes: P periods from the first to the last in the file, N sites, K products.
"""

from __future__ import annotations

import os
import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, UnknownName
from ..validation import Keys

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]

VARIABLE = "ORDERUP_DATA"
"""The environment variable that names the file where a scenario does not."""
CELLS = 1 << 28


class Columns(Keys):
    """What the file calls its columns; price and promotion may be absent."""

    period: str = "period"
    site: str = "site"
    product: str = "product"
    demand: str = "demand"
    price: str | None = None
    promotion: str | None = None

    @property
    def numbers(self) -> dict[str, str]:
        """The columns that hold a number for each cell."""
        named = {"demand": self.demand, "price": self.price, "promotion": self.promotion}
        return {name: column for name, column in named.items() if column is not None}


@dataclass(frozen=True, eq=False)
class Recorded:
    """The contents of a file: `values` by name (P, N, K), NaN where nothing was recorded."""

    path: Path
    first: int
    """The number of the first period."""
    sites: tuple[str, ...]
    products: tuple[str, ...]
    values: dict[str, Floats]

    def window(self, name: str, site: str, products: tuple[str, ...], periods: tuple[int, int]) -> Floats:
        """The values (W, K) of one site from the first of `periods` to the second. Raises InputError for what is not there."""
        if site not in self.sites:
            raise UnknownName("demand.site", site, self.sites)
        for product in products:
            if product not in self.products:
                raise UnknownName("products", product, self.products)
        if name not in self.values:
            raise InputError(f"demand.columns.{name}", None, "the column of the file that holds it")
        last = self.first + len(self.values[name]) - 1
        if periods[0] < self.first or periods[1] > last:
            raise InputError("demand.windows", list(periods), f"periods of {self.path.name}, {self.first} to {last}")
        rows = slice(periods[0] - self.first, periods[1] - self.first + 1)
        return self.values[name][rows, self.sites.index(site)][:, [self.products.index(product) for product in products]]


def read(path: str | None, columns: Columns, source: str) -> Recorded:
    """The contents of the file at `path`, or at the environment variable's; read again only if it changes.

    Raises InputError when there is none (telling the `source` of the data) or it cannot be used.
    """
    given = path or os.environ.get(VARIABLE)
    where = f"; {source}" if source else ""
    if not given:
        raise InputError("demand.path", path, f"a CSV or Parquet file, here or in the environment variable {VARIABLE}{where}")
    file = Path(given).expanduser()
    if not file.is_file():
        raise InputError("demand.path", given, f"an existing CSV or Parquet file{where}")
    return _read(file, file.stat().st_mtime_ns, columns)


@lru_cache(maxsize=4)
def _read(path: Path, changed: int, columns: Columns) -> Recorded:
    frame = _frame(path, columns)
    numbers = {name: _numbers(frame, path, column) for name, column in columns.numbers.items()}
    demand, period = numbers["demand"], _numbers(frame, path, columns.period)
    _refuse(frame, path, columns.demand, ~(np.isfinite(demand) & (demand >= 0)), "a finite number ≥ 0")
    _refuse(frame, path, columns.period, ~(np.isfinite(period) & (period % 1 == 0)), "a whole number")
    (site, sites), (product, products) = (_names(frame, path, name) for name in (columns.site, columns.product))
    first, length = int(period.min()), int(period.max() - period.min()) + 1
    shape = (length, len(sites), len(products))
    if np.prod(shape, dtype=float) > CELLS:
        raise InputError(f"{path}, column {columns.period}", f"{first} to {first + length - 1}", "periods numbered one by one")
    cell = np.ravel_multi_index(((period - first).astype(np.int64), site, product), shape)
    _refuse_doubles(frame, path, columns, cell)
    return Recorded(path, first, sites, products, {name: _spread(values, cell, shape) for name, values in numbers.items()})


def _frame(path: Path, columns: Columns) -> pd.DataFrame:
    """The file's table. Raises InputError when it cannot be read, is empty, or lacks a column that is needed."""
    import pandas as pd  # half a second that only those pay who use recorded demand

    name = path.name.lower()
    if not name.endswith((".csv", ".csv.gz", ".parquet")):
        raise InputError("demand.path", str(path), "a file whose name ends in .csv, .csv.gz or .parquet")
    try:
        if name.endswith(".parquet"):
            frame = pd.read_parquet(path)
        else:
            texts: dict[Any, Any] = {columns.site: str, columns.product: str}
            frame = pd.read_csv(path, dtype=texts, keep_default_na=False, na_values=[""])
    except ImportError as error:
        raise InputError("demand.path", str(path), "CSV, or Parquet after installing orderup[parquet]") from error
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise InputError("demand.path", str(path), f"a file that can be read ({error})") from error
    needed = [columns.period, columns.site, columns.product, *columns.numbers.values()]
    if missing := [column for column in needed if column not in frame]:
        raise InputError("demand.columns", list(map(str, frame)), f"columns that include {', '.join(missing)}")
    if frame.empty:
        raise InputError("demand.path", str(path), "a file with rows")
    return frame


def _numbers(frame: pd.DataFrame, path: Path, column: str) -> Floats:
    """A column's numbers (rows,), NaN where it is empty. Raises InputError for text."""
    import pandas as pd

    numbers: Floats = pd.to_numeric(frame[column], errors="coerce").to_numpy(float, na_value=np.nan)
    _refuse(frame, path, column, np.isnan(numbers) & frame[column].notna().to_numpy(), "a number")
    return numbers


def _names(frame: pd.DataFrame, path: Path, column: str) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """The number (rows,) of each row's name, and the names in alphabetical order."""
    import pandas as pd

    _refuse(frame, path, column, frame[column].isna().to_numpy(), "a name")
    numbers, names = pd.factorize(frame[column].astype(str), sort=True)
    return numbers, tuple(names)


def _refuse(frame: pd.DataFrame, path: Path, column: str, wrong: NDArray[np.bool_], accepted: str) -> None:
    """Raise InputError for the first row that is wrong; rows are counted from 1 below the header."""
    if wrong.any():
        row = int(wrong.argmax())
        raise InputError(f"{path}, row {row + 1}, column {column}", frame[column].iloc[row], accepted)


def _refuse_doubles(frame: pd.DataFrame, path: Path, columns: Columns, cell: NDArray[np.int64]) -> None:
    _, row, count = np.unique(cell, return_index=True, return_counts=True)
    if (count > 1).any():
        first, second = np.flatnonzero(cell == cell[row[count > 1].min()])[:2]
        found = ", ".join(str(frame[name].iloc[second]) for name in (columns.period, columns.site, columns.product))
        raise InputError(
            f"{path}, row {second + 1}", found, f"one row for each period, site and product; row {first + 1} has it"
        )


def _spread(values: Floats, cell: NDArray[np.int64], shape: tuple[int, ...]) -> Floats:
    table = np.full(shape, np.nan)
    table.reshape(-1)[cell] = values
    return table
