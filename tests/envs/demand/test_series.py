"""Demand that moves in time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from orderup.envs.demand import demands
from orderup.envs.demand.series import Ar1, Replay, Seasonal, Step
from orderup.envs.demand.stationary import Normal, Poisson
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.validation import validated
from orderup.envs.numerics.draws import Draw

PRODUCTS = ("tea", "milk")


def draw(xp: Any = np, periods: int = 7, episodes: int = 3) -> Draw:
    return Draw(5, "store_1", "store_1", PRODUCTS, periods, xp.arange(episodes))


def test_a_list_starts_again_or_holds_its_last_value() -> None:
    assert Replay(values=[1, 2, 4]).sample(draw())[:, 1, 2].tolist() == [1, 2, 4, 1, 2, 4, 1]
    assert Replay(values=[1, 2, 4], then="hold").sample(draw())[:, 0, 0].tolist() == [1, 2, 4, 4, 4, 4, 4]


def test_each_product_replays_its_own_list() -> None:
    each = Replay(values={"milk": [1, 2], "tea": [30, 50]})
    assert each.sample(draw(periods=3, episodes=1))[..., 0].tolist() == [[30, 1], [50, 2], [30, 1]]
    assert [moment.tolist() for moment in each.moments(PRODUCTS)] == [[40, 1.5], [10, 0.5]]
    assert each.over(PRODUCTS, 3).ppf([0.5, 0.51]).tolist() == [110, 5]


def test_the_beer_game_steps_from_4_to_8_in_its_fifth_period() -> None:
    step = Step(before=4, after=8, since=4)
    assert step.sample(draw())[:, 0, 1].tolist() == [4, 4, 4, 4, 8, 8, 8]
    assert step.moments(PRODUCTS)[0].tolist() == [8, 8]


@pytest.mark.parametrize("rho", [-0.5, 0.0, 0.8])
def test_autocorrelated_demand_has_the_moments_it_tells_from_the_first_period_on(rho: float) -> None:
    demand = Ar1(mean=100, sd=10, rho=rho).sample(draw(periods=6, episodes=40_000))
    count = demand[0].size
    for period in (0, 1, 5):
        assert abs(demand[period].mean() - 100) < 3.29 * 10 / np.sqrt(count)
        assert demand[period].std() == pytest.approx(10, rel=3.29 / np.sqrt(2 * count))
        lagged = np.corrcoef(demand[0].reshape(-1), demand[period].reshape(-1))[0, 1]
        assert abs(lagged - rho**period) < 3.29 / np.sqrt(count)


@pytest.mark.parametrize("rho", [-0.5, 0.0, 0.8])
def test_the_sum_of_autocorrelated_periods_has_the_variance_told(rho: float) -> None:
    total = Ar1(mean=100, sd=10, rho=rho).sample(draw(periods=5, episodes=40_000)).sum(axis=0)
    told = Ar1(mean=100, sd=10, rho=rho).over(PRODUCTS, 5)
    assert told.mean().tolist() == [500, 500]
    assert total.std(axis=1) == pytest.approx(told.std(), rel=3.29 / np.sqrt(2 * 40_000))


def test_the_variance_of_two_correlated_periods_by_hand() -> None:
    """Var(d1 + d2) = 2 sd² (1 + rho)."""
    told = Ar1(mean=1, sd={"tea": 2, "milk": 3}, rho={"tea": 0.5, "milk": -0.5}).over(PRODUCTS, 2)
    assert told.std() ** 2 == pytest.approx([2 * 4 * 1.5, 2 * 9 * 0.5])


def test_seasonal_poisson_demand_is_poisson_in_each_season() -> None:
    season = Seasonal(base=Poisson(mean={"tea": 10, "milk": 2}), profile=[1, 0, 2.5], start=1)
    demand = season.sample(draw(periods=7, episodes=30_000))
    assert (demand == np.floor(demand)).all()
    for period, factor in enumerate([0, 2.5, 1, 0, 2.5, 1, 0]):
        mean = factor * np.array([10, 2])
        assert (abs(demand[period].mean(axis=1) - mean) <= 3.29 * np.sqrt(mean / 30_000)).all()
        assert demand[period].var(axis=1) == pytest.approx(mean, rel=3.29 * np.sqrt(3 / 30_000))


def test_weeks_of_a_year_multiply_their_weekdays() -> None:
    """Two weekdays and three weeks, by hand: 1·1, 1·3, 2·1, 2·3, 0·1, 0·3, of which period 0 is the fourth."""
    season = Seasonal(base=Poisson(mean=10), profile=[1, 3], outer=[1, 2, 0], start=3)
    assert season.factors.tolist() == [6, 0, 0, 1, 3, 2]
    assert season.moments(PRODUCTS)[0] == pytest.approx([20, 20])
    demand = season.sample(draw(periods=12, episodes=4_000))
    assert demand[:6].mean(axis=(1, 2)) == pytest.approx([60, 0, 0, 10, 30, 20], rel=0.01)
    assert (demand[7:9] == 0).all()


def test_a_season_of_ones_changes_nothing() -> None:
    plain, even = Normal(mean=5, sd=1), Seasonal(base=Normal(mean=5, sd=1), profile=[1, 1])
    assert (plain.sample(draw()) == even.sample(draw())).all()
    assert even.over(PRODUCTS, 3).ppf(0.9) == pytest.approx(plain.over(PRODUCTS, 3).ppf(0.9))


def test_a_wave_is_highest_a_quarter_into_its_cycle() -> None:
    wave = Seasonal(base=Poisson(mean=10), amplitude=0.5, cycle=12)
    assert wave.factors.argmax() == 3
    assert wave.factors[[0, 3, 6, 9]] == pytest.approx([1, 1.5, 1, 0.5])
    assert wave.moments(PRODUCTS)[0] == pytest.approx([10, 10])


def test_the_moments_of_seasonal_demand_are_those_over_whole_cycles() -> None:
    season = Seasonal(base=Poisson(mean=10), profile=[1, 2, 3, 2])
    demand = season.sample(draw(periods=40, episodes=10_000))
    mean, sd = season.moments(PRODUCTS)
    assert demand.mean(axis=(0, 2)) == pytest.approx(mean, rel=0.001)
    assert demand.std(axis=(0, 2)) == pytest.approx(sd, rel=0.005)
    halves = demand[:-1] + demand[1:]
    assert halves[:36].std(axis=(0, 2)) == pytest.approx(season.over(PRODUCTS, 2).std(), rel=0.005)


SERIES: list[tuple[str, dict[str, Any]]] = [
    ("replay", {"values": [1, 2, 4]}),
    ("step", {"before": {"tea": 1, "milk": 2}, "after": 8, "since": 4}),
    ("ar1", {"mean": 5, "sd": 3, "rho": 0.7}),
    ("seasonal", {"base": {"type": "poisson", "mean": 10}, "profile": [1, 0.5]}),
    ("seasonal", {"base": {"type": "normal", "mean": 10, "sd": 2}, "amplitude": 0.5, "cycle": 7}),
]


@pytest.mark.parametrize(("name", "fields"), SERIES)
def test_numpy_and_pytorch_draw_the_same(name: str, fields: dict[str, Any]) -> None:
    process = validated(demands.find(name), fields)
    theirs = process.sample(draw(torch))
    assert theirs.dtype == torch.float64
    assert theirs.numpy() == pytest.approx(process.sample(draw()), rel=1e-13, abs=1e-13)


@pytest.mark.parametrize(("name", "fields"), SERIES)
def test_a_shorter_draw_of_fewer_episodes_is_the_beginning_of_a_longer(name: str, fields: dict[str, Any]) -> None:
    process = validated(demands.find(name), fields)
    assert (process.sample(draw(periods=4, episodes=2)) == process.sample(draw(periods=11, episodes=50))[:4, :, :2]).all()


@pytest.mark.parametrize(("name", "fields"), SERIES)
def test_a_process_survives_being_written_and_read(name: str, fields: dict[str, Any]) -> None:
    process = validated(demands.find(name), fields)
    assert validated(demands.find(name), process.model_dump(mode="json")) == process


@pytest.mark.parametrize(
    ("name", "fields", "complaint"),
    [
        ("replay", {"values": []}, r"d\.values"),
        ("replay", {"values": [1, -2]}, r"d\.values\[1\]: found -2"),
        ("replay", {"values": {"tea": [1], "milk": [1, 2]}}, r"d\.values: found \{'tea': 1, 'milk': 2\}"),
        ("step", {"before": 1, "after": 2, "since": -1}, r"d\.since: found -1"),
        ("ar1", {"mean": 1, "sd": 1, "rho": 1}, r"d\.rho: found 1\.0"),
        ("seasonal", {"base": {"type": "poison", "mean": 1}, "profile": [1]}, r"d\.base\.type.*did you mean 'poisson'"),
        ("seasonal", {"base": {"type": "poisson", "mean": -1}, "profile": [1]}, r"d\.base\.mean: found -1"),
        ("seasonal", {"base": {"type": "ar1", "mean": 1, "sd": 1, "rho": 0}, "profile": [1]}, r"d\.base: found Ar1"),
        (
            "seasonal",
            {"base": {"type": "uniform_integer", "low": 1, "high": 2}, "profile": [1]},
            r"d\.base\.type: found 'uniform",
        ),
        ("seasonal", {"base": {"type": "poisson", "mean": 1}}, "either profile, or amplitude and cycle"),
        (
            "seasonal",
            {"base": {"type": "poisson", "mean": 1}, "profile": [1], "cycle": 7},
            "either profile, or amplitude and cycle",
        ),
    ],
)
def test_an_impossible_process_is_refused(name: str, fields: dict[str, Any], complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        validated(demands.find(name), fields, "d")


def test_some_products_of_a_process_have_the_demand_that_they_have_among_all() -> None:
    both = {"tea": 3.0, "coffee": 5.0}
    for process in (
        Normal(mean=both, sd=2.0),
        Seasonal(base=Normal(mean=both, sd={"tea": 1.0, "coffee": 2.0}), amplitude=0.5, cycle=4),
        Ar1(mean=both, sd=1.0, rho={"tea": 0.0, "coffee": 0.5}),
    ):
        together = process.over(("tea", "coffee"), 3)
        for column, name in enumerate(both):
            alone = process.only((name,)).over((name,), 3)
            assert (alone.mean(), alone.std()) == (together.mean()[column], together.std()[column])
