"""Forecasts in a file, however it is laid out, and what it may not say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from orderup.envs.demand.periods import Numbered
from orderup.envs.forecasts.forecast_file import ForecastTable, read_forecasts
from orderup.envs.forecasts.keys import Forecasts
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.validation import validated

WIDE = pd.DataFrame(
    {
        "period": [3, 4, 3],
        "site": ["store_1", "store_1", "store_2"],
        "product": ["tea", "tea", "milk"],
        "q0.1": [1.0, 2.0, 3.0],
        "q0.9": [5.0, 6.0, 7.0],
    }
)


def read(folder: Path, table: pd.DataFrame, **keys: Any) -> ForecastTable:
    path = folder / f"forecasts{len(list(folder.iterdir()))}.csv"
    table.to_csv(path, index=False)
    return read_forecasts(validated(Forecasts, {"path": str(path), **keys}), Numbered(), "store_1", "tea")


def cells(table: ForecastTable) -> set[tuple[Any, ...]]:
    """Its rows, whatever their order."""
    rows = zip(table.place, table.period, table.values, strict=True)
    return {(*table.series[place], int(period), *values.tolist()) for place, period, values in rows}


def test_a_column_for_each_quantile_and_a_row_for_each_say_the_same(tmp_path: Path) -> None:
    long = WIDE.rename(columns={"q0.1": "0.1", "q0.9": "0.9"}).melt(
        ["period", "site", "product"], var_name="level", value_name="units"
    )
    shuffled = long.sample(frac=1.0, random_state=1)
    other = read(tmp_path, shuffled, columns={"quantile": "level", "value": "units"})
    assert cells(read(tmp_path, WIDE)) == cells(other)
    assert other.levels == (0.1, 0.9)


def test_nixtlas_columns_say_the_same(tmp_path: Path) -> None:
    series = WIDE["site"] + "/" + WIDE["product"]
    nixtla = pd.DataFrame(
        {"unique_id": series, "ds": WIDE["period"], "ETS": 3.0, "ETS-lo-80": WIDE["q0.1"], "ETS-hi-80": WIDE["q0.9"]}
    )
    found = read(tmp_path, nixtla, columns={"period": "ds", "series": "unique_id"})
    assert cells(found) == cells(read(tmp_path, WIDE))


def test_parquet_says_the_same(tmp_path: Path) -> None:
    path = tmp_path / "forecasts.parquet"
    WIDE.to_parquet(path, index=False)
    found = read_forecasts(Forecasts(path=str(path)), Numbered(), "store_1", "tea")
    assert cells(found) == cells(read(tmp_path, WIDE))


def test_a_cutoff_and_a_horizon_say_the_same(tmp_path: Path) -> None:
    by_cutoff = read(tmp_path, WIDE.assign(cutoff=[0, 1, 2]), columns={"cutoff": "cutoff"})
    by_horizon = read(tmp_path, WIDE.assign(h=[3, 3, 1]), columns={"horizon": "h"})
    assert by_cutoff.cutoff.tolist() == by_horizon.cutoff.tolist() == [0, 1, 2]


def test_quantiles_that_cross_are_put_in_order_and_none_is_below_nothing(tmp_path: Path) -> None:
    found = read(tmp_path, WIDE.assign(**{"q0.1": [-1.0, 7.0, 3.0]}))
    assert (found.crossed, found.below) == (1, 1)
    assert [note.split(" ")[0:4] for note in found.notes] == [
        ["Quantiles", "of", "1", "of"],
        ["1", "quantiles", "of", found.path.name],
    ]
    assert sorted(found.values.tolist()) == [[0.0, 5.0], [3.0, 7.0], [6.0, 7.0]]


def test_names_that_the_file_does_not_tell_are_the_only_ones_there_are(tmp_path: Path) -> None:
    found = read(tmp_path, WIDE.iloc[:2].drop(columns=["site", "product"]), columns={"site": None, "product": None})
    assert found.series == (("store_1", "tea"),)


@pytest.mark.parametrize(
    ("change", "keys", "place", "accepted"),
    [
        ({"q0.1": [1.0, np.nan, 3.0]}, {}, "row 2, column q0.1", "finite"),
        ({"period": [3, 3, 3]}, {}, "row 2, column period", "one row for each"),
        ({"period": ["3", "x", "3"]}, {}, "row 2, column period", "whole number"),
        ({"site": ["store_1", None, "store_2"]}, {}, "row 2, column site", "name"),
        ({"made": [1, 4, 1]}, {"columns": {"cutoff": "made"}}, "row 2, column made", "before"),
        ({"h": [1, 0, 1]}, {"columns": {"horizon": "h"}}, "row 2, column h", "≥ 1"),
        ({"z-lo-50": 1.0}, {}, "forecasts.model", "z"),
        ({}, {"columns": {"series": "site"}}, "row 1, column site", "/"),
        ({}, {"columns": {"quantile": "q0.1", "value": "q0.9"}}, "row 1, column q0.1", "between 0 and 1"),
        ({"a": 0.5}, {"columns": {"quantile": "a", "value": "q0.9"}}, "column a", "two quantiles"),
        ({"a": [0.1, 0.9, 0.5]}, {"columns": {"quantile": "a", "value": "q0.9"}}, "row 1, column a", "all of 0.1, 0.5, 0.9"),
        ({}, {"columns": {"site": "shop"}}, "forecasts.columns", "shop"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    tmp_path: Path, change: dict[str, Any], keys: dict[str, Any], place: str, accepted: str
) -> None:
    with pytest.raises(InputError) as error:
        read(tmp_path, WIDE.assign(**change), **keys)
    assert place in str(error.value.key)
    assert accepted in str(error.value)


def test_a_file_without_quantiles_is_told_what_columns_would_do(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="lo-80"):
        read(tmp_path, WIDE[["period", "site", "product"]])
    with pytest.raises(InputError, match="two quantiles"):
        read(tmp_path, WIDE.drop(columns="q0.9"))
