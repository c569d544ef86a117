"""The `orderup` command: what it names, what it refuses, and that its messages tell the next command as it was called."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import orderup
from orderup.commands.dispatch import COMMANDS, main
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.invocation import CHECKOUT, command_line

ROOT = Path(__file__).resolve().parent.parent


def called(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    where = {**os.environ, "PYTHONPATH": str(ROOT)}
    line = [sys.executable, *words]
    return subprocess.run(line, cwd=folder, env=where, capture_output=True, text=True, encoding="utf-8", check=False)


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"]], ids=["nothing", "--help", "-h"])
def test_help_names_every_command_and_what_there_is_to_begin_with(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 0
    shown = capsys.readouterr().out
    assert all(f"  orderup {command} " in shown for command in COMMANDS)
    assert all(name in shown for name in [*orderup.list_scenarios(), *orderup.list_autonomy()])


def test_the_version_is_that_of_the_package(tmp_path: Path) -> None:
    done = called(tmp_path, "-m", "orderup", "--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"orderup {orderup.__version__}\n", "")


def test_a_command_that_there_is_not_exits_with_2_and_tells_those_there_are(tmp_path: Path) -> None:
    done = called(tmp_path, "-m", "orderup", "evalute", "scenario=owmr")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"error: command: found 'evalute'; accepted: one of {', '.join(sorted(COMMANDS))} (did you mean 'evaluate'?)\n"
    )


def test_keys_without_a_command_are_refused_likewise() -> None:
    with pytest.raises(InputError, match="command: found 'scenario=owmr'; accepted: one of advise, answer, backtest, decide"):
        main(["scenario=owmr"])


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_tells_its_keys_by_the_name_it_was_called_by(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    shown = capsys.readouterr().out
    assert f"\n  orderup {command} " in shown
    assert "python " not in shown


def test_the_code_of_a_command_is_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="episods"):
        main(["evaluate", "scenario=newsvendor", "episods=5"])
    monkeypatch.setattr("orderup.commands.evaluate.main", lambda arguments: len(arguments))
    assert main(["evaluate", "a=1", "b=2"]) == 2


@pytest.mark.parametrize(
    ("script", "told"),
    [
        (ROOT / "train.py", "python evaluate.py 'runs=[a]'"),
        (ROOT / "evaluate.py", "python evaluate.py 'runs=[a]'"),
        (Path("/usr/bin/orderup"), "orderup evaluate 'runs=[a]'"),
        (Path("/lib/orderup/__main__.py"), "python -m orderup evaluate 'runs=[a]'"),
        (Path("/lib/orderup/envs/describe/__main__.py"), "orderup evaluate 'runs=[a]'"),
        (Path("/my/project/train.py"), "orderup evaluate 'runs=[a]'"),
        (Path(), "orderup evaluate 'runs=[a]'"),
    ],
)
def test_the_next_command_is_told_as_this_one_was_called(script: Path, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", [str(script)])
    assert command_line("evaluate", "runs=[a]") == told


def test_a_command_without_a_script_is_told_as_orderups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", [str(ROOT / "train.py")])
    assert command_line("describe", "scenario=owmr") == "orderup describe scenario=owmr"
    assert CHECKOUT == ROOT
