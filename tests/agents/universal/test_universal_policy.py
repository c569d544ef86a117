"""One network for every network: what it cannot tell apart it decides alike, and what says nothing leaves it to theory."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from orderup.agents.integrality import whole_items
from orderup.agents.make import make_agent
from orderup.agents.universal.token_spec import TokenSpec
from orderup.agents.universal.universal_network import UniversalNetwork
from orderup.envs.catalogue import load_scenario
from orderup.envs.foundation.errors import InputError
from orderup.envs.numerics.arrays import in_numpy
from orderup.envs.simulator import Party, Simulator

SMALL = TokenSpec(standing=6, sets=4, hidden=8, head=5)
LEVELS = ("autonomous_silo", "federated", "autonomous_shared", "central_ideal", "central_stale")
at_every_level = pytest.mark.parametrize("autonomy", LEVELS)


def network(demand: str = "known", seed: int = 3, spec: TokenSpec = SMALL) -> UniversalNetwork:
    """One that says something, by numbers of chance."""
    rng = np.random.default_rng(seed)
    numbers = {name: 0.4 * rng.normal(size=shape) for name, shape in spec.shapes.items()}
    return UniversalNetwork(spec=spec, demand=demand).with_tensors(numbers)


def silent(spec: TokenSpec = SMALL) -> UniversalNetwork:
    return UniversalNetwork(spec=spec).with_tensors(spec.start(0))


def orders(scenario: Any, autonomy: Any, policy: Any, periods: int = 12, batch: int = 3, **keys: Any) -> NDArray[np.float64]:
    """What is ordered in each period (T, L, K, B)."""
    simulator = Simulator(scenario, autonomy, batch=batch, horizon=periods, **keys)
    party: Party = "sites" if simulator.autonomy.has_sites else "planner"
    simulator.reset(5)
    policy.reset(simulator.context(0, party))
    found = []
    while not simulator.done:
        simulator.advance(policy.act(simulator.information_of(party)))
        flows = simulator.now.flows
        assert flows is not None
        found.append(in_numpy(flows.orders))
    return np.stack(found)


@at_every_level
@pytest.mark.parametrize("scenario", ["owmr", "lost_sales", "stale_centre", "dual_source"])
def test_a_network_that_says_nothing_orders_up_to_closed_form_levels(scenario: str, autonomy: str) -> None:
    whole = bool(whole_items(load_scenario(scenario)).any())  # what goes in whole units is rounded, half a unit at most
    found = orders(scenario, autonomy, silent()), orders(scenario, autonomy, make_agent("base_stock"))
    assert np.allclose(*found, atol=0.51 if whole else 1e-9)


def family(networks: int, **keys: Any) -> dict[str, Any]:
    generator = {"type": "network_family", "networks": networks, "products": 2, "seed": 11, "sites": [1, 6], **keys}
    return {"name": "some", "horizon": 40, "generator": generator}


@pytest.mark.parametrize("demand", ["known", "estimated"])
@pytest.mark.parametrize("autonomy", ["autonomous_silo", "autonomous_shared", "central_stale"])
def test_networks_side_by_side_are_decided_for_as_if_each_were_alone(autonomy: str, demand: str) -> None:
    several, one = orders(family(3), autonomy, network(demand)), orders(family(1), autonomy, network(demand))
    together, alone = Simulator(family(3)).numpy_network, Simulator(family(1)).numpy_network
    lanes = [together.lanes.index(name) for name in alone.lanes]
    assert np.allclose(several[:, lanes], one, atol=1e-6)


@at_every_level
def test_it_does_not_matter_in_which_order_sites_lanes_and_products_are_named(autonomy: str) -> None:
    keys = family(2)
    scenario = load_scenario(keys).model_dump(mode="json", by_alias=True, exclude_none=True)
    turned = {
        **scenario,
        "sites": dict(reversed(scenario["sites"].items())),
        "lanes": scenario["lanes"][::-1],
        "products": scenario["products"][::-1],
        "customers": scenario["customers"][::-1],
    }
    first, second = Simulator(scenario).numpy_network, Simulator(turned).numpy_network
    lanes = [second.lanes.index(name) for name in first.lanes]
    products = [second.products.index(name) for name in first.products]
    found = orders(turned, autonomy, network())[:, lanes][:, :, products]
    assert np.allclose(orders(scenario, autonomy, network()), found, atol=1e-6)


@at_every_level
@pytest.mark.parametrize("demand", ["known", "estimated"])
def test_numpy_and_pytorch_decide_alike(autonomy: str, demand: str) -> None:
    keys = family(2)
    assert np.allclose(
        orders(keys, autonomy, network(demand)), orders(keys, autonomy, network(demand), backend="torch"), atol=1e-6
    )


@at_every_level
def test_an_episode_is_decided_for_as_if_it_were_alone(autonomy: str) -> None:
    keys = family(2)
    assert np.allclose(
        orders(keys, autonomy, network(), batch=4)[..., :1], orders(keys, autonomy, network(), batch=1), atol=1e-6
    )


def replayed(after: float, **customers: Any) -> dict[str, Any]:
    """A store whose demand is the same for twelve periods, whatever it is afterwards."""
    values = [4.0, 7, 0, 3, 9, 5, 6, 2, 8, 4, 5, 5, *[after] * 30]
    return {
        "name": "store",
        "horizon": 12,
        "sites": {"store_1": {"holding": 1, "initial": 10}},
        "lanes": [{"from": "supplier", "to": "store_1", "lead_time": 2, "initial": 5}],
        "customers": [{"site": "store_1", "shortage": 9, "demand": {"type": "replay", "values": values}, **customers}],
    }


@pytest.mark.parametrize("customers", [{}, {"unmet": "lost"}], ids=["demand is seen", "sales are seen"])
def test_who_estimates_demand_is_told_nothing_of_what_it_will_be(customers: dict[str, Any]) -> None:
    little, much = replayed(1.0, **customers), replayed(50.0, **customers)
    estimated, known = network("estimated"), network("known")
    assert np.array_equal(orders(little, "autonomous_silo", estimated), orders(much, "autonomous_silo", estimated))
    assert not np.array_equal(orders(little, "autonomous_silo", known), orders(much, "autonomous_silo", known))


def test_what_is_not_known_of_anything_is_not_ordered_for() -> None:
    found = orders(replayed(5.0), "autonomous_silo", network("estimated"))
    assert found[0].max() <= 1.0  # before anything has been asked for
    assert found[1:].max() > 0.0


@pytest.mark.parametrize(
    ("scenario", "what"),
    [
        ("two_plants", "goods that are made"),
        ("joint_order", "jumps"),
        ("transship", "lanes between peers"),
        ("perishable", "goods that perish"),
        ("flexible_contract", "contracts"),
    ],
)
def test_what_it_has_never_met_it_refuses(scenario: str, what: str) -> None:
    simulator = Simulator(scenario)
    with pytest.raises(InputError, match=what):
        silent().reset(simulator.context(0, "sites"))


def test_a_network_that_reads_other_numbers_is_refused() -> None:
    spec = SMALL.model_copy(update={"now": SMALL.now[:-1]})
    with pytest.raises(InputError, match=r"spec.now: found 'a policy that reads 17 numbers \(variation\)"):
        silent(spec).reset(Simulator("owmr").context(0, "sites"))


def test_history_that_is_not_there_is_not_made_up() -> None:
    agent = UniversalNetwork(spec=SMALL, demand="estimated", history=5).with_tensors(SMALL.start(0))
    with pytest.raises(InputError, match=r"agent.history: found 5; accepted: 0, or nothing"):
        agent.reset(Simulator("owmr").context(0, "sites"))


def test_a_season_that_is_known_moves_levels_by_what_it_brings() -> None:
    """A store, two periods from its supplier, whose customers buy 10, 20, 30 and 40 in turn: levels cover three periods."""
    keys: dict[str, Any] = {
        "name": "store",
        "horizon": 8,
        "calendar": 4,
        "sites": {"store_1": {"holding": 1, "initial": 60}},
        "lanes": [{"from": "supplier", "to": "store_1", "lead_time": 2, "initial": 20}],
        "customers": [
            {
                "site": "store_1",
                "shortage": 9,
                "demand": {"type": "seasonal", "base": {"type": "constant", "value": 25}, "profile": [0.4, 0.8, 1.2, 1.6]},
            }
        ],
    }
    simulator = Simulator(keys)
    simulator.reset(0)
    policy, constant = silent(), make_agent("base_stock")
    policy.reset(simulator.context(0, "sites"))
    constant.reset(simulator.context(0, "sites"))
    usual = float(constant.act(simulator.information).level[0, 0, 0])
    beyond = []
    for _ in range(4):
        decision = policy.act(simulator.information)
        beyond.append(float(decision.level[0, 0, 0]) - usual)
        simulator.advance(decision)
    assert beyond == pytest.approx([60 - 75, 90 - 75, 80 - 75, 70 - 75], abs=0.51)
