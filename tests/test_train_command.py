from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from orderup.agents.runs.run import load_run
from orderup.agents.training import seeds
from orderup.agents.training.train import carry_out
from orderup.commands.train import main
from orderup.envs.foundation.errors import InputError

from .agents.learners import LINE

SCRIPT = Path(__file__).resolve().parent.parent / "train.py"
COMMAND = [sys.executable, str(SCRIPT)]
DRIFT = "tests.agents.learners:Drift"
SMALL = ["scenario=serial_poisson", "agent=ppo", "agent.copies=8", "agent.n_steps=15", "agent.hidden=[8]"]


def command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False)


def test_a_run_is_trained_and_the_command_to_evaluate_it_works(tmp_path: Path) -> None:
    done = command(tmp_path, *SMALL, "steps=240", "name=mine")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["Run: runs/mine", "Evaluate it: python evaluate.py 'runs=[runs/mine]'"]
    assert "\x1b" not in done.stderr
    last = done.stderr.splitlines()[-1]
    assert last.startswith("serial_poisson / autonomous_silo / ppo / seed 0: 240 of 240 periods, ")
    assert re.search(r"cost [\d.]+ a period, base_stock [\d.]+ \([+-][\d.]+%\), bound [\d.]+ \([+-][\d.]+%\)$", last)
    run = load_run(tmp_path / "runs" / "mine")
    assert (run.scenario.name, run.autonomy.name, run.seed) == ("serial_poisson", "autonomous_silo", 0)
    assert run.settings["hidden"] == [8]
    evaluate = [sys.executable, str(Path(COMMAND[1]).parent / "evaluate.py"), "runs=[runs/mine]", "episodes=5"]
    evaluated = subprocess.run(evaluate, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", check=False)
    assert evaluated.returncode == 0, evaluated.stderr
    assert "autonomous_silo / mine" in evaluated.stdout


def test_a_sweep_trains_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["-m", *SMALL, "steps=120", "seed=0,1"]) == 0
    names = sorted(path.name for path in (tmp_path / "runs").iterdir())
    assert names == ["serial_poisson-autonomous_silo-ppo-0", "serial_poisson-autonomous_silo-ppo-1"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["scenario=owmrr"], "did you mean 'owmr'"),
        (["autonomy=central_ideal"], "scenario: found 'nothing'"),
        (["scenario=owmr", "agent=base_stock"], "agent: found 'base_stock'; accepted: one of"),
        (["scenario=owmr", "agent.hiden=[8]"], "did you mean 'hidden'"),
        (["scenario=owmr", "seed=10000"], "those from 10000 on are evaluation's"),
        (["scenario=owmr", "steps=1,2"], "add -m"),
        (["scenario=owmr", "seed=1,1"], "seed: found [1, 1]; accepted: one seed, or several different ones"),
        (["scenario=owmr", "seed=[]"], "one seed, or several"),
        (["scenario=owmr", "seed=0,x"], "seed: found 'x'"),
        (["scenario=owmr", "workers=0", "seed=0,1"], "workers: found 0"),
        (["scenario=owmr", "workers=2"], "workers: found 2; accepted: nothing with one seed"),
        (["scenario=owmr", "workers=2", "seed=[3]"], "workers: found 2; accepted: nothing with one seed"),
        (["scenario=owmr", "seeds=1"], "did you mean 'seed'"),
        (["scenario=owmr", "tune=0"], "tune: found 0"),
        (["scenario=owmr", "tune=2", "seed=0,1"], "one seed: every trial of a search has the same"),
        (["scenario=owmr", "tune_steps=100"], "tune_steps: found 100; accepted: nothing without tune"),
        (["resume=runs/none"], "resume: found 'runs/none'; accepted: the folder of a run"),
        (["resume=runs/none", "scenario=owmr", "steps=5"], "resume: found 'scenario, steps beside it'; accepted: nothing else"),
        (["scenario=short.yaml"], "short.yaml.warmup: found 200; accepted: fewer periods than the horizon, 150"),
        (["scenario=pooling", "autonomy=central_ideal", "agent.actions=levels"], "agent.actions: found 'levels'"),
        (["-m", "scenario=owmr", "seed=0,1", "name=one"], "a run for each name, not 2"),
        (["scenario=serial_poisson", "data=nowhere.csv"], "data"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "short.yaml").write_text(yaml.safe_dump({**LINE, "horizon": 150, "warmup": 200}))
    with pytest.raises(InputError) as refused:
        main(arguments)
    assert said in str(refused.value)
    assert [path.name for path in tmp_path.iterdir()] == ["short.yaml"]


def test_what_was_refused_is_said_on_stderr_with_2(tmp_path: Path) -> None:
    done = command(tmp_path, "scenario=owmrr")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: scenario: found 'owmrr'")
    assert "Traceback" not in done.stderr


def test_help_lists_the_keys(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--help"])
    shown = capsys.readouterr().out
    assert all(f"  {key} " in shown for key in ("scenario", "autonomy", "agent", "seed", "steps", "data", "name"))
    assert re.search(r"^  agent.learning_rate +0.003 +At the start", shown, re.MULTILINE)


def test_help_lists_the_keys_of_the_agent_that_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    main(["scenario=owmr", f"agent={DRIFT}", "agent.stride=2", "--help"])
    shown = capsys.readouterr().out
    assert re.search(r"^  agent.stride +2.0", shown, re.MULTILINE)
    assert "gae_lambda" not in shown
    with pytest.raises(InputError, match="agent: found 'base_stock'"):
        main(["agent=base_stock", "--help"])


def test_seeds_of_one_run_are_trained_side_by_side_and_told_in_a_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "line.yaml").write_text(yaml.safe_dump(LINE))
    trained: list[Any] = []

    def one_by_one(trainings: list[Any], workers: int) -> list[int]:
        trained.append(workers)
        return [0 if carry_out(prepared, progress=False).result else 1 for prepared in trainings]

    monkeypatch.setattr(seeds, "train_seeds", one_by_one)
    assert main(["scenario=line.yaml", f"agent={DRIFT}", "steps=40", "seed=0,1", "workers=3", "name=two"]) == 0
    shown = capsys.readouterr().out
    assert trained == [3]
    assert "spread" in shown
    assert "Evaluate it: orderup evaluate 'runs=[runs/two-0,runs/two-1]'" in shown


def test_a_search_ends_with_a_command_line_that_trains(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("optuna")
    monkeypatch.chdir(tmp_path)
    main(["scenario=newsvendor", "agent=ppo", "agent.hidden=[8]", "tune=2", "tune_steps=100", "steps=100"])
    line, written = capsys.readouterr().out.splitlines()
    assert written.startswith("Written: runs/newsvendor-autonomous_silo-ppo-0-tuning/tuning.csv, ")
    words = shlex.split(line)
    assert words[:3] == ["orderup", "train", "scenario=newsvendor"]
    assert sum(word.startswith("agent.hidden=") for word in words) == 1
    main(words[2:])
    found = yaml.safe_load((tmp_path / "runs/newsvendor-autonomous_silo-ppo-0-tuning/best.yaml").read_text())
    settings = load_run(tmp_path / "runs/newsvendor-autonomous_silo-ppo-0").settings
    assert found["agent"].items() <= settings.items()


@pytest.mark.skipif(os.name != "posix", reason="another system's interruptions")
def test_an_interruption_saves_the_policy_and_exits_with_130(tmp_path: Path) -> None:
    arguments = [*COMMAND, *SMALL, "steps=100_000_000", "name=cut"]
    with subprocess.Popen(arguments, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        metrics, patience = tmp_path / "runs" / "cut" / "metrics.csv", time.monotonic() + 120
        while not (metrics.exists() and metrics.read_text().count("\n") > 4):
            assert time.monotonic() < patience, "no update was made"
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in said
    last = said.splitlines()[-1]
    assert last.startswith("interrupted after ")
    assert last.endswith("go on with: python train.py resume=runs/cut")
    assert load_run(tmp_path / "runs" / "cut").name == "cut"
    assert not load_run(tmp_path / "runs" / "cut").result
