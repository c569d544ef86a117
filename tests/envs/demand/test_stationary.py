"""The textbooks' distributions as demand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats

from orderup.envs.demand import DemandProcess, NormalDistribution, demands
from orderup.envs.demand.stationary import Constant, NegativeBinomial, Normal, Poisson, Stationary, UniformInteger
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.validation import validated
from orderup.envs.numerics.draws import Draw

PRODUCTS = ("tea", "milk")
PROCESSES: dict[str, dict[str, Any]] = {
    "constant": {"value": {"tea": 3, "milk": 0}},
    "poisson": {"mean": {"tea": 5, "milk": 0.4}},
    "negative_binomial": {"mean": {"tea": 20, "milk": 2}, "variance_to_mean": 3},
    "geometric": {"mean": {"tea": 4, "milk": 0.5}},
    "normal": {"mean": {"tea": 50, "milk": 30}, "sd": {"tea": 8, "milk": 5}},
    "uniform_integer": {"low": 0, "high": {"tea": 4, "milk": 9}},
}


def process(name: str) -> DemandProcess:
    return validated(demands.find(name), PROCESSES[name])


def draw(xp: Any = np, periods: int = 25, episodes: int = 4000, products: tuple[str, ...] = PRODUCTS, seed: int = 5) -> Draw:
    return Draw(seed, "store_1", "store_1", products, periods, xp.arange(episodes))


@pytest.mark.parametrize("name", PROCESSES)
def test_demand_has_the_moments_it_tells(name: str) -> None:
    demand, (mean, sd) = process(name).sample(draw()), process(name).moments(PRODUCTS)
    assert demand.shape == (25, 2, 4000)
    count = demand.size / 2
    error = 3.29 * np.maximum(sd, 1e-12) / np.sqrt(count)
    assert (abs(demand.mean(axis=(0, 2)) - mean) <= error).all()
    assert demand.std(axis=(0, 2)) == pytest.approx(sd, rel=0.03)
    assert demand.min() >= 0


@pytest.mark.parametrize("name", PROCESSES)
@pytest.mark.parametrize("periods", [1, 4])
def test_the_demand_of_some_periods_is_distributed_as_told(name: str, periods: int) -> None:
    """No cumulative share is off by more than the 99.9 % bound of Kolmogorov and Smirnov."""
    total = process(name).sample(draw(periods=periods, episodes=20_000)).sum(axis=0)
    told = process(name).over(PRODUCTS, periods)
    for x in np.quantile(total, [0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99], axis=1):
        assert abs((total <= x[:, None]).mean(axis=1) - told.cdf(x)).max() <= 1.95 / np.sqrt(20_000)


@pytest.mark.parametrize("name", PROCESSES)
@pytest.mark.parametrize("periods", [1, 3])
def test_what_is_told_of_some_periods_has_their_moments(name: str, periods: int) -> None:
    told, (mean, sd) = process(name).over(PRODUCTS, periods), process(name).moments(PRODUCTS)
    assert told.mean() == pytest.approx(periods * mean)
    assert told.std() == pytest.approx(np.sqrt(periods) * sd)
    assert (told.cdf(told.ppf(0.9)) >= 0.9 - 1e-12).all()


@pytest.mark.parametrize("name", PROCESSES)
def test_numpy_and_pytorch_draw_the_same(name: str) -> None:
    ours, theirs = process(name).sample(draw(episodes=300)), process(name).sample(draw(torch, episodes=300))
    assert theirs.numpy() == pytest.approx(ours, rel=1e-13, abs=1e-13)


@pytest.mark.parametrize("name", PROCESSES)
def test_a_product_and_an_episode_are_drawn_alike_whatever_else_is(name: str) -> None:
    together = process(name).sample(draw(episodes=50))
    fields = {key: value["milk"] if isinstance(value, dict) else value for key, value in PROCESSES[name].items()}
    alone = validated(demands.find(name), fields).sample(draw(episodes=50, periods=9, products=("milk",)))
    assert (alone[:, 0] == together[:9, 1]).all()


def test_a_poisson_sum_is_poisson() -> None:
    assert Poisson(mean=5).over(["tea"], 4).ppf(0.9) == stats.poisson(20).ppf(0.9)


def test_newsvendor_levels_follow_from_what_is_told() -> None:
    """Poisson(10), 1 to hold and 9 to owe: 14, 37, 59 for 1, 3, 5 periods. N(50, 8), .18 and .70: 56.604."""
    assert [float(Poisson(mean=10).over(["tea"], periods).ppf(0.9)[0]) for periods in (1, 3, 5)] == [14, 37, 59]
    assert float(Normal(mean=50, sd=8).over(["tea"], 1).ppf(0.70 / 0.88)[0]) == pytest.approx(56.604, abs=5e-4)


def test_a_sum_of_dice_is_counted_exactly() -> None:
    two = UniformInteger(low=1, high=6).over(["die"], 2)
    assert two.cdf([[2], [7], [12]])[:, 0] * 36 == pytest.approx([1, 21, 36])
    assert [float(two.ppf(q)[0]) for q in (1 / 36, 3 / 36, 21 / 36, 0.99, 1)] == [2, 3, 7, 12, 12]


def test_the_negative_binomial_allows_for_a_product_nobody_buys() -> None:
    none = NegativeBinomial(mean={"tea": 0, "milk": 2}, variance_to_mean=1.5)
    assert none.sample(draw(episodes=10))[:, 0].max() == 0
    assert none.over(PRODUCTS, 3).ppf(0.99)[0] == 0


def test_normal_demand_is_cut_at_0_and_told_as_it_is_drawn() -> None:
    rough = Normal(mean=1, sd=2)
    demand = rough.sample(draw(episodes=20_000, periods=1))
    assert demand.min() == 0
    assert abs((demand == 0).mean() - stats.norm.cdf(-0.5)) < 3.29 * 0.5 / np.sqrt(demand.size)
    assert rough.over(["tea"], 1).cdf(0.0)[0] == pytest.approx(stats.norm.cdf(-0.5))
    mean, deviation = rough.moments(["tea"])
    # Φ(½) + 2·φ(½), and by (1 + 4)·Φ(½) + 2·φ(½) its square
    assert mean[0] == pytest.approx(stats.norm.cdf(0.5) + 2 * stats.norm.pdf(0.5))
    assert deviation[0] ** 2 + mean[0] ** 2 == pytest.approx(5 * stats.norm.cdf(0.5) + 2 * stats.norm.pdf(0.5))
    assert abs(demand.mean() - mean[0]) < 3.29 * deviation[0] / np.sqrt(demand.size)


@pytest.mark.parametrize("ratio", [0.0, 0.5, 1.0, 2.0, 3.0, 4.0, 6.0])
@pytest.mark.parametrize("periods", [1, 2, 5])
def test_sums_of_normal_demand_are_distributed_as_those_that_are_drawn(ratio: float, periods: int) -> None:
    normal = Normal(mean={"tea": 5 * ratio, "milk": 100.0}, sd={"tea": 5.0, "milk": 0.0})
    total = normal.over(PRODUCTS, periods)
    drawn = normal.sample(draw(periods=periods, episodes=20_000)).sum(axis=0)
    for share in (0.1, 0.5, 0.9, 0.99):
        level = total.ppf(np.array([share, share]))
        found, least = (drawn[0] <= level[0] + 1e-9).mean(), max(share, total.cdf(np.zeros(2))[0])
        assert abs(found - least) < 3.9 * np.sqrt(share * (1 - share) / 20_000)
        assert level[1] == pytest.approx(100.0 * periods)
    assert total.mean() == pytest.approx(periods * normal.moments(PRODUCTS)[0])


def test_where_next_to_nothing_is_cut_normal_demand_is_told_as_textbooks_have_it() -> None:
    for mean, sd in ((50.0, 8.0), (5.0, 1.0), (100.0, 20.0), (100.0, 30.0)):
        normal = Normal(mean=mean, sd=sd)
        assert normal.moments(["tea"])[0] == mean
        assert normal.over(["tea"], 3).ppf(0.9)[0] == NormalDistribution([3 * mean], [np.sqrt(3) * sd]).ppf(0.9)[0]


@pytest.mark.parametrize("name", sorted(PROCESSES.keys() - {"uniform_integer"}))
def test_a_process_times_three_has_three_times_the_mean(name: str) -> None:
    once = process(name)
    assert isinstance(once, Stationary)
    assert once.times(3).moments(PRODUCTS)[0] == pytest.approx(3 * once.moments(PRODUCTS)[0])
    assert type(once.times(3)) is type(once)


def test_demand_follows_the_uniforms_that_a_copula_has_changed() -> None:
    changed = Draw(5, "store_1", "store_1", PRODUCTS, 4, np.arange(3), correlate=lambda values: 0 * values + 0.5)
    assert (Poisson(mean=5).sample(changed) == 5).all()


@pytest.mark.parametrize(
    ("name", "fields", "complaint"),
    [
        ("poisson", {"mean": -1}, r"d\.mean: found -1"),
        ("poisson", {"mean": {"tea": -1}}, r"d\.mean\.tea: found -1"),
        ("poisson", {"mean": float("nan")}, r"d\.mean: found nan"),
        ("normal", {"mean": 1, "sd": float("inf")}, r"d\.sd: found inf"),
        ("normal", {"mean": 1, "std": 2}, "found 'std'.*one of mean, sd"),
        ("constant", {}, r"d\.value: found 'nothing'"),
        ("negative_binomial", {"mean": 1, "variance_to_mean": 1}, r"d\.variance_to_mean: found 1\.0.*Poisson"),
        ("uniform_integer", {"low": 4, "high": 3}, r"d\.high: found 3\.0; accepted: a whole number ≥ low, 4"),
        ("uniform_integer", {"low": {"tea": 4, "milk": 1}, "high": 3}, r"d\.high: found 3"),
        ("uniform_integer", {"low": 0.5, "high": 3}, r"d\.low: found 0\.5"),
    ],
)
def test_an_impossible_process_is_refused(name: str, fields: dict[str, Any], complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        validated(demands.find(name), fields, "d")


def test_each_product_needs_its_number_and_no_other_has_one() -> None:
    with pytest.raises(InputError, match="nothing for milk"):
        Poisson(mean={"tea": 1}).moments(PRODUCTS)
    with pytest.raises(InputError, match="did you mean 'milk'"):
        Poisson(mean={"tea": 1, "milk": 1, "mlik": 1}).moments(PRODUCTS)


def test_a_constant_is_the_same_for_a_lone_episode() -> None:
    assert Constant(value=10).sample(draw(episodes=1, periods=3)).tolist() == [[[10.0], [10.0]]] * 3
