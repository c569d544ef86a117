"""The comparison as a page of Markdown, ready for a paper's appendix: `summary.md`."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence

from ..comparison.calibration import Calibration
from ..comparison.comparison import Comparison
from ..comparison.method import Method
from ..comparison.prices import MEANINGS, Price
from ..comparison.selfish import Leaving
from ..statistics.digits import formatted, significant
from . import forecast_table, resilience_table, selfish_table
from .text_table import cells, headings, notes


def as_markdown(comparison: Comparison, command: str = "") -> str:
    """Headline, table, prices, notes with all flags, and the command that made it; the same comparison gives the same text."""
    scenario = comparison.traces.scenario
    parts = [
        f"# {harmless(scenario.name)}",
        harmless(scenario.description),
        f"**{harmless(comparison.headline)}**",
        _table([*headings(comparison), "CVaR95"], _rows(comparison)),
        _resilience(comparison.methods),
        _prices(comparison.prices),
        _leaving(comparison.leaving),
        _forecasts(comparison.calibration),
        "\n".join(f"- {harmless(note)}" for note in notes(comparison)),
        f"    {re.sub(CONTROL, ' ', command)}" if command else "",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


CONTROL = r"[\x00-\x1f\x7f]"


def harmless(text: str) -> str:
    r"""The text in one line, in which nothing is markup, neither Markdown's nor HTML's.

    >>> print(harmless("<b>a|b</b> *c*"))
    &lt;b&gt;a\|b&lt;/b&gt; \*c\*
    """
    line = html.escape(re.sub(CONTROL, " ", text), quote=False)
    return re.sub(r"([\\`*_{}\[\]|#~!])", r"\\\1", line)


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]], texts: int = 2) -> str:
    """A table whose first columns are texts, and whose others are numbers."""
    lines = [headings, ["---"] * texts + ["---:"] * (len(headings) - texts), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _rows(comparison: Comparison) -> list[list[str]]:
    return [
        [
            *(harmless(cell.plain) for cell in cells(comparison, method)),
            significant(comparison.money.told(method.cvar95).estimate, "z"),
        ]
        for method in comparison.methods
    ]


def _resilience(methods: Sequence[Method]) -> str:
    if not resilience_table.disrupted(methods):
        return ""
    rows = [[harmless(cell) for cell in row] for row in resilience_table.rows(methods)]
    return f"{_table(resilience_table.HEADINGS, rows)}\n\n{resilience_table.READING}"


def _prices(prices: Sequence[Price]) -> str:
    if not prices:
        return ""
    meanings = "\n".join(f"- {kind}: {MEANINGS[kind]}" for kind in dict.fromkeys(price.kind for price in prices))
    rows = [[price.kind, harmless(price.method.label), harmless(price.against), *_told(price)] for price in prices]
    return f"{_table(['price', 'of', 'against', 'estimate', '95 % confidence interval'], rows, 3)}\n\n{meanings}"


def _leaving(rows: Sequence[Leaving]) -> str:
    """What sites that learnt for themselves could gain by leaving what all have learnt."""
    told = [[harmless(cell) for cell in row] for row in selfish_table.rows(rows)]
    return f"{_table(selfish_table.HEADINGS, told)}\n\n{selfish_table.READING}" if told else ""


def _forecasts(told: Sequence[Calibration]) -> str:
    """How well forecasts from elsewhere told demand."""
    rows = forecast_table.rows(told)
    return f"{_table(forecast_table.HEADINGS, rows)}\n\n{forecast_table.READING}" if rows else ""


def _told(price: Price) -> tuple[str, str]:
    found, share = price.interval, price.unit == "1"
    estimate, low, high = (
        formatted(100 * value, "z.2f") if share else significant(value, "z")
        for value in (found.estimate, found.low, found.high)
    )
    return (f"{estimate} %" if share else estimate), f"{low} to {high}"
