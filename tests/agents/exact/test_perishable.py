from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from orderup.agents.exact import PeriodRates, PerishableOptimum, newsvendor, perishable_optimum
from orderup.envs.foundation.errors import InputError

RATES = PeriodRates(holding=1, shortage=5, waste=7)


def simulated(best: PerishableOptimum, shelf_life: int, lead_time: int, lost: bool, mean: float) -> Any:
    """Mean cost (R,) per period of R stores, unit by unit: receive, sell the oldest first, throw away, count."""
    rng, rows = np.random.default_rng(0), 3000
    ages, owed, coming, paid = np.zeros((rows, shelf_life - 1), int), np.zeros(rows, int), np.zeros(rows, int), []
    for period in range(300):
        seen = ages.copy()
        seen[:, 0] -= owed
        order = best(np.column_stack([seen, coming]) if lead_time else seen)
        fresh, coming = (coming, order) if lead_time else (order, coming)
        stock, wanted = np.column_stack([ages, fresh]), owed + rng.poisson(mean, rows)
        sold = np.minimum(np.cumsum(stock, axis=1), wanted[:, None])
        stock = stock - np.diff(sold, axis=1, prepend=0)
        short = wanted - sold[:, -1]
        owed = 0 * short if lost else short
        if period >= 50:
            paid.append(stock[:, 1:].sum(axis=1) + 5 * short + 7 * stock[:, 0])
        ages = stock[:, 1:]
    return np.mean(paid, axis=0)


@pytest.mark.parametrize(
    ("shelf_life", "lead_time", "lost", "mean"),
    [(2, 0, True, 3), (3, 0, True, 3), (2, 1, True, 3), (3, 1, True, 2), (2, 1, False, 2)],
)
def test_the_optimal_cost_is_what_its_policy_pays_in_a_long_simulation(
    shelf_life: int, lead_time: int, lost: bool, mean: float
) -> None:
    best = perishable_optimum(RATES, shelf_life, stats.poisson(mean), lead_time, lost)
    means = simulated(best, shelf_life, lead_time, lost, mean)
    assert best.cost == pytest.approx(means.mean(), abs=3.5 * means.std() / np.sqrt(len(means)))


def test_a_longer_shelf_life_is_cheaper_and_a_very_long_one_costs_what_stock_that_keeps_does() -> None:
    costs = [perishable_optimum(RATES, shelf_life, stats.poisson(2)).cost for shelf_life in (2, 3, 4)]
    keeps = float(newsvendor(1, 5, stats.poisson(2))[1])
    assert costs == sorted(costs, reverse=True)
    assert keeps < costs[-1] < 1.05 * keeps


def test_waste_that_costs_nothing_makes_stock_that_keeps_no_cheaper_than_stock_that_does_not() -> None:
    free = perishable_optimum(PeriodRates(1, 5, 0), 2, stats.poisson(3)).cost
    assert free <= perishable_optimum(RATES, 2, stats.poisson(3)).cost


def test_whether_customers_wait_does_not_matter_where_orders_arrive_at_once() -> None:
    waits, lost = (perishable_optimum(RATES, 2, stats.poisson(3), lost=lost) for lost in (False, True))
    assert waits.cost == pytest.approx(lost.cost, abs=1e-5)
    np.testing.assert_array_equal(waits.order[waits.owed :][:8], lost.order[:8])


def test_orders_fall_as_stock_rises_and_more_for_stock_that_keeps_longer() -> None:
    """Fries 1975: one more unit on hand lowers the order by at most one, the more so the fresher it is."""
    order = perishable_optimum(RATES, 3, stats.poisson(3)).order[:7, :7]
    by_old, by_new = -np.diff(order, axis=0)[:, :-1], -np.diff(order, axis=1)[:-1]
    assert ((by_old >= 0) & (by_old <= 1) & (by_new >= 0) & (by_new <= 1)).all()
    assert by_new.sum() >= by_old.sum()


@pytest.mark.parametrize(
    ("keys", "key"),
    [
        ({"shelf_life": 1}, "shelf_life"),
        ({"lead_time": 2}, "lead_time"),
        ({"demand": stats.norm(5, 1)}, "demand"),
        ({"rates": PeriodRates(1, 5, -1)}, "waste"),
        ({"rates": PeriodRates(0, 5, 1)}, "holding"),
        ({"shelf_life": 9}, "shelf_life"),
    ],
)
def test_what_cannot_be_solved_is_refused_by_the_assumption_that_fails(keys: dict[str, Any], key: str) -> None:
    given: dict[str, Any] = {"rates": RATES, "shelf_life": 2, "demand": stats.poisson(3)}
    with pytest.raises(InputError) as caught:
        perishable_optimum(**{**given, **keys})
    assert caught.value.key == key
