"""A policy evaluated at an autonomy level, as a job."""

from __future__ import annotations

import hashlib
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from orderup.agents import agents
from orderup.agents.runs.checkpoint import BEST
from orderup.agents.runs.lock import is_held, only_one
from orderup.agents.runs.run import Trained, is_whole
from orderup.envs.catalogue import contents
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.files import read_bytes
from orderup.envs.foundation.sealed_files import LARGEST

from ..running.contestant import Contestant
from ..running.playing import CannotAct
from ..running.recording import replay_of
from ..running.result import Result, Skipped, Traces
from ..running.runner import evaluate
from . import results
from .identity import digest, named, plain
from .sealed_tensors import Unusable
from .training import PATIENCE

EVALUATED = "judged"  # the folder of studies that are under way
"""Where results go, in a study's folder."""


@dataclass(frozen=True)
class EvaluationJob:
    """A policy at an autonomy level, on the traces of its scenario."""

    traces: Traces
    contestant: Contestant
    policy: str | None
    """The hash of the training that the policy comes from; None for one that has not to be learnt by the study."""
    study: Path
    data: str | None = None
    """As for a training."""

    @cached_property
    def key(self) -> str:
        """The hash of the traces, the autonomy level, and the agent's keys or the training it comes from."""
        traces, who = self.traces, self.contestant
        drawn = {"seed": traces.seed, "episodes": traces.episodes, "split": traces.split, "horizon": traces.horizon}
        task = {"scenario": contents(traces.scenario), "autonomy": contents(who.autonomy), "data": self.data}
        return digest({**task, "traces": drawn, "agent": self.policy or plain(who.agent, weights=True)})

    @property
    def name(self) -> str:
        who = self.contestant
        return named([self.traces.scenario.name, who.autonomy.name, who.name], self.key)

    @property
    def path(self) -> Path:
        """The file for what is found."""
        return self.study / EVALUATED / f"{self.name}.safetensors"

    @property
    def kind(self) -> str:
        return f"evaluate {agents.name_of(type(self.contestant.agent))}"

    @property
    def periods(self) -> int:
        return self.traces.episodes * self.traces.horizon

    @property
    def run_folder(self) -> Path | None:
        """The run that is evaluated, if it is one."""
        agent = self.contestant.agent
        return Path(agent.run) if isinstance(agent, Trained) else None

    @property
    def ready(self) -> bool:
        """Whether there is somebody to evaluate: a training of the study has to be finished."""
        return self.policy is None or self.run_folder is None or is_whole(self.run_folder)

    @property
    def stamp(self) -> results.Stamp:
        """What the file must say of itself: the hash, and the digest of what was learnt, as it is now."""
        learnt = None
        if self.run_folder is not None:
            with suppress(InputError):
                learnt = hashlib.sha256(read_bytes(self.run_folder / f"{BEST}.json", LARGEST, "a checkpoint")).hexdigest()
        return results.Stamp(self.key, learnt)

    @property
    def found(self) -> Result | Skipped | None:
        """What came of it; None until it is finished, and where what is kept cannot be used."""
        try:
            return results.load(self.path, self.stamp, self.traces, self.contestant)
        except Unusable:
            return None

    @property
    def fault(self) -> str | None:
        """Why what is kept cannot be used and it is evaluated anew; None where it can, or nothing is."""
        try:
            results.load(self.path, self.stamp, self.traces, self.contestant)
        except Unusable as error:
            return str(error)
        return None

    @property
    def finished(self) -> bool:
        return self.ready and self.found is not None

    @property
    def begun(self) -> bool:
        return False

    @property
    def held(self) -> bool:
        return is_held(self.path.parent, self._lock)

    @property
    def _lock(self) -> str:
        return f".{self.name}.lock"

    @property
    def seconds(self) -> float | None:
        return results.seconds(self.path)

    def run(self) -> None:
        with only_one(self.path.parent, self._lock, PATIENCE):
            if not self.finished:
                self._evaluate()

    def _evaluate(self) -> None:
        agent, traces = self.contestant.agent, self.traces
        if isinstance(agent, Trained):
            agent.load()  # a damaged run is a failure, and none of those who cannot act
        stamp, since = self.stamp, time.monotonic()
        found: Result | str
        try:
            result = evaluate(
                traces.scenario,
                self.contestant.autonomy,
                agent,
                episodes=traces.episodes,
                seed=traces.seed,
                split=traces.split,
                horizon=traces.horizon,
            )
            found = replace(result, replay=replay_of(result))  # where its levels are fitted, and not once more for the report
        except CannotAct as error:
            found = error.reason
        results.save(self.path, stamp, found, time.monotonic() - since)
