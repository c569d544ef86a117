"""How well forecasts from elsewhere told demand, as tables show it."""

from __future__ import annotations

from collections.abc import Sequence

from ..comparison.calibration import MEANINGS, Calibration
from ..statistics.digits import significant

HEADINGS = ("periods ahead", "quantile", "demand below", "demand at most", "pinball loss", "of usual demand", "forecast")
READING = "Forecasts against the demand that came. " + " ".join(
    f"{heading.capitalize()}: {MEANINGS[name]}."
    for heading, name in zip(HEADINGS[1:], ("level", "below", "at_most", "pinball", "usual", "forecasts"), strict=True)
)


def rows(told: Sequence[Calibration]) -> list[tuple[str, ...]]:
    """A row for each quantile and period ahead."""
    return [
        (
            str(one.ahead),
            f"{one.level:g}",
            f"{one.below:.1%}",
            f"{one.at_most:.1%}",
            significant(one.pinball),
            significant(one.usual),
            f"{one.forecasts:.0%}",
        )
        for one in told
    ]
