"""Assembly networks cost what their lines say: against value iteration over everything, and parts counted one by one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from orderup.agents.exact.dynamic_programming import DecisionProcess, StateGrid
from orderup.agents.exact.lattice import Lattice
from orderup.agents.exact.serial import clark_scarf
from orderup.agents.exact.structures import Assembly, AssemblyOptimum
from orderup.envs.foundation.errors import InputError

FIVE, BURSTY = stats.poisson(5), stats.nbinom(4, 0.5)
BIKE = Assembly([-1, 0, 0], [0, 2, 2], [10, 4, 2], 60, FIVE, uses=[1, 1, 2])
"""A frame and two wheels that take equally long."""
UNEVEN = Assembly([-1, 0, 0, 0], [1, 0, 2, 4], [9, 1, 2, 3], 40, BURSTY, uses=[1, 3, 1, 1])
THREE_LEVELS = Assembly(
    [-1, 0, 0, 1, 1, 2], [1, 0, 2, 1, 3, 0], [10, 4, 3, 1, 1, 1], 50, stats.poisson(5), uses=[1, 1, 1, 2, 1, 1]
)
"""Two assemblies go into the product, and parts into these."""
NETWORKS = {"bike": (BIKE, FIVE), "uneven": (UNEVEN, BURSTY), "three levels": (THREE_LEVELS, FIVE)}


def simulated_cost(assembly: Assembly, best: AssemblyOptimum, balanced: bool, demand: NDArray[Any]) -> NDArray[np.float64]:
    """Cost (T, R) of parts and products, counted one by one, under demand (T, R): make, receive, serve, count."""
    items, rows = range(len(assembly.successor)), demand.shape[1]
    uses = assembly.uses or [1] * len(items)
    parts = [[part for part in items if assembly.successor[part] == item] for item in items]
    on_hand = [np.full(rows, level) for level in best.installation_levels]
    in_process = [[np.zeros(rows)] * lead_time for lead_time in assembly.lead_times]
    in_process_rate = [sum(uses[part] * assembly.holding[part] for part in parts[item]) for item in items]
    owed, costs, asked = np.zeros(rows), np.empty(demand.shape), np.zeros(rows)
    told = [[np.full(rows, level)] * 8 for level in best.echelon_levels]  # positions, and all demand until then
    for t, wanted in enumerate(demand):
        position: list[Any] = []
        for item in items:  # each item's successor has a smaller number
            below = uses[item] * (position[assembly.successor[item]]) if item else -owed
            position.append(on_hand[item] + sum(in_process[item]) + below)
        started = []
        for item in items:
            limit = np.full(rows, best.echelon_levels[item])
            if balanced:
                for other in best.next_items[item]:
                    ready = told[other][-best.ready_after[item]] - assembly.content[other] * asked
                    limit = np.minimum(limit, ready * assembly.content[item] / assembly.content[other])
            wish = np.maximum(limit - position[item], 0.0)
            there = [on_hand[part] / uses[part] for part in parts[item]]
            if balanced:
                assert all((wish <= amount + 1e-9).all() for amount in there), "balance asks for no part that is not there"
            started.append(np.minimum.reduce([wish, *there]))
        for item in items:
            told[item].append(position[item] + started[item] + assembly.content[item] * asked)
            for part in parts[item]:
                on_hand[part] = on_hand[part] - uses[part] * started[item]
        for item in items:
            in_process[item].append(started[item])
            on_hand[item] = on_hand[item] + in_process[item].pop(0)
        net = on_hand[0] - owed - wanted
        on_hand[0], owed = np.maximum(net, 0), np.maximum(-net, 0)
        asked = asked + wanted
        held = zip(assembly.holding, on_hand, in_process_rate, in_process, strict=True)
        costs[t] = assembly.shortage * owed + sum(h * stock + rate * sum(moving) for h, stock, rate, moving in held)
    return costs


@pytest.mark.parametrize("balanced", [True, False], ids=["in balance", "by local levels"])
@pytest.mark.parametrize("name", NETWORKS)
def test_parts_and_products_counted_one_by_one_cost_what_the_line_says(name: str, balanced: bool) -> None:
    assembly, demand = NETWORKS[name]
    best = assembly.optimum()
    draws = demand.rvs(size=(90, 20_000), random_state=np.random.default_rng(len(name)))
    each = simulated_cost(assembly, best, balanced, draws)[40:].mean(axis=0)
    expected = best.cost if balanced else assembly.cost_of(best.installation_levels)
    assert abs(each.mean() - expected) < stats.norm.ppf(0.995) * each.std() / np.sqrt(each.size)


def test_no_policy_of_a_product_and_two_parts_is_cheaper_than_the_line_says() -> None:
    # By value iteration over the product's net stock, both parts on the shelf, and what is on its way of the second.
    chance, (product, short, long), shortage = np.array([0.3, 0.4, 0.3]), (4.0, 1.0, 1.5), 12.0
    grid, lowest, most = StateGrid((12, 6, 6, 4)), -6, 4
    net, shelf, other, coming = (part[:, None, None] for part in grid.points().T)
    net = net + lowest
    actions = np.indices((most, most, most)).reshape(3, -1)
    made, bought, sent = (part[None, :, None] for part in actions)
    left = net + made - np.arange(3)
    first, second = shelf - made + bought, other - made + coming
    paid = product * np.maximum(left, 0) + shortage * np.maximum(-left, 0) + short * first + long * second
    cost = np.where((made <= np.minimum(shelf, other))[..., 0], paid @ chance, np.inf)
    process = DecisionProcess.of(cost, grid.number(left - lowest, first, second, sent), chance)
    assembly = Assembly([-1, 0, 0], [0, 0, 1], [product, short, long], shortage, Lattice(chance, 0))
    best = assembly.optimum()
    assert process.optimum().cost == pytest.approx(best.cost, abs=1e-5)
    assert assembly.cost_of(best.installation_levels) > best.cost + 0.01


@pytest.mark.parametrize("seed", range(8))
def test_no_neighbouring_levels_are_cheaper_in_balance_and_none_are_without(seed: int) -> None:
    assembly = drawn(seed)
    best = assembly.optimum()
    levels = np.array(best.installation_levels)
    assert assembly.cost_of(levels.tolist(), balanced=True) == pytest.approx(best.cost, abs=1e-6)
    for item, content in enumerate(assembly.content):
        for move in (-content, content):
            near = levels + move * (np.arange(len(levels)) == item)
            assert assembly.cost_of(near.tolist(), balanced=True) >= best.cost - 1e-6
            assert assembly.cost_of(near.tolist()) >= best.cost - 1e-6


@pytest.mark.parametrize("seed", range(12))
def test_local_levels_cost_no_more_where_they_keep_the_balance_and_more_elsewhere(seed: int) -> None:
    assembly = drawn(seed)
    best = assembly.optimum()
    beyond = assembly.cost_of(best.installation_levels) - best.cost
    assert beyond == pytest.approx(0, abs=1e-6) if best.is_local else beyond > -1e-6


def drawn(seed: int) -> Assembly:
    random = np.random.default_rng(seed)
    items = int(random.integers(2, 7))
    successor = [-1, *(int(random.integers(0, item)) for item in range(1, items))]
    holding = np.zeros(items)
    for item in reversed(range(items)):
        holding[item] += random.uniform(0.2, 2.0)
        if item:
            holding[successor[item]] += holding[item]
    return Assembly(successor, random.integers(0, 4, items).tolist(), holding.tolist(), 8 * holding[0], stats.poisson(4))


def test_a_line_is_a_line() -> None:
    best = Assembly([-1, 0, 1], [1, 0, 2], [4, 2, 1], 30, stats.poisson(6)).optimum()
    line = clark_scarf([4, 2, 1], 30, [1, 0, 2], stats.poisson(6))
    assert best.cost == pytest.approx(line.cost)
    assert best.is_local
    assert best.echelon_levels == line.reachable
    assert best.installation_levels == line.installation_levels


def test_parts_that_take_equally_long_are_held_as_one_kit() -> None:
    best, content = BIKE.optimum(), np.array(BIKE.uses)
    kit = clark_scarf([10, 8], 60, [0, 2], stats.poisson(5))
    assert best.cost == pytest.approx(kit.cost)
    assert np.array(best.echelon_levels) / content == pytest.approx([kit.reachable[0], *[kit.reachable[1]] * 2])
    assert best.is_local


def test_units_of_parts_do_not_matter() -> None:
    grams = Assembly([-1, 0, 0], [0, 2, 1], [10, 0.004, 2], 60, stats.poisson(5), uses=[1, 1000, 1]).optimum()
    kilograms = Assembly([-1, 0, 0], [0, 2, 1], [10, 4, 2], 60, stats.poisson(5)).optimum()
    assert grams.cost == pytest.approx(kilograms.cost)
    assert np.array(grams.echelon_levels) / [1, 1000, 1] == pytest.approx(kilograms.echelon_levels)


@pytest.mark.parametrize(
    ("keys", "named"),
    [
        ({"successor": [-1, -1, 0]}, "successor"),
        ({"successor": [-1, 2, 1]}, "successor"),
        ({"successor": [-1, 0, 3]}, "successor"),
        ({"lead_times": [0, 1]}, "lead_times"),
        ({"lead_times": [0, 1, -1]}, "lead_times"),
        ({"uses": [1, 0, 1]}, "uses"),
        ({"uses": [1, 1]}, "uses"),
        ({"holding": [2.9, 1, 2]}, "holding"),
        ({"holding": [3, 1]}, "holding"),
    ],
)
def test_what_is_no_assembly_is_refused_by_its_key(keys: dict[str, Any], named: str) -> None:
    given: dict[str, Any] = {"successor": [-1, 0, 0], "lead_times": [0, 1, 1], "holding": [4, 1, 2], "shortage": 30}
    with pytest.raises(InputError) as refused:
        Assembly(**{**given, "demand": stats.poisson(5), **keys})
    assert refused.value.key == named
