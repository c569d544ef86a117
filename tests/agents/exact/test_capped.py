from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats

from orderup.agents.exact import best_capped_base_stock, capped_base_stock_cost, lost_sales_base_stock_cost, lost_sales_optimum
from orderup.envs.foundation.errors import InputError

DEMAND = stats.poisson(5)
CASES = list(itertools.product((1, 2, 3), (4, 9, 19, 39)))


def test_on_zipkins_instances_the_best_cap_comes_within_one_percent_on_average() -> None:
    gaps = [
        best_capped_base_stock(1, shortage, lead_time, DEMAND).cost / lost_sales_optimum(1, shortage, lead_time, DEMAND).cost
        - 1
        for lead_time, shortage in CASES
    ]
    assert min(gaps) > 0
    assert np.mean(gaps) <= 0.008
    assert max(gaps) <= 0.015


@pytest.mark.parametrize(("lead_time", "shortage"), [(1, 9), (2, 19), (1, 39)])
def test_no_pair_in_a_wide_range_is_cheaper_than_the_one_found_downhill(lead_time: int, shortage: float) -> None:
    best = best_capped_base_stock(1, shortage, lead_time, DEMAND)
    pairs = itertools.product(range(best.level - 4, best.level + 5), range(3, 13))
    assert best.cost == min(capped_base_stock_cost(1, shortage, lead_time, DEMAND, *pair) for pair in pairs)


@pytest.mark.parametrize(("lead_time", "level"), [(1, 12), (3, 22)])
def test_a_cap_out_of_reach_leaves_base_stock(lead_time: int, level: int) -> None:
    capped = capped_base_stock_cost(1, 4, lead_time, DEMAND, level, cap=level)
    assert capped == pytest.approx(lost_sales_base_stock_cost(1, 4, lead_time, DEMAND, level), abs=1e-8)


def test_the_cost_is_what_a_long_simulation_pays() -> None:
    rng, rows, level, cap = np.random.default_rng(0), 1000, 22, 6
    stock, pipeline, paid = np.full(rows, 5), [np.full(rows, 5), np.full(rows, 5)], []
    for period in range(700):
        order = np.clip(level - stock - sum(pipeline), 0, cap)
        pipeline.append(order)
        stock = stock + pipeline.pop(0)
        wanted = rng.poisson(5, rows)
        if period >= 100:
            paid.append(np.maximum(stock - wanted, 0) + 9.0 * np.maximum(wanted - stock, 0))
        stock = np.maximum(stock - wanted, 0)
    means = np.mean(paid, axis=0)
    expected = capped_base_stock_cost(1, 9, 2, DEMAND, level, cap)
    assert expected == pytest.approx(means.mean(), abs=3 * means.std() / np.sqrt(rows))


def test_what_cannot_be_solved_is_refused_by_the_assumption_that_fails() -> None:
    for keys, key in (((0, DEMAND), "lead_time"), ((1, stats.norm(5, 1)), "demand")):
        with pytest.raises(InputError) as caught:
            best_capped_base_stock(1, 4, *keys)
        assert caught.value.key == key
    with pytest.raises(InputError, match="at most 2,000,000 combinations"):
        best_capped_base_stock(1, 4, 9, DEMAND)
