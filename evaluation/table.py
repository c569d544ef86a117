"""The comparison as a table for the terminal."""

from __future__ import annotations

import math
import sys

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from .result import Comparison, Result
from .statistics import Interval

WIDTH = 100
"""Columns where the terminal does not tell, as in a pipe."""
DIGITS = 4
"""Significant digits of a cost."""
UNKNOWN = "–"


def show(comparison: Comparison, console: Console | None = None) -> None:
    """Print the table, to standard output unless a console is given; what is not a terminal gets it as wide as it is."""
    rendered = table(comparison)
    if console is None:
        wide = max(WIDTH, Console(width=10_000).measure(rendered).maximum)
        console = Console() if sys.stdout.isatty() else Console(width=wide, color_system=None)
    console.print(_title(comparison))
    console.print("", rendered, "", sep="\n")
    for note in notes(comparison):
        console.print(Text(note), style="dim")


def table(comparison: Comparison) -> Table:
    """One row for each level and policy: cost, difference to the reference, service, stock, bullwhip."""
    rendered = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
    for name in ("autonomy", "agent"):
        rendered.add_column(name, overflow="fold")
    for name in ("cost", "− reference", "%", "fill %", "on hand", "bullwhip"):
        rendered.add_column(name, justify="right", no_wrap=True)
    for result in comparison.results:
        rendered.add_row(*_row(comparison, result))
    return rendered


def notes(comparison: Comparison) -> list[str]:
    """What the table needs to be read: the reference, the traces, who was left out, and why to be careful."""
    traces, reference = comparison.traces, comparison.reference
    why = (
        "the first level where a centre orders for all"
        if reference.autonomy.authority == "central"
        else "the first listed; at no level a centre orders for all"
    )
    count = f"{traces.episodes} trace{'' if traces.episodes == 1 else 's'} of {traces.scenario.name}"
    return [
        f"Reference: {reference.label} ({why}). ± is half a 95 % interval; differences are paired on the traces.",
        "▲ costs more, ▼ costs less, ≈ cannot be told apart. Cost is money per period, on hand is units at a period's end.",
        f"{count}, seed {traces.seed}, periods {traces.scenario.warmup + 1} to {traces.horizon} of each.",
        *(f"Skipped: {skipped.name} at {skipped.autonomy}: {skipped.reason}" for skipped in comparison.skipped),
        *(f"Warning: {warning}" for warning in comparison.warnings),
    ]


def _title(comparison: Comparison) -> Text:
    scenario = comparison.traces.scenario
    return Text.assemble((scenario.name, "bold"), f": {scenario.description}" if scenario.description else "")


def _row(comparison: Comparison, result: Result) -> list[Text]:
    kpis, decimals = result.kpis, decimals_for(max(abs(result.cost), abs(comparison.reference.cost)))
    return [
        Text(result.autonomy.name),
        Text(result.name),
        Text(_plus_minus(result.interval, f".{decimals}f")),
        *_difference(comparison, result, decimals),
        Text(_number(100 * kpis["fill_rate"], ".1f")),
        Text(_number(kpis["on_hand"], f".{decimals_for(kpis['on_hand'])}f")),
        Text(_number(kpis["bullwhip"], ".2f")),
    ]


def _difference(comparison: Comparison, result: Result, decimals: int) -> tuple[Text, Text]:
    if result is comparison.reference:
        return Text("reference", style="dim"), Text()
    arrow, style = {1: ("▲", "red"), -1: ("▼", "green"), 0: ("≈", "dim")}[comparison.sign(result)]
    percent = 100 * comparison.relative_cost(result).estimate
    relative = _number(percent, "+z.1f" if abs(percent) < 1000 else "+z.0f")
    return Text(f"{_plus_minus(comparison.difference(result), f'+z.{decimals}f')} {arrow}", style=style), Text(
        relative, style=style
    )


def _plus_minus(interval: Interval, form: str) -> str:
    return f"{_number(interval.estimate, form)} ± {_number(interval.half_width, form.lstrip('+z'))}"


def _number(value: float, form: str) -> str:
    return f"{value:{form}}" if math.isfinite(value) else UNKNOWN


def decimals_for(value: float, digits: int = DIGITS) -> int:
    """Decimals that show a number of this size with so many significant digits.

    >>> decimals_for(25.168), decimals_for(120_000.0), decimals_for(0.0)
    (2, 0, 3)
    """
    size = math.floor(math.log10(abs(value))) if value and math.isfinite(value) else 0
    return min(max(digits - 1 - size, 0), 9)
