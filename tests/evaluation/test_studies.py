"""What a study is, its jobs, and what is kept of them."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from orderup.agents.base_stock import BaseStock
from orderup.agents.checkpoint import BEST
from orderup.agents.learner import Task
from orderup.agents.training import carry_out, plan
from orderup.envs.catalogue import list_configs
from orderup.envs.errors import InputError
from orderup.envs.information import Information
from orderup.envs.policy import Decision
from orderup.evaluation import Result, compare, evaluate
from orderup.evaluation.report import as_csv
from orderup.evaluation.result import Skipped
from orderup.evaluation.studies import load_study
from orderup.evaluation.studies.carrying_out import carry_out as carry_out_jobs
from orderup.evaluation.studies.estimate import Estimate
from orderup.evaluation.studies.identity import digest, plain
from orderup.evaluation.studies.reports import comparison_of, useless
from orderup.evaluation.studies.schedule import schedule

from ..agents.learners import LINE, Drift
from .studying import DRIFT, TWELVE, AtOnce, done, made


class Broken(BaseStock):
    """Has a bug."""

    def act(self, information: Information) -> Decision:
        raise ZeroDivisionError("nobody's fault")


class Picky(Drift):
    """Learns where there is no centre."""

    def check(self, task: Task) -> None:
        if task.autonomy.has_planner:
            raise InputError("autonomy", task.autonomy.name, "a level with no centre")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the small study was carried out."""
    folder = tmp_path_factory.mktemp("study")
    assert not done(made(folder), folder)[0]
    return folder


@pytest.mark.parametrize("name", list_configs("studies"))
def test_every_study_that_comes_with_the_project_can_be_carried_out(name: str) -> None:
    study = load_study(name)
    assert study.name == name
    ready = schedule(study)
    assert ready.judgings
    assert not any(part.refused for part in ready.parts)
    names = [job.name for job in ready.trainings] + [job.name for job in ready.judgings]
    assert len(set(names)) == len(names)


def test_a_study_is_every_agent_at_every_level_and_each_learner_once_for_every_seed(tmp_path: Path) -> None:
    ready = made(tmp_path)
    who = [(job.contestant.autonomy.name, job.contestant.name) for job in ready.judgings]
    names = ["base_stock", "hold", "Drift-0", "Drift-1"]
    assert who == [(level, name) for level in ("central_ideal", "autonomous_silo") for name in names]
    assert [(job.config.autonomy.name, job.config.seed) for job in ready.trainings] == [
        ("central_ideal", 0),
        ("central_ideal", 1),
        ("autonomous_silo", 0),
        ("autonomous_silo", 1),
    ]
    assert not list(tmp_path.iterdir())


def test_levels_may_be_swept_and_agents_named(tmp_path: Path) -> None:
    levels = [{"type": "central_stale", "feed_latency": [0, 2]}, "autonomous_silo"]
    agents = [{"type": "base_stock", "name": "simple"}, {"type": "base_stock", "levels": {"store_1": 40, "warehouse_1": 60}}]
    ready = made(tmp_path, levels=levels, agents=agents)
    names = [f"{job.contestant.autonomy.name} {job.contestant.name}" for job in ready.judgings]
    assert names[0] == "central_stale[feed_latency=0] simple"
    assert names[3] == "central_stale[feed_latency=2] base_stock"
    assert len(names) == 6


def test_learners_take_the_studys_keys(tmp_path: Path) -> None:
    ready = made(tmp_path, learner={"steps": 120, "stride": 0.5})
    assert {job.periods for job in ready.trainings} == {120}
    assert {job.config.agent["stride"] for job in ready.trainings} == {0.5}


def test_a_job_is_another_when_anything_it_is_asked_is_another(tmp_path: Path) -> None:
    changes: list[dict[str, Any]] = [
        {},
        {"episodes": 8},
        {"trace_seed": 10_001},
        {"split": "train"},
        {"horizon": 19},
        {"scenarios": [{**LINE, "sites": {**LINE["sites"], "store_1": {"holding": 1.5}}}]},
        {"levels": [{"type": "central_ideal", "feed_latency": 1}]},
    ]
    keys = [made(tmp_path, **change).judgings[0].key for change in changes]
    assert len(set(keys)) == len(keys)
    assert made(tmp_path / "elsewhere", name="renamed").judgings[0].key == keys[0]
    assert made(tmp_path, scenarios=[{**LINE, "description": "The same in other words."}]).judgings[0].key == keys[0]
    trainings: list[dict[str, Any]] = [
        {},
        {"seeds": [2]},
        {"learner": {"stride": 0.5}},
        {"levels": ["federated"]},
        *changes[5:6],
    ]
    keys = [made(tmp_path, **change).trainings[0].key for change in trainings]
    assert len(set(keys)) == len(keys)
    assert made(tmp_path, episodes=9).trainings[0].key == keys[0]


def test_a_hash_does_not_hang_on_the_order_of_keys_and_knows_who_sits_in_a_team(tmp_path: Path) -> None:
    assert digest({"a": 1, "b": [2]}) == digest({"b": [2], "a": 1})
    teams = [{"type": "team", "sites": {"type": sites}} for sites in ("hold", "random")]
    one, other = (made(tmp_path, agents=[team], levels=["autonomous_silo"]).judgings[0] for team in teams)
    assert plain(one.contestant.agent)["sites"] == {"type": "hold"}
    assert one.key != other.key


def test_recorded_demand_counts_by_its_contents(recorded_twin: Path, tmp_path: Path) -> None:
    keys = {"scenarios": ["orange_juice"], "agents": ["base_stock"], "levels": ["autonomous_silo"]}
    (before,) = made(tmp_path, **keys).judgings
    copy = tmp_path / recorded_twin.name
    copy.write_bytes(recorded_twin.read_bytes() + b"\0")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ORDERUP_DATA", str(copy))
        from orderup.evaluation.studies.identity import data_digest

        assert data_digest(before.traces.scenario) != before.data


def test_what_is_kept_of_a_judgement_is_all_of_it(tmp_path: Path) -> None:
    ready = made(tmp_path, agents=["base_stock"])
    job = ready.judgings[1]
    job.run()
    found, fresh = job.found, evaluate(LINE, "autonomous_silo", "base_stock", episodes=7)
    assert isinstance(found, Result)
    for field in fields(Result):
        kept, wanted = getattr(found, field.name), getattr(fresh, field.name)
        if isinstance(wanted, pd.DataFrame):
            pd.testing.assert_frame_equal(kept, wanted, check_exact=True)
        else:
            assert plain(kept) == plain(wanted) if field.name == "agent" else kept == wanted, field.name


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


def test_what_is_finished_is_not_done_again(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (whole / "reports" / "twelve" / "results.csv").read_bytes()
    monkeypatch.setattr(AtOnce, "carry_out", lambda *_: pytest.fail("done again"))
    assert done(made(whole), whole) == ({}, before)


def test_a_run_that_was_trained_anew_is_judged_anew(tmp_path: Path) -> None:
    ready = made(tmp_path, agents=[DRIFT], levels=["autonomous_silo"], seeds=[0], learner={"steps": 20})
    done(ready, tmp_path)
    (job,) = ready.judgings
    assert job.finished
    best = ready.trainings[0].folder / f"{BEST}.json"
    best.write_text(best.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert not job.finished


@pytest.mark.parametrize("damage", [b"", b"\0" * 100, None])
def test_a_damaged_result_is_found_again(tmp_path: Path, damage: bytes | None) -> None:
    (job,) = made(tmp_path, agents=["base_stock"], levels=["autonomous_silo"]).judgings
    job.run()
    job.path.write_bytes(job.path.read_bytes()[:-9] if damage is None else damage)
    assert job.found is None
    job.run()
    assert job.finished


def test_one_who_cannot_act_is_skipped_and_not_asked_again(tmp_path: Path) -> None:
    ready = made(tmp_path, agents=["base_stock", "echelon_base_stock"])
    failures, _ = done(ready, tmp_path)
    job = ready.judgings[3]
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
    mine = plan(LINE, "federated", DRIFT, 3, "mine", tmp_path / "other", False, {"steps": 20})
    carry_out(mine, progress=False)
    ready = made(tmp_path, agents=["base_stock"], runs=[str(mine.folder)])
    failures, _ = done(ready, tmp_path)
    assert not failures
    last = ready.judgings[-1].found
    assert isinstance(last, Result)
    assert (last.autonomy.name, last.name, last.training and last.training.seed) == ("federated", "mine", 3)
    with pytest.raises(InputError, match=r"study.runs\[0\]: found '.*mine, trained on two_stages'; accepted: a run on newsv"):
        made(tmp_path, scenarios=["newsvendor"], agents=["base_stock"], runs=[str(mine.folder)])


def test_several_scenarios_have_a_comparison_each(tmp_path: Path) -> None:
    ready = made(tmp_path, scenarios=[LINE, "newsvendor"], agents=["base_stock"], levels=["autonomous_silo"])
    carry_out_jobs("", ready.judgings, AtOnce(), tmp_path)
    found = [comparison_of(part, {}) for part in ready.parts]
    assert [comparison and comparison.traces.scenario.name for comparison in found] == ["two_stages", "newsvendor"]


def test_time_is_expected_from_jobs_of_the_same_kind(tmp_path: Path) -> None:
    first, *_, last = made(tmp_path).trainings
    estimate = Estimate()
    assert estimate.of(first) > 0
    estimate.learn(first, 8.0)
    estimate.learn(last, 4.0)
    np.testing.assert_allclose(estimate.of(first), 6.0)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"level": ["x"]}, "study: found 'level'; accepted: one of .*did you mean 'levels'"),
        ({"levels": []}, "study.levels"),
        ({"levels": ["central_idea"]}, r"study.levels\[0\]: found 'central_idea'.*did you mean 'central_ideal'"),
        ({"levels": [{"type": "hybrid_soe", "band": []}]}, "study.levels: found .*at least one level"),
        ({"levels": [{"type": "hybrid_soe", "bandd": 1}]}, r"study.levels\[0\].*did you mean 'band'"),
        ({"levels": ["federated", {"type": "federated"}]}, "study.levels: found 'federated 2 times'"),
        ({"scenarios": []}, "study.scenarios"),
        ({"scenarios": ["owmrr"]}, r"study.scenarios\[0\]: found 'owmrr'.*did you mean 'owmr'"),
        ({"agents": []}, "study.agents: found 'nobody'; accepted: at least one agent, or runs"),
        ({"agents": ["base_stok"]}, r"study.agents\[0\]: found 'base_stok'.*did you mean 'base_stock'"),
        ({"agents": ["nowhere.policies:Mine"]}, r"study.agents\[0\]: found 'nowhere.policies:Mine'; accepted: an importable"),
        ({"agents": ["hold", {"type": "ppo", "hiden": 3}]}, r"study.agents\[1\].*did you mean 'hidden'"),
        ({"agents": ["hold", "hold"]}, "study.agents: found 'hold 2 times'; accepted: every name once"),
        ({"agents": ["hold", 3]}, r"study.agents\[1\]: found 3"),
        ({"agents": ["hold"], "learner": {"steps": 3}}, "study.learner: found .*none of the agents is a learner"),
        ({"seeds": []}, "study.seeds"),
        ({"seeds": [0, 10_000]}, r"study.seeds\[1\]: found 10000; accepted: 0 to 9999"),
        ({"seeds": [0, 0]}, "study.seeds: found '0 2 times'"),
        ({"seeds": [True]}, r"study.seeds\[0\]"),
        ({"name": "../up"}, "study.name: found '../up'"),
        ({"name": "a/b"}, "study.name: found 'a/b'"),
        ({"episodes": 0}, "study.episodes: found 0"),
        ({"horizon": 0}, "study.horizon: found 0"),
        ({"runs": ["nowhere"]}, r"study.runs\[0\]: found 'nowhere'; accepted: the folder of a run"),
    ],
)
def test_what_cannot_be_is_refused_with_its_key(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    given = {**TWELVE, "agents": ["base_stock", "hold", DRIFT], **changes}
    with pytest.raises(InputError, match=said):
        schedule(load_study(given))


def test_a_learner_that_no_level_can_use_is_refused_and_where_only_some_can_it_is_left_out(tmp_path: Path) -> None:
    picky = f"{__name__}:{Picky.__name__}"
    with pytest.raises(InputError, match=r"study.agents\[1\]: found 'Picky'; accepted: a learner that some level .*no centre"):
        made(tmp_path, agents=["base_stock", picky], levels=["central_ideal"])
    (part,) = made(tmp_path, agents=["base_stock", picky]).parts
    assert [(entry.autonomy, entry.name) for entry in part.refused] == [("central_ideal", "Picky")]


def test_a_study_may_be_in_a_file_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(TWELVE), encoding="utf-8")
    assert load_study(str(path)) == load_study(TWELVE)
    assert load_study({"type": str(path), "episodes": 3}).episodes == 3
    with pytest.raises(InputError, match=r"nowhere.yaml: found 'No such file"):
        load_study("nowhere.yaml")
    for outside in ("../quick", "studies/quick"):
        with pytest.raises(InputError, match="accepted: one of ladder, latency_map, quick"):
            load_study(outside)
