"""KPIs from outside the project are counted and told as ours are."""

from __future__ import annotations

from typing import Any

import pytest

from orderup.envs.foundation.errors import InputError
from orderup.envs.numerics.arrays import Array, tree_sum
from orderup.evaluation import Kpi, Period, compare, evaluate
from orderup.evaluation.measures import amounts, worked_out
from orderup.evaluation.measures.kpi import kpis
from orderup.evaluation.page.tables import ladder_sheet
from orderup.evaluation.tables.text_table import headings, notes

PATH = "tests.evaluation.measures.test_own_kpis:OwnStock"


class OwnStock(Kpi):
    """Stock on the shelf at a period's end, by other means than ours"""

    unit, better = "units", "lower"
    denominator = worked_out.periods

    def numerator(self, period: Period) -> Array:
        """Of every site (N, B)."""
        return tree_sum(period.state.on_hand, axis=1)


class OwnFill(Kpi):
    """Type 2 service, of amounts that are counted already."""

    unit, better = "1", "higher"
    numerator, denominator = amounts.on_time, amounts.demanded


class Flat(OwnStock):
    """What has no sites."""

    def numerator(self, period: Period) -> Array:
        """Of the network alone (B,)."""
        return tree_sum(period.flows.demand)[0]


class Unexplained(Kpi):
    unit, better = "1", "lower"
    numerator, denominator = amounts.on_time, amounts.demanded


class Borrowed(OwnStock):
    """What is called as ours."""

    name = "turns"


def test_every_kpi_is_registered_by_its_own_name() -> None:
    assert [cls.name for cls in kpis.classes()] == [kpis.name_of(cls) for cls in kpis.classes()]


@pytest.mark.parametrize("scenario", ["owmr-small", "perishable"])
def test_own_kpis_come_to_what_ours_do(scenario: str) -> None:
    found = evaluate(scenario, agents="base_stock", episodes=6, batch=4, kpis=[PATH, OwnFill]).intervals
    assert (found["own_stock"], found["own_fill"]) == (found["on_hand"], found["fill_rate"])


def test_own_kpis_change_no_other() -> None:
    plain = evaluate("owmr-small", agents="base_stock", episodes=6)
    asked = evaluate("owmr-small", agents="base_stock", episodes=6, kpis=[PATH])
    assert {**asked.kpis, **plain.kpis} == pytest.approx(asked.kpis, nan_ok=True, rel=0, abs=0)
    assert asked.sites["own_stock"].to_list() == asked.sites["on_hand"].to_list()


def test_tables_have_own_kpis_and_what_they_mean() -> None:
    found = compare("owmr-small", [("autonomous_silo", "base_stock"), ("central_ideal", "base_stock")], episodes=6, kpis=[PATH])
    assert headings(found)[-1] == "own stock"
    assert "Own stock: Stock on the shelf at a period's end, by other means than ours [units]." in notes(found)
    assert "own_stock" in set(found.frame["kpi"])
    sheet = ladder_sheet(found)
    assert sheet.columns[-1] == "own_stock"
    assert [row[-1] for row in sheet.rows] == [method.kpis["on_hand"] for method in found.methods]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("tunrs", "kpis[0]"),
        (3, "a KPI by name"),
        (Unexplained, "a docstring"),
        (Borrowed, "a name that no other KPI has"),
        (Flat, "(sites, batch)"),
        ("scrap_share", "nothing of scrapped is counted here"),
    ],
)
def test_what_is_no_kpi_is_refused(given: Any, said: str) -> None:
    with pytest.raises(InputError) as refused:
        evaluate("owmr-small", agents="base_stock", episodes=2, kpis=[given])
    assert said in str(refused.value)
