from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import orderup
from orderup.agents.gradients.episode_window import EpisodeWindow, longest_way
from orderup.agents.training.train import prepare, train
from orderup.envs.catalogue import load_autonomy, load_scenario
from orderup.envs.foundation.errors import InputError
from orderup.envs.simulator import Simulator

from ..learners import LINE
from ..optima.test_assembly import NETWORKS


def far(lead_time: int, horizon: int = 200, warmup: int = 50) -> dict[str, Any]:
    """A store that is supplied from far away."""
    return {
        "name": "far",
        "horizon": horizon,
        "warmup": warmup,
        "sites": {"store_1": {"holding": 1.0}},
        "lanes": [{"from": "supplier", "to": "store_1", "lead_time": lead_time}],
        "customers": [{"site": "store_1", "shortage": 9, "demand": {"type": "poisson", "mean": 10}}],
    }


def window(scenario: Any, autonomy: Any = "autonomous_silo", length: int | None = None) -> EpisodeWindow:
    level = load_autonomy(autonomy)
    return EpisodeWindow.of(Simulator(scenario, level).numpy_network, level, length)


def test_the_longest_way_adds_up_the_slowest_lanes_down_to_a_customer() -> None:
    """2 + 1 periods to the warehouse, 1 + 1 from there to the store."""
    assert longest_way(Simulator(LINE).numpy_network) == 5
    assert longest_way(Simulator("beer_game").numpy_network) == 19


def test_the_longest_way_of_a_part_leads_through_what_is_made_of_it() -> None:
    """Tubes for a frame for a bike: 3 + 1, 2 + 1 and 1 + 1 periods."""
    assert longest_way(Simulator(NETWORKS["three levels"]()).numpy_network) == 9


def two_works(saw: int = 1, **keys: Any) -> dict[str, Any]:
    """Tubes are sawn into frames in one plant, which are welded in another to bikes of which one part comes from far away."""
    stock = dict.fromkeys(("bike", "frame", "tube", "bell", "dust"), 1.0)
    return {
        "name": "two_works",
        "horizon": 100,
        "warmup": 20,
        "products": [*stock],
        "sites": {name: {"holding": stock} for name in ("store_1", "plant_1", "plant_2")},
        "lanes": [
            {"from": "plant_1", "to": "store_1", "products": ["bike"], "lead_time": 2},
            {"make": "bike", "at": "plant_1", "uses": {"frame": 1, "bell": 2}, "lead_time": 1},
            {"from": "plant_2", "to": "plant_1", "products": ["frame"], "lead_time": 1, "order_delay": 1},
            {"from": "supplier", "to": "plant_1", "products": ["bell"], "lead_time": 6},
            {"make": "frame", "at": "plant_2", "uses": {"tube": 3}, "lead_time": saw, **keys},
            {"from": "supplier_2", "to": "plant_2", "products": ["tube"], "lead_time": 2},
        ],
        "customers": [{"site": "store_1", "products": ["bike"], "shortage": 9, "demand": {"type": "poisson", "mean": 5}}],
    }


def test_the_longest_way_is_that_of_the_slowest_part_through_all_that_is_made_of_it() -> None:
    """To the store 2 + 1, welding 1 + 1; before that tubes 2 + 1, sawing 1 + 1 and 1 + 1 + 1 to the plant, or bells 6 + 1."""
    assert longest_way(Simulator(two_works()).numpy_network) == (2 + 1) + (1 + 1) + (2 + 1) + (1 + 1) + (1 + 1 + 1)
    assert longest_way(Simulator(two_works(saw=0)).numpy_network) == (2 + 1) + (1 + 1) + (2 + 1) + 1 + (1 + 1 + 1)
    faster = two_works(saw=0)
    faster["lanes"][2] |= {"lead_time": 0, "order_delay": 0}
    assert longest_way(Simulator(faster).numpy_network) == (2 + 1) + (1 + 1) + (6 + 1)


def test_the_longest_way_goes_on_with_what_comes_beside_a_product() -> None:
    """Dust of the saw goes 12 + 1 periods to those who buy it; before, as above, tubes 2 + 1 and sawing 1 + 1."""
    scenario = two_works(co_products={"dust": 0.5})
    scenario["lanes"].append({"from": "plant_2", "to": "store_1", "products": ["dust"], "lead_time": 12})
    scenario["customers"].append(
        {"site": "store_1", "products": ["dust"], "shortage": 1, "demand": {"type": "poisson", "mean": 2}}
    )
    assert longest_way(Simulator(scenario).numpy_network) == (12 + 1) + (1 + 1) + (2 + 1)


@pytest.mark.parametrize("scenario", ["owmr", "serial_poisson", "additive", "disruption_storm"])
def test_a_window_is_thirty_and_sixty_periods_where_an_order_is_through_in_half_of_that(scenario: str) -> None:
    assert window(scenario) == EpisodeWindow(30, 60)


def test_a_window_is_longer_where_an_order_or_its_approval_or_a_plan_takes_longer() -> None:
    assert window(far(60)) == EpisodeWindow(50, 122)
    assert window(far(60, warmup=100)) == EpisodeWindow(61, 100)
    wait = {"name": "slow", "authority": "central", "visibility": "shared", "approval_latency": 40}
    assert window(far(2), wait) == EpisodeWindow(43, 86)
    assert window(far(2), {**wait, "approval_latency": 0, "cadence": 91}) == EpisodeWindow(30, 94)


def test_a_window_that_ends_before_an_order_tells_is_refused_by_its_key() -> None:
    assert window(far(20), length=21).length == 21
    with pytest.raises(InputError, match=r"agent\.periods: found 20; accepted: at least 21: an order takes up to 21 periods"):
        window(far(20), length=20)


def test_a_store_far_away_is_learnt_with_default_keys(tmp_path: Path) -> None:
    run = train(far(60), folder=tmp_path, progress=False, copies=16, steps=16 * 172 * 2, examinations=1)
    assert run.result is not None
    assert np.isfinite(run.result["cost"]["mean"])


@pytest.mark.parametrize("horizon", [40, 60])
def test_an_episode_that_ends_before_anything_arrives_is_refused_before_there_is_a_folder(tmp_path: Path, horizon: int) -> None:
    with pytest.raises(InputError, match="no cost hangs on the sites"):
        train(far(60, horizon, warmup=10), folder=tmp_path, progress=False, copies=16, steps=5000)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("agent", "key", "value"),
    [
        ("pathwise", "copies", 1_000_000),
        ("pathwise", "hidden", [10_000, 10_000]),
        ("pathwise", "window", 1_000_000),
        ("pathwise", "steps", 10**23),
        ("ppo", "n_steps", 1_000_000),
        ("ppo", "hidden", [10_000, 10_000]),
    ],
)
def test_what_no_memory_or_lifetime_holds_is_refused_by_its_key_before_any_work(agent: str, key: str, value: Any) -> None:
    with pytest.raises(InputError, match=rf"agent\.{key}: found"):
        prepare("owmr", "autonomous_silo", {"type": agent, key: value}, 0, "r", Path("nowhere"), False, {})


def test_levels_are_searched_where_orders_come_from_far_away() -> None:
    """Two periods' mean demand more or less make no difference to a search that sees the order arrive."""
    few = {"type": "optimised_base_stock", "iterations": 3, "episodes": 32}
    found = orderup.evaluate(far(60, horizon=260), agents=few, episodes=40).cost
    closed = orderup.evaluate(load_scenario(far(60, horizon=260)), agents="base_stock", episodes=40).cost
    assert found < 1.02 * closed
