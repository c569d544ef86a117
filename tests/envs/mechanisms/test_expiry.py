"""Orders that lapse where they are not shipped in time, worked by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from orderup.envs.foundation.errors import InputError
from orderup.envs.information.policy import Decision
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.simulator import Simulator

from ..by_hand import Play, scenario

UP, IN = "warehouse_1->store_1", "supplier->warehouse_1"


def line(stock: float = 0, site: Any = None, **lane: Any) -> Scenario:
    """A warehouse with some stock and none to come, and a store that nobody buys from."""
    sites = {"store_1": {}, "warehouse_1": {"initial": stock, **(site or {})}}
    lanes = [{"from": "warehouse_1", "to": "store_1", **lane}, {"from": "supplier", "to": "warehouse_1"}]
    return scenario(sites, lanes, [{"site": "store_1"}])


def test_what_is_not_shipped_in_time_lapses_the_oldest_first() -> None:
    """4 of the first 9 can be shipped: the 5 that are left may go in one more period, the next 6 in that and another."""
    play = Play(line(stock=4, expires=2))
    open_ = [play.step(quantities={UP: quantity}).open_orders[UP] for quantity in (9, 6, 0)]
    assert open_ == [5, 6, 0]
    assert play.step(quantities={IN: 20}).step().shipments[UP] == 0


def test_what_is_shipped_in_part_is_of_the_oldest_order() -> None:
    """5 of the first 9 are open, and 3 more can leave: 2 of the 5 lapse then, and of the 6 all are open."""
    play = Play(line(stock=4, expires=2)).step(quantities={UP: 9, IN: 3}).step(quantities={UP: 6})
    assert (play.shipments[UP], play.open_orders[UP], play.on_order[UP]) == (3, 6, 6)


def test_time_begins_when_the_source_hears_of_it_and_who_orders_up_to_a_level_orders_anew() -> None:
    play = Play(line(expires=2, order_delay=1))
    seen = []
    for _ in range(5):
        play.step({UP: 8})
        seen.append((play.orders[UP], play.open_orders[UP], play.on_order[UP]))
    assert seen == [(8, 0, 8), (0, 8, 8), (0, 0, 0), (8, 0, 8), (0, 8, 8)]


def test_with_a_single_period_they_are_cancelled() -> None:
    found = []
    for keys in ({"expires": 1}, {"unfilled": "cancelled"}):
        simulator = Simulator(line(stock=30, **keys), batch=3)
        simulator.reset(seed=1)
        rng = np.random.default_rng(1)
        while not simulator.done:
            simulator.step(Decision(level=rng.uniform(0, 20, (3, 2, 1))))
            found.append(np.concatenate([simulator.now.state.on_order, simulator.now.state.open_orders]))
    assert np.array_equal(found[:20], found[20:])


@pytest.mark.parametrize("rationing", ["proportional", "first_come"])
def test_expiry_does_in_pytorch_what_it_does_in_numpy(rationing: str) -> None:
    found = []
    for backend in ("numpy", "torch"):
        simulator = Simulator(line(stock=30, site={"rationing": rationing}, expires=3), batch=3, backend=backend)
        simulator.reset(seed=4)
        rng = np.random.default_rng(4)
        while not simulator.done:
            simulator.step(Decision(quantity=simulator.backend.asarray(rng.uniform(0, 9, (3, 2, 1)) * [[1.0], [0.5]])))
            found.append(np.asarray(simulator.now.state.open_orders))
    assert np.array_equal(found[:20], found[20:])


@pytest.mark.parametrize(
    "lane", [{"expires": 0}, {"expires": 1.5}, {"expires": 2, "unfilled": "cancelled"}, {"expires": 2, "reroute": True}]
)
def test_what_cannot_lapse_is_refused_by_key(lane: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"lanes\[0\].expires: found"):
        line(**lane)
