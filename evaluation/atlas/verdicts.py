"""What the atlas says, held against what anybody could have said: rules of thumb, and expectations registered beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..statistics.least_squares import slopes
from .answers import BEATEN, MORE, best, logarithms
from .design import SITES, Atlas
from .expectation import Expectation
from .factors import BY_NAME
from .words import level_words

FLAT = 0.01
"""What costs change by at most, from one end of a factor's range to the other, where it is said to make no difference."""


@dataclass(frozen=True)
class ChoiceRule:
    """A way to choose a level, judged on networks that were set aside."""

    name: str
    right: float
    """Share of networks for which nothing is cheaper than its choice, chance allowed for."""
    too_dear: float
    """How much more its choices cost than the best, on average (a share)."""
    looks: bool = False
    """Whether it looks at a network's factors; or else chooses the same for all."""


@dataclass(frozen=True)
class Confronted:
    """Something expected beforehand, and what came."""

    measure: str
    factor: str
    expected: str
    because: str
    effect: float
    """Logarithm of what costs are multiplied by from one end of the factor's range to the other."""
    low: float
    high: float

    @property
    def verdict(self) -> str:
        """held, refuted, or open where chance is in the way."""
        if self.expected == "flat":
            return (
                "held" if max(abs(self.low), abs(self.high)) <= FLAT else "refuted" if self.low > 0 or self.high < 0 else "open"
            )
        sign = 1 if self.expected == "rising" else -1
        return "held" if sign * self.low > 0 and sign * self.high > 0 else "open" if self.low < 0 < self.high else "refuted"


def rules(atlas: Atlas, expectation: Expectation, table: pd.DataFrame) -> list[ChoiceRule]:
    """The model's choice beside those that need none, on the networks that are held out."""
    aside, levels = table[table["held_out"]], atlas.levels
    expected = np.column_stack([np.zeros(len(aside)), *(expectation.expected(aside, level) for level in levels[1:])])
    frequent = str(best(table[~table["held_out"]], levels).value_counts().idxmax())
    thumbs = {f"always {level_words(level)}": level for level in (levels[0], SITES) if level in levels}
    thumbs[f"the most frequent, {level_words(frequent)}"] = frequent
    chosen = {name: np.full(len(aside), levels.index(level)) for name, level in thumbs.items()}
    models = {"the atlas": expected.argmin(axis=1)}
    if expectation.tree is not None:
        models["the tree"] = expectation.tree.chosen(aside, levels)
    return [_rule(name, places, aside, levels, name in models) for name, places in {**models, **chosen}.items()]


def _rule(name: str, places: NDArray[np.int64], aside: pd.DataFrame, levels: Sequence[str], looks: bool) -> ChoiceRule:
    more, rows = logarithms(aside, levels), np.arange(len(aside))
    beaten = aside[[BEATEN + level for level in levels]].to_numpy(dtype=bool)
    dearer = np.exp(more[rows, places] - more.min(axis=1)) - 1.0
    return ChoiceRule(name, float(1.0 - beaten[rows, places].mean()), float(dearer.mean()), looks)


def confronted(atlas: Atlas, table: pd.DataFrame, expectation: Expectation) -> list[Confronted]:
    """Main effects of what was registered, by least squares on all factors, with Student's intervals of 95 %.

    Errors are those of a split-plot design. What is of networks is compared within blocks, with errors that may differ from
    network to network. What is of organisations differs between
    blocks alone, and so rests on as many observations as there are blocks: their means, the networks' factors allowed for.
    """
    effects = {measure: _main_effects(table, expectation, measure) for measure in {each.measure for each in atlas.expects}}
    return [
        Confronted(each.measure, each.factor, each.direction, each.because, *effects[each.measure][each.factor])
        for each in atlas.expects
    ]


def _main_effects(table: pd.DataFrame, expectation: Expectation, level: str) -> dict[str, tuple[float, float, float]]:
    """Of every factor, from one end of its range to the other: the estimate, and the ends of its interval."""
    names, blocks = list(expectation.factors), table["block"].to_numpy()
    of_network = np.array([BY_NAME[name].of_network for name in names])
    places, more = expectation.places(table), table[MORE + level].to_numpy(dtype=np.float64)
    means = pd.DataFrame(np.column_stack([more, places])).groupby(blocks).transform("mean").to_numpy()
    within, errors = slopes(places[:, of_network] - means[:, 1:][:, of_network], more - means[:, 0], len(set(blocks)))
    _, first = np.unique(blocks, return_index=True)
    left = (means[:, 0] - means[:, 1:][:, of_network] @ within)[first]
    organised = places[first][:, ~of_network]
    others, wider = slopes(organised - organised.mean(axis=0), left - left.mean(), 1, alike=True)
    found = np.empty((2, len(names)))
    found[:, of_network], found[:, ~of_network] = (within, errors), (others, wider)
    effect, half = 2.0 * found  # places run from −1 to 1
    return {name: (float(e), float(e - h), float(e + h)) for name, e, h in zip(names, effect, half, strict=True)}
