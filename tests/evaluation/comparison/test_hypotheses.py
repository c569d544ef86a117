"""Hypotheses: verdicts that follow from intervals, all at once, and the study that asks for them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from orderup.commands.evaluate import main as evaluate
from orderup.envs.catalogue import load_scenario
from orderup.envs.foundation.errors import InputError
from orderup.envs.scenario.card import Hypothesis
from orderup.evaluation.comparison.hypotheses import Finding, Question, findings, weighted_spread
from orderup.evaluation.comparison.method import Method, methods_of
from orderup.evaluation.statistics.statistics import cvar
from orderup.evaluation.studies import command
from orderup.evaluation.studies.hypotheses import Hypotheses, Inquiry, inquire, load_any

from ...agents.learners import LINE
from ..cases import costing
from ..studying import AtOnce

ROOT = Path(__file__).resolve().parents[3]
NOISE, OTHER = np.random.default_rng(0).normal(size=(2, 200))
JITTER = 0.1 * (OTHER - OTHER.mean())


def method(costs: Any, level: str = "autonomous_silo") -> Method:
    return methods_of([costing(costs, level)])[0]


def verdict(better: Any, worse: Any, **keys: Any) -> Finding:
    card = Hypothesis(better="autonomous_silo", worse="central_stale", **keys)
    (found,) = findings([Question("x", card, method(better), method(worse, "central_stale"))])
    return found


def test_an_ordering_is_held_refuted_or_open_as_the_paired_interval_says() -> None:
    costs = 10 + NOISE
    assert verdict(costs, costs + 0.1 + JITTER).verdict == "held"
    assert verdict(costs, costs - 0.1 + JITTER).verdict == "refuted"
    assert verdict(costs, costs + 0.01 + JITTER).verdict == "open"


def test_what_is_the_same_on_every_trace_leaves_an_ordering_open_and_an_equality_held() -> None:
    costs = 10 + NOISE
    assert verdict(costs, costs + 1e-14).verdict == "open"
    assert verdict(costs, costs, by_at_most=0.01).verdict == "held"


def test_an_expected_equality_is_held_inside_its_margin_refuted_outside_and_open_across_its_edge() -> None:
    costs = 10 + NOISE
    gaps = (-1.0, -0.476, 0.1, 0.3, 0.526, 1.0)  # the margin is 5 % of the worse one, 10 + gap
    found = {gap: verdict(costs, costs + gap + JITTER, by_at_most=0.05).verdict for gap in gaps}
    assert found == {-1.0: "refuted", -0.476: "open", 0.1: "held", 0.3: "held", 0.526: "open", 1.0: "refuted"}


def test_other_measures_than_the_mean_have_their_own_verdicts() -> None:
    calm, wild = 10 + NOISE, 10 + 3 * OTHER
    assert verdict(calm, wild).verdict == "open"
    spread, tail = verdict(calm, wild, measure="spread"), verdict(calm, wild, measure="cvar")
    assert (spread.verdict, tail.verdict) == ("held", "held")
    assert spread.values == pytest.approx((calm.std(), wild.std()))
    assert tail.values == pytest.approx((cvar(calm), cvar(wild)))
    assert spread.advantage is not None
    assert spread.advantage.estimate == pytest.approx(wild.std() - calm.std())


def test_the_spread_of_weighted_costs_is_that_of_the_sample_they_stand_for() -> None:
    costs, weights = np.array([1.0, 2.0, 4.0]), np.array([[0.5, 0.25, 0.25]])
    assert weighted_spread(costs, weights)[0] == pytest.approx(np.std([1.0, 1.0, 2.0, 4.0]))


def test_verdicts_know_of_all_other_hypotheses() -> None:
    """One at p = 0.02 is believed alone, and not among ten."""
    card = Hypothesis(better="autonomous_silo", worse="central_stale")
    gap = NOISE - NOISE.mean()
    lone = Question("x", card, method(10 + 0 * gap), method(10 + gap + 2.35 * gap.std(ddof=1) / np.sqrt(200)))
    dull = Question("y", card, method(10 + 0 * gap), method(10 + gap))
    (alone,) = findings([lone])
    assert alone.verdict == "held"
    assert alone.p_value == pytest.approx(0.02, abs=0.005)
    assert findings([lone, *[dull] * 9])[0].verdict == "open"


def test_one_who_could_not_be_judged_is_named_and_counts_for_nothing() -> None:
    card = Hypothesis(better="autonomous_silo", worse="central_stale")
    found = findings([Question("x", card, None, method(10 + NOISE), "no place for it")])
    assert [one.verdict for one in found] == ["not judged"]
    assert found[0].p_value is None


CARD: dict[str, Any] = {
    "question": "Who wins?",
    "hypotheses": [
        {"better": "autonomous_silo", "worse": "central_stale", "because": "Late | news."},
        {"better": "autonomous_silo", "worse": "autonomous_silo", "against": "dear.yaml", "measure": "cvar"},
    ],
}
STUDY: dict[str, Any] = {"kind": "hypotheses", "name": "asked", "agent": "base_stock", "episodes": 20}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with two scenarios and a study; its jobs are done in this process."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(command, "LocalProcesses", lambda workers: AtOnce())
    line = {**LINE, "horizon": 40, "warmup": 10}
    dear = {**line, "name": "dear", "sites": {name: {**site, "holding": 5} for name, site in line["sites"].items()}}
    small = {"horizon": 20, "warmup": 5}
    for name, keys in (("line", {**line, "card": CARD, "small": small}), ("dear", dear)):
        (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump(keys), encoding="utf-8")
    (tmp_path / "asked.yaml").write_text(yaml.safe_dump({**STUDY, "scenarios": ["line.yaml"]}), encoding="utf-8")
    return tmp_path


def test_the_study_prints_and_writes_every_verdict(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate(["study=asked.yaml"]) == 0
    told = capsys.readouterr().out
    assert "autonomous_silo better than central_stale" in told
    assert "2 hypotheses: 2 held" in told
    report = folder / "reports" / "asked"
    rows = json.loads((report / "hypotheses.json").read_text(encoding="utf-8"))["hypotheses"]
    assert [row["verdict"] for row in rows] == ["held", "held"]
    table = pd.read_csv(report / "hypotheses.csv")
    assert (table["low"] > 0).all()
    assert table["against"].tolist()[1] == "dear.yaml"
    assert r"Late \| news." in (report / "hypotheses.md").read_text(encoding="utf-8")


def test_what_is_judged_is_not_judged_again(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate(["study=asked.yaml"]) == 0
    first = (folder / "reports" / "asked" / "hypotheses.csv").read_bytes()
    capsys.readouterr()
    assert evaluate(["study=asked.yaml"]) == 0
    assert capsys.readouterr().err == ""
    assert (folder / "reports" / "asked" / "hypotheses.csv").read_bytes() == first


def test_only_the_levels_that_somebody_asks_about_are_judged(folder: Path) -> None:
    made = inquire(Hypotheses(**STUDY, scenarios=["line.yaml"]))
    judged = {(job.traces.scenario.name, job.contestant.autonomy.name) for job in made.judgings}
    assert judged == {("two_stages", "autonomous_silo"), ("two_stages", "central_stale"), ("dear", "autonomous_silo")}


def test_a_job_that_fails_is_named_and_the_others_are_judged(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from orderup.evaluation.studies.judging import JudgingJob

    run = JudgingJob.run

    def failing(job: JudgingJob) -> None:
        if job.traces.scenario.name == "dear":
            raise ZeroDivisionError("nobody's fault")
        run(job)

    monkeypatch.setattr(JudgingJob, "run", failing)
    assert evaluate(["study=asked.yaml"]) == 1
    said = capsys.readouterr()
    assert "2 hypotheses: 1 held, 1 not judged" in said.out
    assert "failed: dear-autonomous_silo-base_stock" in said.err
    assert "Not judged: ZeroDivisionError" in (folder / "reports" / "asked" / "hypotheses.md").read_text(encoding="utf-8")


def test_small_versions_are_taken_where_there_are_any(folder: Path) -> None:
    made = inquire(Hypotheses(**STUDY, scenarios=["line.yaml"], small=True))
    assert {part.traces.scenario.name: part.traces.horizon for part in made.parts} == {"two_stages_small": 20, "dear": 40}


def test_by_default_all_that_expect_something_are_asked() -> None:
    made = asked("hypotheses")
    names = {entry.better.name for entry in made.registered}
    assert {"owmr", "disruption_storm", "risk_diversification"} <= names
    assert "newsvendor" not in names
    assert names | set(made.without_data) >= {"orange_juice", "orange_juice_promotions"}


def test_a_learner_may_be_the_method(folder: Path) -> None:
    learner = {"type": "tests.agents.learners:Drift", "examinations": 4}
    study = {**STUDY, "agent": learner, "seeds": [0, 1], "learner": {"steps": 20}}
    made = inquire(Hypotheses(**study, scenarios=["line.yaml"]))
    assert len(made.trainings) == 2 * 3


def asked(given: Any) -> Inquiry:
    study = load_any(given)
    assert isinstance(study, Hypotheses)
    return inquire(study)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"scenarios": ["owmrr"]}, r"study.scenarios\[0\]: found 'owmrr'; .*did you mean 'owmr'"),
        ({"scenarios": []}, "study.scenarios"),
        ({"scenarios": ["owmr", "owmr"]}, "study.scenarios: found 'owmr 2 times'"),
        ({"scenarios": ["newsvendor"]}, "study.scenarios: found .'newsvendor'.; accepted: some with hypotheses on their cards"),
        ({"agent": "base_stok"}, "study.agent: found 'base_stok'.*did you mean 'base_stock'"),
        ({"levels": ["federated"]}, "study: found 'levels'"),
        ({"episodes": 0}, "study.episodes: found 0"),
    ],
)
def test_what_cannot_be_asked_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        asked({**STUDY, "scenarios": ["owmr"], **changes})


@pytest.mark.parametrize(
    ("hypothesis", "said"),
    [
        (
            {"better": "autonomous_sillo"},
            r"study.scenarios\[0\].card.hypotheses\[0\].better: found 'autonomous_sillo'.*autonomous_silo",
        ),
        ({"against": "owmrr"}, r"study.scenarios\[0\].card.hypotheses\[0\].against: found 'owmrr'.*did you mean 'owmr'"),
    ],
)
def test_a_card_that_names_what_is_not_there_is_refused(hypothesis: dict[str, Any], said: str) -> None:
    expected = {"better": "autonomous_silo", "worse": "central_stale", **hypothesis}
    scenario = {**LINE, "card": {"question": "Who?", "hypotheses": [expected]}}
    with pytest.raises(InputError, match=said):
        inquire(Hypotheses(**STUDY, scenarios=[scenario]))


def test_every_card_names_levels_and_scenarios_that_there_are() -> None:
    made = asked("hypotheses")
    assert all(load_scenario(part.traces.scenario.name) for part in made.parts)
