"""How results show themselves at a prompt, and in a notebook."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence

from ..statistics.digits import decimals_for
from ..statistics.statistics import Interval


def told(interval: Interval, share: bool = False) -> str:
    """An estimate and its bounds, in per cent where it is a share.

    >>> told(Interval(12.759, 12.5, 13.0)), told(Interval(0.02, 0.01, 0.03), share=True)
    ('12.76 (12.50 to 13.00)', '2.0 % (1.0 to 3.0 %)')
    """
    scale, unit = (100.0, " %") if share else (1.0, "")
    decimals = 1 if share else decimals_for(interval.estimate)
    middle, low, high = (f"{scale * value:z,.{decimals}f}" for value in (interval.estimate, interval.low, interval.high))
    if not math.isfinite(interval.estimate):
        return "not known"
    return f"{middle}{unit} ({low} to {high}{unit})" if math.isfinite(interval.half_width) else f"{middle}{unit}"


def columns(rows: Sequence[Sequence[str]]) -> str:
    """Rows of cells below each other."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def html_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in which nothing is markup."""

    def row(kind: str, cells: Sequence[str]) -> str:
        return f"<tr>{''.join(f'<{kind}>{html.escape(cell)}</{kind}>' for cell in cells)}</tr>"

    return f"<table><thead>{row('th', headings)}</thead><tbody>{''.join(row('td', cells) for cells in rows)}</tbody></table>"
