"""An entry on disk: who decides, by keys of an agent of the project or as runs' numbers; and what was found of it.

A folder with `entry.json`, the costs of every trace in `costs.safetensors`, and a run's files in `runs/<task>` where it learnt.
Nothing in it is ever executed: keys name agents of the project alone, and numbers are safetensors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from orderup.agents import Agent, make_agent
from orderup.agents.runs import checkpoint
from orderup.agents.runs.metrics import METRICS, METRICS_SEAL
from orderup.agents.runs.run import CONFIG, PROVENANCE, RESULT, load_run
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.files import check_no_link, entries_of, is_there, read_bytes, write_bytes
from orderup.envs.foundation.imports import check_names, importing_only
from orderup.envs.foundation.sealed_files import digest, read_json, write_json
from orderup.envs.foundation.validation import Stored, validated

from ..running.contestant import TRAINED
from ..statistics.statistics import Floats
from ..studies import sealed_tensors
from ..studies.identity import plain
from .board import NAME, Board

ENTRY, COSTS, SEALED_COSTS, RUNS = "entry.json", "costs.safetensors", "sealed.safetensors", "runs"
OURS = "an entry, as `orderup leaderboard submit` writes it"
RUN_FILES = re.compile(
    "|".join(
        [*map(re.escape, (CONFIG, PROVENANCE, RESULT, METRICS, METRICS_SEAL, "best.json")), r"policy-[0-9a-f]{16}\.safetensors"]
    )
)
LARGEST = 2**28
"""Bytes of a run's file that is taken along."""


class OnTask(Stored):
    """What is said of an entry on one task, beside its costs."""

    information: str = Field(description="Class of what could be known: silo, neighbours, shared or integrated")
    read: str = Field(description="What was looked at")
    fit: float = Field(ge=0, description="Time to get ready [s]")
    decision_ms: float = Field(ge=0, description="For one decision of one episode [ms]")
    training: float | None = Field(None, description="Of its run [s]; null where nothing was trained for the task")


class Entry(Stored):
    """Who, on which board, and how it went."""

    format: Literal[1] = 1
    board: str
    version: int
    digest: str = Field(description="Of the board")
    name: str = Field(pattern=f"^{NAME}$")
    agent: dict[str, Any] | None = Field(description="Keys of an agent of the project; null: a run for each task")
    identity: str | None = Field(None, description="Hash of the agent's keys and of weights that come with the project")
    kind: Literal["rule", "learnt"]
    tasks: dict[str, OnTask]
    made: dict[str, Any] = Field(description="By which command, with which versions")


@dataclass(frozen=True, eq=False)
class KeptEntry:
    """An entry with its costs, where it lies."""

    folder: Path
    entry: Entry
    costs: Mapping[str, Floats]
    """Of each task, by trace (E,) [money/period]."""
    sealed: Mapping[str, Floats] | None
    """The same on traces that nobody had seen; None where whoever keeps the board has not played them."""

    @property
    def name(self) -> str:
        return self.entry.name

    def who(self, task: str) -> Any:
        """Who decides on a task. Raises InputError for what is no agent of the project, or a run that is damaged.

        Also for an agent whose weights came with another version of the project.
        """
        if self.entry.agent is not None:
            found = agent_of(self.entry.agent)
            if identity_of(found) != self.entry.identity:
                wanted = "an entry of the weights that come with this version: enter it anew, or under another name"
                raise InputError(str(self.folder), f"{found.called} with other weights", wanted)
            return found
        return load_run(self.folder / RUNS / task).agent


def agent_of(given: Any) -> Agent:
    """An agent of the project by its keys. Raises InputError for classes of one's own, which would be code."""
    with importing_only(()):
        check_names(given, "agent")
        found = make_agent(given)
    if TRAINED in types_of(plain(found)):
        raise InputError("agent", given, "an agent by its keys; what a run has learnt is entered by runs=[…]")
    return found


def types_of(content: Any) -> Iterator[str]:
    """The types of all agents in plain keys, one inside another."""
    if isinstance(content, Mapping):
        yield from (str(value) for name, value in content.items() if name == "type")
    for part in content.values() if isinstance(content, Mapping) else content if isinstance(content, list) else ():
        yield from types_of(part)


def identity_of(agent: Agent) -> str:
    """The hash of its keys and of weights that come with the project."""
    return digest(plain(agent, weights=True))


def save_entry(folder: Path, entry: Entry, costs: Mapping[str, Floats]) -> None:
    """Both files, the one that says what the other is last."""
    sealed_tensors.save(folder / COSTS, dict(costs), {"board": entry.digest, "name": entry.name})
    write_json(folder / ENTRY, entry.model_dump(mode="json"))


def load_entry(folder: Path, board: Board) -> KeptEntry:
    """As it was written for this board. Raises InputError for what is damaged, or of another board."""
    check_no_link(folder)
    entry = validated(Entry, read_json(folder / ENTRY, OURS), str(folder / ENTRY))
    if entry.digest != board.digest:
        raise InputError(str(folder), f"an entry of {entry.board} {entry.version}, {entry.digest[:8]}", _wanted(board))
    costs = costs_of(folder / COSTS, board, entry.name)
    if set(costs) != set(entry.tasks) or any(found.shape != (board.episodes,) for found in costs.values()):
        raise InputError(str(folder / COSTS), "costs of other tasks or traces", OURS)
    sealed = costs_of(folder / SEALED_COSTS, board, entry.name) if is_there(folder / SEALED_COSTS) else None
    return KeptEntry(folder, entry, costs, sealed)


def costs_of(path: Path, board: Board, name: str) -> dict[str, Floats]:
    """Of each task. Raises InputError for a file that is not as it was written for this entry."""
    try:
        about, found = sealed_tensors.load(path, OURS)
    except sealed_tensors.Unusable as error:
        raise InputError(str(path), str(error), OURS) from None
    if (about.get("board"), about.get("name")) != (board.digest, name):
        raise InputError(str(path), "costs of another entry", OURS)
    return {task: values.astype(float) for task, values in found.items()}


def take_along(run: Path, target: Path) -> None:
    """A run's files that judging needs, and how its training went. Raises InputError for one that cannot be read."""
    for path in entries_of(run):
        if RUN_FILES.fullmatch(path.name):
            write_bytes(target / path.name, read_bytes(path, LARGEST, "a file of a run"))
    checkpoint.load(target, checkpoint.BEST)


def _wanted(board: Board) -> str:
    return f"one of {board.name} {board.version}, {board.digest[:8]}: judge it there anew with `orderup leaderboard submit`"
