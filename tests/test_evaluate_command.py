from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.validation import validated
from orderup.evaluation.command import Evaluate, asked_of

COMMAND = [sys.executable, str(Path(__file__).resolve().parent.parent / "evaluate.py")]


def evaluate(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False)


def test_a_comparison_is_printed_and_reported_with_its_command(tmp_path: Path) -> None:
    levels, agents = "autonomy=[central_ideal,autonomous_silo]", "agent=[echelon_base_stock,base_stock]"
    done = evaluate(tmp_path, "scenario=serial_poisson", levels, agents, "episodes=20", "name=ladder")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Reference: central_ideal / echelon_base_stock" in done.stdout
    assert "Skipped: echelon_base_stock at autonomous_silo" in done.stdout
    assert "Written: reports/ladder/index.html, reports/ladder/results.csv" in done.stdout.replace("\\", "/")
    assert "\x1b" not in done.stdout
    data = json.loads((tmp_path / "reports" / "ladder" / "summary.json").read_text(encoding="utf-8"))
    assert data["command"] == f"python evaluate.py scenario=serial_poisson '{levels}' '{agents}' episodes=20 name=ladder"
    assert len((tmp_path / "reports" / "ladder" / "results.csv").read_text(encoding="utf-8").splitlines()) == 1 + 3 * 20


def test_a_sweep_writes_a_report_for_each_job(tmp_path: Path) -> None:
    done = evaluate(tmp_path, "-m", "scenario=newsvendor", "agent=base_stock,hold", "episodes=5")
    assert done.returncode == 0
    assert sorted(path.name for path in (tmp_path / "reports").iterdir()) == ["newsvendor", "newsvendor_2"]


def test_an_agents_keys_can_be_given(tmp_path: Path) -> None:
    done = evaluate(tmp_path, "scenario=newsvendor", "agent=base_stock", "agent.levels={store_1:30}", "episodes=5")
    assert done.returncode == 0
    data = json.loads((tmp_path / "reports" / "newsvendor" / "summary.json").read_text(encoding="utf-8"))
    assert data["methods"][0]["runs"][0]["settings"] == {"type": "base_stock", "levels": {"store_1": 30}}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["scenario=newsvendor", "episods=5"], "did you mean 'episodes'"),
        (["scenario=newsvendr"], "did you mean 'newsvendor'"),
        (["scenario=serial_poisson", "agent=echelon_base_stock"], "echelon_base_stock at autonomous_silo"),
        (["scenario=newsvendor", "name=../up"], "name: found '../up'"),
    ],
)
def test_what_cannot_be_is_said_on_stderr_with_2(tmp_path: Path, arguments: list[str], said: str) -> None:
    done = evaluate(tmp_path, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


def test_help_names_every_key_and_gives_examples(tmp_path: Path) -> None:
    done = evaluate(tmp_path, "--help")
    assert done.returncode == 0
    for key in ("scenario", "autonomy", "agent", "runs", "episodes", "seed", "split", "horizon", "data", "name", "batch"):
        assert f"\n  {key} " in done.stdout
    assert "python evaluate.py scenario=" in done.stdout


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send")
def test_an_interrupt_leaves_no_report(tmp_path: Path) -> None:
    (tmp_path / "marker.py").write_text(MARKER)
    folder = tmp_path / "folder"
    folder.mkdir()
    long = [*COMMAND, "scenario=newsvendor", "agent='marker:Marker'", "episodes=1_000_000"]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    process = subprocess.Popen(long, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not (tmp_path / "started").exists() and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "Traceback" not in said
    assert not list(folder.iterdir())


MARKER = """
from pathlib import Path
from orderup.agents.levels.base_stock import BaseStock

class Marker(BaseStock):
    def reset(self, context):
        super().reset(context)
        Path(__file__).with_name("started").touch()
"""


@pytest.mark.parametrize(
    ("keys", "key"),
    [
        ({"workers": 2}, "workers"),
        ({"workers": 2, "bound": "clark_scarf"}, "workers"),
        ({"allow": ["mine"]}, "allow"),
        ({"agent": "all", "page": True}, "page"),
    ],
)
def test_a_key_that_changes_nothing_is_refused(keys: dict[str, Any], key: str) -> None:
    with pytest.raises(InputError) as caught:
        asked_of(validated(Evaluate, {"scenario": "serial_poisson", **keys}))
    assert caught.value.key == key


def test_the_same_keys_are_taken_where_they_change_something() -> None:
    assert asked_of(validated(Evaluate, {"scenario": "newsvendor", "workers": 2, "bound": "hindsight"})).keys.workers == 2
    assert not asked_of(validated(Evaluate, {"scenario": "newsvendor", "agent": "all", "page": False})).keys.page
