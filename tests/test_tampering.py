"""Whatever has become of a file of a run, a study or a report: it is refused by its name, made anew, or as good as it was."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from orderup.agents.base import agents
from orderup.agents.learning.learner import Task
from orderup.agents.runs.run import load_run
from orderup.agents.training.journal import RunJournal
from orderup.agents.training.train import resume, train
from orderup.envs.foundation.errors import InputError
from orderup.evaluation import compare, evaluate, write_report
from orderup.evaluation.running.result import Result
from orderup.evaluation.studies.execution.carrying_out import carry_out
from orderup.evaluation.studies.execution.job import Job, attempted
from orderup.evaluation.studies.schedule import Schedule

from .agents.learners import LINE, Drift
from .evaluation.studying import AtOnce, made

KEYS: dict[str, Any] = {"agent": "drift", "progress": False, "steps": 60, "examinations": 3, "keep_every": 40}


def flipped(path: Path, at: float) -> None:
    data = bytearray(path.read_bytes())
    data[int(at * (len(data) - 1))] ^= 4
    path.write_bytes(data)


def in_its_place(path: Path, make: Callable[[Path], Any]) -> None:
    """Move the file to beside its folder, and put something else where it was."""
    path.rename(path.parents[1] / "moved")
    make(path)


FLIPS = (0.13, 0.71, 0.98)
"""Where in a file."""
DAMAGES: dict[str, Callable[[Path], Any]] = {
    "deleted": Path.unlink,
    "empty": lambda path: os.truncate(path, 0),
    "truncated": lambda path: os.truncate(path, path.stat().st_size // 2),
    **{f"a bit flipped at {at}": partial(flipped, at=at) for at in FLIPS},
    "a list": lambda path: path.write_text("[]"),
    "a number": lambda path: path.write_text("3"),
    "a mapping": lambda path: path.write_text("{}"),
    "bytes": lambda path: path.write_bytes(b"\xff\xfe\0\x80" * 9),
    "a folder": lambda path: in_its_place(path, lambda path: (path / "below").mkdir(parents=True)),
    "a link to itself": lambda path: in_its_place(path, lambda path: path.symlink_to(path.name)),
    "a link to nowhere": lambda path: in_its_place(path, lambda path: path.symlink_to(path.parents[1] / "nowhere")),
    "a link to what it was": lambda path: in_its_place(path, lambda path: path.symlink_to(path.parents[1] / "moved")),
    "a pipe": lambda path: in_its_place(path, os.mkfifo),
}
RUN = (
    "config.yaml",
    "provenance.json",
    "result.json",
    "best.json",
    "last.json",
    "at-40.json",
    "metrics.csv",
    "metrics.csv.sha256",
)
NUMBERS = ("policy-*.safetensors", "state-*.safetensors", "events.out.tfevents.*")
damaged = pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
of_a_run = pytest.mark.parametrize("name", [*RUN, *NUMBERS])


@pytest.fixture(autouse=True, scope="module")
def _drift() -> Iterator[None]:
    """The learner comes with the project, and what it costs is worked out at once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(agents._classes, "drift", Drift)
        patch.setattr(Task, "costs", lambda task, who, episodes=64, first=0: np.linspace(9.0, 10.0, episodes)[None])
        yield


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(LINE, name="one", folder=tmp_path_factory.mktemp("runs"), **KEYS).folder


@pytest.fixture(scope="module")
def cut(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that was asked to stop."""
    real = RunJournal.update

    def asks(told: RunJournal, periods: int, metrics: Any) -> bool:
        if periods == 40:
            told.ask()
        return real(told, periods, metrics)

    folder = tmp_path_factory.mktemp("runs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RunJournal, "update", asks)
        with pytest.raises(KeyboardInterrupt):
            train(LINE, name="one", folder=folder, **KEYS)
    return folder / "one"


def copied(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "one"))


def refused_or_done(work: Callable[[], Any], folder: Path) -> Any:
    """What comes of it; None where it was refused by a file or a folder of these."""
    try:
        return work()
    except InputError as error:
        told = str(error)
    assert str(folder) in told
    return None


def numbers(run: Any) -> Any:
    return {party: member.tensors for party, member in run.agent.learnt.parties.items()}


def same_numbers(one: Any, other: Any) -> bool:
    return all(np.array_equal(one[party][name], other[party][name]) for party in other for name in other[party])


@damaged
@of_a_run
def test_a_run_is_loaded_as_it_was_or_not_at_all(whole: Path, tmp_path: Path, name: str, damage: Callable[[Path], Any]) -> None:
    folder = copied(whole, tmp_path)
    damage(next(folder.glob(name)))
    run = refused_or_done(lambda: load_run(folder), folder)
    if run is not None:
        before = load_run(whole)
        assert (run.scenario, run.autonomy, run.seed, run.settings) == (before.scenario, before.autonomy, 0, before.settings)
        assert run.result == before.result or not (folder / "result.json").exists()
        assert same_numbers(numbers(run), numbers(before))


@damaged
@of_a_run
def test_a_run_is_gone_on_with_as_if_it_had_never_stopped_or_not_at_all(
    whole: Path, cut: Path, tmp_path: Path, name: str, damage: Callable[[Path], Any]
) -> None:
    folder = copied(cut, tmp_path)
    damage(next(folder.glob(name), folder / name)) if name != "result.json" else (folder / name).write_text("{}")
    run = refused_or_done(lambda: resume(folder, progress=False), folder)
    if run is not None:
        assert same_numbers(numbers(run), numbers(load_run(whole)))
        assert run.result is not None
    if (tmp_path / "moved").is_file():
        assert (tmp_path / "moved").read_bytes() == next(path for path in cut.glob(name)).read_bytes()


def test_a_lock_that_is_a_link_empties_nothing(cut: Path, tmp_path: Path) -> None:
    folder = copied(cut, tmp_path)
    (tmp_path / "precious").write_text("mine")
    (folder / ".lock").symlink_to(tmp_path / "precious")
    with pytest.raises(InputError, match=r"\.lock"):
        resume(folder, progress=False)
    assert (tmp_path / "precious").read_text() == "mine"


@pytest.mark.parametrize("name", ["config.yaml", "last.json", "best.json", "metrics.csv", "policy-*.safetensors"])
def test_what_may_not_be_read_is_said(cut: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    folder, real = copied(cut, tmp_path), os.open
    forbidden = next(folder.glob(name))

    def opened(path: Any, flags: int, *arguments: Any) -> int:
        if Path(path) == forbidden:
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, flags, *arguments)

    monkeypatch.setattr(os, "open", opened)
    for work in (load_run, lambda folder: resume(folder, progress=False)):
        if name != "last.json" or work is not load_run:  # which has no need of it
            with pytest.raises(InputError, match="Permission denied") as told:
                work(folder)
            assert str(forbidden) in str(told.value)


def test_a_folder_that_may_not_be_looked_into_is_said(cut: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, real = copied(cut, tmp_path), os.lstat

    def looked(path: Any, *arguments: Any, **keys: Any) -> Any:
        if Path(path).parent == folder:
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *arguments, **keys)

    monkeypatch.setattr(os, "lstat", looked)
    monkeypatch.setattr(Path, "lstat", looked)
    for work in (load_run, lambda folder: resume(folder, progress=False)):
        with pytest.raises(InputError, match="Permission denied"):
            work(folder)


def test_a_run_whose_folder_is_removed_while_it_is_trained_promises_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = RunJournal.update

    def removes(told: RunJournal, periods: int, metrics: Any) -> bool:
        if periods == 40:
            shutil.rmtree(tmp_path / "one")
        return real(told, periods, metrics)

    monkeypatch.setattr(RunJournal, "update", removes)
    with pytest.raises(InputError, match=r"one/.*: found 'No such file or directory'") as told:
        train(LINE, name="one", folder=tmp_path, **KEYS)
    assert "resume" not in str(told.value)
    assert not (tmp_path / "one").exists()


def study(folder: Path) -> Schedule:
    return made(folder, agents=["hold", {"type": "drift", **{key: KEYS[key] for key in ("steps", "examinations")}}], seeds=[0])


@pytest.fixture(scope="module")
def studied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    ready = study(folder)
    assert not carry_out("training", ready.trainings, AtOnce(), folder)
    assert not carry_out("evaluating", ready.evaluations, AtOnce(), folder)
    return folder


@damaged
@pytest.mark.parametrize("who", [0, -1], ids=["a rule", "a run"])
def test_what_a_study_has_evaluated_is_read_as_it_was_or_evaluated_anew(
    studied: Path, tmp_path: Path, damage: Callable[[Path], Any], who: int
) -> None:
    shutil.copytree(studied, tmp_path / "copy")
    job = study(tmp_path / "copy").evaluations[who]
    before = job.found
    assert isinstance(before, Result)
    damage(job.path)
    found = job.found
    if found is None:
        outcome = attempted(job)
        assert not outcome.trace
        assert outcome.error is None or str(job.path) in outcome.error
        found = job.found
    if isinstance(found, Result):
        pd.testing.assert_frame_equal(found.sums, before.sums)
        assert (found.terms, found.echelon, found.replay) == (before.terms, before.echelon, before.replay)


def test_every_bit_of_an_evaluated_result_counts(studied: Path, tmp_path: Path) -> None:
    shutil.copytree(studied, tmp_path / "copy")
    job = study(tmp_path / "copy").evaluations[0]
    before, data = job.found, job.path.read_bytes()
    assert isinstance(before, Result)
    for at in np.random.default_rng(0).integers(0, len(data), 60):
        job.path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        found = job.found
        assert found is None or (found.sums.equals(before.sums) and found.replay == before.replay)  # type: ignore[union-attr]
        assert (found is None) == (job.fault is not None)


def test_a_result_from_before_digests_is_evaluated_anew_and_it_is_said_why(studied: Path, tmp_path: Path) -> None:
    from safetensors.numpy import save

    shutil.copytree(studied, tmp_path / "copy")
    job = study(tmp_path / "copy").evaluations[0]
    job.path.write_bytes(save({"sums/cost": np.ones(7)}, {"about": '{"format": 1, "key": "", "seconds": 1.0}'}))
    assert (job.finished, job.fault) == (False, "it is of an older version, which kept no digest")


@damaged
@of_a_run
def test_a_study_with_a_damaged_run_says_so_and_does_the_rest(
    studied: Path, tmp_path: Path, name: str, damage: Callable[[Path], Any]
) -> None:
    shutil.copytree(studied, tmp_path / "copy")
    ready = study(tmp_path / "copy")
    path = next(ready.trainings[0].folder.glob(name), None)
    if path is None:
        pytest.skip("this run keeps none")
    damage(path)
    jobs: list[Job] = [*ready.trainings, *ready.evaluations]
    for job in jobs:
        if not job.finished:
            outcome = attempted(job)
            assert not outcome.trace
            assert outcome.error is None or str(ready.trainings[0].folder) in outcome.error


@pytest.fixture(scope="module")
def found() -> Any:
    """A comparison of nothing much."""
    return compare(LINE, [("autonomous_silo", "hold")], episodes=2)


@damaged
@pytest.mark.parametrize("name", ["results.csv", "results.json", "summary.json", "summary.md", "results.parquet"])
def test_a_damaged_report_is_written_anew_or_left_alone(
    found: Any, tmp_path: Path, name: str, damage: Callable[[Path], Any]
) -> None:
    folder = write_report(found, folder=tmp_path, command="evaluate.py a=1", page=False)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    damage(folder / name)
    again = refused_or_done(lambda: write_report(found, folder=tmp_path, command="evaluate.py a=1", page=False), tmp_path)
    if again is not None:
        assert {path.name: path.read_bytes() for path in again.iterdir()} == before


def test_a_policy_of_a_run_is_evaluated_from_its_folder(whole: Path) -> None:
    assert evaluate(LINE, agents=load_run(whole).agent, episodes=2).cost == pytest.approx(
        evaluate(LINE, agents={"type": "trained", "run": str(whole)}, episodes=2).cost
    )
