"""Today's orders by what is foreseen: forecasts from elsewhere, and events of which the books do not tell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from scipy.stats import poisson

import orderup

from ...forecast_files import LONG_AGO, forecasts, means, scenario, written

GIVEN = {"type": "forecast_newsvendor", "method": "given"}


def stock(**columns: Any) -> dict[str, Any]:
    return {"stock": [{"site": "store_1", "product": "tea", "on_hand": 12, **columns}]}


def test_a_day_is_decided_by_what_is_forecast_of_it(tmp_path: Path) -> None:
    written(tmp_path)
    orders = orderup.decide(scenario(tmp_path), agent=GIVEN, books=stock(period=1234))
    assert orders.table["level"].item() == pytest.approx(poisson.ppf(0.9, means()[1234, 0]))
    assert orders.table["quantity"].item() == pytest.approx(poisson.ppf(0.9, means()[1234, 0]) - 12)


def test_without_dates_today_comes_after_all_demand_that_is_known(tmp_path: Path) -> None:
    next_one = forecasts().iloc[[-1]].assign(period=LONG_AGO, **{"q0.9": 77.0, "q0.95": 99.0})
    written(tmp_path, pd.concat([forecasts(), next_one]))
    orders = orderup.decide(scenario(tmp_path), agent=GIVEN, books=stock())
    assert orders.table["level"].item() == pytest.approx(77.0)
    assert any(str(LONG_AGO) in note for note in orders.notes)


def test_that_nothing_is_forecast_of_today_is_said(tmp_path: Path) -> None:
    written(tmp_path)
    orders = orderup.decide(scenario(tmp_path), agent=GIVEN, books=stock())
    assert any("Nothing is forecast" in note for note in orders.notes)


def test_that_books_do_not_tell_of_events_is_said_where_there_are_any() -> None:
    stock = [{"site": name, "product": "product", "on_hand": 10} for name in orderup.load_scenario("private_forecast").sites]
    orders = orderup.decide("private_forecast", books={"stock": stock})
    assert any("Events are not in the books" in note and "expected" in note for note in orders.notes)
    quiet = orderup.decide("owmr-small", books={"stock": stock[:1]})
    assert not any("Events" in note for note in quiet.notes)


def test_of_a_longer_past_without_forecasts_there_is_one_note(tmp_path: Path) -> None:
    written(tmp_path, forecasts().iloc[1503:])
    past = {"stock": [{**stock()["stock"][0], "period": period} for period in range(1500, 1505)]}
    notes = orderup.decide(scenario(tmp_path), agent=GIVEN, books=past).notes
    assert [note for note in notes if "forecast" in note] == [
        "Nothing is forecast of 3 periods, 1500 to 1502: usual demand stands for it."
    ]
