"""Levels moved one by one, and together, as long as the same episodes get cheaper.

A search that moves single numbers, or follows a gradient, can end where all of them times 1.05 would be cheaper: so those of a
site, of a product and all are scaled in the end, on whole episodes. Letters: M candidates, E episodes, L lanes, K products.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from itertools import compress
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
TINY = 1e-300
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
    closer: Sequence[Callable[[], Evaluator]] = ()
    """The same on ever more episodes, each for half as many moves as the one before, where none helps for sure.

    Made when it is wanted, and forgotten: their episodes together would take several times the memory of one's.
    """
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
            found = self._cheaper(numbers, moves)
            if found is None:
                return numbers
            numbers = found
        self.cut_short = True
        return numbers

    def _cheaper(self, numbers: Numbers, moves: Sequence[Move]) -> Numbers | None:
        tried = [move(numbers) for move in moves]
        saved, error = _saved(self.costs_of, numbers, tried)
        helps = saved > self.sure * error
        if not helps.any():
            return self._cheaper_on_a_closer_look(numbers, tried, saved, error)
        best = tried[int(np.where(helps, saved, -np.inf).argmax())]
        if helps.sum() == 1:
            return best
        together = reduce(lambda moved, move: move(moved), compress(moves, helps), numbers)
        both = self.costs_of([together, best]).mean(axis=1)
        return together if both.argmin() == 0 else best

    def _cheaper_on_a_closer_look(
        self, numbers: Numbers, tried: Sequence[Numbers], saved: Floats, error: Floats
    ) -> Numbers | None:
        """The best of the half that comes closest to being cheaper for sure, or of half of that half, as soon as one is."""
        for made in self.closer:
            closest = np.argsort(-saved / (error + TINY))[: (len(tried) + 1) // 2]
            tried = [tried[place] for place in closest.tolist()]
            saved, error = _saved(made(), numbers, tried)
            helps = saved > self.sure * error
            if helps.any():
                return tried[int(np.where(helps, saved, -np.inf).argmax())]
        return None


def _saved(costs_of: Evaluator, numbers: Numbers, tried: Sequence[Numbers]) -> tuple[Floats, Floats]:
    """What each of the `tried` saves on average, and the standard error of that (M,)."""
    costs = costs_of([numbers, *tried])
    return costs[0].mean() - costs[1:].mean(axis=1), _errors(costs)[1:]


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
