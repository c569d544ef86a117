"""What comes of an atlas, written: the networks' table, the model, a page to look at and a summary."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.files import write_text
from orderup.envs.foundation.terminal import say

from ..page.panels import Panel, as_page
from ..statistics.digits import in_percent, percent_more
from ..tables.csv_text import as_csv
from .answers import MORE, NOISE, answers
from .block_job import BlockJob
from .design import CENTRE, SITES, Atlas
from .expectation import Expectation, fitted
from .figures import costs, effects, importance, maps
from .finder import finder
from .interactions import Interaction, interactions
from .tables import best_table, models_table, rules_table, together_table, tree_table
from .verdicts import ChoiceRule, Confronted, confronted, rules
from .words import factor_words, level_words

WRITTEN = ("summary.json", "networks.csv", "expectation.json", "index.html")
QUESTION = "How much can be left to the sites, for which networks, and how sure is that?"


def write_atlas(atlas: Atlas, jobs: Sequence[BlockJob], target: Path, command: str) -> list[Path]:
    """Tables, model and page of the blocks that are there. Raises InputError for too few."""
    table = answers(jobs)
    if table.empty:
        raise InputError("study.networks", 0, "networks that have been played")
    expectation = fitted(atlas, table)
    judged, expected = rules(atlas, expectation, table), confronted(atlas, table, expectation)
    together = [found for level in atlas.levels[1:] for found in interactions(table, expectation, level)]
    sentences = _sentences(atlas, table, expectation, judged)
    texts = {
        "networks.csv": as_csv(table.round(6)),
        "expectation.json": expectation.model_dump_json(indent=1) + "\n",
        "index.html": as_page(
            "The atlas", QUESTION, _panels(atlas, table, expectation, judged, expected, together, sentences), command
        ),
        "summary.json": _summary(command, table, sentences, judged, expected, together),
    }
    for sentence in sentences:
        say(sentence)
    for name, text in texts.items():
        write_text(target / name, text)
    return [target / name for name in WRITTEN]


def _panels(
    atlas: Atlas,
    table: pd.DataFrame,
    expectation: Expectation,
    judged: Sequence[ChoiceRule],
    expected: Sequence[Confronted],
    together: Sequence[Interaction],
    sentences: Sequence[str],
) -> list[Panel]:
    pair = [next((level for level in atlas.levels if level == wanted), atlas.levels[0]) for wanted in (SITES, CENTRE)]
    trees = [] if expectation.tree is None else [tree_table(expectation.tree)]
    return [
        Panel(
            "overview", "The answer", sentences, [costs(atlas, table)], [rules_table(judged), *trees, best_table(atlas, table)]
        ),
        Panel("alike", "Networks like yours", widget=finder(atlas, table, expectation, pair)),
        Panel("borders", "Borders", (), maps(expectation, table, *pair)),
        Panel(
            "decides", "What decides it", (), [importance(expectation)], [models_table(expectation), together_table(together)]
        ),
        *([Panel("expectations", "Expected beforehand", (), [effects(expected)])] if expected else []),
        Panel("method", "Method", _method(atlas, len(table))),
    ]


def _summary(
    command: str,
    table: pd.DataFrame,
    sentences: Sequence[str],
    judged: Sequence[ChoiceRule],
    expected: Sequence[Confronted],
    together: Sequence[Interaction],
) -> str:
    found = {
        "command": command,
        "networks": len(table),
        "sentences": list(sentences),
        "rules": [asdict(rule) for rule in judged],
        "expected": [asdict(each) | {"verdict": each.verdict} for each in expected],
        "interactions": [asdict(each) | {"confirmed": each.confirmed} for each in together if math.isfinite(each.half)],
    }
    return json.dumps(found, indent=1) + "\n"


def _sentences(atlas: Atlas, table: pd.DataFrame, expectation: Expectation, judged: Sequence[ChoiceRule]) -> list[str]:
    first, traces = level_words(atlas.levels[0]), f"{atlas.traces} paired traces each, all played by {atlas.agent}"
    found = [f"{len(table)} networks at {len(atlas.levels)} levels of autonomy, {traces}."]
    for level in atlas.levels[1:]:
        more, noise = table[MORE + level], table[NOISE + level]
        cheaper, dearer = (more < -noise).mean(), (more > noise).mean()
        found.append(
            f"{level_words(level).capitalize()}: {percent_more(in_percent(more).median())} beside the {first} (median); "
            f"clearly cheaper on {cheaper:.0%} of the networks, clearly dearer on {dearer:.0%}."
        )
    covered = [each.covered for each in expectation.levels.values()]
    thumb = max(rule.right for rule in judged if not rule.looks)
    found.append(
        f"Of {int(table['held_out'].sum())} networks that were set aside, 90 % intervals hold {min(covered):.0%} to "
        f"{max(covered):.0%}, by level; {judged[0].name} chooses a level that nothing beats on {judged[0].right:.0%}, the best "
        f"rule of thumb on {thumb:.0%}."
    )
    return found


def _method(atlas: Atlas, networks: int) -> list[str]:
    ranges = "; ".join(f"{factor_words(name)} {least:g} to {most:g}" for name, (least, most) in atlas.factors.items())
    return [
        f"Design: a scrambled Sobol sequence over {len(atlas.factors)} factors ({ranges}). Networks of a block of "
        f"{atlas.block} share the organisation's.",
        f"{networks} networks, {atlas.traces} traces each of {atlas.horizon} periods, of which {atlas.warmup} do not count; "
        f"the same traces at every level; the agent is {atlas.agent} at every level.",
        "A fifth of the networks, by a hash of their factors, is set aside; models are fitted to the others. Folds of the "
        "cross-validation are whole blocks.",
        "Intervals of a network's costs are of its paired traces; those of models are conformal; those of main effects a "
        "split-plot design's: networks are compared within blocks, organisations by blocks.",
    ]
