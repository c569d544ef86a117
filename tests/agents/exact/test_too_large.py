from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats

from orderup.agents import make_agent
from orderup.agents.exact import (
    PeriodRates,
    best_capped_base_stock,
    best_dual_index,
    disruption_optimum,
    dual_sourcing_optimum,
    lost_sales_base_stock_cost,
    lost_sales_optimum,
    perishable_optimum,
    wagner_whitin,
    zheng_federgruen,
)
from orderup.agents.exact.lattice import on_lattice
from orderup.agents.exact.rationing import rationing_optimum
from orderup.envs.catalogue import changed, load_scenario
from orderup.envs.foundation.errors import InputError
from orderup.envs.simulator import Simulator

FIVE, FIFTY = stats.poisson(5), stats.poisson(50)


TOO_LARGE: dict[str, Callable[[], Any]] = {
    "lost sales, far away": lambda: lost_sales_optimum(1, 9, 9, FIVE),
    "lost sales, high volume": lambda: lost_sales_optimum(1, 9, 4, FIFTY),
    "a level with lost sales": lambda: lost_sales_base_stock_cost(1, 9, 9, FIVE, 50),
    "two lanes, far away": lambda: dual_sourcing_optimum(5, 495, 9, 100, 105, stats.randint(0, 5)),
    "two lanes, high volume": lambda: dual_sourcing_optimum(5, 495, 4, 100, 105, FIFTY),
    "a cap": lambda: best_capped_base_stock(1, 9, 9, on_lattice(FIVE)),
    "waste": lambda: perishable_optimum(PeriodRates(1, 5, 7), 5, FIFTY),
    "two kinds": lambda: rationing_optimum(0.5, (100, 1), (FIFTY, FIFTY), lead_time=3),
    "a supplier that hardly recovers": lambda: disruption_optimum(1, 20, 0.04, 0.006, stats.norm(50, 8)),
    "known demand": lambda: wagner_whitin(1, 64, np.ones(3000)),
    "dual index": lambda: best_dual_index(5, 495, 5, 0, 30, on_lattice(FIFTY)),
}


OTHERWISE = ("waste", "two kinds", "a supplier that hardly recovers", "known demand")
"""Those whose lead time is not what makes them large."""


@pytest.mark.parametrize("name", TOO_LARGE)
def test_a_program_too_large_is_refused_at_once_with_its_size_and_what_would_fit(name: str) -> None:
    with pytest.raises(InputError) as caught:
        TOO_LARGE[name]()
    assert "×" in str(caught.value.found)
    assert " = " in str(caught.value.found)
    assert "combinations" in caught.value.accepted
    assert "shorter lead time" in caught.value.accepted or name in OTHERWISE


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
        ("newsvendor", "central_stale", "an autonomy level without delays"),
        ("beer_game", "autonomous_silo", "no order delays"),
    ],
)
def test_the_exact_agent_says_which_assumption_fails(scenario: str, level: str, assumption: str) -> None:
    with pytest.raises(InputError) as caught:
        make_agent("optimal").reset(Simulator(scenario, level).context())
    assert assumption in caught.value.accepted


def test_a_sum_of_more_points_than_fit_at_once_is_worked_out_by_halves_and_refused_where_those_do_not_fit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, whole = on_lattice(stats.poisson(50)), on_lattice(stats.poisson(350))
    monkeypatch.setattr("orderup.agents.exact.lattice.MOST_SUMMED", 600)
    assert one.sum(7).ppf([0.1, 0.5, 0.9]).tolist() == whole.ppf([0.1, 0.5, 0.9]).tolist()
    with pytest.raises(InputError, match="a shorter lead time, or demand in larger units"):
        one.sum(5000)


@pytest.mark.parametrize("fixed", [0.0, 1e6])
def test_orders_for_millions_are_found_at_once_near_the_normal_limit(fixed: float) -> None:
    volume, ratio = 2e6, stats.norm.ppf(0.9)
    best = zheng_federgruen(1, 9, fixed, 0, stats.poisson(volume))
    assert best.up_to == pytest.approx(volume + ratio * volume**0.5, abs=200)
    assert best.cost - fixed == pytest.approx(10 * stats.norm.pdf(ratio) * volume**0.5, rel=2e-3)
