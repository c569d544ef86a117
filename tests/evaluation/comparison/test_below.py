"""Nobody is below a bound; where somebody is, the report says so as an error, and the command ends with 1."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from orderup.commands.evaluate import main
from orderup.envs.foundation.validation import validated
from orderup.evaluation import Bound, Comparison
from orderup.evaluation.command import Evaluate, compared
from orderup.evaluation.tables.markdown import as_markdown
from orderup.evaluation.tables.summary import summary
from orderup.evaluation.tables.text_table import notes

from ..cases import costing

TRACES = 20 + np.random.default_rng(0).normal(0, 3, 200)


def errors(costs: Any, bound: Any, on_every_trace: bool = True) -> tuple[str, ...]:
    return Comparison((costing(costs),), bounds=(Bound("theory", bound, on_every_trace),)).errors


def test_one_trace_below_a_bound_on_every_trace_is_an_error() -> None:
    bound = TRACES - 1.0
    assert errors(TRACES, bound) == ()
    bound[7] = TRACES[7] + 0.5
    (error,) = errors(TRACES, bound)
    assert (
        error == "autonomous_silo / rule costs less than theory on 1 of 200 traces, by up to 0.5000 per period: it is no bound"
    )


def test_rounding_is_no_error() -> None:
    assert errors(TRACES, TRACES * (1 + 1e-9)) == ()
    assert errors(TRACES, TRACES * (1 + 1e-9), on_every_trace=False) == ()


def test_a_mean_below_a_long_run_bound_is_an_error_where_chance_does_not_explain_it() -> None:
    deviation = TRACES.std(ddof=1) / np.sqrt(200)
    for distance, expected in ((0.0, 0), (1.0, 0), (3.0, 1)):
        assert len(errors(TRACES, np.full(200, TRACES.mean() + distance * deviation), on_every_trace=False)) == expected


def test_equal_methods_are_called_below_an_optimum_in_few_tables_however_many_they_are() -> None:
    rng = np.random.default_rng(1)
    called = 0
    for _ in range(200):
        base = rng.normal(20, 3, 30)
        results = tuple(costing(base + rng.normal(0, 0.1, 30), name=f"rule_{number}") for number in range(8))
        called += bool(Comparison(results, bounds=(Bound("theory", base, False),)).errors)
    assert called <= 13  # half of 5 % of 200, and three standard deviations more


def test_the_report_says_it_everywhere() -> None:
    found = Comparison((costing(TRACES),), bounds=(Bound("theory", TRACES + 1.0, False),))
    (error,) = found.errors
    assert f"Error: {error}" in notes(found)
    assert "Error: autonomous" in as_markdown(found)
    assert summary(found)["errors"] == [error]


def test_the_regret_of_chance_has_its_interval_and_a_bound_of_nothing_its_money() -> None:
    found = Comparison((costing(TRACES),), bounds=(Bound("theory", np.full(200, TRACES.mean() + 0.1), False),))
    assert any("Regret against theory (" in note and "rule -0.5 ± 2." in note for note in notes(found))
    free = Comparison((costing(TRACES),), bounds=(Bound("theory", np.zeros(200), True, relaxed=("fixed costs",)),))
    (regret,) = [note for note in notes(free) if note.startswith("Regret")]
    assert regret.startswith("Regret against theory (0.000; relaxed: fixed costs): autonomous_silo / rule +")
    assert regret.endswith("per period.")


def test_an_optimum_that_was_evaluated_is_a_bound_too() -> None:
    asked = {"scenario": "serial_poisson", "agent": ["optimal", "base_stock"], "autonomy": ["central_ideal", "autonomous_silo"]}
    assert compared(validated(Evaluate, asked | {"episodes": 20})).errors == ()


def test_the_command_ends_with_one_where_a_report_holds_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    asked = ["scenario=newsvendor", "episodes=5", "bound=clark_scarf", "page=false"]
    assert main([*asked, "name=right"]) == 0
    monkeypatch.setattr("orderup.evaluation.command.with_bound", lambda found, *_: Comparison(found.results, (), (HIGH,)))
    assert main([*asked, "name=wrong"]) == 1
    assert "Error: autonomous_silo / base_stock costs less than too_high on 5 of 5 traces" in capsys.readouterr().out


HIGH = Bound("too_high", np.full(5, 1e6), on_every_trace=True)
