"""A page of figures and tables in one file that asks for nothing else, in the style of every report's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup
from plotly.offline import get_plotlyjs

from .embedding import as_script_data, fingerprint
from .figure import Cell, DataSheet, Figure
from .template import own_file, template


@dataclass(frozen=True)
class PageTable:
    """A table that is shown as it is."""

    key: str
    title: str
    note: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True)
class Widget:
    """Something to move, with a script of its own that reads `data[key]` and gives `tables[key]` for the CSV button."""

    key: str
    plain: dict[str, Any]
    """What the script works with."""
    html: Markup
    script: str


@dataclass(frozen=True)
class Panel:
    """What is behind one tab; the first has to be called overview."""

    key: str
    name: str
    sentences: Sequence[str] = ()
    figures: Sequence[Figure] = ()
    tables: Sequence[PageTable] = field(default=())
    widget: Widget | None = None


def as_page(title: str, question: str, panels: Sequence[Panel], command: str) -> str:
    """The page as text."""
    data = {
        "figures": {figure.key: figure.plain for panel in panels for figure in panel.figures},
        "sheets": {table.key: DataSheet(table.columns, table.rows).plain for panel in panels for table in panel.tables},
    }
    widgets = [panel.widget for panel in panels if panel.widget is not None]
    data |= {each.key: each.plain for each in widgets}
    scripts = [get_plotlyjs(), own_file("page.js"), *(each.script for each in widgets)]
    return template(__package__, "panels.html").render(
        title=title,
        question=question,
        panels=panels,
        command=command,
        scripts=[Markup(script) for script in scripts],  # our own files, and Plotly's
        policy=" ".join(map(fingerprint, scripts)),
        data=as_script_data(data),
    )
