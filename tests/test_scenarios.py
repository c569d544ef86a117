"""The scenarios that come with the project: whole, runnable, and what their descriptions say they are."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import BaseModel

from benchmarks.scenarios import MECHANISMS, PAGE, mechanisms, network, page
from orderup.agents import make_agent
from orderup.envs.catalogue import config_folder, list_scenarios, load_scenario
from orderup.envs.demand import demands
from orderup.envs.demand.file import Data
from orderup.envs.demand.lead_time import lead_times
from orderup.envs.demand.wandering import Wandering
from orderup.envs.events.disruptions import Disruption, PriceChange
from orderup.envs.events.effects import effects
from orderup.envs.events.schema import (
    CarbonPrice,
    Contract,
    Goodwill,
    Overtime,
    PriceBreak,
    Promotion,
    Ramp,
    Regime,
    Returns,
    Shift,
    Spill,
    Vehicles,
    Yield,
)
from orderup.envs.events.timing import Gradual, Once, Scheduled, timings
from orderup.envs.forecasts.keys import Forecasts
from orderup.envs.foundation.yaml_files import read_yaml
from orderup.envs.generators import generators
from orderup.envs.information.policy import Decision
from orderup.envs.scenario.blocks import Arriving
from orderup.envs.scenario.card import Card, Hypothesis
from orderup.envs.scenario.machines import ExtraHours, Machine
from orderup.envs.scenario.scenario import Correlation, Customers, Lane, Scenario, Site, Supplier
from orderup.envs.scenario.trade_terms import Terms
from orderup.envs.simulator import Simulator

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
def test_even_simple_levels_are_better_than_chance_or_where_much_may_happen_than_nothing(name: str) -> None:
    """Closed-form levels know of no outages, promotions and contracts; where these are, a random surplus may be worth more."""
    scenario = load_scenario(name)
    eventful = scenario.disruptions or scenario.promotions or any(lane.contract for lane in scenario.lanes)
    other = "hold" if eventful else "random"
    by_level, by_other = (costs(name, agent)[scenario.warmup :].mean(axis=0) for agent in ("base_stock", other))
    gain = by_other - by_level
    assert np.isfinite(gain).all()
    assert gain.mean() > 3.29 * gain.std() / np.sqrt(gain.size)


def is_stationary(scenario: Scenario) -> bool:
    """Whether, after a warm-up, every period is as likely as another to have its share of what happens."""
    timings = [event.when for events in (scenario.disruptions, scenario.prices, scenario.shifts) for event in events]
    wanders = any(isinstance(entry.demand, Wandering) for entry in scenario.customers)
    return scenario.warmup > 0 and not (wanders or any(isinstance(timing, (Scheduled, Once, Gradual)) for timing in timings))


@pytest.mark.parametrize("name", [name for name in list_scenarios() if is_stationary(load_scenario(name))])
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
    one, other = (Simulator(name).numpy_network for name in ("owmr", "stale_centre"))
    np.testing.assert_array_equal(one.loads.mean, other.loads.mean)
    np.testing.assert_allclose(one.loads.deviation, other.loads.deviation, rtol=0.01)


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


def test_the_page_of_scenarios_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run python benchmarks/scenarios.py"


def test_the_page_tells_a_network_and_what_happens_there() -> None:
    assert network(load_scenario("owmr")) == "5 stores, 1 warehouse; 6 lanes"
    assert network(load_scenario("disruption_single")) == "1 store"
    assert mechanisms(load_scenario("disruption_single")) == ["outages"]
    assert set(MECHANISMS) - set(mechanisms(load_scenario("reference"))) == {"recorded demand"}


REFERENCE = config_folder("scenarios") / "reference.yaml"


COMMENTED = ("data", "forecasts", "effect", "recorded", "within", "against", "agent", "by_at_most", "becomes", "budget")
"""Keys that the reference only tells of, since they need data or other scenarios, or stand for what others say."""


def blocks(keys: dict[str, Any]) -> list[tuple[type[BaseModel], list[dict[str, Any]]]]:
    """Every kind of block, with those that the reference has."""
    sites, lanes, customers = list(keys["sites"].values()), keys["lanes"], keys["customers"]
    suppliers, card = list(keys["suppliers"].values()), keys["card"]
    machines = [machine for site in sites for machine in site.get("machines", {}).values()]
    return [
        *((Scenario, [keys]), (Site, sites), (Supplier, suppliers), (Lane, lanes), (Customers, customers)),
        *((Correlation, [keys["correlation"]]), (Regime, list(keys["regimes"].values())), (Disruption, keys["disruptions"])),
        *((PriceChange, keys["prices"]), (Shift, keys["shifts"]), (Promotion, keys["promotions"]), (Returns, keys["returns"])),
        (Arriving, keys["arriving"]),
        *((CarbonPrice, [keys["carbon"]]), (Card, [card]), (Hypothesis, card["hypotheses"])),
        *((model, [entry[key] for entry in inside if key in entry]) for model, key, inside in nested(sites, lanes, customers)),
        (Machine, machines),
        (ExtraHours, [machine["overtime"] for machine in machines if "overtime" in machine]),
        (PriceBreak, [entry for supplier in suppliers for entry in supplier["price_breaks"]]),
    ]


def nested(sites: Any, lanes: Any, customers: Any) -> list[tuple[type[BaseModel], str, Any]]:
    """The kinds of block that are one key's value, with the key and the blocks that have it."""
    return [
        (Overtime, "overtime", sites),
        (Ramp, "ramp", lanes),
        (Yield, "yield", lanes),
        (Contract, "contract", lanes),
        (Vehicles, "vehicles", lanes),
        (Terms, "terms", lanes),
        (Goodwill, "goodwill", customers),
        (Spill, "spill_to", customers),
    ]


def test_the_reference_has_every_key_or_tells_of_it() -> None:
    text, keys = REFERENCE.read_text(encoding="utf-8"), read_yaml(REFERENCE)
    for model, written in blocks(keys):
        used = {key for block in written for key in block}
        for name, field in model.model_fields.items():
            key = field.alias or name
            told = re.search(rf"^ *#.*\b{key}\b", text, re.M)
            assert (key not in used and told) if key in COMMENTED else key in used, (model, key)
    for key in {**Data.model_fields, **Forecasts.model_fields}:
        assert re.search(rf"^#   {key}:", text, re.M), key
    assert re.search(r"^# generator:", text, re.M)


def test_the_reference_names_every_kind_of_demand_lead_time_timing_effect_and_generator() -> None:
    text = REFERENCE.read_text(encoding="utf-8")
    kinds = {name: known[name].__module__ for known in (demands, lead_times, timings, effects, generators) for name in known}
    ours = [name for name, module in kinds.items() if module.startswith("orderup.")]
    assert [name for name in ours if not re.search(rf"\b{name}\b", text)] == []


def test_the_first_time_a_key_stands_in_the_reference_it_is_explained() -> None:
    seen = {"description", "to", "type", "base", "profile", "store_1", "store_2", "warehouse_1", "supplier_overseas", "roaster"}
    for line in REFERENCE.read_text(encoding="utf-8").splitlines():
        found = re.match(r"\s*(?:- )?(\w+):", line)
        if found and found[1] not in seen:
            seen.add(found[1])
            assert "# " in line, line
