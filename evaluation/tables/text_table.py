"""The comparison as a table for the terminal."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence

import numpy as np
from rich import box
from rich.console import Console
from rich.table import Table

from orderup.envs.foundation.terminal import Text

from ..comparison.comparison import Comparison
from ..comparison.method import Method
from ..comparison.prices import Bound
from ..measures.kpis import OUTLAY
from ..measures.money import SPENT
from ..measures.worked_out import REVENUE
from ..statistics.digits import decimals_for, formatted, plus_minus, significant
from ..statistics.statistics import Floats, Interval, mean_interval, paired_difference

WIDTH = 100
"""Columns where the terminal does not tell, as in a pipe."""


def show(comparison: Comparison, console: Console | None = None) -> None:
    """Print the table, to standard output unless a console is given; what is not a terminal gets it as wide as it is."""
    rendered = table(comparison)
    if console is None:
        wide = max(WIDTH, Console(width=10_000).measure(rendered).maximum)
        console = Console() if sys.stdout.isatty() else Console(width=wide, color_system=None)
    console.print(_title(comparison))
    console.print("", rendered, "", sep="\n")
    console.print(Text(comparison.headline))
    for note in notes(comparison):
        console.print(Text(note), style=style_of(note))


def style_of(note: str) -> str:
    """How a note is shown: an error is not to be overlooked."""
    return "bold red" if note.startswith("Error: ") else "dim"


def headings(comparison: Comparison) -> tuple[str, ...]:
    """Those of the table's columns; where customers pay, what is taken and what is spent stand beside the profit."""
    earned = ("revenue", "spent") if comparison.money.earns else ()
    asked = (kpi.name.replace("_", " ") for kpi in comparison.asked)
    return ("autonomy", "agent", comparison.money.word, "− reference", "%", *earned, "fill %", "on hand", "bullwhip", *asked)


def table(comparison: Comparison) -> Table:
    """One row for each method, an agent at an autonomy level: cost, difference to the reference, service, stock, bullwhip."""
    rendered = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
    for name in headings(comparison)[:2]:
        rendered.add_column(name, overflow="fold")
    for name in headings(comparison)[2:]:
        rendered.add_column(name, justify="right", no_wrap=True)
    for method in comparison.methods:
        rendered.add_row(*cells(comparison, method))
    return rendered


def _why(comparison: Comparison) -> str:
    """Why the reference is the one that it is."""
    if comparison.reference_method.label == comparison.against:
        return "which was asked for"
    if comparison.reference_method.autonomy.orders_for_all:
        return "the first autonomy level at which a centre orders for all"
    return "the first listed; at no autonomy level does a centre order for all"


def notes(comparison: Comparison) -> list[str]:
    """What the table needs to be read: the reference, the traces, who and what was left out, and why to be careful."""
    traces, reference, money = comparison.traces, comparison.reference_method, comparison.money
    count = f"{traces.episodes} trace{'' if traces.episodes == 1 else 's'} of {traces.scenario.name}"
    return [
        f"Reference: {reference.label} ({_why(comparison)}). ± is half a 95 % confidence interval; "
        "differences are paired on the traces.",
        f"▲ {money.verb} more, ▼ {money.verb} less, ≈ no significant difference{_corrected(comparison)}. "
        f"{money.word.capitalize()} is money per period, on hand is units at a period's end.",
        *([SPENT] if money.earns else []),
        *(f"{kpi.name.replace('_', ' ').capitalize()}: {kpi.meaning} [{kpi.unit}]." for kpi in comparison.asked),
        f"{count}, seed {traces.seed}, periods {traces.scenario.warmup + 1} to {traces.horizon} of each.",
        *same_decision_notes(comparison),
        *bottleneck_notes(comparison),
        *_regrets(comparison),
        *decision_notes(comparison),
        *(f"Error: {error}" for error in comparison.errors),
        *(skipped.told for skipped in comparison.skipped),
        *(f"Assumed: {assumption}" for assumption in traces.scenario.assumptions),
        *(f"Assumed: {note}" for note in comparison.forecast_notes),
        *(f"Caveat: {caveat}" for caveat in comparison.caveats),
        *(f"Warning: {warning}" for warning in comparison.warnings),
    ]


def same_decision_notes(comparison: Comparison) -> list[str]:
    """Who decides alike, each group once."""
    groups = dict.fromkeys(tuple(sorted((label, *others))) for label, others in comparison.alike.items())
    return [f"Same decisions on every trace: {', '.join(group)}. Nothing is compared by them." for group in groups]


def bottleneck_notes(comparison: Comparison) -> list[str]:
    """Which machine is the busiest, and how busy, under each method; nothing where there are no machines."""
    found: dict[str, list[str]] = {}
    for method in comparison.methods:
        result = method.seeds[0]
        if result.bottleneck is not None:
            share = 100 * float(result.machines["utilisation"].max())
            found.setdefault(result.bottleneck, []).append(f"{method.label} {share:.0f} %")
    return [f"Bottleneck {machine}, by the regular hours that it runs: {', '.join(told)}." for machine, told in found.items()]


def decision_notes(comparison: Comparison) -> list[str]:
    """What single decisions cost beyond the best that could still be had, where that was asked for."""
    regrets = {method.label: method.seeds[0].decision_regret for method in comparison.methods}
    each = [f"{label} {_told_of_decisions(found, comparison)}" for label, found in regrets.items() if found is not None]
    if not each:
        return []
    traces = len(next(found for found in regrets.values() if found is not None))
    shown = f"the first {traces} trace{'' if traces == 1 else 's'}"
    return [f"Regret of single decisions in hindsight, on {shown}, per period: {'; '.join(each)}."]


def _told_of_decisions(regret: Floats, comparison: Comparison) -> str:
    """How much (E, T) on the whole, how many decisions half of it comes from, and the dearest."""
    counted = comparison.traces.horizon - comparison.traces.scenario.warmup
    mean = significant(float(regret.sum() / len(regret) / counted))
    if not regret.any():
        return mean
    share = np.cumsum(np.sort(regret, axis=None)[::-1]) / regret.sum()
    half = 100 * (int(np.searchsorted(share, 0.5)) + 1) / regret.size
    trace, period = np.unravel_index(int(regret.argmax()), regret.shape)
    dearest = f"the dearest, {significant(float(regret.max()))}, in period {period + 1} of trace {trace + 1}"
    return f"{mean} (half of it from {half:.0f} % of the decisions; {dearest})"


def _regrets(comparison: Comparison) -> list[str]:
    """How far all are above a bound that was asked for."""
    if not comparison.bounds:
        return []
    bound = comparison.bounds[0]
    return [regret_note(bound, [(method.label, method.costs) for method in comparison.methods])]


def regret_note(bound: Bound, evaluated: Sequence[tuple[str, Floats]]) -> str:
    """How far whoever was evaluated on a bound's first traces, by name and costs (E,), is above it, and what it leaves out."""
    mean = mean_interval(bound.cost).estimate
    relaxed = limits_of(bound)
    each = ", ".join(f"{name} {_regret(bound, costs)}" for name, costs in evaluated if name != bound.name)
    return f"Regret against {bound.name} ({significant(mean)}{relaxed}): {each}."


def limits_of(bound: Bound) -> str:
    """What a bound leaves out, and how near it is known, as it stands beside its number."""
    known = f"; plans are known {100 * bound.gap:.2g} % above" if bound.gap > 1e-6 else ""
    known = "; no plan that reaches it was found in time" if math.isnan(bound.gap) else known
    return (f"; relaxed: {', '.join(bound.relaxed)}" if bound.relaxed else "") + known


def _regret(bound: Bound, costs: Floats) -> str:
    """In per cent, or in money where the bound is no cost that per cents could be of."""
    theirs = bound.cost[: len(costs)]
    above, mean = paired_difference(costs, theirs), float(theirs.mean())
    if mean <= 0:
        return f"{plus_minus(above, f'+z.{decimals_for(above.estimate)}f')} per period"
    share = Interval(*(100 * value / mean for value in (above.estimate, above.low, above.high)))
    return f"{plus_minus(share, '+z.1f')} %"


def _corrected(comparison: Comparison) -> str:
    count = len(comparison.methods) - 1
    return f" (Holm's correction for {count} comparisons)" if count > 1 else ""


def _title(comparison: Comparison) -> Text:
    scenario = comparison.traces.scenario
    return Text().append(scenario.name, "bold").append(f": {scenario.description}" if scenario.description else "")


def cells(comparison: Comparison, method: Method) -> list[Text]:
    """A method's row, one cell for each of `headings`."""
    kpis, decimals = method.kpis, decimals_for(max(abs(method.cost), abs(comparison.reference_method.cost)))
    earned = (-kpis[f"cost_{REVENUE}"], kpis[OUTLAY.name]) if comparison.money.earns else ()
    return [
        Text(method.autonomy.name),
        Text(method.name if len(method.seeds) == 1 else f"{method.name} ({len(method.seeds)} seeds)"),
        Text(plus_minus(method.worth, f".{decimals}f")),
        *_difference(comparison, method, decimals),
        *(Text(significant(value)) for value in earned),
        Text(formatted(100 * kpis["fill_rate"], ".1f")),
        Text(significant(kpis["on_hand"])),
        Text(formatted(kpis["bullwhip"], ".2f")),
        *(Text(significant(kpis[kpi.name])) for kpi in comparison.asked),
    ]


def _difference(comparison: Comparison, method: Method, decimals: int) -> tuple[Text, Text]:
    if method is comparison.reference_method:
        return Text("reference", style="dim"), Text()
    money, sign = comparison.money, comparison.sign(method)
    (arrow, _), style = money.arrow(sign), {1: "red", -1: "green", 0: "dim"}[sign]
    percent = 100 * comparison.share_beyond(method).estimate
    relative = formatted(percent, "+z.1f" if abs(percent) < 1000 else "+z.0f")
    difference = plus_minus(comparison.beyond(method), f"+z.{decimals}f")
    return Text(f"{difference} {arrow}", style=style), Text(relative, style=style)
