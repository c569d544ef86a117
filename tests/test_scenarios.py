"""The scenarios that come with the project: whole, runnable, and what their descriptions say they are."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import BaseModel

from orderup.agents import make_agent
from orderup.envs.catalogue import config_folder, list_scenarios, load_scenario
from orderup.envs.demand import demands
from orderup.envs.demand.file import Data
from orderup.envs.lead_time import lead_times
from orderup.envs.policy import Decision
from orderup.envs.schema import Correlation, Customers, Lane, Scenario, Site, Supplier
from orderup.envs.simulator import Simulator
from orderup.envs.yaml_file import read_yaml

pytestmark = pytest.mark.usefixtures("recorded_twin")


def costs(name: str, agent: str, episodes: int = 100) -> NDArray[np.float64]:
    """The network's cost in every period of every episode (T, B)."""
    sim = Simulator(name, batch=episodes)
    policy = make_agent(agent)
    information = sim.reset(seed=0)
    policy.reset(sim.context())
    found = []
    while not sim.done:
        information, ledger, _ = sim.step(policy.act(information))
        found.append(np.array(ledger.cost))
    return np.array(found)


@pytest.mark.parametrize("name", list_scenarios())
def test_a_scenario_is_called_as_its_file_and_tells_what_it_is_and_whence(name: str) -> None:
    scenario = load_scenario(name)
    assert scenario.name == name
    assert len(scenario.description) > 60
    assert scenario.source


@pytest.mark.parametrize("name", list_scenarios())
def test_even_simple_levels_are_better_than_chance(name: str) -> None:
    warmup = load_scenario(name).warmup
    by_level, by_chance = (costs(name, agent)[warmup:].mean(axis=0) for agent in ("base_stock", "random"))
    gain = by_chance - by_level
    assert np.isfinite(gain).all()
    assert gain.mean() > 3.29 * gain.std() / np.sqrt(gain.size)


@pytest.mark.parametrize("name", [name for name in list_scenarios() if load_scenario(name).warmup])
def test_after_the_warm_up_costs_no_longer_drift(name: str) -> None:
    counted = costs(name, "base_stock", episodes=400)[load_scenario(name).warmup :]
    first, second = (half.mean(axis=0) for half in np.array_split(counted, 2))
    change = second - first
    assert abs(change.mean()) < 3.29 * change.std() / np.sqrt(change.size)


def test_the_beer_game_starts_in_equilibrium() -> None:
    sim = Simulator("beer_game")
    sim.reset(seed=0)
    for _ in range(4):
        sim.step(Decision(quantity=4.0))
        assert sim.now.flows is not None
        assert (sim.now.state.on_hand == 12).all()
        assert (sim.now.flows.receipts == 4).all()
        assert (sim.now.flows.shipments == 4).all()
    sim.step(Decision(quantity=4.0))
    assert sim.now.state.on_hand[:, 0, 0].tolist() == [8, 12, 12, 12]


def test_in_the_beer_game_word_of_an_order_takes_two_weeks_from_stage_to_stage() -> None:
    sim = Simulator("beer_game")
    sim.reset(seed=0)
    levels, orders = np.array([32.0, 28.0, 28.0, 24.0])[None, :, None], []
    while not sim.done:
        sim.step(Decision(level=levels))
        assert sim.now.flows is not None
        orders.append(sim.now.flows.orders[:, 0, 0])
    weeks = np.array(orders)
    for stage in range(4):
        np.testing.assert_array_equal(weeks[:, stage], np.where(np.arange(36) < 5 + 2 * stage, 4, 8))


def test_the_stale_centre_has_the_size_of_owmr() -> None:
    one, other = (Simulator(name).plan for name in ("owmr", "stale_centre"))
    np.testing.assert_array_equal(one.mean, other.mean)
    np.testing.assert_allclose(one.deviation, other.deviation, rtol=0.01)


@pytest.mark.parametrize(("name", "memory"), [("owmr", 0.0), ("stale_centre", 0.7)])
def test_stores_move_together_as_said_and_remember_as_said(name: str, memory: float) -> None:
    sim = Simulator(name, batch=200)
    sim.reset(seed=0)
    assert sim.trace is not None
    demand = sim.trace.demand[:, :, 0]
    together = np.corrcoef(demand.transpose(1, 0, 2).reshape(5, -1))
    assert together[np.triu_indices(5, 1)] == pytest.approx(0.3, abs=0.03)
    centred = demand - demand.mean(axis=(0, 2), keepdims=True)
    assert (centred[1:] * centred[:-1]).mean() / (centred**2).mean() == pytest.approx(memory, abs=0.03)


REFERENCE = config_folder("scenarios") / "reference.yaml"


def blocks(keys: dict[str, Any]) -> list[tuple[type[BaseModel], list[dict[str, Any]]]]:
    return [
        (Scenario, [keys]),
        (Site, list(keys["sites"].values())),
        (Supplier, list(keys["suppliers"].values())),
        (Lane, keys["lanes"]),
        (Customers, keys["customers"]),
        (Correlation, [keys["correlation"]]),
    ]


def test_the_reference_has_every_key_or_says_that_it_is_kept_for_later() -> None:
    text, keys = REFERENCE.read_text(encoding="utf-8"), read_yaml(REFERENCE)
    for model, written in blocks(keys):
        used = {key for block in written for key in block}
        for name, field in model.model_fields.items():
            key = field.alias or name
            later = field.annotation is type(None) or key == "data"
            assert (key not in used and re.search(rf"^#.*\b{key}\b", text, re.M)) if later else key in used, (model, key)
    for key in Data.model_fields:
        assert re.search(rf"^#   {key}:", text, re.M), key


def test_the_reference_names_every_kind_of_demand_and_lead_time() -> None:
    text = REFERENCE.read_text(encoding="utf-8")
    kinds = {name: demands[name].__module__ for name in demands} | {name: lead_times[name].__module__ for name in lead_times}
    ours = [name for name, module in kinds.items() if module.startswith("orderup.")]
    assert [name for name in ours if not re.search(rf"\b{name}\b", text)] == []


def test_the_first_time_a_key_stands_in_the_reference_it_is_explained() -> None:
    seen = {"description", "to", "type", "base", "profile", "store_1", "store_2", "warehouse_1", "supplier_overseas"}
    for line in REFERENCE.read_text(encoding="utf-8").splitlines():
        found = re.match(r"\s*(?:- )?(\w+):", line)
        if found and found[1] not in seen:
            seen.add(found[1])
            assert "# " in line, line
