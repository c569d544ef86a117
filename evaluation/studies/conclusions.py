"""What became of all hypotheses, for the terminal and on disk: hypotheses.md, .csv and .json."""

from __future__ import annotations

import math
import re
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from rich import box
from rich.console import Console
from rich.table import Table

from orderup.envs.foundation.files import write_text
from orderup.envs.foundation.terminal import Text

from ..comparison.hypotheses import Finding, findings, same
from ..report.report_folder import FOLDER, remove_others, report_folder
from ..statistics.digits import UNKNOWN, decimals_for, plus_minus
from ..tables.csv_text import as_csv
from ..tables.markdown import CONTROL, harmless
from ..tables.summary import as_json, bounds
from ..tables.text_table import WIDTH
from . import registrations
from .hypotheses import Inquiry, questions

HEADINGS = ("scenario", "expected", "measure", "better", "worse", "advantage", "%", "p", "conclusion")
TEXTS = 3
"""How many of the columns are texts."""
STYLES = {"held": "green", "refuted": "red", "open": "dim", "not evaluated": "yellow"}
SAME = "≡"
"""What stands for an advantage that is none on any trace."""
FILES = ("hypotheses.md", "hypotheses.csv", "hypotheses.json")


def report_findings(
    made: Inquiry, failures: Mapping[str, str], command: str, folder: Path = FOLDER, overwrite: bool = False
) -> Path:
    """Print the table and write it into reports/<study>/, which is returned. Raises InputError where nothing can be written."""
    found = findings(questions(made, failures))
    target = report_folder(folder, None, made.study.name, command, overwrite)
    remove_others(target, FILES)
    write_text(target / FILES[0], as_markdown(made, found, command))
    write_text(target / FILES[1], as_csv(pd.DataFrame([_row(one) for one in found])))
    write_text(target / FILES[2], as_json({"command": command, "hypotheses": [_row(one) for one in found]}))
    _show(found, notes(made, found))
    return target


def as_markdown(made: Inquiry, found: Sequence[Finding], command: str = "") -> str:
    """The table, how to read it, each hypothesis with its reason, and the command that made it."""
    lines = [HEADINGS, ["---"] * TEXTS + ["---:"] * (len(HEADINGS) - TEXTS - 1) + ["---"], *map(_harmless_cells, found)]
    reasons = [_reason(one) for one in found if one.question.hypothesis.because or one.question.reason]
    parts = [
        f"# {harmless(made.study.name)}",
        harmless(made.study.description),
        "\n".join(f"| {' | '.join(line)} |" for line in lines),
        "\n".join(f"- {harmless(note)}" for note in notes(made, found)),
        "## Why this was expected",
        "\n".join(reasons),
        f"    {re.sub(CONTROL, ' ', command)}" if command else "",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def notes(made: Inquiry, found: Sequence[Finding]) -> list[str]:
    """How many came to what, what the table needs to be read, and who is left out."""
    count = Counter(str(one.conclusion) for one in found)
    alike = sum(one.same_decisions for one in found)
    compared = sum(one.p_value is not None and math.isfinite(one.p_value) for one in found)
    told = ", ".join(f"{count[conclusion]} {conclusion}" for conclusion in STYLES if count[conclusion])
    agents = sorted({job.contestant.name for job in made.evaluations})
    return [
        f"{len(found)} hypotheses: {told}. The method is {', '.join(agents)}, at every autonomy level.",
        "± is half a 95 % confidence interval of the advantage, paired on the traces; above 0 it is as expected. "
        f"Conclusions and p are Holm's, for {compared} comparisons at once; open: the interval does not tell.",
        f"{SAME} the same on every trace. Where the method makes the same decisions at both levels a hypothesis is open, "
        f"whatever it expects: {alike} of these {len(found)} could not have come out otherwise.",
        _registered(found),
        f"{made.study.episodes} traces of each scenario, seed {made.study.trace_seed}. cost, cvar (mean of the worst 5 %) and "
        "spread (standard deviation) are of an episode's money per period.",
        *(f"Left out: {name}, whose recorded demand is not there (data=…)" for name in made.without_data),
    ]


def _registered(found: Sequence[Finding]) -> str:
    """Since when it has been expected."""
    days = sorted(one.question.registered for one in found if one.question.registered)
    without = len(found) - len(days)
    where = f"configs/{registrations.FILE}"
    if not days:
        return f"None of these hypotheses was registered beforehand ({where})."
    never = f"; {without} never of the scenario as it is" if without else ""
    return f"Registered before these results: from {days[0]} to {days[-1]}{never} ({where})."


def _show(found: Sequence[Finding], said: Sequence[str]) -> None:
    shown = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
    for number, name in enumerate(HEADINGS):
        shown.add_column(name, justify="left" if number < TEXTS or name == "conclusion" else "right", overflow="fold")
    for one in found:
        *cells, conclusion = _cells(one)
        shown.add_row(*map(Text, cells), Text(conclusion, style=STYLES[one.conclusion]))
    wide = max(WIDTH, Console(width=10_000).measure(shown).maximum)
    console = Console() if sys.stdout.isatty() else Console(width=wide, color_system=None)
    console.print(shown)
    for note in said:
        console.print(Text(note), style="dim")


def _cells(found: Finding) -> list[str]:
    question = found.question
    named = [question.scenario, question.expected, question.hypothesis.measure]
    if found.advantage is None or found.values is None:
        return [*named, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, found.conclusion]
    digits = decimals_for(max(map(abs, found.values)))
    better, worse = (f"{value:z.{digits}f}" for value in found.values)
    if same(found.advantage):
        return [*named, better, worse, SAME, UNKNOWN, _chance(found.p_value), found.conclusion]
    advantage = plus_minus(found.advantage, f"+z.{digits}f")
    relative = UNKNOWN if found.relative is None else f"{100 * found.relative:+z.1f}"
    return [*named, better, worse, advantage, relative, _chance(found.p_value), found.conclusion]


def _harmless_cells(found: Finding) -> list[str]:
    *cells, conclusion = map(harmless, _cells(found))
    return [*cells, f"**{conclusion}**" if found.conclusion == "refuted" else conclusion]


def _reason(found: Finding) -> str:
    question = found.question
    missing = f" Not evaluated: {question.reason}." if question.reason else ""
    return f"- {harmless(question.scenario)}, {harmless(question.expected)}: {harmless(question.hypothesis.because + missing)}"


def _row(found: Finding) -> dict[str, Any]:
    """Everything about a hypothesis, as plain data."""
    question, asked = found.question, found.question.hypothesis
    better, worse = found.values or (math.nan, math.nan)
    interval = {} if found.advantage is None else bounds(found.advantage)
    return {
        "scenario": question.scenario,
        "better": asked.better,
        "worse": asked.worse,
        "within": asked.played_in.removeprefix(" with "),
        "against": asked.worse_played_in.removeprefix(" in ").removeprefix(" with "),
        "measure": asked.measure,
        "by_at_most": math.nan if asked.by_at_most is None else asked.by_at_most,
        "because": asked.because,
        "value_better": better,
        "value_worse": worse,
        "advantage": interval.get("estimate", math.nan),
        "low": interval.get("low", math.nan),
        "high": interval.get("high", math.nan),
        "relative": math.nan if found.relative is None else found.relative,
        "p_value": math.nan if found.p_value is None else found.p_value,
        "registered": question.registered,
        "conclusion": found.conclusion,
        "same_decisions": found.same_decisions,
        "reason": question.reason,
    }


def _chance(value: float | None) -> str:
    if value is None or math.isnan(value):
        return UNKNOWN
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
