"""The optimum of any small problem that renews itself period by period: states, actions, chances, relative value iteration.

Letters: M states, A actions, D outcomes of a period's chance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from orderup.envs.foundation.errors import InputError
from orderup.envs.numerics.arrays import Floats

from ..fitting_progress import Narrowing

Whole = NDArray[np.int64]

MAX_SWEEPS = 50_000
DAMPING = 0.1
"""Share of the last iterate kept in the next, so that a chain with a period (demand that hardly varies) converges as well."""
SMALL, MOST_SQUARES = 400, 60
"""Chains of so few states are followed by squaring, at most so often."""
MOST = 30_000_000
"""State, action and outcome combinations that are worked out at most; a sweep over so many takes about a tenth of a second."""


@dataclass(frozen=True, eq=False)
class Optimum:
    """What no policy beats: the least long-run cost per period, and an action (M,) for every state that attains it."""

    cost: float
    action: Whole
    values: Floats
    """How much dearer the future is from a state than from the first (M,)."""


@dataclass(frozen=True, eq=False)
class DecisionProcess:
    """A Markov decision process with finitely many states, evaluated by its mean cost per period."""

    cost: Floats
    """Expected cost of the period (M, A), infinite for an action that a state does not have."""
    step: sparse.csr_array
    """Chances (M·A, M) of the next state, from each state with each action, actions running faster."""

    @classmethod
    def of(cls, cost: Floats, following: Whole, chance: Floats) -> DecisionProcess:
        """From the next states (M, A, D) of D outcomes, whose `chance` is (D,) or broadcasts to (M, A, D).

        Raises InputError where that is more than MOST combinations.
        """
        states, actions, outcomes = following.shape
        check_size("states", {"states": states, "actions": actions, "outcomes": outcomes})
        pointer = np.arange(0, following.size + 1, outcomes)
        weight = np.broadcast_to(chance, following.shape).reshape(-1)
        step = sparse.csr_array((weight, following.reshape(-1), pointer), shape=(states * actions, states))
        step.sum_duplicates()
        return cls(cost, step)

    def optimum(self, tolerance: float = 1e-8) -> Optimum:
        """Relative value iteration until the bounds on the optimal cost are `tolerance` apart [money per period].

        The bounds are the least and greatest gain of a sweep (Odoni 1969, Operations Research 17); the cost is half-way
        between. Of several optimal actions it takes the first.
        """
        values, tells = np.zeros(len(self.cost)), Narrowing(f"the optimum over {len(self.cost):,} states", tolerance)
        for _ in range(MAX_SWEEPS):
            ahead = self.cost + (self.step @ values).reshape(self.cost.shape)
            best = ahead.min(axis=1)
            gain = best - values
            if np.ptp(gain) < tolerance:
                action = np.argmax(ahead <= best[:, None] + tolerance, axis=1)
                return Optimum(float(gain.min() + gain.max()) / 2, action, values)
            tells(float(np.ptp(gain)))
            values = DAMPING * values + (1 - DAMPING) * best
            values -= values[0]
        raise RuntimeError(f"value iteration did not reach {tolerance} in {MAX_SWEEPS} sweeps")

    def cost_of(self, action: ArrayLike, start: int = 0) -> float:
        """Long-run cost per period of always taking a state's `action` (M,), from the state `start`."""
        chosen = np.asarray(action, dtype=np.int64)
        row = np.arange(len(self.cost)) * self.cost.shape[1] + chosen
        share = stationary(self.step[row], start)
        visited = share > 0  # elsewhere an action may cost more than anything
        return float(share[visited] @ self.cost[visited, chosen[visited]])


def stationary(step: sparse.csr_array, start: int = 0, tolerance: float = 1e-12) -> Floats:
    """Share of time (M,) that a chain with chances (M, M), the state it comes from first, spends in each state."""
    if step.shape[0] <= SMALL:
        return _squared(step, start, tolerance)
    share = np.zeros(step.shape[0])
    share[start] = 1.0
    return settled(sparse.csr_array(step.T), share, tolerance)


def settled(onward: sparse.csr_array, share: Floats, tolerance: float) -> Floats:
    """What shares of time (M,) come to in the end, of a chain with chances (M, M), the state it leads to first."""
    for _ in range(MAX_SWEEPS):
        moved = DAMPING * share + (1 - DAMPING) * (onward @ share)
        if np.abs(moved - share).sum() < tolerance:
            return np.asarray(moved / moved.sum())
        share = moved
    raise RuntimeError(f"the stationary distribution did not settle to {tolerance} in {MAX_SWEEPS} steps")


def _squared(step: sparse.csr_array, start: int, tolerance: float) -> Floats:
    """The same by squaring the chances again and again, which chains that hardly ever change course do not hold up."""
    far = DAMPING * np.eye(step.shape[0]) + (1 - DAMPING) * step.toarray()
    for _ in range(MOST_SQUARES):
        before, far = far[start], far @ far
        far /= far.sum(axis=1, keepdims=True)
        if np.abs(far[start] - before).sum() < tolerance:
            return np.asarray(far[start])
    raise RuntimeError(f"the stationary distribution did not settle to {tolerance} in 2^{MOST_SQUARES} steps")


@dataclass(frozen=True)
class StateGrid:
    """States that are combinations of whole numbers, each from 0 up to (not including) its size, the last running fastest."""

    sizes: tuple[int, ...]

    @property
    def count(self) -> int:
        """M."""
        return math.prod(self.sizes)

    def points(self) -> Whole:
        """All combinations (M, n)."""
        return np.stack(np.unravel_index(np.arange(self.count), self.sizes), axis=1)

    def number(self, *parts: NDArray[np.int64]) -> Whole:
        """The state that combines these, each held within its size."""
        inside = [np.clip(part, 0, size - 1) for part, size in zip(parts, self.sizes, strict=True)]
        return np.asarray(np.ravel_multi_index(tuple(np.broadcast_arrays(*inside)), self.sizes))


def check_size(key: str, sizes: dict[str, int], shrink: str = "", most: int = MOST) -> None:
    """Raises InputError where the product of `sizes` is more than `most`, saying how large it is and what would fit."""
    total = math.prod(sizes.values())
    if total <= most:
        return
    found = " × ".join(f"{size} {name}" for name, size in sizes.items())
    largest = max(sizes, key=sizes.__getitem__)
    fits = most * sizes[largest] // total
    accepted = f"at most {most:,} combinations: {largest} up to {fits} with the others as they are{shrink and f', {shrink}'}"
    raise InputError(key, f"{found} = {total:,}", accepted)
