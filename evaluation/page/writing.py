"""The page put together: what the comparison says, in one file."""

from __future__ import annotations

from dataclasses import astuple
from pathlib import Path

from markupsafe import Markup
from plotly.offline import get_plotlyjs

from orderup.agents.runs.provenance import provenance
from orderup.envs.foundation.files import write_text

from ..comparison.comparison import Comparison
from ..tables import forecast_table, selfish_table
from ..tables.text_table import notes
from . import charts
from .bullwhip import bullwhip
from .embedding import as_script_data, fingerprint
from .figure import DataSheet, Figure
from .learning import learning
from .parts import parts
from .replay_data import replay
from .resilience import resilience, resilience_sheet
from .sweeps import sweeps
from .tables import (
    charges,
    distances,
    ladder_sheet,
    ladders,
    ladders_sheet,
    levels,
    outages,
    prices_sheet,
    spreads,
    steps,
)
from .template import own_file, template
from .words import headline

PAGE = "index.html"
FROM_PYTHON = "orderup.evaluation.page.writing.write_page(comparison, folder)"
"""What made a page that no command line asked for."""


def write_page(comparison: Comparison, folder: str | Path, command: str = "", *, recorded: bool = True) -> Path:
    """Write the comparison as `folder/index.html`, which is returned: one file that asks for nothing else.

    Unless `recorded` is false, one trace is run once more under every method for the replay. Raises InputError where the file
    cannot be written; a page that was there is replaced in one step.
    """
    path = Path(folder) / PAGE
    write_text(path, as_page(comparison, command, recorded=recorded))
    return path


def as_page(comparison: Comparison, command: str = "", *, recorded: bool = True) -> str:
    """The page as text; the same comparison, command and versions give the same."""
    methods = comparison.methods
    drawn = figures(comparison)
    played = replay(methods) if recorded else None
    data = {
        "figures": {figure.key: figure.plain for group in drawn.values() for figure in group},
        "sheets": {key: sheet.plain for key, sheet in _sheets(comparison).items()},
        "parts": parts(methods),
        "replay": played,
        "first": _to_begin_with(comparison),
    }
    scripts = [get_plotlyjs(), "\n".join(map(own_file, ("page.js", "parts.js", "replay.js")))]
    return template(__package__, "page.html").render(
        scenario=comparison.traces.scenario,
        headline=headline(comparison),
        steps=steps(comparison),
        ladders=ladders(methods),
        levels=levels(methods),
        prices=charges(comparison.prices),
        leaving=selfish_table.rows(comparison.leaving),
        leaving_headings=selfish_table.HEADINGS,
        leaving_reading=selfish_table.READING,
        forecasts=forecast_table.rows(comparison.calibration),
        forecasts_headings=forecast_table.HEADINGS,
        forecasts_reading=forecast_table.READING,
        distances=distances(comparison),
        spreads=spreads(methods),
        outages=outages(methods),
        figures=drawn,
        replay=played,
        traces=comparison.traces,
        methods=methods,
        comparison=comparison,
        notes=notes(comparison),
        command=command or FROM_PYTHON,
        versions=provenance()["versions"],
        scripts=[Markup(script) for script in scripts],  # our own files, and Plotly's
        policy=" ".join(map(fingerprint, scripts)),
        data=as_script_data(data),
    )


def figures(comparison: Comparison) -> dict[str, list[Figure]]:
    """Every figure, by the tab it is on."""
    methods = comparison.methods
    learnt = learning(methods)
    return {
        "overview": [charts.ladder(comparison)],
        "costs": [charts.stacks(methods), *([charts.forest(comparison)] if len(methods) > 1 else [])],
        "service": [charts.frontier(methods)],
        "bullwhip": [bullwhip(methods)],
        "resilience": resilience(methods),
        "sweeps": sweeps(comparison),
        "learning": [] if learnt is None else [learnt],
    }


def _sheets(comparison: Comparison) -> dict[str, DataSheet]:
    """What the buttons below tables give, by name."""
    gains = {"leaving": DataSheet(selfish_table.HEADINGS, [astuple(row) for row in comparison.leaving])}
    told = DataSheet(forecast_table.HEADINGS, forecast_table.rows(comparison.calibration))
    return {
        "ladder-table": ladder_sheet(comparison),
        "both-ladders": ladders_sheet(comparison.methods),
        "prices": prices_sheet(comparison.prices),
        **(gains if comparison.leaving else {}),
        **({"forecasts": told} if comparison.calibration else {}),
        "distances": distances(comparison).sheet,
        "spreads": spreads(comparison.methods).sheet,
        "resilience-table": resilience_sheet(comparison.methods),
    }


def _to_begin_with(comparison: Comparison) -> list[int]:
    """Which two methods the replay shows first: the reference, and the cheapest where sites decide."""
    methods = comparison.methods
    reference = next(place for place, method in enumerate(methods) if method is comparison.reference_method)
    others = [place for place in range(len(methods)) if place != reference]
    if not others:
        return [reference, reference]
    local = [place for place in others if not methods[place].autonomy.has_planner]
    return [reference, min(local or others, key=lambda place: methods[place].cost)]
