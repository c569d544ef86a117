"""Tables as reports have them: merged cells, column names in two rows, names in the first row of a group alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import orderup
from orderup.company.cleaning.demand_record import DemandRecord
from orderup.envs.foundation.errors import InputError

MONTHS = ("Jan", "Feb", "Mär", "Apr", "Mai", "Jun")
Row = Sequence[Any]


def read(folder: Path, rows: Sequence[Row], merged: Sequence[str], **options: Any) -> DemandRecord:
    """A sheet of these rows, with these cells merged, as demand."""
    with pd.ExcelWriter(folder / "absatz.xlsx", engine="openpyxl") as book:
        width = max(map(len, rows))
        pd.DataFrame([[*row, *[None] * (width - len(row))] for row in rows]).to_excel(
            book, sheet_name="Absatz", header=False, index=False
        )
        for cells in merged:
            book.sheets["Absatz"].merge_cells(cells)
    return orderup.read_demand(folder / "absatz.xlsx", today="2026-01-01", partial="keep", **options)


def sold(record: DemandRecord) -> dict[tuple[str, str], float]:
    """What was sold in all, by site and product."""
    table = record.table
    found: dict[tuple[str, str], float] = table.groupby(["site", "product"])["demand"].sum().to_dict()  # type: ignore[assignment]  # two keys
    return found


def by_month(*firsts: str) -> list[Row]:
    """Six months of one product after the other, 10 and 20 in each; the product's name stands in the first row alone."""
    return [
        (first if not number else None, f"2024-{number + 1:02}-01", (at + 1) * 10)
        for at, first in enumerate(firsts)
        for number in range(6)
    ]


def test_article_names_merged_over_rows_are_those_of_every_row(tmp_path: Path) -> None:
    rows = [("Artikel", "Monat", "Menge"), *by_month("Tee", "Milch")]
    found = read(tmp_path, rows, ["A2:A7", "A8:A13"], period="month")
    assert sold(found) == {("store_1", "Tee"): 60, ("store_1", "Milch"): 120}
    assert any("12 rows of Artikel are merged cells" in made.done for made in found.decisions)


def test_quantities_in_merged_cells_are_asked_about(tmp_path: Path) -> None:
    rows = [("Artikel", "Monat", "Menge"), *by_month("Tee", "Milch")]
    with pytest.raises(InputError, match=r"absatz.xlsx, row 3, column Menge.*not in merged cells \(2 such rows\)"):
        read(tmp_path, rows, ["A2:A7", "A8:A13", "C3:C4"], period="month")


def test_months_below_their_year_in_merged_cells_are_read(tmp_path: Path) -> None:
    rows: list[Row] = [
        ("Absatz in Stück",),
        ("Filiale", "Artikel", "2024", *[None] * 5, "2025", *[None] * 5),
        (None, None, *MONTHS, *MONTHS),
        ("Köln", "Tee", *range(1, 13)),
        (None, "Milch", *[2] * 12),
    ]
    found = read(tmp_path, rows, ["A1:N1", "A2:A3", "B2:B3", "C2:H2", "I2:N2", "A4:A5"])
    assert sold(found) == {("Köln", "Tee"): 78, ("Köln", "Milch"): 24}
    assert (found.names[0], found.names[-1]) == ("2024-01", "2025-06")
    assert any("column names in two rows put together" in made.done for made in found.decisions)


def test_a_second_row_of_names_that_says_two_things_is_asked_about(tmp_path: Path) -> None:
    rows: list[Row] = [
        ("Datum", "Köln", None, "Berlin", None),
        (None, "Tee", "Milch", "Tee", "Milch"),
        *[(f"2024-{month:02}-01", 1, 2, 3, 4) for month in range(1, 7)],
    ]
    with pytest.raises(InputError, match=r"rows 1 and 2: found 'Tee below Köln and Berlin'; accepted: one row of column names"):
        read(tmp_path, rows, ["A1:A2", "B1:C1", "D1:E1"])


def test_a_name_merged_over_columns_of_amounts_is_asked_about(tmp_path: Path) -> None:
    rows = [("Monat", "Menge", None), *[(f"2024-{month:02}-01", 1, 2) for month in range(1, 7)]]
    with pytest.raises(InputError, match=r"row 1: found 'Menge in cells merged over 2 columns'"):
        read(tmp_path, rows, ["B1:C1"])


def test_names_of_a_group_stand_for_its_rows_where_that_is_said_and_totals_are_left_out(tmp_path: Path) -> None:
    rows = [
        ("Artikel", "Monat", "Menge"),
        *by_month("Tee"),
        ("Tee Ergebnis", None, 60),
        *by_month("Milch"),
        ("Gesamt", None, 120),
    ]
    with pytest.raises(InputError, match=r"row 3, column Artikel.*nameless=above where it is that of the row above"):
        read(tmp_path, rows, [], period="month")
    found = read(tmp_path, rows, [], period="month", nameless="above")
    assert sold(found) == {("store_1", "Tee"): 60, ("store_1", "Milch"): 60}
    assert [made.count for made in found.decisions if made.key == "nameless"] == [10]


def test_a_row_with_which_a_wider_group_begins_may_be_its_total_and_is_asked_about(tmp_path: Path) -> None:
    rows: list[Row] = [
        ("Filiale", "Artikel", "Monat", "Menge"),
        ("Köln", None, "2024-01-01", 30),
        *[(None, "Tee" if month == 1 else None, f"2024-{month:02}-01", 5) for month in range(1, 7)],
    ]
    with pytest.raises(InputError, match=r"row 2, column Artikel.*may be the group's total"):
        read(tmp_path, rows, [], nameless="above")
