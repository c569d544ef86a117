"""How recorded demand names its periods: what is a neighbour of what."""

from __future__ import annotations

import gzip
import os
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from orderup.envs.demand.file import FileDemand
from orderup.envs.demand.periods import calendar_of
from orderup.envs.demand.recorded import FileColumns, read
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.validation import validated
from orderup.envs.numerics.draws import Draw


def recorded(folder: Path, periods: Any, demand: Any, name: str = "sales.csv", **columns: Any) -> Path:
    table = pd.DataFrame({"period": periods, "site": "store_1", "product": "tea", "demand": demand, **columns})
    path = folder / name
    table.to_parquet(path) if path.suffix == ".parquet" else table.to_csv(path, index=False)
    return path


def process(path: Path, train: Any, validation: Any, test: Any, **fields: Any) -> FileDemand:
    windows = {"train": train, "validation": validation, "test": test}
    keys = {"path": str(path), "site": "store_1", "windows": windows, **fields}
    return validated(FileDemand, keys, "demand")


def test_weeks_go_from_one_year_to_the_next_without_an_empty_week(tmp_path: Path) -> None:
    weeks = [year * 100 + week for year in (2022, 2023, 2024) for week in range(1, 53)]
    demand = process(recorded(tmp_path, weeks, 12), [202201, 202352], [202401, 202426], [202427, 202452], missing="zero")
    mean, sd = demand.moments(("tea",))
    assert (mean[0], sd[0]) == (12, 0)
    assert demand.sample(Draw(0, "store_1", "store_1", ("tea",), 26, np.arange(2), "test")).shape == (26, 1, 2)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["202052", "202053", "202101"], [0, 1, 2]),  # a long year: its 53rd week is there
        (["202152", "202201", "202202"], [0, 1, 2]),
        (["202311", "202312", "202401"], [0, 1, 2]),  # months, as no number is above 12
        (["2023-12", "2024-01", "2024-03"], [0, 1, 3]),
        (["2023-W52", "2024-W01", "2024-W02"], [0, 1, 2]),
        (["2023-Q4", "2024-Q1", "2024-Q3"], [0, 1, 3]),
        (["2024-02-28", "2024-02-29", "2024-03-01"], [0, 1, 2]),
        (["20240228", "20240229", "20240301"], [0, 1, 2]),
        (["2023-12-25", "2024-01-01", "2024-01-15"], [0, 1, 3]),  # weeks from Mondays on
        (["2023-12-01", "2024-01-01", "2024-03-01"], [0, 1, 3]),
        (["2023-12-31", "2024-01-31", "2024-02-29"], [0, 1, 2]),
        (["2024-02-28 00:00:00", "2024-02-29 00:00:00", "2024-03-01 00:00:00"], [0, 1, 2]),
        (["202353", "202354", "202401"], [0, 1, 48]),  # no weeks, since a year has no 54th: plain numbers
        (["1", "2", "10"], [0, 1, 9]),
    ],
)
def test_names_of_periods_are_recognised_together(names: list[str], expected: list[int]) -> None:
    series = pd.Series(names, dtype=str)
    calendar = calendar_of(series, None)
    numbers = calendar.numbers(series)
    assert (numbers - numbers[0]).tolist() == expected
    assert all(name.startswith(calendar.name(int(number))) for name, number in zip(names, numbers, strict=True))


def test_a_frequency_settles_what_could_be_read_in_two_ways() -> None:
    codes = pd.Series(["202310", "202311", "202401"], dtype=str)
    gaps = {
        frequency: np.diff(calendar_of(codes, frequency).numbers(codes)).tolist() for frequency in ("month", "week", "number")
    }
    assert gaps == {"month": [1, 2], "week": [1, 42], "number": [1, 90]}
    with pytest.raises(
        InputError, match=r"demand\.frequency: found 'day, with periods such as 202310'; accepted: number, week, month"
    ):
        calendar_of(codes, "day")


def test_windows_of_dates_take_the_weeks_that_begin_in_them(tmp_path: Path) -> None:
    mondays = pd.date_range("2023-01-02", periods=104, freq="7D")
    path = recorded(tmp_path, mondays, np.arange(104.0), "sales.parquet")
    demand = process(path, ["2023-01-02", "2023-12-31"], ["2024-01-01", "2024-06-30"], ["2024-07-01", "2024-12-23"])
    found = demand.sample(Draw(0, "store_1", "store_1", ("tea",), 26, np.arange(1), "validation"))
    assert found[:, 0, 0].tolist() == list(range(52, 78))


def test_dates_in_yaml_need_no_quotes(tmp_path: Path) -> None:
    from datetime import date

    path = recorded(tmp_path, pd.date_range("2024-01-01", periods=9).strftime("%Y-%m-%d"), range(9))
    days = [date(2024, 1, day) for day in range(1, 10)]
    assert process(path, days[:2], days[2:4], days[4:6]).moments(("tea",))[0] == 0.5


@pytest.mark.parametrize(
    ("periods", "windows", "complaint"),
    [
        (
            ["2024-01-01 06:00", "2024-01-02 06:00"],
            ["2024-01-01", "2024-01-02"],
            "row 1, column period: found '2024-01-01 06:00'",
        ),
        (["01/02/2024", "02/02/2024"], ["01/02/2024", "02/02/2024"], "row 1, column period: found '01/02/2024'"),
        (["2024-01-01", "7"], ["2024-01-01", "2024-01-02"], "row 1, column period: found '2024-01-01'"),
        (
            ["2024-01-01", "2024-01-02"],
            [1, 2],
            r"demand\.windows: found \[1, 2\].*2024-01-01 to 2024-01-02, each written as a date",
        ),
        ([202352, 202401], [202352, 202353], r"demand\.windows: found \[202352, 202353\]"),
    ],
)
def test_periods_that_cannot_be_placed_are_refused(tmp_path: Path, periods: Any, windows: Any, complaint: str) -> None:
    path = recorded(tmp_path, periods, 1.0)
    later = ["3000-01-01", "3000-01-02"], ["3000-01-03", "3000-01-04"]
    numbers = [900_000, 900_001], [900_002, 900_003]
    others = numbers if isinstance(windows[0], int) else later
    with pytest.raises(InputError, match=complaint):
        process(path, windows, *others).moments(("tea",))


@pytest.mark.parametrize(
    "values",
    [
        pd.to_datetime(["2024-01-01", "2024-01-02"]),
        pd.to_timedelta([1, 2], unit="D"),
        [True, False],
        pd.array([True, None], dtype="boolean"),
        [pd.Timestamp("2024-01-01").date(), pd.Timestamp("2024-01-02").date()],
    ],
)
def test_dates_durations_and_truth_values_are_no_demand(tmp_path: Path, values: Any) -> None:
    path = recorded(tmp_path, [1, 2], values, "sales.parquet")
    with pytest.raises(InputError, match="row 1, column demand: found .*; accepted: a number"):
        read(str(path), FileColumns(), "")


def test_truth_values_are_no_demand_in_text_either_but_tell_of_promotions(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="row 1, column demand: found True; accepted: a number"):
        read(str(recorded(tmp_path, [1, 2], [True, False])), FileColumns(), "")
    path = recorded(tmp_path, [1, 2], [3, 4], deal=[True, False])
    assert read(str(path), FileColumns(promotion="deal"), "").values["promotion"].tolist() == [1, 0]


def test_a_recorded_price_is_refused_since_it_would_change_nothing() -> None:
    with pytest.raises(
        InputError, match=r"columns\.price: found 'price'; accepted: nothing: what customers pay is their own key"
    ):
        validated(FileDemand, {"columns": {"price": "price"}})


def test_launches_and_ends_are_no_gaps_to_bridge(tmp_path: Path) -> None:
    demand = [np.nan, np.nan, 10, np.nan, 14, np.nan, 8, 8, 8, 8]
    path = recorded(tmp_path, range(1, 11), demand)
    blank = process(path, [1, 6], [7, 8], [9, 10], missing="interpolate")
    absent = process(
        recorded(tmp_path, np.flatnonzero(np.isfinite(demand)) + 1, [10, 14, 8, 8, 8, 8], "absent.csv"),
        [3, 6], [7, 8], [9, 10], missing="interpolate",
    )  # fmt: skip
    found = blank.history("train", ("tea",))[:, 0]
    assert found.tolist() == [0, 0, 10, 12, 14, 14]  # nothing before the launch; the gap at the window's end is a gap
    assert absent.history("train", ("tea",))[:, 0].tolist() == [10, 12, 14, 14]


def test_a_large_sparse_file_takes_memory_for_its_rows_and_not_for_its_cells(tmp_path: Path) -> None:
    rows = np.arange(40_000)
    table = pd.DataFrame({
        "period": rows % 2_000,
        "site": np.char.add("store_", (rows % 400).astype(str)),
        "product": np.char.add("p_", (rows // 4).astype(str)),
        "demand": 1.0,
    })  # fmt: skip
    table.to_parquet(tmp_path / "sparse.parquet")  # as a cube 64 GB
    tracemalloc.start()
    found = read(str(tmp_path / "sparse.parquet"), FileColumns(), "")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(found.period) == 40_000
    assert peak < 1 << 27
    assert (
        np.nansum(found.window("demand", "store_7", ("p_1", "p_101"), (0, 1_999)))
        == table[(table["site"] == "store_7") & table["product"].isin(["p_1", "p_101"])]["demand"].sum()
    )


def test_one_stray_period_number_is_named_with_its_row(tmp_path: Path) -> None:
    path = recorded(tmp_path, [1, 2, 200_000_000, 3], 1.0)
    with pytest.raises(InputError, match="row 3, column period: found '200000000'; accepted: periods numbered one by one"):
        read(str(path), FileColumns(), "")


def test_a_file_made_to_fill_the_memory_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "bomb.csv.gz"
    with gzip.open(path, "wb", compresslevel=9) as file:
        file.write(b"period,site,product,demand\n")
        for _ in range(120):
            file.write(b"1" * (1 << 20))
    assert path.stat().st_size < 1 << 20
    with pytest.raises(InputError, match="a file that can be read .*250 times as large"):
        read(str(path), FileColumns(), "")


@pytest.mark.parametrize("path", ["x" * 300 + ".csv", "~nobody_of_that_name/sales.csv", "a\0b.csv"])
def test_impossible_paths_are_refused_by_key(path: str) -> None:
    with pytest.raises(InputError, match=r"demand\.path"):
        read(path, FileColumns(), "")


def test_a_pipe_is_no_file_to_wait_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(InputError, match="an existing CSV or Parquet file"):
        read(str(tmp_path / "pipe.csv"), FileColumns(), "")
