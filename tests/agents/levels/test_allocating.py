"""A centre that divides stock itself: to where it saves most, never more than there is, and without its source forgetting."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy import optimize, stats

import orderup
from orderup.agents.levels.allocating import Allocating
from orderup.agents.levels.least_cost import EvenScores, Savings
from orderup.agents.levels.level_rule import LevelRule
from orderup.agents.make import make_agent
from orderup.envs.foundation.errors import InputError
from orderup.envs.seating import Seating

CENTRE = {"name": "centre", "visibility": "integrated", "authority": "central"}


def hub(stock: float = 20, delay: int = 0, rationing: str = "proportional", **site: Any) -> dict[str, Any]:
    """A warehouse over three stores whose shortages differ in what they cost."""
    shortages, means = (2, 8, 30), (4, 6, 5)
    stores = {f"store_{n}": {"holding": 1, "initial": 6} for n in (1, 2, 3)}
    warehouse = {"holding": 0.4, "initial": stock, "rationing": rationing, **site}
    lanes = [{"from": "warehouse_1", "to": f"store_{n}", "lead_time": 1, "order_delay": delay} for n in (1, 2, 3)]
    return {
        "name": "hub",
        "horizon": 30,
        "sites": {**stores, "warehouse_1": warehouse},
        "lanes": [*lanes, {"from": "supplier", "to": "warehouse_1", "lead_time": 2}],
        "customers": [
            {"site": f"store_{n}", "shortage": shortage, "demand": {"type": "poisson", "mean": mean}}
            for n, shortage, mean in zip((1, 2, 3), shortages, means, strict=True)
        ],
    }


def played(scenario: Any, allocation: Any, levels: Any, batch: int = 16, backend: str = "numpy") -> list[Any]:
    """Flows of an episode in which a centre orders up to these levels."""
    simulator = orderup.Simulator(scenario, autonomy=CENTRE, batch=batch, backend=backend)
    given = np.asarray(levels, dtype=float)
    rule = LevelRule(given if given.ndim == 2 else given[:, None], allocation=allocation)
    seating = Seating(simulator, {"planner": rule})
    seating.reset(seed=3)
    flows = []
    while not simulator.done:
        stock = simulator.now.state.on_hand
        simulator.advance(seating.decisions())
        flows.append((stock, simulator.now.flows))
    return flows


LEVELS = (14, 20, 22, 40)


@pytest.mark.parametrize("seed", range(8))
def test_least_cost_is_where_no_other_division_is_expected_to_cost_less(seed: int) -> None:
    """The expected cost of newsvendors with normal demand, minimised numerically by somebody else."""
    rng = np.random.default_rng(seed)
    mean, spread = rng.uniform(5, 20, 3), rng.uniform(1, 6, 3)
    shortage, holding, position = rng.uniform(1, 20, 3), rng.uniform(0.5, 2, 3), rng.uniform(0, 10, 3)
    wanted, stock = np.full(3, 25.0), 20.0

    def cost(sent: Any) -> float:
        score = (position + sent - mean) / spread
        short = spread * (stats.norm.pdf(score) - score * stats.norm.sf(score))
        return float(((holding + shortage) * short + holding * (position + sent - mean)).sum())

    within = optimize.LinearConstraint(np.ones((1, 3)), stock, stock)
    best = optimize.minimize(cost, np.full(3, stock / 3), bounds=[(0, 25)] * 3, constraints=within, method="SLSQP", tol=1e-12)
    columns = [values[:, None, None, None] for values in (mean, spread, shortage, shortage + holding)]
    given = Savings(*columns).divide(*(a[..., None, None, None] for a in (wanted, np.array(stock), position)))[:, 0, 0, 0]
    assert given.sum() == pytest.approx(stock)
    assert (given >= 0).all()
    assert cost(given) <= cost(best.x) + 1e-3
    assert given == pytest.approx(best.x, abs=0.05)


@pytest.mark.parametrize("seed", range(4))
def test_where_costs_are_the_same_normal_scores_are_evened_out(seed: int) -> None:
    rng = np.random.default_rng(seed)
    mean, spread = rng.uniform(5, 20, (4, 2, 3, 1)), rng.uniform(1, 6, (4, 2, 3, 1))
    cost, falls = np.full(mean.shape, 9.4), np.full(mean.shape, 10.0)
    position = rng.uniform(mean - 2 * spread, mean + spread, (4, 2, 3, 200))
    wanted = rng.uniform(0.0, 1.5, position.shape) * spread  # so that no score is where `Savings` goes straight on
    stock = wanted.sum(axis=0) * rng.uniform(0.1, 1.1, (2, 3, 200))
    usual = Savings(mean, spread, cost, falls).divide(wanted, stock, position)
    np.testing.assert_allclose(EvenScores(mean, spread).divide(wanted, stock, position), usual, atol=1e-4)


def test_who_pays_the_same_is_found_out() -> None:
    def found(scenario: str) -> Any:
        simulator = orderup.Simulator(scenario, autonomy=CENTRE)
        allocating = Allocating(simulator.context(), "least_cost")
        return {type(best) for _, best in allocating._rule._parts}

    assert found("owmr") == {EvenScores}
    assert found("scarce_hub") == {Savings}


def test_the_gradient_of_a_division_is_that_of_its_numbers() -> None:
    values = [torch.tensor(v, dtype=torch.float64)[:, None, None, None] for v in ([8, 9.0], [2, 3.0], [5, 9.0], [6, 10.0])]
    best = Savings(*values)
    wanted, position = (torch.tensor(v, dtype=torch.float64)[:, None, None, None] for v in ([9.0, 12.0], [3.0, 1.0]))
    stock = torch.full((1, 1, 1), 10.0, dtype=torch.float64)
    inputs = (wanted.requires_grad_(), stock.requires_grad_(), position.requires_grad_())
    assert torch.autograd.gradcheck(best.divide, inputs, eps=1e-5, atol=1e-4)


@pytest.mark.parametrize("allocation", ["least_cost", "priority", "even_cover", "uniform", "linear", "proportional"])
@pytest.mark.parametrize("delay", [0, 1])
def test_a_centre_orders_no_more_of_a_source_than_it_has(allocation: str, delay: int) -> None:
    flows = played(hub(delay=delay), allocation, LEVELS)
    for stock, now in flows:
        if not delay:
            assert (now.orders[:3].sum(axis=0) <= stock[3] + 1e-9).all()
        known = now.known[:3]
        assert now.shipments[:3] == pytest.approx(known)  # what reaches the source leaves at once


@pytest.mark.parametrize("rationing", ["priority", "uniform"])
def test_the_rule_of_the_source_is_never_asked(rationing: str) -> None:
    usual, other = (played(hub(rationing=rule), "least_cost", LEVELS) for rule in ("proportional", rationing))
    for (_, one), (_, two) in zip(usual, other, strict=True):
        assert one.shipments == pytest.approx(two.shipments)


def test_where_stock_always_reaches_an_allocation_changes_nothing() -> None:
    plenty = hub(stock=2000)
    with_it, without = (played(plenty, allocation, LEVELS) for allocation in ("least_cost", None))
    for (_, one), (_, two) in zip(with_it, without, strict=True):
        assert (one.orders == two.orders).all()


def test_the_source_orders_for_what_it_could_not_give() -> None:
    """Its orders are those of a source that keeps what it owes as open orders: the same echelon is filled to the same level."""
    with_it, without = (played(hub(), allocation, LEVELS) for allocation in ("priority", None))
    for (_, one), (_, two) in zip(with_it, without, strict=True):
        assert one.orders[3] == pytest.approx(two.orders[3])


def test_the_dearest_shortage_is_met_first_by_priority_and_nearly_so_at_least_cost() -> None:
    """2 units for wants of 8, 14 and 16: all to the store where a shortage costs 30."""
    for allocation in ("priority", "least_cost"):
        _, first = played(hub(stock=2), allocation, LEVELS, batch=1)[0]
        assert first.orders[:3, 0, 0] == pytest.approx([0, 0, 2])


def test_whose_shortage_is_dearest_is_known_where_sites_have_other_lanes_too() -> None:
    keys = hub(stock=2)
    keys["lanes"] += [
        {"from": "supplier_local", "to": "store_1", "lead_time": 1, "unit_cost": 5, "name": f"b_{n}"} for n in (1, 2)
    ]
    _, first = played(keys, "priority", [LEVELS[0], 0, 0, *LEVELS[1:]], batch=1)[0]
    assert first.orders[:5, 0, 0] == pytest.approx([0, 0, 0, 0, 2])


def workshops(stock: float, two_steps: bool = False) -> tuple[dict[str, Any], NDArray[np.float64]]:
    """Two workshops that make toys of blocks, or of halves made of these, from one depot, and the levels of its lanes."""
    products, parts = ["toy", "half", "block"], ["half"] if two_steps else ["block"]
    none = dict.fromkeys(products, 0)
    places = ("workshop_1", "workshop_2")
    shop = {"holding": 1, "initial": {**none, "toy": 5, "half": 8, "block": 10}}
    making = [{"make": "toy", "at": place, "uses": dict.fromkeys(parts, 2), "lead_time": 1} for place in places]
    halves = [{"make": "half", "at": place, "uses": {"block": 1}, "lead_time": 0} for place in places if two_steps]
    lanes = [{"from": "depot_1", "to": place, "products": ["block"], "lead_time": 1, "name": f"to_{place}"} for place in places]
    bought = {"from": "supplier", "to": "depot_1", "products": ["block"], "lead_time": 2}
    demand = {"type": "poisson", "mean": 4}
    keys = {
        "name": "workshops",
        "horizon": 30,
        "products": products,
        "sites": {**dict.fromkeys(places, shop), "depot_1": {"holding": 0.2, "initial": {**none, "block": stock}}},
        "lanes": [*making, *halves, *lanes, bought],
        "customers": [{"site": place, "products": ["toy"], "shortage": 9, "demand": demand} for place in places],
    }
    rows = [*[(12.0, 0), *[(12.0, 1)] * two_steps, (30.0, 2)] * 2, (40.0, 2)]
    levels = np.zeros((len(rows), 3))
    for row, (level, product) in enumerate(rows):
        levels[row, product] = level
    return keys, levels


@pytest.mark.parametrize("two_steps", [False, True])
def test_parts_that_always_reach_are_ordered_for_what_is_made_of_them_with_an_allocation_as_without(two_steps: bool) -> None:
    keys, levels = workshops(5000, two_steps)
    with_it, without = (played(keys, allocation, levels) for allocation in ("least_cost", None))
    for (_, one), (_, two) in zip(with_it, without, strict=True):
        assert one.orders == pytest.approx(two.orders)


@pytest.mark.parametrize("allocation", ["least_cost", "priority"])
def test_a_centre_divides_no_more_parts_than_there_are_and_orders_what_it_could_not_give(allocation: str) -> None:
    keys, levels = workshops(10)
    with_it, without = (played(keys, rule, levels) for rule in (allocation, None))
    for (stock, one), (_, two) in zip(with_it, without, strict=True):
        assert (one.orders[1] + one.orders[3] <= stock[2] + 1e-9).all()
        assert one.orders[4] == pytest.approx(two.orders[4])


def test_numpy_and_torch_divide_alike() -> None:
    for keys, levels in ((hub(), LEVELS), workshops(10)):
        one, two = (played(keys, "least_cost", levels, batch=4, backend=backend) for backend in ("numpy", "torch"))
        for (_, here), (_, there) in zip(one, two, strict=True):
            assert here.orders == pytest.approx(there.orders.numpy(), abs=1e-6)


@pytest.mark.parametrize(
    ("scenario", "autonomy", "found"),
    [
        ("owmr", "autonomous_silo", "least_cost at authority autonomous"),
        ("owmr", "hybrid_soe", "least_cost at authority band"),
        ("serial_poisson", "central_ideal", "no site supplies several others"),
    ],
)
def test_an_allocation_is_refused_where_nothing_is_shared_or_nobody_can_allocate(
    scenario: str, autonomy: str, found: str
) -> None:
    agent = make_agent({"type": "optimised_base_stock", "allocation": "least_cost"}, "agent")
    simulator = orderup.Simulator(scenario, autonomy)
    with pytest.raises(InputError, match=rf"agent\.allocation: .*{found}"):
        agent.reset(simulator.context())
