"""The report on disk: every episode as a row, and what they come to."""

from __future__ import annotations

from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

import pandas as pd

from orderup.envs.foundation.files import write_bytes, write_text

from ..comparison.comparison import Comparison
from ..tables.csv_text import as_csv
from ..tables.markdown import as_markdown
from ..tables.raw_data import raw_data
from ..tables.summary import as_json, summary
from .report_folder import FOLDER, NAME, checked_name, remove_others, report_folder

__all__ = ["FOLDER", "NAME", "checked_name", "write_report"]

PARQUET, PAGE = "results.parquet", "index.html"
WRITTEN = ("results.csv", PARQUET, "results.json", "summary.json", "summary.md", PAGE)


def write_report(
    comparison: Comparison,
    name: str | None = None,
    command: str = "",
    folder: str | Path = FOLDER,
    page: bool = True,
    overwrite: bool = False,
) -> Path:
    """Write the report into `folder/name`, which is returned; the same comparison gives the same bytes.

    `results.csv` and `results.parquet` have a row for every episode, `results.json` the same in marl-eval's schema,
    `summary.json` everything they come to, `summary.md` the table, headline and flags, `index.html` the page with pictures and
    a replay (unless `page` is false). Without pyarrow there is no Parquet.
    Left out, the name is the scenario's, with a number where that is taken. What the same command wrote before is replaced,
    each file in one step, and nothing of it stays beside the new; what another one wrote, only to `overwrite`. Raises
    InputError for a name that is not a plain folder name, or taken, and where nothing can be written.
    """
    target = report_folder(folder, name, comparison.traces.scenario.name, command, overwrite)
    write_files(comparison, target, command, page)
    return target


def write_files(comparison: Comparison, target: Path, command: str, page: bool = True) -> list[Path]:
    """Write a report's files, which are returned, into its folder, and remove what else an older report has left there."""
    written = [name for name in WRITTEN if (page or name != PAGE) and (has_parquet() or name != PARQUET)]
    remove_others(target, written)
    write_text(target / "results.csv", as_csv(comparison.episodes))
    _write_parquet(target / PARQUET, comparison.episodes)
    write_text(target / "results.json", as_json(raw_data(comparison), indent=None))
    write_text(target / "summary.json", as_json(summary(comparison, command)))
    write_text(target / "summary.md", as_markdown(comparison, command))
    if page:
        from ..page.writing import write_page  # Jinja2 and Plotly, which take their time

        write_page(comparison, target, command)
    return [target / name for name in sorted(written)]


def has_parquet() -> bool:
    """Whether the library is there that writes Parquet."""
    return find_spec("pyarrow") is not None


def _write_parquet(path: Path, table: pd.DataFrame) -> None:
    """Write the table, where that can be."""
    if has_parquet():
        file = BytesIO()
        table.to_parquet(file, engine="pyarrow", index=False)
        write_bytes(path, file.getvalue())
