"""Today's orders in a folder: `orders.csv` for whoever carries them out, a page to read, and which command made them."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from orderup.agents.runs.provenance import provenance
from orderup.envs.autonomy.autonomy import PLANNER
from orderup.envs.foundation.files import write_text

from ..page.template import template
from ..tables.csv_text import as_csv
from .decide import Orders
from .reasons import told

if TYPE_CHECKING:
    import pandas as pd

TABLE, PAGE, SUMMARY = "orders.csv", "index.html", "summary.json"


def write_orders(orders: Orders, folder: str | Path, command: str = "") -> list[Path]:
    """Write all three files, each whole or not at all. Raises InputError where they cannot be written."""
    target = Path(folder)
    write_text(target / TABLE, as_csv(_exact(orders.table)))
    write_text(target / PAGE, as_page(orders, command))
    write_text(target / SUMMARY, json.dumps(_summary(orders, command), indent=2, ensure_ascii=False) + "\n")
    return [target / name for name in (TABLE, PAGE, SUMMARY)]


def _exact(table: pd.DataFrame) -> pd.DataFrame:
    """Every digit of every number, whole ones without a point."""
    found = table.copy()
    for name in found.columns[[kind.kind == "f" for kind in found.dtypes]]:
        found[name] = [_digits(value) for value in found[name].tolist()]
    return found


def _digits(value: float) -> str:
    if math.isnan(value):
        return ""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _summary(orders: Orders, command: str) -> dict[str, Any]:
    return {
        "command": command,
        "today": orders.today,
        "autonomy": orders.contestant.autonomy.name,
        "agent": orders.contestant.name,
        "notes": list(orders.notes),
        "caveats": list(orders.caveats),
        "versions": provenance()["versions"],
    }


def as_page(orders: Orders, command: str = "") -> str:
    """The page as text, which asks for nothing else: every site's orders, and what the centre orders or looks at."""
    simulator, table = orders.simulator, orders.table
    sites = [(name, _rows(table[table["site"] == name])) for name in dict.fromkeys(table["site"])]
    return template(__package__, "orders.html").render(
        scenario=simulator.scenario,
        orders=orders,
        headline=headline(orders),
        autonomy=orders.contestant.autonomy,
        sites=sites,
        centre=_rows(table[(table["decided_by"] == PLANNER) & (table["quantity"] > 0)]),
        has_planner=simulator.autonomy.has_planner,
        waiting=_rows(table[table["waiting"] > 0]),
        latency=simulator.autonomy.approval_latency,
        command=command,
        versions=provenance()["versions"],
    )


def headline(orders: Orders) -> str:
    """The orders in one sentence."""
    table = orders.table
    placed, waiting = table[table["quantity"] > 0], table[table["waiting"] > 0]
    where = placed["site"].nunique()
    text = f"{len(placed)} orders for {where} site{'s' * (where != 1)}, {told(float(placed['quantity'].sum()))} units in all"
    if not len(placed):
        text = "Nothing to order today"
    return f"{text}; {len(waiting)} wait for approval" if len(waiting) else text


def _rows(table: pd.DataFrame) -> list[dict[str, str]]:
    """Texts of a table's rows, those that order first."""
    sorted_table = table.iloc[np.argsort(-(table["quantity"] + table["waiting"]).to_numpy(), kind="stable")]
    return [{str(name): _cell(value) for name, value in row.items()} for row in sorted_table.to_dict("records")]


def _cell(value: Any) -> str:
    if not isinstance(value, float):
        return str(value)
    return "–" if math.isnan(value) else told(value)
