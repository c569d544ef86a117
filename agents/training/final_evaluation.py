"""What came of a training: its last and its best checkpoint on ten times as many episodes, the better of which is kept.

Where each site has learnt for itself nothing is chosen: the last is what came of it, and what is told is whether any site
would leave it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import stdtrit

from orderup.envs.authority.rewards import Reward
from orderup.envs.numerics.arrays import Floats

from ..learning.learner import JSON, REFERENCE, VALIDATION_EPISODES, Learner, Task
from ..learning.learnt import Learnt
from ..runs import checkpoint
from ..runs.checkpoint import BEST, LAST, Checkpoint

EPISODES = 10 * VALIDATION_EPISODES
"""None of them one of those that the best was chosen on, so that its luck there does not count."""
LARGEST_SHARE = 1e6
"""That is told: a site that pays next to nothing may gain any multiple of it."""


def final_evaluation(task: Task, folder: Path, learner: Learner, diverged: bool = False) -> dict[str, JSON]:
    """What the better of a run's two checkpoints costs a period, beside base_stock on the same episodes, as plain data.

    It is the best checkpoint afterwards; of a game the last one is, unless it diverged. Each cost is a mean with half its 95 %
    interval.
    """
    game = learner.game(task)
    if game is None:
        chosen, costs = _chosen(task, folder)
    else:
        chosen = _latest(folder, diverged)
        costs = _costs(task, chosen)
    reference, bound = task.reference(EPISODES, VALIDATION_EPISODES), task.bound(EPISODES, VALIDATION_EPISODES)
    return {
        "cost": _interval(costs),
        "periods_of_best": chosen.periods,
        "episodes": EPISODES,
        REFERENCE: None if reference is None else _interval(_episodes(reference)),
        f"difference_to_{REFERENCE}": None if reference is None else _interval(costs - _episodes(reference)),
        "bound": None if bound is None else _interval(_episodes(bound)),
        **({} if game is None else _of_game(task, chosen.learnt, game, learner.deviation_periods)),
    }


def _latest(folder: Path, diverged: bool) -> Checkpoint:
    """The last checkpoint, which takes the best one's place; where numbers ran away the last that was tried."""
    if diverged:
        return checkpoint.load(folder, BEST)
    last = checkpoint.load(folder, LAST)
    kept = Checkpoint(last.learnt, last.periods, last.cost)
    checkpoint.save(folder, BEST, kept)
    return kept


def _of_game(task: Task, learnt: Learnt, reward: Reward, periods: int) -> dict[str, JSON]:
    """What each site pays itself, and what it could gain by leaving the others to what they learnt, paired."""
    from .deviation import best_response, can_deviate  # PyTorch, which takes its time

    paid = task.own_costs(learnt, reward, EPISODES, VALIDATION_EPISODES)[1:]
    sites = task.site_seats
    found: dict[str, JSON] = {
        "chosen_by": "own",
        "own_cost": {site: _interval(costs) for site, costs in zip(sites, paid, strict=True)},
        "deviation": None,
    }
    if not periods or not can_deviate(learnt):
        return found
    gains: dict[str, Any] = {}
    for place, site in enumerate(sites):
        other = best_response(task, learnt, reward, site, periods)
        after = paid[place] if other is None else task.own_costs(other, reward, EPISODES, VALIDATION_EPISODES)[1 + place]
        gain = paid[place] - after
        gains[site] = {"gain": _interval(gain), "share": _share(float(gain.mean()), float(paid[place].mean()))}
    found["deviation"] = {"sites": gains, "largest_share": max(gain["share"] for gain in gains.values()), "periods": periods}
    return found


def _share(gain: float, own: float) -> float:
    """A gain as a share of what a site pays, nothing where it is none; of a site that pays nothing all of it."""
    return 0.0 if gain <= 0 else min(gain / abs(own), LARGEST_SHARE) if own else LARGEST_SHARE


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
