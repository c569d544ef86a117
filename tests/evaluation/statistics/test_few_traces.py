"""Recorded demand has as many traces as there are windows to begin in: what is told from three is told from three."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from orderup.envs.scenario.card import Hypothesis
from orderup.evaluation import Comparison, compare, evaluate
from orderup.evaluation.comparison.hypotheses import Question, findings
from orderup.evaluation.statistics.statistics import bootstrap_interval, by_trace, mean_interval, traces_of
from orderup.evaluation.statistics.two_level import two_level_cvar, two_level_intervals

THREE = np.array([0, 1, 2, 0, 1, 0, 2, 2, 1])
"""Nine episodes of three traces, each as often."""
VALUES = np.array([10.0, 13.0, 17.0])


def scenario(folder: Path, windows: int) -> dict[str, Any]:
    """A store whose recorded demand has so many windows of 20 periods to be evaluated by."""
    periods = np.arange(1, 101)
    demand = np.random.default_rng(0).poisson(10, periods.size)
    file = folder / "sold.csv"
    pd.DataFrame({"period": periods, "site": "store_1", "product": "tea", "demand": demand}).to_csv(file, index=False)
    last = 60 + 20 + windows - 1
    return {
        "name": "recorded",
        "horizon": 20,
        "products": ["tea"],
        "sites": {"store_1": {"holding": 1, "initial": 20}},
        "lanes": [{"from": "supplier", "to": "store_1", "lead_time": 1}],
        "data": {"path": str(file), "windows": {"train": [1, 50], "validation": [51, 60], "test": [61, last]}},
        "customers": [{"site": "store_1", "shortage": 9, "demand": {"type": "file"}}],
    }


def two(given: dict[str, Any]) -> Comparison:
    levels = ({"type": "base_stock", "levels": {"store_1": level}} for level in (30.0, 40.0))
    return compare(given, [("autonomous_silo", level) for level in levels], episodes=60)


def count_of(found: Comparison) -> int:
    groups = found.results[0].groups
    assert groups is not None
    return traces_of(groups.size, groups)


def test_three_windows_are_three_traces_and_no_more_is_claimed(tmp_path: Path) -> None:
    found = two(scenario(tmp_path, 3))
    one, other = found.methods
    assert count_of(found) == 3
    assert found.difference(other).freedom == 2
    assert found.p_values[other.label] == 1 / 4
    assert found.sign(other) == 0
    assert "is clearly the cheapest" in found.headline
    assert "3 different traces are too few to tell anything apart" in found.headline
    assert "only 3 of the 60 episodes differ, as recorded demand has few windows: each counts once" in found.warnings
    card = Hypothesis(better="autonomous_silo", worse="central_ideal")
    (finding,) = findings([Question("x", card, one, other)])
    assert (finding.conclusion, finding.p_value) == ("open", 1 / 4)


def test_of_many_windows_a_difference_is_found(tmp_path: Path) -> None:
    found = two(scenario(tmp_path, 15))
    count = count_of(found)
    assert 10 <= count <= 15
    assert found.p_values[found.methods[1].label] == pytest.approx(2.0 ** (1 - count), abs=1e-3)
    assert ", the cheapest of the 2 " in found.headline
    assert "(p < 0.001" in found.headline or "(p = 0.00" in found.headline


def test_drawn_demand_gives_every_episode_a_trace_of_its_own() -> None:
    assert evaluate("newsvendor", episodes=10, horizon=60).groups is None


def test_what_is_played_three_times_has_the_interval_of_what_is_played_once() -> None:
    once, often = mean_interval(VALUES), mean_interval(VALUES[THREE], groups=THREE)
    assert (often.estimate, often.low, often.high, often.freedom) == pytest.approx((once.estimate, once.low, once.high, 2))
    table = np.stack([VALUES, VALUES**2], axis=1)

    def quotient(means: Any) -> Any:
        return means[..., :1] / means[..., 1:]

    (alone,), (again,) = (
        bootstrap_interval(rows, quotient, groups=groups) for rows, groups in ((table, None), (table[THREE], THREE))
    )
    assert (again.low, again.high) == pytest.approx((alone.low, alone.high))
    (alone,), (again,) = (
        two_level_intervals([np.stack([rows, rows + 1])], quotient, groups=groups)
        for rows, groups in ((table, None), (table[THREE], THREE))
    )
    assert (again.low, again.high) == pytest.approx((alone.low, alone.high))
    assert two_level_cvar(VALUES[THREE][None], groups=THREE).low == pytest.approx(two_level_cvar(VALUES[None]).low)


def test_a_trace_that_is_played_more_often_counts_for_more() -> None:
    often = np.array([0, 0, 0, 1])
    found = mean_interval(np.array([2.0, 2.0, 2.0, 6.0]), groups=often)
    assert found.estimate == 3.0
    assert by_trace(np.array([2.0, 2.0, 2.0, 6.0]), often).mean() == 3.0
    assert math.isnan(mean_interval(np.array([2.0, 2.0]), groups=np.array([0, 0])).low)
