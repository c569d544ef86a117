"""Goods that differ in volume and weight, and stores that take no more than fits, worked by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from orderup.agents import make_agent
from orderup.agents.levels.sources import capacities
from orderup.envs.foundation.errors import InputError
from orderup.envs.information.policy import Decision
from orderup.envs.network.building import build
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.simulator import Simulator
from orderup.evaluation import Traces, hindsight_bound

from ..by_hand import Play, demand, scenario

LANE, UP = "supplier->store_1", "warehouse_1->store_1"
SIZES = {"volume": {"tea": 1, "coffee": 2}, "weight": {"tea": 3, "coffee": 1}}


def store(lane: Any = None, site: Any = None, asked: Any = None, **keys: Any) -> Scenario:
    """One store for tea of volume 1 and coffee of volume 2, which weigh 3 and 1."""
    buyers = {"site": "store_1", "demand": asked or demand(0)}
    lanes = [{"from": "supplier", "to": "store_1", **(lane or {})}]
    return scenario({"store_1": site or {}}, lanes, [buyers], products=["tea", "coffee"], **{**SIZES, **keys})


@pytest.mark.parametrize(
    ("lane", "wanted", "shipped"),
    [
        ({"capacity": 10}, [12, 4], [6, 2]),  # a volume of 20, of which a half fits
        ({"capacity_weight": 10}, [5, 5], [2.5, 2.5]),  # a weight of 20
        ({"capacity": 10, "capacity_weight": 10}, [2, 9], [1, 4.5]),  # a volume of 20 and a weight of 15: it cubes out
        ({"capacity": 10, "capacity_weight": 10}, [6, 2], [3, 1]),  # a volume of 10 and a weight of 20: it weighs out
        ({"capacity": 10, "capacity_weight": 10}, [2, 4], [2, 4]),
        ({"capacity": 10, "multiple": {"tea": 4, "coffee": 2}}, [8, 4], [4, 2]),  # 5 and 2.5 in packs: 8 of 10, no pack more
        ({"capacity": 12, "multiple": {"tea": 4, "coffee": 2}}, [8, 4], [8, 2]),  # 6 and 3 are half a pack each: the first fits
    ],
)
def test_a_lane_takes_what_fits_by_volume_and_by_weight(lane: Any, wanted: list[float], shipped: list[float]) -> None:
    play = Play(store(lane)).step(quantities={LANE: wanted})
    assert play.shipments[LANE] == pytest.approx(shipped)
    assert play.open_orders[LANE] == pytest.approx([w - s for w, s in zip(wanted, shipped, strict=True)])


def test_a_supplier_ships_a_volume() -> None:
    play = Play(store(suppliers={"supplier": {"capacity": 10}})).step(quantities={LANE: [12, 4]})
    assert play.shipments[LANE] == pytest.approx([6, 2])


def test_a_throughput_is_a_volume_and_overtime_costs_by_it() -> None:
    """Of a volume of 20 the 10 leave that may, 4 of them in overtime at 3."""
    sites = {"store_1": {}, "warehouse_1": {"initial": 50, "throughput": 6, "overtime": {"extra": 4, "cost": 3}}}
    lanes = [{"from": "warehouse_1", "to": "store_1"}, {"from": "supplier", "to": "warehouse_1"}]
    given = scenario(sites, lanes, [{"site": "store_1"}], products=["tea", "coffee"], **SIZES)
    play = Play(given).step(quantities={UP: [12, 4]})
    assert play.shipments[UP] == pytest.approx([6, 2])
    assert play.cost("overtime")["warehouse_1"] == pytest.approx(12)


def test_more_than_fits_costs_by_its_volume() -> None:
    """4 of tea and 5 of coffee have a volume of 14, 4 more than fit."""
    play = Play(store(site={"initial": {"tea": 4, "coffee": 5}, "storage": 10, "overflow": 0.5})).step()
    assert play.cost("overflow")["store_1"] == pytest.approx(2)


def in_units(volume: float, **keys: Any) -> Scenario:
    """A tree in which every limit stands, for goods of this volume; what fits is the same number of units."""
    sites = {
        "store_1": {"storage": 6 * volume, "overflow": 4 / volume},
        "store_2": {"storage": 8 * volume, "storage_hard": True},
        "warehouse_1": {"throughput": 7 * volume, "overtime": {"extra": 3 * volume, "cost": 2 / volume}, "initial": 20},
    }
    lanes = [
        {"from": "warehouse_1", "to": "store_1", "lead_time": 1, "capacity": 6 * volume},
        {"from": "warehouse_1", "to": "store_2", "lead_time": 1},
        {"from": "supplier", "to": "warehouse_1", "lead_time": 2, "multiple": 3, "capacity": 9 * volume},
    ]
    asked = {"type": "poisson", "mean": 4}
    buyers = [{"site": "store_1", "demand": asked}, {"site": "store_2", "demand": asked}]
    return scenario(sites, lanes, buyers, suppliers={"supplier": {"capacity": 12 * volume}}, volume=volume, **keys)


def test_goods_of_twice_the_volume_need_twice_the_room_and_nothing_else_changes() -> None:
    plain, large = (Simulator(in_units(volume), batch=3) for volume in (1.0, 2.0))
    assert plain.numpy_network.limits.volume is None
    for simulator in (plain, large):
        simulator.reset(seed=5)
    rng, done = np.random.default_rng(5), False
    while not done:
        quantity = rng.uniform(0, 14, (3, 3, 1))
        _, ours, done = plain.step(Decision(quantity=quantity))
        _, theirs, _ = large.step(Decision(quantity=quantity))
        for name in ("on_hand", "backlog", "in_transit", "door"):
            assert np.array_equal(getattr(plain.now.state, name), getattr(large.now.state, name))
        assert np.array_equal(ours.cost, theirs.cost)


# Hard storage


def full(**keys: Any) -> dict[str, Any]:
    return {"storage": 10, "storage_hard": True, **keys}


SOLD = {"type": "replay", "values": {"tea": [4, 0], "coffee": [1, 0]}, "then": "hold"}


def test_what_does_not_fit_waits_at_the_door_and_comes_in_as_there_is_room() -> None:
    """Of a volume of 20 a half comes in. What is sold leaves room for 6, and a volume of 4 + 2 · 3 waits."""
    play = Play(store(site=full(), asked=SOLD)).step(quantities={LANE: [8, 6]})
    assert (play.receipts[LANE], play.on_hand["store_1"]) == ([4, 3], [0, 2])
    assert (play.door[LANE], play.in_transit[LANE], play.on_order[LANE], play.open_orders[LANE]) == ([4, 3],) * 3 + ([0, 0],)
    play.step()
    assert (play.receipts[LANE], play.on_hand["store_1"], play.door[LANE]) == ([2.4, 1.8], [2.4, 3.8], [1.6, 1.2])
    play.step()
    assert (play.receipts[LANE], play.on_hand["store_1"], play.door[LANE]) == ([0, 0], [2.4, 3.8], [1.6, 1.2])


def test_the_shelf_has_to_hold_what_is_sold_at_once() -> None:
    """A store for 10 never sells more than 10 in a period, whatever waits at its door."""
    given = scenario({"store_1": full()}, [{"from": "supplier", "to": "store_1"}], [{"site": "store_1", "demand": demand(15)}])
    play = Play(given)
    sold = [play.step(quantities={LANE: 15}).served["store_1/all"] for _ in range(3)]
    assert (sold, play.door[LANE], play.backlog["store_1/all"]) == ([10, 10, 10], 15, 15)


def test_what_leaves_makes_room_in_the_same_period() -> None:
    sites = {"store_1": {}, "warehouse_1": full(initial=10)}
    lanes = [{"from": "warehouse_1", "to": "store_1"}, {"from": "supplier", "to": "warehouse_1", "lead_time": 1}]
    play = Play(scenario(sites, lanes, [{"site": "store_1"}])).step(quantities={"supplier->warehouse_1": 7})
    play.step(quantities={UP: 4})
    assert (play.on_hand["warehouse_1"], play.door["supplier->warehouse_1"], play.shipments[UP]) == (10, 3, 4)


@pytest.mark.parametrize("lead_time", [0, 2, {"type": "uniform_integer", "low": 1, "high": 1}])
def test_what_waits_is_on_the_books_of_who_sent_it(lead_time: Any) -> None:
    """6 of 16 wait at the door, at the warehouse's 0.5, whatever time the way takes."""
    sites = {"store_1": full(), "warehouse_1": {"initial": 16, "holding": 0.5}}
    lanes = [{"from": "warehouse_1", "to": "store_1", "lead_time": lead_time}, {"from": "supplier", "to": "warehouse_1"}]
    play = Play(scenario(sites, lanes, [{"site": "store_1"}])).step(quantities={UP: 16}).step().step()
    assert (play.on_hand["store_1"], play.cost("in_transit")["warehouse_1"], play.cost("holding")["store_1"]) == (10, 3, 10)


def test_lanes_share_the_room_in_proportion_to_what_waits() -> None:
    lanes = [{"from": f"supplier_{name}", "to": "store_1", "name": name} for name in ("near", "far")]
    play = Play(scenario({"store_1": full()}, lanes, [{"site": "store_1"}])).step(quantities={"near": 15, "far": 5})
    assert (play.receipts["near"], play.receipts["far"]) == (7.5, 2.5)


def test_nothing_comes_in_by_a_lane_while_its_receipts_are_paused() -> None:
    lanes = [{"from": f"supplier_{name}", "to": "store_1", "name": name, "lead_time": 1} for name in ("near", "far")]
    shut = [{"at": "near", "pauses": "receipts", "when": {"type": "scheduled", "from": 2, "until": 3}}]
    buyers = [{"site": "store_1", "demand": demand(0, 10, 0)}]
    play = Play(scenario({"store_1": full()}, lanes, buyers, disruptions=shut)).step(quantities={"near": 15, "far": 5}).step()
    assert (play.door["near"], play.door["far"], play.on_hand["store_1"]) == (7.5, 2.5, 0)
    play.step()
    assert (play.receipts["near"], play.receipts["far"], play.door["near"]) == (0, 2.5, 7.5)
    assert play.step().receipts["near"] == 7.5


@pytest.mark.parametrize("lead_time", [0, 2])
def test_whoever_orders_up_to_a_level_knows_what_waits(lead_time: int) -> None:
    given = scenario(
        {"store_1": full()}, [{"from": "supplier", "to": "store_1", "lead_time": lead_time}], [{"site": "store_1"}]
    )
    play = Play(given).step(levels={LANE: 25}).step(levels={LANE: 25}).step(levels={LANE: 25})
    assert (play.orders[LANE], play.on_hand["store_1"], play.door[LANE]) == (0, 10, 15)
    information = play.simulator.information_of("sites")
    assert information.own("pipeline", summed=True).ravel().tolist() == [15]


def test_stock_at_the_start_is_what_fits_of_what_is_usual() -> None:
    """Mean 20 and no spread over one period have a volume of 60."""
    given = store(site={"storage": 30, "storage_hard": True, "initial": None}, asked={"type": "constant", "value": 20})
    assert build(given).start.initial[0, :, 0].tolist() == [10, 10]


@pytest.mark.parametrize(
    ("keys", "complaint"),
    [
        ({"volume": 0}, "volume: found 0.*a number > 0"),
        ({"volume": {"tea": -1, "coffee": 1}}, r"volume.tea: found -1"),
        ({"volume": {"tea": 1}}, "volume: found 'nothing for coffee'"),
        ({"weight": {"tea": 1, "coffee": 1, "milk": 1}}, "weight: found 'milk'"),
        ({"weight": float("nan")}, "weight: found nan"),
        ({"lane": {"capacity_weight": 0}}, r"lanes\[0\].capacity_weight: found 0"),
        ({"lane": {"capacity": 7, "multiple": 4}}, r"lanes\[0\].capacity: found 7.*at least 8, so that a pack"),
        ({"lane": {"capacity_weight": 7, "multiple": 4}}, r"lanes\[0\].capacity_weight: found 7.*at least 12, so that a pack"),
        ({"site": {"storage_hard": True}}, "sites.store_1.storage_hard: found 'a site without storage'"),
        ({"site": {"storage": 0, "storage_hard": True}}, "sites.store_1.storage: found 0"),
        ({"site": full(overflow=1)}, "sites.store_1.overflow: found 1.*0 where storage is hard"),
        ({"site": full(initial=4)}, "sites.store_1.initial: found 'a volume of 12'.*at most 10"),
        (
            {"site": full(), "returns": [{"from": "store_1", "to": "store_1", "share": 0.5, "delay": 1}]},
            r"returns\[0\].to: found 'store_1, which may be full'",
        ),
    ],
)
def test_what_cannot_be_is_refused_by_key(keys: dict[str, Any], complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        store(**keys)


# Those who plan


def test_a_lane_brings_a_product_its_share_of_a_volume_and_of_a_weight() -> None:
    """10 of each are asked for: a volume of 30 and a weight of 40, of which 15 and 10 can come."""
    asked = {"type": "constant", "value": 10}
    by_volume, both = (store({"capacity": 15, **more}, asked=asked) for more in ({}, {"capacity_weight": 10}))
    assert capacities(build(by_volume))[0].tolist() == pytest.approx([5, 5])
    assert capacities(build(both))[0].tolist() == pytest.approx([2.5, 2.5])


def test_hindsight_counts_volume_and_weight() -> None:
    """10 of each are wanted in every period, and the dearer coffee, 2 for a volume of 2, is left behind: 5 fit beside the tea.

    By weight it is the tea that is left behind at 3 for 1: all 10 of coffee, and a weight of 2 · 3 of tea.
    """
    asked, never = {"type": "constant", "value": 10}, {"shortage": {"tea": 4, "coffee": 5}, "unmet": "lost"}
    for lane, lost in (({"capacity": 20}, 5 * 5), ({"capacity_weight": 16}, 8 * 4)):
        given = scenario(
            {"store_1": {}},
            [{"from": "supplier", "to": "store_1", **lane}],
            [{"site": "store_1", "demand": asked, **never}],
            products=["tea", "coffee"],
            **SIZES,
        )
        bound = hindsight_bound(Traces(given, 10_000, 1, "test", given.horizon))
        assert (bound.cost[0], bound.relaxed) == (pytest.approx(lost), ())


def test_hindsight_refuses_hard_storage_by_key_and_a_plan_says_that_it_does_not_know_it() -> None:
    """What waits at the door of a store may cost less than on its shelf, so that a bound without it would be none."""
    given = store(site=full())
    with pytest.raises(InputError, match=r"hindsight.*sites.store_1.storage_hard=True"):
        hindsight_bound(Traces(given, 10_000, 1, "test", given.horizon))
    simulator, agent = Simulator(given, "central_ideal", horizon=3), make_agent({"type": "mpc", "scenarios": 1})
    simulator.reset(seed=0)
    agent.reset(simulator.context())
    assert agent.caveats(simulator.context()) == ("its plan ignores storage_hard",)
