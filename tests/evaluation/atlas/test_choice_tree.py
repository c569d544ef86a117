"""A shallow tree asks what decides, is better than a rule of thumb on networks that it has not seen, and leaves nobody out."""

from __future__ import annotations

import numpy as np
import pandas as pd

from orderup.evaluation.atlas.choice_tree import TreeQuestion, in_short
from orderup.evaluation.atlas.design import Atlas
from orderup.evaluation.atlas.expectation import Expectation
from orderup.evaluation.atlas.verdicts import rules
from orderup.evaluation.atlas.words import FACTORS

World = tuple[Atlas, pd.DataFrame, Expectation]


def test_it_asks_first_for_what_decides_and_where_that_turns(world: World) -> None:
    tree = world[2].tree
    assert tree is not None
    first = tree.leaves[0].answers[0]
    assert first.factor == "memory"
    assert abs(first.most - 0.45) < 0.1  # sites cost as much as the ideal centre in the middle of its range


def test_every_network_is_in_one_leaf(world: World) -> None:
    _, table, found = world
    assert found.tree is not None
    counts = np.sum([leaf.holds(table) for leaf in found.tree.leaves], axis=0)
    assert set(counts) == {1}
    assert sum(leaf.networks for leaf in found.tree.leaves) == (~table["held_out"]).sum()
    one = table.iloc[7:8]
    assert found.tree.leaf(one).level == world[0].levels[found.tree.chosen(one, world[0].levels)[0]]


def test_it_is_better_than_any_rule_of_thumb(world: World) -> None:
    asked, table, found = world
    judged = {rule.name: rule for rule in rules(asked, found, table)}
    thumbs = [rule.too_dear for rule in judged.values() if not rule.looks]
    assert judged["the tree"].too_dear < 0.01 < 0.03 < min(thumbs)


def test_questions_are_told_once_for_each_side() -> None:
    asked = [TreeQuestion(factor=name, most=most, yes=yes) for name, most, yes in
             (("memory", 0.5, True), ("memory", 0.3, True), ("lost", 0.2, False))]  # fmt: skip
    assert in_short(asked, FACTORS) == ["memory of demand ≤ 0.3", "share of lost sales > 0.2"]
