"""A world whose law is known, and what is fitted to it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from orderup.evaluation.atlas.answers import BEATEN, MORE
from orderup.evaluation.atlas.design import Atlas
from orderup.evaluation.atlas.expectation import Expectation, fitted

from .test_design import atlas

EXPECTS = [
    {"measure": "autonomous_silo", "factor": "memory", "is": "rising", "because": "it is made so"},
    {"measure": "autonomous_silo", "factor": "slack", "is": "falling", "because": "it is not"},
    {"measure": "central_stale", "factor": "memory", "is": "flat", "because": "it is not made to"},
]


@pytest.fixture(scope="module")
def world() -> tuple[Atlas, pd.DataFrame, Expectation]:
    """Six hundred networks: sites cost more with memory, beyond half of its range; a late centre more with its age."""
    asked = atlas(networks=600, expects=EXPECTS)
    table, rng = asked.points(), np.random.default_rng(1)
    memory, age = 2 * table["memory"] / 0.9 - 1, 2 * (table["feed_age"] - 1) / 6 - 1
    table[f"{MORE}autonomous_silo"] = 0.2 * memory + 0.05 * memory * age + rng.normal(0, 0.01, 600)
    table[f"{MORE}central_stale"] = 0.1 + 0.1 * age + rng.normal(0, 0.01, 600)
    costs = np.column_stack([np.zeros(600), table[f"{MORE}central_stale"], table[f"{MORE}autonomous_silo"]])
    for place, level in enumerate(asked.levels):
        table[f"{BEATEN}{level}"] = costs[:, place] > costs.min(axis=1) + 0.005
    return asked, table, fitted(asked, table)
