"""The search for better keys."""

from __future__ import annotations

import builtins
import csv
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from orderup.agents.base import agents
from orderup.agents.learning.learner import Learner
from orderup.agents.training import tuning
from orderup.agents.training.train import PreparedTraining, learner_of, prepare, train
from orderup.agents.training.tuning import Range, space_of, tune
from orderup.envs.catalogue import config_folder
from orderup.envs.foundation.errors import InputError, UnknownName

from ..learners import LINE, Drift

optuna = pytest.importorskip("optuna")

SPACE = {"pause": [0.0, 0.001], "stride": {"low": 0.001, "high": 1.0}}


@pytest.fixture(autouse=True)
def _drift(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "drift.yaml").write_text(yaml.safe_dump(SPACE))
    monkeypatch.setitem(agents._classes, "drift", Drift)
    monkeypatch.setattr(tuning, "config_folder", lambda kind: tmp_path if kind == "tuning" else config_folder(kind))


def search(folder: Path, **keys: Any) -> PreparedTraining:
    return prepare(LINE, "autonomous_silo", {"type": "drift", **keys}, 0, "found", folder, False, {}, search=True)


def test_a_search_writes_every_trial_and_the_best_keys(tmp_path: Path) -> None:
    found = tune(search(tmp_path), trials=8, steps=100)
    rows = list(csv.DictReader((found.folder / "tuning.csv").open(encoding="utf-8")))
    assert len(rows) == 8
    whole = [float(row["cost"]) for row in rows if row["ended"] == "whole"]
    assert found.cost == min(whole)
    best = yaml.safe_load((found.folder / "best.yaml").read_text())
    assert best == {"agent": {"type": "drift", **found.keys}, "cost": found.cost}
    assert found.arguments == [f"agent.pause={found.keys['pause']}", f"agent.stride={found.keys['stride']}"]
    assert "given up" in {row["ended"] for row in rows}
    assert all(row["costs"].count(",") < 4 for row in rows if row["ended"] == "given up")


def test_a_search_that_was_interrupted_goes_on_with_the_same_trials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, real, calls = tune(search(tmp_path / "a"), 7, 50), tuning._made, [0]

    def struck(*arguments: Any) -> Any:
        calls[0] += 1
        if calls[0] == 5:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(tuning, "_made", struck)
    with pytest.raises(KeyboardInterrupt, match="interrupted after 4 of 7 trials; the same command goes on"):
        tune(search(tmp_path / "b"), 7, 50)
    resumed = tune(search(tmp_path / "b"), 7, 50)
    assert calls[0] == 8
    assert resumed.keys == whole.keys
    tables = [list(csv.DictReader((folder / "tuning.csv").open())) for folder in (whole.folder, resumed.folder)]
    for row in [*tables[0], *tables[1]]:
        del row["seconds"]
    assert tables[0] == tables[1]


def test_a_folder_of_another_search_is_refused(tmp_path: Path) -> None:
    tune(search(tmp_path), 1, 20)
    with pytest.raises(InputError, match="the search in .*found was for something else"):
        tune(search(tmp_path), 1, 30)
    with pytest.raises(InputError, match="was for something else"):
        tune(search(tmp_path, patience=3), 1, 20)


def test_a_search_never_goes_to_the_folder_of_a_run(tmp_path: Path) -> None:
    run = train(LINE, agent="drift", name="found", folder=tmp_path, progress=False, steps=20)
    before = sorted(run.folder.iterdir())
    for overwrite in (False, True):
        with pytest.raises(InputError, match="a name that is not taken"):
            tune(replace(search(tmp_path), overwrite=overwrite), 1, 20)
    assert sorted(run.folder.iterdir()) == before


def test_keys_that_cannot_be_are_a_trial_that_failed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "drift.yaml").write_text(yaml.safe_dump({"device": ["cuda"]}))
    with pytest.raises(InputError, match="2 trials that failed"):
        tune(search(tmp_path), 2, 20)
    assert "trial 1 failed: agent.device: found 'cuda'" in capsys.readouterr().err


def test_a_space_with_an_unknown_key_is_refused_by_its_file(tmp_path: Path) -> None:
    (tmp_path / "drift.yaml").write_text("strid: [1]")
    with pytest.raises(UnknownName, match=r"drift.yaml: found 'strid'.*did you mean 'stride'"):
        tune(search(tmp_path), 2, 20)
    (tmp_path / "drift.yaml").write_text("stride: {low: 0, high: 1}")
    with pytest.raises(InputError, match=r"drift.yaml.*low"):
        tune(search(tmp_path), 2, 20)


def test_a_learner_without_a_space_is_told_which_have_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "drift.yaml").rename(tmp_path / "other.yaml")
    with pytest.raises(
        InputError, match=r"tune: found 'agent drift'; accepted: an agent with a file in configs/tuning/: other"
    ):
        tune(search(tmp_path), 2)


def test_without_optuna_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def absent(name: str, *arguments: Any) -> Any:
        if name == "optuna":
            raise ImportError(name)
        return real(name, *arguments)

    monkeypatch.delitem(sys.modules, "optuna", raising=False)
    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(InputError, match=r"the extra `tune`: pip install 'orderup\[tune\]'"):
        tune(search(tmp_path), 2)
    assert not (tmp_path / "found").exists()


def test_every_space_that_comes_with_the_project_is_of_a_learner_and_gives_reasons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "config_folder", config_folder)
    for path in config_folder("tuning").glob("*.yaml"):
        learner = learner_of(path.stem, {})
        assert isinstance(learner, Learner)
        for key, values in space_of(learner).items():
            ends = [values.low, values.high] if isinstance(values, Range) else values
            for end in ends:
                learner_of(path.stem, {key: end})
            default = learner.model_dump()[key]  # or left to the size of the network
            assert default is None or default in ends or (isinstance(values, Range) and values.low < values.high)
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
        assert all("# " in line for line in lines), "a reason for each"
