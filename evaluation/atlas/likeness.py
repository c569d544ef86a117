"""Which networks of an atlas are most like one: near it in the factors that matter."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from orderup.envs.foundation.errors import InputError

from .expectation import Expectation

SHIPPED = "networks.csv"
LEAST = 0.02
"""Weight of a factor that decides nothing, beside 1 of the one that decides most: likeness is of all of them."""


def shipped_networks() -> pd.DataFrame:
    """Those of the project's own atlas, as `networks.csv` of its report has them. Raises InputError where they are missing."""
    place = files(__package__).joinpath(SHIPPED)
    if not place.is_file():
        raise InputError("advise", "an installation without an atlas", f"one with {SHIPPED}")
    with place.open(encoding="utf-8") as file:
        return pd.read_csv(file)


def weights(expectation: Expectation, levels: Sequence[str]) -> dict[str, float]:
    """How much each factor counts: what it explains of these levels' costs, 1 for the one that explains most."""
    known = [expectation.levels[level].importance for level in levels if level in expectation.levels]
    found = {name: sum(max(each[name], 0.0) for each in known) for name in expectation.factors}
    most = max(found.values(), default=0.0) or 1.0
    return {name: max(value / most, LEAST) for name, value in found.items()}


def alike(table: pd.DataFrame, one: pd.DataFrame, expectation: Expectation, levels: Sequence[str], count: int) -> pd.DataFrame:
    """The networks of a table nearest to one (its first row), the nearest first, with their distance."""
    counts = np.sqrt([*weights(expectation, levels).values()])
    apart: NDArray[np.float64] = counts * (expectation.places(table) - expectation.places(one.iloc[:1]))
    found = table.assign(distance=np.sqrt((apart**2).sum(axis=1)))
    return found.nsmallest(count, "distance")
