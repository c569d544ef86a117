"""Disrupted, perishable, segmented and pooled networks against what theory or a small dynamic programme says of them.

Each number lies inside the 99 % interval of one to four million simulated periods.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from orderup.agents.exact import (
    DisruptionOptimum,
    Lattice,
    PeriodRates,
    disruption_cost,
    disruption_optimum,
    eppen,
    perishable_optimum,
)
from orderup.agents.exact.rationing import rationing_optimum
from orderup.envs.catalogue import load_scenario
from orderup.envs.foundation.validation import validated
from orderup.envs.information.policy import Decision
from orderup.envs.numerics.arrays import Floats
from orderup.envs.physics.state import State
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.simulator import Simulator

from .envs.by_hand import scenario
from .simulation import Interval, simulated

STEADY = Lattice(np.array([1.0]), first=1, step=10.0)
"""Demand of ten, always."""


def run(given: Any, decide: Callable[[Simulator], Decision], *, episodes: int, periods: int, warmup: int = 50) -> Floats:
    """Cost per period after warm-up (B,) of a rule that sees everything."""
    sim = Simulator(given, batch=episodes, horizon=warmup + periods)
    sim.reset(seed=0)
    cost = np.zeros(episodes)
    while not sim.done:
        ledger = sim.advance(decide(sim))
        if sim.now.period > warmup:
            cost += ledger.cost
    return cost / periods


def keys_of(given: Scenario, **changes: Any) -> Scenario:
    return validated(Scenario, {**given.model_dump(by_alias=True, mode="json"), **changes})


# A supplier that fails


@pytest.mark.parametrize(("level", "cost"), [(40, 73.362), (50, 71.142), (60, 71.977)])
def test_a_store_whose_supplier_fails_costs_what_the_newsvendor_over_the_time_since_says(level: int, cost: float) -> None:
    found = simulated("disruption_single", {"type": "base_stock", "levels": {"store_1": level}}, episodes=16_000, warmup=100)
    assert disruption_cost(1, 20, 0.04, 0.25, STEADY, level) == pytest.approx(cost, abs=1e-3)
    assert cost in Interval.of(found.cost)


def test_its_best_level_is_the_best_of_those_around_it() -> None:
    best = disruption_optimum(1, 20, 0.04, 0.25, STEADY)
    assert isinstance(best, DisruptionOptimum)
    assert (best.level, round(best.cost, 3)) == (50.0, 71.142)


def test_a_lead_time_is_covered_too() -> None:
    best = disruption_optimum(1, 20, 0.04, 0.25, stats.poisson(10), lead_time=2)
    one = keys_of(
        load_scenario("disruption_single"),
        name="with_lead_time",
        lanes=[{"from": "supplier", "to": "store_1", "lead_time": 2}],
        customers=[{"site": "store_1", "shortage": 20, "demand": {"type": "poisson", "mean": 10}}],
    )
    found = simulated(one, {"type": "base_stock", "levels": {"store_1": best.level}}, episodes=16_000, warmup=100)
    assert best.cost in Interval.of(found.cost)


def test_stock_in_four_places_costs_as_much_on_average_and_fails_less_often_all_at_once() -> None:
    """Certain demand and independent failures (Schmitt, Sun, Snyder and Shen 2015)."""
    four = {"type": "base_stock", "levels": {f"store_{number}": 50 for number in (1, 2, 3, 4)}}
    apart = simulated("risk_diversification", four).cost
    one = {"type": "base_stock", "levels": {"warehouse_1": 200}}
    together = simulated("risk_diversification_central", one, seed=1).cost
    assert 4 * 71.142 in Interval.of(apart)
    assert 4 * 71.142 in Interval.of(together)
    rng, spread, tail = np.random.default_rng(0), [], []
    for _ in range(200):
        ours, theirs = (cost[rng.integers(cost.size, size=cost.size)] for cost in (apart, together))
        spread.append(ours.std() / theirs.std())
        tail.append(worst(theirs) - worst(ours))
    assert np.quantile(spread, 0.005) < 0.5 < np.quantile(spread, 0.995)  # of four independent ones, 1/√4
    assert np.quantile(tail, 0.005) > 0


def worst(cost: Floats, share: float = 0.05) -> float:
    """CVaR: the mean of the dearest episodes."""
    return float(np.sort(cost)[-int(share * cost.size) :].mean())


# Stock that perishes


def fresh_store(lead_time: int, shelf_life: int, unmet: str) -> Scenario:
    site = {"holding": 1, "initial": 0, "shelf_life": shelf_life, "scrap_cost": 7}
    customers = [{"site": "store_1", "shortage": 5, "unmet": unmet, "demand": {"type": "poisson", "mean": 3}}]
    lanes = [{"from": "supplier", "to": "store_1", "lead_time": lead_time}]
    return scenario({"store_1": site}, lanes, customers)


def by_age(state: State, shelf_life: int, lead_time: int) -> NDArray[np.int64]:
    """Units that can be sold in 1, 2, … m − 1 more periods, this one included, and what arrives now (B, m − 1 or m)."""
    left = state.on_hand[0, 0]
    ages: list[Floats] = []
    for came in state.fresh:
        ages.insert(0, np.minimum(came[0, 0], left))
        left = left - ages[0]
    owed = state.backlog[0, 0]
    ages = [left, *ages]
    ages[0] = np.where(owed > 0, -owed, ages[0])
    if lead_time:
        ages.append(state.in_transit[0, 0])
    return np.stack(ages, axis=-1).astype(np.int64)


@pytest.mark.parametrize(
    ("lead_time", "shelf_life", "unmet"), [(0, 2, "lost"), (0, 3, "lost"), (1, 2, "lost"), (1, 3, "lost"), (0, 2, "backlog")]
)
def test_what_perishes_costs_its_optimum_by_its_table(lead_time: int, shelf_life: int, unmet: str) -> None:
    best = perishable_optimum(PeriodRates(1, 5, 7), shelf_life, stats.poisson(3), lead_time, lost=unmet == "lost")

    def decide(sim: Simulator) -> Decision:
        return Decision(quantity=best(by_age(sim.now.state, shelf_life, lead_time))[:, None, None].astype(float))

    assert best.cost in Interval.of(run(fresh_store(lead_time, shelf_life, unmet), decide, episodes=4000, periods=250))


# Customers of two kinds


@pytest.mark.parametrize("reserve", [0, 1])
def test_stock_kept_for_those_who_matter_costs_what_the_dynamic_programme_says(reserve: int) -> None:
    """The best threshold is 1; with none, the best orders are others."""
    rule = rationing_optimum(0.5, (100, 1), (stats.poisson(1), stats.poisson(1.5)), lead_time=2, reserves=reserve + 1)
    assert rule.reserve == reserve
    gold = {"segment": "gold", "priority": 0, "shortage": 100, "demand": {"type": "poisson", "mean": 1}}
    basic = {"segment": "basic", "priority": 1, "shortage": 1, "reserve": reserve, "demand": {"type": "poisson", "mean": 1.5}}
    store = scenario(
        {"store_1": {"holding": 0.5, "initial": 4}},
        [{"from": "supplier", "to": "store_1", "lead_time": 2}],
        [{"site": "store_1", "unmet": "lost", **kind} for kind in (gold, basic)],
    )

    def decide(sim: Simulator) -> Decision:
        state = sim.now.state
        later, now = (part[0, 0] for part in state.shipped[0])
        return Decision(quantity=rule(np.stack([state.on_hand[0, 0] + now, later], axis=-1))[:, None, None].astype(float))

    assert rule.cost in Interval.of(run(store, decide, episodes=8000, periods=250))


# Customers who take a second site when the first is out


def stores(spill: float | None, *, lead_time: int = 0, lanes: tuple[dict[str, Any], ...] = ()) -> Scenario:
    """Two stores with normal demand; their customers go to the other one at this cost, or nowhere."""
    sites = {f"store_{n}": {"holding": 1, "initial": 125} for n in (1, 2)}
    supply = [{"from": "supplier", "to": name, "lead_time": lead_time} for name in sites]
    customers = [
        {
            "site": f"store_{n}",
            "shortage": 9,
            "demand": {"type": "normal", "mean": 100, "sd": 20},
            "spill_to": None if spill is None else {"site": f"store_{3 - n}", "cost": spill},
        }
        for n in (1, 2)
    ]
    return scenario(sites, [*supply, *lanes], customers)


def pooled() -> Scenario:
    customers = [
        {"site": "store_1", "segment": f"s{n}", "shortage": 9, "demand": {"type": "constant", "value": 100}} for n in (1, 2)
    ]
    return scenario({"store_1": {"holding": 1, "initial": 250}}, [{"from": "supplier", "to": "store_1"}], customers)


def test_a_second_choice_at_no_cost_is_one_stock_for_both_episode_by_episode() -> None:
    apart, together = (Simulator(given, batch=500, horizon=100) for given in (stores(0.0), pooled()))
    apart.reset(seed=0)
    together.reset(seed=0)
    assert apart.trace is not None
    assert together.trace is not None
    apart.replay(apart.trace)
    together.replay(replace(together.trace, demand=apart.trace.demand))
    while not apart.done:
        ours = apart.advance(Decision(level=np.array([[125.0], [132.0]])))
        theirs = together.advance(Decision(level=np.array([[257.0]])))
        np.testing.assert_allclose(ours.cost, theirs.cost, atol=1e-9, rtol=1e-9)


def test_a_second_choice_at_a_cost_lies_between_one_stock_and_two() -> None:
    theory, level = eppen(1, 9, 400 * np.eye(2)), np.array([[125.63], [125.63]])

    def cost(spill: float | None) -> Floats:
        return run(stores(spill), lambda sim: Decision(level=level), episodes=2000, periods=500, warmup=0)

    alone, free, *dear = (cost(spill) for spill in (None, 0.0, 2.0, 4.0, 9.0, 12.0))
    assert theory.separate in Interval.of(alone)
    for less, more in zip((free, *dear), (*dear[:-1], alone), strict=False):
        gain = Interval.of(more - less)
        assert gain.mean - gain.half_width > 0
    assert Interval.of(dear[-1] - alone).mean > 0  # dearer than the shortage that it spares


def test_peers_that_send_goods_in_a_period_save_strictly_less_than_customers_who_go_there_at_once() -> None:
    """The same levels; a peer that is short asks for what the other has above its own share, and gets it a period later."""
    vans = [
        {"from": f"store_{n}", "to": f"store_{3 - n}", "lead_time": 1, "lateral": True, "unfilled": "cancelled"} for n in (1, 2)
    ]
    linked = stores(None, lead_time=3, lanes=tuple(vans))
    level = 400 + 1.2816 * 40

    def send(sim: Simulator) -> Decision:
        stock = sim.now.state.on_hand[:, 0] - sim.now.state.backlog[:, 0]
        wanted = np.maximum((stock[::-1] - stock) / 2, 0.0)
        asking = np.where(stock < 110, np.minimum(wanted, np.maximum(stock[::-1] - 110, 0.0)), 0.0)
        quantity, to = np.zeros((sim.batch, 4, 1)), sim.numpy_network.topology.destination
        lateral = sim.numpy_network.topology.is_lateral
        quantity[:, lateral, 0] = asking[to[lateral]].T
        return Decision(level=np.full((4, 1), level), quantity=quantity, by_quantity=lateral)

    by_level = lambda sim: Decision(level=np.full((2, 1), level))  # noqa: E731 - a rule in a line
    options: dict[str, Any] = {"episodes": 2000, "periods": 300}
    alone = run(stores(None, lead_time=3), by_level, **options)
    at_once = run(stores(0.0, lead_time=3), by_level, **options)
    sent = run(linked, send, **options)
    for less, more in ((at_once, sent), (sent, alone)):
        gain = Interval.of(more - less)
        assert gain.mean - gain.half_width > 0
