from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from orderup.envs.catalogue import load_scenario
from orderup.envs.foundation.errors import InputError
from orderup.evaluation import evaluate, hindsight_bound, write_report
from orderup.evaluation.bounds.decisions import _dearer, decision_regret
from orderup.evaluation.command import Evaluate, asked_of, compared
from orderup.evaluation.tables.text_table import notes

from ..cases import TWO_SITES, Scripted
from .test_hindsight import EVENTFUL, MADE, PLAIN

ONE_STORE: dict[str, Any] = {
    "name": "one_store",
    "horizon": 4,
    "sites": {"store_1": {"holding": 1, "initial": 10}},
    "lanes": [{"from": "supplier", "to": "store_1", "lead_time": 1}],
    "customers": [{"site": "store_1", "shortage": 9, "demand": {"type": "constant", "value": 10}}],
}
"""Ten are asked for in every period, and what is ordered in one is there in the next."""


def regrets(scenario: Any, orders: list[list[float]]) -> Any:
    return decision_regret(evaluate(scenario, "autonomous_silo", Scripted(quantities=orders), episodes=1), 1)[0]


def test_the_regret_of_each_decision_is_what_it_is_by_hand() -> None:
    # 5 too many are held for a period; 10 more in place of 5 hold them for another; none where 5 are wanted leaves 5 owed at 9;
    # what is ordered last arrives when all is over
    np.testing.assert_allclose(regrets(ONE_STORE, [[15.0], [10.0], [0.0], [7.0]]), [5, 5, 45, 0], atol=1e-9)
    np.testing.assert_allclose(regrets(ONE_STORE, [[10.0], [10.0], [10.0], [0.0]]), 0, atol=1e-9)


def test_an_order_that_travels_is_the_decision_of_the_period_in_which_it_was_placed() -> None:
    """The supplier hears of it a period later, so that the first arrives in the third period, and the second in the last."""
    late = {**ONE_STORE, "lanes": [{**ONE_STORE["lanes"][0], "order_delay": 1, "initial": 10}]}
    # 10 are on the shelf after two periods, enough for the third: 10 more wait for one; 4 for the fourth leave 6 owed at 9
    np.testing.assert_allclose(regrets(late, [[10.0], [0.0], [9.0], [9.0]]), [10, 0, 0, 0], atol=1e-9)
    np.testing.assert_allclose(regrets(late, [[0.0], [4.0], [9.0], [9.0]]), [0, 54, 0, 0], atol=1e-9)


@pytest.mark.parametrize(
    "scenario",
    ["newsvendor", "lost_sales", "serial_poisson", PLAIN, EVENTFUL, MADE],
    ids=lambda given: given if isinstance(given, str) else given["name"],
)
def test_no_decision_has_a_regret_below_nothing_and_all_together_no_more_than_the_episode(scenario: Any) -> None:
    loaded = load_scenario(scenario)
    horizon = min(loaded.warmup + 25, loaded.horizon)
    result = evaluate(loaded, "autonomous_silo", "base_stock", episodes=2, horizon=horizon)
    found = decision_regret(result, 2)
    regret = result.episodes["cost"].to_numpy() - hindsight_bound(result.traces).cost
    assert found.shape == (2, horizon)
    assert (found >= 0).all()
    assert found.sum() > 0
    assert (found.sum(axis=1) <= regret * (horizon - loaded.warmup) + 1e-6).all()
    if scenario == "newsvendor":  # where a source has nothing to hold back, the one is the other
        np.testing.assert_allclose(found.sum(axis=1), regret * (horizon - loaded.warmup), rtol=1e-6)


def test_a_report_tells_the_regret_of_decisions_where_it_was_asked_for(tmp_path: Path) -> None:
    found = compared(Evaluate(scenario="newsvendor", agent=["base_stock"], episodes=3, horizon=60, decisions=2))
    [note] = [note for note in notes(found) if "single decisions" in note]
    assert "on the first 2 traces" in note
    told = found.episodes["decision_regret"].to_numpy()
    assert np.isfinite(told).tolist() == [True, True, False]
    folder = write_report(found, "decided", folder=tmp_path, page=False)
    assert '"decision_regret": [' in (folder / "summary.json").read_text(encoding="utf-8")
    assert "decision_regret" in (folder / "results.csv").read_text(encoding="utf-8").splitlines()[0]
    assert "decision_regret" not in compared(Evaluate(scenario=TWO_SITES, episodes=1)).episodes


@pytest.mark.parametrize(
    ("keys", "wanted"),
    [
        ({"scenario": "newsvendor", "decisions": 3, "episodes": 2}, "at most as many traces"),
        ({"scenario": "joint_order", "decisions": 1}, "without fixed costs, trucks, minima and lot sizes"),
        ({"scenario": "newsvendor", "agent": ["all"], "decisions": 1}, "nothing with agent=all"),
    ],
    ids=str,
)
def test_decisions_that_cannot_be_looked_at_are_refused_by_key(keys: dict[str, Any], wanted: str) -> None:
    with pytest.raises(InputError, match=f"^decisions: .*{wanted}"):
        asked_of(Evaluate(**keys))


def test_a_decision_that_would_have_been_a_gain_is_an_error_and_not_nothing() -> None:
    assert _dearer(np.array([100.0, 100.0 - 1e-9, 103.0])).tolist() == pytest.approx([0.0, 3.0], abs=1e-8)
    with pytest.raises(InputError, match=r"decisions: found 'an episode that costs 2 less"):
        _dearer(np.array([100.0, 98.0, 103.0]))
