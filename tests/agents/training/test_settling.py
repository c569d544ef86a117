from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from orderup.agents.runs.run import RESULT
from orderup.agents.training.settling import come_to_rest, curve_of, settled, still_fell_by, still_moved_by
from orderup.agents.training.train import train
from orderup.evaluation import Comparison
from orderup.evaluation.running.result import Result

from ...evaluation.cases import costing
from ..learners import LINE

STOPPED = [(0.0, 251.1), (0.5, 232.0), (1.5, 224.9), (2.3, 222.5), (3.0, 222.2)]
"""Millions of periods, and the cost of sites that learn with their own records, with a quarter of the periods they need."""
DONE = [(0.0, 251.1), (3.0, 221.0), (6.0, 220.4), (9.0, 220.3), (12.0, 220.3)]
TRACES = 20 + np.random.default_rng(0).normal(0, 3, 12)


def test_a_learner_has_settled_when_the_second_half_brings_less_than_a_quarter_of_a_per_cent() -> None:
    assert still_fell_by(STOPPED) == pytest.approx(2.7 / 222.2)
    assert not settled(STOPPED)
    assert still_fell_by(DONE) == pytest.approx(0.1 / 220.3)
    assert settled(DONE)


def test_a_cost_that_rises_again_counts_by_its_best() -> None:
    assert settled([(0.0, 10.0), (1.0, 8.0), (2.0, 7.0), (3.0, 9.0), (4.0, 8.0)])


def test_sites_that_learn_for_themselves_have_settled_when_nobodys_own_cost_moves_whichever_way() -> None:
    rising = [(0.0, 4.0), (1.0, 6.0), (2.0, 7.0), (3.0, 7.4), (4.0, 7.5)]
    assert still_moved_by(rising) == pytest.approx(0.1 / 7.5)
    assert settled(rising)  # its best was long ago, which tells nothing here
    assert not come_to_rest([DONE, rising])
    assert come_to_rest([DONE, [(periods, 7.0) for periods, _ in DONE]])
    assert not come_to_rest([DONE[:4]])


@pytest.mark.parametrize("curve", [[], STOPPED[:1], DONE[:4]])
def test_few_examinations_do_not_tell(curve: Any) -> None:
    assert still_fell_by(curve) is None
    assert not settled(curve)


def test_a_profit_that_grows_has_not_settled() -> None:
    assert still_fell_by([(0.0, -5.0), (1.0, -8.0), (2.0, -9.0), (3.0, -9.9), (4.0, -10.0)]) == pytest.approx(0.1)


def test_rows_without_an_examination_are_no_part_of_the_curve() -> None:
    assert curve_of([{"periods": 0.0, "cost": 5.0}, {"periods": 1.0, "cost": None}, {"periods": 2.0, "cost": 4.0}]) == [
        (0.0, 5.0),
        (2.0, 4.0),
    ]


def test_a_run_says_whether_it_had_settled(tmp_path: Path) -> None:
    agent = {"type": "tests.agents.learners:Guess", "examinations": 5}
    run = train(LINE, agent=agent, folder=tmp_path, progress=False)
    told = json.loads((run.folder / RESULT).read_text())
    assert (told["settled"], told["still_fell_by"]) == (True, 0.0)
    seldom = train(LINE, agent={**agent, "examinations": 1}, folder=tmp_path, name="seldom", progress=False)
    assert seldom.result is not None
    assert (seldom.result["settled"], seldom.result["still_fell_by"]) == (False, None)


class Learnt(Result):
    """A result whose run says whether it had settled."""

    settled = False


def unsettled(result: Result) -> Result:
    return Learnt(**{name: getattr(result, name) for name in Result.__dataclass_fields__})


def test_no_order_is_claimed_where_one_that_lost_was_still_learning() -> None:
    sites = costing(TRACES, name="net-0", seed=0, reward="team")
    centre = costing(TRACES + 1, "central_ideal", "net-0", seed=0, reward="team")
    said = Comparison((sites, unsettled(centre)))
    assert "no ranking of 2 autonomy levels is claimed: central_ideal with net-0 had not settled" in said.headline
    assert "the least of 2 autonomy levels as they are" in said.headline
    assert any("central_ideal / net-0: it had not settled" in warning for warning in said.warnings)
    assert "is autonomous_silo: with" in Comparison((sites, centre)).headline
    assert "is autonomous_silo: with" in Comparison((unsettled(sites), replace(centre))).headline
