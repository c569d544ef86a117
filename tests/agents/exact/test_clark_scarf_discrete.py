from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from scipy import stats

from orderup.agents.exact import newsvendor
from orderup.agents.exact.serial import clark_scarf
from orderup.envs.demand.distribution import DiscreteDistribution

from .test_clark_scarf import cost_forwards

BURSTS = DiscreteDistribution(np.array([[0.0], [1.0], [7.0], [20.0]]), np.array([[0.5], [0.2], [0.25], [0.05]]))
LINES: list[Any] = [
    ((1, 0.5), 10, (1, 2), stats.nbinom(4, 1 / 3)),
    ((1, 0.6, 0.2), 20, (0, 1, 1), stats.nbinom(2, 0.25)),
    ((2, 1), 15, (1, 1), stats.randint(0, 9)),
    ((3, 1), 25, (0, 2), stats.binom(12, 0.3)),
]


@pytest.mark.parametrize(("holding", "shortage", "lead_times", "demand"), LINES)
def test_levels_for_any_whole_demand_cost_what_passing_the_stock_down_the_line_says(
    holding: Any, shortage: float, lead_times: Any, demand: Any
) -> None:
    best = clark_scarf(holding, shortage, lead_times, demand)
    assert best.cost == pytest.approx(cost_forwards(best.echelon_levels, holding, shortage, lead_times, demand), abs=1e-5)


@pytest.mark.parametrize(("holding", "shortage", "lead_times", "demand"), LINES[:3])
def test_no_neighbouring_levels_are_cheaper(holding: Any, shortage: float, lead_times: Any, demand: Any) -> None:
    best = clark_scarf(holding, shortage, lead_times, demand)
    for moves in itertools.product((-1, 0, 1), repeat=len(holding)):
        levels = [level + move for level, move in zip(best.echelon_levels, moves, strict=True)]
        assert cost_forwards(levels, holding, shortage, lead_times, demand) >= best.cost - 1e-6


def test_demand_in_bursts_is_solved_for_a_lone_stage_as_by_the_newsvendor() -> None:
    best = clark_scarf([1], 9, [0], BURSTS)
    level, cost = newsvendor(1, 9, BURSTS)
    assert (best.echelon_levels[0], best.cost) == pytest.approx((float(level[0]), float(cost[0])))
