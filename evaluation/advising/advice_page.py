"""Advice written down: in sentences, as a page and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from orderup.envs.foundation.files import write_text

from ..atlas.design import CENTRE, SITES
from ..atlas.figures import AXIS
from ..atlas.words import costs_word, factor_words, level_words
from ..page.embedding import told
from ..page.figure import BLUE, GREY, LEGEND_ABOVE, ORANGE, Figure
from ..page.panels import PageTable, Panel, as_page
from ..statistics.digits import in_percent, percent_more
from .advice import Advice, LevelCost

QUESTION = "How much can be left to the sites of this network?"
WRITTEN = ("summary.json", "summary.md", "index.html")
SHOWN = 6
"""Factors that a table of networks has a column for."""
WORTH = 0.03
"""Share of cost that going on with the policy on one network has saved: `stale_centre` at silo, docs/universal.md."""


def write_advice(advice: Advice, target: Path, command: str) -> list[Path]:
    """The three files, each in one step."""
    sentences = in_words(advice)
    panels = [
        Panel("overview", "Advice", sentences, [_costs(advice)], [_table(advice)]),
        Panel("alone", "Left alone", (), [_curve(advice)]),
        Panel("why", "Why", (), (), [_facts(advice)]),
        Panel("alike", "Networks like it", (), (), [_alike(advice)]),
    ]
    data = {"command": command, "sentences": sentences, **asdict(advice)}
    texts = {
        "summary.json": json.dumps(data, indent=1) + "\n",
        "summary.md": "\n\n".join([f"# Advice for {advice.scenario}", *sentences, f"Made by: `{command}`"]) + "\n",
        "index.html": as_page(f"Advice for {advice.scenario}", QUESTION, panels, command),
    }
    for name, text in texts.items():
        write_text(target / name, text)
    return [target / name for name in WRITTEN]


def in_words(advice: Advice) -> list[str]:
    """The answer, then why, then what would change it."""
    best, of = advice.costs[0], {cost.level: cost for cost in advice.costs}
    alike = [level_words(cost.level) for cost in advice.as_good[1:] if not (cost.more or cost.half)]
    others = [level_words(cost.level) for cost in advice.as_good[1:] if cost.more or cost.half]
    same = f"; here {', '.join(alike)} decide alike, which shows nothing" if alike else ""
    as_good = f"; nothing clear lies between it and {', '.join(others)}" if others else ""
    found = [
        f"{level_words(best.level).capitalize()} {costs_word(best.level)} the least, {best.cost:.4g} a period{as_good}{same}."
    ]
    found.append(
        f"Sites by themselves cost {_beyond(of[SITES], best)}, a late centre {_beyond(of[CENTRE], best)}. Served at once: "
        f"{of[SITES].served:.1%} and {of[CENTRE].served:.1%}."
    )
    found += _left_alone(advice)
    sites, centre = of[SITES], of[CENTRE]
    if sites.expected is not None and centre.expected is not None:
        expected = in_percent(sites.expected - centre.expected)
        doubt = in_percent(np.hypot(sites.doubt, centre.doubt))
        seen = in_percent(np.log(sites.cost / centre.cost))
        found.append(
            f"By its factors alone, the atlas expects sites by themselves at {percent_more(expected)} ± {doubt:.0f} beside a "
            f"late centre; simulated here it is {percent_more(seen)}."
        )
    if advice.chosen is not None:
        found.append(
            f"Asked in a few questions ({'; '.join(advice.asked)}), the atlas would choose {level_words(advice.chosen)}."
        )
    if advice.alike:
        fewer = sum(one.sites < one.centre for one in advice.alike)
        middle = in_percent(np.median([one.sites - one.centre for one in advice.alike]))
        found.append(
            f"Of the {len(advice.alike)} networks of the atlas that are most like it, sites by themselves cost less than a "
            f"late centre on {fewer}; {percent_more(middle)} in the middle."
        )
    facts = "; ".join(f"{factor_words(name)} ({percent_more(in_percent(moved))})" for name, moved in advice.because)
    found.append(f"What moves that the most, against a network in the middle of all: {facts}.")
    if advice.changes:
        turns = "; ".join(f"{factor_words(one.factor)} {one.then:g} in place of {one.now:.3g}" for one in advice.changes)
        found.append(f"What would turn it round, by the atlas: {turns}.")
    if advice.beyond:
        found.append(f"Beyond what the atlas has seen: {', '.join(map(factor_words, advice.beyond))}.")
    close = abs(np.log(sites.cost / centre.cost)) < 2 * WORTH
    saved = f"{2 * WORTH:.0%}, twice what going on with the policy on one network has been seen to save"
    found.append(
        f"The two differ by less than {saved}: do so before deciding."
        if close
        else f"The two differ by more than {saved}: that would hardly turn it round."
    )
    return found


def _beyond(cost: LevelCost, best: LevelCost) -> str:
    if cost is best:
        return "the least"
    return f"{100 * cost.more / best.cost:+.1f} ± {100 * cost.half / best.cost:.1f} % beyond that"


def _left_alone(advice: Advice) -> list[str]:
    none = advice.alone[0].cost
    best = min(advice.alone, key=lambda each: each.cost)
    if not best.sites:
        return ["Beside a late centre no site is better left alone."]
    first = next(each for each in advice.alone if each.sites)
    shown = ", ".join(best.sites[:8]) + (f" and {len(best.sites) - 8} more" if len(best.sites) > 8 else "")
    saved = f"{100 * (1 - best.cost / none):.1f} ± {100 * best.half / none:.1f} %"
    many = f"{len(best.sites)} sites are best left alone, {first.sites[0]} first: {shown}"
    return [f"Beside a late centre {many}. It saves {saved}."]


def _costs(advice: Advice) -> Figure:
    names = [told(level_words(cost.level)) for cost in advice.costs]
    marks = {
        "type": "scatter", "mode": "markers", "x": [cost.cost for cost in advice.costs], "y": names,
        "marker": {"color": BLUE, "size": 10},
        "error_x": {"type": "data", "array": [cost.half for cost in advice.costs]},
        "hovertemplate": "%{y}: %{x:.4g}<extra></extra>", "name": "",
    }  # fmt: skip
    return Figure(
        "costs",
        "Cost per period",
        "With half a 95 % interval of the difference to the cheapest, on the same traces.",
        [marks],
        ("level", "cost", "more", "half_width", "served"),
        [(cost.level, cost.cost, cost.more, cost.half, cost.served) for cost in advice.costs],
        {
            "xaxis": {"title": {"text": "cost [money/period]"}, **AXIS},
            "yaxis": {"type": "category", "categoryorder": "array", "categoryarray": names[::-1], **AXIS},
            "height": 420,
            "showlegend": False,
        },
    )


def _curve(advice: Advice) -> Figure:
    counts = [len(each.sites) for each in advice.alone]
    line = {
        "type": "scatter", "mode": "lines+markers", "x": counts, "y": [each.cost for each in advice.alone],
        "line": {"color": ORANGE},
        "error_y": {"type": "data", "array": [each.half for each in advice.alone]}, "name": "late centre with sites left alone",
        "text": [told(", ".join(each.sites) or "none") for each in advice.alone],
        "hovertemplate": "%{x}: %{y:.4g}<br>%{text}<extra></extra>",
    }  # fmt: skip
    ideal = next(cost.cost for cost in advice.costs if cost.level == "central_ideal")
    level = {
        "type": "scatter", "mode": "lines", "x": [counts[0], counts[-1]], "y": [ideal, ideal],
        "line": {"color": GREY, "dash": "dash"}, "name": level_words("central_ideal"),
    }  # fmt: skip
    return Figure(
        "alone",
        "How many sites are left alone beside a late centre",
        "In the order of what each saves by being left alone by itself. Intervals are of the difference to none.",
        [line, level],
        ("count", "sites", "cost", "half_width"),
        [(len(each.sites), " ".join(each.sites), each.cost, each.half) for each in advice.alone],
        {
            "xaxis": {"title": {"text": "sites left alone"}, **AXIS},
            "yaxis": {"title": {"text": "cost [money/period]"}, **AXIS},
            "height": 420,
            "legend": LEGEND_ABOVE,
        },
    )


def _table(advice: Advice) -> PageTable:
    first = next(cost for cost in advice.costs if cost.level == "central_ideal")
    rows = []
    for cost in advice.costs:
        expected = "" if cost.expected is None else f"{in_percent(cost.expected):+.1f} ± {in_percent(cost.doubt):.0f} %"
        seen = percent_more(in_percent(np.log(cost.cost / first.cost)))
        rows.append(
            (
                level_words(cost.level),
                f"{cost.cost:.4g}",
                f"{cost.more:.3g} ± {cost.half:.2g}",
                f"{cost.served:.1%}",
                seen,
                expected,
            )
        )
    columns = ("level", "cost", "beyond the cheapest", "served at once", "beside an ideal centre", "expected by the atlas")
    return PageTable(
        "levels",
        "Levels of autonomy",
        "Simulated here, and what the atlas expects by the network's factors alone.",
        columns,
        rows,
    )


def _facts(advice: Advice) -> PageTable:
    moved = dict(advice.because)
    rows: Sequence[tuple[str, str, str]] = [
        (factor_words(name), f"{value:.3g}", percent_more(in_percent(moved[name])) if name in moved else "")
        for name, value in advice.facts.items()
    ]
    note = "What the network is like; and how far the three that matter most move sites by themselves beside a late centre."
    return PageTable("facts", "The network's factors", note, ("factor", "here", "moves sites beside a late centre by"), rows)


def _alike(advice: Advice) -> PageTable:
    shown = list(advice.alike[0].factors)[:SHOWN] if advice.alike else []
    columns = (*map(factor_words, shown), *(f"{level_words(level)}, beside an ideal one" for level in (SITES, CENTRE)))
    here = tuple(f"{advice.facts[name]:.3g}" if name in advice.facts else "" for name in shown)
    rows = [("this network", *here, *(_seen(advice, level) for level in (SITES, CENTRE)))]
    rows += [
        (
            str(place),
            *(f"{one.factors[name]:.3g}" for name in shown),
            *(percent_more(in_percent(value)) for value in (one.sites, one.centre)),
        )
        for place, one in enumerate(advice.alike, start=1)
    ]
    note = (
        "Networks of the atlas that are nearest in the factors by which these two levels' costs differ; those that matter most "
        "are shown, the first most."
    )
    return PageTable("alike", "Networks like it", note, ("network", *columns), rows)


def _seen(advice: Advice, level: str) -> str:
    cost = {each.level: each.cost for each in advice.costs}
    return percent_more(in_percent(np.log(cost[level] / cost["central_ideal"])))
