"""The threshold that keeps stock for those who matter: where it must be nothing, and what it cannot be asked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from orderup.agents.exact.lost_sales import lost_sales_optimum
from orderup.agents.exact.rationing import rationing_optimum
from orderup.envs.foundation.errors import InputError

TWO = (stats.poisson(1), stats.poisson(1.5))


@pytest.mark.parametrize("lead_time", [1, 2])
def test_customers_who_cost_the_same_are_one_kind_of_customers(lead_time: int) -> None:
    best = rationing_optimum(1, (9, 9), TWO, lead_time)
    assert best.reserve == 0
    assert (np.diff(best.costs) > 0).all()
    assert best.cost == pytest.approx(lost_sales_optimum(1, 9, lead_time, stats.poisson(2.5)).cost, abs=1e-3)


def test_a_threshold_is_worth_more_the_more_the_first_kind_matters() -> None:
    gains = [rationing_optimum(0.5, (lost, 1), TWO, lead_time=2).costs for lost in (20, 50, 100, 200)]
    worth = [1 - costs.min() / costs[0] for costs in gains]
    assert worth == sorted(worth)
    assert worth[0] == 0 < worth[-1]


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"lead_time": 0}, "lead_time"),
        ({"lead_time": 6}, "lead_time"),
        ({"lost": (1, 2)}, "lost"),
        ({"lost": (1, 0)}, "lost"),
        ({"demand": (stats.norm(5, 1), stats.poisson(1))}, "demand"),
    ],
)
def test_what_it_cannot_solve_is_refused_by_its_key(options: dict[str, Any], key: str) -> None:
    given: dict[str, Any] = {"holding": 1, "lost": (9, 2), "demand": TWO, **options}
    with pytest.raises(InputError) as caught:
        rationing_optimum(**given)
    assert caught.value.key == key
