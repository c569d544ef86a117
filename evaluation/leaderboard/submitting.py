"""Making an entry: everything is played, and what can be known is the level's to say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from orderup.agents.runs.metrics import kept_rows
from orderup.agents.runs.provenance import provenance
from orderup.agents.runs.run import load_config, run_folder
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.files import check_no_link, is_there
from orderup.envs.foundation.sealed_files import digest

from ..league.league import LeagueEntry
from ..running.playing import CannotAct
from ..studies.identity import plain
from .board import Board, BoardTask
from .entry import RUNS, Entry, KeptEntry, OnTask, agent_of, identity_of, load_entry, save_entry, take_along
from .judging import judged

Say = Callable[[str], None]


def submit(
    board: Board,
    name: str,
    home: Path,
    *,
    agent: Any = None,
    runs: Sequence[str] = (),
    overwrite: bool = False,
    command: str | None = None,
    say: Say = print,
) -> KeptEntry:
    """Judge an agent of the project on every task, or runs on theirs, and write the entry to `home`/`name`, with the command.

    Tasks on which an agent cannot act are left out, and said to be. Raises InputError for an entry that is there, a run of no
    task or two of one, and who can act on no task.
    """
    folder = home / name
    check_no_link(folder)
    if is_there(folder) and not overwrite:
        raise InputError("name", name, f"a name that is not taken: {folder} is there; overwrite=true replaces it")
    if (agent is None) == (not runs):
        raise InputError(
            "agent",
            "neither" if agent is None else "both",
            "agent=… for all tasks, or runs=[…], each for the task that it was trained on",
        )
    by_task = _by_task(board, runs)
    keys = None if agent is None else plain(agent_of(agent))
    who = {
        task.name: {"type": "trained", "run": str(by_task[task.name])} if keys is None else agent_of(agent)
        for task in board.tasks
        if keys is not None or task.name in by_task
    }
    found = _played(board, who, say)
    for task_name, run in by_task.items():
        take_along(run, folder / RUNS / task_name)
    entry = Entry(
        board=board.name,
        version=board.version,
        digest=board.digest,
        name=name,
        agent=keys,
        identity=None if keys is None else identity_of(agent_of(agent)),
        kind="rule" if keys is not None and keys == plain(agent_of(agent), weights=True) else "learnt",
        tasks={
            task.name: OnTask(
                information=task.information,
                read=found[task.name].watch.information,
                fit=found[task.name].watch.fit,
                decision_ms=found[task.name].watch.decision_ms,
                training=_trained(by_task[task.name]) if task.name in by_task else None,
            )
            for task in board.tasks
            if task.name in found
        },
        made=provenance() | ({} if command is None else {"command": command}),
    )
    save_entry(folder, entry, {task: one.costs for task, one in found.items()})
    return load_entry(folder, board)


def _played(board: Board, who: Mapping[str, Any], say: Say) -> dict[str, LeagueEntry]:
    """On the tasks on which each can act. Raises CannotAct where that is none, or where an agent's own program failed."""
    found, refused = dict[str, LeagueEntry](), list[CannotAct]()
    for name, one in who.items():
        try:
            found[name] = judged(board, board.task(name), one, board.seed)
        except CannotAct as error:
            if error.failed:
                raise
            refused.append(error)
            say(f"{name}: left out, {error.reason}")
        else:
            say(f"{name}: {found[name].costs.mean():.4g} a period")
    if not found:
        raise refused[0]
    return found


def _by_task(board: Board, runs: Sequence[str]) -> Mapping[str, Path]:
    """Which run is for which task: the one of the same scenario and level, key by key."""
    found: dict[str, Path] = {}
    for number, given in enumerate(runs):
        folder = run_folder(given, f"runs[{number}]")
        config = load_config(folder, f"runs[{number}]")
        its = digest([config.scenario.model_dump(mode="json", by_alias=True), config.autonomy.model_dump(mode="json")])
        task = next((task for task in board.tasks if task.digest == its), None)
        if task is None:
            raise InputError(
                f"runs[{number}]", f"{given}, of {config.scenario.name} at {config.autonomy.name}", _tasks(board.tasks)
            )
        if task.name in found:
            raise InputError(f"runs[{number}]", f"{given}, the second for {task.name}", "one run for each task")
        found[task.name] = folder
    return found


def _tasks(tasks: Sequence[BoardTask]) -> str:
    return f"a run of a task: {', '.join(f'{task.scenario} at {task.autonomy}' for task in tasks)}"


def _trained(run: Path) -> float | None:
    """How long training took, as its metrics say [s]."""
    rows = kept_rows(run)
    return rows[-1].get("seconds") if rows else None
