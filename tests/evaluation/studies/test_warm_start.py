"""Studies in which levels that can do all that silo sites can start from what these learnt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

from orderup.agents.runs import checkpoint  # they need PyTorch
from orderup.agents.runs.metrics import kept_rows  # as above
from orderup.agents.runs.run import load_run  # as above
from orderup.commands.evaluate import main as evaluate  # as above
from orderup.commands.train import main as train  # as above
from orderup.evaluation.studies.schedule import Schedule, schedule  # as above
from orderup.evaluation.studies.study import load_study  # as above
from orderup.evaluation.studies.training import in_turns  # as above

LEVELS = ["central_ideal", "central_stale", "hybrid_soe", "federated", "autonomous_shared", "autonomous_silo"]
FEW = {"copies": 16, "steps": 16 * 30 * 3, "periods": 10, "hidden": [8], "examinations": 3}


def made(folder: Path, **keys: Any) -> Schedule:
    asked = {"name": "warm", "scenarios": ["owmr-small"], "levels": LEVELS, "agents": ["pathwise"], "learner": FEW}
    return schedule(load_study({**asked, "warm_start": True, **keys}), folder=folder)


def waits(made: Schedule) -> dict[str, list[int]]:
    """By level, the seeds of the silo trainings that those of the level wait for."""
    found: dict[str, list[int]] = {}
    for job in made.trainings:
        if job.silo is not None:
            assert job.silo.config.autonomy.name == "autonomous_silo"
            found.setdefault(job.config.autonomy.name, []).append(job.silo.config.seed)
    return found


def test_who_knows_more_than_silo_sites_waits_for_those_of_its_seed_and_nobody_else_does(tmp_path: Path) -> None:
    ready = made(tmp_path, seeds=[0, 1])
    assert waits(ready) == {level: [0, 1] for level in ("central_ideal", "federated", "autonomous_shared")}
    travelling = waits(made(tmp_path, scenarios=["stale_centre-small"]))
    assert travelling == {level: [0] for level in ("federated", "autonomous_shared")}  # a centre counts orders sooner
    first, then = in_turns(ready.trainings)
    assert all(job.silo in first for job in then)
    assert [job.config.autonomy.name for job in ready.trainings[::2]] == LEVELS  # the report's order is the study's


@pytest.mark.parametrize(
    "changed", [{"warm_start": False}, {"levels": LEVELS[:-1]}, {"learner": {**FEW, "residual_of": "base_stock"}}]
)
def test_nobody_waits_where_nothing_is_asked_for_or_there(changed: dict[str, Any], tmp_path: Path) -> None:
    assert waits(made(tmp_path, **changed)) == {}


def test_a_warm_start_is_another_training_than_a_cold_one(tmp_path: Path) -> None:
    warm, cold = ({job.name for job in made(tmp_path, warm_start=asked).trainings} for asked in (True, False))
    assert len(warm & cold) == len(LEVELS) - len(waits(made(tmp_path)))


def test_sites_with_open_records_go_on_from_silo_sites_and_cost_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "warm.yaml").write_text(
        "name: warm\nscenarios: [owmr-small]\nlevels: [autonomous_shared, autonomous_silo]\nagents: [pathwise]\n"
        f"warm_start: true\nepisodes: 20\nlearner: {FEW}\n".replace("'", "")
    )
    assert train(["study=warm.yaml", "workers=1"]) == 0
    shared, silo = sorted((tmp_path / "runs" / "warm").glob("owmr_small-*"))
    costs: dict[Path, Any] = {run: checkpoint.load(run).cost for run in (shared, silo)}
    start = load_run(shared).settings["start"]
    if start == "base_stock":  # what silo sites learnt was no better than the closed form
        assert costs[silo] >= next(row["cost"] for row in kept_rows(shared) if row["cost"] is not None)
    else:
        assert start == {"run": str(silo.relative_to(tmp_path))}
    assert costs[shared] <= costs[silo]
    assert evaluate(["study=warm.yaml", "workers=1"]) == 0
    capfd.readouterr()
    assert train(["study=warm.yaml", "workers=1"]) == 0  # nothing is left to do
    assert "2 of 2" in capfd.readouterr().out
