from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from scipy import stats

from orderup.agents import make_agent
from orderup.agents.exact import (
    best_capped_base_stock,
    best_dual_index,
    dual_sourcing_optimum,
    lost_sales_base_stock_cost,
    lost_sales_optimum,
)
from orderup.agents.exact.lattice import on_lattice
from orderup.envs.catalogue import changed, load_scenario
from orderup.envs.errors import InputError
from orderup.envs.simulator import Simulator

FIVE, FIFTY = stats.poisson(5), stats.poisson(50)


TOO_LARGE: dict[str, Callable[[], Any]] = {
    "lost sales, far away": lambda: lost_sales_optimum(1, 9, 9, FIVE),
    "lost sales, high volume": lambda: lost_sales_optimum(1, 9, 4, FIFTY),
    "a level with lost sales": lambda: lost_sales_base_stock_cost(1, 9, 9, FIVE, 50),
    "two lanes, far away": lambda: dual_sourcing_optimum(5, 495, 9, 100, 105, stats.randint(0, 5)),
    "two lanes, high volume": lambda: dual_sourcing_optimum(5, 495, 4, 100, 105, FIFTY),
    "a cap": lambda: best_capped_base_stock(1, 9, 9, on_lattice(FIVE)),
    "dual index": lambda: best_dual_index(5, 495, 5, 0, 30, on_lattice(FIFTY)),
}


@pytest.mark.parametrize("name", TOO_LARGE)
def test_a_program_too_large_is_refused_at_once_with_its_size_and_what_would_fit(name: str) -> None:
    with pytest.raises(InputError) as caught:
        TOO_LARGE[name]()
    assert "×" in str(caught.value.found)
    assert " = " in str(caught.value.found)
    assert "combinations" in caught.value.accepted
    assert "shorter lead time" in caught.value.accepted


def test_the_agent_says_so_too() -> None:
    store = load_scenario("lost_sales")
    lanes = [{**lane.model_dump(by_alias=True), "lead_time": 12} for lane in store.lanes]
    far = changed(store, name="far_away", lanes=lanes)
    with pytest.raises(InputError, match="at most .* combinations"):
        make_agent("optimal").reset(Simulator(far).context())


@pytest.mark.parametrize(
    ("scenario", "level", "assumption"),
    [
        ("owmr", "autonomous_silo", "a serial line of one product, with backlog"),
        ("newsvendor", "central_stale", "a level without delays"),
        ("beer_game", "autonomous_silo", "no order delays"),
    ],
)
def test_the_exact_agent_says_which_assumption_fails(scenario: str, level: str, assumption: str) -> None:
    with pytest.raises(InputError) as caught:
        make_agent("optimal").reset(Simulator(scenario, level).context())
    assert assumption in caught.value.accepted
