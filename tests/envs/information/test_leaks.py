"""Nobody sees what his level hides: on every scenario, at every preset, to the bit.

The present, a past as old as the feed and the time between are changed, one number at a time, and every seat's observation is
looked at again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from orderup.envs.autonomy.autonomy import PLANNER
from orderup.envs.catalogue import list_autonomy
from orderup.envs.flows.pipelines import Load
from orderup.envs.information.fields import FIELDS
from orderup.envs.information.observation import Observer
from orderup.envs.information.policy import Decision, Decisions
from orderup.envs.information.snapshot import Snapshot
from orderup.envs.network.network import Network
from orderup.envs.seating import Seating, UsualLevel
from orderup.envs.simulator import Simulator

from ...covering import covered
from ..levels_of_autonomy import level
from ..looking import hearing, in_sight, own, past_of, ready, rewrite, running, seen, sees_demand, sees_sales

pytestmark = pytest.mark.usefixtures("recorded_twin")

Floats = NDArray[np.float64]
Change = tuple[str, set[int], Snapshot]
SHARED_OUT = {"type": "central_stale", "share": 1}
"""One site on its own beside a late centre."""
at_every_level = covered("preset", [*list_autonomy(), SHARED_OUT])
LATE: dict[str, Any] = {
    "central_stale": "central_stale",
    "hybrid_soe": "hybrid_soe",
    "target": level("target", feed_latency=2),
    "band": level("band", band=2.0, feed_latency=3),
    "central, shared out": SHARED_OUT,
    "target, shared out": level("target", feed_latency=2, share=1),
}
"""Centres that hear late."""


def raised(array: Floats, row: int) -> Floats:
    changed = array.copy()
    changed[row] += np.ones(1, dtype=array.dtype)
    return changed


def changes(network: Network, now: Snapshot) -> Iterator[Change]:
    """Every number that could be otherwise, whose records it stands in (sites), and the snapshot with it."""
    state, flows = now.state, now.flows
    assert flows is not None
    ends = list(zip(network.topology.source.tolist(), network.topology.destination.tolist(), strict=True))

    def of_state(name: str, row: int, owners: set[int]) -> Change:
        other: dict[str, Any] = {name: raised(getattr(state, name), row)}
        changed = state._replace(**other)
        return name, owners - {-1}, replace(now, state=changed)

    def of_flows(name: str, row: int, owners: set[int]) -> Change:
        other: dict[str, Any] = {name: raised(getattr(flows, name), row)}
        changed = flows._replace(**other)
        return name, owners - {-1}, replace(now, flows=changed)

    for site in range(len(network.sites)):
        yield of_state("on_hand", site, {site})
    for row, site in enumerate(network.topology.customer_site.tolist()):
        yield of_state("backlog", row, {site})
        yield of_flows("demand", row, {site} if sees_demand(network, row) else set())
        yield of_flows("served", row, {site} if sees_sales(network, row) else set())
        yield of_flows("unmet", row, set())
    for lane, (source, destination) in enumerate(ends):
        yield of_state("open_orders", lane, {source, destination})
        if state.door is not None:
            yield of_state("door", lane, {destination})
        yield from (of_state(name, lane, set()) for name in ("in_transit", "on_order"))
        yield of_flows("orders", lane, {destination})
        yield of_flows("known", lane, hearing(network, lane))
        yield from (of_flows(name, lane, set()) for name in ("shipments", "receipts"))
        for number, waiting in enumerate(state.pending):
            changed = (*state.pending[:number], raised(waiting, lane), *state.pending[number + 1 :])
            yield "pending", {destination}, replace(now, state=state._replace(pending=changed))
        if now.target is not None:
            yield "target", {destination}, replace(now, target=raised(now.target, lane))
    for name, pipelines in (("shipped", network.ordering.shipment_pipelines), ("sent", network.ordering.order_pipelines)):
        yield from loads(network, now, name, pipelines)
    yield from of_mechanisms(network, now)


def of_mechanisms(network: Network, now: Snapshot) -> Iterator[Change]:
    """What is remembered where stock perishes, of vehicles, and of orders that are lost."""
    vehicles, into = network.limits.vehicles, network.topology.destination.tolist()
    driven = [] if vehicles is None else np.array(into)[vehicles.lanes].tolist()
    for name, owners in (("fresh", range(len(network.sites))), ("missing", into), ("away", driven)):
        parts: Load = getattr(now.state, name)
        for number, before in enumerate(parts):
            for row, owner in enumerate(owners):
                other: dict[str, Any] = {name: (*parts[:number], raised(before, row), *parts[number + 1 :])}
                yield name, {owner}, replace(now, state=now.state._replace(**other))


def loads(network: Network, now: Snapshot, name: str, pipelines: Any) -> Iterator[Change]:
    """What is under way in pipelines; when it is due on a random one is nobody's to know."""
    before: tuple[Load, ...] = getattr(now.state, name)
    for number, (pipeline, load) in enumerate(zip(pipelines, before, strict=True)):
        for row, lane in enumerate(np.arange(len(network.lanes))[pipeline.lanes].tolist()):
            for entry, values in enumerate(load):
                parts = (*load[:entry], raised(values, row), *load[entry + 1 :])
                state = now.state._replace(**{name: (*before[:number], parts, *before[number + 1 :])})
                due = pipeline.random and entry % 2 == 1
                yield name, set() if due else {int(network.topology.destination[lane])}, replace(now, state=state)


def has_target(simulator: Simulator) -> bool:
    return simulator.autonomy.acts.sites_may_differ


@at_every_level
def test_every_seat_sees_its_own_now_others_when_the_feed_has_them_and_nothing_else(scenario: str, preset: Any) -> None:
    simulator = running(scenario, preset)
    latency = simulator.autonomy.feed_latency
    observers, compiled_anew = ready(simulator), set[tuple[str, int]]()
    before, past = seen(simulator), past_of(simulator)
    assert len(past) == latency + 1
    assert past[-1] is simulator.now
    for age in range(latency + 1):
        snapshot = past[-1 - age]
        for what, owners, changed in changes(simulator.numpy_network, snapshot):
            if what == "target" and not has_target(simulator):
                continue
            rewrite(simulator, age, changed, past[-1])
            after = seen(simulator, observers)
            if (
                what,
                age,
            ) not in compiled_anew:  # when an observer reads parameters, and nothing else
                compiled_anew.add((what, age))
                assert seen(simulator) == after, what
            for seat, shown in after.items():
                others = in_sight(simulator, seat) - own(simulator, seat)
                visible = (own(simulator, seat) if age == 0 else set()) | (others if age == latency else set())
                assert (shown != before[seat]) == bool(owners & visible), f"{what}, {age} old, of {owners}, seen by {seat}"
        rewrite(simulator, age, snapshot, past[-1])
    assert seen(simulator) == before


@covered("late", [*LATE])
def test_a_centre_hears_nothing_of_what_happened_since_but_its_own_orders(scenario: str, late: str) -> None:
    """Where it orders itself these follow from old records; where sites do, their orders would tell it of the demand."""
    simulator = running(scenario, LATE[late], periods=0)
    if PLANNER not in simulator.seats:
        pytest.skip("its one site decides everything")
    trace, latency = simulator.trace, simulator.autonomy.feed_latency
    assert trace is not None
    shown, ordered = {}, {}
    for share in (1.0, 0.0):  # no more than there is: what was not sold may not be seen
        for periods in (6, 7):
            demand = trace.demand.copy()
            demand[6 - latency] *= share
            again = Seating(simulator, dict.fromkeys(simulator.seats, UsualLevel()))
            again.reset(seed=3)
            simulator.replay(replace(trace, demand=demand))
            for _ in range(periods):
                simulator.advance(again.decisions())
            shown[share, periods] = seen(simulator)[PLANNER]
        assert simulator.now.flows is not None
        ordered[share] = np.where(simulator.within[..., None], 0.0, simulator.now.flows.orders)
    assert shown[1.0, 6] == shown[0.0, 6]
    assert shown[1.0, 7] != shown[0.0, 7]
    if simulator.autonomy.acts.places_orders:
        assert np.array_equal(ordered[1.0], ordered[0.0])


def numbers(simulator: Simulator, seat: str, field: str, whose: str | None = None) -> Floats:
    """The numbers of a field in a seat's observation, in units (B, …)."""
    information = simulator.information_of("planner" if seat == PLANNER else "sites")
    observer = Observer(simulator.numpy_network, simulator.autonomy, information.seats)
    shown = information.observations(information.compiled(observer, simulator.backend))
    rows = [e for e in observer.table(seat) if e.field == field and whose in (None, e.whose)]
    found: Floats = np.stack([shown[:, information.seats.index(seat), e.position] * e.scale for e in rows], axis=-1)
    return found


def test_noise_touches_what_one_does_not_own_and_what_is_counted() -> None:
    clear, noisy = running("owmr", level()), running("owmr", level(feed_noise=0.3))
    for name, field in FIELDS.items():
        if not (field.applies(clear.autonomy, False) and field.visibility == "silo" and field.labels(clear.numpy_network)):
            continue
        for whose in ("store_1", "store_2"):
            shown, plain = (numbers(simulator, "store_1", name, whose) for simulator in (noisy, clear))
            blurred = field.noisy and whose != "store_1" and bool(plain.any())
            assert np.array_equal(shown, plain) != blurred, (name, whose)
            assert (np.abs(shown - plain) <= 0.3 * np.abs(plain) + 1e-9).all()


def test_the_age_of_what_one_sees_is_a_field() -> None:
    for periods, age in ((0, 0), (1, 1), (2, 2), (3, 2), (6, 2)):
        late = running("owmr", level("band", band=1.0, feed_latency=2), periods)
        assert (numbers(late, PLANNER, "age") == age).all()
        assert (numbers(late, "store_1", "age", "store_1") == 0).all()
        assert (numbers(late, "store_1", "age", "store_2") == age).all()
        assert late.information_of("planner").age == age
        assert late.information_of("planner").period == periods


def test_a_centre_knows_what_it_ordered_since() -> None:
    late = Simulator("newsvendor", level("central", feed_latency=2), horizon=9)
    late.reset(seed=0)
    expected = [0, 3, 7, 9, 11]
    for period, quantity in enumerate((3, 4, 5, 6, 7)):
        assert numbers(late, PLANNER, "ordered_since").item() == pytest.approx(expected[period])
        late.advance(Decisions(planner=Decision(quantity=np.full(1, float(quantity)))))
