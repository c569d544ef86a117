"""Pairs of factors are estimated where nobody looked for them: what is there is confirmed, chance as seldom as said."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from orderup.evaluation.atlas.answers import MORE
from orderup.evaluation.atlas.design import Atlas
from orderup.evaluation.atlas.expectation import Expectation, Level, ModelTerm
from orderup.evaluation.atlas.interactions import interactions

from .test_design import atlas


def test_what_is_there_is_confirmed(world: tuple[Atlas, pd.DataFrame, Expectation]) -> None:
    _, table, found = world
    first = interactions(table, found, "autonomous_silo")[0]
    assert set(first.factors) == {"memory", "feed_age"}
    assert first.confirmed
    assert abs(first.estimate - 0.2) < first.half < 0.06  # 0.05 between −1 and 1 of both


def test_chance_is_confirmed_as_seldom_as_said() -> None:
    """Two hundred draws of noise alone, larger where memory is, and of blocks: one in twenty is clear of zero."""
    asked, rng = atlas(networks=400), np.random.default_rng(2)
    table = asked.points()
    level = Level(
        constant=0.0,
        terms=[ModelTerm(factors=["memory", "feed_age"], weight=0.1)],
        half_width=0.1, explained=0.0, covered=0.9, importance={},
    )  # fmt: skip
    nothing = Expectation(reference="central_ideal", factors=asked.factors, levels={"central_stale": level}, networks=300)
    clear = 0
    for _ in range(200):
        noise = rng.normal(0, 0.02 + 0.1 * table["memory"]) + rng.normal(0, 0.1, asked.blocks)[table["block"]]
        (found,) = interactions(table.assign(**{f"{MORE}central_stale": noise}), nothing, "central_stale")
        clear += abs(found.estimate) > found.half
    assert 1 <= clear <= 22


def test_too_few_networks_set_aside_give_no_interval(world: tuple[Atlas, pd.DataFrame, Expectation]) -> None:
    _, table, found = world
    few = pd.concat([table[~table["held_out"]], table[table["held_out"]].iloc[:6]])
    assert np.isinf(interactions(few, found, "autonomous_silo")[0].half)
    assert not interactions(few, found, "autonomous_silo")[0].confirmed
    assert pytest.approx(0.2, abs=0.05) == interactions(few, found, "autonomous_silo")[0].found
