"""A serial line's optimum as an agent: what theory says is equal is equal, whichever way holding costs go."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from orderup.agents import make_agent
from orderup.agents.exact.serial import SerialOptimum, clark_scarf
from orderup.envs.catalogue import load_scenario
from orderup.envs.foundation.errors import InputError
from orderup.envs.simulator import Simulator

from ...simulation import Interval, simulated

TARGET = {"name": "target", "visibility": "shared", "authority": "target"}
LEVELS: dict[str, Any] = {
    "central_ideal": "central_ideal",
    "silo": "autonomous_silo",
    "federated": "federated",
    "target": TARGET,
}
HOLDING = {"rising downstream": (1.0, 0.6, 0.3), "equal": (1.0, 1.0, 1.0), "falling downstream": (0.4, 0.7, 1.0)}
DEMAND: dict[str, dict[str, Any]] = {
    "poisson": {"type": "poisson", "mean": 8},
    "negative_binomial": {"type": "negative_binomial", "mean": 5, "variance_to_mean": 4},
    "normal": {"type": "normal", "mean": 5, "sd": 1},
}


def line(holding: tuple[float, ...], demand: dict[str, Any], lead_times: tuple[int, ...], shortage: float = 9.0) -> Any:
    names = [f"stage_{number + 1}" for number in range(len(holding))]
    sources = [*names[1:], "supplier"]
    return load_scenario(
        {
            "name": "a_line",
            "horizon": 120,
            "warmup": 40,
            "sites": {name: {"holding": rate} for name, rate in zip(names, holding, strict=True)},
            "lanes": [
                {"from": source, "to": name, "lead_time": periods}
                for source, name, periods in zip(sources, names, lead_times, strict=True)
            ],
            "customers": [{"site": names[0], "shortage": shortage, "demand": demand}],
        }
    )


def optimum(scenario: Any) -> SerialOptimum:
    (entry,) = scenario.customers
    return clark_scarf(
        [site.holding for site in scenario.sites.values()],
        entry.shortage,
        [lane.lead_time.longest for lane in scenario.lanes],
        entry.demand.over(scenario.products, 1),
    )


def costs(scenario: Any, agent: Any, level: Any, episodes: int = 400) -> np.ndarray[Any, Any]:
    keys: dict[str, Any] = {"episodes": episodes, "periods": 80, "warmup": 40, "dtype": "float64"}
    return simulated(scenario, agent, level, **keys).cost


def test_equal_holding_costs_make_the_line_of_two_one_newsvendor() -> None:
    # all five periods' stock at one rate: newsvendor of Poisson(32), and 8 units under way at the warehouse's rate
    scenario = line((1.0, 1.0), DEMAND["poisson"], (1, 1))
    assert optimum(scenario).cost == pytest.approx(26.285, abs=5e-4)
    for level in LEVELS.values():
        assert optimum(scenario).cost in Interval.of(costs(scenario, "clark_scarf", level, 2000))


@pytest.mark.parametrize("holding", HOLDING.values(), ids=HOLDING)
@pytest.mark.parametrize("demand", DEMAND.values(), ids=DEMAND)
def test_every_level_without_delays_costs_the_optimum(holding: tuple[float, ...], demand: dict[str, Any]) -> None:
    scenario = line(holding, demand, (1, 0, 2))
    ideal = costs(scenario, "clark_scarf", "central_ideal")
    assert optimum(scenario).cost in Interval.of(ideal)
    for agent in ("clark_scarf", "optimal"):
        for level in LEVELS.values():
            assert costs(scenario, agent, level) == pytest.approx(ideal, rel=1e-9)


@pytest.mark.parametrize("holding", HOLDING.values(), ids=HOLDING)
def test_no_closed_form_and_no_neighbour_is_below_the_optimum(holding: tuple[float, ...]) -> None:
    scenario = line(holding, DEMAND["poisson"], (1, 0, 2))
    best, ideal = optimum(scenario), costs(scenario, "clark_scarf", "central_ideal")
    for agent in ("base_stock", "echelon_base_stock"):
        assert Interval.of(costs(scenario, agent, "central_ideal") - ideal).mean > -1e-9
    for site in range(3):
        for step in (-1.0, 1.0):
            levels = {f"stage_{number + 1}": level + step * (number == site) for number, level in enumerate(best.reachable)}
            other = costs(scenario, {"type": "echelon_base_stock", "levels": levels}, "central_ideal")
            assert Interval.of(other - ideal).mean >= -Interval.of(other - ideal).half_width


def test_dear_stock_upstream_is_sent_down_at_once() -> None:
    best = clark_scarf([0.4, 1.0], 9, [1, 1], load_scenario("serial_poisson").customers[0].demand.over(("product",), 1))
    assert best.echelon_levels[0] == np.inf
    assert best.installation_levels == (best.echelon_levels[1], 0.0)


def test_late_books_of_others_do_not_matter_where_ones_own_will_do() -> None:
    scenario = line((1.0, 0.5, 0.25), DEMAND["poisson"], (1, 0, 2))
    late = {"name": "late", "visibility": "shared", "feed_latency": 3, "feed_noise": 0.2}
    assert costs(scenario, "optimal", late) == pytest.approx(costs(scenario, "optimal", "autonomous_silo"), rel=1e-9)


@pytest.mark.parametrize("agent", ["clark_scarf", "optimal"])
@pytest.mark.parametrize(
    ("keys", "named"),
    [
        ({"fixed_cost": 5}, "a fixed cost"),
        ({"minimum": 4}, r"lanes\[2\].minimum"),
        ({"multiple": 4}, r"lanes\[2\].multiple"),
        ({"capacity": 9}, r"lanes\[2\].capacity"),
        ({"order_delay": 1}, "order delays"),
        ({"lead_time": {"type": "uniform_integer", "low": 0, "high": 2}}, "random lead times"),
    ],
    ids=["fixed", "minimum", "multiple", "capacity", "late", "random"],
)
def test_a_line_with_more_than_theory_has_is_refused_by_its_key(agent: str, keys: dict[str, Any], named: str) -> None:
    plain = line((1.0, 0.5, 0.25), DEMAND["poisson"], (1, 0, 2)).model_dump(by_alias=True, exclude_none=True)
    plain["lanes"][2] |= keys
    with pytest.raises(InputError, match=named):
        make_agent(agent).reset(Simulator(plain).context())


def test_a_centre_whose_books_are_wrong_has_no_known_optimum() -> None:
    noisy = {"name": "noisy", "visibility": "shared", "authority": "central", "feed_noise": 0.1}
    with pytest.raises(InputError, match="an autonomy level without delays and noise"):
        make_agent("optimal").reset(Simulator("serial_poisson", noisy).context())
