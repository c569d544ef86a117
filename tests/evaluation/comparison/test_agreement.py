"""Who decides alike is found out, named, and takes no part in what is claimed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from orderup.evaluation import Comparison, compare
from orderup.evaluation.comparison.agreement import alike, differing_decisions, order_distance, order_spread, same_decisions
from orderup.evaluation.comparison.method import Method
from orderup.evaluation.measures.decision_log import KEPT, episodes_kept
from orderup.evaluation.page.tables import distances, spreads, steps
from orderup.evaluation.tables.summary import summary
from orderup.evaluation.tables.text_table import notes

from ..cases import RANDOM, TWO_SITES, Dice, Scripted

CENTRE, SILO = "central_ideal", "autonomous_silo"


def compared(*judged: tuple[str, Any], scenario: Any = RANDOM, **keys: Any) -> Comparison:
    return compare(scenario, judged, episodes=keys.pop("episodes", 8), **keys)


def test_constant_levels_decide_alike_at_an_ideal_centre_and_at_silo_sites_where_orders_travel_at_once() -> None:
    found = compared((CENTRE, "base_stock"), (SILO, "base_stock"))
    one, other = found.methods
    assert same_decisions(one, other)
    assert differing_decisions(one, other) == 0
    assert alike(found.methods) == {one.label: (other.label,), other.label: (one.label,)}


def test_the_share_of_decisions_that_differ_is_counted_by_lane_product_and_period() -> None:
    """Where one store goes up to one unit more: its own orders, and what its warehouse makes of them."""
    levels = {"warehouse_1": 30.0, "store_1": 20.0, "store_2": 15.0}
    more = levels | {"store_2": 16.0}
    scenario = RANDOM | {"lanes": [lane for lane in RANDOM["lanes"] if not lane.get("lateral")]}
    scenario["sites"] = {name: site | {"initial": 0} for name, site in RANDOM["sites"].items()}
    found = compared(
        (SILO, {"type": "base_stock", "levels": levels}), (SILO, {"type": "base_stock", "levels": more}), scenario=scenario
    )
    one, other = found.methods
    ours, theirs = (method.seeds[0].decisions for method in (one, other))
    differ = [name for name in ours if not np.allclose(ours[name], theirs[name])]
    assert any("store_2" in str(name) for name in differ)
    counted = (abs(ours.to_numpy() - theirs.to_numpy()) > 1e-6).mean()
    assert differing_decisions(one, other) == pytest.approx(counted)
    assert 0 < counted < 1
    assert not same_decisions(one, other)


def test_one_order_that_differs_on_one_trace_makes_two_methods_differ() -> None:
    found = compared((SILO, "base_stock"), (SILO, {"type": "base_stock", "levels": {"warehouse_1": 1e-3}}))
    assert not same_decisions(*found.methods)


def test_whoever_decides_like_the_best_is_named_and_not_compared() -> None:
    found = compared((CENTRE, "base_stock"), (SILO, "base_stock"), ("central_stale", "base_stock"), episodes=40)
    assert "the cheapest of the 2 autonomy levels is central_ideal" in found.headline
    assert found.headline.endswith(
        "autonomous_silo with base_stock makes the same decisions as central_ideal with base_stock on every trace."
    )


def test_where_all_decide_alike_nothing_is_compared() -> None:
    found = compared((CENTRE, "base_stock"), (SILO, "base_stock"))
    assert "nothing else was compared" in found.headline
    assert "makes the same decisions" in found.headline


def test_tables_page_and_summary_tell_how_many_decisions_differ() -> None:
    found = compared((CENTRE, "base_stock"), (SILO, "base_stock"), ("central_stale", "base_stock"))
    centre, silo, stale = steps(found)
    assert (centre.decisions, silo.decisions) == ("", "same decisions")
    assert stale.decisions.endswith(" %")
    told = summary(found)["methods"]
    assert told[1]["same_decisions"] == ["central_ideal / base_stock"]
    assert told[1]["differing_decisions"] == 0 < told[2]["differing_decisions"]
    said = (
        "Same decisions on every trace: autonomous_silo / base_stock, central_ideal / base_stock. Nothing is compared by them."
    )
    assert said in notes(found)


def test_orders_are_kept_of_as_many_episodes_as_fit_and_of_no_more() -> None:
    assert episodes_kept(50, 200, 6) == 50
    assert episodes_kept(1000, 200, 40) == KEPT // 8000 > 10
    assert episodes_kept(1000, 1000, 1000) == 0


def test_sketches_do_not_depend_on_the_batch_size() -> None:
    one, other = (compared((SILO, "base_stock"), batch=batch).results[0] for batch in (8, 3))
    assert one.sums["decisions"].to_numpy() == pytest.approx(other.sums["decisions"].to_numpy(), rel=1e-12)
    assert (one.decisions == other.decisions).all(axis=None)


def test_orders_are_as_far_apart_as_worked_by_hand_in_mean_demands_of_each_echelon() -> None:
    """Of a mean demand of 7.5 the store differs by 1 and 4 units, and the warehouse by 0 and 3."""
    found = compared(*((SILO, Scripted(quantities=orders)) for orders in ORDERS), scenario=TWO_SITES, episodes=3)
    one, other = found.methods
    assert order_distance(other, one) == pytest.approx({0: (1 + 4) / 2 / 7.5, 1: (0 + 3) / 2 / 7.5})
    assert order_distance(one, one) == {0: 0, 1: 0}
    assert summary(found)["methods"][1]["order_distance"] == {"0": pytest.approx(1 / 3), "1": pytest.approx(1 / 5)}
    table = distances(found)
    assert [row[2] for row in table.cells] == [["0.3333", "0.2000"]]
    assert table.sheet.columns == ("autonomy", "agent", "echelon_0", "echelon_1")


def test_orders_of_two_seeds_spread_by_their_distance_over_the_root_of_two() -> None:
    one, other = compared((SILO, Dice(dice=1)), (SILO, Dice(dice=2))).methods
    learnt = Method("learner", "learner", (one.seeds[0], other.seeds[0]))
    apart = order_distance(one, other)
    assert order_spread(learnt) == pytest.approx({echelon: value / 2**0.5 for echelon, value in apart.items()})
    assert min(apart.values()) > 0
    assert [method for method, _ in spreads((one, learnt)).rows] == [learnt]


def test_one_seed_alone_and_orders_that_are_not_kept_have_no_spread_and_no_distance() -> None:
    one, other = compared((SILO, "base_stock"), (SILO, "hold")).methods
    assert order_spread(one) == {}
    forgotten = Method(other.name, other.family, (replace(other.seeds[0], decisions=other.seeds[0].decisions.iloc[:0]),))
    assert order_distance(forgotten, one) == {}


ORDERS = ([[6.0, 4.0], [2.0, 9.0]], [[7.0, 4.0], [6.0, 6.0]])
"""By the store and the warehouse, in two periods."""
