"""Evaluating several policies on the same traces."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from orderup.envs.foundation.errors import InputError
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.trace.trace import FIRST_HELD_OUT_SEED

from ..running.contestant import Contestant, contestant_of, distinct
from ..running.playing import CannotAct, Progress
from ..running.result import Result, Skipped, Traces
from ..running.runner import Setup, evaluated
from .comparison import Comparison


def compare(
    scenario: str | Path | Mapping[str, Any] | Scenario,
    judged: Sequence[Contestant | tuple[Any, Any]],
    *,
    episodes: int = 200,
    seed: int = FIRST_HELD_OUT_SEED,
    batch: int | None = None,
    split: str = "test",
    horizon: int | None = None,
    backend: str = "numpy",
    device: str | None = None,
    progress: Progress | None = None,
    kpis: Iterable[Any] = (),
) -> Comparison:
    """Evaluate several on the same traces: contestants, or pairs of an autonomy level and a policy.

    Those that cannot act at their autonomy level are skipped and named, and so are those whose own program fails, by its
    exception. `kpis` are told beside those of every report, as for `evaluate`. Raises InputError as that does, when nobody is
    left, and for a wrong key of an agent's own.
    """
    setup = Setup.of(scenario, episodes, seed, batch, split, horizon, backend, device, kpis)
    results: list[Result] = []
    skipped: dict[Skipped, InputError] = {}
    for contestant in distinct(entry if isinstance(entry, Contestant) else contestant_of(*entry) for entry in judged):
        try:
            results.append(evaluated(setup, contestant, progress))
        except CannotAct as error:
            skipped[Skipped(contestant.autonomy.name, contestant.name, error.reason)] = error
        except InputError:
            raise
        except Exception as error:  # whatever a user's own agent may raise
            failure = Skipped.after(contestant.autonomy.name, contestant.name, error)
            skipped[failure] = CannotAct(contestant, failure.reason, failed=True)
            skipped[failure].__cause__ = error
    if not results:
        raise next(iter(skipped.values()), InputError("agent", "nobody", "at least one policy to evaluate"))
    return Comparison(tuple(results), tuple(skipped))


def traces_of(scenario: Any, **settings: Any) -> Traces:
    """The traces that `compare` would evaluate on. Raises InputError as it does for settings that cannot be."""
    everything = {"batch": None, "split": "test", "horizon": None, "backend": "numpy", "device": None, **settings}
    return Setup.of(scenario, **everything).traces
