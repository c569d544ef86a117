"""What full stores do with goods or orders that they have no room for, worked by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from orderup.envs.foundation.errors import InputError
from orderup.envs.information.policy import Decision
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.simulator import Simulator

from ..by_hand import Play, demand, scenario

LANE = "supplier->store_1"


def store(full: str, lane: Any = None, asked: Any = None, site: Any = None, **keys: Any) -> Scenario:
    """A store for a volume of 10."""
    block = {"storage": 10, "storage_hard": True, "storage_full": full, **(site or {})}
    lanes = [{"from": "supplier", "to": "store_1", **(lane or {})}]
    return scenario({"store_1": block}, lanes, [{"site": "store_1", "demand": asked or demand(0)}], **keys)


def test_what_does_not_fit_is_turned_away_and_charged_and_nobody_counts_on_it() -> None:
    """Of 16, 10 come in; the 6 that do not are paid for, charged at 0.5 and gone, so that all that is sold is ordered anew."""
    play = Play(store("charged", {"unit_cost": 2}, demand(4), {"overflow": 0.5})).step(quantities={LANE: 16})
    assert (play.receipts[LANE], play.turned_away[LANE], play.on_hand["store_1"]) == (10, 6, 6)
    assert (play.door[LANE], play.on_order[LANE], play.cost("purchase"), play.cost("overflow")) == (
        0,
        0,
        {"store_1": 32},
        {"store_1": 3},
    )
    assert play.step({LANE: 10}).orders[LANE] == 4


def test_products_are_turned_away_alike_and_charged_by_volume() -> None:
    """A volume of 8 + 2 · 6, of which a half fits."""
    keys = {"products": ["tea", "coffee"], "volume": {"tea": 1, "coffee": 2}}
    play = Play(store("charged", site={"overflow": 3}, **keys)).step(quantities={LANE: [8, 6]})
    assert (play.receipts[LANE], play.turned_away[LANE], play.cost("overflow")) == ([4, 3], [4, 3], {"store_1": 30})


def test_orders_are_taken_for_no_more_than_fits_beside_stock_and_all_that_is_on_order() -> None:
    """8 of 8, then 2 of 8, none of 8; when 3 have been sold of the 8 that came, 3."""
    play = Play(store("refused", {"lead_time": 2}, demand(0, 0, 3, 0)))
    orders = [play.step(quantities={LANE: 8}).orders[LANE] for _ in range(4)]
    assert orders == [8, 2, 0, 3]
    assert play.door[LANE] == 0


def test_all_lanes_and_products_are_cut_alike_to_whole_packs_that_their_lanes_take() -> None:
    lanes = [{"from": f"supplier_{name}", "to": "store_1", "name": name} for name in ("near", "far")]
    block = {"storage": 10, "storage_hard": True, "storage_full": "refused"}
    play = Play(scenario({"store_1": block}, lanes, [{"site": "store_1"}])).step(quantities={"near": 15, "far": 5})
    assert play.orders == {"near": 7.5, "far": 2.5}
    for least, taken in (({"multiple": 4}, 4), ({"minimum": 6}, 0), ({"minimum_order": 6}, 0), ({"minimum": 5}, 5)):
        packed = Play(scenario({"store_1": block}, [{**lane, **least} for lane in lanes], [{"site": "store_1"}]))
        assert packed.step(quantities={"near": 12, "far": 12}).orders == {"near": taken, "far": taken}


def test_what_was_under_way_at_the_start_waits_at_the_door_of_a_store_that_refuses_orders() -> None:
    play = Play(store("refused", {"lead_time": 2, "initial": 8})).step(quantities={LANE: 5}).step(quantities={LANE: 5})
    assert (play.orders[LANE], play.on_hand["store_1"], play.door[LANE]) == (0, 10, 6)


def test_orders_that_wait_for_approval_are_cut_when_they_are_placed() -> None:
    """8 and 8 are proposed; the first are taken, and of the second what fits beside them."""
    waiting = {"name": "test", "visibility": "shared", "authority": "central", "approval_latency": 1}
    simulator = Simulator(store("refused", {"lead_time": 4}), waiting)
    simulator.reset(seed=0)
    placed = []
    for _ in range(4):
        simulator.step(Decision(quantity=np.full((1, 1, 1), 8.0)))
        assert simulator.now.flows is not None
        placed.append(float(simulator.now.flows.orders.item()))
    assert placed == [0, 8, 2, 0]


@pytest.mark.parametrize("full", ["refused", "charged"])
def test_full_stores_do_in_pytorch_what_they_do_in_numpy(full: str) -> None:
    found = []
    for backend in ("numpy", "torch"):
        asked = {"type": "poisson", "mean": 4}
        simulator = Simulator(store(full, {"lead_time": 1, "multiple": 2}, asked), batch=3, backend=backend)
        simulator.reset(seed=4)
        rng = np.random.default_rng(4)
        while not simulator.done:
            simulator.step(Decision(level=simulator.backend.asarray(rng.uniform(0, 25, (3, 1, 1)))))
            found += [np.asarray(simulator.now.state.on_hand), np.asarray(simulator.now.state.on_order)]
    assert all(np.array_equal(a, b) for a, b in zip(found[:40], found[40:], strict=True))


@pytest.mark.parametrize(
    ("site", "complaint"),
    [
        ({"storage_full": "burnt"}, "sites.store_1.storage_full: found 'burnt'"),
        ({"storage_hard": False}, "sites.store_1.storage_full: found 'refused'.*storage_hard: true"),
        ({"overflow": 1}, "sites.store_1.overflow: found 1"),
    ],
)
def test_what_cannot_be_is_refused_by_key(site: dict[str, Any], complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        store("refused", site=site)
