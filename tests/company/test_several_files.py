"""Several demand files as one, and a file of holidays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import orderup
from orderup.company.keys import Import
from orderup.envs.foundation.errors import InputError
from orderup.options import options

DAYS = pd.date_range("2024-01-01", periods=120, freq="D")
CHRISTMAS, EASTER = "2024-03-11", "2024-04-01"
"""What is a holiday here: two Mondays."""


def sales(sites: tuple[str, ...] = ("Ulm", "Köln"), seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = [(str(day.date()), site, product, 1 + int(rng.poisson(6))) for day in DAYS for site in sites for product in "abc"]
    return pd.DataFrame(rows, columns=["date", "site", "product", "quantity"])


def read(source: Any, **options: Any) -> Any:
    return orderup.read_demand(source, period="day", today="2024-12-31", **options)


def test_two_halves_are_read_as_the_whole(tmp_path: Path) -> None:
    whole = sales()
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    early = whole["date"] < "2024-02-15"
    whole[early].to_csv(first, index=False)
    renamed = {"date": "Datum", "site": "Filiale", "product": "Artikel", "quantity": "Menge"}
    whole[~early].rename(columns=renamed).to_csv(second, index=False, sep=";")
    together, alone = read([first, second]), read(whole)
    keys = ["site", "product", "period"]
    found, wanted = (record.table.sort_values(keys).reset_index(drop=True) for record in (together, alone))
    pd.testing.assert_frame_equal(found, wanted)
    assert together.source == "a.csv and b.csv"


def test_rows_that_both_have_are_said_and_told_where_they_stand(tmp_path: Path) -> None:
    whole = sales()
    whole.to_csv(tmp_path / "a.csv", index=False)
    whole.iloc[:6].rename(columns={"date": "Datum"}).to_csv(tmp_path / "b.csv", index=False)
    with pytest.raises(InputError, match=r"b.csv, row 2, column Datum.*again on the same day"):
        read([tmp_path / "a.csv", tmp_path / "b.csv"], duplicates="refuse")
    taken = read([tmp_path / "a.csv", tmp_path / "b.csv"], duplicates="first")
    assert [made.count for made in taken.decisions if made.key == "duplicates"] == [6]
    assert np.nansum(taken.demand) == whole["quantity"].sum()


def test_files_of_other_periods_do_not_go_together() -> None:
    weekly = pd.DataFrame({"date": ["2024-W01", "2024-W02"], "site": "Ulm", "product": "a", "quantity": 5})
    with pytest.raises(InputError, match="files of the same periods"):
        read([sales(), weekly])


def test_several_files_are_named_in_brackets_and_a_comma_in_a_name_stays() -> None:
    assert options(["--demand", "[a.csv, b.csv]"], Import)["demand"] == ["a.csv", "b.csv"]
    assert options(["--demand", "a, b.csv"], Import)["demand"] == "a, b.csv"


def test_days_of_a_file_of_holidays_are_not_counted_as_days_without_demand(tmp_path: Path) -> None:
    table = sales()
    closed = (table["date"] == CHRISTMAS) & (table["site"] == "Ulm")
    (tmp_path / "feiertage.csv").write_text("Datum;Filiale\n11.03.2024;Ulm\n01.04.2024;\n", encoding="utf-8")
    shut = table["date"] == EASTER
    record = read(table[~closed & ~shut], holidays=str(tmp_path / "feiertage.csv"))
    found = record.table.set_index(["period", "site"])["demand"]
    assert found.loc[(CHRISTMAS, "Ulm")].isna().all()
    assert found.loc[(CHRISTMAS, "Köln")].notna().all()
    assert found.loc[EASTER].isna().all()
    assert found.notna().sum() == (~closed & ~shut).sum()


def test_a_holiday_with_sales_is_a_day_like_others_and_said(tmp_path: Path) -> None:
    (tmp_path / "days.csv").write_text(f"date\n{EASTER}\n")
    record = read(sales(), holidays=str(tmp_path / "days.csv"))
    assert record.table["demand"].notna().all()
    assert any(made.count == 6 and "sales on a holiday" in made.found for made in record.decisions)


def test_holidays_are_days(tmp_path: Path) -> None:
    (tmp_path / "days.csv").write_text(f"date\n{EASTER}\n")
    (tmp_path / "else.csv").write_text(f"date,Filiale\n,\n{EASTER},Bonn\n")
    with pytest.raises(InputError, match="period=day"):
        orderup.read_demand(sales(), period="week", today="2024-12-31", holidays=str(tmp_path / "days.csv"))
    with pytest.raises(InputError, match="row 3, column Filiale: found 'Bonn'"):
        read(sales(), holidays=str(tmp_path / "else.csv"))
