"""The efficient frontier of each level and method: what every service costs, in money and in stock, at least."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from orderup.envs.catalogue import load_scenario, promised

from ..running.contestant import Contestant
from .comparison import Comparison
from .side_by_side import compare

if TYPE_CHECKING:
    import pandas as pd

SHARES = (0.8, 0.9, 0.95, 0.98)
SERVICE = {"fill": "fill_rate", "cycle": "cycle_service_level"}
"""The KPI of each kind of target."""


def frontier(
    scenario: Any,
    judged: Sequence[Contestant | tuple[Any, Any]],
    shares: Sequence[float] = SHARES,
    kind: str = "fill",
    **settings: Any,
) -> pd.DataFrame:
    """One row for each autonomy level, agent and target, on the same traces: service, cost, stock and money tied up.

    `kind` is that of the targets, `fill` or `cycle`, which stand in place of the scenario's shortage costs; `settings` are
    those of orderup.compare. Raises InputError as that does.
    """
    import pandas as pd

    rows = [row for share, found in _each(scenario, judged, shares, kind, settings) for row in _rows(share, found, kind)]
    return pd.DataFrame(rows)


def _each(
    scenario: Any, judged: Sequence[Contestant | tuple[Any, Any]], shares: Sequence[float], kind: str, settings: dict[str, Any]
) -> Iterator[tuple[float, Comparison]]:
    loaded = load_scenario(scenario)
    for share in shares:
        yield share, compare(promised(loaded, {kind: share}), judged, **settings)


def _rows(share: float, comparison: Comparison, kind: str) -> Iterator[dict[str, Any]]:
    for method in comparison.methods:
        kpis = method.kpis
        yield {
            "autonomy": method.autonomy.name,
            "agent": method.name,
            "target": share,
            "service": kpis[SERVICE[kind]],
            "cost": float(method.cost),
            "on_hand": kpis["on_hand"],
            "working_capital": kpis.get("working_capital", 0.0),
        }
