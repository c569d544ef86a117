"""A truck that several lanes have in common is paid once in a period, by those whose goods are on it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from orderup.envs.catalogue import load_scenario
from orderup.envs.foundation.errors import InputError
from orderup.envs.information.policy import Decision
from orderup.envs.simulator import Simulator

STORES = ("store_1", "store_2", "store_3")
LANES = [f"warehouse_1->{name}" for name in STORES]


def scenario(trucks: list[dict[str, Any]], **lane: Any) -> dict[str, Any]:
    """Three stores under a warehouse that has enough."""
    return {
        "name": "on_a_truck",
        "horizon": 6,
        "sites": {**{name: {"holding": 1} for name in STORES}, "warehouse_1": {"holding": 0.5, "initial": 100}},
        "lanes": [
            *({"from": "warehouse_1", "to": name, "lead_time": 1, **lane} for name in STORES),
            {"from": "supplier", "to": "warehouse_1", "lead_time": 1},
        ],
        "customers": [{"site": name, "shortage": 9, "demand": {"type": "constant", "value": 1}} for name in STORES],
        "trucks": trucks,
    }


def paid(keys: dict[str, Any], *orders: tuple[float, ...]) -> list[list[float]]:
    """What the stores pay for trucks in each period, by what they order in it."""
    sim = Simulator(keys, "central_ideal")
    sim.reset(seed=0)
    lanes = [sim.numpy_network.lanes.index(label) for label in LANES]
    sites = [sim.numpy_network.sites.index(name) for name in STORES]
    found = []
    for amounts in orders:
        quantity = np.zeros((1, len(sim.numpy_network.lanes), 1))
        quantity[0, lanes, 0] = amounts
        _, ledger, _ = sim.step(Decision(quantity=quantity))
        assert ledger.by_site.sum() == pytest.approx(ledger.cost.sum())
        found.append(ledger.by_term["trucks"][sites, 0].tolist())
    return found


def test_those_whose_goods_are_on_it_pay_equal_parts_of_one_truck_and_nobody_pays_for_none() -> None:
    keys = scenario([{"lanes": LANES, "cost": 12}])
    assert paid(keys, (5, 0, 0), (5, 1, 0), (3, 1, 7), (0, 0, 0)) == [[12, 0, 0], [6, 6, 0], [4, 4, 4], [0, 0, 0]]


def test_lanes_that_are_on_no_truck_or_on_another_have_no_part_in_it() -> None:
    keys = scenario([{"lanes": LANES[:2], "cost": 12}])
    assert paid(keys, (5, 5, 5), (0, 0, 5)) == [[6, 6, 0], [0, 0, 0]]


def test_it_leaves_when_goods_do_and_not_when_they_are_ordered() -> None:
    keys = scenario([{"lanes": LANES, "cost": 12}], order_delay=1)
    assert paid(keys, (5, 0, 0), (0, 0, 0), (0, 2, 2), (0, 0, 0)) == [[0, 0, 0], [12, 0, 0], [0, 0, 0], [0, 6, 6]]


@pytest.mark.parametrize(
    ("trucks", "message"),
    [
        ([{"lanes": [*LANES[:1], "mars"], "cost": 1}], r"trucks\[0\].lanes: found 'mars'; accepted: one of"),
        ([{"lanes": LANES[:1], "cost": 1}], r"trucks\[0\].lanes: .* accepted: at least two lanes; .* fixed_cost"),
        ([{"lanes": [LANES[0], LANES[0]], "cost": 1}], r"trucks\[0\].lanes: .* accepted: each lane once"),
        ([{"lanes": LANES[:2], "cost": 1}, {"lanes": LANES[1:], "cost": 1}], r"trucks\[1\].lanes: .* on one truck"),
        ([{"lanes": LANES, "cost": 0}], r"trucks\[0\].cost: found 0"),
    ],
)
def test_a_truck_that_cannot_be_is_refused_by_its_key(trucks: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(InputError, match=message):
        load_scenario(scenario(trucks))
