"""What a plan expects of expresses, later ones shared by all futures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from orderup.agents.planning.programs import AssembledProgram, PlanningProblem
from orderup.agents.planning.programs.worth import worth
from orderup.envs.catalogue import load_scenario
from orderup.envs.network.building import build

from .plans import FEW, TWO_WAYS, first_position, played


def shared_later(keys: Any, periods: int = 12) -> dict[str, list[int]]:
    """Later periods whose shipments all futures have in common, by the lane (and its product, where there are several)."""
    network = build(load_scenario(keys))
    problem = PlanningProblem(
        np.tile(network.times.lead_time, (periods, 1)), np.ones(periods), network.times.order_delay, 2, True, 1, worth(network)
    )
    program = AssembledProgram(network, problem)
    places, columns = program.place[:, program.columns.ship], program.columns
    found: dict[str, list[int]] = {}
    for lane, period in np.argwhere(places[0] == places[1]).tolist():
        if period:
            found.setdefault(f"{network.lanes[columns.lane[lane]]} {network.products[columns.product[lane]]}", []).append(
                period
            )
    return found


def test_an_express_is_planned_for_all_futures_as_long_as_it_can_stand_in_for_what_is_ordered_now() -> None:
    # what is ordered now from the supplier is at the warehouse in 2, leaves in 3 and is at the store in 5; the express takes 1
    assert shared_later(TWO_WAYS) == {"supplier->store_1 product": [1, 2, 3, 4]}
    cheap = {**TWO_WAYS, "lanes": [{**lane, "unit_cost": 0} for lane in TWO_WAYS["lanes"]]}
    assert shared_later(cheap) == {}  # what is quicker and no dearer knows as much as any other order
    source = {"from": "supplier", "to": "warehouse_1", "lead_time": 2, "unit_cost": 2}
    dear = [source if lane["to"] == "warehouse_1" else lane for lane in TWO_WAYS["lanes"]]
    assert shared_later({**TWO_WAYS, "lanes": dear}) == {}  # goods for the warehouse cost as much


def test_products_with_a_lane_of_their_own_each_have_no_express() -> None:
    keys = {
        "name": "tea_and_coffee",
        "horizon": 20,
        "products": ["tea", "coffee"],
        "sites": {"store_1": {"holding": 1}},
        "lanes": [
            {"from": "supplier_a", "to": "store_1", "lead_time": 1, "products": ["tea"], "unit_cost": 3},
            {"from": "supplier_b", "to": "store_1", "lead_time": 4, "products": ["coffee"]},
        ],
        "customers": [{"site": "store_1", "shortage": 9, "demand": {"type": "poisson", "mean": 10}}],
    }
    assert shared_later(keys) == {}
    planned, levels = (played(keys, "central_ideal", agent, 2, 40)[15:].mean() for agent in (FEW, "base_stock"))
    assert planned < 1.1 * levels


def test_stock_is_held_although_an_express_could_always_help_in_time() -> None:
    keys = {
        "name": "printer",
        "horizon": 60,
        "sites": {"base_1": {"holding": 1.0, "initial": 3}},
        "lanes": [
            {"from": "supplier_overseas", "to": "base_1", "lead_time": 8, "unit_cost": 10},
            {"from": "supplier_print", "to": "base_1", "lead_time": 1, "unit_cost": 30, "capacity": 1},
        ],
        "customers": [{"site": "base_1", "shortage": 60, "demand": {"type": "poisson", "mean": 0.4}}],
    }
    # with each future known from tomorrow on, and a printer for it, the position was raised to 4; nine periods need 3.6
    assert first_position(keys, "central_ideal", 60) == pytest.approx(6.25, abs=0.8)


def test_many_expresses_are_planned_for_1_2_4_periods_at_a_time() -> None:
    stores = [f"store_{number}" for number in range(7)]
    keys = {
        "name": "many",
        "horizon": 20,
        "sites": {store: {"holding": 1} for store in stores},
        "lanes": [{"from": "supplier", "to": store, "lead_time": 8} for store in stores]
        + [{"from": "supplier_near", "to": store, "lead_time": 1, "unit_cost": 1} for store in stores],
        "customers": [{"site": store, "shortage": 9, "demand": {"type": "poisson", "mean": 4}} for store in stores],
    }
    network = build(load_scenario(keys))
    problem = PlanningProblem(
        np.tile(network.times.lead_time, (12, 1)), np.ones(12), network.times.order_delay, 2, True, 1, worth(network)
    )
    program = AssembledProgram(network, problem)
    place = program.place[:, program.columns.ship[7]]
    assert (place[0] == place[1]).tolist() == 8 * [True] + 4 * [False]
    assert np.diff(place[0, :8]).astype(bool).tolist() == [True, True, False, True, False, False, False]
    assert program.matrix.shape[1] == program.cost.size == program.place.max() + 1
