"""One machine, several products: what no policy beats, against formulas, other programs, and hours counted one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats

from orderup.agents.exact.dynamic_programming import DecisionProcess, StateGrid
from orderup.agents.exact.newsvendor import newsvendor
from orderup.agents.exact.structures import Made, machine_bound, machine_optimum, modified_base_stock
from orderup.envs.foundation.errors import InputError

FIVE, TWO = stats.poisson(5), stats.poisson(2)
ALIKE = [Made(1, 9, TWO), Made(1, 9, TWO)]
UNLIKE = [Made(1, 9, TWO), Made(2, 30, stats.poisson(1), lead_time=1, takes=2)]


@pytest.mark.parametrize(("capacity", "lead_time"), [(6, 0), (7, 2), (9, 1)])
def test_the_best_level_of_one_product_is_what_the_program_finds(capacity: int, lead_time: int) -> None:
    product = Made(1, 9, FIVE, lead_time)
    level, cost = modified_base_stock(product, capacity)
    best = machine_optimum([product], capacity)
    assert best.levels == (level,)
    assert best.cost == pytest.approx(cost, abs=1e-6)
    positions = np.arange(level - 12, level + 1)[:, None]
    assert best(positions)[:, 0].tolist() == [min(level - x, capacity) for x in positions[:, 0]]


def test_a_machine_with_time_for_everything_is_none() -> None:
    level, cost = modified_base_stock(Made(1, 9, FIVE, 1), 60)
    assert (level, cost) == pytest.approx(tuple(float(part) for part in newsvendor(1, 9, stats.poisson(10))))
    best = machine_optimum(ALIKE, 60)
    assert best.cost == pytest.approx(2 * float(newsvendor(1, 9, TWO)[1]), abs=1e-6)
    assert machine_bound(ALIKE, 60) == pytest.approx(best.cost, abs=1e-6)


def test_hours_count_in_whatever_they_are_counted_in() -> None:
    slow = modified_base_stock(Made(1, 9, FIVE, takes=3), 18)
    assert slow == pytest.approx(modified_base_stock(Made(1, 9, FIVE), 6))


@pytest.mark.parametrize(("products", "capacity"), [([Made(1, 9, FIVE)], 6), (ALIKE, 5), (UNLIKE, 5)])
def test_a_machine_counted_period_by_period_costs_what_the_program_says(products: list[Made], capacity: int) -> None:
    best, random = machine_optimum(products, capacity), np.random.default_rng(5)
    periods, rows = 260, 5_000
    demand = np.stack([made.demand.rvs(size=(periods, rows), random_state=random) for made in products], axis=2)  # type: ignore[attr-defined]
    net = np.tile(np.array(best.levels), (rows, 1)) - np.array([made.lead_time for made in products])
    process = [[np.ones(rows, dtype=np.int64)] * made.lead_time for made in products]
    costs = np.zeros((periods, rows))
    for t in range(periods):
        started = best(net + np.stack([sum(moving, np.zeros(rows, dtype=np.int64)) for moving in process], axis=1))
        assert (started @ [made.takes for made in products] <= capacity).all()
        for kind, made in enumerate(products):
            process[kind].append(started[:, kind])
            net[:, kind] += process[kind].pop(0) - demand[t, :, kind]
            costs[t] += made.holding * np.maximum(net[:, kind], 0) + made.shortage * np.maximum(-net[:, kind], 0)
    each = costs[60:].mean(axis=0)
    assert abs(each.mean() - best.cost) < stats.norm.ppf(0.995) * each.std() / np.sqrt(rows)


def test_no_policy_of_two_products_is_cheaper_when_all_are_tried() -> None:
    products = [Made(1, 6, stats.randint(0, 3)), Made(2, 9, stats.randint(0, 2), takes=2)]
    best, grid, low, most = machine_optimum(products, 3), StateGrid((20, 20)), -14, 3
    first, second = (part[:, None, None] + low for part in grid.points().T)
    one, other = (part.reshape(-1)[None, :, None] for part in np.indices((most + 1, 2)))
    wanted = np.array([(a, b) for a in range(3) for b in range(2)])
    left = [first + one - wanted[:, 0], second + other - wanted[:, 1]]
    paid = sum(
        made.holding * np.maximum(net, 0) + made.shortage * np.maximum(-net, 0)
        for made, net in zip(products, left, strict=True)
    )
    cost = np.where((one + 2 * other <= 3)[..., 0], paid.mean(axis=2), np.inf)
    process = DecisionProcess.of(cost, grid.number(*(net - low for net in left)), np.full(6, 1 / 6))
    assert process.optimum().cost == pytest.approx(best.cost, abs=1e-6)


def test_what_is_alike_is_made_up_to_one_level_and_what_is_further_behind_first() -> None:
    best = machine_optimum(ALIKE, 5)
    assert best.levels[0] == best.levels[1]
    positions = np.array([(a, b) for a in range(-3, 6) for b in range(-3, 6)])  # who is far behind waits for either anyway
    after = positions + best(positions)
    assert (after <= best.levels[0]).all()
    short = best(positions).sum(axis=1) == 5
    assert (after.sum(axis=1)[~short] == 2 * best.levels[0]).all(), "where time is left everything is at its level"
    apart, before = np.abs(np.diff(after))[:, 0], np.abs(np.diff(positions))[:, 0]
    assert (apart[short] <= np.maximum(before[short] - 5, 1)).all()


@pytest.mark.parametrize(("products", "capacity"), [(ALIKE, 5), (UNLIKE, 5), ([Made(1, 9, stats.poisson(4))] * 2, 9)])
def test_nobody_is_below_the_bound_and_what_is_alike_is_close_to_it(products: list[Made], capacity: int) -> None:
    best, bound = machine_optimum(products, capacity).cost, machine_bound(products, capacity)
    assert bound <= best + 1e-9
    assert products is UNLIKE or best < 1.001 * bound


def test_six_products_have_a_bound_too() -> None:
    six = [Made(1 + kind / 5, 10 + kind, stats.poisson(1 + kind / 3)) for kind in range(6)]
    apart = sum(float(newsvendor(made.holding, made.shortage, made.cover)[1]) for made in six)
    bounds = [machine_bound(six, capacity) for capacity in (12, 13, 15, 40)]
    assert bounds == sorted(bounds, reverse=True)
    assert bounds[-1] == pytest.approx(apart, abs=1e-6)


REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "no time for all": (lambda: machine_optimum(ALIKE, 4), "capacity"),
    "too many products": (lambda: machine_optimum([Made(1, 9, TWO)] * 6, 20), "demand"),
    "hours left over": (lambda: modified_base_stock(Made(1, 9, FIVE, takes=2), 13), "capacity"),
    "no hours": (lambda: modified_base_stock(Made(1, 9, FIVE), 0), "capacity"),
    "hardly any spare time": (lambda: modified_base_stock(Made(1, 9, stats.poisson(499.9)), 500), "capacity"),
    "back in time": (lambda: Made(1, 9, TWO, lead_time=-1), "lead_time"),
    "no work": (lambda: Made(1, 9, TWO, takes=0), "takes"),
    "free to hold": (lambda: Made(0, 9, TWO), "holding"),
    "parts of units": (lambda: machine_bound([Made(1, 9, stats.norm(5, 1))], 8), "demand"),
}


@pytest.mark.parametrize(("act", "key"), REFUSED.values(), ids=REFUSED)
def test_what_it_cannot_solve_is_refused_by_its_key(act: Callable[[], Any], key: str) -> None:
    with pytest.raises(InputError, match=f"^{key}: found"):
        act()
