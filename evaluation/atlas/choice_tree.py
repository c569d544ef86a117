"""A choice of level in a few questions: a shallow tree over factors, for people who would rather read than compute.

It is grown on what levels cost beside each other, those alone that are the cheapest somewhere (a regression tree of several
outputs: Breiman, Friedman, Olshen and Stone, Classification and Regression Trees, 1984); cross-validation by blocks says how
deep it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from orderup.envs.foundation.validation import Stored

from .answers import best, logarithms

DEEPEST = 3
OFTEN = 0.05
"""Share of networks on which a level is the cheapest, at least, for the tree to choose it."""
SMALLEST = 20
"""Networks in a leaf, or a twentieth of all where that is more."""
FOLDS = 5


class TreeQuestion(Stored):
    """Whether a factor is at most so much."""

    factor: str
    most: float
    yes: bool


class TreeLeaf(Stored):
    """Networks that answer alike."""

    answers: list[TreeQuestion]
    level: str
    networks: int
    too_dear: float
    """How much more the level costs than the best for each of these networks, on average (a share)."""

    def holds(self, table: pd.DataFrame) -> NDArray[np.bool_]:
        """Which networks are among them (M,)."""
        found = np.ones(len(table), dtype=bool)
        for each in self.answers:
            found &= (table[each.factor].to_numpy() <= each.most) == each.yes
        return found


class ChoiceTree(Stored):
    """Its leaves, which share all networks among them."""

    leaves: list[TreeLeaf]

    def leaf(self, table: pd.DataFrame) -> TreeLeaf:
        """That of one network (the first row)."""
        return next(leaf for leaf in self.leaves if leaf.holds(table.iloc[:1])[0])

    def chosen(self, table: pd.DataFrame, levels: Sequence[str]) -> NDArray[np.int64]:
        """The place of the level that is chosen for each network (M,)."""
        found = np.zeros(len(table), dtype=np.int64)
        for leaf in self.leaves:
            found[leaf.holds(table)] = levels.index(leaf.level)
        return found


def grown(
    table: pd.DataFrame, factors: Sequence[str], levels: Sequence[str], folds: Sequence[Any], regressor: Any
) -> ChoiceTree:
    """Of networks that no rule is judged by; `folds` are pairs of rows, `regressor` is scikit-learn's."""
    costs, x = logarithms(table, levels), table[list(factors)].to_numpy(dtype=float)
    often = best(table, levels).value_counts(normalize=True)
    able = [place for place, level in enumerate(levels) if often.get(level, 0.0) >= min(OFTEN, 1.0 / len(levels))]
    apart = costs[:, able] - costs[:, able].mean(axis=1, keepdims=True)

    def tree(depth: int, rows: NDArray[np.int64]) -> Any:
        leaf = max(SMALLEST, len(rows) // 20)
        return regressor(max_depth=depth, min_samples_leaf=leaf, random_state=0).fit(x[rows], apart[rows])

    def too_dear(depth: int) -> float:
        found = []
        for train, test in folds:
            chosen = np.array(able)[_predicted(tree(depth, train), x[test]).argmin(axis=1)]
            found.append(_too_dear(costs[test], chosen))
        return float(np.concatenate(found).mean())

    depth = min(range(1, DEEPEST + 1), key=too_dear)
    return ChoiceTree(leaves=_leaves(tree(depth, np.arange(len(x))).tree_, table, factors, costs, levels, able))


def _predicted(model: Any, x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(model.predict(x), dtype=float).reshape(len(x), -1)


def _too_dear(costs: NDArray[np.float64], chosen: NDArray[np.int64]) -> NDArray[np.float64]:
    found: NDArray[np.float64] = np.expm1(costs[np.arange(len(costs)), chosen] - costs.min(axis=1))
    return found


def _leaves(
    tree: Any,
    table: pd.DataFrame,
    factors: Sequence[str],
    costs: NDArray[np.float64],
    levels: Sequence[str],
    able: Sequence[int],
) -> list[TreeLeaf]:
    """From scikit-learn's arrays: neighbours that choose alike stay apart, as they were asked."""
    found: list[TreeLeaf] = []

    def walk(node: int, answers: list[TreeQuestion]) -> None:
        if tree.children_left[node] < 0:
            place = able[int(np.ravel(tree.value[node]).argmin())]
            leaf = TreeLeaf(answers=answers, level=levels[place], networks=0, too_dear=0.0)
            inside = leaf.holds(table)
            dear = float(_too_dear(costs[inside], np.full(inside.sum(), place)).mean())
            found.append(leaf.model_copy(update={"networks": int(inside.sum()), "too_dear": dear}))
            return
        factor, most = factors[tree.feature[node]], float(tree.threshold[node])
        for child, yes in ((tree.children_left[node], True), (tree.children_right[node], False)):
            walk(int(child), [*answers, TreeQuestion(factor=factor, most=most, yes=yes)])

    walk(0, [])
    return found


def in_short(answers: Sequence[TreeQuestion], words: Mapping[str, str]) -> list[str]:
    """The questions of a leaf, each factor once for each side, the narrowest: `order delay [periods] ≤ 1.5`."""
    narrowest: dict[tuple[str, bool], float] = {}
    for each in answers:
        key = each.factor, each.yes
        narrower = min if each.yes else max
        narrowest[key] = narrower(narrowest.get(key, each.most), each.most)
    return [f"{words.get(factor, factor)} {'≤' if yes else '>'} {most:.3g}" for (factor, yes), most in narrowest.items()]
