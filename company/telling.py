"""What an import says before it writes anything: what was found and decided, what was assumed, how demand fits."""

from __future__ import annotations

import sys

from rich import box
from rich.console import Console
from rich.table import Table

from orderup.envs.foundation.terminal import Text

from .network_files import NetworkFiles
from .record.decisions import ImportDecision, ImportDecisions

HEADINGS = ("file", "count", "found", "done", "why")
LEAST = 100


def show(files: NetworkFiles, console: Console | None = None) -> None:
    """Print it."""
    console = console or _console()
    console.print(_table(files.decisions))
    console.print(Text("What no file tells and was assumed", style="bold"))
    for assumption in files.assumptions:
        console.print(Text(f"  {assumption}"))
    console.print(Text("Demand", style="bold"))
    for line in demand_lines(files):
        console.print(Text(f"  {line}"))


def demand_lines(files: NetworkFiles) -> list[str]:
    """How demand was fitted, in a few lines."""
    names: dict[str, list[str]] = {}
    for site in files.fit.sites:
        beside = "" if site.season is None else ", with a season" if site.season.outer is None else ", with weekdays and a year"
        names.setdefault(site.family.replace("_", " ") + beside, []).append(files.record.sites[site.site])
    families = [
        f"{family} at {', '.join(sites[:6])}{f' and {len(sites) - 6} more' if len(sites) > 6 else ''}"
        for family, sites in names.items()
    ]
    rho = files.keys.get("correlation", {}).get("rho")
    together = [f"Sites' demands move together: a correlation of {rho:g}."] if rho else []
    windows = ", ".join(
        f"{name} {files.record.names[span[0]]} to {files.record.names[span[1]]}"
        for name in ("train", "validation", "test")
        for span in [getattr(files.spans, name)]
    )
    return [
        *families,
        f"{files.fit.held_out.sentence[:1].upper()}{files.fit.held_out.sentence[1:]}.",
        *together,
        f"Windows: {windows}.",
    ]


def _table(decisions: ImportDecisions) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), title="What was found and decided", title_justify="left")
    for heading in HEADINGS:
        table.add_column(
            heading, justify="right" if heading == "count" else "left", overflow="fold", no_wrap=heading == "count"
        )
    for decision in decisions:
        table.add_row(*map(Text, _row(decision)))
    return table


def _row(decision: ImportDecision) -> tuple[str, ...]:
    done = f"{decision.key}={decision.done}" if decision.key else decision.done
    why = "; ".join(filter(None, [decision.why, decision.example and f"first {decision.example}"]))
    return decision.about, f"{decision.count:,}", decision.found, done, why


def _console() -> Console:
    return Console() if sys.stdout.isatty() else Console(width=140, color_system=None)
