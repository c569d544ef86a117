"""What an episode's end and time itself do to its money: salvage, what goods are worth then, discounting."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import orderup
from orderup.envs.catalogue import changed, load_scenario
from orderup.envs.foundation.errors import InputError
from orderup.envs.information.policy import Decision
from orderup.envs.simulator import Simulator
from orderup.evaluation import Traces, hindsight_bound

from ..by_hand import Play, demand, scenario

LANE = "supplier->store_1"


def store(*units: float, site: Any = None, lane: Any = None, customer: Any = None, **keys: Any) -> Any:
    """A store with these units of demand, as many periods long."""
    lanes = [{"from": "supplier", "to": "store_1", **(lane or {})}]
    customers = [{"site": "store_1", "demand": demand(*units), **(customer or {})}]
    return scenario({"store_1": site or {}}, lanes, customers, **{"horizon": len(units), **keys})


def test_what_is_left_over_brings_its_salvage_in_the_last_period_alone() -> None:
    play = Play(store(1, 2, 3, site={"initial": 10, "salvage": 0.5}))
    assert [play.step().cost("salvage")["store_1"] for _ in range(3)] == [0, 0, -2]


def test_each_product_brings_its_own() -> None:
    given = store(1, site={"initial": {"tea": 4, "coffee": 6}, "salvage": {"tea": 1, "coffee": 3}}, products=["tea", "coffee"])
    assert Play(given).step().cost("salvage")["store_1"] == -(3 * 1 + 5 * 3)


def test_the_newsvendor_with_salvage_orders_what_the_textbook_says() -> None:
    """Bought at 3, sold at 5, the rest at 2, 0 to hold: the smallest S with F(S) ≥ (5 − 3) / (5 − 2), 2 of 0 … 3."""
    table = {"type": "discrete", "values": [0, 1, 2, 3], "probabilities": [0.1, 0.3, 0.4, 0.2]}
    given = store(
        *[0],
        site={"initial": 0, "holding": 0, "salvage": 2},
        lane={"unit_cost": 3},
        customer={"demand": table, "price": 5, "shortage": 0, "unmet": "lost"},
    )
    found = []
    for level in range(4):
        simulator = Simulator(given, batch=20_000)
        simulator.reset(seed=0)
        _, ledger, done = simulator.step(Decision(level=np.full((1, 1, 1), float(level))))
        assert done
        found.append(float(ledger.cost.mean()))
    chance, units = np.array([0.1, 0.3, 0.4, 0.2]), np.arange(4)
    profit = [float(chance @ (5 * np.minimum(units, s) + 2 * np.maximum(s - units, 0)) - 3 * s) for s in range(4)]
    assert int(np.argmax(profit)) == 2
    assert found == pytest.approx([-p for p in profit], abs=0.05)
    assert int(np.argmin(found)) == 2


def test_at_landed_cost_goods_are_worth_what_they_cost_and_debts_what_they_will() -> None:
    """Bought at 3, brought for 1: worth 4 at the store and on the way there, 3 at the warehouse; each of 2 owed costs 4 − 5."""
    lanes = [
        {"from": "supplier", "to": "warehouse_1", "unit_cost": 3},
        {"from": "warehouse_1", "to": "store_1", "unit_cost": 1, "lead_time": 2},
    ]
    sites = {"store_1": {"initial": 1}, "store_2": {"initial": 7}, "warehouse_1": {"initial": 10}}
    lanes.append({"from": "supplier", "to": "store_2", "unit_cost": 6})
    customers = [{"site": "store_1", "price": 5, "demand": demand(3)}, {"site": "store_2", "demand": demand(0)}]
    play = Play(scenario(sites, lanes, customers, horizon=1, terminal="landed_cost"))
    play.step(quantities={"warehouse_1->store_1": 4})
    assert play.cost("salvage") == {"store_1": -4 * 4 + 2 * (4 - 5), "store_2": -7 * 6, "warehouse_1": -6 * 3}


def test_money_is_averaged_with_the_weights_of_its_discount() -> None:
    """4, 2 and 1 are held at 1 each: (4 + 2/2 + 1/4) / (1 + 1/2 + 1/4)."""
    given = store(1, 2, 1, site={"initial": 5}, discount=0.5)
    result = orderup.evaluate(given, agents="hold", episodes=2)
    assert result.cost == pytest.approx((4 + 1 + 0.25) / 1.75)
    assert result.kpis["cost_holding"] == pytest.approx(3.0)


def test_the_warm_up_counts_nothing_and_discounts_nothing() -> None:
    given = store(1, 2, 1, site={"initial": 5}, discount=0.5, warmup=1)
    assert orderup.evaluate(given, agents="hold", episodes=2).cost == pytest.approx((2 + 0.5) / 1.5)


def test_without_a_discount_nothing_changes_and_in_the_long_run_nothing_does_with_one() -> None:
    """A newsvendor pays 9.9532 in every period on average, whatever the weights; at 1 it pays bit for bit what it paid."""
    plain, one, half = (
        orderup.evaluate(changed(load_scenario("newsvendor"), **keys), agents="base_stock", episodes=600)
        for keys in ({}, {"discount": 1.0}, {"discount": 0.98})
    )
    assert one.cost == plain.cost
    assert (one.episodes["cost"] == plain.episodes["cost"]).all()
    assert half.cost == pytest.approx(9.9532, abs=4 * half.episodes["cost"].std() / np.sqrt(600))
    assert half.cost != plain.cost


def test_environments_pay_what_is_paid_and_leave_discounting_to_whoever_learns() -> None:
    play = Play(store(1, 2, 1, site={"initial": 5}, discount=0.5))
    assert [float(play.step().ledger.cost[0]) for _ in range(3)] == [4, 2, 1]


@pytest.mark.parametrize(("discount", "cost"), [(1.0, 5 / 3), (0.5, 0.25 * 7.5 / 1.75)])
def test_a_search_minimises_what_is_evaluated(discount: float, cost: float) -> None:
    """5 are asked for in the third period: to hold them in the second costs 5, to owe them 7.5, which is less by then."""
    given = store(0, 0, 5, lane={"lead_time": 1}, customer={"shortage": 1.5}, discount=discount)
    agent = {"type": "optimised_base_stock", "iterations": 0, "episodes": 4}
    assert orderup.evaluate(given, agents=agent, episodes=2).cost == pytest.approx(cost)


def test_what_is_learnt_from_is_discounted_like_what_is_evaluated() -> None:
    pytest.importorskip("torch")
    from orderup.agents.gradients.objective import Objective

    simulator = Simulator(store(1, 2, 1, site={"initial": 5}, discount=0.5), backend="torch")
    simulator.reset(seed=0)
    found = []
    for _ in range(3):
        _, ledger, _ = simulator.step(Decision(quantity=np.zeros((1, 1, 1))))
        found.append(float(Objective(1.0, 0.5).by_row(simulator, ledger)[0]))
    assert found == pytest.approx([4 * 3 / 1.75, 2 * 1.5 / 1.75, 1 * 0.75 / 1.75])


@pytest.mark.parametrize("keys", [{"discount": 0.8}, {}])
def test_hindsight_knows_of_salvage_and_discount(keys: dict[str, Any]) -> None:
    """Nobody is below it, and it is reached where it is plain what to do: 6 units bought at 1 would bring 0.5 in the end."""
    given = store(2, 2, 2, site={"initial": 8, "holding": 0.1, "salvage": 0.5}, lane={"unit_cost": 1}, **{"horizon": 3, **keys})
    bound = hindsight_bound(Traces(given, 10_000, 1, "test", 3))
    hold = orderup.evaluate(given, agents="hold", episodes=1)
    assert bound.cost == pytest.approx(hold.episodes["cost"].to_numpy())


@pytest.mark.parametrize(
    ("keys", "complaint"),
    [
        ({"discount": 0}, r"discount: found 0"),
        ({"discount": 1.1}, r"discount: found 1\.1"),
        ({"terminal": "market"}, r"terminal: found 'market'"),
        ({"site": {"salvage": -1}}, r"sites\.store_1\.salvage: found -1"),
        ({"site": {"salvage": 1}, "terminal": "landed_cost"}, r"sites\.store_1\.salvage: found 1.*nothing beside terminal"),
    ],
)
def test_an_impossible_end_is_refused_by_key(keys: dict[str, Any], complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        store(1, **keys)


@pytest.mark.parametrize("keys", [{"discount": 0.9}, {"terminal": "landed_cost"}])
def test_theory_that_does_not_know_of_it_refuses_by_key(keys: dict[str, Any]) -> None:
    (key,) = keys
    with pytest.raises(InputError, match=key):
        orderup.evaluate(changed(load_scenario("newsvendor"), **keys), agents="optimal", episodes=2)
