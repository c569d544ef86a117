"""Levels moved one by one, and together, as long as the same episodes get cheaper.

A search that moves single numbers, or follows a gradient, can end where all of them times 1.05 would be cheaper: so those of a
site, of a product and all are scaled in the end, on whole episodes. Letters: M candidates, E episodes, L lanes, K products.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Floats

Numbers: TypeAlias = dict[str, Floats]
Move: TypeAlias = Callable[[Numbers], Numbers]
Evaluator: TypeAlias = Callable[[Sequence[Numbers]], Floats]
"""What each of some numbers costs in each of the same episodes (M, E)."""

ROUNDS = 60
"""Of trying all moves of one size; then it is cut short, and says so."""
SURE = 2.0
"""Standard errors by which something has to be cheaper where episodes are few."""
SCALES = (0.1, 0.05, 0.02)
"""Parts by which levels are scaled together."""
LEVEL = "level"
"""How the names of numbers end that may be moved."""


@dataclass
class Trying:
    """Moves that are tried by what they cost, and whether they were tried to the end."""

    costs_of: Evaluator
    sure: float = 0.0
    rounds: int = ROUNDS
    cut_short: bool = False
    tells: Callable[[], None] | None = None
    """Called before every round."""

    def settled(self, numbers: Numbers, moves: Sequence[Move]) -> Numbers:
        """Numbers that no single move makes cheaper.

        Every round tries all moves at once; those that help are then tried together, and the best of all is kept.
        """
        for _ in range(self.rounds):
            if self.tells is not None:
                self.tells()
            tried = [numbers, *(move(numbers) for move in moves)]
            costs = self.costs_of(tried)
            saved, error = costs[0].mean() - costs.mean(axis=1), _errors(costs)
            helping = [
                move for move, gain, unsure in zip(moves, saved[1:], error[1:], strict=True) if gain > self.sure * unsure
            ]
            if not helping:
                return numbers
            best = tried[int(np.where(saved > self.sure * error, saved, -np.inf).argmax())]
            together = reduce(lambda moved, move: move(moved), helping, numbers)
            both = self.costs_of([together, best]).mean(axis=1) if len(helping) > 1 else None
            numbers = together if both is not None and both.argmin() == 0 else best
        self.cut_short = True
        return numbers


def _errors(costs: Floats) -> Floats:
    """Standard error of the mean difference to the first (M,)."""
    found: Floats = (costs - costs[:1]).std(axis=1) / np.sqrt(costs.shape[1])
    return found


def single_moves(network: Network, numbers: Numbers, step: Floats, least: Mapping[str, float]) -> list[Move]:
    """Every level up and down by its step (L, K), never below the least of its name."""
    found: list[Move] = []
    for name in filter(is_level, numbers):
        for lane, product in np.argwhere(movable(network)).tolist():
            size = float(step[lane, product])
            found += [partial(_shifted, name, lane, product, sign * size, least[name]) for sign in (1, -1)]
    return found


def movable(network: Network) -> NDArray[np.bool_]:
    """Which levels anything depends on (L, K): those of products that lanes carry."""
    shape, carried = (len(network.lanes), len(network.products)), network.limits.carried
    found: NDArray[np.bool_] = np.ones(shape, dtype=bool) if carried is None else carried[:, :, 0] > 0
    return found


def _shifted(name: str, lane: int, product: int, size: float, least: float, numbers: Numbers) -> Numbers:
    found = {key: values.copy() for key, values in numbers.items()}
    found[name][lane, product] = max(found[name][lane, product] + size, least)
    return found


def group_moves(network: Network, numbers: Numbers, share: float, integral: bool) -> list[Move]:
    """Groups of levels scaled up and down by a share."""
    names = tuple(filter(is_level, numbers))
    parties = dict.fromkeys(name.partition("/")[0] for name in names)
    chosen = [names, *([tuple(name for name in names if name.startswith(f"{party}/")) for party in parties])]
    return [
        partial(_scaled, some, part, 1.0 + sign * share, integral)
        for some in dict.fromkeys(chosen)
        for part in groups(network)
        for sign in (1, -1)
    ]


def groups(network: Network) -> Iterator[NDArray[np.bool_]]:
    """Which levels belong together (L, K): all, those of each site, and those of each product; none twice."""
    shape = len(network.lanes), len(network.products)
    sites = [np.broadcast_to((network.topology.destination == site)[:, None], shape) for site in range(len(network.sites))]
    products = [np.broadcast_to(np.arange(shape[1]) == product, shape) for product in range(shape[1])]
    every = [np.ones(shape, dtype=bool), *sites, *products]
    seen: dict[bytes, NDArray[np.bool_]] = {part.tobytes(): part for part in every if part.any()}
    yield from seen.values()


def _scaled(names: tuple[str, ...], part: Any, factor: float, integral: bool, numbers: Numbers) -> Numbers:
    found = {key: values.copy() for key, values in numbers.items()}
    for name in names:
        scaled = found[name][part] * factor
        found[name][part] = np.round(scaled) if integral else scaled
    return found


def is_level(name: str) -> bool:
    """Whether a number is one that may be moved."""
    return name.endswith(LEVEL)
