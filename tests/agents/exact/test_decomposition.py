from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from orderup.agents.exact import Lattice, on_lattice
from orderup.agents.exact.serial import Store, clark_scarf, common_factor_sum, decomposition
from orderup.envs.foundation.errors import InputError

COIN = Lattice(np.array([0.5, 0.5]), first=0)
"""Demand of nothing or of one unit, equally likely."""


@pytest.mark.parametrize(("lead_time", "upstream", "shortage"), [(0, 0, 9.0), (1, 2, 9.0), (2, 1, 40.0)])
def test_with_one_store_it_is_clark_and_scarfs_optimum(lead_time: int, upstream: int, shortage: float) -> None:
    demand = on_lattice(stats.poisson(8))
    bound = decomposition(0.5, upstream, [Store(1.0, shortage, lead_time, demand)], demand)
    assert bound == pytest.approx(clark_scarf([1.0, 0.5], shortage, [lead_time, upstream], demand).cost, rel=1e-12)


@pytest.mark.parametrize("rho", [0.0, 0.3, 0.8])
def test_equal_normal_stores_that_hold_at_the_warehouses_rate_are_one_newsvendor(rho: float) -> None:
    # Eppen and Schrage: the spread that a store faces is its own over ℓ+1 periods and its share of the total's over ℓ_0+1
    stores, upstream, lead_time, h, b, mean, sd = 4, 2, 1, 1.0, 9.0, 100.0, 20.0
    demand = on_lattice(stats.norm(mean, sd), step=0.4)
    total = common_factor_sum([demand] * stores, [math.sqrt(rho)] * stores)
    bound = decomposition(h, upstream, [Store(h, b, lead_time, demand)] * stores, total)
    spread = sd * math.sqrt((upstream + 1) * (1 + (stores - 1) * rho) / stores + lead_time + 1)
    newsvendor = stores * (h + b) * spread * stats.norm.pdf(stats.norm.ppf(b / (h + b)))
    pipeline = h * stores * mean * (lead_time + 1)  # the last of these periods is spent at the warehouse
    assert bound == pytest.approx(newsvendor + pipeline, rel=1e-4)


def test_two_stores_with_coins_for_demand_cost_what_trying_everything_finds() -> None:
    h0, costs = 0.5, [(1.0, 3.0), (2.0, 7.0)]
    stores = [Store(holding, shortage, 0, COIN) for holding, shortage in costs]

    def store_cost(number: int, y: int) -> float:
        holding, shortage = costs[number]
        return sum(0.5 * ((holding - h0) * (y - d) + (holding + shortage) * max(d - y, 0)) for d in (0, 1))

    def shared(x: int) -> float:
        positions = itertools.product(range(-6, 4), repeat=2)
        return min(store_cost(0, first) + store_cost(1, second) for first, second in positions if first + second <= x)

    def cost(echelon: int) -> float:
        return sum(0.25 * (h0 * (echelon - one - other) + shared(echelon - one - other)) for one in (0, 1) for other in (0, 1))

    assert decomposition(h0, 0, stores, common_factor_sum([COIN, COIN], [0, 0])) == pytest.approx(min(map(cost, range(-2, 8))))


def test_a_store_that_takes_shortages_lightly_bears_them_all() -> None:
    lightly = decomposition(0.5, 3, [Store(1, 1, 0, COIN), Store(1, 50, 0, COIN)], COIN.sum(2))
    both = decomposition(0.5, 3, [Store(1, 50, 0, COIN), Store(1, 50, 0, COIN)], COIN.sum(2))
    assert lightly < both


def test_the_sum_of_demands_with_a_common_factor_is_binomial_without_and_wider_with_it() -> None:
    fair = common_factor_sum([COIN] * 3, [0.0] * 3)
    assert fair.probability == pytest.approx([1 / 8, 3 / 8, 3 / 8, 1 / 8])
    # two fair coins whose scores correlate by ρ fall alike with a chance of 1/2 + arcsin(ρ)/π (Sheppard 1899)
    rho = 0.36
    together = common_factor_sum([COIN] * 2, [math.sqrt(rho)] * 2)
    alike = together.probability[[0, 2]].sum()
    assert alike == pytest.approx(0.5 + math.asin(rho) / math.pi, abs=1e-6)


@pytest.mark.parametrize(
    ("holding", "stores", "key"),
    [
        (0.5, [], "stores"),
        (1.5, [Store(1, 9, 0, COIN)], "holding"),
        (0.0, [Store(1, 9, 0, COIN)], "holding"),
        (0.5, [Store(1, 0, 0, COIN)], "shortage"),
    ],
)
def test_what_the_theory_does_not_cover_is_refused_by_its_name(holding: float, stores: list[Store], key: str) -> None:
    with pytest.raises(InputError) as caught:
        decomposition(holding, 0, stores, COIN)
    assert caught.value.key == key
