"""A small search for better keys of a learner: short trainings, each tried on validation's episodes, the poor ones given up."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, model_validator

from orderup.envs.catalogue import config_folder
from orderup.envs.foundation.errors import InputError, UnknownName
from orderup.envs.foundation.files import is_there, read_bytes, remove, write_text
from orderup.envs.foundation.terminal import say
from orderup.envs.foundation.validation import Keys, validated
from orderup.envs.foundation.yaml_files import read_yaml, written_yaml

from ..base import agents
from ..learning.learner import Diverged, Learner, Task, TrainingState
from ..learning.learnt import Learnt
from ..learning.stopwatch import Stopwatch
from ..runs.lock import only_one
from ..runs.run import check_free
from .train import PreparedTraining, learner_of
from .trials import LARGEST, Trial, read_trials, write_trials

if TYPE_CHECKING:
    import optuna

TABLE, ASKED, BEST = "tuning.csv", "tuning.yaml", "best.yaml"
EXAMINATIONS = 5
"""Of each trial: often enough to give a poor one up in time."""
SHARE = 10
"""A trial is this part of a whole training, unless the user says how long."""


class Range(Keys):
    """Numbers that are searched by their logarithm."""

    low: float = Field(gt=0)
    high: float = Field(gt=0)

    @model_validator(mode="after")
    def _in_order(self) -> Range:
        if self.high <= self.low:
            raise InputError("high", self.high, f"more than low, {self.low:g}")
        return self


class Values(Keys):
    """What is searched of a key: a range, or a list to choose from."""

    of: Range | Annotated[list[Any], Field(min_length=1)]


@dataclass(frozen=True)
class TuningResult:
    """The best keys of a search."""

    folder: Path
    keys: Mapping[str, Any]
    cost: float

    @property
    def arguments(self) -> list[str]:
        """The keys as a command line takes them."""
        return [f"agent.{name}={json.dumps(value, separators=(',', ':'))}" for name, value in self.keys.items()]


def tune(prepared: PreparedTraining, trials: int, steps: int | None = None) -> TuningResult:
    """Search for keys that cost less after `steps` periods, and write each trial and the best keys into its folder.

    The same search goes on where it was interrupted: trials that are there are not made again. Raises InputError without
    optuna, for a learner whose space nobody has written down, for a folder that holds something else, and if all trials fail.
    """
    library, space = _optuna(), space_of(prepared.learner)
    short = steps or max(prepared.learner.total // SHARE, 1)
    with only_one(prepared.folder):
        done = _begun(prepared, short)
        sampler = library.samplers.TPESampler(seed=prepared.task.seed)
        pruner = library.pruners.MedianPruner(n_startup_trials=4, n_warmup_steps=2)
        study = library.create_study(sampler=sampler, pruner=pruner)
        try:
            for number in range(trials):
                asked = study.ask()
                keys = {name: _suggested(asked, name, values) for name, values in space.items()}
                if number < len(done):
                    _replay(asked, done[number], keys)
                else:
                    done.append(_made(prepared, short, number, keys, asked))
                    write_trials(prepared.folder / TABLE, done)
                    _say(done[-1], trials)
                _tell(study, asked, done[number])
        except KeyboardInterrupt:
            raise KeyboardInterrupt(f"interrupted after {len(done)} of {trials} trials; the same command goes on") from None
    return _best(prepared, done[:trials])


def space_of(learner: Learner) -> dict[str, Range | list[Any]]:
    """What is searched for a learner. Raises InputError where nobody has written it down, or a key is none of the learner's."""
    name = agents.name_of(type(learner))
    path = config_folder("tuning") / f"{name}.yaml"
    if not path.is_file():
        known = sorted(file.stem for file in path.parent.glob("*.yaml"))
        raise InputError("tune", f"agent {name}", f"an agent with a file in configs/tuning/: {', '.join(known)}")
    return space_from(read_yaml(path), learner, str(path))


def space_from(keys: Mapping[str, Any], learner: Learner, where: str) -> dict[str, Range | list[Any]]:
    """What these keys say is searched. Raises InputError for a key, or a value of it, that the learner does not have."""
    space = {key: validated(Values, {"of": values}, f"{where}.{key}").of for key, values in keys.items()}
    if not space:
        raise InputError(where, dict(keys), "at least one key")
    for key, values in space.items():
        if key not in type(learner).model_fields:
            raise UnknownName(where, key, type(learner).model_fields)
        for number, value in enumerate([values.low, values.high] if isinstance(values, Range) else values):
            try:
                learner_of(learner, {key: value})
            except InputError as error:
                raise InputError(f"{where}.{key}[{number}]", value, error.accepted) from None
    return space


class _Short:
    """The journal of a trial: nothing on disk, and no patience with one that does worse than the others did."""

    def __init__(self, task: Task, learner: Learner, poor: Callable[[int, float], bool]) -> None:
        self.state: TrainingState | None = None
        self.clock = Stopwatch()
        self.costs: list[float] = []
        self.given_up = False
        self._task, self._learner, self._poor = task, learner, poor

    def begin(self, learnt: Callable[[], Learnt], state: Callable[[], TrainingState]) -> None:
        self._learnt = learnt

    def update(self, periods: int, metrics: Mapping[str, float]) -> bool:
        due = periods * self._learner.examinations // self._learner.total
        if due > len(self.costs):
            self.costs.append(self._task.examined(self._learnt()))
            self.given_up = self._poor(len(self.costs), self.costs[-1]) and due < self._learner.examinations
        return not self.given_up


def _made(prepared: PreparedTraining, steps: int, number: int, keys: dict[str, Any], asked: optuna.Trial) -> Trial:
    start = time.monotonic()

    def poor(step: int, cost: float) -> bool:
        asked.report(cost, step)
        return asked.should_prune()

    def trial(cost: float | None, ended: Any, costs: list[float]) -> Trial:
        return Trial(trial=number, cost=cost, ended=ended, seconds=round(time.monotonic() - start, 1), costs=costs, keys=keys)

    try:
        fixed = {"steps": steps, "examinations": EXAMINATIONS, "patience": None, "keep_every": None}
        learner = learner_of(prepared.config.agent, {**keys, **fixed})
        learner.check(prepared.task)
        journal = _Short(prepared.task, learner, poor)
        learner.learn(prepared.task, journal)
    except (InputError, Diverged) as error:
        say(f"trial {number + 1} failed: {error}", file=sys.stderr, flush=True)
        return trial(None, "failed", [])
    return trial(min(journal.costs), "given up" if journal.given_up else "whole", journal.costs)


def _replay(asked: optuna.Trial, made: Trial, keys: Mapping[str, Any]) -> None:
    """Report what a trial from the table cost, as if it were made now."""
    if made.keys != keys:
        raise InputError(TABLE, made.keys, f"{keys}, as this version of optuna asks for: a new name, or overwrite=true")
    for step, cost in enumerate(made.costs, start=1):
        asked.report(cost, step)


def _tell(study: optuna.Study, asked: optuna.Trial, made: Trial) -> None:
    from optuna.trial import TrialState

    if made.ended == "whole":
        study.tell(asked, made.cost)
    else:
        study.tell(asked, state=TrialState.PRUNED if made.ended == "given up" else TrialState.FAIL)


def _suggested(asked: optuna.Trial, name: str, values: Range | list[Any]) -> Any:
    if isinstance(values, list):
        return json.loads(str(asked.suggest_categorical(name, [json.dumps(value) for value in values])))
    return float(f"{asked.suggest_float(name, values.low, values.high, log=True):.3g}")


def _begun(prepared: PreparedTraining, steps: int) -> list[Trial]:
    """The trials that this very search has made already. Raises InputError when the folder holds something else."""
    asked = {"tune_steps": steps, **prepared.config.model_dump(mode="json", by_alias=True, exclude_none=True)}
    text, path = written_yaml(asked), prepared.folder / ASKED
    if not is_there(path):
        check_free(prepared.folder, overwrite=False)
    if not is_there(path) or prepared.overwrite:
        for old in (prepared.folder / TABLE, prepared.folder / BEST):
            remove(old)
        write_text(path, text)
    if read_bytes(path, LARGEST, "what a search was asked for") != text.encode():
        wanted = f"a new name, or overwrite=true: the search in {prepared.folder} was for something else"
        raise InputError("name", prepared.folder.name, wanted)
    return read_trials(prepared.folder / TABLE)


def _best(prepared: PreparedTraining, done: list[Trial]) -> TuningResult:
    whole = [trial for trial in done if trial.ended == "whole"]
    if not whole:
        raise InputError("tune", f"{len(done)} trials that failed", "a space in which something can be learnt")
    best = min(whole, key=lambda trial: trial.cost or 0.0)
    agent = {"type": prepared.config.agent["type"], **best.keys}
    write_text(prepared.folder / BEST, written_yaml({"agent": agent, "cost": best.cost}))
    return TuningResult(prepared.folder, best.keys, best.cost or 0.0)


def _say(made: Trial, trials: int) -> None:
    told = " ".join(f"{name}={json.dumps(value, separators=(',', ':'))}" for name, value in made.keys.items())
    cost = "" if made.cost is None else f", cost {made.cost:,.2f} a period"
    say(f"trial {made.trial + 1} of {trials}: {made.ended}{cost}, {told}", file=sys.stderr, flush=True)


def _optuna() -> Any:
    try:
        import optuna
    except ImportError:
        raise InputError("tune", "no optuna", "an installation with the extra `tune`: pip install 'orderup[tune]'") from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna
