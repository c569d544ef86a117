"""What a study is, and the jobs that it comes to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from orderup.agents.learning.learner import Task
from orderup.envs.catalogue import list_configs
from orderup.envs.foundation.errors import InputError
from orderup.evaluation.studies import load_study
from orderup.evaluation.studies.execution.estimate import Estimate
from orderup.evaluation.studies.hypotheses import Hypotheses, inquire, load_any
from orderup.evaluation.studies.schedule import schedule

from ...agents.learners import Drift
from ..studying import DRIFT, TWELVE, made


class Picky(Drift):
    """Learns where there is no centre."""

    def check(self, task: Task) -> None:
        if task.autonomy.has_planner:
            raise InputError("autonomy", task.autonomy.name, "a level with no centre")


@pytest.mark.parametrize("name", [name for name in list_configs("studies") if name != "atlas"])
def test_every_study_that_comes_with_the_project_can_be_carried_out(name: str) -> None:
    study = load_any(name)
    assert study.name == name
    ready = inquire(study) if isinstance(study, Hypotheses) else schedule(study)
    assert ready.evaluations
    assert not any(part.refused for part in ready.parts)
    names = [job.name for job in ready.trainings] + [job.name for job in ready.evaluations]
    assert len(set(names)) == len(names)


def test_a_study_is_every_agent_at_every_level_and_each_learner_once_for_every_seed(tmp_path: Path) -> None:
    ready = made(tmp_path)
    who = [(job.contestant.autonomy.name, job.contestant.name) for job in ready.evaluations]
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
    names = [f"{job.contestant.autonomy.name} {job.contestant.name}" for job in ready.evaluations]
    assert names[0] == "central_stale[feed_latency=0] simple"
    assert names[3] == "central_stale[feed_latency=2] base_stock"
    assert len(names) == 6


def test_learners_take_the_studys_keys(tmp_path: Path) -> None:
    ready = made(tmp_path, learner={"steps": 120, "stride": 0.5})
    assert {job.periods for job in ready.trainings} == {120}
    assert {job.config.agent["stride"] for job in ready.trainings} == {0.5}


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
        ({"levels": [{"type": "hybrid_soe", "band": []}]}, r"study.levels\[0\].band: found \[\]; accepted: at least one value"),
        ({"levels": ["federated", []]}, r"study.levels\[1\]: found \[\]; accepted: at least one autonomy level"),
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
    with pytest.raises(
        InputError, match=r"study.agents\[1\]: found 'Picky'; accepted: a learner that some autonomy level .*no centre"
    ):
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
        with pytest.raises(InputError, match="accepted: one of .*ladder, latency_map, quick"):
            load_study(outside)
