"""Runs that were killed, interrupted or met a full disk go on as if they had never stopped."""

from __future__ import annotations

import csv
import json
import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from multiprocessing import get_context, set_forkserver_preload
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from orderup.agents import make_agent
from orderup.agents.learning.learner import TrainingState
from orderup.agents.runs import checkpoint
from orderup.agents.runs import run as runs
from orderup.agents.runs.lock import only_one
from orderup.agents.runs.metrics import Metrics
from orderup.agents.runs.run import load_run
from orderup.agents.training import final_evaluation as final_evaluation
from orderup.agents.training import journal
from orderup.agents.training import train as training
from orderup.agents.training.journal import RunJournal
from orderup.agents.training.train import resume, train
from orderup.envs.foundation.errors import InputError

from ..learners import LINE

DRIFT = "tests.agents.learners:Drift"
KEEP = {"examinations": 8, "keep_every": 60}
PPO: dict[str, Any] = {"agent": "ppo", "copies": 4, "n_steps": 10, "minibatches": 2, "hidden": [8], "steps": 400}
PATHWISE: dict[str, Any] = {"agent": "pathwise", "copies": 8, "hidden": [8], "steps": 32_000, "keep_every": 8_000}
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


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return drift(tmp_path_factory.mktemp("runs"))


def test_a_run_keeps_its_last_and_best_checkpoints_and_one_every_so_often(whole: Path) -> None:
    assert checkpoint.available(whole) == ["best", "last", "60", "120", "180"]
    assert checkpoint.load(whole, "last").periods == 200
    kept = checkpoint.load(whole, 120)
    assert (kept.periods, kept.state is None) == (120, False)


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


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("last.json", "{}", "last.json.periods: found 'nothing'"),
        ("config.yaml", "!!python/object/apply:os.system ['true']", "plain YAML"),
        (
            "metrics.csv",
            "periods\n",
            r"metrics.csv: found '0 lines'; accepted: the \d+ lines that the last checkpoint counts on",
        ),
        ("result.json", "[", "result.json"),
        ("provenance.json", "{", "provenance.json"),
    ],
)
def test_a_damaged_run_is_not_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str, said: str
) -> None:
    folder = interrupted(tmp_path, monkeypatch, after=90)
    (folder / name).write_text(text)
    with pytest.raises(InputError, match=said):
        assert resume(folder, progress=False).result


@pytest.mark.parametrize("agent", [DRIFT, "ppo"])
def test_a_state_that_is_not_the_learners_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, agent: str) -> None:
    folder = dead(tmp_path, monkeypatch, 170, **({**PPO, "agent": agent} if agent == "ppo" else {}))
    found = checkpoint.load(folder, "last")
    assert found.state is not None
    for state in (TrainingState(), TrainingState(found.state.tensors, {}), TrainingState({}, found.state.rest)):
        checkpoint.save(folder, "last", replace(found, state=state))
        with pytest.raises(
            InputError, match=r"last.json: found .*Error.*the state of a training by this version of its learner$"
        ):
            resume(folder, progress=False)


@pytest.mark.parametrize(
    "change",
    [
        lambda tensors, rest: next(name for name in tensors if name.endswith("exp_avg")),
        lambda tensors, rest: ("updates", None),
        lambda tensors, rest: ("periods", 1.5),
    ],
    ids=["moments of another shape", "no counter", "half a period"],
)
def test_a_state_that_fails_only_in_the_first_update_is_refused_without_a_promise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Any
) -> None:
    folder = dead(tmp_path, monkeypatch, 170, **PPO)
    found = checkpoint.load(folder, "last")
    assert found.state is not None
    tensors, rest = dict(found.state.tensors), dict(found.state.rest)
    asked = change(tensors, rest)
    if isinstance(asked, str):
        tensors[asked] = np.zeros(3, np.float32)
    else:
        rest[asked[0]] = asked[1]
    checkpoint.save(folder, "last", replace(found, state=TrainingState(tensors, rest)))
    with pytest.raises(InputError, match=r"last.json: found .*Error.*the state of a training by this version of its learner$"):
        resume(folder, progress=False)


def test_a_folder_that_is_no_run_is_not_gone_on_with(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"resume: found .*nowhere'; accepted: the folder of a run"):
        resume(tmp_path / "nowhere")
    with pytest.raises(InputError, match=r"config.yaml: found"):
        resume(tmp_path)


def test_a_device_that_is_not_there_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="agent.device: found 'cuda'; accepted: cpu"):
        drift(tmp_path, device="cuda")
    assert not list(tmp_path.iterdir())


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
        ({"agent": DRIFT, "steps": 600}, 0.01),
        ({**PPO, "steps": 4_000, "keep_every": 1_000}, 0.0),
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
