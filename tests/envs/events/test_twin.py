"""What a trace with events shares with one without them: the same demand, and everything else that is not about them."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings

from orderup.envs.foundation.validation import validated
from orderup.envs.information.policy import Decision
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.simulator import Simulator
from orderup.envs.trace.trace import Trace

from ...examples import some
from ..by_hand import scenario
from ..networks import SILO, Case, cases, decision_maker


def changed(given_: Scenario, **keys: Any) -> Scenario:
    return validated(Scenario, {**given_.model_dump(by_alias=True, mode="json"), **keys})


def traced(given_: Scenario, seed: int = 3) -> tuple[Simulator, Trace]:
    simulator = Simulator(given_, SILO, batch=4)
    simulator.reset(seed=seed)
    assert simulator.trace is not None
    return simulator, simulator.trace


def played(simulator: Simulator, trace: Trace, decisions: list[Decision]) -> list[Any]:
    """Costs, stock and orders of every period."""
    simulator.replay(trace)
    seen: list[Any] = []
    for decision in decisions:
        _, ledger, _ = simulator.step(decision)
        assert simulator.now.flows is not None
        seen += [ledger.by_site, simulator.now.state.on_hand, simulator.now.flows.orders]
    return seen


@settings(max_examples=some(80))
@given(cases(without=("several lanes", "several parents", "partial lanes", "lateral lanes", "order delays", "lost orders")))
def test_the_undisturbed_twin_is_the_same_network_without_its_disruptions(case: Case) -> None:
    """To the bit. (Where a site has several lanes, which of them is the faster one depends on how late each can
    be; and so does how long an order is counted on that got lost.)"""
    destinations = [lane.destination for lane in case.scenario.lanes]
    assume(len(set(destinations)) == len(destinations))  # a site that collects returns is a second source to another one
    simulator, trace = traced(case.scenario, case.seed)
    calm, its_trace = traced(changed(case.scenario, disruptions=[]), case.seed)
    decide = decision_maker(calm.numpy_network, 4, case.form, case.seed)
    decisions = [decide() for _ in range(case.scenario.horizon)]
    np.testing.assert_array_equal(trace.demand, its_trace.demand)
    for one, other in zip(played(simulator, trace.undisturbed(), decisions), played(calm, its_trace, decisions), strict=True):
        np.testing.assert_array_equal(one, other)


def world(**keys: Any) -> Scenario:
    sites: dict[str, Any] = {name: {"throughput": 30, "initial": 20} for name in ("store_1", "store_2", "warehouse_1")}
    low = {"lead_time": {"type": "uniform_integer", "low": 1, "high": 3}}
    lanes = [{"from": "supplier", "to": "warehouse_1", "lead_time": 2, "unit_cost": 3}]
    lanes += [{"from": "warehouse_1", "to": f"store_{n}", **low} for n in (1, 2)]
    customers = [{"site": f"store_{n}", "demand": {"type": "poisson", "mean": 5}} for n in (1, 2)]
    return scenario(sites, lanes, customers, **keys)


MARKOV = {"type": "markov", "begins": 0.3, "ends": 0.3}
EVENTS: dict[str, Any] = {
    "disruptions": {"at": "supplier", "pauses": "orders", "when": MARKOV},
    "prices": {"at": "supplier", "factor": 0.5, "when": MARKOV},
    "shifts": {"at": "store_1", "factor": 2, "when": MARKOV},
    "promotions": {"at": "store_2", "uplift": 2, "chance": 0.2, "length": 2},
    "returns": {"from": "store_1", "to": "warehouse_1", "share": 0.3, "spread": 0.2, "delay": 2},
}
OTHERS: dict[str, Any] = {
    "disruptions": {"at": "warehouse_1", "keeps": 0.2, "when": MARKOV},
    "prices": {"at": "supplier", "tariff": 0.5, "when": MARKOV},
    "shifts": {"from": "store_1", "to": "store_2", "share": 0.2, "when": MARKOV},
    "promotions": {"at": ["store_1", "store_2"], "uplift": 3, "chance": 0.2},
    "returns": {"from": "store_2", "to": "warehouse_1", "share": 0.3, "spread": 0.2, "delay": 1},
}


@pytest.mark.parametrize("kind", [*EVENTS])
def test_an_event_before_or_after_another_leaves_its_draws_as_they_were(kind: str) -> None:
    one, other = EVENTS[kind], OTHERS[kind]
    _, alone = traced(world(**{kind: [one]}))
    for events in ([one, other], [other, one]):
        _, together = traced(world(**{kind: events}))
        for channel in ("accepting", "price"):  # of the first event, as the other has channels of its own
            np.testing.assert_array_equal(getattr(alone.conditions, channel), getattr(together.conditions, channel))
        if alone.conditions.returning is not None and together.conditions.returning is not None:
            np.testing.assert_array_equal(alone.conditions.returning[:, 0], together.conditions.returning[:, events.index(one)])
    regular = traced(world())[1]
    for trace in (alone, together):
        np.testing.assert_array_equal(trace.lead_time, regular.lead_time)
        if kind not in ("shifts", "promotions"):
            np.testing.assert_array_equal(trace.demand, regular.demand)


@pytest.mark.parametrize("kind", ["shifts", "promotions"])
def test_a_change_of_demand_at_one_site_leaves_the_others_as_it_was(kind: str) -> None:
    at = {**EVENTS[kind], "at": "store_1"}
    (simulator, trace), regular = traced(world(**{kind: [at]})), traced(world())[1]
    row = simulator.numpy_network.customers.index("store_2/all")
    np.testing.assert_array_equal(trace.demand[:, row], regular.demand[:, row])
    assert (trace.demand[:, 1 - row] >= regular.demand[:, 1 - row]).all()
    assert (trace.demand[:, 1 - row] > regular.demand[:, 1 - row]).any()


def test_two_promotions_or_failures_of_one_kind_at_one_place_are_independent() -> None:
    simulator, trace = traced(world(disruptions=[EVENTS["disruptions"]] * 2))
    once = traced(world(disruptions=[EVENTS["disruptions"]]))[1]
    assert simulator.numpy_network.events.channels is not None
    assert trace.conditions.accepting is not None
    assert once.conditions.accepting is not None
    assert trace.conditions.accepting.sum() < once.conditions.accepting.sum()
    assert (trace.conditions.accepting <= once.conditions.accepting).all()


def test_customers_who_move_are_neither_more_nor_fewer_than_before() -> None:
    at_once = {"from": "store_1", "to": "store_2", "share": 0.4, "when": {"type": "scheduled", "from": 0}}
    long = {"horizon": 4000}
    simulator, trace = traced(world(shifts=[at_once], **long))
    means = dict(zip(simulator.numpy_network.customers, trace.demand.mean(axis=(0, 2, 3)), strict=True))
    assert means["store_1/all"] == pytest.approx(3, abs=0.05)
    assert means["store_2/all"] == pytest.approx(7, abs=0.08)


def test_whole_numbers_stay_whole_and_the_others_scale_wherever_demand_drifts() -> None:
    drift = [{"at": ["store_1", "store_2"], "factor": 3, "when": {"type": "gradual", "from": 0, "until": 19}}]
    _, trace = traced(world(shifts=drift))
    assert (trace.demand == np.round(trace.demand)).all()
    exact = scenario(
        {"store_1": {}},
        [{"from": "supplier", "to": "store_1"}],
        [{"site": "store_1", "demand": {"type": "constant", "value": 19}}],
        shifts=[{**drift[0], "at": "store_1"}],
    )
    np.testing.assert_allclose(traced(exact)[1].demand[:, 0, 0, 0], 19 + 2 * np.arange(20.0))


def test_demand_can_fall_to_nothing() -> None:
    gone = [{"at": ["store_1", "store_2"], "factor": 0, "when": {"type": "scheduled", "from": 1}}]
    _, trace = traced(world(shifts=gone))
    assert trace.demand[0].any()
    assert not trace.demand[1:].any()


def test_a_longer_episode_with_events_begins_as_the_shorter_one() -> None:
    keys = {kind: [event, OTHERS[kind]] for kind, event in EVENTS.items()}
    short, long = traced(world(**keys))[1], traced(world(**keys, horizon=60))[1]
    np.testing.assert_array_equal(short.demand, long.demand[:20])
    for one, other in zip(short.conditions, long.conditions, strict=True):
        if one is not None and other is not None:
            np.testing.assert_array_equal(one[:20], other[:20])


@pytest.mark.parametrize("name", ["owmr", "reference", "disruption_storm", "local_promotions"])
def test_a_trace_repeated_is_what_the_same_episodes_are_drawn_as_several_times(name: str) -> None:
    once, twice = (Simulator(name, {"type": "central_stale", "feed_noise": 0.1}, batch=batch, horizon=30) for batch in (3, 6))
    once.reset(seed=1)
    twice.reset(seed=1, episodes=np.tile(np.arange(3), 2))
    assert once.trace is not None
    repeated = once.trace.repeated(2)
    for field in fields(Trace):
        assert same(getattr(repeated, field.name), getattr(twice.trace, field.name)), field.name


def same(one: Any, other: Any) -> bool:
    """Whether two parts of a trace have the same numbers in the same places."""
    if one is None or other is None:
        return one is other
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    return np.array_equal(one, other)
