"""The league for the terminal, and on disk."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
from rich import box
from rich.console import Console
from rich.table import Table

from orderup.envs.autonomy.autonomy import PLANNER
from orderup.envs.foundation.files import write_text
from orderup.envs.foundation.terminal import Text

from ..comparison.prices import Bound
from ..measures.money import SPENT
from ..report.report_folder import remove_others
from ..statistics.digits import decimals_for, formatted, plus_minus, significant
from ..statistics.statistics import CONFIDENCE, mean_interval
from ..tables.csv_text import as_csv
from ..tables.summary import as_json
from ..tables.text_table import WIDTH, limits_of, style_of
from .league import League, LeagueEntry

FILE, ABOUT = "league.csv", "league.json"


def show_league(league: League, console: Console | None = None) -> None:
    """Print the table and its notes, to standard output unless a console is given."""
    rendered = league_table(league)
    if console is None:
        wide = max(WIDTH, Console(width=10_000).measure(rendered).maximum)
        console = Console() if sys.stdout.isatty() else Console(width=wide, color_system=None)
    scenario, autonomy = league.traces.scenario, league.autonomy
    console.print(
        Text().append(scenario.name, "bold").append(" at ").append(autonomy.name, "bold").append(f": {autonomy.description}")
    )
    console.print("", rendered, "", sep="\n")
    for note in league_notes(league):
        console.print(Text(note), style=style_of(note))


def league_table(league: League) -> Table:
    """One row for each place."""
    rendered = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
    first, *between, last = headings(league)
    rendered.add_column(first, overflow="fold")
    for name in between:
        rendered.add_column(name, justify="right", no_wrap=True)
    rendered.add_column(last)
    for entry in league.entries:
        rendered.add_row(*map(Text, league_cells(league, entry)))  # a name's brackets are no markup
    return rendered


def headings(league: League) -> tuple[str, ...]:
    """Those of the table's columns."""
    return ("agent", league.money.word, "− best", "%", "traces", "fit s", "play s", "ms", "decides")


def league_cells(league: League, entry: LeagueEntry) -> list[str]:
    """A place's row, one cell for each heading."""
    best, watch = league.best, entry.watch
    decimals = decimals_for(max(abs(best.result.cost), abs(entry.result.cost)))
    fewer = len(entry.costs) < league.traces.episodes
    return [
        entry.name,
        plus_minus(league.money.told(entry.result.interval), f".{decimals}f"),
        *_difference(league, entry, decimals),
        f"{len(entry.costs)}{'*' if fewer else ''}",
        f"{watch.fit:.1f}",
        f"{entry.play:.1f}",
        f"{watch.decision_ms:.3g}",
        " and ".join(sorted(watch.decides)),
    ]


def league_notes(league: League) -> list[str]:
    """What the table needs to be read: the traces, what all agents looked at, bounds, and who is not in it and why."""
    traces, autonomy = league.traces, league.autonomy
    count = f"{traces.episodes} trace{'' if traces.episodes == 1 else 's'} of {traces.scenario.name}, seed {traces.seed}"
    sees = autonomy.visibility_of((PLANNER,) if autonomy.has_planner else ())
    return [
        f"{count}, periods {traces.scenario.warmup + 1} to {traces.horizon} of each; {league.money.word} is money per period.",
        "± is half a 95 % confidence interval; differences are to the best of those with all traces, paired on those that both "
        "played, and places go by them. ms is one decision of an episode, with others of its batch.",
        *([SPENT] if league.money.earns else []),
        *_few(league),
        *_alike(league),
        *(_bound(league, bound) for bound in league.bounds),
        *(f"Error: {error}" for error in league.errors),
        f"{autonomy.name} shows {sees} records, authority {autonomy.authority}. Order-up-to levels become orders on "
        "the records of whoever executes them. Read by the agents themselves:",
        *(f"  {fields}: {', '.join(names)}" for fields, names in _by_information(league).items()),
        *(f"Caveat: {caveat}" for caveat in league.caveats),
        *(f"Not in it: {skipped.name}: {skipped.reason}" for skipped in league.left_out),
        *(f"Warning: {warning}" for warning in traces.warnings),
    ]


def write_league_files(leagues: list[League], target: Path, command: str = "") -> Path:
    """Write the files of leagues into a report's folder, and remove what else an older report has left there."""
    remove_others(target, [FILE, ABOUT] if command else [FILE])
    write_text(target / FILE, as_csv(pd.concat([league.frame for league in leagues], ignore_index=True)))
    if command:
        notes = {league.autonomy.name: league_notes(league) for league in leagues}
        write_text(target / ABOUT, as_json({"command": command, "notes": notes}))
    return target / FILE


def _alike(league: League) -> list[str]:
    """Who may be as good as the best, all compared at once; who has met fewer traces among all on those."""
    places = zip(league.entries, league.chances, strict=True)
    names = [entry.name for entry, chance in places if entry is not league.best and not chance < 1 - CONFIDENCE]
    return [f"Cannot be told apart from the best of those on its traces: {', '.join(names)}."] if names else []


def _few(league: League) -> list[str]:
    fewer = [entry.name for entry in league.entries if len(entry.costs) < league.traces.episodes]
    return [f"* {', '.join(fewer)}: the first traces alone, since every decision is a program of its own."] if fewer else []


def _bound(league: League, bound: Bound) -> str:
    money, regret = league.money, league.regret(bound)
    worth = money.told(mean_interval(bound.cost)).estimate
    kind = "on any trace" if bound.on_every_trace else "in the long run"
    above = f"{league.best.name} is {formatted(100 * regret.estimate, '.2f')} ± {formatted(100 * regret.half_width, '.2f')} % "
    above += "below" if money.earns else "above"
    most = f"{money.verb} {'more' if money.earns else 'less'} than {significant(worth)}"
    return f"Nobody {most} {kind} ({bound.name}{limits_of(bound)}); {above}."


def _by_information(league: League) -> dict[str, list[str]]:
    """Agents by what they read, in the order of their places."""
    found: dict[str, list[str]] = {}
    for entry in league.entries:
        found.setdefault(entry.watch.information, []).append(entry.name)
    return found


def _difference(league: League, entry: LeagueEntry, decimals: int) -> tuple[str, str]:
    best = league.best
    if entry is best:
        return "best", ""
    difference = league.money.told(entry.against(best))
    spent = best.spent[: len(entry.costs)].mean()
    percent = 100 * difference.estimate / spent if spent > 0 else float("nan")
    return plus_minus(difference, f"+.{decimals}f"), formatted(percent, "+.1f")
