"""Where customers pay, what a method comes to is a profit, and per cents are of what is spent."""

from __future__ import annotations

import copy
import io
import math
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from orderup.evaluation import Bound, Comparison, compare, show
from orderup.evaluation.page.charts import ladder, stacks
from orderup.evaluation.page.tables import steps
from orderup.evaluation.tables.markdown import as_markdown
from orderup.evaluation.tables.summary import summary

STORE: dict[str, Any] = {
    "name": "kiosk",
    "horizon": 60,
    "warmup": 20,
    "sites": {"store_1": {"holding": 1, "initial": 20}},
    "lanes": [{"from": "supplier", "to": "store_1", "lead_time": 1, "unit_cost": 5}],
    "customers": [{"site": "store_1", "shortage": 9, "demand": {"type": "constant", "value": 10}}],
}
"""Everything that is asked for is sold, if late, so that a price adds the same to everybody's account."""
LEVELS = [("central_ideal", {"type": "base_stock", "levels": {"store_1": 22.0}}), ("autonomous_silo", "base_stock")]


def evaluated(price: float = 0.0, **more: Any) -> Comparison:
    scenario = copy.deepcopy(STORE)
    scenario["customers"][0] |= {"price": price, **more}
    return compare(scenario, LEVELS, episodes=8)


@pytest.fixture(scope="module")
def sold() -> Comparison:
    return evaluated(100.0)


def text(found: Comparison) -> str:
    console = Console(file=io.StringIO(), width=200, color_system=None)
    show(found, console)
    return str(console.file.getvalue())  # type: ignore[attr-defined]


def test_profit_is_revenue_less_everything_else(sold: Comparison) -> None:
    # Of the 22 ordered up to, 20 are for this period and the next: 2 are left over and cost 1 each; 10 are bought for 5 each
    method = sold.methods[0]
    assert method.kpis["profit"] == pytest.approx(10 * 100 - 10 * 5 - 2)
    assert method.kpis["outlay"] == pytest.approx(10 * 5 + 2)
    assert method.kpis["profit"] == pytest.approx(-method.cost)
    assert {"profit", "outlay"} <= set(sold.episodes)


def test_per_cents_are_what_they_would_be_without_a_price(sold: Comparison) -> None:
    unpaid = evaluated()
    for paid, free in zip(sold.methods, unpaid.methods, strict=True):
        assert sold.difference(paid).estimate == pytest.approx(unpaid.difference(free).estimate)
        assert sold.relative_cost(paid).estimate == pytest.approx(unpaid.relative_cost(free).estimate)
        assert sold.sign(paid) == unpaid.sign(free)
    rungs = [[rung.relative.estimate for rung in found.ladder_best().rungs] for found in (sold, unpaid)]
    assert rungs[0] == pytest.approx(rungs[1])
    prices = [{(price.kind, price.method.label): price.interval.estimate for price in found.prices} for found in (sold, unpaid)]
    assert prices[0] == pytest.approx(prices[1])
    assert all(map(math.isfinite, prices[0].values()))


def test_regret_is_a_share_of_what_is_spent(sold: Comparison) -> None:
    bound = Bound("bound", sold.results[0].episodes["cost"].to_numpy() - 5.2, on_every_trace=True)
    found = Comparison(sold.results[:1], bounds=(bound,))
    (price,) = [price for price in found.prices if price.kind == "regret"]
    assert price.interval.estimate == pytest.approx(5.2 / 52)


def test_the_table_and_the_headline_tell_of_profits_and_of_no_negative_cost(sold: Comparison) -> None:
    told = text(sold)
    assert "profit" in told
    assert "revenue" in told
    assert "948.0" in told
    assert "-94" not in told.replace("− ", "")
    assert "▲ earns more, ▼ earns less" in told
    assert "Per cents are of what is spent" in told
    lead = "2.000 more (95 % confidence interval 2.000 to 2.000), 3.8 % of what that spends, than the next"
    assert f" is autonomous_silo: with base_stock it earns 950.0 per period, {lead}" in sold.headline
    row = next(line for line in told.splitlines() if line.startswith("autonomous_silo"))
    assert "+2.0 ± 0.0 ▲" in row
    assert "+3.8" in row
    assert "| profit |" in as_markdown(sold)
    assert summary(sold)["told_as"] == "profit"


def test_the_page_draws_profits_and_terms_that_revenue_does_not_drown(sold: Comparison) -> None:
    assert sold.methods[0].worth.estimate == pytest.approx(948)
    assert sold.beyond(sold.methods[1]).estimate == pytest.approx(2)
    assert [(step.arrow, step.style) for step in steps(sold)][1] == ("▲", "better")
    assert ladder(sold).title == "Profit per period"
    assert {bar["name"] for bar in stacks(sold.methods).data} == {"holding", "purchase"}


def test_where_nobody_pays_all_is_told_as_a_cost() -> None:
    found = evaluated()
    assert "profit" not in found.methods[0].definitions
    told = text(found)
    assert "profit" not in told
    assert "▲ costs more, ▼ costs less" in told
    assert "central_ideal with base_stock" in found.headline


def test_a_loss_is_a_profit_below_zero_with_per_cents_all_the_same() -> None:
    found = evaluated(1.0)
    assert found.methods[0].kpis["profit"] == pytest.approx(10 - 52)
    assert found.relative_cost(found.methods[1]).estimate == pytest.approx(-2 / 52)
    assert "it earns -40.00 per period" in found.headline
    assert np.isfinite(found.relative_cost(found.methods[1]).low)
