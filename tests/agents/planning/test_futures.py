"""What futures of demand are drawn from."""

from __future__ import annotations

import numpy as np
import pytest

from orderup.agents.planning.futures import Futures
from orderup.envs.catalogue import load_scenario
from orderup.envs.network.building import build


def test_futures_of_autocorrelated_demand_begin_where_the_last_one_ended() -> None:
    network = build(load_scenario("stale_centre"))
    futures = Futures(network, 8, 2000, 1, seed=4)
    high = network.loads.mean[:, :, 0] + 10.0
    drawn = futures.after(period=5, age=1, latest=high, episode=0)[:, 0, 0]
    # the last demand seen is that of period 3, two before the first that is drawn
    expected = 12 + 10 * 0.7 ** np.arange(2, 10)
    assert drawn.mean(axis=1) == pytest.approx(expected, abs=0.5)
    assert drawn[0].std() == pytest.approx(4.9 * np.sqrt(1 - 0.7**4), rel=0.1)


def test_futures_of_autocorrelated_demand_are_not_raised_by_a_shift_of_what_they_are_raised_by() -> None:
    shift = {"at": "store_1", "factor": 1.5, "when": {"type": "scheduled", "from": 0}}
    keys = load_scenario("stale_centre").model_dump(by_alias=True) | {"name": "shifted", "card": None, "shifts": [shift]}
    network = build(load_scenario(keys))
    drawn = Futures(network, 8, 500, 1, seed=4).after(0, 0, network.loads.mean[:, :, 0], 0)
    assert drawn.mean(axis=(0, 3))[:, 0] == pytest.approx(network.loads.mean[network.topology.customer_site, 0, 0], rel=0.1)


def test_futures_of_seasonal_demand_know_the_season() -> None:
    scenario = load_scenario("newsvendor").model_dump(by_alias=True) | {"name": "seasons"}
    demand = {"type": "seasonal", "base": {"type": "poisson", "mean": 10}, "profile": [0, 1, 2]}
    scenario["customers"] = [{"site": "store_1", "shortage": 9, "demand": demand}]
    drawn = Futures(build(load_scenario(scenario)), 4, 400, 1, seed=4).after(4, 0, np.zeros((1, 1)), 0)[:, 0, 0]
    assert drawn.mean(axis=1) == pytest.approx([10, 20, 0, 10], abs=0.6)


@pytest.mark.usefixtures("recorded_twin")
def test_futures_of_recorded_demand_come_from_the_training_window() -> None:
    network = build(load_scenario("orange_juice"))
    drawn = Futures(network, 6, 10, 1, seed=4).after(0, 0, network.loads.mean[:, :, 0], 0)
    entry = network.scenario.customers[0]
    history = entry.demand.at(entry.site).history("train", network.products)  # type: ignore[attr-defined]  # of recorded demand
    site = network.customers.index(f"{entry.site}/all")
    assert np.isin(drawn[:, site, 0], history[:, 0]).all()


@pytest.mark.usefixtures("recorded_twin")
def test_recorded_demand_that_runs_faster_than_its_record_is_expected_to_go_on() -> None:
    network = build(load_scenario("orange_juice"))
    usual, fast = (Futures(network, 6, 10, 1, seed=4) for _ in range(2))
    latest = network.loads.mean[:, :, 0] * np.where(np.arange(11) == 0, 3.0, 1.0)  # of the first product
    assert np.array_equal(usual.after(0, 0, latest, 0), fast.after(0, 0, latest, 0))  # before the first period nothing is known
    for period in range(1, 9):
        expected = usual.after(period, 0, network.loads.mean[:, :, 0], 0)
        drawn = fast.after(period, 0, latest, 0)
        pace = (8 + 3 * period) / (8 + period)
        np.testing.assert_allclose(drawn[:, :, 0], pace * expected[:, :, 0])
        np.testing.assert_allclose(drawn[:, :, 1:], expected[:, :, 1:])


def test_spread_futures_have_the_quantiles_of_many() -> None:
    network = build(load_scenario("newsvendor"))
    errors = {}
    for strata in (1, 16):
        futures = [Futures(network, 3, 20, 1, seed, strata).after(0, 0, np.zeros((1, 1)), 0) for seed in range(30)]
        totals = [np.quantile(drawn.sum(axis=0)[0, 0], 0.9) for drawn in futures]
        errors[strata] = np.std(totals)
    assert errors[16] < 0.6 * errors[1]
