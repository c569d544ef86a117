"""Networks like one's own, found on the page: factors to set, and the networks of the atlas that are nearest."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from ..page.panels import Widget
from ..page.template import template
from ..statistics.digits import in_percent
from .answers import MORE
from .design import Atlas
from .expectation import Expectation
from .factors import BY_NAME, WHOLE
from .likeness import weights
from .words import factor_words, level_words

ASKED = 8
"""Factors that can be set: those that matter most; the others count only by where the networks lie in them."""
STEPS = 40
"""Of a slider from end to end, where a factor is no whole number."""


def finder(atlas: Atlas, table: pd.DataFrame, expectation: Expectation, levels: Sequence[str]) -> Widget:
    """By what decides the costs of some levels; the costs shown are those of all, in % beyond the first level's.

    The script is given the `factors` to set, the heaviest first, the `levels`, and of each network its `values`, `places` and
    `costs`.
    """
    counts = weights(expectation, levels)
    names = sorted(counts, key=lambda name: -counts[name])[:ASKED]
    places = expectation.places(table)[:, [list(expectation.factors).index(name) for name in names]]
    costs = in_percent(table[[MORE + level for level in atlas.levels[1:]]].to_numpy(dtype=float))
    shown = table[names].to_dict("records")
    plain = {
        "factors": [_asked(name, expectation.factors[name], counts[name]) for name in names],
        "levels": [level_words(level) for level in atlas.levels[1:]],
        "values": [[round(value) if name in WHOLE else value for name, value in row.items()] for row in shown],
        "places": places.round(4).tolist(),
        "costs": costs.round(2).tolist(),
    }
    html = Markup(template(__package__, "finder.html").render(**plain))  # escaped there
    script = files(__package__).joinpath("templates", "finder.js").read_text(encoding="utf-8")
    return Widget("finder", plain, html, script)


def _asked(name: str, ends: tuple[float, float], weight: float) -> dict[str, Any]:
    """A slider's stops, and where they lie in the factor's range, from −1 to 1."""
    factor = BY_NAME[name]
    values = factor.values(np.linspace(0.0, 1.0, STEPS + 1), *ends)
    stops = np.unique(values.round() if name in WHOLE else values)
    return {
        "words": factor_words(name),
        "weight": weight,
        "stops": stops.tolist(),
        "places": (2.0 * factor.place(stops, *ends) - 1.0).round(4).tolist(),
    }
