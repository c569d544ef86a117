"""The figures of what was swept: a line along each axis, a map over each pair."""

from __future__ import annotations

from typing import Any

import pytest

from orderup.envs.catalogue import each_autonomy
from orderup.evaluation import Comparison, compare, contestants
from orderup.evaluation.page.figure import Figure
from orderup.evaluation.page.sweeps import sweeps

from ..cases import RANDOM

SWEPT = {"type": "hybrid_soe", "band": [0, 1, float("inf")], "cadence": [1, 7], "feed_latency": 0}


def evaluated(*levels: Any) -> Comparison:
    return compare(RANDOM, contestants(each_autonomy(list(levels)), ["moving_average"]), episodes=3)


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return evaluated(SWEPT, "central_ideal")


@pytest.fixture(scope="module")
def figures(comparison: Comparison) -> dict[str, Figure]:
    return {figure.key: figure for figure in sweeps(comparison)}


def test_each_axis_that_was_swept_has_a_line_for_what_else_was_the_same(figures: dict[str, Figure]) -> None:
    assert list(figures) == ["sweep-band", "sweep-cadence", "map-band-cadence-1"]
    band, cadence = figures["sweep-band"], figures["sweep-cadence"]
    assert [(line["name"], line["x"]) for line in band.data] == [
        ("hybrid_soe[cadence=1,feed_latency=0] / moving_average", [0.0, 1.0, 1.2]),
        ("hybrid_soe[cadence=7,feed_latency=0] / moving_average", [0.0, 1.0, 1.2]),
    ]
    assert [line["x"] for line in cadence.data] == [[1.0, 7.0]] * 3


def test_costs_along_a_line_are_the_evaluates(figures: dict[str, Figure], comparison: Comparison) -> None:
    costs = {method.autonomy.name: method.cost for method in comparison.methods}
    for value, level, _, cost, low, high in figures["sweep-band"].rows:
        assert f"band={value}".replace("∞", "inf") in str(level)
        assert float(low or 0) < cost == costs[str(level)] < float(high or 0)  # type: ignore[operator]  # it is a number


def test_a_map_says_how_much_more_each_cell_costs_than_the_reference(
    figures: dict[str, Figure], comparison: Comparison
) -> None:
    chart = figures["map-band-cadence-1"]
    assert chart.title == "Autonomy map of hybrid_soe[feed_latency=0] / moving_average"
    (heat,) = chart.data
    assert (heat["x"], heat["y"]) == (["0", "1", "∞"], ["1", "7"])
    corner = next(m for m in comparison.methods if m.autonomy.band == 1 and m.autonomy.cadence == 7)
    assert heat["z"][1][1] == pytest.approx(100 * comparison.relative_cost(corner).estimate)


def test_where_nothing_was_swept_nothing_is_drawn() -> None:
    assert sweeps(evaluated("hybrid_soe", "central_ideal")) == []


def test_the_sites_that_decide_for_themselves_are_counted_along_an_axis() -> None:
    shares = {"type": "central_stale", "share": [0, 1, 2]}
    (line,) = sweeps(evaluated(shares, {"type": "central_stale", "share": ["store_1"]}))
    assert (line.key, line.title) == ("sweep-share", "Cost along sites that decide for themselves")
    assert [(drawn["name"], drawn["x"]) for drawn in line.data] == [("central_stale / moving_average", [0.0, 1.0, 2.0])]
    assert line.layout["xaxis"]["ticktext"] == ["0", "1", "2"]
