"""A file of forecasts beside the others: read in whatever form, and taken into the network on the record."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import orderup
from orderup.envs.foundation.errors import InputError

WEEKS = pd.date_range("2023-01-02", periods=60, freq="7D")
GIVEN = {"type": "forecast_newsvendor", "method": "given"}


def demand(sites: tuple[str, ...] = ("Berlin", "Köln")) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    rows = [
        (str(week.date()), site, product, int(rng.poisson(8))) for week in WEEKS for site in sites for product in ("007", "Tee")
    ]
    return pd.DataFrame(rows, columns=["date", "site", "product", "quantity"])


def told() -> pd.DataFrame:
    """Quantiles by site, product and week, made at the end of the week before; 40 weeks of record and 4 after it."""
    weeks = pd.date_range(WEEKS[40], periods=24, freq="7D")
    rows = [(week, site, product, 4.0, 12.0) for week in weeks for site in ("Berlin", "Köln") for product in ("007", "Tee")]
    found = pd.DataFrame(rows, columns=["week", "site", "product", "q0.1", "q0.9"])
    return found.assign(cutoff=found["week"] - pd.Timedelta(days=1))


def network(forecasts: Any, **options: Any) -> Any:
    return orderup.network_from_tables(demand(), forecasts=forecasts, period="week", **options)


def rows(found: Any) -> set[tuple[Any, ...]]:
    return set(
        found.forecasts.table[["period", "site", "product", "cutoff", "q0.1", "q0.9"]].itertuples(index=False, name=None)
    )


def test_dates_become_the_periods_of_the_record_and_the_network_on_it_goes_by_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = network(told(), horizon=12, warmup=0)
    assert ("2023-W41", "Köln", "007", "2023-W40", 4.0, 12.0) in rows(found)
    found.write("netz.yaml")
    recorded = orderup.load_scenario("netz-recorded.yaml")
    assert recorded.forecasts is not None
    result = orderup.evaluate(recorded, "autonomous_silo", agents=orderup.make_agent(GIVEN), episodes=1)
    assert np.isfinite(result.cost)
    orders = orderup.decide(recorded, agent=GIVEN, books={"stock": [{"site": "Köln", "product": "Tee", "on_hand": 1}]})
    assert any("2024-W09" in note for note in orders.notes)  # the week after the last on record
    row = orders.table[(orders.table["site"] == "Köln") & (orders.table["product"] == "Tee")]
    assert row["level"].item() > 8.0


def test_nixtlas_forecasts_and_a_row_for_each_quantile_say_the_same() -> None:
    table = told()
    nixtla = pd.DataFrame(
        {
            "unique_id": table["site"] + "/" + table["product"],
            "ds": table["week"],
            "cutoff": table["cutoff"],
            "AutoETS": 8.0,
            "AutoETS-lo-80": table["q0.1"],
            "AutoETS-hi-80": table["q0.9"],
        }
    )
    assert rows(network(nixtla)) == rows(network(table))
    long = table.melt(["week", "site", "product", "cutoff"], var_name="name", value_name="prognose")
    long = long.assign(quantile=long.pop("name").str[1:].astype(float))
    other = network(long).forecasts
    assert other.columns == {"cutoff": "cutoff", "quantile": "quantile", "value": "value"}
    one = other.table.query("period == '2023-W41' and site == 'Köln' and product == '007'")
    assert dict(zip(one["quantile"], one["value"], strict=True)) == {0.1: 4.0, 0.9: 12.0}


def test_levels_in_per_cent_are_refused_with_their_place() -> None:
    long = told().melt(["week", "site", "product", "cutoff"], var_name="name", value_name="prognose")
    long = long.assign(quantile=100 * long.pop("name").str[1:].astype(float))
    with pytest.raises(InputError, match="row 1, column quantile.*between 0 and 1"):
        network(long)


def test_quantiles_of_less_than_nothing_are_said_and_strictly_refused() -> None:
    below = told().assign(**{"q0.1": -1.0})
    assert [made.count for made in network(below).decisions if made.found == "quantiles of less than nothing"] == [len(below)]
    with pytest.raises(InputError, match="less than nothing"):
        network(below, strict=True, partial="drop")


def test_a_german_export_is_read_and_zeros_that_excel_took_are_found_again(tmp_path: Path) -> None:
    table = told()
    table["product"] = table["product"].str.lstrip("0")
    table["q0.1"], table["q0.9"] = "4,50", "1.012,00"
    path = tmp_path / "prognose.csv"
    table.assign(week=table["week"].dt.strftime("%d.%m.%Y"), cutoff=table["cutoff"].dt.strftime("%d.%m.%Y")).rename(
        columns={"week": "Woche", "site": "Filiale", "product": "Artikel", "cutoff": "Erstellt"}
    ).to_csv(path, sep=";", index=False, encoding="latin-1")
    found = network(path, zeros="ignore")
    assert ("2023-W41", "Köln", "007", "2023-W40", 4.5, 1012.0) in rows(found)
    with pytest.raises(InputError, match=r"row 2, column Artikel.*zeros=ignore"):
        network(path)


@pytest.mark.parametrize(
    ("change", "place", "accepted"),
    [
        ({"q0.1": "x"}, "row 1, column q0.1", "number"),
        ({"site": "Ulm"}, "row 1, column site", "unknown=drop"),
        ({"week": None}, "row 1, column week", "date"),
        ({"cutoff": pd.Timestamp("2024-06-03")}, "row 1, column cutoff", "before"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(change: dict[str, Any], place: str, accepted: str) -> None:
    with pytest.raises(InputError) as error:
        network(told().assign(**change))
    assert place in str(error.value)
    assert accepted in str(error.value)


def test_forecasts_by_days_are_not_added_up_to_weeks() -> None:
    weekly = told()
    tuesdays = weekly.assign(week=weekly["week"] + pd.Timedelta(days=1))
    with pytest.raises(InputError, match="quantiles of days do not add up"):
        network(pd.concat([weekly, tuesdays]))


def test_of_several_models_one_is_asked_for() -> None:
    both = told().rename(columns={"q0.1": "a-lo-80", "q0.9": "a-hi-80"}).assign(**{"b-lo-80": 1.0, "b-hi-80": 2.0})
    with pytest.raises(InputError, match="forecast_model"):
        network(both)
    assert network(both, forecast_model="b").forecasts.table["q0.9"].eq(2.0).all()


def point_forecasts(past: bool, **more: Any) -> Any:
    """A network on forecasts of 8 for every week; of the past too, if asked, made in the week before."""
    weeks = pd.date_range(WEEKS[0 if past else 59], periods=62 if past else 5, freq="7D")
    rows = [(week, site, product) for week in weeks for site in ("Berlin", "Köln") for product in ("007", "Tee")]
    table = pd.DataFrame(rows, columns=["week", "site", "product"]).assign(prognose=8.0)
    if past:
        table["cutoff"] = table["week"] - pd.Timedelta(days=1)
    return network(table.assign(**{name: value for name, value in more.items() if name == "sd"}), **more.get("options", {}))


def quantiles(found: Any) -> dict[str, float]:
    """Those of the week after the record, of one product."""
    row = found.forecasts.table.query("period == '2024-W09' and site == 'Köln' and product == '007'").iloc[0]
    return {name: float(row[name]) for name in ("q0.025", "q0.1", "q0.5", "q0.9", "q0.975")}


def test_one_number_is_spread_as_demand_is_about_its_mean_and_that_is_said() -> None:
    found = point_forecasts(past=False)
    (family,) = {entry["demand"]["type"] for entry in found.keys["customers"]}
    assert family == "poisson"
    assert quantiles(found) == {"q0.025": 3, "q0.1": 5, "q0.5": 8, "q0.9": 12, "q0.975": 14}  # Poisson with mean 8
    assert any("one number, the mean, and taken to be as far off as demand" in told for told in found.assumptions)


def test_one_number_is_spread_as_past_forecasts_were_off_before_the_test_window() -> None:
    found = point_forecasts(past=True)
    told = quantiles(found)
    assert any(
        "as far off as 192 of them were before the test window" in told for told in found.assumptions
    )  # 48 weeks of four
    assert told["q0.5"] == pytest.approx(8, abs=0.7)
    assert told["q0.9"] - told["q0.1"] == pytest.approx(2 * 1.2816 * 8**0.5, rel=0.2)  # of a normal, as wide as Poisson of 8
    by_family = point_forecasts(past=True, options={"forecast_spread": "family"})
    assert quantiles(by_family)["q0.9"] == 12
    with pytest.raises(InputError, match=r"forecast_spread: found 'errors, of which 0 are known'; accepted: at least 30"):
        point_forecasts(past=False, options={"forecast_spread": "errors"})


def test_a_column_of_deviations_is_the_spread_of_one_number() -> None:
    told = quantiles(point_forecasts(past=False, sd=2.0))
    assert told["q0.975"] - 8 == pytest.approx(1.96 * 2, abs=1e-3)
    assert told["q0.5"] == 8
    with pytest.raises(InputError, match="row 1, column sd: found -2.*number ≥ 0"):
        point_forecasts(past=False, sd=-2.0)


def test_a_single_quantile_is_refused_with_what_to_do() -> None:
    with pytest.raises(InputError, match=r"at least two quantiles.*level=\[80\].*columns.forecasts.amount"):
        network(told().drop(columns="q0.1").rename(columns={"q0.9": "AutoETS-median"}))
    models = told()[["week", "site", "product", "cutoff"]].assign(AutoETS=8.0, Theta=9.0)
    with pytest.raises(InputError, match="no quantiles in week.*columns.forecasts.amount=<name>"):
        network(models)
    assert network(models, forecast_model="Theta").forecasts.points is None
    validated = models.drop(columns="Theta").assign(y=7)  # as Nixtla's cross-validation has it
    assert "value" not in network(validated).forecasts.table


STORES, ITEMS = ("CA_1", "TX_2"), ("F_1_001", "F_1_002")


def test_the_forecasts_of_m5_are_those_of_its_days_and_sums_are_left_out() -> None:
    days = pd.date_range("2016-02-25", "2016-04-24")
    rows = [(day, site, item, 3 + at % 4) for at, day in enumerate(days) for site in STORES for item in ITEMS]
    sold = pd.DataFrame(rows, columns=["date", "site", "product", "quantity"])
    names = [f"{item}_{site}" for site in STORES for item in ITEMS]
    ids = [f"{name}_{level}_validation" for name in (*names, "Total_X") for level in ("0.025", "0.500", "0.975")]
    table = pd.DataFrame({"id": ids} | {f"F{day}": [day + number % 3 for number in range(len(ids))] for day in range(1, 29)})
    found = orderup.network_from_tables(sold, forecasts=table, period="day", today="2016-05-01")
    assert found.forecasts is not None
    one = found.forecasts.table.query("site == 'TX_2' and product == 'F_1_002' and quantile == 0.975")
    assert one["period"].tolist() == [str(day.date()) for day in pd.date_range("2016-04-25", periods=28)]
    assert one["value"].tolist() == [day + 2 for day in range(1, 29)]
    assert set(one["cutoff"]) == {"2016-04-24"}
    assert [made.count for made in found.decisions if "sums over" in made.found] == [3]
    alone = table.assign(id=[name.replace("_0.500", "") for name in table["id"]])
    with pytest.raises(
        InputError, match="row 2, column id: found 'F_1_001_CA_1_validation'.*without a quantile where all rows"
    ):
        orderup.network_from_tables(sold, forecasts=alone, period="day", today="2016-05-01")
    accuracy = alone[alone["id"].str.count("0[.]") == 0]
    points = orderup.network_from_tables(sold, forecasts=accuracy, period="day", today="2016-05-01").forecasts
    assert points is not None
    assert len(points.table) == 4 * 28
