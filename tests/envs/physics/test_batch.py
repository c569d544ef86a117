"""An episode is the same whatever runs beside it: row i of a batch equals a lone run, bit for bit."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from orderup.envs.api.seats import Seats
from orderup.envs.autonomy.autonomy import VISIBILITIES
from orderup.envs.foundation.validation import validated
from orderup.envs.information.observation import Observer
from orderup.envs.information.policy import Decision
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.simulator import Simulator

from ...examples import some
from ..by_hand import scenario
from ..networks import Case, cases, decision_maker

ROOT = Path(__file__).resolve().parents[3]


def rows_of(value: Any, row: int) -> Iterator[NDArray[Any]]:
    """One row of every array in nested tuples whose arrays have the batch last."""
    if isinstance(value, tuple):
        for item in value:
            yield from rows_of(item, row)
    elif value is not None:
        yield value[..., row]


def history(case: Case, visibility: str, episodes: NDArray[np.int64], decisions: list[Decision]) -> list[list[bytes]]:
    """Of every episode, the bits of all states, flows, costs and observations."""
    simulator = Simulator(case.scenario, {"name": "test", "visibility": visibility}, batch=len(episodes))
    simulator.reset(seed=case.seed, episodes=episodes)
    observer = Observer(simulator.numpy_network, simulator.autonomy, simulator.seats).compile(simulator.backend, simulator.now)
    seen: list[Any] = [simulator.now.state, observer.observe(simulator.now)]
    for decision in decisions:
        _, ledger, _ = simulator.step(decision)
        seen += [
            simulator.now.state,
            simulator.now.flows,
            observer.observe(simulator.now),
            *ledger.by_term.values(),
            ledger.cost,
        ]
    return [[np.ascontiguousarray(array).tobytes() for array in rows_of(tuple(seen), row)] for row in range(len(episodes))]


def lone(decision: Decision, row: int) -> Decision:
    """What a decision for a batch says to one of its rows."""
    level, quantity = (None if values is None else values[row : row + 1] for values in (decision.level, decision.quantity))
    return Decision(level=level, quantity=quantity, by_quantity=decision.by_quantity)


@settings(max_examples=some(60))
@given(cases(), st.sampled_from(VISIBILITIES), st.permutations(range(5)))
def test_a_row_of_a_batch_is_a_lone_run(case: Case, visibility: str, order: list[int]) -> None:
    episodes = np.array(order) + 3
    network = Simulator(case.scenario).numpy_network
    decide = decision_maker(network, len(episodes), case.form, case.seed)
    decisions = [decide() for _ in range(case.scenario.horizon)]
    together = history(case, visibility, episodes, decisions)
    for row in range(2):
        alone = history(case, visibility, episodes[row : row + 1], [lone(decision, row) for decision in decisions])
        assert alone[0] == together[row]


def test_a_row_of_a_large_batch_is_a_lone_run_too() -> None:
    large = Simulator("reference", batch=300, horizon=30)
    large.reset(seed=5)
    alone = Simulator("reference", horizon=30)
    alone.reset(seed=5, episodes=[257])
    decide = decision_maker(large.numpy_network, 300, "mixed", seed=1)
    while not large.done:
        decision = decide()
        costs = [simulator.step(given)[1].cost for simulator, given in ((large, decision), (alone, lone(decision, 257)))]
        assert costs[0][257] == costs[1][0]


def demand_of(simulator: Simulator, customer: str) -> NDArray[np.float64]:
    assert simulator.trace is not None
    found: NDArray[np.float64] = simulator.trace.demand[:, simulator.numpy_network.customers.index(customer)]
    return found


@settings(max_examples=some(60))
@given(cases(), st.permutations(range(6)))
def test_a_trace_knows_neither_the_batch_nor_the_order_of_its_episodes(case: Case, order: list[int]) -> None:
    together, shuffled = Simulator(case.scenario, batch=6), Simulator(case.scenario, batch=6)
    together.reset(seed=case.seed)
    shuffled.reset(seed=case.seed, episodes=np.array(order))
    assert together.trace is not None
    assert shuffled.trace is not None
    np.testing.assert_array_equal(together.trace.demand[..., order], shuffled.trace.demand)
    for one, other in zip(together.trace.conditions, shuffled.trace.conditions, strict=True):
        if one is not None and other is not None:
            np.testing.assert_array_equal(one[..., order], other)
    if together.trace.lead_time is not None:
        np.testing.assert_array_equal(together.trace.lead_time[..., order], shuffled.trace.lead_time)
    alone = Simulator(case.scenario)
    alone.reset(seed=case.seed)
    for episode in range(3):
        assert alone.trace is not None
        np.testing.assert_array_equal(alone.trace.demand[..., 0], together.trace.demand[..., episode])
        alone.reset()


@settings(max_examples=some(60))
@given(cases())
def test_a_new_site_leaves_the_others_demand_and_lead_times_as_they_were(case: Case) -> None:
    keys = case.scenario.model_dump(by_alias=True, mode="json")
    keys["sites"] = {"new_99": {"holding": 1}, **keys["sites"]}
    lane = {"from": "supplier", "to": "new_99", "capacity": 99, "lead_time": {"type": "uniform_integer", "low": 0, "high": 2}}
    keys["lanes"] = [lane, *keys["lanes"]]
    keys["customers"] = [{"site": "new_99", "shortage": 1, "demand": {"type": "poisson", "mean": 5}}, *keys["customers"]]
    before, after = Simulator(case.scenario, batch=3), Simulator(validated(Scenario, keys), batch=3)
    for simulator in (before, after):
        simulator.reset(seed=case.seed)
    for customer in before.numpy_network.customers:
        np.testing.assert_array_equal(demand_of(before, customer), demand_of(after, customer))
    for label in np.array(before.numpy_network.lanes)[before.numpy_network.times.is_random]:
        np.testing.assert_array_equal(lead_times_of(before, label), lead_times_of(after, label))


def lead_times_of(simulator: Simulator, label: str) -> NDArray[np.int64]:
    assert simulator.trace is not None
    assert simulator.trace.lead_time is not None
    drawn = [
        lane
        for lane, random in zip(simulator.numpy_network.lanes, simulator.numpy_network.times.is_random, strict=True)
        if random
    ]
    found: NDArray[np.int64] = simulator.trace.lead_time[:, drawn.index(label)]
    return found


def test_a_longer_episode_begins_as_the_shorter_one() -> None:
    short, long = Simulator("owmr", batch=3, horizon=5), Simulator("owmr", batch=3, horizon=50)
    for simulator in (short, long):
        simulator.reset(seed=7)
    for customer in short.numpy_network.customers:
        np.testing.assert_array_equal(demand_of(short, customer), demand_of(long, customer)[:5])


def test_seeds_and_episodes_differ() -> None:
    simulator, seen = Simulator("owmr", horizon=20), set()
    for seed in (0, 1, 2**64 - 1):
        for _ in range(3):
            simulator.reset(seed if _ == 0 else None)
            assert simulator.trace is not None
            seen.add(simulator.trace.demand.tobytes())
    assert len(seen) == 9


SCRIPT = """
from tests.envs.physics.test_batch import fingerprint
print(fingerprint())
"""


def fingerprint() -> str:
    """A hash of an episode with correlated demand, random lead times and several segments."""
    stores = [f"store_{n}" for n in range(6)]
    customers = [
        {"site": store, "segment": name, "demand": {"type": "normal", "mean": 4 + n, "sd": 2}}
        for n, store in enumerate(stores)
        for name in ("gold", "basic")
    ]
    lead_time = {"type": "uniform_integer", "low": 0, "high": 3}
    lanes = [{"from": "supplier", "to": store, "lead_time": lead_time} for store in stores]
    rho = np.where(np.eye(6) == 1, 1.0, 0.4)
    given = scenario({store: {} for store in stores}, lanes, customers, correlation={"rho": rho.tolist()})
    seats = Seats(given, {"name": "test", "visibility": "shared"}, batch=3, horizon=30)
    seats.reset(11)
    (view,) = seats.views
    digest = hashlib.sha256(view.observations().tobytes())
    for action in np.random.default_rng(1).uniform(-1, 1, (30, 3, len(view.names), view.actions.size)):
        ledger, _ = seats.step({"sites": action})
        digest.update(view.observations().tobytes() + seats.rewards(view, ledger).tobytes())
    return digest.hexdigest()


def test_an_episode_is_the_same_in_another_process() -> None:
    environment = {**os.environ, "PYTHONHASHSEED": "1", "PYTHONPATH": str(ROOT)}
    found = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == fingerprint()
