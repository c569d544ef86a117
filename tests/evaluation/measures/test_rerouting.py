"""What a change of prices does to orders, by hand."""

from __future__ import annotations

import math
from typing import Any

import pytest

from orderup.evaluation import Result, evaluate

from ..cases import Scripted

HORIZON, WARMUP, SINCE = 40, 5, 20


def scenario(**price: Any) -> dict[str, Any]:
    return {
        "name": "dearer",
        "horizon": HORIZON,
        "warmup": WARMUP,
        "sites": {"store_1": {"initial": 50, "holding": 1}},
        "lanes": [
            {"name": "far", "from": "supplier_far", "to": "store_1", "lead_time": 1, "unit_cost": 1},
            {"name": "near", "from": "supplier_near", "to": "store_1", "lead_time": 1, "unit_cost": 2},
        ],
        "customers": [{"site": "store_1", "shortage": 9, "demand": {"type": "poisson", "mean": 10}}],
        "prices": [{"at": "supplier_far", "tariff": 0.5, "when": {"type": "scheduled", "from": SINCE}} | price],
    }


def ordered(*spans: tuple[int, float, float], **price: Any) -> Result:
    """Orders by the far and the near lane from some periods on."""
    quantities = [[far, near] for period in range(HORIZON) for _, far, near in [[s for s in spans if s[0] <= period][-1]]]
    return evaluate(scenario(**price), "autonomous_silo", Scripted(quantities=quantities), episodes=2)


def test_pre_buying_is_what_is_ordered_after_the_announcement_over_the_usual() -> None:
    """8 a period, then 8, 8, 20 and 20 in the four periods of notice, and 2 from the tariff on."""
    found = ordered((0, 8, 2), (SINCE - 2, 20, 2), (SINCE, 2, 8), announced=4).kpis
    assert found["pre_buying"] == pytest.approx(56 / 32)
    assert found["share_before_price_change"] == pytest.approx(0.8)
    assert found["share_after_price_change"] == pytest.approx(0.2)


def test_time_to_reroute_runs_until_the_mean_share_comes_near_the_final_one() -> None:
    """From 80 to 20 % three periods after the beginning: the mean of five is there when all five are."""
    found = ordered((0, 8, 2), (SINCE + 3, 2, 8)).kpis
    assert found["time_to_reroute"] == 3 + 4
    assert math.isnan(found["pre_buying"])


def test_a_mix_that_swings_has_moved_when_it_first_comes_near() -> None:
    """From 80 to 20 % two periods after the beginning, and 40 % for three periods soon after it is there."""
    found = ordered((0, 8, 2), (SINCE + 2, 2, 8), (SINCE + 7, 4, 6), (SINCE + 10, 2, 8)).kpis
    assert found["time_to_reroute"] == 2 + 4


def test_who_never_moves_has_nothing_to_wait_for() -> None:
    found = ordered((0, 8, 2), announced=3).kpis
    assert found["time_to_reroute"] == 0
    assert found["pre_buying"] == 1
    assert found["share_after_price_change"] == found["share_before_price_change"]


def test_a_change_that_is_announced_in_the_warm_up_has_no_before_and_is_not_looked_at() -> None:
    found = ordered((0, 8, 2), announced=SINCE - WARMUP)
    assert (found.sums["price_changes"] == 0).all()
    assert math.isnan(found.kpis["time_to_reroute"])


def test_where_no_price_changes_once_there_is_no_such_kpi() -> None:
    often = scenario(when={"type": "markov", "begins": 0.1, "ends": 0.2})
    for other in (often, scenario() | {"prices": []}):
        assert "time_to_reroute" not in evaluate(other, "autonomous_silo", "base_stock", episodes=1).kpis
