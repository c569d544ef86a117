"""Laws that no network and no decision may break, on random ones.

Letters: T periods, N sites, L lanes, K products, C customers, B batch.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from orderup.envs.autonomy.autonomy import Autonomy
from orderup.envs.network.stacking import entries
from orderup.envs.numerics.arrays import Floats
from orderup.envs.scenario.scenario import Customers

from ...examples import some
from ..levels_of_autonomy import level
from ..networks import SILO, Case, cases
from .making_laws import MAKING_LAWS
from .records import Record, at_sites, close, drawn, joined, never_above, recorded


def nothing_is_negative(seen: Record) -> None:
    for values in (*seen.after.values(), *seen.flows.values()):
        assert (values >= 0).all()


def units_are_neither_made_nor_lost(seen: Record) -> None:
    """In the network as a whole: Δ(on hand + in transit) = supplied + made + returned − used − served − scrapped − wasted."""
    network, topology = seen.network, seen.network.topology
    held = [level["on_hand"].sum(axis=1) + level["in_transit"].sum(axis=1) for level in (seen.before, seen.after)]
    shipments = seen.flows["shipments"]
    supplied = joined(network, shipments)[:, topology.source < 0].sum(axis=1)
    used = drawn(network, shipments).sum(axis=1) - shipments[:, topology.source >= 0].sum(axis=1)
    gone = sum(seen.flows[name].sum(axis=1) for name in ("served", "scrapped", "turned_away"))
    wasted = joined(network, seen.flows["wasted"] + 0.0 * shipments).sum(axis=1)
    close(held[1] - held[0], supplied + seen.flows["returned"].sum(axis=1) - used - gone - wasted)


def every_site_and_lane_keeps_its_books(seen: Record) -> None:
    network, flows = seen.network, seen.flows
    sites = len(network.sites)
    gained = at_sites(flows["receipts"], network.topology.destination, sites) - drawn(network, flows["shipments"])
    elsewhere, away = flows["spilled"] + 0.0 * flows["served"], flows["turned_away"]
    given = at_sites(flows["served"] - elsewhere, network.topology.customer_site, sites) + at_sites(
        elsewhere, second_choice(seen), sites
    )
    close(seen.after["on_hand"], seen.before["on_hand"] + gained + flows["returned"] - given - flows["scrapped"])
    entering = joined(network, flows["shipments"] - flows["wasted"])
    close(seen.after["in_transit"], seen.before["in_transit"] + entering - flows["receipts"] - away)


def second_choice(seen: Record) -> NDArray[np.int64]:
    """Where customers go when their own site has run out (C,), −1 for nowhere."""
    going = [segment(seen, row).spill_to for row in range(len(seen.network.customers))]
    return np.array([-1 if to is None else seen.network.sites.index(to.site) for to in going])


def segment(seen: Record, row: int) -> Customers:
    return entries(seen.network.scenario, *seen.network.customers[row].split("/"))[0]


def no_source_ships_what_it_does_not_have(seen: Record) -> None:
    never_above(drawn(seen.network, seen.flows["shipments"]), seen.before["on_hand"])


def lanes_leave_what_is_reserved(seen: Record) -> None:
    for number, lane in enumerate(seen.lanes):
        for k, product in enumerate(seen.network.products):
            reserve = lane.reserve[product] if isinstance(lane.reserve, dict) else lane.reserve
            if reserve:
                stock = seen.before["on_hand"][:, seen.network.topology.source[number], k]
                never_above(seen.flows["shipments"][:, number, k], np.maximum(stock - reserve, 0.0))


def nothing_moves_where_it_is_paused(seen: Record) -> None:
    closed = {name: seen.usual[name] == 0 for name in ("accepting", "available", "moving", "receiving")}
    assert not (seen.flows["orders"] * closed["accepting"]).any()
    assert not (seen.flows["shipments"] * closed["available"]).any()
    assert not (seen.flows["receipts"] * (closed["moving"] | closed["receiving"])).any()


def nothing_outlives_its_shelf_life(seen: Record) -> None:
    """What is on the shelf after a period came in during the last ones, of which there are one fewer than its life."""
    came = at_sites(seen.flows["receipts"], seen.network.topology.destination, len(seen.network.sites)) + seen.flows["returned"]
    for number, name in enumerate(seen.network.sites):
        life = seen.network.scenario.sites[name].shelf_life
        for period in range(*(0, 0) if life is None else (life - 1, len(came))):
            since = 0 if life is None else period - life + 2
            never_above(seen.after["on_hand"][period, number], came[since : period + 1, number].sum(axis=0))


def nobody_gets_more_than_was_ordered(seen: Record) -> None:
    known = seen.before["open_orders"] + seen.flows["known"]
    never_above(seen.flows["shipments"], known)
    unfilled = known - seen.flows["shipments"]
    kept = np.array([lane.unfilled == "kept" for lane in seen.lanes])[:, None, None]
    goes_on = np.array([lane.reroute for lane in seen.lanes])[:, None, None]
    stays = unfilled * kept * ~goes_on
    lapses = np.array([lane.expires is not None for lane in seen.lanes])
    never_above(stays[:, ~lapses], seen.after["open_orders"][:, ~lapses])
    if lapses.any():
        return
    to, sites = seen.network.topology.destination, len(seen.network.sites)
    close(at_sites(seen.after["open_orders"], to, sites), at_sites(stays + unfilled * goes_on, to, sites))
    if not goes_on.any():
        close(seen.after["open_orders"], stays)


def nothing_is_open_for_longer_than_it_may(seen: Record) -> None:
    """What is open after a period was heard of in the last ones, of which there are one fewer than it may be shipped in."""
    known, passed_on = seen.flows["known"], any(lane.reroute for lane in seen.lanes)
    for number, lane in enumerate(seen.lanes):
        for period in range(0 if lane.expires is None or passed_on else len(known)):
            since = max(0, period - (lane.expires or 0) + 2)
            never_above(seen.after["open_orders"][period, number], known[since : period + 1, number].sum(axis=0))


def orders_stay_on_order_until_they_arrive(seen: Record) -> None:
    dropped = seen.before["open_orders"] + seen.flows["known"] - seen.flows["shipments"] - seen.after["open_orders"]
    before, after = (
        books["on_order"] - joined(seen.network, books["pending"] + books["missing"]) for books in (seen.before, seen.after)
    )
    stays = seen.flows["orders"] - dropped - seen.flows["wasted"] - seen.flows["lost"]
    close(after, before + joined(seen.network, stays) - seen.flows["receipts"] - seen.flows["turned_away"])


def orders_are_lost_whole_or_not_at_all(seen: Record) -> None:
    for number, lane in enumerate(seen.lanes):
        lost, orders = (seen.flows[name][:, number] if seen.flows[name].any() else 0.0 for name in ("lost", "orders"))
        assert np.all((lost == 0.0) | (lost == orders))
        assert lane.lost_orders or not np.any(lost)


def sized(seen: Record, key: str, amounts: Floats) -> Floats:
    """Amounts (T, …, K, B) by what a unit of each product counts, all together (T, …, B)."""
    given = getattr(seen.network.scenario, key)
    counts = [given[product] if isinstance(given, dict) else given for product in seen.network.products]
    found: Floats = np.einsum("...kb,k->...b", amounts, counts)
    return found


def no_hard_store_holds_more_than_fits(seen: Record) -> None:
    """Neither at a period's end nor before its customers come; and nothing waits at its door while there is room."""
    sites = len(seen.network.sites)
    shipped = drawn(seen.network, seen.flows["shipments"])
    received = at_sites(seen.flows["receipts"], seen.network.topology.destination, sites)
    fullest = sized(seen, "volume", seen.before["on_hand"] - shipped + received)
    held = sized(seen, "volume", seen.after["on_hand"])
    closed = (seen.usual["moving"] * seen.usual["receiving"])[:, :, 0] == 0
    for number, name in enumerate(seen.network.sites):
        site = seen.network.scenario.sites[name]
        into = np.flatnonzero(seen.network.topology.destination == number)
        waits = np.where(closed[:, into], 0.0, sized(seen, "volume", seen.after["door"][:, into])).sum(axis=1)
        if site.storage_hard and site.storage is not None:
            never_above(held[:, number], site.storage)
            never_above(fullest[:, number], site.storage)
            assert (np.minimum(waits, site.storage - fullest[:, number]) <= 1e-8).all()
            turned = sized(seen, "volume", seen.flows["turned_away"] + 0.0 * seen.flows["receipts"])[:, into].sum(axis=1)
            assert (np.minimum(turned, site.storage - fullest[:, number]) <= 1e-8).all()
            assert site.storage_full == "charged" or not turned.any()
        else:
            assert not waits.any()


def capacities_hold(seen: Record) -> None:
    scenario, loads = seen.network.scenario, sized(seen, "volume", seen.flows["shipments"])
    heavy = sized(seen, "weight", seen.flows["shipments"])
    for number, lane in enumerate(seen.lanes):
        never_above(loads[:, number], (lane.capacity or 1e30) * seen.usual["available"][:, number, 0])
        never_above(heavy[:, number], (lane.capacity_weight or 1e30) * seen.usual["available"][:, number, 0])
    for number, (name, _) in enumerate(zip(seen.network.limits.limited, seen.network.limits.shared_limits, strict=False)):
        place: Any = {**scenario.sites, **scenario.suppliers}[name]
        most = (
            place.throughput + (place.overtime.extra if place.overtime else 0.0) if name in scenario.sites else place.capacity
        )
        out = [row for row, lane in enumerate(seen.lanes) if lane.source == name and not lane.makes]
        never_above(loads[:, out].sum(axis=1), most * seen.usual["limits"][:, number, 0])


def no_lane_uses_more_vehicles_than_it_has(seen: Record) -> None:
    """Those that left in the last periods, as many as a round trip has, are all different ones."""
    loads = sized(seen, "volume", seen.flows["shipments"])
    for number, lane in enumerate(seen.lanes):
        if lane.vehicles is not None:
            used = np.ceil(loads[:, number] / lane.vehicles.capacity - 1e-6)
            for period in range(len(used)):
                since = max(0, period + 1 - lane.vehicles.round_trip)
                assert (used[since : period + 1].sum(axis=0) <= lane.vehicles.number).all()


def every_limit_is_known(seen: Record) -> None:
    places: dict[str, Any] = {**seen.network.scenario.sites, **seen.network.scenario.suppliers}
    sources = {lane.source for lane in seen.lanes if not lane.makes}
    machines = {f"{name}/{machine}" for name, site in seen.network.scenario.sites.items() for machine in site.machines}
    limited = {name for name, place in places.items() if getattr(place, "throughput", None) or getattr(place, "capacity", None)}
    assert set(seen.network.limits.limited) == limited & sources | machines


def orders_are_lots_of_what_the_lane_carries(seen: Record) -> None:
    products = seen.network.products
    free = [(number, lane) for number, lane in enumerate(seen.lanes) if lane.contract is None]
    for number, lane in free:
        for k, product in enumerate(products):
            orders = seen.flows["orders"][:, number, k]
            placed = orders[orders > 0]
            least, step = (v[product] if isinstance(v, dict) else v for v in (lane.minimum, lane.multiple))
            assert placed.size == 0 or product in (lane.products or products)
            never_above(least, placed)
            if step:
                close(placed / step, np.round(placed / step))


def packs_leave_whole(seen: Record) -> None:
    """But for a millionth of one, which may be missing or too much."""
    for number, lane in enumerate(seen.lanes):
        for k, product in enumerate(seen.network.products):
            if pack := lane.multiple[product] if isinstance(lane.multiple, dict) else lane.multiple:
                packs = seen.flows["shipments"][:, number, k] / pack
                never_above(np.abs(packs - np.round(packs)), 1e-6)


def what_makes_a_pack_for_somebody_leaves(seen: Record) -> None:
    """Where nothing but stock is short, no source keeps a pack that one of its lanes still wants."""
    for number, lane in enumerate(seen.lanes):
        free = lane.capacity is None and lane.capacity_weight is None and lane.vehicles is None
        if seen.network.topology.source[number] >= 0 and free and lane.source not in seen.network.limits.limited:
            site = seen.network.sites.index(lane.source)
            left = seen.before["on_hand"][:, site] - drawn(seen.network, seen.flows["shipments"])[:, site]
            wanted = seen.before["open_orders"][:, number] + seen.flows["known"][:, number] - seen.flows["shipments"][:, number]
            for k, product in enumerate(seen.network.products):
                pack, kept = (v[product] if isinstance(v, dict) else v for v in (lane.multiple, lane.reserve))
                if pack and not kept:
                    open_ = seen.usual["available"][:, number, 0] > 0
                    never_above(np.minimum(left[:, k], wanted[:, k]) * open_, pack)


def orders_are_large_enough_on_the_whole(seen: Record) -> None:
    for number, lane in enumerate(seen.lanes):
        cost = np.array([price[p] if isinstance(price := lane.unit_cost, dict) else price for p in seen.network.products])
        for least, unit in ((lane.minimum_order, np.ones_like(cost)), (lane.minimum_value, cost)):
            size = np.einsum("tkb,k->tb", seen.flows["orders"][:, number], unit)
            if lane.contract is None:
                never_above(least, size[size > 1e-9])


def earlier_orders_are_shipped_first(seen: Record) -> None:
    """Where a source serves by turn, nobody has anything of a new order while others wait for an old one."""
    for name in [name for name, site in seen.network.scenario.sites.items() if site.rationing == "first_come"]:
        rows = [row for row, lane in enumerate(seen.lanes) if lane.source == name]
        own = [seen.lanes[row] for row in rows]  # what makes no pack for an older order may go to a younger one
        free = all(
            not (lane.reserve or lane.multiple or lane.capacity or lane.capacity_weight or lane.vehicles) for lane in own
        )
        making = any(lane.makes for lane in own)  # of several parts, the scarcest decides
        if len(rows) > 1 and free and not making and name not in seen.network.limits.limited:
            old, shipped = seen.before["open_orders"][:, rows], seen.flows["shipments"][:, rows]
            open_ = seen.usual["available"][:, rows] > 0
            waits, new = (np.maximum(old - shipped, 0.0) * open_).sum(axis=1), np.maximum(shipped - old, 0.0).sum(axis=1)
            assert (np.minimum(waits, new) <= 1e-8).all()


def what_is_owed_is_served_or_stays(seen: Record) -> None:
    network, flows = seen.network, seen.flows
    owed = seen.before["backlog"] + flows["demand"]
    close(flows["unmet"], owed - flows["served"])
    waits = np.ones(1) if network.fulfilment.backlogged is None else network.fulfilment.backlogged
    close(seen.after["backlog"], flows["unmet"] * waits)


def nobody_goes_away_from_a_full_shelf(seen: Record) -> None:
    """Neither from their own, beyond what is reserved for others, nor from that where they go then."""
    shelf, reserve = seen.after["on_hand"] + seen.flows["scrapped"], seen.network.fulfilment.customer_reserve
    above = np.maximum(shelf[:, seen.network.topology.customer_site] - (0.0 if reserve is None else reserve), 0.0)
    assert (np.minimum(seen.flows["unmet"], above) <= 1e-8).all()
    going = second_choice(seen)
    assert (np.minimum(seen.flows["unmet"][:, going >= 0], shelf[:, going[going >= 0]]) <= 1e-8).all()


def what_sites_pay_is_what_the_network_pays(seen: Record) -> None:
    close(seen.by_site.sum(axis=1), seen.cost)
    close(sum(seen.costs.values()), seen.by_site)
    for name in ("transfer", "shared_shortage", "subsidy", "buy_back", "shared_revenue"):
        close(seen.costs.get(name, np.zeros((1, 1))).sum(axis=1), 0.0)


LAWS = (
    nothing_is_negative,
    units_are_neither_made_nor_lost,
    every_site_and_lane_keeps_its_books,
    no_source_ships_what_it_does_not_have,
    lanes_leave_what_is_reserved,
    nothing_moves_where_it_is_paused,
    nothing_outlives_its_shelf_life,
    nobody_gets_more_than_was_ordered,
    nothing_is_open_for_longer_than_it_may,
    orders_stay_on_order_until_they_arrive,
    orders_are_lost_whole_or_not_at_all,
    no_hard_store_holds_more_than_fits,
    capacities_hold,
    no_lane_uses_more_vehicles_than_it_has,
    every_limit_is_known,
    orders_are_lots_of_what_the_lane_carries,
    packs_leave_whole,
    what_makes_a_pack_for_somebody_leaves,
    orders_are_large_enough_on_the_whole,
    earlier_orders_are_shipped_first,
    what_is_owed_is_served_or_stays,
    nobody_goes_away_from_a_full_shelf,
    what_sites_pay_is_what_the_network_pays,
    *MAKING_LAWS,
)


def obeys_every_law(case: Case, autonomy: Autonomy = SILO) -> None:
    seen = recorded(case, autonomy)
    for law in LAWS:
        law(seen)


@settings(max_examples=some(100))
@given(cases(forms=("level",)))
def test_no_network_with_levels_breaks_a_law(case: Case) -> None:
    obeys_every_law(case)


@settings(max_examples=some(100))
@given(cases(forms=("quantity",)))
def test_no_network_with_quantities_breaks_a_law(case: Case) -> None:
    obeys_every_law(case)


@settings(max_examples=some(100))
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


@settings(max_examples=some(80))
@given(cases(forms=("level",)), AUTONOMY)
def test_no_level_of_autonomy_breaks_a_law(case: Case, autonomy: Autonomy) -> None:
    obeys_every_law(case, autonomy)


@settings(max_examples=some(80))
@given(cases(without=("lane capacities", "weights", "throughput", "vehicles", "pauses", "capacity cuts", "reserves")))
def test_no_source_holds_back_what_was_ordered(case: Case) -> None:
    seen = recorded(case)
    stock = seen.before["on_hand"]
    asked = at_sites(seen.before["open_orders"] + seen.flows["known"], seen.network.topology.source, len(seen.network.sites))
    shipped, most = (
        at_sites(seen.flows["shipments"], seen.network.topology.source, len(seen.network.sites)),
        np.minimum(asked, stock),
    )
    packed = {lane.source for lane in seen.lanes if lane.multiple or lane.makes}
    loose = [name not in packed for name in seen.network.sites]
    close(shipped[:, loose], most[:, loose])
    never_above(shipped, most)
