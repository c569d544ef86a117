"""Runs: a folder for each training, with what was asked for, where it came from, how it went, and the policy."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, PrivateAttr, field_validator

from orderup.envs.autonomy.autonomy import Autonomy
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.files import check_no_link, entries_of, is_there, named_folder, read_bytes, remove, write_text
from orderup.envs.foundation.imports import check_names, importing_only
from orderup.envs.foundation.sealed_files import SEAL, digest, read_json, unsealed, write_json
from orderup.envs.foundation.validation import Keys, validated
from orderup.envs.foundation.yaml_files import LARGEST, parsed, written_yaml
from orderup.envs.information.information import Information
from orderup.envs.information.policy import Context, Decision, Policy
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.simulator import Simulator

from ..base import Agent, agents
from ..learning.learnt import Learnt
from . import checkpoint
from .checkpoint import BEST, LAST, Checkpoint
from .curves import FILES as CURVES
from .lock import LOCK
from .metrics import METRICS, METRICS_SEAL, kept_rows
from .provenance import provenance

CONFIG, PROVENANCE, RESULT = "config.yaml", "provenance.json", "result.json"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,199}")
OURS = "a file of a run, as `orderup train` writes it"
SHOWN = 8
"""Runs that are named where one is missing."""


class Config(Keys):
    """What was asked for, everything resolved; `config.yaml` of a run."""

    format: Literal[1] = 1
    scenario: Scenario
    autonomy: Autonomy
    agent: dict[str, Any] = Field(description="The learner: its `type` and all its keys")
    seed: int


@agents.register("trained")
class Trained(Agent):
    """What a run has learnt, by the means of its actions: in all seats of an autonomy level, or in those of one party."""

    run: str = Field(description="The run's folder")
    checkpoint: str | int = Field(BEST, description="best, last, or the periods of one that was kept")
    allow: tuple[str, ...] = Field((), description="Modules of one's own that its config may name", exclude=True)
    _learnt: Learnt | None = PrivateAttr(default=None)

    @field_validator("checkpoint")
    @classmethod
    def _named(cls, which: str | int) -> str | int:
        if which not in (BEST, LAST) and not (isinstance(which, int) and which >= 0):
            raise InputError("", which, f"{BEST}, {LAST}, or a number of periods, as in at-<periods>.json of the run")
        return which

    def load(self) -> Trained:
        """Read the checkpoint, once. Raises InputError for a folder that holds no whole run."""
        if self._learnt is None:
            self._learnt = checkpoint.load(run_folder(self.run), self.checkpoint, self.allow).learnt
        return self

    @property
    def learnt(self) -> Learnt:
        """Who decides for each party. Raises InputError as `load`."""
        learnt = self.load()._learnt
        assert learnt is not None
        return learnt

    def members(self, simulator: Simulator) -> dict[str, Policy]:
        """Who fills which seat. Raises InputError where a party is there that was not in training."""
        return self.learnt.members(simulator)

    def reset(self, context: Context) -> None:
        """Raises InputError where seats see or set other numbers than in training, too."""
        self.learnt.reset(context)

    def act(self, information: Information) -> Decision:
        """As learnt."""
        return self.learnt.act(information)


@dataclass(frozen=True)
class Run:
    """A training that was done, or interrupted: what for, and what came of it."""

    folder: Path
    scenario: Scenario
    autonomy: Autonomy
    seed: int
    settings: dict[str, Any]
    """The learner's `type` and keys."""
    agent: Trained
    """The policy, as an agent to evaluate."""

    def __repr__(self) -> str:
        """One line."""
        return f"Run({self.folder}: {', '.join(': '.join(row) for row in self._rows)})"

    def _repr_html_(self) -> str:
        rows = [("folder", str(self.folder)), *self._rows]
        cells = "".join(f"<tr><th>{html.escape(name)}</th><td>{html.escape(value)}</td></tr>" for name, value in rows)
        return f"<table><tbody>{cells}</tbody></table>"

    @property
    def _rows(self) -> list[tuple[str, str]]:
        found = self.result
        cost = {} if found is None else found.get("cost", {})
        came = "not finished" if found is None else f"{cost.get('mean', math.nan):.4g} ± {cost.get('half_width', math.nan):.2g}"
        who = [("agent", str(self.settings["type"])), ("scenario", self.scenario.name), ("autonomy", self.autonomy.name)]
        return [*who, ("seed", str(self.seed)), ("cost per period", came)]

    @property
    def name(self) -> str:
        """That of its folder."""
        return self.folder.name

    @property
    def result(self) -> dict[str, Any] | None:
        """What came of it, as in `result.json`; None until it is finished. Raises InputError where that is damaged."""
        path = self.folder / RESULT
        return (
            read_json(path, f"{OURS}, or none: without it, what came of the run is worked out anew") if is_there(path) else None
        )


def load_run(folder: str | Path, allow: Iterable[str] = ()) -> Run:
    """The run in a folder. Raises InputError for one that is missing, incomplete, damaged, or not as training left it.

    Nothing is executed, and nothing imported but the project: where the run names a class of one's own, `package.module:Class`,
    `allow` has the modules that may be imported for it.
    """
    folder, allow = run_folder(folder), tuple(allow)
    config = load_config(folder, allow=allow)
    agent = Trained(run=str(folder), allow=allow).load()
    kept_rows(folder)
    run = Run(folder, config.scenario, config.autonomy, config.seed, config.agent, agent)
    assert run.result is None or run.result  # which is read, and so verified
    return run


def load_config(folder: str | Path, key: str = "run", allow: Iterable[str] = ()) -> Config:
    """What the run in a folder was asked to be; `allow` as for `load_run`. Raises InputError for a folder that holds none."""
    path = run_folder(folder, key) / CONFIG
    found = parsed(read_bytes(path, LARGEST, OURS), str(path))
    with importing_only(allow):
        config = validated(Config, {name: value for name, value in found.items() if name != SEAL}, str(path))
        check_names(config.agent, f"{path}.agent")
    unsealed(found, str(path))
    return config


def run_folder(given: str | Path, key: str = "run") -> Path:
    """A run's folder as a user names it. Raises InputError where there is none, saying where it was looked for."""
    folder = named_folder(given, key)
    if not folder.is_dir():
        beside = [path.name for path in entries_of(folder.parent) if is_there(path / CONFIG)] if folder.parent.is_dir() else []
        others = f"; there are {', '.join(beside[:SHOWN])}{', …' if len(beside) > SHOWN else ''}" if beside else ""
        raise InputError(key, str(given), f"the folder of a run; looked for {folder.absolute()}{others}")
    return folder


def checked_name(name: str) -> str:
    """A run's name. Raises InputError for one that is not a plain folder name."""
    if not NAME.fullmatch(name):
        raise InputError("name", name, "letters, digits, _, . and -, beginning with a letter or digit, at most 200")
    return name


def check_free(folder: Path, overwrite: bool) -> None:
    """Raises InputError when a run may not go to a folder: something is there, and it is no run or is to be kept."""
    check_no_link(folder)
    if not is_there(folder) or (folder.is_dir() and all(_is_unfinished(path) for path in entries_of(folder))):
        return
    if not overwrite:
        wanted = f"a name that is not taken: {folder} is there; overwrite=true replaces it, resume={folder} goes on with it"
        raise InputError("name", folder.name, wanted)
    if not is_there(folder / CONFIG):
        raise InputError("name", folder.name, f"a new name, or that of a run: {folder} holds none")


def open_run(folder: Path, config: Config, overwrite: bool) -> None:
    """Make a run's folder, and write what does not change while it is trained. Raises InputError as `check_free`."""
    check_free(folder, overwrite)
    _clear(folder)
    plain = config.model_dump(mode="json", by_alias=True, exclude_none=True)
    plain["agent"] = config.agent  # where null is a value
    text = written_yaml(plain)
    seal = digest(parsed(text.encode(), CONFIG))
    write_text(folder / CONFIG, f"{text}{SEAL}: {seal}\n")
    write_json(folder / PROVENANCE, provenance())


def reopen_run(folder: Path) -> Checkpoint | None:
    """Make a run's folder ready to go on from its last checkpoint, or from nothing when it was killed before there was one."""
    start = checkpoint.load(folder, LAST) if is_there(folder / f"{LAST}.json") else None
    for path in entries_of(folder):
        if _is_unfinished(path) and path.name != LOCK:
            remove(path)
    if start is None or not start.periods:
        _clear(folder)
        start = None
    now, path = provenance(), folder / PROVENANCE
    first = read_json(path, f"{OURS}, or none at all: remove it to go on") if is_there(path) else now
    write_json(path, {**first, "resumed": [*first.get("resumed", []), now]})
    return start


def is_whole(folder: Path) -> bool:
    """Whether a folder holds what a training that is finished says of itself, as it was written."""
    try:
        return is_there(folder / RESULT) and bool(read_json(folder / RESULT, OURS))
    except InputError:
        return False


def has_settled(folder: Path) -> bool | None:
    """Whether what a run learnt had settled when training ended, as it says; None where it does not."""
    told = (result_of(folder) or {}).get("settled")
    return told if isinstance(told, bool) else None


def result_of(folder: Path) -> dict[str, Any] | None:
    """What came of a run; None where it is not finished, or what it says is damaged."""
    try:
        return read_json(folder / RESULT, OURS) if is_there(folder / RESULT) else None
    except InputError:
        return None


def write_result(folder: Path, result: dict[str, Any]) -> None:
    """Put down what came of a training that is finished."""
    write_json(folder / RESULT, result)


def _clear(folder: Path) -> None:
    """Remove what training wrote, the result and the way back first."""
    for pattern in (RESULT, f"{LAST}.json", *checkpoint.PATTERNS, METRICS, METRICS_SEAL, CURVES):
        for old in folder.glob(pattern):
            remove(old)


def _is_unfinished(path: Path) -> bool:
    """Whether a file is what a process that was killed has left: its lock, or a write, as `files.py` names it."""
    return path.name == LOCK or re.fullmatch(r"\..+\.[0-9a-f]{8}", path.name) is not None
