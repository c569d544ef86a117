"""Laws that no network and no decision may break, on random ones.

Letters: T periods, N sites, L lanes, K products, C customers, B batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from orderup.envs.autonomy import Autonomy
from orderup.envs.network import Network
from orderup.envs.schema import Lane

from .dial import begun, decisions, level, scripts
from .networks import SILO, Case, cases

Floats = NDArray[np.float64]
ROUNDING = 1e-9


@dataclass(frozen=True)
class Record:
    """An episode: the states before and after each period, the flows between them and the ledgers, by name (T, …)."""

    network: Network
    lanes: list[Lane]
    before: dict[str, Floats]
    after: dict[str, Floats]
    flows: dict[str, Floats]
    costs: dict[str, Floats]
    by_site: Floats
    cost: Floats


STOCKS = ("on_hand", "backlog", "open_orders", "in_transit", "on_order")


def recorded(case: Case, autonomy: Autonomy = SILO) -> Record:
    simulator = begun(case, autonomy)
    centre, sites = scripts(simulator, case)
    states, ledgers = [simulator.now.state], []
    flows: list[Any] = []
    while not simulator.done:
        _, ledger, _ = simulator.step(decisions(simulator, centre, sites))
        states.append(simulator.now.state)
        flows.append(simulator.now.flows)
        ledgers.append(ledger)
    levels = {name: np.stack([getattr(state, name) for state in states]) for name in STOCKS}
    levels["pending"] = np.stack([sum(state.pending, 0.0 * state.on_order) for state in states])
    return Record(
        simulator.plan,
        [simulator.plan.scenario_lane(label) for label in simulator.plan.lanes],
        {name: values[:-1] for name, values in levels.items()},
        {name: values[1:] for name, values in levels.items()},
        {name: np.stack([getattr(flow, name) for flow in flows]) for name in type(flows[0])._fields},
        {name: np.stack([ledger.by_term[name] for ledger in ledgers]) for name in ledgers[0].by_term},
        np.stack([ledger.by_site for ledger in ledgers]),
        np.stack([ledger.cost for ledger in ledgers]),
    )


def at_sites(amounts: Floats, owner: NDArray[np.int64], sites: int) -> Floats:
    """Rows (T, L or C, K, B) added up by their sites (T, N, K, B); −1 belongs to none."""
    out = np.zeros((amounts.shape[0], sites, *amounts.shape[2:]))
    for row, site in enumerate(owner):
        if site >= 0:
            out[:, site] += amounts[:, row]
    return out


def close(found: Any, expected: Any) -> None:
    np.testing.assert_allclose(found, expected, rtol=ROUNDING, atol=1e-8)


def never_above(amounts: Any, limit: Any) -> None:
    assert (amounts <= limit + ROUNDING * (1 + np.abs(limit))).all()


def nothing_is_negative(seen: Record) -> None:
    for values in (*seen.after.values(), *seen.flows.values()):
        assert (values >= 0).all()


def units_are_neither_made_nor_lost(seen: Record) -> None:
    """In the network as a whole: Δ(on hand + in transit) = supplied − served."""
    held = [level["on_hand"].sum(axis=1) + level["in_transit"].sum(axis=1) for level in (seen.before, seen.after)]
    supplied = seen.flows["shipments"][:, seen.network.source < 0].sum(axis=1)
    close(held[1] - held[0], supplied - seen.flows["served"].sum(axis=1))


def every_site_and_lane_keeps_its_books(seen: Record) -> None:
    network, flows = seen.network, seen.flows
    sites = len(network.sites)
    gained = at_sites(flows["receipts"], network.destination, sites) - at_sites(flows["shipments"], network.source, sites)
    close(seen.after["on_hand"], seen.before["on_hand"] + gained - at_sites(flows["served"], network.customer_site, sites))
    close(seen.after["in_transit"], seen.before["in_transit"] + flows["shipments"] - flows["receipts"])


def no_source_ships_what_it_does_not_have(seen: Record) -> None:
    shipped = at_sites(seen.flows["shipments"], seen.network.source, len(seen.network.sites))
    never_above(shipped, seen.before["on_hand"])


def nobody_gets_more_than_was_ordered(seen: Record) -> None:
    known = seen.before["open_orders"] + seen.flows["known"]
    never_above(seen.flows["shipments"], known)
    kept = np.array([lane.unfilled == "kept" for lane in seen.lanes])[:, None, None]
    close(seen.after["open_orders"], (known - seen.flows["shipments"]) * kept)


def orders_stay_on_order_until_they_arrive(seen: Record) -> None:
    dropped = seen.before["open_orders"] + seen.flows["known"] - seen.flows["shipments"] - seen.after["open_orders"]
    before, after = (books["on_order"] - books["pending"] for books in (seen.before, seen.after))
    close(after, before + seen.flows["orders"] - seen.flows["receipts"] - dropped)


def capacities_hold(seen: Record) -> None:
    scenario, loads = seen.network.scenario, seen.flows["shipments"].sum(axis=2)
    for lane, load in zip(seen.lanes, np.moveaxis(loads, 1, 0), strict=True):
        never_above(load, np.inf if lane.capacity is None else lane.capacity)
    limits = {name: site.throughput for name, site in scenario.sites.items()}
    limits |= {name: supplier.capacity for name, supplier in scenario.suppliers.items()}
    for name, limit in limits.items():
        out = [number for number, lane in enumerate(seen.lanes) if lane.source == name]
        never_above(loads[:, out].sum(axis=1), np.inf if limit is None else limit)


def orders_are_lots_of_what_the_lane_carries(seen: Record) -> None:
    products = seen.network.products
    for number, lane in enumerate(seen.lanes):
        for k, product in enumerate(products):
            orders = seen.flows["orders"][:, number, k]
            placed = orders[orders > 0]
            least, step = (v[product] if isinstance(v, dict) else v for v in (lane.minimum, lane.multiple))
            assert placed.size == 0 or product in (lane.products or products)
            never_above(least, placed)
            if step:
                close(placed / step, np.round(placed / step))


def what_is_owed_is_served_or_stays(seen: Record) -> None:
    network, flows = seen.network, seen.flows
    owed = seen.before["backlog"] + flows["demand"]
    close(flows["unmet"], owed - flows["served"])
    waits = np.ones(1) if network.backlogged is None else network.backlogged
    close(seen.after["backlog"], flows["unmet"] * waits)


def nobody_goes_away_from_a_full_shelf(seen: Record) -> None:
    stock = seen.after["on_hand"][:, seen.network.customer_site]
    assert (np.minimum(seen.flows["unmet"], stock) <= 1e-8).all()


def what_sites_pay_is_what_the_network_pays(seen: Record) -> None:
    close(seen.by_site.sum(axis=1), seen.cost)
    close(sum(seen.costs.values()), seen.by_site)
    if "transfer" in seen.costs:
        close(seen.costs["transfer"].sum(axis=1), 0.0)


LAWS = (
    nothing_is_negative,
    units_are_neither_made_nor_lost,
    every_site_and_lane_keeps_its_books,
    no_source_ships_what_it_does_not_have,
    nobody_gets_more_than_was_ordered,
    orders_stay_on_order_until_they_arrive,
    capacities_hold,
    orders_are_lots_of_what_the_lane_carries,
    what_is_owed_is_served_or_stays,
    nobody_goes_away_from_a_full_shelf,
    what_sites_pay_is_what_the_network_pays,
)


def obeys_every_law(case: Case, autonomy: Autonomy = SILO) -> None:
    seen = recorded(case, autonomy)
    for law in LAWS:
        law(seen)


@settings(max_examples=600)
@given(cases(forms=("level",)))
def test_no_network_with_levels_breaks_a_law(case: Case) -> None:
    obeys_every_law(case)


@settings(max_examples=600)
@given(cases(forms=("quantity",)))
def test_no_network_with_quantities_breaks_a_law(case: Case) -> None:
    obeys_every_law(case)


@settings(max_examples=600)
@given(cases(forms=("mixed",)))
def test_no_network_with_levels_here_and_quantities_there_breaks_a_law(case: Case) -> None:
    obeys_every_law(case)


AUTONOMY = st.one_of(
    st.builds(level, st.just("target"), cadence=st.integers(1, 4), approval_latency=st.integers(0, 2)),
    st.builds(level, st.just("band"), cadence=st.integers(1, 4), band=st.sampled_from([0.0, 0.5, 2.0, np.inf])),
    st.builds(
        level,
        st.sampled_from(["central", "approve"]),
        approval_latency=st.integers(0, 2),
        feed_latency=st.integers(0, 3),
        feed_noise=st.sampled_from([0.0, 0.2]),
    ),
    st.builds(
        level, st.just("approve"), approval_threshold=st.sampled_from([0.0, 0.5, 2.0]), approval_latency=st.integers(1, 3)
    ),
)


@settings(max_examples=300)
@given(cases(forms=("level",)), AUTONOMY)
def test_no_level_of_autonomy_breaks_a_law(case: Case, autonomy: Autonomy) -> None:
    obeys_every_law(case, autonomy)


@settings(max_examples=300)
@given(cases(without=("lane capacities", "throughput")))
def test_no_source_holds_back_what_was_ordered(case: Case) -> None:
    seen = recorded(case)
    stock = seen.before["on_hand"]
    asked = at_sites(seen.before["open_orders"] + seen.flows["known"], seen.network.source, len(seen.network.sites))
    close(at_sites(seen.flows["shipments"], seen.network.source, len(seen.network.sites)), np.minimum(asked, stock))
