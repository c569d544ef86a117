"""What a level may be, who decides at it, and what every level obeys: the laws of units and of orders."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orderup.envs.autonomy.authority import authorities
from orderup.envs.autonomy.autonomy import PLANNER, Autonomy
from orderup.envs.autonomy.purview import purview
from orderup.envs.catalogue import load_autonomy
from orderup.envs.flows.pipelines import under_way
from orderup.envs.foundation.errors import InputError
from orderup.envs.information.policy import Decision, Decisions
from orderup.envs.network.network import Network
from orderup.envs.simulator import Simulator

from ...examples import some
from ..levels_of_autonomy import begun, decisions, level, played, same, scripts
from ..networks import Case, cases
from ..physics.records import drawn, joined

AUTHORITIES: dict[str, dict[str, Any]] = {
    "central": {},
    "target": {},
    "band": {"band": 1.0},
    "approve": {"approval_threshold": 0.5},
    "autonomous": {},
}


@st.composite
def levels(draw: st.DrawFn) -> Autonomy:
    """Any authority with any latency, noise and cadence."""
    authority = draw(st.sampled_from([*AUTHORITIES]))
    keys: dict[str, Any] = {"feed_latency": draw(st.integers(0, 3)), "feed_noise": draw(st.sampled_from([0.0, 0.4]))}
    if authorities[authority].has_planner:
        keys |= {"approval_latency": draw(st.integers(0, 3)), "cadence": draw(st.integers(1, 3))}
    return level(authority, **AUTHORITIES[authority], **keys)


# Laws


@settings(max_examples=some(120))
@given(cases(("level",)), levels())
def test_units_are_kept_and_orders_are_accounted_for_at_every_level(case: Case, autonomy: Autonomy) -> None:
    simulator = begun(case, autonomy)
    centre, sites = scripts(simulator, case)
    network, kept = (
        simulator.numpy_network,
        1.0 if simulator.numpy_network.fulfilment.kept is None else simulator.numpy_network.fulfilment.kept,
    )
    lapses = np.array([network.scenario_lane(label).expires is not None for label in network.lanes])[:, None, None]
    goes_on = np.array([network.scenario_lane(label).reroute for label in network.lanes])[:, None, None]

    def by_site(values: Any) -> Any:
        return np.stack([values[network.topology.destination == site].sum(axis=0) for site in range(len(network.sites))])

    while not simulator.done:
        before = simulator.now.state
        ledger = simulator.advance(decisions(simulator, centre, sites))
        after, flows = simulator.now.state, simulator.now.flows
        assert flows is not None
        for values in (
            after.on_hand,
            after.backlog,
            after.open_orders,
            after.in_transit,
            after.on_order,
            *after.pending,
            *(getattr(flows, name) for name in flows._fields if name != "conditions" and getattr(flows, name) is not None),
        ):
            assert (values >= 0).all()
        inside = network.topology.source >= 0
        brought, used = brings(network, flows.shipments), takes(network, flows.shipments) - flows.shipments[inside].sum(axis=0)
        came = brought[~inside].sum(axis=0) + everything(flows.returned)
        gone = flows.served.sum(axis=0) + everything(flows.scrapped) + everything(flows.turned_away) + used
        gone = gone + (0.0 if flows.wasted is None else brings(network, flows.wasted).sum(axis=0))
        held = [state.on_hand.sum(axis=0) + state.in_transit.sum(axis=0) for state in (before, after)]
        np.testing.assert_allclose(held[1] - held[0], came - gone, atol=1e-8)
        sent = under_way(network.ordering.order_pipelines, after.sent, after.open_orders)
        waiting = sum((*after.pending, *after.missing), 0.0 * sent)
        ordered = brings(network, after.open_orders + sent + waiting)
        np.testing.assert_allclose(after.on_order, after.in_transit + ordered, atol=1e-8)
        unfilled = before.open_orders + flows.known - flows.shipments
        stays = np.where(goes_on, unfilled, unfilled * kept)  # on its lane, or on another one to the same site
        assert_gone(by_site(stays - after.open_orders), by_site(1.0 * lapses) > 0)
        if not goes_on.any():
            assert_gone(stays - after.open_orders, lapses)
        np.testing.assert_allclose(ledger.cost, ledger.by_site.sum(axis=0), rtol=1e-9)
        assert len(after.pending) in (0, autonomy.approval_latency)


def brings(network: Network, amounts: Any) -> Any:
    """What lanes bring with orders or shipments of one period (L, K, B), and beside them."""
    return joined(network, amounts[None])[0]


def takes(network: Network, amounts: Any) -> Any:
    """What orders or shipments of one period (L, K, B) take off all shelves (K, B)."""
    return drawn(network, amounts[None])[0].sum(axis=0)


def assert_gone(orders: Any, may_lapse: Any) -> None:
    """Nothing of them, but where they may have waited too long; how much has, the physics' own tests know."""
    assert (orders >= -1e-8).all()
    np.testing.assert_allclose(np.where(may_lapse, 0.0, orders), 0.0, atol=1e-8)


def everything(moved: Any) -> Any:
    return 0.0 if moved is None else moved.sum(axis=0)


@settings(max_examples=some(40))
@given(cases(("level",)), levels(), st.integers(0, 3))
def test_an_episode_is_the_same_alone_as_among_others(case: Case, autonomy: Autonomy, row: int) -> None:
    together, alone = Simulator(case.scenario, autonomy, batch=4), Simulator(case.scenario, autonomy)
    together.reset(seed=case.seed)
    alone.reset(seed=case.seed, episodes=[row])
    rng = np.random.default_rng(case.seed)
    while not together.done:
        drawn = [
            rng.uniform(0, 40, (4, len(together.numpy_network.lanes), len(together.numpy_network.products))) for _ in range(2)
        ]
        for simulator, rows in ((together, slice(None)), (alone, slice(row, row + 1))):
            made = [Decision(level=levels[rows]) for levels in drawn]
            simulator.advance(Decisions(made[0] if autonomy.has_planner else None, made[1] if autonomy.has_sites else None))
        for one, other in zip(together.now.state[:3], alone.now.state[:3], strict=True):
            np.testing.assert_array_equal(one[..., row], other[..., 0])


# By hand: what waits, and for how long


def test_an_order_far_from_the_centres_waits_and_one_close_to_it_does_not() -> None:
    """Mean demand is 10, so that a threshold of half of it is 5 units; the centre wants none."""
    simulator = Simulator("newsvendor", level("approve", approval_threshold=0.5, approval_latency=2), horizon=9)
    simulator.reset(seed=0)
    ordered, waiting = [], []
    for quantity in (5, 6, 4, 7, 0, 0):
        simulator.advance(Decisions(Decision(quantity=np.zeros(1)), Decision(quantity=np.full(1, float(quantity)))))
        assert simulator.now.flows is not None
        ordered.append(float(simulator.now.flows.orders[0, 0, 0]))
        waiting.append(sum(float(units[0, 0, 0]) for units in simulator.now.state.pending))
    assert ordered == [5, 0, 4, 6, 0, 7]
    assert waiting == [0, 6, 6, 7, 7, 0]


def test_a_level_is_kept_within_the_band_round_the_centres() -> None:
    """Half a mean demand of 10 either side of 30, on a position of 37 units."""
    for wanted, ordered in ((0.0, 0), (33.0, 3), (35.0, 5), (99.0, 5)):
        simulator = Simulator("newsvendor", level("band", band=0.5), horizon=1)
        simulator.reset(seed=0)
        start = float(simulator.numpy_network.start.initial[0, 0, 0] + simulator.now.state.on_order[0, 0, 0])
        shift = start - 30.0
        simulator.advance(Decisions(Decision(level=np.full(1, 30 + shift)), Decision(level=np.full(1, wanted + shift))))
        assert simulator.now.flows is not None
        assert simulator.now.flows.orders[0, 0, 0] == ordered


# Purview


@settings(max_examples=some(60))
@given(cases(("level",), without=("price breaks",)), st.data())  # which a centre gets for all orders together
def test_within_their_purview_sites_decide_and_the_centre_elsewhere(case: Case, data: st.DataObject) -> None:
    """At a band without end: as if one decided all, with the ones' levels here and the other's there."""
    lanes = [lane.label for lane in case.scenario.lanes]
    mine = data.draw(st.lists(st.sampled_from(lanes), min_size=1, unique=True))
    simulator = begun(case, level("band", band="inf", purview=dict.fromkeys(mine)))
    centre, sites = scripts(simulator, case)
    mask = np.array([label in mine for label in simulator.numpy_network.lanes])[:, None]

    def both(period: int) -> Decision:
        return Decision(level=np.where(mask, sites(period).level, centre(period).level))

    together = played(case, level(), sites=both)
    assert same(played(case, level("band", band="inf", purview=dict.fromkeys(mine))), together)
    assert simulator.seats == (
        *(name for name in simulator.numpy_network.sites if name in destinations(simulator, mine)),
        PLANNER,
    )


def destinations(simulator: Simulator, lanes: list[str]) -> set[str]:
    return {simulator.numpy_network.scenario_lane(label).destination for label in lanes}


def test_a_purview_is_by_lane_or_by_site_and_by_product() -> None:
    scenario = Simulator("reference").scenario
    network = Simulator(scenario).numpy_network
    site, product = network.sites[0], network.products[0]
    lane = network.lanes[int(np.flatnonzero(network.topology.destination == 0)[0])]
    by_site = purview(level("band", band=1.0, purview={site: None}), network.topology)
    assert (by_site.all(axis=1) == (network.topology.destination == 0)).all()
    by_lane = purview(level("band", band=1.0, purview={lane: [product]}), network.topology)
    assert by_lane.sum() == 1
    assert by_lane[network.lanes.index(lane), 0]


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"purview": {"store_9": None}}, r"^autonomy\.purview: found 'store_9'; accepted: one of store_1, "),
        ({"purview": {"store_1": ["milk"]}}, r"^autonomy\.purview\.store_1: found 'milk'; accepted: one of product"),
        ({"purview": {"store_1": None}}, r"^autonomy\.purview: found 'warehouse_1->store_2 left to nobody'"),
        ({"purview": {}, "authority": "band", "band": 1.0}, r"^autonomy\.purview: found {}; accepted: something"),
    ],
)
def test_a_purview_that_cannot_be_is_refused(keys: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Simulator("owmr", level(**keys))


# Bad input

NAN = float("nan")


@pytest.mark.parametrize(
    ("keys", "key"),
    [
        ({"authority": "central", "cadence": 0}, "cadence"),
        ({"authority": "central", "cadence": 1.5}, "cadence"),
        ({"authority": "autonomous", "cadence": 7}, "cadence"),
        ({"authority": "band", "band": -0.1}, "band"),
        ({"authority": "band", "band": NAN}, "band"),
        ({"authority": "band", "band": "wide"}, "band"),
        ({"authority": "band"}, "band"),
        ({"authority": "target", "band": 1.0}, "band"),
        ({"authority": "approve", "approval_threshold": None}, "approval_threshold"),
        ({"authority": "approve", "approval_threshold": -1}, "approval_threshold"),
        ({"authority": "approve", "approval_threshold": NAN}, "approval_threshold"),
        ({"authority": "central", "approval_threshold": 1.0}, "approval_threshold"),
        ({"authority": "autonomous", "approval_latency": 1}, "approval_latency"),
        ({"authority": "central", "approval_latency": -1}, "approval_latency"),
        ({"authority": "central", "feed_latency": -1}, "feed_latency"),
        ({"authority": "central", "feed_noise": 1.0}, "feed_noise"),
        ({"authority": "central", "feed_noise": NAN}, "feed_noise"),
        ({"authority": "autonomous", "visibility": "silo", "feed_latency": 1}, "visibility"),
        ({"authority": "autonomous", "visibility": "silo", "feed_noise": 0.1}, "visibility"),
        ({"authority": "target", "purview": {"store_1": None}, "share": 1}, "share"),
        ({"authority": "central", "share": -1}, "share"),
        ({"authority": "king"}, "authority"),
    ],
    ids=str,
)
def test_an_axis_that_means_nothing_or_is_out_of_bounds_is_refused_by_its_key(keys: dict[str, Any], key: str) -> None:
    with pytest.raises(InputError, match=rf"^autonomy\.{key}: found .*; accepted: "):
        load_autonomy({"name": "test", "visibility": "shared", **keys})


@pytest.mark.parametrize(
    ("keys", "given", "message"),
    [
        ({"authority": "target"}, Decisions(), r"^decision\.planner: found 'none'"),
        ({"authority": "target"}, Decision(quantity=np.ones(1)), r"^decision\.planner: found 'quantities'"),
        ({"authority": "band", "band": 1.0}, Decisions(Decision(level=np.ones(1))), r"^decision\.sites: found 'none'"),
        (
            {"authority": "band", "band": 1.0},
            Decisions(Decision(level=np.ones(1)), Decision(quantity=np.ones(1))),
            r"^decision\.sites: found 'quantities'",
        ),
    ],
)
def test_a_decision_that_a_level_cannot_use_is_refused(keys: dict[str, Any], given: Any, message: str) -> None:
    simulator = Simulator("newsvendor", level(**keys))
    simulator.reset(seed=0)
    with pytest.raises(InputError, match=message):
        simulator.advance(given)
