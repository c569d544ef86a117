"""Runs that are killed, or told to stop, at any moment go on as if they had never stopped."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from multiprocessing import get_context, set_forkserver_preload
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from orderup.agents.runs import checkpoint
from orderup.agents.training.journal import RunJournal
from orderup.agents.training.train import resume

from .runs_to_resume import DRIFT, PATHWISE, PPO, begun, content, drift

Way = Literal["fork", "forkserver", "spawn"]
"""How a process begins: as a copy of this one, as a copy of one that has only imported what it needs, or from nothing."""
TWENTY: list[Way] = ["spawn", *["forkserver"] * 9] * 2  # type: ignore[list-item]
set_forkserver_preload(
    [
        "orderup.agents.training.train",
        "orderup.agents.gradients.objective",
        "orderup.agents.pathwise.training_setup",
        "orderup.agents.ppo.stable_baselines",
        "orderup.agents.ppo.training_setup",
        "scipy.signal",
        "scipy.stats",
        "torch._dynamo",
    ]
)
needs_signals = pytest.mark.skipif(os.name != "posix", reason="another system's signals")


def updates(folder: Path) -> int:
    """Lines of the table so far."""
    path = folder / "metrics.csv"
    return path.read_bytes().count(b"\n") if path.exists() else 0


def touched(folder: Path) -> int:
    """When a process last took up the table [ns]."""
    path = folder / "metrics.csv"
    return path.stat().st_mtime_ns if path.exists() else 0


def killed(folder: Path, after: int, seconds: float, way: Way) -> bool:
    """Go on with a run in a process of its own, killed so long after so many updates; whether it was not yet finished."""
    before = touched(folder)
    context: Any = get_context(way)
    process = context.Process(target=resume, args=(folder,), kwargs={"progress": False, "allow": ["tests"]})
    process.start()
    aim = None
    while aim is None or updates(folder) < aim:
        if process.exitcode is not None:  # there was nothing left to go on with
            assert process.exitcode == 0
            return False
        if aim is None and touched(folder) != before:
            aim = updates(folder) + after
        time.sleep(0.001)
    time.sleep(seconds)
    process.kill()
    process.join()
    return not (folder / "result.json").is_file()


def killed_and_resumed(folder: Path, ways: Sequence[Way], most: int, longest: float) -> list[int]:
    """How far the last checkpoint was at every kill, at random moments of random updates, that struck before the end."""
    generator = np.random.default_rng(1)
    return [
        checkpoint.load(folder, "last").periods if (folder / "last.json").exists() else 0
        for way in ways
        if killed(folder, int(generator.integers(most)), generator.uniform(0.0, longest), way)
    ]


@needs_signals
def test_a_run_killed_at_random_moments_and_resumed_is_one_that_never_stopped(whole: Path, tmp_path: Path) -> None:
    folder = begun(tmp_path, pause=0.02)
    assert len(killed_and_resumed(folder, ["fork"] * 3, most=8, longest=0.02)) >= 2
    resume(folder, progress=False)
    assert content(folder) == content(whole)


@needs_signals
@pytest.mark.slow
@pytest.mark.parametrize(
    ("keys", "pause"),
    [
        pytest.param({"agent": DRIFT, "steps": 600}, 0.01, marks=pytest.mark.exhaustive),
        pytest.param({**PPO, "steps": 4_000, "keep_every": 1_000}, 0.0, marks=pytest.mark.exhaustive),
        ({**PATHWISE, "steps": 16_000, "keep_every": 4_000}, 0.0),
    ],
    ids=["drift", "ppo", "pathwise"],
)
def test_a_learner_killed_twenty_times_is_one_that_never_stopped(tmp_path: Path, keys: dict[str, Any], pause: float) -> None:
    often = {**keys, "examinations": 25}
    whole = resume(begun(tmp_path, "whole", **often), progress=False).folder
    folder = begun(tmp_path, **often | ({"pause": pause} if pause else {}))
    kept = killed_and_resumed(folder, TWENTY, most=10, longest=0.03)
    assert len(kept) >= 10
    assert len(set(kept)) >= 6  # it got on between the kills
    resume(folder, progress=False)
    assert content(folder) == content(whole)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_lets_an_update_end(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], number: signal.Signals
) -> None:
    real = RunJournal.update

    def struck(told: RunJournal, periods: int, metrics: Any) -> bool:
        if periods == 70:
            signal.raise_signal(number)
        return real(told, periods, metrics)

    monkeypatch.setattr(RunJournal, "update", struck)
    kept = "interrupted after 70 of 200 periods; what was learnt in 70 periods is kept"
    said = rf"{kept}; go on with: orderup train resume=.*one 'allow=\[tests\]'$"
    with pytest.raises(KeyboardInterrupt, match=said):
        drift(tmp_path)
    assert "stopping after this update" in capsys.readouterr().err
    monkeypatch.undo()
    resume(tmp_path / "one", progress=False)
    assert content(tmp_path / "one") == content(whole)
