"""Where unmet customers are lost their site sees what it sold, and whether there was anything left: nothing else of demand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from numpy.typing import NDArray

from orderup.agents import make_agent
from orderup.agents.team import seated
from orderup.envs.api.parallel import ParallelNetwork
from orderup.envs.catalogue import changed, list_autonomy, load_scenario
from orderup.envs.describe.describe import Describe, described
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.validation import validated
from orderup.envs.information.fields import FIELDS
from orderup.envs.information.policy import Decision
from orderup.envs.numerics.arrays import in_numpy
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.seating import Seating
from orderup.envs.simulator import Simulator

from ...examples import some
from ..levels_of_autonomy import level
from ..looking import seen
from ..networks import Case, cases, decision_maker

Floats = NDArray[np.float64]
SEES = {
    "site": "store_1",
    "shortage": 4,
    "unmet": "lost",
    "observes": "demand",
    "demand": {"type": "poisson", "mean": 5},
}
VISIBILITIES = ("silo", "neighbours", "shared", "integrated")


def store(customers: list[dict[str, Any]], demand: dict[str, list[float]], **site: Any) -> Scenario:
    """A store with 10 units on the shelf in the first period, to whom nothing comes."""
    keys = {
        "name": "store",
        "horizon": 8,
        "sites": {"store_1": {"holding": 1, "initial": 10, **site}, "store_2": {"holding": 1, "initial": 3}},
        "lanes": [{"from": "supplier", "to": f"store_{number}", "lead_time": 7} for number in (1, 2)],
        "customers": [
            {
                "site": "store_1",
                "shortage": 1,
                "unmet": "lost",
                "demand": {"type": "replay", "values": demand[entry["segment"]]},
                **entry,
            }
            for entry in customers
        ],
    }
    return validated(Scenario, keys)


def shown(scenario: Scenario, periods: int) -> list[tuple[float, float]]:
    """What the first store sees of demand, and of its shelf, after each of the periods."""
    simulator = Simulator(scenario, "autonomous_silo")
    simulator.reset(0)
    found = []
    for _ in range(periods):
        simulator.step(Decision(level=np.full((1, 2, 1), 0.0)))
        row = simulator.numpy_network.sites.index("store_1")
        information = simulator.information
        found.append(tuple(information.own(name)[0, row, 0].item() for name in ("demand", "stockout")))
    return found


def test_a_store_sees_what_it_sold_and_that_its_shelf_is_empty() -> None:
    sales = store([{"segment": "all"}], {"all": [4, 6, 3, 0]})
    assert shown(sales, 4) == [(4, 0), (6, 1), (0, 1), (0, 1)]  # that just as many came as were served it does not know


def test_what_is_kept_for_others_was_not_to_be_had() -> None:
    customers = [{"segment": "gold", "priority": 0}, {"segment": "basic", "priority": 1, "reserve": 4}]
    two = store(customers, {"gold": [1, 1, 1, 3], "basic": [2, 9, 1, 0]})
    assert shown(two, 4) == [(3, 0), (1 + 2, 1), (1, 1), (3, 1)]


def test_who_came_first_left_something_where_who_came_later_got_something() -> None:
    customers = [{"segment": "gold", "priority": 0}, {"segment": "basic", "priority": 1, "observes": "demand"}]
    two = store(customers, {"gold": [3, 4], "basic": [7, 5]})
    assert shown(two, 1) == [(3 + 7, 0)]
    assert shown(store(customers, {"gold": [10, 4], "basic": [7, 5]}), 2) == [(10 + 7, 1), (0 + 5, 1)]


def test_what_is_scrapped_had_not_been_asked_for() -> None:
    fresh = store([{"segment": "all"}], {"all": [4, 2]}, shelf_life=1)
    assert shown(fresh, 2) == [(4, 0), (0, 1)]


def test_a_sale_elsewhere_is_no_sale_of_the_site() -> None:
    going = [{"segment": "all", "spill_to": {"site": "store_2"}}]
    away = store(going, {"all": [12, 1]})
    assert shown(away, 2) == [(10, 1), (0, 1)]
    visited = store(
        [{"segment": "all"}, {"segment": "all", "site": "store_2", "spill_to": {"site": "store_1"}}], {"all": [9, 0]}
    )
    assert shown(visited, 2) == [(9, 0), (0, 1)]  # one unit was left, which a visitor took; then there was none


@pytest.mark.parametrize(
    ("unmet", "observes", "by_sales"),
    [("lost", None, True), ("lost", "sales", True), ("lost", "demand", False), ("backlog", None, False)],
)
def test_sales_are_what_is_seen_where_customers_do_not_wait(unmet: str, observes: str | None, by_sales: bool) -> None:
    shown = {} if observes is None else {"observes": observes}
    simulator = Simulator(store([{"segment": "all", "unmet": unmet, **shown}], {"all": [20]}), "autonomous_silo")
    assert bool(FIELDS["stockout"].labels(simulator.numpy_network)) == by_sales
    simulator.reset(0)
    simulator.step(Decision(level=np.zeros((1, 2, 1))))
    flows = simulator.now.flows
    assert flows is not None
    (part,) = FIELDS["demand"].parts(simulator.now)
    assert (part is flows.demand) != by_sales
    assert part.item() == (10 if by_sales else 20)


def test_sales_of_those_who_wait_hide_nothing_and_are_refused() -> None:
    with pytest.raises(InputError, match="observes.*sales.*the books of those who wait tell"):
        store([{"segment": "all", "unmet": "backlog", "observes": "sales"}], {"all": [20]})


@settings(max_examples=some(40), deadline=None)
@given(cases())
def test_wherever_something_was_left_sales_are_demand(case: Case) -> None:
    simulator = Simulator(case.scenario, "autonomous_silo", batch=2)
    simulator.reset(seed=case.seed)
    network, decide = simulator.numpy_network, decision_maker(simulator.numpy_network, 2, case.form, case.seed)
    for _ in range(4):
        simulator.step(decide())
        flows, demand = simulator.now.flows, FIELDS["demand"].read(simulator.now)[:, 0]
        assert flows is not None
        asked = network.topology.buyers.total(flows.demand)
        if network.fulfilment.sales_alone is None:
            np.testing.assert_array_equal(demand, asked)
            continue
        left = FIELDS["stockout"].read(simulator.now)[:, 0] == 0
        np.testing.assert_allclose(demand[left], np.broadcast_to(asked, demand.shape)[left], atol=1e-9)
        assert (demand <= asked + 1e-9).all()


def with_more_unmet(simulator: Simulator, agent: Any) -> tuple[list[Any], Floats]:
    """What everybody saw of an episode, and its demand, with more of what was not served."""
    trace, found, more = simulator.trace, [], []
    assert trace is not None
    seating = Seating(simulator, seated(make_agent(agent), simulator))
    seating.reset(seed=3)
    simulator.replay(trace)
    while not simulator.done:
        found.append(seen(simulator))
        simulator.advance(seating.decisions())
        flows = simulator.now.flows
        assert flows is not None
        more.append(flows.demand + np.where(flows.unmet > 0, 50.0, 0.0))
    return found, np.stack(more)


@pytest.mark.parametrize("visibility", VISIBILITIES)
@pytest.mark.parametrize("authority", ["autonomous", "central"])
@pytest.mark.parametrize("name", ["lost_sales", "variety_curve", "micro_segments-small", "micro_segments_dedicated-small"])
def test_demand_that_was_not_served_leaves_every_observation_as_it_was(name: str, visibility: str, authority: str) -> None:
    autonomy = {"name": "test", "visibility": visibility, "authority": authority}
    before, after = with_and_without(load_scenario(name), autonomy)
    assert after == before


def test_it_is_seen_where_demand_is() -> None:
    known = changed(load_scenario("lost_sales"), customers=[SEES])
    before, after = with_and_without(known, "autonomous_silo")
    assert after != before


def with_and_without(scenario: Scenario, autonomy: Any) -> tuple[list[Any], list[Any]]:
    simulator = Simulator(scenario, autonomy, batch=2, horizon=12)
    simulator.reset(3)
    agent = {"type": "moving_average", "safety": -1.0}
    before, demand = with_more_unmet(simulator, agent)
    trace = simulator.trace
    assert trace is not None
    assert (demand > trace.demand[: len(demand)]).any()
    simulator.replay(replace(trace, demand=demand))
    after, _ = with_more_unmet(simulator, agent)
    return before, after


@pytest.mark.parametrize(
    "autonomy", [*list_autonomy(), level("target", feed_latency=2), level("band", band=1.0, feed_noise=0.3)], ids=str
)
def test_at_every_level_of_autonomy_too_and_in_the_state_for_critics(autonomy: Any) -> None:
    env = ParallelNetwork(load_scenario("variety_curve"), autonomy, horizon=6)
    env.reset(seed=1)
    simulator = env._seats.simulator
    trace = simulator.trace
    assert trace is not None
    many = replace(trace, demand=trace.demand + 1000.0), replace(trace, demand=trace.demand + 2000.0)
    found = []
    for other in many:
        env.reset(seed=1)
        simulator.replay(other)
        for _ in range(4):
            observations, *_ = env.step({agent: np.zeros(env.action_space(agent).shape, np.float32) for agent in env.agents})
        found.append(({agent: row.tobytes() for agent, row in observations.items()}, env.state().tobytes()))
    assert found[0] == found[1]


def test_torch_sees_the_same_sales() -> None:
    pytest.importorskip("torch")
    looks = []
    for backend in ("numpy", "torch"):
        simulator = Simulator(load_scenario("micro_segments-small"), "autonomous_silo", batch=3, backend=backend)
        simulator.reset(0)
        for _ in range(5):
            simulator.step(Decision(level=simulator.backend.asarray(np.full((3, 2, 1), 40.0))))
        looks.append([in_numpy(FIELDS[name].read(simulator.now)) for name in ("demand", "stockout")])
    for ours, theirs in zip(*looks, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_the_description_says_so() -> None:
    page = described_text("lost_sales")
    assert "seen by their sales alone" in page
    assert "stockout" in page
    assert "stockout" not in described_text("newsvendor")


def described_text(name: str) -> str:
    return str(described(Describe(scenario=name, format="csv")))
