"""What sites that learnt for themselves pay, and could gain by leaving what all have learnt, as tables show it."""

from __future__ import annotations

from collections.abc import Sequence

from ..comparison.selfish import Leaving
from ..statistics.digits import significant

HEADINGS = ("method", "site", "own cost", "gain by leaving", "largest share")
READING = (
    "Gain by leaving: what a site pays less per period by a best response of its own, looked for while the others do what they "
    "learnt, paired on held-out episodes; largest share: of its own cost, over seeds. A longer search may find more."
)


def rows(told: Sequence[Leaving]) -> list[tuple[str, ...]]:
    """A row for every site of every method."""
    return [
        (
            row.method,
            row.site,
            significant(row.own_cost),
            f"{significant(row.gain, 'z')} ± {significant(row.half_width)}",
            f"{row.share:.2%}",
        )
        for row in told
    ]
