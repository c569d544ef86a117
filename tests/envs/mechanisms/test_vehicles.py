"""Lanes with so many vehicles, worked by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from orderup.agents.levels.sources import capacities
from orderup.envs.foundation.errors import InputError
from orderup.envs.information.policy import Decision
from orderup.envs.network.building import build
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.simulator import Simulator

from ..by_hand import Play, scenario

LANE = "supplier->store_1"


def store(number: int = 2, capacity: float = 10, round_trip: int = 3, **lane: Any) -> Scenario:
    """A store that nobody buys from, on a lane with vehicles."""
    vehicles = {"number": number, "capacity": capacity, "round_trip": round_trip}
    keys = {name: lane.pop(name) for name in ("products", "volume", "customers") if name in lane}
    lanes = [{"from": "supplier", "to": "store_1", "vehicles": vehicles, **lane}]
    return scenario({"store_1": {}}, lanes, keys.pop("customers", [{"site": "store_1"}]), **keys)


def shipped(play: Play, *quantities: float) -> list[float]:
    return [play.step(quantities={LANE: quantity}).shipments[LANE] for quantity in quantities]


def test_what_leaves_fills_free_vehicles_and_the_rest_waits_for_those_that_come_back() -> None:
    """Two of 10: one leaves with 4 and is back in the fourth period, one with 10; 8 of 12 wait until then."""
    play = Play(store())
    assert shipped(play, 4, 18, 0, 0, 0, 0) == [4, 10, 0, 8, 0, 0]
    assert play.open_orders[LANE] == 0


def test_a_vehicle_that_is_not_full_is_used_whole() -> None:
    play = Play(store(number=3, round_trip=2))
    assert shipped(play, 11, 30, 0) == [11, 10, 20]


def test_with_a_round_trip_of_one_period_all_are_back_for_the_next() -> None:
    assert shipped(Play(store(round_trip=1)), 50, 0, 0) == [20, 20, 10]


def test_how_many_are_free_is_known() -> None:
    play = Play(store(number=3))
    seen = []
    for quantity in (12, 5, 0, 0):
        play.step(quantities={LANE: quantity})
        seen.append(float(play.simulator.information_of("sites").own("vehicles_free").item()))
    assert seen == [1, 0, 2, 3]


def test_products_share_a_vehicle_by_their_volume_and_packs_stay_whole() -> None:
    sizes: dict[str, Any] = {"products": ["tea", "coffee"], "volume": {"tea": 1, "coffee": 2}}
    play = Play(store(number=1, **sizes)).step(quantities={LANE: [12, 4]})
    assert play.shipments[LANE] == [6, 2]
    packed = Play(store(number=1, multiple={"tea": 4, "coffee": 2}, **sizes)).step(quantities={LANE: [8, 4]})
    assert packed.shipments[LANE] == [4, 2]  # 5 and 2.5: a pack of each has a volume of 8, and no other fits into 10


def test_cancelled_orders_do_not_wait_for_a_vehicle() -> None:
    play = Play(store(number=1, round_trip=2, unfilled="cancelled"))
    assert shipped(play, 15, 15, 0) == [10, 0, 0]


def test_closed_forms_count_what_vehicles_take_in_the_long_run() -> None:
    """Two of 10 that are away for 4 periods take 5 in one, of which each of two products has its part."""
    asked = [{"site": "store_1", "demand": {"type": "constant", "value": {"tea": 6, "coffee": 2}}}]
    given = store(round_trip=4, products=["tea", "coffee"], volume={"tea": 1, "coffee": 2}, customers=asked)
    assert capacities(build(given))[0].tolist() == pytest.approx([3, 1])


def test_vehicles_do_in_pytorch_what_they_do_in_numpy() -> None:
    found = []
    for backend in ("numpy", "torch"):
        simulator = Simulator(store(lead_time=1), batch=3, backend=backend)
        simulator.reset(seed=4)
        rng = np.random.default_rng(4)
        while not simulator.done:
            simulator.step(Decision(quantity=simulator.backend.asarray(rng.uniform(0, 25, (3, 1, 1)))))
            found.append(np.asarray(simulator.now.state.in_transit))
    assert np.array_equal(found[:20], found[20:])


def test_a_gradient_passes_what_waits_for_a_vehicle() -> None:
    simulator = Simulator(store(), backend="torch")
    simulator.reset(seed=4)
    quantity = torch.full((1, 1, 1), 16.0, dtype=torch.float64, requires_grad=True)
    for wanted in (quantity, quantity, 0.0 * quantity, 0.0 * quantity):
        simulator.step(Decision(quantity=wanted))
    simulator.now.state.on_hand.sum().backward()
    assert quantity.grad is not None
    assert torch.isfinite(quantity.grad).all()


@pytest.mark.parametrize(
    ("keys", "complaint"),
    [
        ({"number": 0}, r"lanes\[0\].vehicles.number: found 0"),
        ({"number": 1.5}, r"lanes\[0\].vehicles.number: found 1.5"),
        ({"capacity": 0}, r"lanes\[0\].vehicles.capacity: found 0"),
        ({"round_trip": 0}, r"lanes\[0\].vehicles.round_trip: found 0"),
        ({"multiple": 12}, r"lanes\[0\].vehicles.capacity: found 10.*at least 12"),
    ],
)
def test_vehicles_that_cannot_be_are_refused_by_key(keys: dict[str, Any], complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        store(**keys)
