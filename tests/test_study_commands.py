"""Studies by the command lines."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from orderup.commands.evaluate import main as evaluate
from orderup.commands.train import main as train
from orderup.envs.foundation.errors import InputError
from orderup.evaluation.studies import command

from .evaluation.studying import TWELVE, AtOnce

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with the file of a study; its jobs are done in this process."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(command, "LocalProcesses", lambda workers: AtOnce())
    (tmp_path / "line.yaml").write_text(yaml.safe_dump(TWELVE["scenarios"][0]))
    agents = ["base_stock", {**TWELVE["agents"][2], "steps": 20, "pause": 0.0}]
    study = {**TWELVE, "scenarios": ["line.yaml"], "levels": ["autonomous_silo"], "agents": agents, "seeds": [0]}
    (tmp_path / "twelve.yaml").write_text(yaml.safe_dump(study))
    return tmp_path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_study_is_trained_and_evaluated_and_done_is_done(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert train(["study=twelve.yaml"]) == 0
    said = capsys.readouterr()
    assert said.out.splitlines() == [
        "Trained: 1 of 1 runs, in runs/twelve",
        "Evaluate them: orderup evaluate study=twelve.yaml",
    ]
    assert "training twelve: 1 of 1: done two_stages-autonomous_silo-Drift-0-" in said.err
    assert evaluate(["study=twelve.yaml"]) == 0
    said = capsys.readouterr()
    assert "Written: reports/twelve/index.html, reports/twelve/results.csv" in said.out
    assert evaluate(["study=twelve.yaml"]) == train(["study=twelve.yaml"]) == 0
    assert capsys.readouterr().err == ""


def test_what_is_not_trained_is_left_out_told_and_no_success(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate(["study=twelve.yaml"]) == 1
    said = capsys.readouterr()
    assert "not trained; do so by: orderup train study=twelve.yaml" in said.err
    assert "Skipped: Drift-0 at autonomous_silo: not trained" in said.out


def test_a_rule_that_no_level_can_use_is_no_success(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate(["study=twelve.yaml", "study.agents=[base_stock,echelon_base_stock]"]) == 1
    wanted = "error: study.agents: found 'echelon_base_stock'; accepted: an agent that some autonomy level of the study can use"
    assert wanted in capsys.readouterr().err


def test_a_dry_run_tells_the_jobs_and_their_time_and_does_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for main, count in ((train, 1), (evaluate, 2)):
        assert main(["study=twelve.yaml", "study.dry_run=true", "workers=2"]) == 0
        told = capsys.readouterr().out
        assert "waiting" in told
        assert f"{count} jobs, 0 done; the rest takes about 0 s with" in told
    assert names(folder) == ["line.yaml", "twelve.yaml"]


def test_scenarios_and_the_studys_own_keys_can_be_changed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate(["study=twelve.yaml", "scenario=[newsvendor,line.yaml]", "study.agents=[hold]", "study.episodes=3"]) == 0
    assert names(folder / "reports" / "twelve") == ["newsvendor", "two_stages"]
    lines = (folder / "reports" / "twelve" / "newsvendor" / "results.csv").read_text().splitlines()
    assert len(lines) == 1 + 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["study=laddr"], "study: found 'laddr'; accepted: one of .*did you mean 'ladder'"),
        (["study=quick", "study.seds=[1]"], "did you mean 'seeds'"),
        (["study=quick", "episodes=3"], r"episodes: found 3; accepted: study.episodes=…"),
        (["study=quick", "worker=3"], "did you mean 'workers'"),
        (["study=quick", "workers=0"], "workers: found 0"),
        (["study=quick", "executor=rai"], "executor: found 'rai'"),
        (["study=quick", "address=auto"], "address: found 'auto'; accepted: nothing without executor=ray"),
        (["study=quick", "study.dry_run=2"], "study.dry_run: found 2; accepted: true or false"),
        (["study=quick", "scenario=owmrr"], r"study.scenarios\[0\]: found 'owmrr'"),
        (["study=quick", "study.seeds=[10000]"], r"study.seeds\[0\]: found 10000"),
        (["study=quick", "study.levels=[]"], "study.levels"),
        (["study=../quick"], "study: found '../quick'"),
        (["study=gone.yaml"], "gone.yaml: found 'No such file"),
    ],
)
@pytest.mark.parametrize("main", [train, evaluate], ids=["train", "evaluate"])
def test_what_cannot_be_is_refused_before_anything_is_written(folder: Path, main: Any, arguments: list[str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        main(arguments)
    assert names(folder) == ["line.yaml", "twelve.yaml"]


@pytest.mark.parametrize("main", [train, evaluate], ids=["train", "evaluate"])
def test_help_tells_the_keys_of_a_study(main: Any, capsys: pytest.CaptureFixture[str]) -> None:
    main(["study=quick", "--help"])
    shown = capsys.readouterr().out
    assert all(f"  {key} " in shown for key in ("study", "scenario", "executor", "workers", "address"))
    main(["--help"])
    assert "  study " in capsys.readouterr().out


@pytest.mark.slow
def test_the_quick_study_is_trained_and_evaluated_by_two_processes(tmp_path: Path) -> None:
    for script in ("train.py", "evaluate.py"):
        line = [sys.executable, str(ROOT / script), "study=quick", "workers=2"]
        ended = subprocess.run(line, cwd=tmp_path, env=dict(os.environ), capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stderr
    assert (tmp_path / "reports" / "quick" / "results.json").exists()
