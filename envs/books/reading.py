"""Tables from files or from pandas, as texts, with the place of whatever is wrong in them."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..foundation.errors import InputError, UnknownName
from ..foundation.files import is_there, named_folder, read_bytes, user_path
from ..numerics.arrays import Floats, Mask
from .sheets import OTHER_SHEETS, SHEETS, SheetKind

if TYPE_CHECKING:
    import pandas as pd

ENDINGS = (".csv", ".csv.gz", ".parquet", ".xlsx")
LARGEST = 1 << 30
"""Bytes of a file."""
SEPARATORS = (";", "\t", ",")


@dataclass(frozen=True, eq=False)
class BookTable:
    """One table: every column as text, blank where nothing stands."""

    kind: SheetKind
    name: str
    """What it is called in messages: its file, or its kind."""
    frame: pd.DataFrame
    numbers_of: Mapping[str, Floats] = field(default_factory=dict)

    def __contains__(self, column: str) -> bool:
        return column in self.frame

    def __len__(self) -> int:
        return len(self.frame)

    def refuse(self, column: str, wrong: Mask, accepted: str) -> None:
        """Raise InputError for the first row that is wrong; rows are counted from 1 below the header."""
        if wrong.any():
            raise InputError(self.place(int(wrong.argmax()), column), self.found(int(wrong.argmax()), column), accepted)

    def refuse_unknown(self, column: str, wrong: Mask, known: Any, note: str = "") -> None:
        """The same for a name that there is not."""
        if wrong.any():
            row = int(wrong.argmax())
            raise UnknownName(self.place(row, column), self.found(row, column), known, note)

    def place(self, row: int, column: str) -> str:
        """Where something stands, as a message says it."""
        return f"{self.name}, row {int(self.frame.index[row]) + 1}, column {column}"

    def found(self, row: int, column: str) -> str:
        """What stands there."""
        return str(self.frame[column].iloc[row])

    def texts(self, column: str) -> Any:
        """A column's texts (R,)."""
        return self.frame[column].to_numpy(str)

    def at(self, rows: Mask) -> BookTable:
        """Some of its rows."""
        kept = {name: values[rows] for name, values in self.numbers_of.items()}
        return replace(self, frame=self.frame[rows], numbers_of=kept)


def read_sheets(given: Any) -> dict[str, BookTable]:
    """Tables by kind, from a folder that holds them, or from paths and data frames by kind. Raises InputError."""
    sources = given if isinstance(given, Mapping) else dict(_in_folder(given))
    for name in sources:
        if name not in SHEETS:
            raise UnknownName("books", name, SHEETS)
    return {name: read_sheet(name, source) for name, source in sources.items() if source is not None}


def _in_folder(folder: Any) -> Iterator[tuple[str, Path]]:
    if not isinstance(folder, (str, Path)):
        raise InputError("books", folder, f"a folder with {', '.join(f'{name}.csv' for name in SHEETS)}, or these by name")
    place = named_folder(folder, "books")
    if not place.is_dir():
        raise InputError("books", str(folder), "a folder that is there")
    found = False
    for name in SHEETS:
        there = [place / f"{name}{ending}" for ending in ENDINGS if is_there(place / f"{name}{ending}")]
        if len(there) > 1:
            raise InputError(f"books.{name}", ", ".join(path.name for path in there), "one of them")
        if there:
            found = True
            yield name, there[0]
    if not found:
        raise InputError("books", str(folder), f"a folder with {', '.join(f'{name}.csv' for name in SHEETS)}, or some of them")


def read_sheet(name: str, source: Any) -> BookTable:
    """One table, its numbers read. Raises InputError for what is missing, doubled or no amount, with its row and column."""
    kind = (SHEETS | OTHER_SHEETS)[name]
    label, frame = (name, _as_texts(source)) if not isinstance(source, (str, Path)) else _from_file(name, source)
    sheet = BookTable(kind, label, _renamed(frame, kind, label))
    return replace(sheet, numbers_of={column: _amounts(sheet, column) for column in kind.numbers if column in sheet})


def _from_file(name: str, source: str | Path) -> tuple[str, pd.DataFrame]:
    path = user_path(source, name)
    if not path.name.lower().endswith(ENDINGS):
        raise InputError(name, str(source), f"a file whose name ends in {', '.join(ENDINGS)}")
    data = read_bytes(path, LARGEST, "a file that is there", links=True)
    try:
        return path.name, _parsed(path.name.lower(), data)
    except InputError:
        raise
    except ImportError as error:
        raise InputError(name, str(source), f"CSV, or {path.suffix} after installing what reads it ({error})") from None
    except (OSError, EOFError, ValueError) as error:
        raise InputError(name, str(source), f"a file that can be read ({error})") from None


def _parsed(name: str, data: bytes) -> pd.DataFrame:
    import pandas as pd  # half a second that only those pay who bring tables

    if name.endswith(".parquet"):
        return _as_texts(pd.read_parquet(io.BytesIO(data)))
    if name.endswith(".xlsx"):
        return _as_texts(pd.read_excel(io.BytesIO(data)))
    if name.endswith(".gz"):
        import gzip

        with gzip.open(io.BytesIO(data)) as file:
            data = file.read(LARGEST)
    text = _decoded(data)
    head = text.partition("\n")[0]
    separator = max(SEPARATORS, key=head.count)
    return pd.read_csv(io.StringIO(text), sep=separator, dtype=str, keep_default_na=False, skip_blank_lines=True)


def _decoded(data: bytes) -> str:
    """UTF-8, with a byte-order mark or without, else Latin-1, which spreadsheets of old write."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _as_texts(source: Any) -> pd.DataFrame:
    """A table's values as they would be written. Raises InputError for what is no table."""
    import pandas as pd

    if isinstance(source, (Mapping, list)):
        source = pd.DataFrame(source)
    if not isinstance(source, pd.DataFrame):
        raise InputError("books", source, "a path, or a pandas DataFrame")
    columns = {str(name): _texts_of(source[name]) for name in source.columns}
    return pd.DataFrame(columns).reset_index(drop=True)


def _texts_of(column: Any) -> Any:
    import pandas as pd

    if pd.api.types.is_datetime64_any_dtype(column):
        days = column.dt.normalize().eq(column).all()
        return column.dt.strftime("%Y-%m-%d" if days else "%Y-%m-%dT%H:%M:%S").fillna("")
    if pd.api.types.is_float_dtype(column):
        return column.map(_written)
    return column.map(lambda value: "" if value is None or value is pd.NA or value != value else str(value))


def _written(value: float) -> str:
    """A number with all its digits, a whole one without a point; blank where there is none."""
    if value != value:
        return ""
    return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else repr(float(value))


def _renamed(frame: pd.DataFrame, kind: SheetKind, label: str) -> pd.DataFrame:
    """The columns that are read, by their own names."""
    words, found = kind.other_words or {}, dict[str, str]()
    for name in frame.columns:
        plain = str(name).strip().lower().replace(" ", "_")
        meant = plain if plain in kind.columns else words.get(plain, plain)
        if meant not in kind.columns:
            continue
        if meant in found:
            raise InputError(f"{label}, column {name}", f"{found[meant]} too", f"one column for {meant}")
        found[meant] = name
    texts = frame[list(found.values())].set_axis(list(found), axis=1)
    missing = [column for column in kind.needed if column not in texts and column != "product"]
    if missing:
        known = ", ".join([*kind.needed, *(f"{name} (optional)" for name in kind.optional)])
        raise InputError(label, f"columns {', '.join(map(str, frame.columns))}", f"columns that include {missing[0]}: {known}")
    if texts.empty:
        return texts.astype(str)
    stripped: pd.DataFrame = texts.apply(lambda column: column.astype(str).str.strip())
    return stripped


def _amounts(sheet: BookTable, column: str) -> Floats:
    """A column's numbers (R,), 0 where it is blank; a decimal comma is one where no number has a point."""
    import pandas as pd

    texts = sheet.frame[column]
    points, commas = texts.str.contains(".", regex=False).any(), texts.str.contains(",", regex=False).any()
    plain = texts.str.replace(",", ".", regex=False) if commas and not points else texts
    found: Floats = pd.to_numeric(plain, errors="coerce").to_numpy(float, na_value=np.nan)
    blank = (texts == "").to_numpy()
    sheet.refuse(column, ~np.isfinite(found) & ~blank, "a number, in digits, with a point or a comma for its decimals")
    exact: Floats = np.where(blank, "0", plain.to_numpy(str)).astype(float)  # pandas rounds the last bit
    return exact
