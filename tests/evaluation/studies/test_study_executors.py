"""Studies that are killed, whose workers die, and that run on a cluster come to the same bytes."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from rich.console import Console

from orderup.agents.fitting_progress import FittingLines, tell
from orderup.agents.levels.base_stock import BaseStock
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.sealed_files import read_json
from orderup.envs.information.policy import Context
from orderup.evaluation.studies.execution.cluster import RayCluster
from orderup.evaluation.studies.execution.estimate import Estimate
from orderup.evaluation.studies.execution.job import Outcome
from orderup.evaluation.studies.execution.progress import JobBoard, watching
from orderup.evaluation.studies.execution.workers import LocalProcesses
from orderup.evaluation.studies.schedule import Schedule

from ..studying import DRIFT, MORTAL, TWELVE, AtOnce, done, made

ROOT = Path(__file__).resolve().parents[3]
needs_signals = pytest.mark.skipif(os.name != "posix", reason="another system's signals")


class Fatal(BaseStock):
    """Whoever asks it dies, as often as that."""

    folder: str
    times: int

    def reset(self, context: Context) -> None:
        died = len(list(Path(self.folder).iterdir()))
        if died < self.times:
            (Path(self.folder) / str(died)).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        super().reset(context)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What the study comes to that nothing stops."""
    folder = tmp_path_factory.mktemp("whole")
    failures, table = done(made(folder), folder)
    assert not failures
    return table


def mortal(folder: Path) -> Schedule:
    """The same study, but for a worker that dies once in the middle of a training, unless there is a file that it did."""
    learner = {**TWELVE["agents"][2], "type": MORTAL, "name": "Drift", "marker": str(folder / "died")}
    return made(folder, agents=["base_stock", "hold", learner])


def killed(folder: Path, seconds: float) -> bool:
    """Go on with the study in a fork of this process, killed so long after; whether it was not yet finished."""
    pid = os.fork()
    if pid == 0:
        try:
            done(made(folder), folder)
        finally:
            os._exit(0)
    time.sleep(seconds)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return not (folder / "reports" / "twelve" / "results.csv").exists()


@needs_signals
@pytest.mark.parametrize("killed", [False, True], ids=["both to the end", "one killed"])
def test_two_at_once_share_a_study_and_neither_fails(
    whole: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed: bool
) -> None:
    monkeypatch.setattr("orderup.evaluation.studies.training.PATIENCE", 0.0)
    monkeypatch.setattr("orderup.evaluation.studies.evaluation_job.PATIENCE", 0.0)
    monkeypatch.setattr("orderup.evaluation.studies.execution.carrying_out.POLL", 0.01)
    pid = os.fork()
    if pid == 0:
        failures = {"": ""}
        with suppress(BaseException):
            failures, _ = done(made(tmp_path), tmp_path)
        os._exit(len(failures))
    home = tmp_path / "runs" / "twelve"
    while not list(home.glob("*/last.json")):
        time.sleep(0.001)
    if killed:
        os.kill(pid, signal.SIGKILL)
    failures, table = done(made(tmp_path), tmp_path)
    assert not failures
    assert table == whole
    _, status = os.waitpid(pid, 0)
    assert killed or os.waitstatus_to_exitcode(status) == 0
    resumed = ["resumed" in read_json(path, "") for path in home.glob("*/provenance.json")]
    assert sum(resumed) <= killed
    assert len(resumed) == len(made(tmp_path).trainings) == 4


@needs_signals
def test_a_study_killed_at_random_moments_and_restarted_is_one_that_never_stopped(whole: bytes, tmp_path: Path) -> None:
    moments = np.random.default_rng(3).uniform(0.1, 0.8, 5)
    assert sum(killed(tmp_path, moment) for moment in moments) >= 3
    assert done(made(tmp_path), tmp_path) == ({}, whole)


def command(folder: Path, script: str, *arguments: str) -> subprocess.Popen[bytes]:
    """A command line in a session of its own."""
    where = {**os.environ, "PYTHONPATH": str(ROOT)}
    given = [sys.executable, str(ROOT / script), f"study={folder / 'twelve.yaml'}", "workers=2", *arguments]
    return subprocess.Popen(
        given, cwd=folder, env=where, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )


def left_alone(pid: int) -> list[int]:
    """The processes of a session, its workers too, which are in groups of their own."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has just ended
            if int(stat.read_text().rpartition(")")[2].split()[3]) == pid:
                found.append(int(stat.parent.name))
    return found


def strike(process: subprocess.Popen[bytes], everybody: bool) -> None:
    """Kill a command's process group; its workers too, or else they find out by themselves."""
    workers = left_alone(process.pid) if everybody else []
    os.killpg(process.pid, signal.SIGKILL)
    for pid in workers:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()


def finished(folder: Path, script: str, delays: list[float]) -> int:
    """Kill a command so long after each first sign of progress, then let it end; how many kills struck before the end."""
    struck = 0
    for number, delay in enumerate(delays):
        before, process = progress(folder), command(folder, script)
        while progress(folder) == before and process.poll() is None:
            time.sleep(0.02)
        time.sleep(delay)
        if process.poll() is None:
            strike(process, everybody=number % 2 == 0)
            struck += 1
    assert command(folder, script).wait() == 0
    return struck


def progress(folder: Path) -> list[float]:
    files = [*folder.glob("runs/twelve/*/metrics.csv"), *folder.glob("runs/twelve/judged/*")]
    return sorted(path.stat().st_mtime for path in files)


@needs_signals
@pytest.mark.slow
@pytest.mark.exhaustive
def test_commands_that_are_killed_many_times_come_to_the_same_bytes(whole: bytes, tmp_path: Path) -> None:
    agents = [*TWELVE["agents"][:2], {**TWELVE["agents"][2], "pause": 0.5}]
    (tmp_path / "line.yaml").write_text(yaml.safe_dump(TWELVE["scenarios"][0]))
    (tmp_path / "twelve.yaml").write_text(yaml.safe_dump({**TWELVE, "scenarios": ["line.yaml"], "agents": agents}))
    generator = np.random.default_rng(5)
    assert finished(tmp_path, "train.py", list(generator.uniform(0, 1.2, 4))) >= 3
    finished(tmp_path, "evaluate.py", list(generator.uniform(0, 0.2, 2)))
    assert (tmp_path / "reports/twelve/results.csv").read_bytes() == whole


def with_fatal(folder: Path, times: int) -> Schedule:
    (folder / "deaths").mkdir()
    fatal = {"type": f"{__name__}:{Fatal.__name__}", "folder": str(folder / "deaths"), "times": times}
    return made(folder, agents=["base_stock", fatal], levels=["autonomous_silo"])


@needs_signals
def test_a_job_whose_process_dies_is_done_by_another(tmp_path: Path) -> None:
    failures, table = done(with_fatal(tmp_path, times=1), tmp_path, LocalProcesses(1))
    assert not failures
    rows = [line.split(",") for line in table.decode().splitlines()[1:]]
    assert [row[2] for row in rows] == ["base_stock"] * 7 + ["Fatal"] * 7
    assert [row[3:] for row in rows[:7]] == [row[3:] for row in rows[7:]]


@needs_signals
@pytest.mark.slow
def test_a_job_whose_process_always_dies_has_failed(tmp_path: Path) -> None:
    failures, table = done(with_fatal(tmp_path, times=9), tmp_path, LocalProcesses(1))
    assert list(failures.values()) == ["its process died 3 times (exit code -9)"]
    assert table.count(b"base_stock") == 7


@needs_signals
@pytest.mark.slow
def test_processes_of_this_machine_come_to_the_same_bytes_though_one_dies(whole: bytes, tmp_path: Path) -> None:
    assert done(mortal(tmp_path), tmp_path, LocalProcesses(2)) == ({}, whole)
    assert (tmp_path / "died").exists()


@pytest.mark.slow
@pytest.mark.parametrize("dies", [pytest.param(False, marks=pytest.mark.exhaustive), True])
def test_a_ray_cluster_of_two_workers_comes_to_the_same_bytes_though_one_dies(whole: bytes, tmp_path: Path, dies: bool) -> None:
    pytest.importorskip("ray", reason="Ray is not installed: orderup[cluster]")
    if not dies:
        (tmp_path / "died").touch()
    evaluator = AtOnce() if dies else None  # it dies in training
    assert done(mortal(tmp_path), tmp_path, RayCluster(workers=2), evaluator) == ({}, whole)
    assert (tmp_path / "died").exists()


def test_without_ray_one_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(InputError, match=r"executor: found 'ray, which is not installed'; accepted: local, or .*\[cluster\]"):
        done(made(tmp_path), tmp_path, RayCluster())


@needs_signals
@pytest.mark.slow
def test_an_interruption_ends_all_workers_and_keeps_what_was_learnt(tmp_path: Path) -> None:
    (tmp_path / "line.yaml").write_text(yaml.safe_dump(TWELVE["scenarios"][0]))
    agents = [{"type": DRIFT, "steps": 100_000, "pause": 0.05}]
    (tmp_path / "twelve.yaml").write_text(yaml.safe_dump({**TWELVE, "scenarios": ["line.yaml"], "agents": agents}))
    process = command(tmp_path, "train.py")
    until = time.monotonic() + 60
    while len(list(tmp_path.glob("runs/twelve/*/last.json"))) < 2 and time.monotonic() < until:
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGINT)
    assert process.wait(60) == 130
    assert len(list(tmp_path.glob("runs/twelve/*/last.json"))) == 2
    assert not list(tmp_path.glob("runs/twelve/*/.lock"))


def board(folder: Path) -> tuple[JobBoard, list[Any]]:
    jobs: list[Any] = made(folder).trainings
    return JobBoard("training twelve", jobs, done=3, workers=2, estimate=Estimate()), jobs


def test_a_terminal_shows_one_table_of_who_waits_and_runs_and_is_done(tmp_path: Path) -> None:
    shown, jobs = board(tmp_path)
    file = io.StringIO()
    with watching(shown, Console(file=file, force_terminal=True, width=120)):
        for job in jobs[:3]:
            shown.started(job)
        shown.ended(jobs[0], Outcome(2.0))
        shown.ended(jobs[1], Outcome(2.0, "broken"))
    text = file.getvalue()
    assert all(word in text for word in ("waiting", "running", "done", "failed", "left", jobs[2].name))
    console = Console(file=io.StringIO(), width=120)
    console.print(shown.table)
    assert [int(word) for word in console.file.getvalue().splitlines()[2].split()[:4]] == [1, 1, 4, 1]  # type: ignore[attr-defined] # it is a StringIO


def test_elsewhere_every_job_that_ends_is_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown, jobs = board(tmp_path)
    with watching(shown, Console(file=io.StringIO())):
        shown.started(jobs[0])
        shown.put_back(jobs[0])
        shown.started(jobs[0])
        shown.ended(jobs[0], Outcome(2.0))
    assert capsys.readouterr().err == f"training twelve: 4 of 7: done {jobs[0].name} in 2 s; about 3 s left\n"


def test_a_fit_within_a_job_stands_beside_it_and_is_a_line_now_and_then_elsewhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(
        "orderup.evaluation.studies.execution.progress.FittingLines", partial(FittingLines, clock=lambda: now[0])
    )
    shown, jobs = board(tmp_path)
    with watching(shown, Console(file=io.StringIO())):
        shown.started(jobs[0])
        shown.fitting(jobs[0], "levels", 0.0)
        now[0] = 12.0
        shown.fitting(jobs[0], "levels", 0.25)
    told = capsys.readouterr().err
    assert told == f"training twelve: {jobs[0].name}: fitting levels: 25 %, about 36 s left\n"
    console = Console(file=io.StringIO(), width=160)
    console.print(shown.table)
    assert f"{jobs[0].name}  fitting levels: 25%" in console.file.getvalue()  # type: ignore[attr-defined] # it is a StringIO
    shown.put_back(jobs[0])
    shown.started(jobs[0])
    console.print(shown.table)
    assert console.file.getvalue().count("fitting") == 1  # type: ignore[attr-defined] # it is a StringIO


class Fits(BaseStock):
    """Takes long to be ready, and says so."""

    def reset(self, context: Context) -> None:
        for share in (0.0, 0.5):
            tell("its thoughts", share)
            time.sleep(1.1)
        super().reset(context)


def test_what_a_worker_says_of_a_fit_reaches_whoever_watches(tmp_path: Path) -> None:
    agents = [f"{Fits.__module__}:{Fits.__name__}"]
    jobs = made(tmp_path, agents=agents, levels=["central_ideal"]).evaluations
    watch = JobBoard("evaluating", jobs, done=0, workers=1, estimate=Estimate())
    heard: list[tuple[str, str, float]] = []
    watch.fitting = lambda job, what, share: heard.append((job.name, what, share))  # type: ignore[method-assign] # to listen
    outcomes = LocalProcesses(1).carry_out(jobs, watch)
    assert [outcome.error for outcome in outcomes] == [None] * len(jobs)
    assert heard[:2] == [(jobs[0].name, "its thoughts", 0.0), (jobs[0].name, "its thoughts", 0.5)]
