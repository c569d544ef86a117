"""Training: from what a user asks for to a run in its folder."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orderup.envs.catalogue import load_autonomy, load_scenario
from orderup.envs.foundation.errors import InputError, UnknownName, one_word
from orderup.envs.foundation.files import check_can_be_made, is_there, user_path
from orderup.envs.foundation.imports import importing_only, packages_of
from orderup.envs.foundation.invocation import command_line
from orderup.envs.simulator import Simulator
from orderup.envs.trace.trace import FIRST_HELD_OUT_SEED

from ..base import Agent, agents
from ..fitting_progress import FittingLines, heard_by
from ..learning.interruption import heeding
from ..learning.learner import Diverged, Learner, Task
from ..make import make_agent
from ..runs.checkpoint import LAST
from ..runs.curves import OWN
from ..runs.lock import only_one
from ..runs.metrics import kept_rows
from ..runs.run import (
    CONFIG,
    RESULT,
    Config,
    Run,
    check_free,
    checked_name,
    load_config,
    load_run,
    open_run,
    reopen_run,
    run_folder,
    write_result,
)
from .final_evaluation import final_evaluation
from .journal import RunJournal
from .priced import priced
from .progress import display
from .settling import come_to_rest, curve_of, settled, still_fell_by, still_moved_by

DEFAULT = "pathwise"
"""The learner where none is named: it comes closest to what is known, and in the least time."""

OTHERS = "; the other agents have nothing to learn: they are for `orderup evaluate`"


@dataclass(frozen=True)
class PreparedTraining:
    """A training that could be done: everything is checked, and nothing is on disk."""

    task: Task
    learner: Learner
    folder: Path
    """Where the run goes."""
    overwrite: bool
    resumed: bool = False
    """Whether it goes on with what is there."""
    allow: tuple[str, ...] = ()
    """Modules that its config may import, when it is read back."""

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to do."""
        return self.resumed and is_there(self.folder / RESULT)

    @property
    def config(self) -> Config:
        """What is asked for, everything resolved."""
        keys = {"type": agents.name_of(type(self.learner)), **self.learner.model_dump(mode="json")}
        return Config(scenario=self.task.scenario, autonomy=self.task.autonomy, agent=keys, seed=self.task.seed)

    @property
    def title(self) -> str:
        """What is trained, in a few words."""
        task = self.task
        return f"{task.scenario.name} / {task.autonomy.name} / {agents.name_of(type(self.learner))} / seed {task.seed}"


def train(
    scenario: Any,
    autonomy: Any = "autonomous_silo",
    agent: Any = None,
    seed: int = 0,
    name: str | None = None,
    folder: str | Path = "runs",
    progress: bool = True,
    overwrite: bool = False,
    agents: Any = None,
    **overrides: Any,
) -> Run:
    """Train an agent on a scenario under a level of autonomy; the run is in `folder`/`name`.

    `agent`, or `agents`, is a learner's name, or its keys with `type` (left out: pathwise); `overrides` are further keys of it
    (`steps=100_000`). `name` is left out for <scenario>-<autonomy>-<agent>-<seed>. `progress` is shown on standard error. The
    same arguments give the same policy bit for bit on the same machine. Raises InputError for what cannot be, and for a name
    that is taken unless `overwrite`; KeyboardInterrupt after saving the policy so far. Where customers are promised service in
    place of a shortage cost, it learns with the cost by which base-stock keeps the promise: `orderup.agents.training.priced`.
    """
    agent = one_word("agent", agent, "agents", agents, DEFAULT)
    return carry_out(prepare(scenario, autonomy, agent, seed, name, folder, overwrite, overrides), progress)


def prepare(
    scenario: Any,
    autonomy: Any,
    agent: Any,
    seed: int,
    name: str | None,
    folder: str | Path,
    overwrite: bool,
    overrides: Mapping[str, Any],
    search: bool = False,
) -> PreparedTraining:
    """What `train` would do, or a search for keys, whose folder may be there. Raises InputError when it would."""
    level, number = load_autonomy(autonomy), _checked_seed(seed)
    task = Task(priced(load_scenario(scenario), level), level, number)
    Simulator(task.scenario, task.autonomy)
    learner = learner_of(agent, overrides).sized(task)
    learner.check(task)
    if search and learner.game(task) is not None:
        wanted = "a reward that all share: keys are compared by one cost, and where each learns for itself there are several"
        raise InputError("tune", f"reward {learner.model_dump().get('reward')}", wanted)
    autonomy = re.sub(r"[^a-z0-9_.]+", "_", task.autonomy.name).strip("_")
    parts = [task.scenario.name, autonomy, agents.name_of(type(learner)).rpartition(":")[2], str(seed)]
    target = user_path(folder, "folder") / checked_name("-".join(parts + ["tuning"] * search) if name is None else name)
    check_can_be_made(target, "folder")
    if not search:
        check_free(target, overwrite)
    return PreparedTraining(task, learner, target, overwrite)


def resumption(folder: str | Path, allow: Iterable[str] = ()) -> PreparedTraining:
    """To go on with a run that was interrupted; `allow` as for `load_run`. Raises InputError for a folder that holds none."""
    path, allow = run_folder(folder, "resume"), tuple(allow)
    config = load_config(path, "resume", allow)
    task = Task(config.scenario, config.autonomy, config.seed)
    with importing_only(allow):
        learner = learner_of(config.agent, {})
        learner.check(task)
    return PreparedTraining(task, learner, path, overwrite=False, resumed=True, allow=allow)


def resume(folder: str | Path, progress: bool = True, allow: Iterable[str] = ()) -> Run:
    """Go on with the training in a folder as if it had never stopped; a finished one is left as it is.

    Where the run names classes of one's own, `allow` has the modules that may be imported for it. Raises InputError for a
    folder that holds no run, or a damaged one; KeyboardInterrupt as `train`.
    """
    return carry_out(resumption(folder, allow), progress)


def carry_out(prepared: PreparedTraining, progress: bool) -> Run:
    """Train what was prepared. Raises as `train` does."""
    if not prepared.finished:
        with only_one(prepared.folder), heard_by(FittingLines() if progress else None):
            train_held(prepared, progress)
    return load_run(prepared.folder, prepared.allow)


def train_held(prepared: PreparedTraining, progress: bool) -> None:
    """Train what was prepared in a folder that is held. Raises as `train` does."""
    task, learner, folder = prepared.task, prepared.learner, prepared.folder
    if not prepared.resumed:
        open_run(folder, prepared.config, prepared.overwrite)
    start = reopen_run(folder) if prepared.resumed else None
    with RunJournal(task, learner, folder, display(prepared.title, learner.total, progress), start) as journal:
        try:
            if not journal.over:
                _learn(prepared, journal)
            found = final_evaluation(task, folder, learner, journal.diverged is not None)
            write_result(folder, {**found, **journal.account, **_settling(journal)})
            _tell(prepared, found, progress)
        except KeyboardInterrupt:
            done = f"interrupted after {journal.periods:,} of {learner.total:,} periods"
            raise KeyboardInterrupt(f"{done}; {_way_on(prepared, journal.saved)}") from None
        except Unrestorable:
            raise
        except InputError as error:
            kept = journal.begun and (folder / f"{LAST}.json").is_file()
            more = [*error.more, *([_way_on(prepared, journal.saved)] if kept else [])]
            raise InputError(error.key, error.found, error.accepted, more) from error


class Unrestorable(InputError):
    """A training's state that its learner cannot go on from: to go on again would end the same."""


def _settling(journal: RunJournal) -> dict[str, Any]:
    """Whether what was learnt had settled, and what tells so: in a game each site's own cost."""
    rows = kept_rows(journal.folder)
    if journal.game is not None:
        curves = {site: curve_of(rows, f"{OWN}{site}") for site in journal.sites}
        at_rest = journal.diverged is None and come_to_rest(curves.values())
        return {"settled": at_rest, "still_moved_by": {site: still_moved_by(curve) for site, curve in curves.items()}}
    curve = curve_of(rows)
    return {"settled": journal.diverged is None and settled(curve), "still_fell_by": still_fell_by(curve)}


def _tell(prepared: PreparedTraining, found: Mapping[str, Any], progress: bool) -> None:
    """Print, of a game, what each site pays and what it could gain by leaving."""
    for site, paid in found.get("own_cost", {}).items() if progress else ():
        left = found["deviation"]
        gain = "" if left is None else f", a deviation gains {left['sites'][site]['gain']['mean']:,.3g}"
        gain += "" if left is None else f" ({left['sites'][site]['share']:.2%} of it)"
        print(f"{prepared.title}: {site} pays {paid['mean']:,.4g} a period{gain}", file=sys.stderr, flush=True)


def _learn(prepared: PreparedTraining, journal: RunJournal) -> None:
    """Until it is over, or has run away, which ends it with the best that there was. Raises InputError where there was none."""
    folder, total = prepared.folder, prepared.learner.total
    try:
        with heeding(journal.ask), _restoring(folder, journal):
            prepared.learner.learn(prepared.task, journal)
        journal.finish()
    except Diverged as error:
        if journal.best is None:
            raise InputError("agent", str(error), "a scenario and a start whose cost is a finite number") from error
        journal.diverged = str(error)
        told = f"{prepared.title}: diverged after {journal.periods:,} of {total:,} periods: {error}"
        kept = f"its best checkpoint, at a cost of {journal.best:,.6g} a period, is kept; a smaller learning_rate may hold"
        print(f"{told}; {kept}", file=sys.stderr, flush=True)


@contextmanager
def _restoring(folder: Path, journal: RunJournal) -> Iterator[None]:
    """Until an update has been made, what goes wrong is the fault of the state that training should go on from."""
    try:
        yield
    except Exception as error:
        if isinstance(error, InputError | Diverged) or journal.updated or journal.state is None:
            raise
        path, found = folder / f"{LAST}.json", f"{type(error).__name__}: {error}"
        raise Unrestorable(str(path), found, "the state of a training by this version of its learner") from error


def _way_on(prepared: PreparedTraining, saved: int) -> str:
    folder, packages = prepared.folder, packages_of(prepared.config.model_dump(mode="json"))
    if not (is_there(folder / CONFIG) and is_there(folder / f"{LAST}.json")):
        return f"nothing is kept: {folder} is no longer a run's folder"
    command = command_line("train", f"resume={folder}", *allowing(packages))
    return f"what was learnt in {saved:,} periods is kept; go on with: {command}"


def allowing(packages: Iterable[str]) -> list[str]:
    """What a command line needs to load what names classes of these packages."""
    return [f"allow=[{','.join(packages)}]"] if packages else []


def learner_of(given: Any, overrides: Mapping[str, Any]) -> Learner:
    """A learner from its name or keys, with further keys. Raises InputError, for an agent that is no learner too."""
    if isinstance(given, Agent):
        given = {"type": agents.name_of(type(given)), **given.model_dump()}
    if isinstance(given, str):
        given = {"type": given}
    if isinstance(given, Mapping):
        given = {**given, **overrides}
    known = [name for name in agents if issubclass(agents[name], Learner)]
    name = given.get("type") if isinstance(given, Mapping) else None
    if isinstance(name, str) and ":" not in name and name not in agents:
        raise UnknownName("agent", name, known, OTHERS)
    learner = make_agent(given)
    if not isinstance(learner, Learner):
        raise UnknownName("agent", agents.name_of(type(learner)), known, OTHERS)
    return learner


def _checked_seed(seed: Any) -> int:
    first = FIRST_HELD_OUT_SEED
    if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed < first:
        raise InputError("seed", seed, f"a whole number from 0 to {first - 1}: those from {first} on are evaluation's")
    return seed
