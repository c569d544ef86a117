"""How late orders follow a shift of demand, by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from orderup.evaluation import evaluate
from orderup.evaluation.measures.adaptation import SPAN, Adaptation

from ..cases import Scripted

BEGINS, ENDS, HORIZON = 10, 30, 40


def step(since: int, low: float = 10.0, high: float = 20.0) -> Any:
    """Low, then high from a period on, of one episode."""
    return np.where(np.arange(HORIZON) < since, low, high)[None].astype(float)


def sums(orders: Any, warmup: int = 5) -> dict[str, float]:
    every = np.arange(HORIZON)[None]
    found = Adaptation(orders, step(BEGINS), (every >= BEGINS) & (every < ENDS), warmup).sums
    return {name: float(values[0]) for name, values in found.items()}


@pytest.mark.parametrize("late", [0, 1, 7])
def test_orders_that_follow_demand_so_much_later_have_that_lag(late: int) -> None:
    assert sums(step(BEGINS + late)) == {"shifts": 1, "lag_periods": late, "unadapted": 0}


def test_orders_that_never_follow_count_until_the_shift_is_over() -> None:
    """Mean demand is at 90 % of 20, that is 18, once four of five periods have 20: the fourth of the shift."""
    assert sums(step(HORIZON)) == {"shifts": 1, "lag_periods": ENDS - (BEGINS + 3), "unadapted": 1}
    assert SPAN == 5


def test_orders_that_are_there_before_demand_have_a_negative_lag_and_more_than_enough_is_enough() -> None:
    assert sums(step(0, high=25.0))["lag_periods"] == -3
    assert sums(step(BEGINS, high=40.0))["lag_periods"] == 1 - 3


def test_a_shift_that_begins_in_the_warm_up_is_not_looked_at() -> None:
    assert sums(step(BEGINS), warmup=BEGINS + 1) == {"shifts": 0, "lag_periods": 0, "unadapted": 0}


def scenario(**shift: Any) -> dict[str, Any]:
    return {
        "name": "shifting",
        "horizon": HORIZON,
        "warmup": 5,
        "sites": {"store_1": {"initial": 50, "holding": 1}, "store_2": {"initial": 50, "holding": 1}},
        "lanes": [{"from": "supplier", "to": site, "lead_time": 1} for site in ("store_1", "store_2")],
        "customers": [
            {"site": site, "shortage": 9, "demand": {"type": "poisson", "mean": 20}} for site in ("store_1", "store_2")
        ],
        "shifts": [{"from": "store_1", "to": "store_2", "share": 0.5} | shift],
    }


@pytest.mark.parametrize(
    "when", [{"type": "scheduled", "from": 12, "until": 30}, {"type": "once", "between": [10, 20], "length": 15}]
)
def test_whoever_orders_what_was_asked_for_is_a_period_late_and_whoever_stays_never_adapts(when: dict[str, Any]) -> None:
    follows = evaluate(scenario(when=when), "autonomous_silo", {"type": "base_stock", "levels": {"store_2": 60.0}}, episodes=8)
    assert follows.kpis["adaptation_lag"] == pytest.approx(1)
    assert follows.kpis["unadapted"] == 0
    stays = evaluate(scenario(when=when), "autonomous_silo", Scripted(quantities=[[20.0, 20.0]] * HORIZON), episodes=8)
    assert stays.kpis["unadapted"] == 1
    assert stays.kpis["adaptation_lag"] > 5


def test_where_nothing_shifts_once_there_is_no_such_kpi() -> None:
    gradual = scenario(when={"type": "gradual", "from": 10, "until": 20})
    for other in (gradual, scenario() | {"shifts": []}):
        assert "adaptation_lag" not in evaluate(other, "autonomous_silo", "base_stock", episodes=1).kpis
