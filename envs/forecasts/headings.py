"""Columns that hold a quantile each, by what forecasting tools call them.

Nixtla's write an interval's two ends, `AutoETS-lo-80` and `AutoETS-hi-80`, `-median`, or `TimeGPT-q-10`; AutoGluon the level
alone, `0.1`; others `p10` or `q0.1`. A column of means is none of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

NUMBER = r"(\d+(?:\.\d+)?)"
PATTERNS: tuple[tuple[str, Callable[[float], float]], ...] = (
    (rf"(?:(.+?)[-_])?lo[-_]{NUMBER}", lambda size: 0.5 - size / 200.0),
    (rf"(?:(.+?)[-_])?hi[-_]{NUMBER}", lambda size: 0.5 + size / 200.0),
    (rf"(?:(.+?)[-_])?(?:q|quantile)[-_]?{NUMBER}", lambda level: level if level < 1 else level / 100.0),
    (rf"(?:(.+?)[-_])?ql[-_]?{NUMBER}", lambda level: level),
    (rf"(?:(.+?)[-_])?p[-_]?{NUMBER}", lambda level: level / 100.0),
    (r"()(0?\.\d+)", lambda level: level),
    (r"(?:(.+?)[-_])?median()", lambda _: 0.5),
)
"""What columns are called: the model, and a number of which the level is made."""


def quantile_columns(header: Iterable[str]) -> dict[str, dict[str, float]]:
    """By model, the columns that hold its quantiles, and their levels; "" for a model without a name.

    >>> quantile_columns(["unique_id", "ds", "AutoETS", "AutoETS-lo-80", "AutoETS-hi-80"])
    {'AutoETS': {'AutoETS-lo-80': 0.1, 'AutoETS-hi-80': 0.9}}
    """
    found: dict[str, dict[str, float]] = {}
    for name in header:
        for pattern, level_of in PATTERNS:
            match = re.fullmatch(pattern, name, flags=re.IGNORECASE)
            if match is None:
                continue
            level = round(level_of(float(match[2] or 0.5)), 9)
            if 0.0 < level < 1.0:
                found.setdefault(match[1] or "", {})[name] = level
            break
    return found
