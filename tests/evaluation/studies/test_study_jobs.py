"""What a job is known by, and what is kept of it."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import safetensors.numpy

from orderup.agents import make_agent
from orderup.agents.runs.checkpoint import BEST
from orderup.agents.training.train import learner_of
from orderup.agents.universal import universal, universal_keys
from orderup.envs.foundation.sealed_files import sealed, unsealed
from orderup.evaluation import Result, evaluate
from orderup.evaluation.running.recording import replay_of
from orderup.evaluation.studies import sealed_tensors
from orderup.evaluation.studies.identity import digest, plain

from ...agents.learners import LINE
from ..studying import DRIFT, done, made


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
    keys = [made(tmp_path, **change).evaluations[0].key for change in changes]
    assert len(set(keys)) == len(keys)
    assert made(tmp_path / "elsewhere", name="renamed").evaluations[0].key == keys[0]
    assert made(tmp_path, scenarios=[{**LINE, "description": "The same in other words."}]).evaluations[0].key == keys[0]
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
    one, other = (made(tmp_path, agents=[team], levels=["autonomous_silo"]).evaluations[0] for team in teams)
    assert plain(one.contestant.agent)["sites"] == {"type": "hold"}
    assert one.key != other.key


def test_other_weights_that_come_with_the_project_make_another_job(monkeypatch: pytest.MonkeyPatch) -> None:
    team = make_agent({"type": "team", "sites": "universal", "planner": "base_stock"})
    learner = learner_of({"type": "universal_pathwise"}, {})
    before = [digest(plain(each, weights=True)) for each in (team, learner)]
    for module in (universal, universal_keys):
        monkeypatch.setattr(module, "shipped_digest", lambda: "others")
    assert all(digest(plain(each, weights=True)) != key for each, key in zip((team, learner), before, strict=True))
    assert "weights" not in plain(learner)  # keys are what can be asked for


def test_recorded_demand_counts_by_its_contents(recorded_twin: Path, tmp_path: Path) -> None:
    keys = {"scenarios": ["orange_juice"], "agents": ["base_stock"], "levels": ["autonomous_silo"]}
    (before,) = made(tmp_path, **keys).evaluations
    copy = tmp_path / recorded_twin.name
    copy.write_bytes(recorded_twin.read_bytes() + b"\0")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ORDERUP_DATA", str(copy))
        from orderup.evaluation.studies.identity import data_digest

        assert data_digest(before.traces.scenario) != before.data


def test_what_is_kept_of_an_evaluation_is_all_of_it(tmp_path: Path) -> None:
    ready = made(tmp_path, agents=["base_stock"])
    job = ready.evaluations[1]
    job.run()
    found, fresh = job.found, evaluate(LINE, "autonomous_silo", "base_stock", episodes=7)
    fresh = replace(fresh, replay=replay_of(fresh))
    assert isinstance(found, Result)
    for field in fields(Result):
        kept, wanted = getattr(found, field.name), getattr(fresh, field.name)
        if isinstance(wanted, pd.DataFrame):
            pd.testing.assert_frame_equal(kept, wanted, check_exact=True)
        else:
            assert plain(kept) == plain(wanted) if field.name == "agent" else kept == wanted, field.name


def test_a_result_that_calls_its_replay_and_echelons_as_files_of_before_did_is_read(tmp_path: Path) -> None:
    (job,) = made(tmp_path, agents=["base_stock"], levels=["autonomous_silo"]).evaluations
    job.run()
    before, data = job.found, job.path.read_bytes()
    assert isinstance(before, Result)
    tensors = safetensors.numpy.load(data)
    tensors["film"] = tensors.pop("replay")
    header = json.loads(json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])["__metadata__"]["about"])
    about = {**unsealed(header, "header"), "numbers": sealed_tensors.digest_of(tensors)}
    about["levels"] = about.pop("echelon")
    job.path.write_bytes(safetensors.numpy.save(tensors, {"about": json.dumps(sealed(about))}))
    found = job.found
    assert isinstance(found, Result)
    assert found.replay == before.replay is not None
    assert found.echelon == before.echelon != {}


def test_what_an_outage_did_is_kept_too(tmp_path: Path) -> None:
    scenarios = [{"type": "disruption_single", "horizon": 200}]
    (job,) = made(tmp_path, scenarios=scenarios, agents=["base_stock"], levels=["autonomous_silo"]).evaluations
    job.run()
    found, fresh = job.found, evaluate("disruption_single", episodes=7, horizon=200)
    assert isinstance(found, Result)
    pd.testing.assert_frame_equal(found.outages, fresh.outages, check_exact=True)
    assert found.kpis["time_to_recover"] == fresh.kpis["time_to_recover"]


def test_a_run_that_was_trained_anew_is_evaluated_anew(tmp_path: Path) -> None:
    ready = made(tmp_path, agents=[DRIFT], levels=["autonomous_silo"], seeds=[0], learner={"steps": 20})
    done(ready, tmp_path)
    (job,) = ready.evaluations
    assert job.finished
    best = ready.trainings[0].folder / f"{BEST}.json"
    best.write_text(best.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert not job.finished


@pytest.mark.parametrize("damage", [b"", b"\0" * 100, None])
def test_a_damaged_result_is_found_again(tmp_path: Path, damage: bytes | None) -> None:
    (job,) = made(tmp_path, agents=["base_stock"], levels=["autonomous_silo"]).evaluations
    job.run()
    job.path.write_bytes(job.path.read_bytes()[:-9] if damage is None else damage)
    assert job.found is None
    job.run()
    assert job.finished
