"""Dirty files come to what is in them in truth, or to a question that says how to answer it; nothing is lost without a word."""

from __future__ import annotations

import itertools
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import orderup
from orderup.envs.foundation.errors import InputError

from ..covering import beyond
from .dirt import KINDS, TODAY, Sheet, clean, write

ALONE = [(name,) for name in KINDS]
PAIRS = [(one, other) for one, other in itertools.combinations(KINDS, 2) if KINDS[one][0] != KINDS[other][0]]
SOME = 15
"""Of so many pairs one is looked at by the fast tests."""
TEXT_ONLY = {"dialect", "bytes", "above", "width", "cells"}
"""Groups that only texts can have."""
PLAIN = {"period": "day", "today": TODAY, "ended": 10_000}


def possible(kinds: tuple[str, ...]) -> bool:
    """Whether kinds of dirt can be in one file."""
    groups = {KINDS[name][0] for name in kinds}
    return not ("excel" in groups and groups & TEXT_ONLY)


def picked(kinds: tuple[str, ...]) -> bool:
    return zlib.crc32("/".join(kinds).encode()) % SOME == 0


CASES = [case for case in (*ALONE, *PAIRS) if possible(case)]


def marked(case: tuple[str, ...]) -> Any:
    name = " and ".join(case)
    return pytest.param(case, id=name, marks=[] if len(case) == 1 or picked(case) else beyond(name))


def dirty(case: tuple[str, ...]) -> Sheet:
    sheet = clean()
    for name in sorted(case, key=lambda name: (KINDS[name][0] == "heading", list(KINDS).index(name))):
        KINDS[name][1](sheet)
    return sheet


def holds(found: Any, sheet: Sheet) -> None:
    """Every cell of the record is the truth's."""
    table = found.table
    given = {(row.site, row.product, str(row.period)): row.demand for row in table.itertuples()}
    wanted = {(site, product, day.isoformat()): amount for (site, product, day), amount in sheet.truth.items()}
    assert given.keys() == wanted.keys()
    assert len(table) == len(given)
    np.testing.assert_allclose([given[cell] for cell in wanted], list(wanted.values()), err_msg=str(list(wanted)))


@pytest.mark.parametrize("case", [marked(case) for case in CASES])
def test_a_dirty_file_comes_to_its_truth_or_to_a_question(case: tuple[str, ...], tmp_path: Path) -> None:
    sheet = dirty(case)
    path = write(sheet, tmp_path)
    if sheet.asks:
        with pytest.raises(InputError) as asked:
            orderup.read_demand(path, **PLAIN, **sheet.options)
        assert any(part in str(asked.value) for part in sheet.asks), str(asked.value)
        assert path.name in str(asked.value)
    if not sheet.hopeless:
        holds(orderup.read_demand(path, **PLAIN, **{**sheet.options, **sheet.answers}), sheet)


def test_there_are_sixty_kinds_of_dirt_and_more_in_pairs() -> None:
    assert len(KINDS) >= 55
    assert len(CASES) > 1000


LOSSES = {
    "returns": "returns",
    "several_rows_of_a_day": "duplicates",
    "a_total_below": "totals",
    "no_quantity": "blank",
}


@pytest.mark.parametrize("name", LOSSES)
def test_what_is_done_is_said_with_a_count_and_refused_if_strict(name: str, tmp_path: Path) -> None:
    sheet = dirty((name,))
    path, key = write(sheet, tmp_path), LOSSES[name]
    made = [decision for decision in orderup.read_demand(path, **PLAIN).decisions if decision.key == key]
    assert len(made) == 1
    assert made[0].count == 1
    with pytest.raises(InputError, match=f"strict.*{key}="):
        orderup.read_demand(path, **PLAIN, strict=True)
    holds(orderup.read_demand(path, **PLAIN, strict=True, **{key: made[0].done}), sheet)


def test_a_clean_file_leaves_nothing_to_decide(tmp_path: Path) -> None:
    holds(orderup.read_demand(write(clean(), tmp_path), **PLAIN, strict=True), clean())


def spreadsheet(rows: list[tuple[str, str, Any, Any]], folder: Path) -> Path:
    """An Excel file of sales."""
    path = folder / "sales.xlsx"
    pd.DataFrame(rows, columns=["date", "site", "product", "quantity"]).to_excel(path, index=False, engine="openpyxl")
    return path


def test_a_number_of_a_spreadsheet_has_no_decimal_sign_that_a_texts_could_differ_from(tmp_path: Path) -> None:
    path = spreadsheet([("2024-01-01", "Köln", "007", 7.5), ("2024-01-02", "Köln", "007", "8,5")], tmp_path)
    assert orderup.read_demand(path, **PLAIN).table["demand"].tolist() == [7.5, 8.5]


def test_article_numbers_of_which_a_spreadsheet_has_rounded_digits_are_two_that_nobody_can_tell_apart(tmp_path: Path) -> None:
    long = [340123456789012345, 340123456789012346]
    path = spreadsheet([("2024-01-01", "Köln", number, 5) for number in long], tmp_path)
    with pytest.raises(InputError, match="row 2.*all its digits"):
        orderup.read_demand(path, **PLAIN)
    assert (
        len(orderup.read_demand(spreadsheet([("2024-01-01", "Köln", str(one), 5) for one in long], tmp_path), **PLAIN).table)
        == 2
    )
