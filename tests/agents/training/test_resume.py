"""Runs that died, were interrupted or met a full disk go on as if they had never stopped."""

from __future__ import annotations

import csv
import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from orderup.agents import make_agent
from orderup.agents.runs import checkpoint
from orderup.agents.runs.lock import only_one
from orderup.agents.runs.metrics import Metrics
from orderup.agents.runs.run import load_run
from orderup.agents.training import final_evaluation as final_evaluation
from orderup.agents.training import journal
from orderup.agents.training import train as training
from orderup.agents.training.train import resume
from orderup.envs.foundation.errors import InputError

from .runs_to_resume import PATHWISE, PPO, begun, content, dead, drift, interrupted


def test_a_run_keeps_its_last_and_best_checkpoints_and_one_every_so_often(whole: Path) -> None:
    assert checkpoint.available(whole) == ["best", "last", "60", "120", "180"]
    assert checkpoint.load(whole, "last").periods == 200
    kept = checkpoint.load(whole, 120)
    assert (kept.periods, kept.state is None) == (120, False)


@pytest.mark.parametrize("at", [0, 60, 150])
def test_a_run_that_dies_within_an_update_goes_on_bit_for_bit(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    folder = dead(tmp_path, monkeypatch, at)
    resume(folder, progress=False)
    assert content(folder) == content(whole)


@pytest.mark.parametrize("at", [170])
def test_ppo_that_dies_within_an_update_goes_on_bit_for_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    whole = resume(begun(tmp_path, "whole", **PPO), progress=False).folder
    folder = dead(tmp_path, monkeypatch, at, **PPO)
    assert 0 < checkpoint.load(folder, "last").periods < 400
    resume(folder, progress=False)
    assert content(folder) == content(whole)


def test_sites_that_learn_for_themselves_go_on_bit_for_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their own costs, the patience that hangs on them and what they gain by leaving are as if nothing had happened."""
    keys = {**PATHWISE, "reward": "own", "steps": 4_000, "keep_every": 1_000, "deviation_steps": 1_000, "patience": 7}
    whole = resume(begun(tmp_path, "whole", **keys), progress=False).folder
    folder = dead(tmp_path, monkeypatch, 2_200, **keys)
    assert 0 < checkpoint.load(folder, "last").periods < 4_000
    resume(folder, progress=False)
    assert content(folder) == content(whole)


def test_curves_are_whole_after_a_resumption(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    folder = interrupted(tmp_path, monkeypatch, after=90)
    resume(folder, progress=False)
    curves = EventAccumulator(str(folder))
    curves.Reload()
    rows = list(csv.DictReader((folder / "metrics.csv").open(encoding="utf-8")))
    found = [(event.step, event.value) for event in curves.Scalars("training/length")]
    assert found == [(int(row["periods"]), np.float32(row["length"])) for row in rows if row["length"]]
    assert len(json.loads((folder / "provenance.json").read_text(encoding="utf-8"))["resumed"]) == 1


def test_a_run_that_is_asked_to_stop_saves_where_it_is_and_says_how_to_go_on(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = interrupted(tmp_path, monkeypatch, after=90)
    assert checkpoint.load(folder, "last").periods == 100
    resume(folder, progress=False)
    assert content(folder) == content(whole)


def test_a_full_disk_is_said_and_the_last_checkpoint_stays_usable(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = os.fsync, [0]

    def full(file: int) -> None:
        calls[0] += 1
        if calls[0] > 40:
            raise OSError(28, "No space left on device")
        real(file)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match=r"(?s)No space left on device.*go on with: orderup train resume=.*one"):
        drift(tmp_path)
    monkeypatch.undo()
    assert 0 < checkpoint.load(tmp_path / "one", "last").periods < 200
    load_run(tmp_path / "one")
    resume(tmp_path / "one", progress=False)
    assert content(tmp_path / "one") == content(whole)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full")
def test_metrics_that_find_no_room_are_an_error_of_their_file(tmp_path: Path) -> None:
    metrics = Metrics(tmp_path)
    metrics._table.close()
    metrics._table = Path("/dev/full").open("w", encoding="utf-8")  # noqa: SIM115 # the journal closes it
    with pytest.raises(InputError, match=r"metrics.csv: found 'No space left on device'"):
        metrics.write({"periods": 1, "cost": 2.0})
    metrics.close()


def test_a_run_that_was_killed_before_its_first_checkpoint_starts_over(whole: Path, tmp_path: Path) -> None:
    folder = begun(tmp_path)
    (folder / ".last.json.0123abcd").write_text("{")
    (folder / "metrics.csv").write_text("periods,sec")
    resume(folder, progress=False)
    assert content(folder) == content(whole)
    assert not list(folder.glob(".*"))


def test_a_folder_that_was_made_and_nothing_else_is_free(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / ".config.yaml.0123abcd").write_text("scen")
    drift(tmp_path, steps=20)


def test_minutes_of_training_are_not_lost_between_far_examinations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert checkpoint.load(dead(tmp_path, monkeypatch, 90, name="far", examinations=1), "last").periods == 0
    with monkeypatch.context() as patch:
        patch.setattr(journal, "LONGEST", 0.0)
        folder = dead(tmp_path, monkeypatch, 90, examinations=1)
    assert checkpoint.load(folder, "last").periods == 90
    resume(folder, progress=False)
    assert content(folder) == content(drift(tmp_path, "whole", examinations=1))


def test_a_finished_run_is_left_as_it_is(whole: Path) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in whole.iterdir()}
    assert training.resumption(whole).finished
    assert resume(whole, progress=False).result == load_run(whole).result
    assert {path.name: path.stat().st_mtime_ns for path in whole.iterdir()} == before


def test_only_one_process_trains_a_run(tmp_path: Path) -> None:
    folder = begun(tmp_path)
    with only_one(folder), pytest.raises(InputError, match="no other process is training"):
        resume(folder, progress=False)
    resume(folder, progress=False)


def test_patience_ends_a_training_and_a_resumed_one_knows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys: dict[str, Any] = {"patience": 2, "examinations": 20, "stride": 0.5, "keep_every": None}
    first = drift(tmp_path, **keys)
    result = load_run(first).result
    assert result is not None
    assert result["stopped_by"] == "patience"
    assert result["periods"] < 200
    rows = list(csv.DictReader((first / "metrics.csv").open(encoding="utf-8")))
    costs = [float(row["cost"]) for row in rows]
    assert min(costs) == costs[-3]
    assert int(rows[-1]["periods"]) == result["periods"]
    monkeypatch.setattr(training, "final_evaluation", lambda *_: sys.exit("killed"))
    with pytest.raises(SystemExit):
        drift(tmp_path, "two", **keys)
    monkeypatch.undo()
    resume(tmp_path / "two", progress=False)
    assert content(tmp_path / "two") == content(first)


def test_the_result_is_a_paired_difference_on_episodes_of_its_own(whole: Path) -> None:
    run = load_run(whole)
    result = run.result
    assert result is not None
    task = training.resumption(whole).task
    costs, reference = (task.costs(who, 640, 64).mean(axis=0) for who in (run.agent, make_agent("base_stock")))
    assert result["cost"]["mean"] == costs.mean()
    difference = result["difference_to_base_stock"]
    assert difference["mean"] == pytest.approx((costs - reference).mean())
    assert difference["half_width"] == pytest.approx(1.9637 * (costs - reference).std(ddof=1) / 640**0.5, rel=1e-3)
    assert set(result) >= {"base_stock", "bound", "periods", "seconds", "episodes", "periods_of_best", "stopped_by"}


def test_the_best_checkpoint_is_the_better_of_two_after_the_last_look(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(final_evaluation, "_costs", lambda task, tried: np.arange(640.0) - tried.periods)
    folder = drift(tmp_path)
    assert checkpoint.load(folder).periods == 200
    result = load_run(folder).result
    assert result is not None
    assert result["periods_of_best"] == 200
