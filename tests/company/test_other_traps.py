"""What the files beside the sales could be taken for without a word: it comes to what was meant, or to a question."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import orderup
from orderup.company.network_files import NetworkFiles
from orderup.envs.demand.base import of_product
from orderup.envs.demand.series import Seasonal
from orderup.envs.foundation.errors import InputError

WEEKS = pd.date_range("2023-01-02", periods=60, freq="7D").astype(str)
LAST = WEEKS[-1]
LANES = "from;to;lead time (days);order delay (days)\nS;Berlin;7;\nS;Köln;14;7\n"


def network(folder: Path, **given: Any) -> NetworkFiles:
    """A network of two stores and two products, with further files as texts."""
    rng = np.random.default_rng(0)
    rows = [(week, site, product, int(rng.poisson(8))) for week in WEEKS for site in ("Berlin", "Köln") for product in "ab"]
    options: dict[str, Any] = {}
    for name, text in given.items():
        options[name] = text
        if isinstance(text, str) and "\n" in text:
            options[name] = folder / f"{name}.csv"
            options[name].write_text(text, encoding="utf-8")
    table = pd.DataFrame(rows, columns=["date", "site", "product", "quantity"])
    return orderup.network_from_tables(table, period="week", today="2024-03-01", **options)


def said(found: NetworkFiles, part: str) -> list[int]:
    return [made.count for made in found.decisions if part in made.found]


def test_a_history_of_stock_is_not_added_up(tmp_path: Path) -> None:
    stock = f"site;product;stock;date\nBerlin;a;90;2023-05-01\nBerlin;a;12;{LAST}\nBerlin;a;3;{LAST}\nKöln;b;4;{LAST}\n"
    found = network(tmp_path, stock=stock)
    assert found.scenario.sites["Berlin"].initial == {"a": 15, "b": 0}
    assert said(found, "of an earlier day than the last") == [1]


def test_one_product_counted_long_ago_is_stale_as_all_would_be(tmp_path: Path) -> None:
    stock = f"site;product;stock;date\nBerlin;a;9;2023-05-01\nKöln;b;4;{LAST}\n"
    with pytest.raises(InputError, match="row 2, column date: found '2023-05-01'.*stale=keep"):
        network(tmp_path, stock=stock)
    assert network(tmp_path, stock=stock, stale="keep").scenario.sites["Berlin"].initial == {"a": 9, "b": 0}


REFUSED: dict[str, tuple[str, str, str]] = {
    "stock of a day to come": ("stock", "site;product;stock;date\nBerlin;a;4;2034-02-19\n", "no day after today"),
    "stock in boxes": ("stock", "site;product;stock\nBerlin;a;4 Karton\n", "row 2, column stock.*not of Karton"),
    "stock in two units": (
        "stock",
        "site;product;stock;Einheit\nBerlin;a;4;Stk\nKöln;a;4;Karton\n",
        "row 3, column Einheit: found 'Karton'",
    ),
    "stock as a share": ("stock", "site;product;stock\nBerlin;a;40 %\n", "row 2, column stock.*no per cent"),
    "orders of a day to come": (
        "receipts",
        "from;to;order date;receipt date\nS;Köln;2034-02-01;2034-03-01\n",
        "row 2, column order date.*no day after today",
    ),
    "two packs of a product": (
        "rules",
        "site;product;multiple\nBerlin;a;6\nBerlin;a;12\n",
        "row 3, column multiple: found '12, after 6 in another row'",
    ),
    "lead times against their heading": (
        "lanes",
        "from;to;lead time (days)\nS;Berlin;2 Wochen\nS;Köln;7\n",
        "row 2, column lead time.*days, as the column's name says",
    ),
    "holding as a number of per cents": ("costs", "product;value;holding_rate\na;3;20\nb;3;20\n", "20 %"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_something_else_is_refused_with_its_place(name: str, tmp_path: Path) -> None:
    file, text, message = REFUSED[name]
    with pytest.raises(InputError, match=message):
        network(tmp_path, **{file: text})


def test_shares_may_be_per_cents(tmp_path: Path) -> None:
    costs = "product;value;holding_rate;service\na;10;26 %;90 %\nb;10;0,26;0,9\n"
    found = network(tmp_path, costs=costs)
    holding = found.scenario.sites["Berlin"].holding
    assert of_product(holding, "a") == of_product(holding, "b") == pytest.approx(2.6 / (365.25 / 7), rel=1e-4)
    assert {entry.service.fill for entry in found.scenario.customers if entry.service is not None} == {0.9}


def test_money_without_its_currency_beside_two_others_is_said(tmp_path: Path) -> None:
    costs = "product;site;value;currency\na;Berlin;10;EUR\nb;Berlin;10;USD\nb;Köln;10;\n"
    found = network(tmp_path, costs=costs, currencies={"EUR": 1.0, "USD": 0.5})
    assert said(found, "rows without a currency") == [1]


def test_lead_times_are_of_what_stands_beside_them_and_order_delays_of_what_their_column_says(tmp_path: Path) -> None:
    lanes = network(tmp_path, lanes=LANES).scenario.lanes
    assert [(lane.lead_time.mean, lane.order_delay) for lane in lanes] == [(1, 0), (2, 1)]
    words = "from;to;Lieferzeit\nS;Berlin;14 Tage\nS;Köln;3 Wochen\n"
    assert [lane.lead_time.mean for lane in network(tmp_path, lanes=words).scenario.lanes] == [2, 3]


def test_what_is_expected_after_today_is_under_way(tmp_path: Path) -> None:
    receipts = (
        f"from;to;product;order date;receipt date;quantity\nS;Köln;a;{LAST};2024-03-11;40\nS;Köln;a;2023-02-06;2023-02-20;9\n"
    )
    found = network(tmp_path, lanes=LANES, receipts=receipts)
    (arriving,) = found.scenario.arriving
    assert (arriving.lane, arriving.quantity, arriving.product) == ("S->Köln", 40, "a")
    assert said(found, "receipts of days after today") == [1]


def by_days(swing: float, length: int, later: float | None = None, **options: Any) -> NetworkFiles:
    """One product of which 40 are sold on a day, over a year between 1 − swing and 1 + swing of them, later otherwise."""
    at = np.arange(length)
    swings = np.where(at < 585, swing, swing if later is None else later)
    mean = 40 * (1 + swings * np.sin(2 * np.pi * at / 364)) * np.where(at % 7 == 5, 1.6, 0.9)
    days = pd.date_range("2022-01-03", periods=length, freq="D")
    table = pd.DataFrame({"date": days, "quantity": np.random.default_rng(1).poisson(mean)})
    return orderup.network_from_tables(table, period="day", today="2024-12-31", **options)


def of_a_year(found: NetworkFiles) -> list[str]:
    return [made.sentence for made in found.decisions if "days of demand" in made.found]


def test_two_years_of_days_have_weekdays_and_the_weeks_of_a_year() -> None:
    found = by_days(0.3, 731)
    (told,) = of_a_year(found)
    assert "fitted, beside weekdays" in told
    low, high, with_it, without = (float(share) for share in re.findall(r"([+-]?[\d.]+) %", told))
    assert [low, high] == pytest.approx([-30, 30], abs=5)
    assert with_it == pytest.approx(100 / 40**0.5, abs=3)  # a Poisson day's own
    assert without > with_it + 5
    demand, after = found.scenario.customers[0].demand, 731 + np.arange(364)
    assert isinstance(demand, Seasonal)
    expected = 40 * (1 + 0.3 * np.sin(2 * np.pi * after / 364)) * np.where(after % 7 == 5, 1.6, 0.9)
    np.testing.assert_allclose(demand.base.moments(found.scenario.products)[0] * demand.factors, expected, rtol=0.15)
    with pytest.raises(InputError, match="family: found 'ar1, of demand with a season'; accepted: .*seasons=false"):
        by_days(0.3, 731, family="ar1")
    assert found.scenario.seasons == (7, 364)
    assert found.scenario.horizon - found.scenario.warmup == 364


def test_a_year_that_tells_nothing_of_what_was_kept_back_is_said_and_not_fitted() -> None:
    found = by_days(0.3, 731, later=-0.3)
    assert "not fitted: only weekdays are" in of_a_year(found)[0]
    assert found.scenario.seasons == (7,)
    assert of_a_year(by_days(0.0, 731)) == []
    assert "300 days of demand: no season of a year is fitted" in of_a_year(by_days(0.3, 300))[0]


def test_what_is_sold_in_whole_units_alone_is_ordered_so_where_that_is_asked_for() -> None:
    table = pd.DataFrame(
        [
            (week, "Berlin", product, at % 5 + part)
            for at, week in enumerate(WEEKS)
            for product, part in (("a", 0), ("kg", 0.5))
        ],
        columns=["date", "site", "product", "quantity"],
    )
    found = orderup.network_from_tables(table, period="week", today="2024-03-01")
    assert [(made.count, made.key) for made in found.decisions if "whole units alone" in made.found] == [(1, "whole_units")]
    assert "multiple" not in found.keys["lanes"][0]
    whole = orderup.network_from_tables(table, period="week", today="2024-03-01", whole_units=True)
    assert whole.keys["lanes"][0]["multiple"] == {"a": 1, "kg": 0}


@pytest.mark.parametrize(("encoding", "shown"), [("cp850", "K”ln"), ("mac_roman", "MŸnchen")])
def test_an_encoding_of_another_age_is_asked_about_where_it_shows(encoding: str, shown: str, tmp_path: Path) -> None:
    name = shown.encode("cp1252").decode(encoding)
    rows = "".join(f"{week};{name};a;{at % 3}\n" for at, week in enumerate(WEEKS))
    path = tmp_path / "old.csv"
    path.write_bytes(f"Datum;Filiale;Artikel;Menge\n{rows}".encode(encoding))
    with pytest.raises(InputError, match=f"found '{shown}'; accepted: encoding={encoding} if it is '{name}'"):
        orderup.read_demand(path, today="2024-03-01")
    assert orderup.read_demand(path, today="2024-03-01", encoding=encoding).sites == (name,)


def test_what_costs_nothing_to_hold_is_said(tmp_path: Path) -> None:
    found = network(tmp_path, costs="product;cost\na;0\nb;3\n")
    assert [told for told in found.assumptions if "Holding a unit of a costs nothing" in told]
