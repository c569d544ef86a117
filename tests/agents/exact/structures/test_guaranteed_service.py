"""Service times on trees are the best there are: a textbook's, a line's, and whatever trying all of them finds."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from orderup.agents.exact.structures import guaranteed_service, longest_times
from orderup.envs.foundation.errors import InputError

Tree = tuple[list[tuple[int, int]], list[int], dict[int, int], dict[int, int]]


def root_costs(rates: Any, horizon: int) -> NDArray[np.float64]:
    """h·σ of each stage by the root of the periods covered."""
    found: NDArray[np.float64] = np.asarray(rates, dtype=float)[:, None] * np.sqrt(np.arange(horizon + 1))
    return found


def test_the_textbooks_network_has_its_service_times_and_cost() -> None:
    # Snyder and Shen, Fundamentals of Supply Chain Theory, example 6.5: a plant that feeds one that feeds two
    rates = np.array([1, 3, 2, 3]) * np.sqrt([2, 1, 2, 1])
    best = guaranteed_service([(0, 2), (2, 1), (2, 3)], [2, 1, 1, 1], root_costs(rates, 5), {1: 0, 3: 1}, {0: 1})
    assert best.outgoing == (0, 0, 0, 1)
    assert best.covered == (3, 1, 1, 0)
    assert best.cost == pytest.approx(8.277916867529369)


@pytest.mark.parametrize("rates", [(2, 4, 7), (1, 6, 7), (5, 6, 7)])
def test_a_line_keeps_all_or_nothing_at_each_stage(rates: tuple[int, ...]) -> None:
    # Simpson 1958 (Operations Research 6): a stage delivers at once, or has no stock at all
    times = [3, 2, 1]
    best = guaranteed_service([(0, 1), (1, 2)], times, root_costs(rates, 6), {2: 0})
    assert all(out == 0 or covered == 0 for out, covered in zip(best.outgoing, best.covered, strict=True))
    assert sum(best.covered) == sum(times)


def drawn(seed: int) -> Tree:
    """A small tree whose arcs point any way."""
    random = np.random.default_rng(seed)
    stages = int(random.integers(2, 6))
    pairs = [(int(random.integers(0, stage)), stage) for stage in range(1, stages)]
    arcs = [pair if random.uniform() < 0.5 else pair[::-1] for pair in pairs]
    promised = {stage: int(random.integers(0, 2)) for stage in range(stages) if all(supplier != stage for supplier, _ in arcs)}
    inbound = {stage: int(random.integers(0, 2)) for stage in range(stages) if all(customer != stage for _, customer in arcs)}
    return arcs, random.integers(0, 3, stages).tolist(), promised, inbound


def cheapest_of_all(tree: Tree, table: NDArray[np.float64]) -> float:
    """By trying every combination of outgoing service times, each stage getting what it needs as early as it can."""
    arcs, times, promised, inbound = tree
    best, most = np.inf, longest_times(arcs, times, inbound)
    for outgoing in itertools.product(*(range(min(limit, promised.get(stage, limit)) + 1) for stage, limit in enumerate(most))):
        cost = 0.0
        for stage, out in enumerate(outgoing):
            incoming = max([inbound.get(stage, 0), *(outgoing[supplier] for supplier, customer in arcs if customer == stage)])
            covered = incoming + times[stage] - out
            cost += np.inf if covered < 0 else table[stage, covered]
        best = min(best, cost)
    return best


@pytest.mark.parametrize("seed", range(30))
def test_no_combination_of_service_times_is_cheaper(seed: int) -> None:
    tree = arcs, times, promised, inbound = drawn(seed)
    rates = np.random.default_rng(seed + 100).uniform(0.5, 3, len(times))
    table = root_costs(rates, max(longest_times(arcs, times, inbound)))
    best = guaranteed_service(arcs, times, table, promised, inbound)
    assert best.cost == pytest.approx(cheapest_of_all(tree, table))
    assert best.cost == pytest.approx(sum(table[stage, covered] for stage, covered in enumerate(best.covered)))
    assert all(best.incoming[customer] >= best.outgoing[supplier] for supplier, customer in arcs)
    assert all(best.outgoing[stage] <= limit for stage, limit in promised.items())
    assert all(best.incoming[stage] >= wait for stage, wait in inbound.items())


def test_trees_that_do_not_hang_together_are_solved_each_for_itself() -> None:
    both = guaranteed_service([(0, 1), (2, 3)], [3, 1, 3, 1], root_costs([1, 2, 1, 2], 4), {1: 0, 3: 0})
    one = guaranteed_service([(0, 1)], [3, 1], root_costs([1, 2], 4), {1: 0})
    assert both.outgoing == one.outgoing * 2
    assert both.cost == pytest.approx(2 * one.cost)


def test_a_thousand_stages_in_a_row_are_no_trouble() -> None:
    stages = 1000
    arcs = [(stage, stage + 1) for stage in range(stages - 1)]
    times = [1 if stage % 50 == 0 else 0 for stage in range(stages)]
    best = guaranteed_service(arcs, times, root_costs(np.linspace(1, 2, stages), 20), {stages - 1: 0})
    assert sum(best.covered) == 20


@pytest.mark.parametrize(
    ("keys", "named"),
    [
        ({"arcs": [(0, 1), (1, 2), (0, 2)]}, "arcs"),
        ({"arcs": [(0, 1), (1, 0)]}, "arcs[1]"),
        ({"arcs": [(0, 1), (1, 3)]}, "arcs[1]"),
        ({"arcs": [(1, 1)]}, "arcs[0]"),
        ({"times": [1, -1, 1]}, "times"),
        ({"cost": np.ones((3, 3))}, "cost"),
        ({"cost": np.ones((2, 9))}, "cost"),
        ({"promised": {2: -1}}, "promised"),
    ],
)
def test_what_is_no_tree_of_stages_is_refused_by_its_key(keys: dict[str, Any], named: str) -> None:
    given: dict[str, Any] = {"arcs": [(0, 1), (1, 2)], "times": [1, 1, 1], "cost": np.ones((3, 4)), "promised": {2: 0}}
    with pytest.raises(InputError) as refused:
        guaranteed_service(**{**given, **keys})
    assert refused.value.key == named
