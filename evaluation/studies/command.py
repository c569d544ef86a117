"""What the command lines ask of a study, and what they get."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.files import check_can_be_made, check_no_link, user_path
from orderup.envs.foundation.invocation import command_line
from orderup.envs.foundation.terminal import say
from orderup.envs.foundation.validation import Keys, Workers, validated

from ..command import SomeOf
from ..report.report_folder import FOLDER, REPORTS, checked_name, report_folder
from .conclusions import report_findings
from .evaluation_job import EVALUATED
from .execution.carrying_out import FAILED, carry_out, say_failures, say_plans
from .execution.cluster import LOCAL, RayCluster
from .execution.workers import Executor, LocalProcesses
from .hypotheses import Hypotheses, Inquiry, inquire, load_any
from .reports import useless, write_reports
from .schedule import Schedule, schedule
from .study import Study
from .training import in_turns

WORKERS = 2


class StudyCommand(Keys):
    """Carry out a study: `train` trains what is missing, `evaluate` evaluates all; both go on where they were stopped."""

    study: Any = Field(description="A name or a YAML path; its own keys as study.<key>=…, and study.dry_run=true")
    scenario: SomeOf | None = Field(None, description="A scenario or several, in place of the study's")
    data: str | None = Field(None, description="File of recorded demand, for scenarios that use it")
    folder: str = Field("runs", description="Where the study's folder is, which holds its runs and what was evaluated")
    executor: Literal["local", "ray"] = Field("local", description="Processes of this machine, or a Ray cluster")
    overwrite: bool = Field(False, description="Replace a report of the study's name that another command made")
    allow: list[str] = Field([], description="Packages of your own that runs trained elsewhere may import: allow=[my_package]")
    workers: Workers | None = Field(None, description="Jobs at a time; left out: 2, or the cluster's processors")
    address: str | None = Field(None, description="Of the Ray cluster: host:port, auto, or local, which starts one")


@dataclass(frozen=True)
class Request:
    """A study that is asked for, everything loaded and checked."""

    made: Schedule
    executor: Executor
    home: Path
    """The study's folder."""
    dry: bool
    """Whether the jobs are only to be told."""
    overwrite: bool = False
    """Whether its report replaces one that another command made."""


def request(given: Mapping[str, Any]) -> Request:
    """What a command line asks for, from its keys. Raises InputError for whatever cannot be."""
    for key, value in given.items():
        if key in {*Study.model_fields, *Hypotheses.model_fields} and key not in StudyCommand.model_fields:
            raise InputError(key, value, f"study.{key}=…, as it is a key of the study's own")
    keys = validated(StudyCommand, given)
    study, dry = _study(keys)
    folder = user_path(keys.folder, "folder")
    if isinstance(study, Hypotheses):
        made: Schedule = inquire(study, keys.data, folder)
    else:
        made = schedule(study, keys.data, folder, keys.allow)
    check_no_links(made, folder / study.name)
    return Request(made, executor_of(keys), folder / study.name, dry, keys.overwrite)


def train_study(asked: Request, arguments: Sequence[str]) -> int:
    """Train what is missing, and give the exit code: 1 where something failed. Raises as an executor does."""
    made = asked.made
    if asked.dry:
        say_plans(made.trainings, asked.executor.workers)
        return 0
    failures: dict[str, str] = {}
    for turn in in_turns(made.trainings):
        failures |= carry_out(f"training {made.study.name}", turn, asked.executor, asked.home)
    say(f"Trained: {len(made.trainings) - len(failures)} of {len(made.trainings)} runs, in {asked.home}")
    say_failures(failures)
    say(f"Evaluate them: {command_line('evaluate', *arguments)}")
    return 1 if failures else 0


def evaluate_study(asked: Request, arguments: Sequence[str]) -> int:
    """Evaluate what is not evaluated yet and write the reports: 1 where something failed or was not trained."""
    made = asked.made
    if asked.dry:
        say_plans(made.evaluations, asked.executor.workers)
        return 0
    asking = command_line("evaluate", *arguments)
    place = report_folder(FOLDER, None, made.study.name, asking, asked.overwrite)  # known beforehand to be there for it
    for part in made.parts:
        check_no_link(place / checked_name(part.traces.scenario.name))
    ready = [job for job in made.evaluations if job.ready]
    for job in ready:
        if (fault := job.fault) is not None:
            say(f"evaluated anew: {job.path}: {fault}", file=sys.stderr)
    failures = carry_out(f"evaluating {made.study.name}", ready, asked.executor, asked.home)
    command = command_line("train", *arguments)
    failures |= {job.name: f"not trained; do so by: {command}" for job in made.evaluations if not job.ready}
    write: Any = report_findings if isinstance(made, Inquiry) else write_reports
    found = write(made, failures, asking, overwrite=asked.overwrite)
    for folder in found if isinstance(found, list) else [found]:
        say(f"Written: {', '.join(str(path) for path in sorted(folder.iterdir()) if path.name in REPORTS)}")
    say_failures(failures)
    unused = useless(made)
    for name, reason in unused.items():
        wanted = InputError("study.agents", name, f"an agent that some autonomy level of the study can use ({reason})")
        say(f"error: {wanted}", file=sys.stderr)
    return 1 if failures or unused else 0


def check_no_links(made: Schedule, home: Path) -> None:
    """Raises InputError where the study's folder, or one in it, is a link, and where it cannot be made."""
    check_can_be_made(home, "folder")
    for folder in (home, home / EVALUATED, home / FAILED, *(job.folder for job in made.trainings)):
        check_no_link(folder)


def without_dry_run(given: Any) -> tuple[Any, bool]:
    """What a study is asked for with, and whether its jobs are only to be told. Raises InputError for neither."""
    dry = given.get("dry_run", False) if isinstance(given, Mapping) else False
    if not isinstance(dry, bool):
        raise InputError("study.dry_run", dry, "true or false")
    rest = {key: value for key, value in given.items() if key != "dry_run"} if isinstance(given, Mapping) else given
    return rest, dry


def _study(keys: StudyCommand) -> tuple[Study | Hypotheses, bool]:
    given, dry = without_dry_run(keys.study)
    study = load_any(given)
    if keys.scenario is not None:
        study = study.model_copy(update={"scenarios": keys.scenario})
    return study, dry


def executor_of(keys: StudyCommand) -> Executor:
    """Where jobs are carried out. Raises InputError for an address of no cluster."""
    if keys.executor == "ray":
        return RayCluster(keys.address or LOCAL, keys.workers)
    if keys.address is not None:
        raise InputError("address", keys.address, "nothing without executor=ray")
    return LocalProcesses(keys.workers or WORKERS)
