"""A model of a known law finds it, says how far it may be off, and is better than a rule of thumb where there is a border."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from orderup.envs.foundation.errors import InputError
from orderup.evaluation.atlas.answers import MORE
from orderup.evaluation.atlas.design import Atlas, Expected
from orderup.evaluation.atlas.expectation import Expectation, fitted
from orderup.evaluation.atlas.verdicts import confronted, rules

from .test_design import atlas

EXPECTED_OF_MEMORY, EXPECTED_OF_AGE = (
    Expected(measure="central_stale", factor=factor, direction="rising") for factor in ("memory", "feed_age")
)


def test_it_finds_the_law(world: tuple[Atlas, pd.DataFrame, Expectation]) -> None:
    _, table, found = world
    sites = {tuple(term.factors): term.weight for term in found.levels["autonomous_silo"].terms}
    assert sites[("memory",)] == pytest.approx(0.2, abs=0.005)
    assert sites[("memory", "feed_age")] == pytest.approx(0.05, abs=0.01)
    assert found.levels["autonomous_silo"].explained > 0.98
    assert found.levels["autonomous_silo"].importance["memory"] > 1 > 0.05 > found.levels["autonomous_silo"].importance["slack"]
    assert found.expected(table, "central_stale") == pytest.approx(table[f"{MORE}central_stale"], abs=0.06)


def test_nine_of_ten_intervals_hold(world: tuple[Atlas, pd.DataFrame, Expectation]) -> None:
    for level in world[2].levels.values():
        assert 0.82 <= level.covered <= 0.97
        assert level.half_width == pytest.approx(1.645 * 0.01, rel=0.35)


def test_it_chooses_better_than_any_rule_of_thumb(world: tuple[Atlas, pd.DataFrame, Expectation]) -> None:
    asked, table, found = world
    first, _, *thumbs = rules(asked, found, table)
    assert [rule.looks for rule in thumbs] == [False] * len(thumbs)
    assert first.right > max(thumb.right for thumb in thumbs) + 0.2
    assert first.too_dear < 0.003 < min(thumb.too_dear for thumb in thumbs)


def test_expectations_are_held_refuted_or_left_open(world: tuple[Atlas, pd.DataFrame, Expectation]) -> None:
    asked, table, found = world
    rising, falling, flat = confronted(asked, table, found)
    assert rising.verdict == "held"
    assert rising.effect == pytest.approx(0.4, abs=0.02)
    assert falling.verdict == "open"
    assert flat.verdict == "held"


def test_contributions_add_up_to_what_is_out_of_the_ordinary(world: tuple[Atlas, pd.DataFrame, Expectation]) -> None:
    _, table, found = world
    one = table.iloc[:1].assign(feed_age=4, memory=0.9)
    moved = found.contributions(one, "autonomous_silo")
    assert max(moved, key=lambda name: abs(moved[name])) == "memory"
    assert moved["memory"] == pytest.approx(0.2, abs=0.02)


def test_it_is_the_same_once_written_and_read(world: tuple[Atlas, pd.DataFrame, Expectation]) -> None:
    found = world[2]
    assert Expectation.model_validate_json(found.model_dump_json()) == found


def test_too_few_networks_are_refused(world: tuple[Atlas, pd.DataFrame, Expectation]) -> None:
    with pytest.raises(InputError, match="networks"):
        fitted(world[0], world[1].iloc[:40])


def test_what_is_of_organisations_rests_on_blocks_and_not_on_networks(world: tuple[Atlas, pd.DataFrame, Expectation]) -> None:
    """Blocks that differ for no reason at all: networks say the same as before, organisations hardly anything."""
    asked, table, found = world
    asked = asked.model_copy(update={"expects": [EXPECTED_OF_MEMORY, EXPECTED_OF_AGE]})
    shift = np.random.default_rng(3).normal(0, 0.5, table["block"].nunique())[table["block"]]
    shaken = table.assign(**{f"{MORE}central_stale": table[f"{MORE}central_stale"] + shift})
    (memory, age), (memory_before, age_before) = (confronted(asked, one, found) for one in (shaken, table))
    assert memory.low == pytest.approx(memory_before.low, abs=1e-9)
    assert age_before.high - age_before.low < 0.02
    assert age.high - age.low > 0.3
    assert age.low < 0.2 < age.high


def test_intervals_of_main_effects_hold_as_often_as_they_say() -> None:
    """Two hundred draws of errors that are larger where memory is: nineteen of twenty hold, both of networks and of blocks."""
    asked = atlas(networks=240, expects=[EXPECTED_OF_MEMORY, EXPECTED_OF_AGE])
    table, rng = asked.points(), np.random.default_rng(5)
    nothing = Expectation(reference="central_ideal", factors=asked.factors, levels={}, networks=240)
    held = np.zeros(2)
    for _ in range(200):
        noise = rng.normal(0, 0.02 + 0.1 * table["memory"]) + rng.normal(0, 0.05, asked.blocks)[table["block"]]
        shaken = table.assign(**{f"{MORE}central_stale": noise})
        held += [each.low <= 0 <= each.high for each in confronted(asked, shaken, nothing)]
    assert 180 <= held.min() <= held.max() <= 199
