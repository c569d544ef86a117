"""The board for people: over all tasks, then task by task, as a page and as a table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.files import entries_of, is_there, write_text

from ..page.figure import Cell
from ..page.panels import PageTable, Panel, as_page
from ..statistics.digits import decimals_for, in_percent, percent_more, plus_minus
from ..statistics.statistics import Interval
from ..tables.csv_text import as_csv
from ..tables.summary import as_json
from .board import Board, BoardTask
from .entry import ENTRY, KeptEntry, load_entry
from .ranking import OverallPlace, Place, places, standings

WRITTEN = ("index.html", "standings.csv", "summary.json")


def load_entries(board: Board, home: Path) -> list[KeptEntry]:
    """All in a folder, by name. Raises InputError for one that is damaged or of another board, and where there is none."""
    folders = sorted(path for path in entries_of(home) if is_there(path / ENTRY)) if home.is_dir() else []
    if not folders:
        raise InputError("folder", str(home), "a folder with entries, as `orderup leaderboard submit` makes them")
    return [load_entry(folder, board) for folder in folders]


def render(board: Board, entries: Sequence[KeptEntry], target: Path, command: str, sealed: bool = False) -> list[Path]:
    """Write the three files. Raises InputError where nobody has been played on the sealed traces."""
    there = [kept for kept in entries if not sealed or kept.sealed is not None]
    if not there:
        raise InputError("sealed", True, "entries that have been verified with the file of the sealed seed")
    by_name = {kept.name: kept for kept in there}
    first = board.reference if board.reference in by_name else there[0].name
    over_all = standings(board, there, first, sealed)
    by_task = {task.name: places(task, there, sealed) for task in board.tasks}
    title = f"Leaderboard: {board.name}, version {board.version}"
    panels = [
        Panel(
            "overview", "Over all tasks", _sentences(board, there, over_all, sealed), (), [_over_all(over_all, by_name, first)]
        ),
        Panel("tasks", "Task by task", (), (), [_of_task(task, by_task[task.name], by_name) for task in board.tasks]),
        Panel("rules", "How it is judged", _rules(board)),
    ]
    data = {
        "command": command,
        "board": board.name,
        "version": board.version,
        "digest": board.digest,
        "sealed": sealed,
        "standings": [asdict(each) for each in over_all],
        "tasks": {name: [asdict(place) for place in found] for name, found in by_task.items()},
    }
    texts = {
        "index.html": as_page(title, board.description, panels, command),
        "standings.csv": as_csv(pd.DataFrame([_row(each) for each in over_all]).astype({"rank": "Int64"})),
        "summary.json": as_json(data),
    }
    for name, text in texts.items():
        write_text(target / name, text)
    return [target / name for name in WRITTEN]


def _row(each: OverallPlace) -> dict[str, object]:
    flat = asdict(each)
    flat["worst_task"], flat["worst_above"] = flat.pop("worst")
    return flat


def _sentences(board: Board, entries: Sequence[KeptEntry], over_all: Sequence[OverallPlace], sealed: bool) -> list[str]:
    seen = "that nobody had seen" if sealed else "that everybody may look at"
    first = [each.name for each in over_all if each.rank == 1]
    alike = (
        f"{', '.join(first)}: nothing clear lies between them" if len(first) > 1 else f"{first[0]} is first" if first else ""
    )
    return [
        *([f"Over all tasks {alike}."] if alike else []),
        f"{len(entries)} entries, {len(board.tasks)} tasks, {board.episodes} traces of each {seen}.",
    ]


def _over_all(found: Sequence[OverallPlace], by_name: dict[str, KeptEntry], reference: str) -> PageTable:
    rows: list[tuple[Cell, ...]] = []
    for each in found:
        said = by_name[each.name].entry.tasks.values()
        trained = [one.training for one in said if one.training is not None]
        rows.append(
            (
                "–" if each.rank is None else each.rank,
                each.name,
                by_name[each.name].entry.kind,
                _beside(each.score, f" ± {in_percent(each.half):.1f}"),
                _beside(each.tail),
                f"{each.worst[0]} ({percent_more(100 * each.worst[1])})",
                each.tasks,
                f"{max(one.fit for one in said):.1f}",
                f"{max(one.decision_ms for one in said):.3g}",
                f"{sum(trained):.0f}" if trained else "",
            )
        )
    note = (
        f"Cost and CVaR beside {reference}: means over tasks, of the same traces. A rank is one more than the entries that are "
        "ahead by more than chance, all pairs told at once; who has not entered every task has none."
    )
    worst = "worst task, beyond the cheapest"
    columns = ("rank", "entry", "kind", "cost", "CVaR 95 %", worst, "tasks", "fit s", "decision ms", "training s")
    return PageTable("standings", "Standings", note, columns, rows)


def _of_task(task: BoardTask, found: Sequence[Place], by_name: dict[str, KeptEntry]) -> PageTable:
    rows = []
    for place in found:
        said = by_name[place.name].entry.tasks[task.name]
        rows.append(
            (
                place.rank,
                place.name,
                _told(place.cost),
                "" if place.above is None else _above(place.above),
                "" if place.behind is None else _told(place.behind, "+"),
                f"{place.cvar:.4g}",
                f"{said.decision_ms:.3g}",
                said.read,
            )
        )
    known = f" Optimum: {task.optimum:g} ({task.source})." if task.optimum is not None else ""
    note = f"{task.scenario} at {task.autonomy}: deciders may know what is {task.information}.{known}"
    columns = ("rank", "entry", "cost", "above the optimum", "less the best rule's", "CVaR 95 %", "decision ms", "looked at")
    return PageTable(f"task-{task.name}".replace("_", "-"), task.name.replace("_", " "), note, columns, rows)


def _beside(logarithm: float, interval: str = "") -> str:
    """A dash where an entry has no task in common with the reference."""
    return "–" if math.isnan(logarithm) else f"{percent_more(in_percent(logarithm))}{interval}"


def _above(found: Interval) -> str:
    told = f"{percent_more(100 * found.estimate)} ± {50 * (found.high - found.low):.1f}"
    return told if found.high >= 0 else f"{told}: below what nobody can be below, by chance or by mistake"


def _told(found: Interval, sign: str = "") -> str:
    return plus_minus(found, f"{sign}.{decimals_for(found.estimate)}f").replace("-", "−")


def _rules(board: Board) -> list[str]:
    return [
        "An entry is an agent of the project by its keys, or runs with numbers as safetensors: nothing of it is executed but "
        "the project's own code.",
        "Deciders are given what their level of autonomy shows them and nothing else; the layer that gives it is held by a "
        "test which changes what may not be seen and finds every observation the same to the bit.",
        "Whoever verifies an entry plays it again: its costs have to be the same, trace by trace, but for rounding.",
        "Sealed traces are drawn from a seed whose file nobody has but who keeps the board; the file's SHA-256 is part of the "
        "board: " + (board.sealed or "there are none on this one") + ".",
        f"The board's own digest, of its scenarios, levels, seed and optima: {board.digest}.",
    ]
