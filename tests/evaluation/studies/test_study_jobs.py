"""What a job is known by, and what is kept of it."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from orderup.agents.runs.checkpoint import BEST
from orderup.evaluation import Result, evaluate
from orderup.evaluation.running.recording import replay_of
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
    fresh = replace(fresh, replay=replay_of(fresh))
    assert isinstance(found, Result)
    for field in fields(Result):
        kept, wanted = getattr(found, field.name), getattr(fresh, field.name)
        if isinstance(wanted, pd.DataFrame):
            pd.testing.assert_frame_equal(kept, wanted, check_exact=True)
        else:
            assert plain(kept) == plain(wanted) if field.name == "agent" else kept == wanted, field.name


def test_what_an_outage_did_is_kept_too(tmp_path: Path) -> None:
    scenarios = [{"type": "disruption_single", "horizon": 200}]
    (job,) = made(tmp_path, scenarios=scenarios, agents=["base_stock"], levels=["autonomous_silo"]).judgings
    job.run()
    found, fresh = job.found, evaluate("disruption_single", episodes=7, horizon=200)
    assert isinstance(found, Result)
    pd.testing.assert_frame_equal(found.outages, fresh.outages, check_exact=True)
    assert found.kpis["time_to_recover"] == fresh.kpis["time_to_recover"]


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
