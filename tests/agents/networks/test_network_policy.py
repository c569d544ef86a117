from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from orderup.agents.networks.layers import Recurrent, activated, sigmoid
from orderup.agents.networks.network_policy import NetworkPolicy, observation_layout
from orderup.agents.networks.network_spec import NetworkSpec
from orderup.envs.authority.actions import ActionMap
from orderup.envs.catalogue import load_scenario
from orderup.envs.foundation.errors import InputError
from orderup.envs.information.view import ObservationView
from orderup.envs.simulator import Simulator

torch = pytest.importorskip("torch")

TWO_PRODUCTS: dict[str, Any] = {
    "name": "two_products",
    "horizon": 12,
    "products": ["tea", "milk"],
    "sites": {"store_1": {"holding": 1.0}, "store_2": {"holding": 0.5}},
    "lanes": [
        {"from": "supplier", "to": "store_1", "lead_time": 2},
        {"from": "supplier", "to": "store_2", "lead_time": 1},
    ],
    "customers": [
        {"site": "store_1", "shortage": 9, "demand": {"type": "poisson", "mean": {"tea": 4, "milk": 10}}},
        {"site": "store_2", "shortage": 9, "demand": {"type": "poisson", "mean": {"tea": 7, "milk": 3}}},
    ],
}


def policy_for(scenario: Any, autonomy: str = "autonomous_silo", seed: int = 0, **keys: Any) -> NetworkPolicy:
    """A policy of random numbers that fits."""
    context = Simulator(scenario, autonomy).context()
    given = {"form": "level", "hidden": [6], "activation": "silu", "bounded": False, **keys}
    size = len(context.network.lanes) * len(context.network.products) if context.seats == ("planner_0",) else None
    action = size or ActionMap.of(context).size
    spec = NetworkSpec(observation=observation_layout(ObservationView(context).observer), action=action, **given)
    generator = np.random.default_rng(seed)
    tensors = {name: generator.normal(0, 0.3, shape).astype(np.float32) for name, shape in spec.shapes.items()}
    return NetworkPolicy(spec, tensors)


def played(policy: Any, scenario: Any, autonomy: str = "autonomous_silo", **options: Any) -> tuple[Any, Any]:
    """What a policy orders (T, B, L, K), and what each episode costs in each period (T, B)."""
    sim = Simulator(scenario, autonomy, **{"batch": 3, **options})
    information, orders, costs = sim.reset(seed=5), [], []
    policy.reset(sim.context())
    while not sim.done:
        information, ledger, _ = sim.step(policy.act(information))
        assert sim.now.flows is not None
        orders.append(np.moveaxis(np.asarray(sim.now.flows.orders), -1, 0))
        costs.append(np.asarray(ledger.cost))
    return np.stack(orders), np.stack(costs)


KINDS: dict[str, dict[str, Any]] = {
    "one network": {},
    "one for each site": {"groups": [0, 1]},
    "each product by itself": {"products": 2},
    "each product by itself, one for each site": {"products": 2, "groups": [0, 1]},
    "a window": {"window": 3},
    "a memory": {"memory": 4},
    "a memory for each site and product": {"memory": 4, "products": 2, "groups": [0, 1]},
    "constants": {"constants": 2},
    "constants alone": {"constants": 2, "layers": False},
    "centred and scaled": {"normalised": True},
    "gated quantities": {"form": "quantity", "gated": True},
    "bounded quantities": {"form": "quantity", "bounded": True},
    "whole units": {"whole": True, "constants": 2},
    "a correction": {"residual_of": {"type": "base_stock"}},
}


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_of_network_acts_the_same_in_numpy_and_pytorch_and_in_any_batch(kind: str) -> None:
    policy = policy_for(TWO_PRODUCTS, **KINDS[kind])
    orders, costs = played(policy, TWO_PRODUCTS)
    np.testing.assert_allclose(played(policy, TWO_PRODUCTS, backend="torch")[1], costs, rtol=1e-9)
    np.testing.assert_allclose(played(policy, TWO_PRODUCTS, batch=1)[1], costs[:, :1], rtol=1e-9)
    assert orders.std() > 0


@pytest.mark.parametrize("keys", [{}, {"products": 2}, {"memory": 3}, {"window": 2}])
def test_networks_of_their_own_that_are_equal_are_one_that_is_shared(keys: dict[str, Any]) -> None:
    shared = policy_for(TWO_PRODUCTS, **keys)
    own = NetworkPolicy(
        shared.spec.model_copy(update={"groups": [0, 1]}),
        {name: np.stack([values, values]) for name, values in shared.tensors.items()},
    )
    np.testing.assert_allclose(played(own, TWO_PRODUCTS)[0], played(shared, TWO_PRODUCTS)[0], atol=1e-9)


def test_a_change_to_one_sites_network_changes_nothing_at_the_other() -> None:
    policy = policy_for(TWO_PRODUCTS, groups=[0, 1], hidden=[])
    other = NetworkPolicy(policy.spec, {name: values.copy() for name, values in policy.tensors.items()})
    other.tensors["0.bias"][1] += 0.5
    before, after = played(policy, TWO_PRODUCTS)[0], played(other, TWO_PRODUCTS)[0]
    np.testing.assert_array_equal(after[:, :, 0], before[:, :, 0])
    assert (after[0, :, 1] > before[0, :, 1]).any()


def test_a_product_that_goes_through_the_network_by_itself_does_not_know_the_other() -> None:
    more_milk = {**TWO_PRODUCTS, "customers": [dict(entry) for entry in TWO_PRODUCTS["customers"]]}
    tea_first = {**TWO_PRODUCTS["sites"], "store_1": {"holding": 1.0, "initial": {"tea": 9, "milk": 30}}}
    a, b = (
        {**more_milk, "sites": {**tea_first, "store_1": {"holding": 1.0, "initial": {"tea": 9, "milk": m}}}} for m in (5, 90)
    )
    apart, together = policy_for(a, products=2), policy_for(a)
    np.testing.assert_array_equal(played(apart, a)[0][..., 0], played(apart, b)[0][..., 0])
    assert (played(together, a)[0][..., 0] != played(together, b)[0][..., 0]).any()


def test_the_recurrent_layer_is_pytorchs_own() -> None:
    unit, generator = torch.nn.GRUCell(3, 2), np.random.default_rng(0)
    values, memory = generator.normal(size=(5, 3)), generator.normal(size=(5, 2))
    numbers = {name: value.detach().double().numpy() for name, value in unit.named_parameters()}
    from orderup.agents.networks.layers import Linear

    ours = Recurrent(Linear.of(numbers["weight_ih"], numbers["bias_ih"]), Linear.of(numbers["weight_hh"], numbers["bias_hh"]))
    theirs = unit.double()(torch.tensor(values), torch.tensor(memory)).detach().numpy()
    np.testing.assert_allclose(ours(values, memory), theirs, rtol=1e-6)


def test_a_memory_starts_anew_with_every_batch_of_episodes() -> None:
    policy = policy_for(TWO_PRODUCTS, memory=4)
    np.testing.assert_array_equal(played(policy, TWO_PRODUCTS)[0], played(policy, TWO_PRODUCTS)[0])


def test_a_correction_of_nothing_is_what_is_corrected_bit_for_bit() -> None:
    from orderup.agents import make_agent

    for agent in ("base_stock", "sterman"):
        policy = policy_for(TWO_PRODUCTS, residual_of={"type": agent}, form="level")
        policy.tensors["1.weight"][:] = 0
        policy.tensors["1.bias"][:] = 0
        np.testing.assert_array_equal(played(policy, TWO_PRODUCTS)[0], played(make_agent(agent), TWO_PRODUCTS)[0])


def test_whole_units_are_ordered_where_stock_is_whole() -> None:
    policy = policy_for("lost_sales", constants=1, whole=True, hidden=[4])
    orders, _ = played(policy, "lost_sales")
    np.testing.assert_array_equal(orders, np.round(orders))
    assert orders.max() > 0


def test_a_gate_that_is_shut_orders_nothing() -> None:
    policy = policy_for(TWO_PRODUCTS, form="quantity", gated=True, hidden=[])
    policy.tensors["0.weight"][:] = 0
    policy.tensors["0.bias"][:] = [0.2, 0.2, -1.0, 1.0]
    orders, _ = played(policy, TWO_PRODUCTS)
    network = Simulator(TWO_PRODUCTS).numpy_network
    np.testing.assert_array_equal(orders[..., 0], 0.0)
    np.testing.assert_allclose(
        orders[..., 1], np.broadcast_to(1.2 * network.loads.usual_amount[:, 1], orders[..., 1].shape), rtol=1e-6
    )


def test_a_centre_divides_stock_by_shares_and_keeps_the_rest() -> None:
    policy = policy_for("owmr", "central_ideal", form="allocation", layers=False, constants=1)
    shares = np.log(np.array([0.1, 0.2, 0.3, 0.1, 0.1, 1.0]) / 0.2)
    policy.tensors["constant"][0] = shares
    sim = Simulator("owmr", "central_ideal", batch=2)
    information = sim.reset(0)
    policy.reset(sim.context())
    decision = policy.act(information)
    stock = load_scenario("owmr").sites["warehouse_1"].initial
    np.testing.assert_allclose(decision.quantity[:, :5, 0], np.tile([0.1, 0.2, 0.3, 0.1, 0.1], (2, 1)) * stock, rtol=1e-5)
    np.testing.assert_allclose(decision.level[:, 5, 0], (1 + shares[5]) * sim.numpy_network.usual_level[5, 0], rtol=1e-5)


@pytest.mark.parametrize(
    ("scenario", "autonomy", "said"),
    [("owmr", "autonomous_silo", "stock is divided by a centre"), ("owmr", "hybrid_soe", "stock is divided by a centre")],
)
def test_shares_are_for_a_centre_that_places_the_orders(scenario: str, autonomy: str, said: str) -> None:
    sim = Simulator(scenario, autonomy)
    policy = policy_for(scenario, "central_ideal", form="allocation")
    with pytest.raises(InputError, match=said):
        policy.reset(sim.context())


def test_levels_can_be_said_as_actions_and_come_back() -> None:
    for scenario, level in (("owmr", "autonomous_silo"), ("owmr", "central_ideal"), (TWO_PRODUCTS, "autonomous_silo")):
        sim = Simulator(scenario, level)
        actions = ActionMap.of(sim.context())
        wanted = np.random.default_rng(0).uniform(1, 50, (len(sim.numpy_network.lanes), len(sim.numpy_network.products)))
        decision = actions(actions.actions_for(wanted)[None], sim.backend)
        np.testing.assert_allclose(decision.level[0], wanted, rtol=1e-12)


def test_a_policy_for_other_seats_is_refused() -> None:
    policy = policy_for(TWO_PRODUCTS, groups=[0, 1, 1])
    with pytest.raises(InputError, match="a policy for 3 seats"):
        policy.reset(Simulator(TWO_PRODUCTS).context())


def test_a_unit_that_makes_few_arrays_says_the_same_to_the_bit() -> None:
    values = np.random.default_rng(0).normal(0, 4, (3, 500)).astype(np.float32)
    kept = values.copy()
    assert np.array_equal(activated(values, "silu"), values * sigmoid(values))
    assert np.array_equal(values, kept)
