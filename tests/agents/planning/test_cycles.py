"""Machines that are set up, in plans: cycles by hand, work that waits against the stationary law of a queue."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from orderup.agents import make_agent
from orderup.agents.planning import cycles
from orderup.agents.planning.cycles import MachineCycles
from orderup.envs.catalogue import load_scenario
from orderup.envs.network.building import build
from orderup.envs.network.network import Network
from orderup.envs.simulator import Simulator
from orderup.evaluation import evaluate

from .test_making import press


def of(network: Network) -> MachineCycles:
    assert network.machines is not None
    return MachineCycles(network, network.machines, seed=1)


def one_product(hours: float, demand: Any, **keys: Any) -> dict[str, Any]:
    """A machine without overtime that takes an hour for a unit."""
    machines = {"press": {"hours": hours}}
    return press(
        sites={"plant_1": {"holding": 1, "machines": machines}},
        customers=[{"site": "plant_1", "shortage": 9, "demand": demand}],
        **keys,
    )


def several(setup: float, mean: float = 1.0, products: int = 4, hours: float = 10) -> Network:
    """Products of equal demand, each of which takes an hour for a unit on one machine."""
    names = [f"product_{number}" for number in range(products)]
    lanes = [
        {"make": name, "at": "plant_1", "lead_time": 0, "machine": "press", "hours": 1, "setup_hours": setup} for name in names
    ]
    sites = {"plant_1": {"holding": 1, "machines": {"press": {"hours": hours}}}}
    customers = [{"site": "plant_1", "shortage": 9, "demand": {"type": "constant", "value": mean}}]
    keys = {"name": "several", "horizon": 9, "products": names, "sites": sites, "lanes": lanes, "customers": customers}
    return build(load_scenario(keys))


@pytest.mark.parametrize(
    ("setup", "mean", "length"), [(0.0, 2.0, 1), (0.3, 2.0, 1), (1.0, 2.0, 3), (2.0, 2.0, 4), (2.0, 1.0, 2)]
)
def test_a_cycle_is_the_shortest_with_which_a_machine_is_not_too_busy(setup: float, mean: float, length: int) -> None:
    """Of 10 hours 4 set-ups in n periods leave 10 − 4 b / n, of which 95 % are to be enough for the work of 4 products."""
    found = of(several(setup, mean))
    assert found.length.tolist() == [length]
    assert found.set_up == pytest.approx([4 * setup / length / 10])


def test_everything_has_its_turn_once_in_a_cycle_and_all_turns_are_about_as_busy() -> None:
    network = build(load_scenario("bottleneck_plant"))
    found = of(network)
    turns, made = found.turns(4, 6), network.topology.is_made
    assert found.length.tolist() == [2]
    assert turns[:, ~made].all()
    assert (turns[:2, made].sum(axis=0) == 1).all()
    assert (turns[2:] == turns[:-2]).all()
    assert found.turns(5, 5).tolist() == turns[1:].tolist()
    hours = [2 * network.loads.mean[site, product, 0] * 0.1 + 0.4 for site, product in _items(network)]
    busy = turns[:2, made] @ hours
    assert max(busy) - min(busy) <= min(hours)


def _items(network: Network) -> list[tuple[int, int]]:
    assert network.recipes is not None
    return [(int(site), int(product)) for site, product in zip(network.recipes.site, network.recipes.product, strict=True)]


def test_work_that_waits_has_the_stationary_law_of_its_queue() -> None:
    """W ← max(W + D − 6, 0) with Poisson demand of mean 5, in periods' work: its mean and two quantiles."""
    behind = 5 * of(build(load_scenario(one_product(6, {"type": "poisson", "mean": 5}))))._behind[0]
    chance, step = np.zeros(200), stats.poisson(5).pmf(np.arange(60))
    chance[0] = 1.0
    for _ in range(400):
        come = np.convolve(chance, step)
        chance = np.append(come[:7].sum(), come[7:206])[:200]
    assert chance.sum() == pytest.approx(1, abs=1e-6)
    assert behind.mean() == pytest.approx(chance @ np.arange(200), rel=0.12)
    for share in (0.5, 0.9):
        assert np.quantile(behind, share) == pytest.approx(np.searchsorted(chance.cumsum(), share), abs=1.0)


def test_what_is_foreseen_does_not_count_as_late() -> None:
    stands = {"at": "plant_1/press", "keeps": 0, "when": {"type": "scheduled", "from": 60, "until": 70}}
    waves = {"type": "replay", "values": [1, 9]}
    assert not of(build(load_scenario(one_product(6, waves, horizon=99, disruptions=[stands]))))._behind.any()


def test_a_plan_makes_each_paint_in_its_turn_alone_and_as_much_as_the_machine_can() -> None:
    sim, policy = Simulator("bottleneck_plant", "central_ideal", horizon=12), make_agent({"type": "mpc", "scenarios": 4})
    sim.reset(seed=2)
    policy.reset(sim.context(seed=1))
    turns, made = of(sim.numpy_network).turns(0, 12), sim.numpy_network.topology.is_made
    for period in range(12):
        decision = policy.act(sim.information)
        assert not (np.asarray(decision.quantity)[0, made].sum(axis=1) * (1 - turns[period, made])).any()
        sim.step(decision)


@pytest.mark.slow
def test_against_a_queue_a_plan_holds_what_the_best_level_does(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = one_product(6, {"type": "poisson", "mean": 5}, horizon=260, warmup=60)
    keys: dict[str, Any] = {"episodes": 8, "horizon": 260}
    best = min(
        evaluate(scenario, "central_ideal", {"type": "base_stock", "levels": {"plant_1": level}}, **keys).cost
        for level in (9, 11, 13, 15)
    )
    planned = evaluate(scenario, "central_ideal", {"type": "mpc", "scenarios": 15}, **keys).cost
    assert planned < 1.1 * best
    monkeypatch.setattr(cycles.MachineCycles, "late", lambda self, problem, demand: 0.0 * demand)
    assert planned < evaluate(scenario, "central_ideal", {"type": "mpc", "scenarios": 15}, **keys).cost
