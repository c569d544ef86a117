"""Products that share a part: what no policy beats, against lines, bounds, another program, and parts counted one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats

from orderup.agents.exact.dynamic_programming import DecisionProcess, StateGrid
from orderup.agents.exact.lattice import on_lattice
from orderup.agents.exact.serial import Store, clark_scarf, decomposition
from orderup.agents.exact.structures import Made, SharedPart
from orderup.envs.foundation.errors import InputError

FEW, TWO = stats.randint(0, 3), stats.poisson(2)
PAIR = [Made(3, 20, TWO), Made(4, 40, stats.poisson(1.5))]


@pytest.mark.parametrize(
    ("lead_time", "making", "holding", "takes"), [(0, 0, 3, 1), (1, 0, 2, 1), (1, 1, 3, 1), (2, 1, 3, 1), (1, 0, 3, 2)]
)
def test_a_part_of_one_product_is_a_line_of_two(lead_time: int, making: int, holding: float, takes: int) -> None:
    best = SharedPart(1, [Made(holding, 20, TWO, making, takes)], lead_time).optimum()
    line = clark_scarf([holding, takes], 20, [making, lead_time], TWO)
    assert best.cost == pytest.approx(line.cost, abs=1e-6)


@pytest.mark.parametrize("to_order", [False, True])
def test_no_policy_of_two_products_is_cheaper_when_all_are_tried(to_order: bool) -> None:
    products, shelf, sizes, low = [Made(2, 9, FEW), Made(3, 15, stats.randint(0, 2))], 1.0, (13, 10, 9), (-8, -6)
    best, grid = SharedPart(shelf, products, to_order=to_order).optimum(), StateGrid(sizes)
    first, second, parts = (part[:, None, None] for part in grid.points().T)
    first, second = first + low[0], second + low[1]
    one, other, bought = (part.reshape(-1)[None, :, None] for part in np.indices((5, 4, 7)))
    wanted = np.array([(a, b) for a in range(3) for b in range(2)])
    after, left = (first + one, second + other), parts - one - other
    net = [after[0] - wanted[:, 0], after[1] - wanted[:, 1]]
    paid = shelf * (left + bought) + sum(
        made.holding * np.maximum(stock, 0) + made.shortage * np.maximum(-stock, 0)
        for made, stock in zip(products, net, strict=True)
    )
    allowed = left >= 0
    if to_order:
        allowed = allowed & ((one == 0) | (after[0] <= 0)) & ((other == 0) | (after[1] <= 0))
    cost = np.where(allowed[..., 0], paid.mean(axis=2), np.inf)
    following = grid.number(net[0] - low[0], net[1] - low[1], left + bought)
    process = DecisionProcess.of(cost, following, np.full(6, 1 / 6))
    assert process.optimum().cost == pytest.approx(best.cost, abs=1e-5)


@pytest.mark.parametrize(("lead_time", "making"), [(0, 0), (1, 0), (1, 1)])
def test_parts_counted_period_by_period_cost_what_the_program_says(lead_time: int, making: int) -> None:
    products = [Made(3, 20, TWO, making), Made(4, 40, stats.poisson(1.5), making)]
    best, random, rows, periods = SharedPart(1, products, lead_time).optimum(), np.random.default_rng(3), 5_000, 260
    demand = np.stack([random.poisson(mean, (periods, rows)) for mean in (2, 1.5)], axis=2)
    net, shelf = np.full((rows, 2), 4), np.full(rows, 4)
    coming, process = [np.full(rows, 3)] * lead_time, [np.full((rows, 2), 1)] * making
    costs = np.zeros((periods, rows))
    for t in range(periods):
        position = net + sum(process, np.zeros((rows, 2), dtype=np.int64))
        made, order = best(position, np.stack([shelf, *coming], axis=1))
        shelf = shelf - made.sum(axis=1)
        assert (shelf >= 0).all(), "nothing is made of parts that are not there"
        coming.append(order)
        process.append(made)
        shelf, net = shelf + coming.pop(0), net + process.pop(0) - demand[t]
        held, owed = np.maximum(net, 0), np.maximum(-net, 0)
        costs[t] = held @ [3, 4] + owed @ [20, 40] + shelf + sum(moving.sum(axis=1) for moving in process)
    each = costs[60:].mean(axis=0)
    assert abs(each.mean() - best.cost) < stats.norm.ppf(0.995) * each.std() / np.sqrt(rows)


@pytest.mark.parametrize("lead_time", [0, 1])
def test_a_constant_echelon_level_with_the_best_making_costs_what_the_optimum_does(lead_time: int) -> None:
    # the part is one stage whose orders bring the echelon to where it should be, whatever the products lack
    shared = SharedPart(1, PAIR, lead_time)
    level, best = shared.best_level()
    assert best.cost == pytest.approx(shared.optimum().cost, abs=1e-6)
    for near in (level - 1, level + 1):
        assert shared.at_level(near).cost > best.cost


@pytest.mark.parametrize("lead_time", [0, 1])
def test_nobody_is_below_the_bound_that_lets_products_give_parts_back(lead_time: int) -> None:
    stores = [Store(made.holding, made.shortage, made.lead_time, made.one_period) for made in PAIR]
    bound = decomposition(1, lead_time, stores, on_lattice(stats.poisson(3.5)))
    best = SharedPart(1, PAIR, lead_time).optimum().cost
    assert bound <= best < 1.01 * bound


def test_what_is_alike_shares_evenly_and_what_is_dearer_to_owe_comes_first() -> None:
    alike = SharedPart(1, [Made(3, 20, FEW), Made(3, 20, FEW)]).optimum()
    made, _ = alike([[0, 0], [-1, 1], [2, -1]], [[2], [2], [2]])
    assert made.tolist() == [[1, 1], [2, 0], [0, 2]]
    dear = SharedPart(1, [Made(3, 20, FEW), Made(3, 60, FEW)]).optimum()
    made, _ = dear([[0, 0], [0, 0]], [[1], [3]])
    assert made.tolist() == [[0, 1], [1, 2]]


def test_a_part_in_common_is_worth_something() -> None:
    apart = 2 * SharedPart(1, [Made(3, 20, TWO)], 1).optimum().cost
    assert SharedPart(1, [Made(3, 20, TWO)] * 2, 1).optimum().cost < apart - 0.1


def test_where_nothing_may_be_made_ahead_everybody_waits_a_period() -> None:
    held = SharedPart(1, [Made(3, 20, FEW), Made(3, 20, FEW)])
    ordered = SharedPart(1, [Made(3, 20, FEW), Made(3, 20, FEW)], to_order=True)
    assert ordered.optimum().cost > 2 * 20 * FEW.mean()
    assert held.optimum().cost < ordered.optimum().cost


REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "nothing made": (lambda: SharedPart(1, []), "products"),
    "back in time": (lambda: SharedPart(1, PAIR, -1), "lead_time"),
    "products held more cheaply": (lambda: SharedPart(3.5, PAIR), "holding"),
    "free parts": (lambda: SharedPart(0, PAIR), "holding"),
    "to order, later": (lambda: SharedPart(1, [Made(3, 20, TWO, lead_time=1)], to_order=True), "lead_time"),
    "far away": (lambda: SharedPart(1, PAIR, 6).optimum(), "demand"),
    "parts of units": (lambda: SharedPart(1, [Made(3, 20, stats.norm(5, 1))]).optimum(), "demand"),
}


@pytest.mark.parametrize(("act", "key"), REFUSED.values(), ids=REFUSED)
def test_what_it_cannot_solve_is_refused_by_its_key(act: Callable[[], Any], key: str) -> None:
    with pytest.raises(InputError, match=f"^{key}: found"):
        act()
