"""Demand from a distribution: a table of values, the lognormal, one of your own."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats

from orderup.agents.exact import newsvendor, on_lattice
from orderup.envs.demand import DemandProcess, FromDistribution, demands
from orderup.envs.demand.from_distribution import Discrete, Lognormal
from orderup.envs.demand.series import Seasonal
from orderup.envs.demand.stationary import Poisson, Stationary, UniformInteger
from orderup.envs.demand.sums import common_step
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.validation import validated

from ...own_demand import Endless, Erlang, OwnFour, OwnPoisson, Rough
from .test_stationary import PRODUCTS, draw

PROCESSES: dict[str, DemandProcess] = {
    "lognormal": Lognormal(mean={"tea": 10, "milk": 4}, sd={"tea": 5, "milk": 4}),
    "discrete": Discrete(
        values={"tea": [0, 6, 12], "milk": [2.5, 0.1]}, probabilities={"tea": [0.5, 0.3, 0.2], "milk": [0.4, 0.6]}
    ),
    "own_whole": OwnPoisson(mean=7),
    "own": Erlang(scale=2.5),
    "own_below_nothing": Rough(),
}


@pytest.mark.parametrize("name", PROCESSES)
def test_demand_has_the_moments_it_tells(name: str) -> None:
    demand, (mean, sd) = PROCESSES[name].sample(draw()), PROCESSES[name].moments(PRODUCTS)
    assert (abs(demand.mean(axis=(0, 2)) - mean) <= 3.29 * sd / np.sqrt(demand.size / 2)).all()
    assert demand.std(axis=(0, 2)) == pytest.approx(sd, rel=0.06)
    assert demand.min() >= 0


@pytest.mark.parametrize("name", PROCESSES)
@pytest.mark.parametrize("periods", [1, 4])
def test_the_demand_of_some_periods_is_distributed_as_told(name: str, periods: int) -> None:
    """No cumulative share is off by more than the 99.9 % bound of Kolmogorov and Smirnov."""
    total = PROCESSES[name].sample(draw(periods=periods, episodes=20_000)).sum(axis=0)
    told = PROCESSES[name].over(PRODUCTS, periods)
    for x in np.quantile(total, [0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99], axis=1):
        assert abs((total <= x[:, None] + 1e-9).mean(axis=1) - told.cdf(x + 1e-9)).max() <= 1.95 / np.sqrt(20_000)
    assert told.mean() == pytest.approx(periods * PROCESSES[name].moments(PRODUCTS)[0])
    assert told.std() == pytest.approx(np.sqrt(periods) * PROCESSES[name].moments(PRODUCTS)[1])
    for q in (0.9, [[0.1], [0.99]]):
        assert (told.cdf(told.ppf(q)) >= np.asarray(q) - 1e-6).all()


@pytest.mark.parametrize("name", PROCESSES)
def test_numpy_and_pytorch_draw_the_same(name: str) -> None:
    ours, theirs = (PROCESSES[name].sample(draw(xp, episodes=300)) for xp in (np, torch))
    assert theirs.numpy() == pytest.approx(ours, rel=1e-13, abs=1e-13)


@pytest.mark.parametrize("name", PROCESSES)
def test_a_product_and_an_episode_are_drawn_alike_whatever_else_is(name: str) -> None:
    together, keys = PROCESSES[name].sample(draw(episodes=50)), PROCESSES[name].model_dump()
    fields = {key: value["milk"] if isinstance(value, dict) else value for key, value in keys.items()}
    alone = validated(type(PROCESSES[name]), fields).sample(draw(episodes=50, periods=9, products=("milk",)))
    assert (alone[:, 0] == together[:9, 1]).all()


def test_own_poisson_demand_is_the_projects_unit_for_unit() -> None:
    own, ours = OwnPoisson(mean=7), Poisson(mean=7)
    assert (own.sample(draw(episodes=100)) == ours.sample(draw(episodes=100))).all()
    points = np.arange(100.0)[:, None]
    for periods in (1, 3, 50):
        assert own.over(["tea"], periods).cdf(points) == pytest.approx(ours.over(["tea"], periods).cdf(points), abs=1e-11)
        assert own.over(["tea"], periods).ppf(0.9) == ours.over(["tea"], periods).ppf(0.9)


def test_a_table_of_dice_is_uniform_face_for_face() -> None:
    die = Discrete(values=[6, 5, 4, 3, 2, 1], probabilities=[1 / 6] * 6)
    assert (die.sample(draw(episodes=100)) == UniformInteger(low=1, high=6).sample(draw(episodes=100))).all()
    assert die.over(["die"], 2).cdf([[2], [7], [12]])[:, 0] * 36 == pytest.approx([1, 21, 36])
    assert die.moments(["die"])[0].tolist() == pytest.approx([3.5])
    assert die.moments(["die"])[1] ** 2 == pytest.approx([35 / 12])


def test_a_sum_of_half_litres_is_counted_exactly() -> None:
    """0, 2.5 or 5 with .2, .5, .3: of two periods .04, .20, .37, .30 and .09."""
    crates = Discrete(values=[0, 2.5, 5], probabilities=[0.2, 0.5, 0.3]).over(["tea"], 2)
    assert crates.cdf([[0], [2.5], [5], [7.4], [7.5], [10]])[:, 0] == pytest.approx([0.04, 0.24, 0.61, 0.61, 0.91, 1])
    assert float(crates.ppf(0.61)[0]) == 5
    assert on_lattice(crates).step == 2.5
    assert on_lattice(crates).probability == pytest.approx([0.04, 0.20, 0.37, 0.30, 0.09])


@pytest.mark.parametrize(
    ("values", "step"),
    [([0.0, 6, 12], 6), ([2.5, 0.1], 0.1), ([0.0], 1), ([1 / 3, 1], None), ([4.0, 6], 2), ([0.25, 0.1], 0.05)],
)
def test_values_have_a_step_in_common_if_it_is_of_any_use(values: list[float], step: float | None) -> None:
    assert common_step(values) == (step if step is None else pytest.approx(step))


def test_an_erlang_sum_is_erlang() -> None:
    """Gamma distributions of one scale add up: 4 phases in each of n periods are 4n."""
    q = np.array([[0.01], [0.5], [0.9], [0.999]])
    for periods in (1, 2, 7):
        told, theory = Erlang(scale=2.5).over(["tea"], periods), stats.gamma(4 * periods, scale=2.5)
        assert told.ppf(q) == pytest.approx(theory.ppf(q), rel=2e-5)
        assert told.cdf(theory.ppf(q)) == pytest.approx(q, abs=2e-6)
    assert Erlang(scale=2.5).moments(["tea"])[1] == pytest.approx([5.0], rel=1e-6)


def test_many_periods_come_to_a_normal_sum() -> None:
    told = Erlang(scale=2.5).over(["tea"], 1_000_000)
    assert told.ppf(0.9) == pytest.approx(10_000_000 + 5_000 * stats.norm.ppf(0.9))


def test_what_is_below_nothing_counts_as_nothing_in_moments_too() -> None:
    """E[max(X, 0)] of N(1, 2) is Φ(.5) + 2 φ(.5)."""
    mean = stats.norm.cdf(0.5) + 2 * stats.norm.pdf(0.5)
    square = 5 * stats.norm.cdf(0.5) + 2 * stats.norm.pdf(0.5)
    assert Rough().moments(["tea"])[0] == pytest.approx([mean], rel=1e-5)
    assert Rough().moments(["tea"])[1] == pytest.approx([math.sqrt(square - mean**2)], rel=1e-5)
    assert float(Rough().over(["tea"], 1).cdf(np.array([0.0]))[0]) == pytest.approx(stats.norm.cdf(-0.5))


def test_the_lognormal_has_the_mean_and_deviation_it_is_given_by() -> None:
    score = math.sqrt(math.log(1.25))
    told = Lognormal(mean=10, sd=5).over(["tea"], 1)
    assert float(told.ppf(0.9)[0]) == pytest.approx(10 / math.sqrt(1.25) * math.exp(score * stats.norm.ppf(0.9)))
    assert super(Lognormal, Lognormal(mean=10, sd=5)).moments(["tea"])[1] == pytest.approx([5.0], rel=1e-5)
    assert (Lognormal(mean={"tea": 3, "milk": 0}, sd=0).sample(draw(episodes=5))[0, :, 0] == [3, 0]).all()


def test_the_newsvendor_is_right_for_lognormal_demand() -> None:
    """S* = e^(m + s z), and its cost (h + b) · mean · Φ(s − z) − h · mean, at b = 9 h."""
    best, cost = newsvendor(1, 9, Lognormal(mean=10, sd=5).over(["tea"], 1))
    score, z = math.sqrt(math.log(1.25)), stats.norm.ppf(0.9)
    assert float(best[0]) == pytest.approx(10 / math.sqrt(1.25) * math.exp(score * z))
    assert float(cost[0]) == pytest.approx(10 * 10 * stats.norm.cdf(score - z) - 10, rel=1e-6)


@pytest.mark.parametrize("name", ["lognormal", "discrete", "own_whole", "own"])
def test_a_process_times_three_has_three_times_the_mean(name: str) -> None:
    once = PROCESSES[name]
    assert isinstance(once, Stationary)
    assert once.times(3).moments(PRODUCTS)[0] == pytest.approx(3 * once.moments(PRODUCTS)[0])


def test_seasons_multiply_a_table() -> None:
    waves = Seasonal.model_validate(
        {"base": {"type": "discrete", "values": [2, 4], "probabilities": [0.5, 0.5]}, "profile": [1, 0, 2]}
    )
    demand = waves.sample(draw(periods=3, episodes=200))
    assert [sorted(set(period.ravel().tolist())) for period in demand] == [[2, 4], [0], [4, 8]]


def test_a_process_of_ones_own_is_known_by_its_path() -> None:
    found = demands.find("tests.own_demand:Erlang")
    assert found is Erlang
    assert issubclass(found, FromDistribution)
    assert demands.name_of(OwnFour) == "tests.own_demand:OwnFour"


@pytest.mark.parametrize(
    ("name", "fields", "complaint"),
    [
        ("lognormal", {"mean": 10, "sd": -1}, r"d\.sd: found -1"),
        ("lognormal", {"mean": 0, "sd": 1}, r"d\.sd: found 1.*0 where the mean is 0"),
        ("lognormal", {"mean": 10}, r"d\.sd: found 'nothing'"),
        ("discrete", {"values": [1, 1], "probabilities": [0.5, 0.5]}, r"d\.values: found .*each value once"),
        ("discrete", {"values": [1, -1], "probabilities": [0.5, 0.5]}, r"d\.values\[1\]: found -1"),
        ("discrete", {"values": [1, 2], "probabilities": [0.5, 0.6]}, r"d\.probabilities: found .*2 numbers that sum to 1"),
        ("discrete", {"values": [1, 2], "probabilities": [1]}, r"d\.probabilities: found .*2 numbers"),
        ("discrete", {"values": [], "probabilities": []}, r"d\.values"),
        ("discrete", {"values": {"tea": [1, 2]}, "probabilities": [0.9, 0.2]}, r"d\.probabilities\.tea"),
    ],
)
def test_an_impossible_process_is_refused(name: str, fields: dict[str, Any], complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        validated(demands.find(name), fields, "d")


def test_a_distribution_without_an_end_is_refused() -> None:
    with pytest.raises(InputError, match="demand: found 'a ppf from"), np.errstate(all="ignore"):
        Endless().moments(["tea"])


def test_each_product_needs_its_table() -> None:
    with pytest.raises(InputError, match="values: found 'nothing for milk'"):
        Discrete(values={"tea": [1.0]}, probabilities=[1.0]).moments(PRODUCTS)
