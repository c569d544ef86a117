"""A share of autonomy: some sites decide for themselves, the rest is the centre's, under every authority with a centre."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import orderup
from orderup.envs.autonomy.authorities import Central
from orderup.envs.autonomy.authority import authorities
from orderup.envs.autonomy.autonomy import PLANNER, Autonomy
from orderup.envs.catalogue import each_autonomy, load_autonomy
from orderup.envs.foundation.errors import InputError
from orderup.envs.information.policy import Decision, Decisions
from orderup.envs.numerics.arrays import Floats
from orderup.envs.simulator import Simulator

from ...examples import some
from ..levels_of_autonomy import begun, level, played, same, scripts
from ..networks import Case, cases

LATE: dict[str, Any] = {"feed_latency": 2, "feed_noise": 0.1, "approval_latency": 1}
LINE = {
    "name": "line",
    "sites": {
        "store_1": {"initial": 10, "holding": 1},
        "depot_1": {"initial": 50, "holding": 1},
        "hub_1": {"initial": 100, "holding": 1},
    },
    "customers": [{"site": "store_1", "demand": {"type": "constant", "value": 4}, "shortage": 9}],
    "lanes": [
        {"from": "supplier", "to": "hub_1", "lead_time": 1},
        {"from": "hub_1", "to": "depot_1", "lead_time": 1},
        {"from": "depot_1", "to": "store_1", "lead_time": 1},
    ],
    "horizon": 12,
}
"""store < depot < hub < outside."""


def same_numbers(one: orderup.Result, other: orderup.Result) -> bool:
    return bool(np.array_equal(one.sums.to_numpy(float), other.sums.to_numpy(float), equal_nan=True))


@pytest.mark.parametrize("authority", ["central", "target"])
@pytest.mark.parametrize(
    ("scenario", "agent"), [("owmr-small", "moving_average"), ("serial_clark_scarf", "base_stock"), ("pooling", "s_s")]
)
def test_all_sites_are_autonomous_and_none_leaves_it_to_the_centre_bit_for_bit(
    authority: str, scenario: str, agent: str
) -> None:
    sites = len(Simulator(scenario).site_seats)
    keys: dict[str, Any] = {"authority": authority, "cadence": 2, **LATE}

    def judged(autonomy: Autonomy) -> orderup.Result:
        return orderup.evaluate(scenario, autonomy, agents=agent, episodes=3, horizon=60)

    assert same_numbers(judged(level(share=0, **keys)), judged(level(**keys)))
    alone = level("autonomous", **{key: LATE[key] for key in ("feed_latency", "feed_noise")})
    assert same_numbers(judged(level(share=sites, **keys)), judged(alone))


def test_who_sits_at_the_table() -> None:
    seats = {share: Simulator(LINE, level("central", share=share)).seats for share in range(4)}
    assert seats[0] == (PLANNER,)
    assert seats[1] == ("store_1", PLANNER)
    assert seats[2] == ("store_1", "depot_1", PLANNER)
    assert seats[3] == ("store_1", "depot_1", "hub_1")
    assert Simulator(LINE, level("target", share=["hub_1"])).seats == ("hub_1", PLANNER)
    assert Simulator(LINE, level("target", share="hub_1")).seats == ("hub_1", PLANNER)
    everybody = Simulator(LINE, level("band", band=1.0, share=3))
    assert everybody.seats == ("store_1", "depot_1", "hub_1", PLANNER)
    assert Simulator(LINE, level("band", band=1.0, share=0)).seats == (PLANNER,)


@settings(max_examples=some(25))
@given(cases(("level",), without=("price breaks", "order delays")), st.data())
def test_a_centre_that_expects_what_sites_do_orders_with_them_as_if_one_decided_all(case: Case, data: st.DataObject) -> None:
    """On fresh records; with order delays a centre counts on orders of which the source does not know yet."""
    lanes = [lane.label for lane in case.scenario.lanes]
    mine = data.draw(st.lists(st.sampled_from(lanes), min_size=1, unique=True))
    _, sites = scripts(begun(case, level()), case)
    together = played(case, level("central", purview=dict.fromkeys(mine)), centre=sites, sites=sites)
    for one, other in zip(together, played(case, level(), sites=sites), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9)


@settings(max_examples=15)
@given(cases(("level",), without=("price breaks",)), st.data())
def test_beside_targets_sites_decide_their_own_lanes(case: Case, data: st.DataObject) -> None:
    lanes = [lane.label for lane in case.scenario.lanes]
    mine = data.draw(st.lists(st.sampled_from(lanes), min_size=1, unique=True))
    simulator = begun(case, level())
    centre, sites = scripts(simulator, case)
    mask = np.array([label in mine for label in simulator.numpy_network.lanes])[:, None]

    def both(period: int) -> Decision:
        return Decision(level=np.where(mask, sites(period).level, centre(period).level))

    assert same(played(case, level("target", purview=dict.fromkeys(mine))), played(case, level(), sites=both))


@pytest.mark.parametrize("keys", [{"authority": "band", "band": 0.7}, {"authority": "approve", "approval_threshold": 0.2}])
def test_a_share_is_a_purview_where_sites_decide_anyway(keys: dict[str, Any]) -> None:
    def orders(autonomy: Autonomy) -> list[Floats]:
        return ordered(autonomy, centre=(9.0, 30.0, 60.0), sites=(12.0, 33.0, 50.0))

    purview = {"store_1": None, "depot_1": None}
    assert same(orders(level(share=2, approval_latency=1, **keys)), orders(level(purview=purview, approval_latency=1, **keys)))
    assert same(orders(level(share=0, **keys)), orders(level("target")))


def ordered(autonomy: Autonomy, centre: Any, sites: Any, periods: int = 8) -> list[Floats]:
    """Orders (L,) of store, depot and hub in every period, under constant levels."""
    simulator = Simulator(LINE, autonomy)
    simulator.reset(seed=0)
    planner, others = (Decision(level=np.array(levels)[:, None]) for levels in (centre, sites))
    found = []
    for _ in range(periods):
        has = simulator.autonomy
        simulator.advance(Decisions(planner if has.has_planner else None, others if has.has_sites else None))
        assert simulator.now.flows is not None
        found.append(simulator.now.flows.orders[:, 0, 0].copy())
    return found


def test_a_site_orders_for_what_the_centre_lets_out_for_its_customer_in_the_same_period() -> None:
    """By hand: the store's order waits two periods; the depot, which decides alone, hears of it when it is let out."""
    found = ordered(level("central", share=["depot_1"], approval_latency=2), (14.0, 0.0, 0.0), (0.0, 50.0, 0.0))
    store, depot = ([float(orders[lane]) for orders in found] for lane in (0, 1))
    assert store == [0, 0, 4, 4, 4, 4, 4, 4]  # 14 less the 10 on the shelf, then what customers took
    assert depot == store


def test_the_centre_orders_for_what_it_expects_of_sites_that_decide_for_themselves() -> None:
    """By hand: it expects the depot to order up to 60, and gets the hub ready for that, whatever the depot does."""
    found = ordered(level("central", share=["depot_1"]), (10.0, 60.0, 100.0), (0.0, 50.0, 0.0), periods=1)
    assert found[0].tolist() == [0.0, 0.0, 10.0]


def test_a_late_centre_does_not_know_at_once_what_autonomous_sites_order() -> None:
    simulator = Simulator(LINE, level("central", share=["store_1"], feed_latency=2))
    simulator.reset(seed=0)
    for _ in range(4):
        simulator.advance(
            Decisions(Decision(quantity=np.array([[1.0], [2.0], [3.0]])), Decision(quantity=np.full((3, 1), 5.0)))
        )
    since = simulator.feed.since
    assert since is not None
    assert since[:, 0, 0].tolist() == [0.0, 4.0, 6.0]
    assert [orders[:, 0, 0].tolist() for orders in simulator.feed.recent] == [[0.0, 2.0, 3.0], [0.0, 2.0, 3.0]]


def test_price_breaks_are_for_what_passes_the_centre() -> None:
    """Of three stores that each take 40, two together make the 60 from which there is something off; alone none does."""
    shops = ("shop_1", "shop_2", "shop_3")
    scenario = {
        "name": "shops",
        "sites": {name: {"initial": 0, "holding": 1} for name in shops},
        "suppliers": {"supplier": {"price_breaks": [{"from": 60, "discount": 0.5}]}},
        "customers": [{"site": name, "demand": {"type": "constant", "value": 1}, "shortage": 9} for name in shops],
        "lanes": [{"from": "supplier", "to": name, "lead_time": 1, "unit_cost": 1.0} for name in shops],
        "horizon": 3,
    }
    off = []
    for share in range(4):
        simulator = Simulator(scenario, level("central", share=share))
        simulator.reset(seed=0)
        decision = Decision(quantity=np.full((3, 1), 40.0))
        has = simulator.autonomy
        ledger = simulator.advance(Decisions(decision if has.has_planner else None, decision if has.has_sites else None))
        off.append(-float(ledger.by_term["discount"].sum()))
    assert off == [60.0, 40.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"authority": "central", "share": 4}, r"^autonomy\.share: found 4; accepted: 0 to 3"),
        (
            {"authority": "target", "share": ["shop"]},
            r"^autonomy\.share: found 'shop'; accepted: one of depot_1, ",
        ),
        ({"share": 2}, r"^autonomy\.share: found 2; accepted: 3 with authority autonomous"),
        ({"share": ["store_1"]}, r"^autonomy\.share: found \['store_1'\]; accepted: 3 with authority autonomous"),
    ],
)
def test_a_share_that_cannot_be_is_refused(keys: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Simulator(LINE, level(**keys))


def test_all_sites_may_be_counted_where_all_decide() -> None:
    assert Simulator(LINE, level(share=3)).seats == ("store_1", "depot_1", "hub_1")


def test_a_share_can_be_swept() -> None:
    levels = each_autonomy({"type": "central_stale", "share": [0, 1, 2]})
    assert [one.name for one in levels] == [f"central_stale[share={share}]" for share in range(3)]
    with pytest.raises(InputError, match=r"^autonomy\.share"):
        load_autonomy({"type": "central_stale", "share": 1.5})


def test_the_authorities_that_settle_are_there() -> None:
    """What a level comes to without sites, or without a centre, is an authority, and one that needs no key."""
    for name in authorities:
        acts = authorities[name]
        for other in (acts.without_sites, acts.without_centre):
            assert other is None or not authorities[other].needs
    assert Central.without_centre is not None
    assert not authorities[Central.without_centre].has_planner
