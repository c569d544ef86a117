"""The tables of an atlas' page."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from ..page.panels import PageTable
from ..statistics.digits import in_percent, percent_more
from .answers import best
from .choice_tree import ChoiceTree, in_short
from .design import Atlas
from .expectation import Expectation
from .interactions import Interaction
from .verdicts import ChoiceRule
from .words import FACTORS, factor_words, level_words


def rules_table(judged: Sequence[ChoiceRule]) -> PageTable:
    """How good each way to choose a level is."""
    note = (
        "On networks that were set aside before anything was fitted: how often nothing is cheaper than a rule's choice, chance "
        "allowed for, and how much more its choices cost than the best on average."
    )
    rows = [(rule.name, f"{rule.right:.0%}", f"{100 * rule.too_dear:.1f} %") for rule in judged]
    return PageTable("rules", "Choosing a level", note, ("rule", "nothing cheaper", "too dear by"), rows)


def tree_table(tree: ChoiceTree) -> PageTable:
    """The tree's leaves."""
    note = (
        "A level in a few questions, each row a kind of network; how much dearer than the best its level is there on average, "
        "of the networks that the tree was grown on. What it is worth on others, the table above says."
    )
    rows = [
        (
            "; ".join(in_short(leaf.answers, FACTORS)) or "any",
            level_words(leaf.level),
            leaf.networks,
            f"{100 * leaf.too_dear:.1f} %",
        )
        for leaf in tree.leaves
    ]
    return PageTable("tree", "A choice in a few questions", note, ("networks with", "level", "networks", "too dear by"), rows)


def together_table(found: Sequence[Interaction]) -> PageTable:
    """Pairs of factors, and what became of them on other networks."""
    note = (
        "The strongest pairs of each level's model: how much more the first factor's effect is, from end to end, where the "
        "second is at its greatest than where it is at its least. Estimates are of networks that were set aside, with 95 % "
        "intervals."
    )
    rows = [
        (
            level_words(each.level),
            " × ".join(map(factor_words, each.factors)),
            percent_more(in_percent(each.found)),
            f"{percent_more(in_percent(each.estimate))} ± {in_percent(each.half):.1f}"
            if math.isfinite(each.half)
            else "too few networks",
            "confirmed" if each.confirmed else "open",
        )
        for each in found
    ]
    return PageTable(
        "together", "Factors that matter together", note, ("level", "factors", "by the model", "set aside", ""), rows
    )


def best_table(atlas: Atlas, table: pd.DataFrame) -> PageTable:
    """How often each level is the cheapest."""
    counts = best(table, atlas.levels).value_counts()
    note = "Of how many networks each is the cheapest, by however little."
    found = [(level, int(counts.get(level, 0))) for level in atlas.levels]
    rows = [(level_words(level), count, f"{count / len(table):.0%}") for level, count in found]
    return PageTable("best", "The cheapest level", note, ("level", "networks", "share"), rows)


def models_table(expectation: Expectation) -> PageTable:
    """What the regressions are made of, and how far they may be off."""
    note = (
        "Sparse regressions on factors, their squares and their products, each factor from −1 at the least to 1 at the most of "
        "its range; R² and what intervals hold are of networks that were set aside."
    )
    rows = []
    for name, level in expectation.levels.items():
        strongest = sorted(level.terms, key=lambda term: -abs(term.weight))[:5]
        terms = [f"{' × '.join(map(factor_words, term.factors))} {percent_more(in_percent(term.weight))}" for term in strongest]
        interval, covered = f"± {in_percent(level.half_width):.0f} %", f"{level.covered:.0%}"
        rows.append((level_words(name), f"{level.explained:.2f}", interval, covered, len(level.terms), "; ".join(terms)))
    columns = ("level", "R²", "90 % interval", "holds", "terms", "strongest terms")
    return PageTable("models", "Models", note, columns, rows)
