"""Who may know what: what a seat may not see leaves its observation as it was, to the bit, and what it may see changes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from orderup.envs.autonomy.autonomy import PLANNER, VISIBILITIES, Autonomy
from orderup.envs.foundation.errors import InputError, UnknownName
from orderup.envs.information.fields import FIELDS
from orderup.envs.information.information import Information, inventory_level, on_order
from orderup.envs.information.observation import Observer
from orderup.envs.information.policy import Decision
from orderup.envs.information.snapshot import Snapshot
from orderup.envs.network.network import Network
from orderup.envs.physics.state import Flows, State
from orderup.envs.simulator import Simulator

from ...examples import some
from ..by_hand import SILO, scenario
from ..looking import hearing, sees_demand, sees_sales
from ..networks import Case, cases, decision_maker, level_of

Floats = NDArray[np.float64]


def running(case: Case, autonomy: Autonomy, periods: int = 3) -> Simulator:
    """A simulator some periods after the start."""
    simulator = Simulator(case.scenario, autonomy, batch=2)
    simulator.reset(seed=case.seed)
    decide = decision_maker(simulator.numpy_network, 2, case.form, case.seed)
    for _ in range(periods):
        simulator.step(decide())
    return simulator


def raised(array: Floats, row: int) -> Floats:
    changed = array.copy()
    changed[row] += 1.0
    return changed


def changes(network: Network, state: State, flows: Flows) -> Iterator[tuple[str, set[int], State, Flows]]:
    """Every single number that could be otherwise: what it is, whose records it stands in (sites), and the world with it."""
    for site in range(len(network.sites)):
        yield "on_hand", {site}, state._replace(on_hand=raised(state.on_hand, site)), flows
    for row, site in enumerate(network.topology.customer_site.tolist()):
        yield "backlog", {site}, state._replace(backlog=raised(state.backlog, row)), flows
        yield "demand", {site} if sees_demand(network, row) else set(), state, flows._replace(demand=raised(flows.demand, row))
        if sees_sales(network, row):  # of others what they got may tell whether there was something left
            yield "sales", {site}, state, flows._replace(served=raised(flows.served, row))
    for lane, (source, destination) in enumerate(
        zip(network.topology.source.tolist(), network.topology.destination.tolist(), strict=True)
    ):
        open_orders, on_order = raised(state.open_orders, lane), raised(state.on_order, lane)
        both = {destination, source} - {-1}
        yield "open order", both, state._replace(open_orders=open_orders, on_order=on_order), flows
        yield "placed order", {destination}, state, flows._replace(orders=raised(flows.orders, lane))
        yield "received order", hearing(network, lane), state, flows._replace(known=raised(flows.known, lane))
    yield from under_way(network, state, flows)
    for number, (pipeline, load) in enumerate(zip(network.ordering.order_pipelines, state.sent, strict=True)):
        for row, lane in enumerate(np.arange(len(network.lanes))[pipeline.lanes].tolist()):
            for entry in range(len(load)):
                parts = (*load[:entry], raised(load[entry], row), *load[entry + 1 :])
                sent = (*state.sent[:number], parts, *state.sent[number + 1 :])
                yield "unknown order", {int(network.topology.destination[lane])}, state._replace(sent=sent), flows


def under_way(network: Network, state: State, flows: Flows) -> Iterator[tuple[str, set[int], State, Flows]]:
    for number, (pipeline, load) in enumerate(zip(network.ordering.shipment_pipelines, state.shipped, strict=True)):
        for row, lane in enumerate(np.arange(len(network.lanes))[pipeline.lanes].tolist()):
            for entry in range(0, len(load), 2 if pipeline.random else 1):
                parts = (*load[:entry], raised(load[entry], row), *load[entry + 1 :])
                shipped = (*state.shipped[:number], parts, *state.shipped[number + 1 :])
                yield "shipment", {int(network.topology.destination[lane])}, state._replace(shipped=shipped), flows


def hidden(network: Network, state: State, flows: Flows) -> Iterator[tuple[str, set[int], State, Flows]]:
    """What nobody is told: what comes of it is told in the next period."""
    for name in ("shipments", "receipts"):
        for lane in range(len(network.lanes)):
            changed: dict[str, Any] = {name: raised(getattr(flows, name), lane)}
            yield name, set(), state, flows._replace(**changed)
    for number, (pipeline, load) in enumerate(zip(network.ordering.shipment_pipelines, state.shipped, strict=True)):
        for entry in range(1, len(load) if pipeline.random else 0, 2):
            parts = (*load[:entry], load[entry] + 1, *load[entry + 1 :])
            yield (
                "due date",
                set(),
                state._replace(shipped=(*state.shipped[:number], parts, *state.shipped[number + 1 :])),
                flows,
            )


def in_sight(network: Network, visibility: str, site: int) -> set[int]:
    """The sites whose records the seat of a site may see."""
    if visibility in ("shared", "integrated"):
        return set(range(len(network.sites)))
    links = list(zip(network.topology.source.tolist(), network.topology.destination.tolist(), strict=True))
    near = {s for s, d in links if d == site and s >= 0} | {d for s, d in links if s == site}
    return {site} | (near if visibility == "neighbours" else set())


@settings(max_examples=some(80))
@given(cases(), st.sampled_from(VISIBILITIES), st.sampled_from(["autonomous", "central"]))
def test_an_observation_shows_what_its_seat_may_see_and_nothing_else(case: Case, visibility: Any, authority: Any) -> None:
    simulator = running(case, level_of(visibility, authority))
    network, now = simulator.numpy_network, simulator.now
    assert now.flows is not None
    observer = Observer(network, simulator.autonomy, simulator.seats).compile(simulator.backend, now)
    before = observer.observe(now)
    for what, owners, state, flows in (*changes(network, now.state, now.flows), *hidden(network, now.state, now.flows)):
        after = observer.observe(Snapshot(network, now.period, state, flows, outlook=now.outlook))
        for number, seat in enumerate(simulator.seats):
            everywhere = set(range(len(network.sites)))
            visible = everywhere if seat == PLANNER else in_sight(network, visibility, network.sites.index(seat))
            changed = before[number].tobytes() != after[number].tobytes()
            assert changed == bool(owners & visible), f"{what} of {[network.sites[n] for n in owners]}, seen by {seat}"


@settings(max_examples=some(80))
@given(cases(), st.sampled_from(VISIBILITIES), st.sampled_from(["autonomous", "central"]))
def test_every_number_is_what_the_table_says(case: Case, visibility: Any, authority: Any) -> None:
    simulator = running(case, level_of(visibility, authority))
    network, now = simulator.numpy_network, simulator.now
    observer = Observer(network, simulator.autonomy, simulator.seats)
    seen = observer.compile(simulator.backend, now).observe(now)
    read = {name: np.broadcast_to(field.read(now), (*field.read(now).shape[:3], 2)) for name, field in FIELDS.items()}
    for number, seat in enumerate(simulator.seats):
        table = observer.table(seat)
        assert [entry.position for entry in table] == list(range(seen.shape[1]))
        for entry in table:
            expected = np.zeros(2)
            if entry.whose != "nobody":
                width = FIELDS[entry.field].labels(network).index(entry.label)
                place = network.sites.index(entry.whose), width, network.products.index(entry.product)
                expected = read[entry.field][place] / entry.scale
            np.testing.assert_allclose(seen[number, entry.position], expected, rtol=1e-12)


def chain(**inner: Any) -> Simulator:
    """A plant, a warehouse and a store in a line, and a store of its own beside it."""
    sites: dict[str, Any] = {name: {"initial": 9} for name in ("plant_1", "warehouse_1", "store_1", "store_2")}
    lanes = [
        {"from": "supplier_far", "to": "plant_1", "lead_time": 1},
        {"from": "plant_1", "to": "warehouse_1", "lead_time": 1},
        {"from": "warehouse_1", "to": "store_1", "lead_time": 1, **inner},
        {"from": "supplier", "to": "store_2", "lead_time": 1},
    ]
    given = scenario(sites, lanes, [{"site": "store_1"}, {"site": "store_2"}], suppliers={"supplier_far": {"capacity": 40}})
    simulator = Simulator(given, SILO)
    simulator.reset(seed=0)
    return simulator


def whose(visibility: str, seat: str) -> list[str]:
    autonomy = level_of(visibility)
    network = chain().numpy_network
    return list(dict.fromkeys(entry.whose for entry in Observer(network, autonomy, network.sites).table(seat)))


def test_a_seat_sees_its_own_books_first() -> None:
    assert whose("silo", "warehouse_1") == ["warehouse_1"]
    assert whose("neighbours", "warehouse_1") == ["warehouse_1", "plant_1", "store_1"]
    assert whose("neighbours", "store_2") == ["store_2", "nobody"]
    assert whose("shared", "warehouse_1")[0] == "warehouse_1"
    assert set(whose("shared", "warehouse_1")) == {"plant_1", "warehouse_1", "store_1", "store_2"}


def seen(simulator: Simulator, visibility: Any, seats: tuple[str, ...]) -> Information:
    """What seats of a plain level know now."""
    authority = "central" if seats == (PLANNER,) else "autonomous"
    level = Autonomy(name="test", visibility=visibility, authority=authority)
    return Information(simulator.now, simulator.now, level, seats)


def test_only_where_suppliers_are_integrated_their_capacity_is_seen() -> None:
    network = chain().numpy_network
    for visibility in VISIBILITIES:
        table = Observer(network, level_of(visibility), network.sites).table("plant_1")
        assert any(entry.field == "supplier_capacity" for entry in table) == (visibility == "integrated")
    information = seen(chain(), "integrated", network.sites)
    capacity = dict(zip(network.sites, information.own("supplier_capacity")[0, :, 0].tolist(), strict=True))
    assert capacity == {"plant_1": 40, "warehouse_1": 0, "store_1": 0, "store_2": 0}


def test_a_source_does_not_hear_of_an_order_before_its_delay_is_over() -> None:
    def observations(quantity: float) -> list[bytes]:
        simulator, seen = chain(order_delay=2), []
        observer = Observer(simulator.numpy_network, simulator.autonomy, simulator.seats).compile(
            simulator.backend, simulator.now
        )
        seat = simulator.seats.index("warehouse_1")
        for amount in (quantity, 0.0, 0.0):
            wanted = np.zeros((1, len(simulator.numpy_network.lanes), 1))
            wanted[:, simulator.numpy_network.lanes.index("warehouse_1->store_1")] = amount
            simulator.step(Decision(quantity=wanted))
            seen.append(observer.observe(simulator.now)[seat].tobytes())
        return seen

    few, many = observations(3), observations(30)
    assert few[:2] == many[:2]
    assert few[2] != many[2]


@pytest.mark.parametrize("visibility", ["silo", "neighbours"])
def test_below_shared_nobody_but_a_planner_may_ask_for_all_sites(visibility: Any) -> None:
    simulator = chain()
    with pytest.raises(InputError, match=f"visibility {visibility}.*accepted: shared or integrated"):
        seen(simulator, visibility, simulator.seats).everywhere("on_hand")
    assert seen(simulator, visibility, (PLANNER,)).everywhere("on_hand").shape == (1, 4, 1)


def test_a_field_that_the_level_does_not_give_is_refused_by_its_name() -> None:
    simulator = chain()
    planner = seen(simulator, "shared", (PLANNER,))
    for read in (simulator.information.own, planner.everywhere):
        with pytest.raises(InputError, match=r"information\.supplier_capacity.*accepted: integrated"):
            read("supplier_capacity")
        with pytest.raises(UnknownName, match="did you mean 'backlog'"):
            read("backlogs")


def test_information_cannot_be_written_to() -> None:
    simulator = chain()
    for name in FIELDS:
        if FIELDS[name].visibility == "silo" and FIELDS[name].applies(simulator.autonomy, False):
            with pytest.raises(ValueError, match="read-only"):
                simulator.information.own(name)[...] = 7.0


def test_every_field_has_its_shape_and_the_books_add_up() -> None:
    simulator = chain(order_delay=1)
    for _ in range(3):
        simulator.step(Decision(level=20.0))
    network, information = simulator.numpy_network, seen(simulator, "integrated", (PLANNER,))
    for name, field in FIELDS.items():
        if not field.applies(information.autonomy, True):
            continue
        width = len(field.labels(network))
        assert information.own(name).shape == ((1, 4, 1) if width == 1 else (1, 4, width, 1))
        assert information.own(name, summed=True).shape == (1, 4, 1)
    state = simulator.now.state
    np.testing.assert_array_equal(on_order(information)[0], network.topology.inbound.total(state.on_order)[..., 0])
    owed = network.topology.outbound.total(state.open_orders) + network.topology.buyers.total(state.backlog)
    np.testing.assert_array_equal(inventory_level(information)[0], (state.on_hand - owed)[..., 0])
