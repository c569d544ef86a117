"""Networks are alike by what decides: one is most like itself, and what decides nothing hardly counts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from orderup.evaluation.atlas.design import Atlas
from orderup.evaluation.atlas.expectation import Expectation
from orderup.evaluation.atlas.finder import finder
from orderup.evaluation.atlas.likeness import LEAST, alike, weights

World = tuple[Atlas, pd.DataFrame, Expectation]
LEVELS = ("autonomous_silo", "central_stale")


def test_a_network_is_most_like_itself(world: World) -> None:
    _, table, found = world
    near = alike(table, table.iloc[42:43], found, LEVELS, 5)
    assert near.index[0] == table.index[42]
    assert near["distance"].iloc[0] == 0.0
    assert near["distance"].is_monotonic_increasing


def test_what_decides_counts_and_what_does_not_hardly_does(world: World) -> None:
    _, table, found = world
    counts = weights(found, LEVELS)
    assert min(counts["memory"], counts["feed_age"]) > 0.8
    assert counts["slack"] < 2 * LEAST
    near = alike(table, table.iloc[42:43], found, LEVELS, 20)
    spread = (near["memory"] - table["memory"].iloc[42]).abs().mean() / table["memory"].std()
    other = (near["slack"] - table["slack"].iloc[42]).abs().mean() / table["slack"].std()
    assert spread < other / 2


def test_the_page_can_find_them_too(world: World) -> None:
    """A slider's stop lies where a network of that value does; sites are whole; the heaviest factor comes first."""
    asked, table, found = world
    plain = finder(asked, table, found, LEVELS).plain
    assert [factor["weight"] for factor in plain["factors"]] == sorted(weights(found, LEVELS).values(), reverse=True)
    for column, factor in enumerate(plain["factors"]):
        values = [row[column] for row in plain["values"]]
        places = [row[column] for row in plain["places"]]
        near = np.interp(values, factor["stops"], factor["places"])
        if factor["words"] == "sites":  # a network's are whole, a point of the design need not be
            assert all(isinstance(value, int) for value in values)
        else:
            assert np.abs(near - places).max() < 0.02
    assert len(plain["costs"]) == len(table)
    assert len(plain["costs"][0]) == len(plain["levels"]) == 2
