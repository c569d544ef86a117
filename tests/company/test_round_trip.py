"""A scenario of ours written out as a company's files and imported again is the same network, with its demand as it shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import orderup
from orderup.company.network_files import NetworkFiles
from orderup.envs.demand.base import of_product
from orderup.envs.foundation.yaml_files import read_yaml
from orderup.envs.scenario.scenario import Scenario

from .company_files import write_company

OWN = {
    "name": "own",
    "horizon": 60,
    "products": ["0012", "Schraube M8/20", "Tee, grün"],
    "sites": {
        "Berlin Mitte": {"role": "store", "holding": {"0012": 1.0, "Schraube M8/20": 0.5, "Tee, grün": 2.0}, "initial": 9},
        "Köln/Süd": {"role": "store", "holding": 1.0, "initial": 12, "storage": 400},
        "Zentrallager": {"role": "warehouse", "holding": 0.5, "initial": 40, "throughput": 250},
    },
    "suppliers": {"Müller & Söhne": {}},
    "lanes": [
        {"from": "Zentrallager", "to": "Berlin Mitte", "lead_time": 1, "fixed_cost": 3, "order_delay": 1},
        {
            "from": "Zentrallager",
            "to": "Köln/Süd",
            "lead_time": 2,
            "multiple": {"0012": 6, "Schraube M8/20": 10, "Tee, grün": 4},
            "minimum": 12,
        },
        {
            "from": "Müller & Söhne",
            "to": "Zentrallager",
            "lead_time": {"type": "discrete", "values": [2, 3, 5], "probabilities": [0.5, 0.3, 0.2]},
            "unit_cost": 1.5,
            "capacity": 300,
        },
    ],
    "customers": [
        {
            "site": "Berlin Mitte",
            "shortage": {"0012": 9, "Schraube M8/20": 4, "Tee, grün": 12},
            "price": 20,
            "unmet": "lost",
            "demand": {
                "type": "negative_binomial",
                "mean": {"0012": 3, "Schraube M8/20": 8, "Tee, grün": 15},
                "variance_to_mean": 1.8,
            },
        },
        {
            "site": "Köln/Süd",
            "products": ["0012", "Tee, grün"],
            "shortage": 9,
            "price": 20,
            "unmet": "lost",
            "demand": {"type": "poisson", "mean": {"0012": 6, "Tee, grün": 2.5}},
        },
    ],
}
CASES: dict[str, tuple[Any, str, dict[str, Any]]] = {
    "owmr": ("owmr", "week", {"unmet": "backlog"}),
    "serial_poisson": ("serial_poisson", "week", {"unmet": "backlog"}),
    "lost_sales": ("lost_sales", "week", {}),
    "seasonal": ("seasonal", "month", {"unmet": "backlog"}),
    "own": (OWN, "week", {}),
}
LENGTH = 480


@pytest.fixture(scope="module", params=CASES)
def trip(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Scenario, NetworkFiles]:
    """A scenario, and what its files come to."""
    given, unit, options = CASES[request.param]
    scenario = orderup.load_scenario(given)
    files = write_company(scenario, tmp_path_factory.mktemp("company"), LENGTH, unit)
    demand = files.pop("demand")
    found = orderup.network_from_tables(demand, **files, period=unit, future="keep", today="2026-01-01", **options)
    return scenario, found


def test_sites_are_the_same(trip: tuple[Scenario, NetworkFiles]) -> None:
    scenario, found = trip
    assert set(found.scenario.sites) == set(scenario.sites)
    for name, site in scenario.sites.items():
        other = found.scenario.sites[name]
        assert (other.role, other.storage, other.throughput) == (site.role, site.storage, site.throughput)
        for product in scenario.products:
            assert of_product(other.holding, product) == of_product(site.holding, product)
            assert of_product(other.initial, product) == of_product(site.initial, product)


def test_lanes_are_the_same_and_random_lead_times_as_often(trip: tuple[Scenario, NetworkFiles]) -> None:
    scenario, found = trip
    others = {lane.label: lane for lane in found.scenario.lanes}
    assert set(others) == {lane.label for lane in scenario.lanes}
    for lane in scenario.lanes:
        other = others[lane.label]
        keys = ("order_delay", "fixed_cost", "capacity")
        assert [getattr(other, key) for key in keys] == [getattr(lane, key) for key in keys]
        for product in lane.products or scenario.products:
            for key in ("unit_cost", "minimum", "multiple"):
                assert of_product(getattr(other, key), product) == of_product(getattr(lane, key), product)
        ours, theirs = lane.lead_time.chances(), other.lead_time.chances()
        assert set(ours) == set(theirs)
        for time, chance in ours.items():
            assert abs(theirs[time] - chance) <= 4 * (chance * (1 - chance) / 400) ** 0.5


def test_customers_are_the_same_and_their_demand_within_its_standard_error(trip: tuple[Scenario, NetworkFiles]) -> None:
    scenario, found = trip
    for entry in scenario.customers:
        products = tuple(entry.products or scenario.products)
        mean, sd = entry.demand.moments(products)
        for number, product in enumerate(products):
            (other,) = [
                one
                for one in found.scenario.customers
                if one.site == entry.site and product in (one.products or scenario.products)
            ]
            assert (other.unmet, of_product(other.shortage, product)) == (entry.unmet, of_product(entry.shortage, product))
            assert of_product(other.price, product) == of_product(entry.price, product)
            theirs = other.demand.only((product,)).moments((product,))
            assert abs(theirs[0][0] - mean[number]) <= 4 * sd[number] / LENGTH**0.5
            kurtosis = 3 + 2 / mean[number] + 1  # of counts somewhat above the normal's
            assert abs(theirs[1][0] ** 2 - sd[number] ** 2) <= 4 * sd[number] ** 2 * ((kurtosis - 1) / LENGTH) ** 0.5


def test_correlation_is_found_where_there_is_one_and_nowhere_else(trip: tuple[Scenario, NetworkFiles]) -> None:
    scenario, found = trip
    assert (found.scenario.correlation is None) == (scenario.correlation is None)
    if scenario.correlation is not None and found.scenario.correlation is not None:
        assert found.scenario.correlation.rho == pytest.approx(scenario.correlation.rho, abs=0.06)


def test_a_season_is_found_where_there_is_one_and_nowhere_else(trip: tuple[Scenario, NetworkFiles]) -> None:
    scenario, found = trip
    for entry in found.scenario.customers:
        (ours,) = {one.site: one for one in scenario.customers if one.site == entry.site}.values()
        assert type(entry.demand).__name__ == (
            "Seasonal" if type(ours.demand).__name__ == "Seasonal" else type(entry.demand).__name__
        )
        if type(ours.demand).__name__ == "Seasonal":
            np.testing.assert_allclose(entry.demand.factors, ours.demand.factors, atol=0.12)  # type: ignore[attr-defined]


def test_the_text_says_what_the_keys_say_and_loads_as_the_same_scenario(
    trip: tuple[Scenario, NetworkFiles], tmp_path: Path
) -> None:
    _, found = trip
    written = found.write(tmp_path / f"{found.keys['name']}.yaml")
    assert read_yaml(written[0]) == found.keys
    assert orderup.load_scenario(str(written[0])) == found.scenario


def test_the_record_is_a_scenario_too_and_played_on_its_own_windows(
    trip: tuple[Scenario, NetworkFiles], tmp_path: Path
) -> None:
    _, found = trip
    recorded = next(path for path in found.write(tmp_path / "network.yaml") if path.name.endswith("-recorded.yaml"))
    result = orderup.evaluate(str(recorded), autonomy="autonomous_silo", agents="base_stock", episodes=3, horizon=40)
    assert np.isfinite(result.cost)
