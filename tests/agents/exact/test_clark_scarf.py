from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from orderup.agents.exact import newsvendor, on_lattice
from orderup.agents.exact.serial import SerialOptimum, clark_scarf
from orderup.envs.foundation.errors import InputError

NORMAL: Any = ((7, 4, 2), 37.12, (0, 0, 1), stats.norm(5, 1))
POISSON: Any = ((1, 0.5, 0.25, 0.1), 10, (1, 1, 1, 1), stats.poisson(8))


def cost_forwards(
    levels: Sequence[float], holding: Sequence[float], shortage: float, lead_times: Sequence[int], demand: Any
) -> float:
    """Cost of whole echelon levels, by passing the distribution of the echelon stock down the line from the supplier."""
    far = 400
    stock = np.arange(-far, int(max(levels)) + 1)
    share = (stock == levels[-1]).astype(float)
    cost, upstream = 0.0, [*holding[1:], 0.0]
    for j in reversed(range(len(levels))):
        one_period = demand.pmf(np.arange(far))
        for _ in range(lead_times[j] + 1):
            share = np.convolve(share[::-1], one_period)[: len(stock)][::-1]
        cost += (holding[j] - upstream[j]) * float(share @ stock)
        if j:
            above = stock > levels[j - 1]
            share[stock == levels[j - 1]] += share[above].sum()
            share[above] = 0
    return cost + (shortage + holding[0]) * float(share @ np.maximum(-stock, 0))


def simulated_cost(
    levels: Sequence[float], holding: Sequence[float], shortage: float, lead_times: Sequence[int], demand: NDArray[Any]
) -> NDArray[np.float64]:
    """Cost (T, R) of installation levels under demand (T, R), R lines at once: order, ship, receive, serve, count."""
    stages, rows = range(len(levels)), demand.shape[1]
    on_hand = [np.full(rows, float(level)) for level in levels]
    owed = [np.zeros(rows) for _ in range(len(levels) + 1)]  # owed[0] to the customers, owed[j + 1] to stage j
    pipeline = [np.zeros((lead_time + 1, rows)) for lead_time in lead_times]
    costs = np.empty(demand.shape)
    for t, wanted in enumerate(demand):
        for j in stages:
            position = on_hand[j] + pipeline[j].sum(axis=0) + owed[j + 1] - owed[j]
            owed[j + 1] += np.maximum(levels[j] - position, 0)
        for j in stages:
            sent = np.minimum(owed[j + 1], on_hand[j + 1]) if j + 1 < len(levels) else owed[j + 1].copy()
            pipeline[j][lead_times[j]] = sent
            owed[j + 1] -= sent
            if j + 1 < len(levels):
                on_hand[j + 1] -= sent
        for j in stages:
            on_hand[j] += pipeline[j][0]
            pipeline[j] = np.concatenate([pipeline[j][1:], np.zeros((1, rows))])
        net = on_hand[0] - owed[0] - wanted
        on_hand[0], owed[0] = np.maximum(net, 0), np.maximum(-net, 0)
        moving = [pipeline[j - 1].sum(axis=0) if j else 0 for j in stages]
        costs[t] = shortage * owed[0] + sum(holding[j] * (on_hand[j] + moving[j]) for j in stages)
    return costs


def test_the_three_stage_normal_example_is_the_textbooks() -> None:
    best = clark_scarf(*NORMAL)
    # Snyder & Shen print 6.49, 12.02, 22.71; nested Gauss-Legendre quadrature gives these digits.
    assert best.echelon_levels == pytest.approx((6.4909, 12.0176, 22.7055), abs=1e-3)
    assert best.cost == pytest.approx(47.66015, abs=1e-4)
    assert best.in_transit == pytest.approx(30.0, abs=1e-6)
    assert best.installation_levels == pytest.approx((6.491, 5.527, 10.688), abs=2e-3)


def test_the_four_stage_poisson_example() -> None:
    best = clark_scarf(*POISSON)
    assert best.echelon_levels == (23, 42, 61, 79)
    assert best.installation_levels == (23, 19, 19, 18)
    assert best.cost == pytest.approx(25.17003, abs=1e-5)
    assert best.in_transit == pytest.approx(8 * 2 * (0.5 + 0.25 + 0.1), abs=1e-6)


@pytest.mark.parametrize(
    ("lead_times", "demand"),
    [
        ((1, 1, 1, 1), stats.poisson(8)),
        ((0, 2, 0, 1), stats.nbinom(4, 0.5)),
        ((2, 0, 1, 0), stats.rv_discrete(values=([0, 1, 7], [0.5, 0.3, 0.2]))),
    ],
)
def test_the_optimal_cost_is_that_of_its_levels_and_no_neighbour_is_cheaper(lead_times: tuple[int, ...], demand: Any) -> None:
    holding, shortage = (1, 0.5, 0.25, 0.1), 10
    best = clark_scarf(holding, shortage, lead_times, demand)
    assert best.cost == pytest.approx(cost_forwards(best.echelon_levels, holding, shortage, lead_times, demand), abs=1e-8)
    for step in np.concatenate([np.eye(4), -np.eye(4)]):
        neighbour = np.array(best.echelon_levels) + step
        assert cost_forwards(neighbour.tolist(), holding, shortage, lead_times, demand) >= best.cost - 1e-8


@pytest.mark.parametrize(("line", "seed"), [(NORMAL, 1), (POISSON, 2)], ids=["normal", "poisson"])
def test_a_simulation_of_the_clock_costs_the_optimum(line: Any, seed: int) -> None:
    holding, shortage, lead_times, demand = line
    best = clark_scarf(*line)
    draws = demand.rvs(size=(90, 40_000), random_state=np.random.default_rng(seed))
    each = simulated_cost(best.installation_levels, holding, shortage, lead_times, draws)[40:].mean(axis=0)
    assert abs(each.mean() - best.cost) < stats.norm.ppf(0.995) * each.std() / np.sqrt(each.size)


@pytest.mark.parametrize("lead_time", [0, 3])
@pytest.mark.parametrize("demand", [stats.poisson(10), stats.norm(50, 8)])
def test_one_stage_is_a_newsvendor(lead_time: int, demand: Any) -> None:
    best = clark_scarf([1], 9, [lead_time], demand)
    level, cost = newsvendor(1, 9, on_lattice(demand).sum(lead_time + 1))
    assert best.echelon_levels == pytest.approx((level,), abs=0.01)
    assert best.cost == pytest.approx(float(cost), rel=1e-7)


def test_where_holding_upstream_saves_nothing_the_line_is_one_newsvendor_and_its_pipeline() -> None:
    best = clark_scarf([1, 1], 9, [1, 2], stats.poisson(10))
    assert best.echelon_levels[1] == newsvendor(1, 9, stats.poisson(50))[0]
    assert best.cost == pytest.approx(float(newsvendor(1, 9, stats.poisson(50))[1]) + 10 * 2, abs=1e-7)


@pytest.mark.parametrize("demand", [stats.poisson(6), stats.nbinom(4, 0.5)])
def test_where_holding_is_dearer_upstream_everything_is_sent_down_and_the_line_is_one_newsvendor(demand: Any) -> None:
    # what is on order arrives after 1 + 2 periods at a stage that sends it on at once: held and owed at the customer's rates
    best, cover = clark_scarf([1, 3], 9, [1, 2], demand), on_lattice(demand).sum(5)
    level, cost = (float(part) for part in newsvendor(1, 9, cover))
    assert best.echelon_levels == (np.inf, level)
    assert best.reachable == (level, level)
    assert best.installation_levels == (level, 0.0)
    # a unit is under way from the upper stage, at 3, in ℓ + 1 = 2 of the periods' counts
    assert best.cost == pytest.approx(cost + 3 * 2 * demand.mean(), abs=1e-7)


@pytest.mark.parametrize("step", [0.2, 0.1, 0.05, 0.01])
def test_the_error_of_a_grid_falls_with_the_square_of_its_step(step: float) -> None:
    holding, shortage, lead_times, demand = NORMAL
    assert abs(clark_scarf(holding, shortage, lead_times, demand, step).cost - 47.66015) < step**2


def test_an_echelon_that_cannot_be_filled_asks_for_no_more_than_the_one_above() -> None:
    assert SerialOptimum((10.0, 8.0, 15.0), cost=0, in_transit=0).installation_levels == (8.0, 0.0, 7.0)


@pytest.mark.parametrize(
    ("holding", "shortage", "lead_times", "key"),
    [
        ((7, 4), 37, (0, 0, 1), "lead_times"),
        ((), 37, (), "lead_times"),
        ((7, 4), 37, (0, -1), "lead_times"),
        ((4, 0), 37, (0, 0), "holding"),
        ((7, 4), 0, (0, 0), "shortage"),
    ],
)
def test_what_is_no_serial_line_is_refused(holding: Any, shortage: float, lead_times: Any, key: str) -> None:
    with pytest.raises(InputError) as refusal:
        clark_scarf(holding, shortage, lead_times, stats.poisson(8))
    assert refusal.value.key == key
