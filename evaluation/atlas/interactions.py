"""Pairs of factors that matter together: found on the networks that models are fitted to, estimated on those set aside.

Looking for the strongest and estimating them on the same networks would make them look stronger than they are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..statistics.least_squares import slopes, without_means
from .answers import MORE
from .expectation import Expectation
from .factors import BY_NAME

MOST = 3
"""Of each level."""
ENOUGH = 1.5
"""Networks set aside for every number that is estimated, blocks' means among them: with fewer, intervals mean nothing."""


@dataclass(frozen=True)
class Interaction:
    """How a factor's effect on what a level costs changes along another's range."""

    level: str
    factors: tuple[str, str]
    found: float
    """By the model: the effect of the first, from end to end, at the other's greatest less at its least (a logarithm)."""
    estimate: float
    """The same on networks that were set aside."""
    half: float
    """Half a 95 % interval of that."""

    @property
    def confirmed(self) -> bool:
        """Whether it has the same sign there, clear of zero."""
        return self.found * self.estimate > 0 and abs(self.estimate) > self.half


def interactions(table: pd.DataFrame, expectation: Expectation, level: str) -> list[Interaction]:
    """The strongest of a level's model, held against networks that were set aside, within their blocks."""
    pairs = [(term.factors, term.weight) for term in expectation.levels[level].terms if len(set(term.factors)) == 2]
    strongest = sorted(pairs, key=lambda pair: -abs(pair[1]))[:MOST]
    if not strongest:
        return []
    aside, names = table[table["held_out"]], list(expectation.factors)
    places = expectation.places(aside)
    alone = [place for place, name in enumerate(names) if BY_NAME[name].of_network]
    products = [places[:, names.index(one)] * places[:, names.index(other)] for (one, other), _ in strongest]
    rows = np.column_stack([*products, places[:, alone], aside[MORE + level].to_numpy(dtype=float)])
    apart = without_means(rows, aside["block"].to_numpy())
    blocks = aside["block"].nunique()
    estimates, halves = slopes(apart[:, :-1], apart[:, -1], blocks)
    if len(aside) < ENOUGH * (apart.shape[1] - 1 + blocks):
        halves = np.full(len(halves), np.inf)
    return [
        Interaction(level, (one, other), 4.0 * weight, 4.0 * float(estimate), 4.0 * float(half))
        for ((one, other), weight), estimate, half in zip(strongest, estimates, halves, strict=False)
    ]
