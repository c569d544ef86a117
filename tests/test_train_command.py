from __future__ import annotations

import os
import runpy
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from orderup.agents.runs import load_run
from orderup.envs.errors import InputError

SCRIPT = Path(__file__).resolve().parent.parent / "train.py"
COMMAND = [sys.executable, str(SCRIPT)]
main = runpy.run_path(str(SCRIPT))["main"]  # nothing imports a command line, its tests neither
SMALL = ["scenario=serial_poisson", "agent.copies=8", "agent.n_steps=15", "agent.hidden=[8]"]


def command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False)


def test_a_run_is_trained_and_the_command_to_evaluate_it_works(tmp_path: Path) -> None:
    done = command(tmp_path, *SMALL, "steps=240", "name=mine")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["Run: runs/mine", "Evaluate it: python evaluate.py 'runs=[runs/mine]'"]
    assert "\x1b" not in done.stderr
    assert done.stderr.splitlines()[-1].startswith("serial_poisson / autonomous_silo / ppo: 240 of 240 periods, ")
    assert "base_stock" in done.stderr
    run = load_run(tmp_path / "runs" / "mine")
    assert (run.scenario.name, run.autonomy.name, run.seed) == ("serial_poisson", "autonomous_silo", 0)
    assert run.settings["hidden"] == [8]
    judge = [sys.executable, str(Path(COMMAND[1]).parent / "evaluate.py"), "runs=[runs/mine]", "episodes=5"]
    judged = subprocess.run(judge, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", check=False)
    assert judged.returncode == 0, judged.stderr
    assert "autonomous_silo / mine" in judged.stdout


def test_a_sweep_trains_each(tmp_path: Path) -> None:
    done = command(tmp_path, "-m", *SMALL, "steps=120", "seed=0,1")
    assert done.returncode == 0, done.stderr
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
        (["scenario=owmr", "seed=0,1"], "add -m"),
        (["-m", "scenario=owmr", "seed=0,1", "name=one"], "a run for each name, not 2"),
        (["scenario=serial_poisson", "data=nowhere.csv"], "data"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError) as refused:
        main(arguments)
    assert said in str(refused.value)
    assert not list(tmp_path.iterdir())


def test_what_was_refused_is_said_on_stderr_with_2(tmp_path: Path) -> None:
    done = command(tmp_path, "scenario=owmrr")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: scenario: found 'owmrr'")
    assert "Traceback" not in done.stderr


def test_help_lists_the_keys(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--help"])
    shown = capsys.readouterr().out
    assert all(f"  {key} " in shown for key in ("scenario", "autonomy", "agent", "seed", "steps", "data", "name"))
    assert "configs/agents/ppo.yaml" in shown


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
    assert said.splitlines()[-1].startswith("interrupted after ")
    assert load_run(tmp_path / "runs" / "cut").name == "cut"
