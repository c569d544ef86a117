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


def test_a_year_that_days_do_not_show_is_said(tmp_path: Path) -> None:
    days = pd.date_range("2022-01-01", periods=800, freq="D")
    rng = np.random.default_rng(1)

    def told(swing: float, length: int) -> list[str]:
        mean = 40 * (1 + swing * np.sin(2 * np.pi * np.arange(length) / 365.25))
        table = pd.DataFrame({"date": days[:length], "quantity": rng.poisson(mean)})
        decisions = orderup.network_from_tables(table, period="day", today="2024-12-31").decisions
        return [made.sentence for made in decisions if "days of demand" in made.found]

    (seasonal,) = told(0.3, 800)
    assert "only weekdays are fitted" in seasonal
    low, high = (int(share) for share in re.findall(r"([+-]\d+) %", seasonal))
    assert low == pytest.approx(-30, abs=4)
    assert high == pytest.approx(30, abs=4)
    assert told(0.0, 800) == []
    (short,) = told(0.3, 300)
    assert "300 days of demand: no season of a year is fitted" in short
