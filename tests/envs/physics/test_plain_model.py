"""The core against the same rules in plain Python, on random networks."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings

from orderup.envs.flows.packs import handed_out
from orderup.envs.information.policy import Decision
from orderup.envs.numerics.arrays import Floats
from orderup.envs.simulator import Ledger, Simulator

from ...examples import some
from ..networks import Case, cases, simulator_of
from ..plain_model import Period, PlainModel, Request
from ..plain_queue import Amounts, World
from ..plain_shares import hand_out


def plain_model_of(simulator: Simulator, row: int) -> PlainModel:
    network, on_hand = simulator.numpy_network, simulator.now.state.on_hand
    initial = {name: on_hand[n, :, row].tolist() for n, name in enumerate(network.sites)}
    weight = {name: network.loads.mean[n, :, 0].tolist() for n, name in enumerate(network.sites)}
    return PlainModel(simulator.scenario, initial, weight, network.lanes, network.customers)


def requests_of(decision: Decision, lanes: tuple[str, ...], row: int) -> dict[str, Request]:
    kinds = ["level" if decision.quantity is None else "quantity"] * len(lanes)
    if decision.by_quantity is not None:
        kinds = ["quantity" if by_quantity else "level" for by_quantity in decision.by_quantity]
    return {
        label: (kind, getattr(decision, kind)[row, n].tolist())
        for n, (label, kind) in enumerate(zip(lanes, kinds, strict=True))
    }


def world_of(simulator: Simulator, row: int) -> World:
    network, trace, t = simulator.numpy_network, simulator.trace, simulator.now.period
    assert trace is not None
    demand = {name: trace.demand[t, c, :, row].tolist() for c, name in enumerate(network.customers)}
    drawn = [label for label, random in zip(network.lanes, network.times.is_random, strict=True) if random]
    times = {} if trace.lead_time is None else {label: int(trace.lead_time[t, r, 0, row]) for r, label in enumerate(drawn)}
    return World(demand, times, unusual(simulator, row))


def unusual(simulator: Simulator, row: int) -> dict[str, dict[str, float]]:
    """What the trace says about the period's conditions, by channel and place."""
    network, trace = simulator.numpy_network, simulator.trace
    assert trace is not None
    found: dict[str, dict[str, float]] = {}
    for channel, values in trace.conditions._asdict().items():
        if values is None:
            continue
        names: Any = network.limits.limited if channel == "limits" else network.lanes
        if channel == "returning":
            names = [str(number) for number in range(len(simulator.scenario.returns))]
        else:
            names = np.array(names)[getattr(network.events.channels, channel)].tolist()
        found[channel] = dict(zip(names, values[simulator.now.period, :, 0, row].tolist(), strict=True))
    return found


def agree(simulator: Simulator, ledger: Ledger, model: PlainModel, period: Period, row: int) -> None:
    network, state, flows = simulator.numpy_network, simulator.now.state, simulator.now.flows
    assert flows is not None
    for name in ("orders", "shipments", "receipts"):
        same(getattr(flows, name), getattr(period, name), network.lanes, row, name)
    for name in ("demand", "served", "unmet", *(("spilled",) if flows.spilled is not None else ())):
        same(getattr(flows, name), getattr(period, name), network.customers, row, name)
    same(state.on_hand, {name: queue.units for name, queue in model.on_hand.items()}, network.sites, row, "on_hand")
    same(state.backlog, {name: queue.units for name, queue in model.backlog.items()}, network.customers, row, "backlog")
    if state.goodwill is not None:
        same(state.goodwill, model.goodwill, network.customers, row, "goodwill")
    if state.committed is not None and network.mechanisms.contract is not None:
        bound = tuple(np.array(network.lanes)[network.mechanisms.contract.lanes])
        same(state.committed, model.committed, bound, row, "committed")
    if state.door is not None:
        same(state.door, model.door, network.lanes, row, "door")
    same(state.open_orders, model.open, network.lanes, row, "open_orders")
    same(state.in_transit, {label: model.in_transit(label) for label in network.lanes}, network.lanes, row, "in_transit")
    same(state.on_order, {label: model.on_order(label) for label in network.lanes}, network.lanes, row, "on_order")
    assert set(ledger.by_term) <= {term for term, _ in period.cost}
    for (term, site), amount in period.cost.items():
        counted = ledger.by_term[term][network.sites.index(site), row] if term in ledger.by_term else 0.0
        np.testing.assert_allclose(counted, amount, rtol=1e-9, atol=1e-8, err_msg=f"{term} of {site}")


def same(found: Any, expected: dict[str, Amounts], names: tuple[str, ...], row: int, what: str) -> None:
    np.testing.assert_allclose(found[..., row], [expected[name] for name in names], rtol=1e-9, atol=1e-8, err_msg=what)


def does_what_the_plain_model_does(case: Case) -> None:
    simulator, decide = simulator_of(case)
    row, done = case.seed % simulator.batch, False
    model = plain_model_of(simulator, row)
    while not done:
        decision, world = decide(), world_of(simulator, row)
        _, ledger, done = simulator.step(decision)
        agree(simulator, ledger, model, model.step(requests_of(decision, simulator.numpy_network.lanes, row), world), row)


@settings(max_examples=some(180))
@given(cases())
def test_the_core_does_what_the_plain_model_does(case: Case) -> None:
    does_what_the_plain_model_does(case)


def test_packs_that_lack_a_millionth_or_have_one_too_much_are_handed_out_alike() -> None:
    rng = np.random.default_rng(1)
    for _ in range(2000):
        packs = rng.choice([0.0, 1.0, 2.5, 3.3], rng.integers(2, 5))
        asked = np.maximum((rng.integers(0, 5, packs.size) + crumbs(rng, packs.size)) * np.where(packs > 0, packs, 1.0), 0.0)
        have = float(max(rng.integers(0, 7) * packs.max() + crumbs(rng, 1)[0], 0.0))
        if 0 < have < asked.sum():
            shares = asked * have / asked.sum()
            columns = [column[:, None] for column in (shares, asked, packs)]
            core = handed_out(columns[0], columns[1], np.array([have]), columns[2])[:, 0]
            np.testing.assert_allclose(core, hand_out(shares.tolist(), asked.tolist(), have, packs.tolist()), atol=1e-9)


def crumbs(rng: np.random.Generator, count: int) -> Floats:
    """Nothing, or about as much of a pack as may be missing."""
    found: Floats = rng.choice([0.0, 0.0, 1.5e-6, -1.5e-6], count) * rng.random(count)
    return found
