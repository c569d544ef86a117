"""From what was evaluated to a study's report, and who is missing in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from orderup.agents.levels.base_stock import BaseStock
from orderup.agents.training.train import carry_out, prepare
from orderup.envs.foundation.errors import InputError
from orderup.envs.information.information import Information
from orderup.envs.information.policy import Decision
from orderup.evaluation import Result, compare
from orderup.evaluation.page.replay_data import replay
from orderup.evaluation.running.recording import replay_of
from orderup.evaluation.running.result import Skipped
from orderup.evaluation.studies.execution.carrying_out import carry_out as carry_out_jobs
from orderup.evaluation.studies.reports import comparison_of, useless
from orderup.evaluation.tables.csv_text import as_csv

from ...agents.learners import LINE
from ..studying import DRIFT, TWELVE, AtOnce, done, made


class Broken(BaseStock):
    """Has a bug."""

    def act(self, information: Information) -> Decision:
        raise ZeroDivisionError("nobody's fault")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the small study was carried out."""
    folder = tmp_path_factory.mktemp("study")
    assert not done(made(folder), folder)[0]
    return folder


def test_the_report_is_that_of_one_evaluation(tmp_path: Path) -> None:
    ready = made(tmp_path, agents=["base_stock", "hold"])
    failures, table = done(ready, tmp_path)
    pairs = [(level, agent) for level in TWELVE["levels"] for agent in ("base_stock", "hold")]
    assert not failures
    assert table.decode() == as_csv(compare(LINE, pairs, episodes=7).episodes)


def test_seeds_of_a_learner_are_one_method_in_the_report(whole: Path) -> None:
    comparison = comparison_of(made(whole).parts[0], {})
    assert comparison is not None
    assert [len(method.seeds) for method in comparison.methods] == [1, 1, 2, 1, 1, 2]


def test_the_page_shows_the_replays_that_were_recorded_when_evaluating(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    comparison = comparison_of(made(whole).parts[0], {})
    assert comparison is not None
    assert [method.seeds[0].replay for method in comparison.methods] == [
        replay_of(method.seeds[0]) for method in comparison.methods
    ]
    monkeypatch.setattr("orderup.evaluation.page.replay_data.replay_of", lambda *_: pytest.fail("recorded again"))
    assert [shown["label"] for shown in replay(comparison.methods)["methods"]] == [
        method.label for method in comparison.methods
    ]


def test_a_replay_cut_short_is_one_that_was_never_longer(whole: Path) -> None:
    comparison = comparison_of(made(whole).parts[0], {})
    assert comparison is not None
    result = comparison.results[0]
    assert replay_of(result).first(5) == replay_of(result, 5)


def test_what_is_finished_is_not_done_again(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (whole / "reports" / "twelve" / "results.csv").read_bytes()
    monkeypatch.setattr(AtOnce, "carry_out", lambda *_: pytest.fail("done again"))
    assert done(made(whole), whole) == ({}, before)


def test_one_who_cannot_act_is_skipped_and_not_asked_again(tmp_path: Path) -> None:
    ready = made(tmp_path, agents=["base_stock", "echelon_base_stock"])
    failures, _ = done(ready, tmp_path)
    job = ready.evaluations[3]
    assert not failures
    assert isinstance(job.found, Skipped)
    assert job.finished
    assert not useless(ready)


def test_a_rule_that_no_level_can_use_is_told(tmp_path: Path) -> None:
    ready = made(tmp_path, agents=["base_stock", "echelon_base_stock"], levels=["autonomous_silo", "federated"])
    done(ready, tmp_path)
    assert list(useless(ready)) == ["echelon_base_stock"]


def test_what_fails_stops_no_other_and_is_in_the_report(tmp_path: Path) -> None:
    broken = f"{__name__}:{Broken.__name__}"
    ready = made(tmp_path, agents=["base_stock", broken])
    failures, table = done(ready, tmp_path)
    assert list(failures.values()) == ["ZeroDivisionError: nobody's fault"] * 2
    assert table.count(b"base_stock") == 14
    traces = [path.read_text(encoding="utf-8") for path in (tmp_path / "runs" / "twelve" / "failed").iterdir()]
    assert len(traces) == 2
    assert "in act" in traces[0]
    comparison = comparison_of(ready.parts[0], failures)
    assert comparison is not None
    assert [entry.reason for entry in comparison.skipped] == list(failures.values())


def test_runs_trained_elsewhere_take_part(tmp_path: Path) -> None:
    mine = prepare(LINE, "federated", DRIFT, 3, "mine", tmp_path / "other", False, {"steps": 20})
    carry_out(mine, progress=False)
    ready = made(tmp_path, agents=["base_stock"], runs=[str(mine.folder)])
    failures, _ = done(ready, tmp_path)
    assert not failures
    last = ready.evaluations[-1].found
    assert isinstance(last, Result)
    assert (last.autonomy.name, last.name, last.training and last.training.seed) == ("federated", "mine", 3)
    with pytest.raises(InputError, match=r"study.runs\[0\]: found '.*mine, trained on two_stages'; accepted: a run on newsv"):
        made(tmp_path, scenarios=["newsvendor"], agents=["base_stock"], runs=[str(mine.folder)])


def test_several_scenarios_have_a_comparison_each(tmp_path: Path) -> None:
    ready = made(tmp_path, scenarios=[LINE, "newsvendor"], agents=["base_stock"], levels=["autonomous_silo"])
    carry_out_jobs("", ready.evaluations, AtOnce(), tmp_path)
    found = [comparison_of(part, {}) for part in ready.parts]
    assert [comparison and comparison.traces.scenario.name for comparison in found] == ["two_stages", "newsvendor"]
