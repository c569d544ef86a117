"""Forecasts as the M5 competition had them: a row for each item, store and quantile, and the 28 days F1 to F28 beside it.

Letters: R rows, D days.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from orderup.envs.foundation.errors import InputError

from ..layouts.m5 import FIRST
from ..layouts.wide import AMOUNT, HEADING, below_one_another
from ..record.decisions import ImportDecision, ImportDecisions
from ..tables.options import ReadingOptions
from ..tables.reading import TableFile
from ..tables.table import Column, Table
from .known import KnownNames
from .master import Master

ID = re.compile(r"(?P<series>.+?)(?:_(?P<level>0?\.\d+))?_(?P<part>validation|evaluation)")
LAST = {"validation": 1913, "evaluation": 1941}
"""The day that was known last, d_1913 or d_1941, before F1."""
DAY = re.compile(r"F(\d+)")


def is_of_m5(header: Sequence[str]) -> bool:
    """Whether a file is laid out so."""
    return "id" in header and "F1" in header and "F2" in header


def forecasts_of_m5(
    file: TableFile, known: tuple[KnownNames, KnownNames], reading: ReadingOptions, decisions: ImportDecisions
) -> Master:
    """Its rows with a day, a cutoff, a site, a product and a level each; `known` are sites and products.

    Sums over several sites or products are left out. Raises InputError for what is called by no series, or has no quantile
    where others have.
    """
    days = [name for name in file.header if DAY.fullmatch(name)]
    table = file.table(["id", *days])
    found = [ID.fullmatch(str(name)) for name in table["id"].values]
    points = not any(one and one["level"] for one in found)
    for number, one in enumerate(found):
        if one is None or (one["level"] is None) != points:
            accepted = "item_store_quantile_validation, or _evaluation; without a quantile where all rows are"
            table.refuse(int((table["id"].codes == number).argmax()), "id", accepted)
    series = [_parted(str(one and one["series"]), known) for one in found]
    single = table["id"].spread(np.array([pair is not None for pair in series], dtype=bool), False)
    told = "rows of sums over sites or products, or of sites that the demand file does not have"
    decisions.add(ImportDecision(file.name, told, int((~single).sum()), "", "left out", "", True))
    if not single.any():
        raise InputError(f"{file.name}, column id", str(table["id"].values[0]), "series of an item at a store that is known")
    of_id: dict[str, list[Any]] = {
        "site": [pair and pair[0] for pair in series],
        "product": [pair and pair[1] for pair in series],
        "cutoff": [_day(LAST[one["part"]]) for one in found if one],
        "part": [one["part"] for one in found if one],
    }
    if not points:
        of_id["level"] = [float(one["level"]) for one in found if one]
    for name, values in of_id.items():
        table = table.adding(name, _column(table["id"], values))
    table = below_one_another(table.keep(single), [*of_id], days)
    columns = {role: role for role in of_id if role != "part"} | {"date": "date", "amount": AMOUNT}
    return Master(table.adding("date", _dates(table)), columns, reading)


def _parted(series: str, known: tuple[KnownNames, KnownNames]) -> tuple[str, str] | None:
    """Site and product of HOBBIES_1_001_CA_1; None where no known site stands at its end."""
    sites, _ = known
    found = [name for name in sites.names if series.endswith(f"_{name}")]
    site = max(found, key=len, default=None)
    return None if site is None else (site, series.removesuffix(f"_{site}"))


def _day(number: int) -> dt.date:
    return FIRST + dt.timedelta(days=number - 1)


def _dates(table: Table) -> Column:
    """The day of each row: so many after the last that was known."""
    heading, part = table[HEADING], table["part"]
    codes = heading.codes * len(part.values) + part.codes
    values = np.empty(len(heading.values) * len(part.values), dtype=object)
    values[:] = [_day(LAST[str(known)] + int(str(day)[1:])) for day in heading.values for known in part.values]
    return Column(codes.astype(np.int32), values)


def _column(of: Column, values: Sequence[Any]) -> Column:
    """A column whose cells have a value for each of another's; the same values are one."""
    place: dict[Any, int] = {}
    numbers = np.array([-1 if value is None else place.setdefault(value, len(place)) for value in values], dtype=np.int32)
    distinct = np.empty(len(place), dtype=object)
    distinct[:] = list(place)
    return Column(of.spread(numbers, -1), distinct)
