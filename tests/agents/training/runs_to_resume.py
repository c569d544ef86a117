"""Short runs, whole, begun, dead or interrupted, and what each has left."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from orderup.agents.runs import run as runs
from orderup.agents.training import train as training
from orderup.agents.training.journal import RunJournal
from orderup.agents.training.train import resume, train

from ..learners import LINE

DRIFT = "tests.agents.learners:Drift"
KEEP = {"examinations": 8, "keep_every": 60}
PPO: dict[str, Any] = {"agent": "ppo", "copies": 4, "n_steps": 10, "minibatches": 2, "hidden": [8], "steps": 400}
PATHWISE: dict[str, Any] = {"agent": "pathwise", "copies": 8, "hidden": [8], "steps": 32_000, "keep_every": 8_000}


def drift(folder: Path, name: str = "one", **keys: Any) -> Path:
    return train(LINE, agent=DRIFT, name=name, folder=folder, progress=False, **{**KEEP, **keys}).folder


def begun(folder: Path, name: str = "cut", agent: str = DRIFT, **keys: Any) -> Path:
    """A run of which there is only what was asked for."""
    prepared = training.prepare(LINE, "autonomous_silo", agent, 0, name, folder, False, {**KEEP, **keys})
    runs.open_run(prepared.folder, prepared.config, False)
    return prepared.folder


def content(folder: Path) -> dict[str, Any]:
    """All that training has left, without the seconds."""
    rows = list(csv.DictReader((folder / "metrics.csv").open(encoding="utf-8")))
    table = [{name: text for name, text in row.items() if "seconds" not in name} for row in rows]
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix in (".safetensors", ".json", ".yaml")}
    result = json.loads(files.pop("result.json"))
    del result["seconds"], result["sha256"], files["provenance.json"], files["config.yaml"]
    return {"metrics": table, "files": files, "result": result}


def dead(folder: Path, monkeypatch: pytest.MonkeyPatch, at: int, **keys: Any) -> Path:
    """A run that died within the update after so many periods."""
    real = RunJournal._write

    def dies(told: RunJournal, *arguments: Any) -> None:
        real(told, *arguments)
        if told.periods > at:
            raise MemoryError

    run = begun(folder, **keys)
    with monkeypatch.context() as patch:
        patch.setattr(RunJournal, "_write", dies)
        with pytest.raises(MemoryError):
            resume(run, progress=False)
    return run


def interrupted(folder: Path, monkeypatch: pytest.MonkeyPatch, after: int, **keys: Any) -> Path:
    """A run that was asked to stop."""
    real = RunJournal.update

    def asks(told: RunJournal, periods: int, metrics: Any) -> bool:
        if periods > after:
            told.ask()
        return real(told, periods, metrics)

    monkeypatch.setattr(RunJournal, "update", asks)
    with pytest.raises(KeyboardInterrupt, match="interrupted after"):
        drift(folder, "asked", **keys)
    monkeypatch.undo()
    return folder / "asked"
