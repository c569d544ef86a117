"""What a reader could take for something else without a word: it comes to what was meant, or to a question."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import orderup
from orderup.envs.foundation.errors import InputError

HEADING = "Datum;Filiale;Artikel;Menge\n"


def read(text: str | bytes, folder: Path, name: str = "sales.csv", **options: Any) -> dict[tuple[str, str], float]:
    """Demand by period and product."""
    return demand_of(written(text, folder, name), **options)


def demand_of(source: Any, **options: Any) -> dict[tuple[str, str], float]:
    table = orderup.read_demand(source, today="2025-06-01", **{"period": "day", "ended": 10_000, **options}).table
    known = table[table["demand"].notna()]
    return dict(zip(zip(known["period"].astype(str), known["product"], strict=True), known["demand"], strict=True))


def written(text: str | bytes, folder: Path, name: str = "sales.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


WEEKS = {("2024-W05", "Tee"): 7.0, ("2024-W06", "Tee"): 3.0}
OF_WEEKS = {
    "with their year before them": "Woche;Artikel;Menge\n2024-W05;Tee;7\n2024-W06;Tee;3\n",
    "with a year of two digits": "Woche;Artikel;Menge\nKW 5/24;Tee;7\nKW 06/24;Tee;3\n",
    "that look like months": "KW;Artikel;Menge\n2024/05;Tee;7\n2024/06;Tee;3\n",
    "that look like months, the year behind": "Woche;Artikel;Menge\n05/2024;Tee;7\n06/2024;Tee;3\n",
    "that are numbers without a sign": "Kalenderwoche;Artikel;Menge\n202405;Tee;7\n202406;Tee;3\n",
    "in a column beside their year": "Jahr;KW;Artikel;Menge\n2024;5;Tee;7\n2024;6;Tee;3\n",
}


@pytest.mark.parametrize("text", OF_WEEKS.values(), ids=list(OF_WEEKS))
def test_weeks(text: str, tmp_path: Path) -> None:
    assert read(text, tmp_path, period="week") == WEEKS


@pytest.mark.parametrize("month", ["1;2", "Jan;Feb", "Januar;Februar"])
def test_months_beside_their_year_are_those_of_that_year(month: str, tmp_path: Path) -> None:
    first, second = month.split(";")
    text = f"Jahr;Monat;Artikel;Menge\n2023;{first};Tee;7\n2023;{second};Tee;3\n2024;{first};Tee;5\n"
    found = read(text, tmp_path, period="month", gaps="missing", launch="start")
    assert found == {("2023-01", "Tee"): 7, ("2023-02", "Tee"): 3, ("2024-01", "Tee"): 5}


def test_a_year_beside_numbers_of_what_is_not_said_is_asked_about(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Periode beside Jahr.*weeks or months by its name"):
        read("Jahr;Periode;Artikel;Menge\n2024;1;Tee;7\n2024;2;Tee;3\n", tmp_path)


def test_a_letter_in_another_encoding_is_no_other_site(tmp_path: Path) -> None:
    rows = [f"2024-01-{day:02};Köln;Tee;5" for day in range(1, 29)]
    data = (HEADING + "\n".join(rows)).encode("cp1252") + "\n2024-01-29;Köln;Tee;6\n".encode()
    with pytest.raises(InputError, match="one encoding"):
        read(data, tmp_path)


HEADINGS = {
    "groups of columns above them": (
        ";;Januar;;Februar;\nFiliale;Artikel;Menge;Umsatz;Menge;Umsatz\nKöln;Tee;5;50;6;60\n",
        {},
        "found .Menge and Menge",
    ),
    "units below them": (
        "Datum;Filiale;Artikel;Absatz;Preis\n;;;Stück;EUR\n2024-01-01;Köln;Tee;5;2\n",
        {},
        "row 2, column (Datum|Absatz)",
    ),
    "a cell over two of them": (
        "Datum;Köln;;Ulm;\n;Menge;Wert;Menge;Wert\n2024-01-01;5;50;6;60\n",
        {"layout": "wide_sites"},
        "row 2, column Datum.*something in every row",
    ),
}


@pytest.mark.parametrize("name", HEADINGS)
def test_column_names_in_two_rows_are_no_sales(name: str, tmp_path: Path) -> None:
    text, options, message = HEADINGS[name]
    with pytest.raises(InputError, match=message):
        read(text, tmp_path, **options)


def test_a_quotation_mark_that_is_not_closed_takes_no_rows_with_it(tmp_path: Path) -> None:
    text = HEADING + '2024-01-01;Köln;"Tee;5\n2024-01-02;Köln;"Kaffee;6\n2024-01-03;Köln;Tee;7\n'
    with pytest.raises(InputError, match="row 2, column Artikel.*not closed"):
        read(text, tmp_path)
    described = 'Datum;Artikel;Text;Menge\n2024-01-01;Tee;"fein;\nlose";5\n2024-01-02;Tee;;6\n'
    assert read(described, tmp_path) == {("2024-01-01", "Tee"): 5, ("2024-01-02", "Tee"): 6}


def test_a_date_that_two_columns_are_called_by_is_not_dropped(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="2024-01-02 twice"):
        read("Artikel;2024-01-01;2024-01-02;2024-01-03;2024-01-02\nTee;1;2;3;4\n", tmp_path)


def test_two_exports_that_overlap_are_not_added_up(tmp_path: Path) -> None:
    first = written(HEADING + "2024-01-01;Köln;Tee;5\n2024-01-02;Köln;Tee;3\n2024-01-02;Köln;Tee;3\n", tmp_path, "a.csv")
    second = written(HEADING + "2024-01-02;Köln;Tee;6\n2024-01-03;Köln;Tee;7\n", tmp_path, "b.csv")
    with pytest.raises(InputError, match=r"b.csv, row 2, column Menge.*overlaps=first"):
        demand_of([first, second])
    truth = {("2024-01-01", "Tee"): 5, ("2024-01-02", "Tee"): 6, ("2024-01-03", "Tee"): 7}
    assert demand_of([first, second], overlaps="first") == truth
    assert demand_of([first, second], overlaps="sum") == {**truth, ("2024-01-02", "Tee"): 12}
    with pytest.raises(InputError, match="overlaps"):
        demand_of([first, first])


def test_two_files_that_write_a_name_in_two_ways_are_asked_about(tmp_path: Path) -> None:
    first = written(HEADING + "2024-01-01;Köln;0045;5\n2024-01-02;Köln;0045;5\n", tmp_path, "a.csv")
    second = written(HEADING + "2024-01-03;KÖLN;45.0;7\n", tmp_path, "b.csv")
    with pytest.raises(InputError, match=r"b.csv, row 2, column Filiale.*spelling=merge if it is the same as 'Köln'"):
        demand_of([first, second])
    merged = demand_of([first, second], spelling="merge")
    assert merged == {("2024-01-01", "0045"): 5, ("2024-01-02", "0045"): 5, ("2024-01-03", "0045"): 7}


def test_a_number_of_a_spreadsheets_day_is_asked_about_by_its_option(tmp_path: Path) -> None:
    text = HEADING + "45292;Köln;Tee;5\n45293.75;Köln;Tee;6\n"
    with pytest.raises(InputError, match="dates=excel"):
        read(text, tmp_path)
    assert read(text, tmp_path, dates="excel") == {("2024-01-01", "Tee"): 5, ("2024-01-02", "Tee"): 6}


def test_a_letter_for_a_digit_is_no_unit(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="row 3, column Menge: found 'O'.*no unit in 2 rows"):
        read(HEADING + "2024-01-01;Köln;Tee;5\n2024-01-02;Köln;Tee;1O\n2024-01-03;Köln;Tee;7\n", tmp_path)


def test_words_for_pieces_are_one_unit_and_another_for_all_is_said(tmp_path: Path) -> None:
    text = HEADING + "2024-01-01;Köln;Tee;5 Stk\n2024-01-02;Köln;Tee;6\n2024-01-03;Köln;Tee;7 Stück\n"
    assert set(read(text, tmp_path).values()) == {5, 6, 7}
    found = orderup.read_demand(written(text.replace(" Stk", " kg").replace(" Stück", " kg").replace(";6", ";6 kg"), tmp_path))
    assert any(made.done == "all in kg" and made.count == 3 for made in found.decisions)
