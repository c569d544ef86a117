"""A file of any kind, opened by what its name ends in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from orderup.envs.foundation.errors import InputError

from .csv_file import open_csv
from .excel_file import open_excel
from .options import ReadingOptions
from .parquet_file import Frame, open_parquet
from .table import Table

if TYPE_CHECKING:
    import pandas as pd

Source: TypeAlias = "str | Path | pd.DataFrame"
"""What a user has a table in."""


class TableFile(Protocol):
    """A table whose columns' names are known, and whose rows are read when they are asked for."""

    @property
    def name(self) -> str:
        """What it is called in messages."""
        ...

    @property
    def header(self) -> tuple[str, ...]:
        """The names of its columns."""
        ...

    def table(self, columns: Sequence[str]) -> Table:
        """Its rows in some of its columns."""
        ...


ENDINGS: dict[str, Callable[[Path, ReadingOptions], TableFile]] = {
    ".csv": open_csv,
    ".tsv": open_csv,
    ".txt": open_csv,
    ".csv.gz": open_csv,
    ".tsv.gz": open_csv,
    ".txt.gz": open_csv,
    ".xlsx": open_excel,
    ".xlsm": open_excel,
    ".xlsb": open_excel,
    ".xls": open_excel,
    ".ods": open_excel,
    ".parquet": open_parquet,
}


def is_workbook(source: Any) -> bool:
    """Whether it is a file of sheets, by its name."""
    return isinstance(source, (str, Path)) and any(
        str(source).lower().endswith(ending) for ending, how in ENDINGS.items() if how is open_excel
    )


def opened(source: Source, options: ReadingOptions, key: str) -> TableFile:
    """A table's file. Raises InputError with the key where there is none, or of no kind that can be read."""
    if not isinstance(source, (str, Path)):
        if not hasattr(source, "columns"):
            raise InputError(key, source, "the path of a table, or a pandas DataFrame")
        return Frame(key, source)
    path = Path(source).expanduser()
    ending = next((ending for ending in sorted(ENDINGS, key=len, reverse=True) if path.name.lower().endswith(ending)), None)
    if ending is None:
        raise InputError(key, str(source), f"a file whose name ends in {', '.join(ENDINGS)}")
    try:
        there, size = path.is_file(), path.stat().st_size if path.is_file() else 0
    except (OSError, ValueError) as error:
        raise InputError(key, str(source), f"an existing file ({error})") from None
    if not there:
        raise InputError(key, str(source), "an existing file")
    if not size:
        raise InputError(key, f"{source}, which is empty", "a file with a row of column names and rows below it")
    return ENDINGS[ending](path, options)


def whole(source: Any, options: ReadingOptions, key: str) -> Table:
    """All columns of a small table."""
    file = opened(source, options, key)
    return file.table(file.header)
