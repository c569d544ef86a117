"""KPIs of what few networks have agree with the ledger, where a unit costs one."""

from __future__ import annotations

from typing import Any

import pytest

from orderup import evaluate
from orderup.evaluation.running.result import Result

SCENARIO: dict[str, Any] = {
    "name": "everything_counted",
    "horizon": 30,
    "warmup": 5,
    "sites": {
        "store_1": {"holding": 1, "initial": 12, "shelf_life": 2, "scrap_cost": 1, "carbon": 0.5},
        "store_2": {"holding": 1, "initial": 30},
    },
    "lanes": [
        {"from": "supplier", "to": "store_1", "lead_time": 1, "yield": {"mean": 0.8, "spread": 0.1}, "carbon": 2},
        {"from": "supplier", "to": "store_2", "lead_time": 1, "unit_cost": 1},
    ],
    "customers": [
        {
            "site": "store_1",
            "shortage": 9,
            "demand": {"type": "poisson", "mean": 5},
            "spill_to": {"site": "store_2", "cost": 1},
        },
        {"site": "store_2", "shortage": 9, "unmet": "lost", "demand": {"type": "poisson", "mean": 5}},
    ],
    "returns": [{"from": "store_2", "to": "store_1", "share": 0.5, "delay": 1}],
    "carbon": {"price": 1},
}


@pytest.fixture(scope="module")
def evaluated() -> Result:
    return evaluate(SCENARIO, agents="base_stock", episodes=40, seed=10_000)


@pytest.mark.parametrize(("kpi", "term"), [("carbon", "cost_carbon"), ("scrapped", "cost_scrap"), ("spilled", "cost_spill")])
def test_at_a_price_of_one_the_ledger_has_the_number_itself(evaluated: Result, kpi: str, term: str) -> None:
    assert evaluated.sums[kpi].sum() == pytest.approx(evaluated.sums[term].sum())
    assert evaluated.sums[kpi].sum() > 0


def test_they_are_shares_of_what_they_are_about(evaluated: Result) -> None:
    sums, kpis = evaluated.sums.sum(), evaluated.kpis
    fill = float(evaluated.sites["fill_rate"].to_numpy()[list(evaluated.sites.index).index("store_2")])
    assert kpis["spill_share"] == pytest.approx(sums["cost_spill"] / sums["served"])
    assert kpis["scrap_share"] == pytest.approx(sums["cost_scrap"] / sums["outflow"])
    assert kpis["returned"] == pytest.approx(0.5 * fill * 5, rel=0.1)
    assert kpis["lost_on_the_way"] > 0.5


def test_networks_without_them_have_no_such_kpis() -> None:
    plain = evaluate("newsvendor", agents="base_stock", episodes=2, seed=10_000)
    assert not {"carbon", "scrap_share", "spill_share", "returned", "lost_on_the_way"} & set(plain.kpis)
