"""What came of a training: its last and its best checkpoint on ten times as many episodes, the better of which is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import stdtrit

from orderup.envs.numerics.arrays import Floats

from ..learning.learner import JSON, REFERENCE, VALIDATION_EPISODES, Task
from ..runs import checkpoint
from ..runs.checkpoint import BEST, LAST, Checkpoint

EPISODES = 10 * VALIDATION_EPISODES
"""None of them one of those that the best was chosen on, so that its luck there does not count."""


def final_evaluation(task: Task, folder: Path) -> dict[str, JSON]:
    """What the better of a run's two checkpoints costs a period, beside base_stock on the same episodes, as plain data.

    It is the best checkpoint afterwards. Each cost is a mean with half its 95 % interval.
    """
    chosen, costs = _chosen(task, folder)
    reference, bound = task.reference(EPISODES, VALIDATION_EPISODES), task.bound(EPISODES, VALIDATION_EPISODES)
    return {
        "cost": _interval(costs),
        "periods_of_best": chosen.periods,
        "episodes": EPISODES,
        REFERENCE: None if reference is None else _interval(_episodes(reference)),
        f"difference_to_{REFERENCE}": None if reference is None else _interval(costs - _episodes(reference)),
        "bound": None if bound is None else _interval(_episodes(bound)),
    }


def _chosen(task: Task, folder: Path) -> tuple[Checkpoint, Floats]:
    """The better of the two on new episodes, and its costs (B,); the last one takes the best one's place where it is."""
    best, last = (checkpoint.load(folder, which) for which in (BEST, LAST))
    costs = _costs(task, best)
    if last.periods == best.periods:
        return best, costs
    of_last = _costs(task, last)
    if not of_last.mean() < costs.mean():  # nor where it is no number
        return best, costs
    kept = Checkpoint(last.learnt, last.periods, last.cost)
    checkpoint.save(folder, BEST, kept)
    return kept, of_last


def _costs(task: Task, tried: Checkpoint) -> Floats:
    return _episodes(task.costs(tried.learnt, EPISODES, VALIDATION_EPISODES))


def _episodes(costs: Floats) -> Floats:
    mean: Floats = costs.mean(axis=0)
    return mean


def _interval(values: Floats) -> dict[str, Any]:
    """Mean and half the width of Student's 95 % interval."""
    spread = values.std(ddof=1) / np.sqrt(values.size)
    return {"mean": float(values.mean()), "half_width": float(stdtrit(values.size - 1, 0.975) * spread)}
