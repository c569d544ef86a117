"""Hypotheses: conclusions that follow from intervals, all at once, and the study that asks for them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from orderup.commands.evaluate import main as evaluate
from orderup.envs.catalogue import list_scenarios
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.validation import validated
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


def conclusion(better: Any, worse: Any, **keys: Any) -> Finding:
    card = Hypothesis(better="autonomous_silo", worse="central_stale", **keys)
    (found,) = findings([Question("x", card, method(better), method(worse, "central_stale"))])
    return found


def test_an_ordering_is_held_refuted_or_open_as_the_paired_interval_says() -> None:
    costs = 10 + NOISE
    assert conclusion(costs, costs + 0.1 + JITTER).conclusion == "held"
    assert conclusion(costs, costs - 0.1 + JITTER).conclusion == "refuted"
    assert conclusion(costs, costs + 0.01 + JITTER).conclusion == "open"


def test_what_is_the_same_on_every_trace_leaves_an_ordering_open_and_an_equality_held() -> None:
    costs = 10 + NOISE
    assert conclusion(costs, costs + 1e-14).conclusion == "open"
    assert conclusion(costs, costs, by_at_most=0.01).conclusion == "held"


def test_where_both_make_the_same_decisions_nothing_is_judged_not_even_an_equality() -> None:
    one = method(10 + NOISE)
    for keys in ({}, {"by_at_most": 0.01}):
        card = Hypothesis.model_validate({"better": "autonomous_silo", "worse": "central_stale", **keys})
        (found,) = findings([Question("x", card, one, one)])
        assert (found.conclusion, found.same_decisions) == ("open", True)


def test_an_expected_equality_is_held_inside_its_margin_refuted_outside_and_open_across_its_edge() -> None:
    costs = 10 + NOISE
    gaps = (-1.0, -0.476, 0.1, 0.3, 0.526, 1.0)  # the margin is 5 % of the worse one, 10 + gap
    found = {gap: conclusion(costs, costs + gap + JITTER, by_at_most=0.05).conclusion for gap in gaps}
    assert found == {-1.0: "refuted", -0.476: "open", 0.1: "held", 0.3: "held", 0.526: "open", 1.0: "refuted"}


def test_other_measures_than_the_mean_have_their_own_conclusions() -> None:
    calm, wild = 10 + NOISE, 10 + 3 * OTHER
    assert conclusion(calm, wild).conclusion == "open"
    spread, tail = conclusion(calm, wild, measure="spread"), conclusion(calm, wild, measure="cvar")
    assert (spread.conclusion, tail.conclusion) == ("held", "held")
    assert spread.values == pytest.approx((calm.std(), wild.std()))
    assert tail.values == pytest.approx((cvar(calm), cvar(wild)))
    assert spread.advantage is not None
    assert spread.advantage.estimate == pytest.approx(wild.std() - calm.std())


def test_the_spread_of_weighted_costs_is_that_of_the_sample_they_stand_for() -> None:
    costs, weights = np.array([1.0, 2.0, 4.0]), np.array([[0.5, 0.25, 0.25]])
    assert weighted_spread(costs, weights)[0] == pytest.approx(np.std([1.0, 1.0, 2.0, 4.0]))


def test_conclusions_know_of_all_other_hypotheses() -> None:
    """One at p = 0.02 is believed alone, and not among ten."""
    card = Hypothesis(better="autonomous_silo", worse="central_stale")
    gap = NOISE - NOISE.mean()
    lone = Question("x", card, method(10 + 0 * gap), method(10 + gap + 2.35 * gap.std(ddof=1) / np.sqrt(200)))
    dull = Question("y", card, method(10 + 0 * gap), method(10 + gap))
    (alone,) = findings([lone])
    assert alone.conclusion == "held"
    assert alone.p_value == pytest.approx(0.02, abs=0.005)
    assert findings([lone, *[dull] * 9])[0].conclusion == "open"


def test_one_who_could_not_be_evaluated_is_named_and_counts_for_nothing() -> None:
    card = Hypothesis(better="autonomous_silo", worse="central_stale")
    found = findings([Question("x", card, None, method(10 + NOISE), "no place for it")])
    assert [one.conclusion for one in found] == ["not evaluated"]
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


def test_the_study_prints_and_writes_every_conclusion(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate(["study=asked.yaml"]) == 0
    told = capsys.readouterr().out
    assert "autonomous_silo better than central_stale" in told
    assert "2 hypotheses: 2 held" in told
    report = folder / "reports" / "asked"
    rows = json.loads((report / "hypotheses.json").read_text(encoding="utf-8"))["hypotheses"]
    assert [row["conclusion"] for row in rows] == ["held", "held"]
    table = pd.read_csv(report / "hypotheses.csv")
    assert (table["low"] > 0).all()
    assert table["against"].tolist()[1] == "dear.yaml"
    assert r"Late \| news." in (report / "hypotheses.md").read_text(encoding="utf-8")


def test_what_is_evaluated_is_not_evaluated_again(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate(["study=asked.yaml"]) == 0
    first = (folder / "reports" / "asked" / "hypotheses.csv").read_bytes()
    capsys.readouterr()
    assert evaluate(["study=asked.yaml"]) == 0
    assert capsys.readouterr().err == ""
    assert (folder / "reports" / "asked" / "hypotheses.csv").read_bytes() == first


def test_only_the_levels_that_somebody_asks_about_are_evaluated(folder: Path) -> None:
    made = inquire(Hypotheses(**STUDY, scenarios=["line.yaml"]))
    evaluated = {(job.traces.scenario.name, job.contestant.autonomy.name) for job in made.evaluations}
    assert evaluated == {("two_stages", "autonomous_silo"), ("two_stages", "central_stale"), ("dear", "autonomous_silo")}


def test_a_job_that_fails_is_named_and_the_others_are_evaluated(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from orderup.evaluation.studies.evaluation_job import EvaluationJob

    run = EvaluationJob.run

    def failing(job: EvaluationJob) -> None:
        if job.traces.scenario.name == "dear":
            raise ZeroDivisionError("nobody's fault")
        run(job)

    monkeypatch.setattr(EvaluationJob, "run", failing)
    assert evaluate(["study=asked.yaml"]) == 1
    said = capsys.readouterr()
    assert "2 hypotheses: 1 held, 1 not evaluated" in said.out
    assert "failed: dear-autonomous_silo-base_stock" in said.err
    assert "Not evaluated: ZeroDivisionError" in (folder / "reports" / "asked" / "hypotheses.md").read_text(encoding="utf-8")


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
    shipped = set(list_scenarios())
    assert {entry.scenario for entry in made.registered} <= shipped
    assert {entry.scenario for entry in made.registered if not entry.registered} <= {"reference"}


def test_a_card_may_change_keys_for_both_sides_or_the_worse_one_and_name_its_method() -> None:
    """Each side is played in the scenario with its changes, by the method that the hypothesis names."""
    keys = {"better": "autonomous_silo", "worse": "central_stale"}
    card = {
        "question": "?",
        "hypotheses": [
            {**keys, "within": {"horizon": 30}},
            {**keys, "against": {"sites": {"store_1": {"holding": 7}}}},
            {**keys, "agent": "myopic"},
        ],
    }
    made = inquire(Hypotheses(kind="hypotheses", name="x", scenarios=[{**LINE, "horizon": 40, "warmup": 10, "card": card}]))
    both, worse, other = made.registered
    assert (both.better.horizon, both.worse.horizon) == (30, 30)
    assert (worse.better.horizon, worse.worse.sites["store_1"].holding) == (40, 7)
    assert worse.better.sites["store_1"].holding != 7
    assert other.agent == "myopic"
    assert [entry.hypothesis.expected for entry in made.registered] == [
        "autonomous_silo better than central_stale with horizon=30",
        "autonomous_silo better than central_stale with sites.store_1.holding=7",
        "autonomous_silo better than central_stale with myopic",
    ]
    assert len(made.parts) == len(set(made.jobs)) == 4


def test_scenarios_that_differ_in_a_list_alone_are_played_apart_although_they_are_called_the_same() -> None:
    def dear(shortage: float) -> dict[str, Any]:
        return {"customers": [{**entry, "shortage": shortage} for entry in LINE["customers"]]}

    keys = {"better": "autonomous_silo", "worse": "autonomous_silo"}
    card = {"question": "?", "hypotheses": [{**keys, "against": dear(shortage)} for shortage in (70, 80)]}
    made = inquire(Hypotheses(kind="hypotheses", name="x", scenarios=[{**LINE, "horizon": 40, "warmup": 10, "card": card}]))
    one, other = (entry.worse for entry in made.registered)
    assert one.name == other.name
    assert len(made.parts) == len(set(made.jobs)) == 3


@pytest.mark.parametrize("key", ["within", "against"])
def test_changes_of_nothing_and_of_keys_that_there_are_not_are_refused_by_key(key: str) -> None:
    with pytest.raises(InputError, match=f"{key}: found {{}}"):
        validated(Hypothesis, {"better": "autonomous_silo", "worse": "central_stale", key: {}}, "card")
    asks = {"better": "autonomous_silo", "worse": "central_stale", key: {"horison": 30}}
    card = {"question": "?", "hypotheses": [asks]}
    with pytest.raises(InputError, match=rf"hypotheses\[0\]\.{key}.*horison"):
        inquire(Hypotheses(kind="hypotheses", name="x", scenarios=[{**LINE, "horizon": 40, "warmup": 10, "card": card}]))
