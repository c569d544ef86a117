"""Orders over need while a source rations: 1 for whoever orders up to a level that stays, more for whoever games the source."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from orderup.evaluation import Result, evaluate

from ..cases import RANDOM, Levels, Scripted

SHORT: dict[str, Any] = {
    "name": "short",
    "horizon": 4,
    "sites": {"store_1": {"initial": 10, "holding": 1}, "warehouse_1": {"initial": 5, "holding": 0.5}},
    "lanes": [
        {"from": "warehouse_1", "to": "store_1", "lead_time": 1},
        {"from": "supplier", "to": "warehouse_1", "lead_time": 1},
    ],
    "customers": [{"site": "store_1", "shortage": 9, "demand": {"type": "replay", "values": [3, 3, 3, 3]}}],
}
"""The warehouse has 5 and orders nothing itself."""


def inflation(found: Result) -> float:
    return found.kpis["order_inflation"]


def short(**lane: Any) -> dict[str, Any]:
    return SHORT | {"lanes": [SHORT["lanes"][0] | lane, SHORT["lanes"][1]]}


def test_orders_while_the_source_rations_over_what_the_position_has_lost_are_as_worked_by_hand() -> None:
    """The store orders 2, 6, 6 and 0: the first can be filled, the next two need 3 units each, the last is none."""
    found = evaluate(SHORT, "autonomous_silo", Scripted(quantities=[[2, 0], [6, 0], [6, 0], [0, 0]]), episodes=2)
    assert found.sums["rationed_orders"].tolist() == [12.0, 12.0]
    assert found.sums["rationed_need"].tolist() == [6.0, 6.0]
    assert inflation(found) == 2
    assert found.sites.loc["store_1", "order_inflation"] == 2
    assert math.isnan(float(found.sites["order_inflation"]["warehouse_1"]))


def test_need_adds_up_over_periods_without_an_order() -> None:
    """Orders of 6 in the second period, for 3, and of 7 in the fourth, for the 6 of two periods."""
    found = evaluate(SHORT, "autonomous_silo", Scripted(quantities=[[2, 0], [6, 0], [0, 0], [7, 0]]), episodes=1)
    assert inflation(found) == pytest.approx(13 / 9)


def test_a_level_raised_while_the_source_rations_inflates_orders_by_what_it_is_raised() -> None:
    """Levels 12, 12, 20, 20: orders of 2, 3, 11 and 3; the first two are filled, and 3 are needed each time."""
    levels = [[12.0, 0.0], [12.0, 0.0], [20.0, 0.0], [20.0, 0.0]]
    assert inflation(evaluate(SHORT, "autonomous_silo", Levels(levels=levels), episodes=1)) == pytest.approx(14 / 6)


def test_orders_that_are_cancelled_are_needed_again_but_no_more_of_them_than_was_needed() -> None:
    """The warehouse has 3 left, then none, and what it cannot ship is cancelled.

    Up to 12, the store asks for 3, which it gets, then 3, and, as nothing came, 6. Twice what it lacks to 12 is 6, of which it
    gets 3, then 6 for 3, then 12 for 6; nothing of the other halves was ever needed.
    """
    lost = short(unfilled="cancelled")
    truthful = evaluate(lost, "autonomous_silo", Levels(levels=[[12.0, 0.0]] * 4), episodes=1)
    assert inflation(truthful) == pytest.approx(1)
    assert truthful.sums["rationed_orders"][0] == 3 + 6
    double = Scripted(quantities=[[2, 0], [6, 0], [6, 0], [12, 0]])
    found = evaluate(lost, "autonomous_silo", double, episodes=1)
    assert found.sums["rationed_orders"][0] == 24
    assert found.sums["rationed_need"][0] == 12


@pytest.mark.parametrize("keys", [{}, {"unfilled": "cancelled"}, {"order_delay": 1}, {"multiple": 3}])
def test_whoever_orders_up_to_a_level_that_stays_orders_what_he_needs(keys: dict[str, Any]) -> None:
    """Two products, lost sales, a lateral lane, and a warehouse that is short half of the time."""
    scenario = RANDOM | {"horizon": 60, "lanes": [lane | keys for lane in RANDOM["lanes"][:2]] + RANDOM["lanes"][2:]}
    levels = {"type": "base_stock", "levels": {"warehouse_1": 20.0, "store_1": 20.0, "store_2": 15.0}}
    found = evaluate(scenario, "autonomous_silo", levels, episodes=6, batch=3)
    assert (found.sums["rationed_need"] > 0).all()
    assert inflation(found) == pytest.approx(1, abs=0.02 if "multiple" in keys else 1e-9)


def test_a_network_without_internal_sources_has_no_such_kpi_and_one_that_never_rations_has_no_number() -> None:
    assert "order_inflation" not in evaluate("newsvendor", agents="base_stock", episodes=2).kpis
    plenty = SHORT | {"sites": {"store_1": {"initial": 10, "holding": 1}, "warehouse_1": {"initial": 1000, "holding": 0.5}}}
    assert np.isnan(inflation(evaluate(plenty, agents=Levels(levels=[[12.0, 0.0]] * 4), episodes=1)))
