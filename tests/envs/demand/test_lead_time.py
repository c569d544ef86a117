"""How long shipments are under way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats

from orderup.envs.demand.lead_time import (
    DiscreteLeadTime,
    Fixed,
    GeometricLeadTime,
    LeadTime,
    UniformIntegerLeadTime,
    lead_times,
)
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.validation import validated
from orderup.envs.numerics.draws import Draw

from ..by_hand import Play, scenario

RANDOM = [
    UniformIntegerLeadTime(low=1, high=4),
    DiscreteLeadTime(values=[7, 0, 2], probabilities=[0.1, 0.6, 0.3]),
    GeometricLeadTime(shortest=1, probability=0.3, cut=6),
]


def draw(xp: Any = np, periods: int = 20, episodes: int = 2000, place: str = "supplier->store_1") -> Draw:
    return Draw(2, place, "store_1", ("lead_time",), periods, xp.arange(episodes))


@pytest.mark.parametrize("lead_time", RANDOM, ids=lambda lead_time: type(lead_time).__name__)
def test_lead_times_occur_as_often_as_told(lead_time: LeadTime) -> None:
    times = lead_time.sample(draw())
    assert times.shape == (20, 2000)
    assert times.dtype == np.int64
    counts, chances = np.bincount(times.reshape(-1)), lead_time.chances()
    assert set(np.flatnonzero(counts)) == set(chances)
    assert sum(chances.values()) == pytest.approx(1)
    expected = np.array([chances[periods] for periods in sorted(chances)]) * times.size
    assert stats.chisquare(counts[sorted(chances)], expected).pvalue > 0.001


def test_longest_and_mean_by_hand() -> None:
    assert [(lead_time.longest, lead_time.mean) for lead_time in RANDOM[:2]] == [(4, 2.5), (7, pytest.approx(1.3))]
    cut = GeometricLeadTime(shortest=1, probability=0.5, cut=3)
    assert cut.chances() == {1: 0.5, 2: 0.25, 3: 0.25}
    assert (cut.longest, cut.mean) == (3, 1.75)


def test_a_fixed_lead_time_is_always_the_same() -> None:
    fixed = Fixed(value=3)
    assert (fixed.longest, fixed.mean, fixed.random) == (3, 3.0, False)
    assert (fixed.sample(draw(episodes=2)) == 3).all()
    assert fixed.sample(draw(torch, periods=4, episodes=2)).dtype == torch.int64


def test_one_possible_lead_time_is_not_random() -> None:
    for certain in (
        UniformIntegerLeadTime(low=2, high=2),
        DiscreteLeadTime(values=[1, 2], probabilities=[0, 1]),
        GeometricLeadTime(probability=1, shortest=2, cut=9),
    ):
        assert not certain.random
        assert certain.longest == 2


@pytest.mark.parametrize("lead_time", RANDOM, ids=lambda lead_time: type(lead_time).__name__)
def test_numpy_and_pytorch_draw_the_same(lead_time: LeadTime) -> None:
    assert (lead_time.sample(draw(torch)).numpy() == lead_time.sample(draw())).all()


def test_lanes_draw_for_themselves() -> None:
    ours, theirs = (RANDOM[0].sample(draw(place=place)) for place in ("supplier->store_1", "supplier->store_2"))
    assert abs(np.corrcoef(ours.reshape(-1), theirs.reshape(-1))[0, 1]) < 3.29 / np.sqrt(ours.size)


@pytest.mark.parametrize(
    ("name", "fields", "complaint"),
    [
        ("fixed", {"value": -1}, r"l\.value: found -1"),
        ("fixed", {"value": 1.5}, r"l\.value: found 1\.5"),
        ("uniform_integer", {"low": 3, "high": 2}, r"l\.high: found 2; accepted: a whole number ≥ low, 3"),
        ("discrete", {"values": [1, 1], "probabilities": [0.5, 0.5]}, r"l\.values: found \[1, 1\]"),
        ("discrete", {"values": [1, 2], "probabilities": [0.5, 0.4]}, r"l\.probabilities: .*2 numbers that sum to 1"),
        ("discrete", {"values": [1, 2], "probabilities": [1.0]}, r"l\.probabilities: .*2 numbers that sum to 1"),
        ("geometric", {"probability": 0, "cut": 3}, r"l\.probability: found 0"),
        ("geometric", {"probability": 0.5, "shortest": 4, "cut": 3}, r"l\.cut: found 3"),
    ],
)
def test_an_impossible_lead_time_is_refused(name: str, fields: dict[str, Any], complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        validated(lead_times.find(name), fields, "l")


def test_replayed_lead_times_come_period_by_period_and_start_again_or_stay() -> None:
    for then, expected in (("repeat", [2, 0, 2, 5, 2, 0]), ("hold", [2, 0, 2, 5, 5, 5])):
        given = validated(lead_times.find("replay", "type"), {"values": [2, 0, 2, 5], "then": then})
        for xp in (np, torch):
            times = given.sample(draw(xp, periods=6, episodes=3))
            assert (times.dtype, times.T.tolist()) == (xp.int64, 3 * [expected])
        assert (given.chances(), given.longest, given.mean) == ({0: 0.25, 2: 0.5, 5: 0.25}, 5, 2.25)


def test_a_replay_of_one_lead_time_is_a_fixed_one() -> None:
    given = validated(lead_times.find("replay", "type"), {"values": [3, 3]})
    assert (given.random, given.longest) == (False, 3)


def test_lead_times_of_a_file_come_row_by_row(tmp_path: Path) -> None:
    path = tmp_path / "times.csv"
    path.write_text("when,days\n1,2\n2,4\n3,1\n")
    given = validated(lead_times.find("file", "type"), {"path": str(path), "column": "days"})
    assert given.sample(draw(periods=4, episodes=1))[:, 0].tolist() == [2, 4, 1, 2]
    assert given.longest == 4


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("days\n2\n-1\n", "row 2, column days: found -1.*from 0 to 10000"),
        ("days\n2.5\n", "row 1, column days: found 2.5"),
        ("days,x\n1,1\n,1\n", "row 2, column days"),
        ("days\nsoon\n", "row 1, column days: found 'soon'"),
        ("hours\n2\n", "lead_time.columns: found .*hours.*days"),
        (None, "lead_time.path: found .*times.csv"),
    ],
)
def test_a_file_without_lead_times_is_refused_by_row(tmp_path: Path, text: str | None, complaint: str) -> None:
    path = tmp_path / "times.csv"
    if text is not None:
        path.write_text(text)
    with pytest.raises(InputError, match=complaint):
        validated(lead_times.find("file", "type"), {"path": str(path), "column": "days"}).chances()


@pytest.mark.parametrize("values", [[], [1.5], [-1], [10_001]])
def test_a_list_that_cannot_be_replayed_is_refused_by_key(values: list[float]) -> None:
    with pytest.raises(InputError, match="values"):
        validated(lead_times.find("replay", "type"), {"values": values})


def test_what_is_shipped_in_a_period_takes_that_periods_time() -> None:
    lanes = [{"from": "supplier", "to": "store_1", "lead_time": {"type": "replay", "values": [3, 1, 1]}}]
    play = Play(scenario({"store_1": {}}, lanes, [{"site": "store_1"}]))
    received = [play.step(quantities={"supplier->store_1": 2.0**period}).receipts["supplier->store_1"] for period in range(6)]
    assert received == [0, 0, 2, 1 + 4, 0, 16]
