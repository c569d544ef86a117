"""Several seeds of the same training."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from rich.console import Console

from orderup.agents.runs import checkpoint
from orderup.agents.runs.run import load_run
from orderup.agents.training.seeds import table, train_seeds
from orderup.agents.training.train import PreparedTraining, prepare, train

from ..learners import LINE

ROOT = Path(__file__).resolve().parents[3]
DRIFT = "tests.agents.learners:Drift"


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true() and time.monotonic() < deadline:
        time.sleep(0.05)


def prepared(folder: Path, seed: int, **keys: Any) -> PreparedTraining:
    return prepare(LINE, "autonomous_silo", DRIFT, seed, None, folder, False, {"steps": 40, **keys})


def test_seeds_are_trained_side_by_side_as_each_would_be_alone_and_a_failure_stops_no_other(tmp_path: Path) -> None:
    trainings = [prepared(tmp_path, seed) for seed in (0, 1, 2)]
    trainings[1].folder.mkdir()
    (trainings[1].folder / "thesis.txt").write_text("mine")
    codes = train_seeds(trainings, workers=2, progress=False)
    assert codes == [0, 2, 0]
    alone = train(LINE, agent=DRIFT, seed=2, folder=tmp_path / "alone", progress=False, steps=40).folder
    assert checkpoint.load(alone, "last").state is not None
    assert (alone / "last.json").read_bytes() == (trainings[2].folder / "last.json").read_bytes()
    console = Console(width=200, record=True, file=(tmp_path / "shown").open("w"))
    console.print(table(trainings, codes))
    shown = console.export_text()
    costs = [load_run(trainings[number].folder).result["cost"]["mean"] for number in (0, 2)]  # type: ignore[index] # finished
    assert f"{np.mean(costs):,.4g}" in shown
    assert f"spread {np.std(costs, ddof=1):,.2g}" in shown
    assert "exit 2" in shown


@pytest.mark.skipif(os.name != "posix", reason="another system's signals")
@pytest.mark.slow
def test_when_the_parent_is_killed_every_seed_saves_its_state_and_ends(tmp_path: Path) -> None:
    (tmp_path / "line.yaml").write_text(yaml.safe_dump(LINE))
    keys = ["scenario=line.yaml", f"agent={DRIFT}", "agent.pause=0.1", "steps=10_000", "seed=0,1"]
    command, where = [sys.executable, str(ROOT / "train.py"), *keys], {**os.environ, "PYTHONPATH": str(ROOT)}
    folders = [tmp_path / "runs" / f"two_stages-autonomous_silo-Drift-{seed}" for seed in (0, 1)]
    with subprocess.Popen(command, cwd=tmp_path, env=where, stderr=subprocess.DEVNULL) as parent:
        until(lambda: all((folder / "last.json").exists() for folder in folders))
        parent.kill()
    until(lambda: not any((folder / ".lock").exists() for folder in folders))
    assert all(checkpoint.load(folder, "last").periods > 0 for folder in folders)


@pytest.mark.skipif(os.name != "posix", reason="another system's signals")
def test_an_interruption_lets_every_seed_save_its_state(tmp_path: Path) -> None:
    trainings = [prepared(tmp_path, seed, pause=0.1, steps=10_000) for seed in (0, 1)]

    def strike() -> None:
        until(lambda: all((one.folder / "last.json").exists() for one in trainings))
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=strike).start()
    with pytest.raises(KeyboardInterrupt):
        train_seeds(trainings, workers=2, progress=False)
    for one in trainings:
        assert not (one.folder / ".lock").exists()
        assert checkpoint.load(one.folder, "last").periods > 0
        assert not (one.folder / "result.json").exists()
