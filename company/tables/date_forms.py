"""The ways in which people write a day, a week or a month, and what each text that is written so says.

Letters: n texts.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .months import MONTHS

if TYPE_CHECKING:
    import pandas as pd

Grain: TypeAlias = Literal["day", "week", "month"]
Days: TypeAlias = NDArray[np.int64]


NONE = np.iinfo(np.int64).min
"""In place of a day where there is none."""
TIME = r"(?:[T ,]+\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s*[AaPp]\.?[Mm]\.?)?)?(?:\s*(?:Z|UTC|[+-]\d{2}:?\d{2}))?"
YEAR, SHORT, NUMBER = r"(?P<y>\d{4})", r"(?P<y>\d{4}|\d{2})", r"\d{1,2}"
WORD = r"(?P<name>[^\W\d_]{3,12})\.?"
EARLIEST, LATEST = 1950, 2100


@dataclass(frozen=True)
class Form:
    """A way to write a date."""

    pattern: str
    grain: Grain
    said: str
    """How it is described."""


FORMS = {
    "iso": Form(rf"{YEAR}[-/.](?P<m>{NUMBER})[-/.](?P<d>{NUMBER}){TIME}", "day", "year-month-day"),
    "compact": Form(rf"(?P<y>(?:19|20)\d\d)(?P<m>\d\d)(?P<d>\d\d){TIME}", "day", "yearmonthday"),
    "dotted": Form(rf"(?P<d>{NUMBER})\.\s?(?P<m>{NUMBER})\.\s?{SHORT}{TIME}", "day", "day.month.year"),
    "parted": Form(rf"(?P<a>{NUMBER})[-/](?P<b>{NUMBER})[-/](?P<c>\d{{4}}|\d{{2}}){TIME}", "day", ""),
    "week": Form(rf"{YEAR}[-/ ]?(?:W|KW|CW|S)\s?(?P<w>{NUMBER})", "week", "year and week"),
    "week_first": Form(rf"(?:W|KW|CW|S|Week|Woche)\.?\s?(?P<w>{NUMBER})[\s/.-]+{SHORT}", "week", "week and year"),
    "named": Form(rf"(?:[^\W\d_]+\.?,?\s+)?(?P<d>{NUMBER})\.?[\s/-]*{WORD}[\s/-]*{SHORT}{TIME}", "day", "day month year"),
    "american": Form(
        rf"(?:[^\W\d_]+\.?,?\s+)?{WORD}\s+(?P<d>{NUMBER})(?:st|nd|rd|th)?,?\s+{YEAR}{TIME}", "day", "month day, year"
    ),
    "month": Form(rf"{YEAR}[-/.](?P<m>{NUMBER})", "month", "year-month"),
    "month_first": Form(rf"(?P<m>{NUMBER})[/.-]{YEAR}", "month", "month and year"),
    "named_month": Form(rf"{WORD}[\s/-]*{SHORT}", "month", "month and year"),
    "week_number": Form(rf"{YEAR}[-/.](?P<w>{NUMBER})", "week", "year and week"),
    "week_number_first": Form(rf"(?P<w>{NUMBER})[/.-]{YEAR}", "week", "week and year"),
    "code": Form(r"(?P<y>(?:19|20)\d\d)(?P<n>\d\d)", "month", ""),
}


OF_WEEKS = {"month": "week_number", "month_first": "week_number_first"}
"""What 2024/05 and 05/2024 are in a column that is called by weeks."""
CALLED = {"week": r"weeks?|[kc]w|wk|wochen?|kalenderwoche|semaine|semana|settimana", "month": r"months?|monate?|mois|mes|mese"}
"""Headings that say what is below them."""


def names_a_month(text: str) -> bool:
    """Whether a text is a month's name alone."""
    return not np.isnan(_month_of(text.strip().rstrip(".").lower()))


def names_a_date(heading: str) -> bool:
    """Whether a column's heading is a date, a week or a month."""
    for form in FORMS.values():
        found = re.fullmatch(form.pattern, heading.strip(), re.I)
        if found:
            word = found.groupdict().get("name")
            return word is None or not np.isnan(_month_of(word.lower()))
    return False


def names_grain(heading: str, what: str) -> bool:
    """Whether a column is called by weeks, or by months (`week`, `month`)."""
    return any(re.fullmatch(CALLED[what], word) for word in re.split(r"[^a-z]+", heading.lower()))


def days_of(texts: pd.Series[str], form: str, way: str) -> Days:
    """Days since 1970 (n,), NONE for dates that there are not."""
    parts = texts.str.extract(FORMS[form].pattern, flags=re.I)
    return READERS[form](parts, way)


def _from_parts(year: Any, month: Any, day: Any) -> Days:
    import pandas as pd

    year = pd.to_numeric(year).astype(int)
    year = year.where(year > 99, np.where(year < 70, 2000 + year, 1900 + year))
    frame = pd.DataFrame({"year": year, "month": pd.to_numeric(month), "day": pd.to_numeric(day)})
    return _within(pd.to_datetime(frame, errors="coerce").to_numpy().astype("datetime64[D]"))


def _within(found: NDArray[np.datetime64]) -> Days:
    days = found.astype(np.int64)
    possible = (found >= np.datetime64(f"{EARLIEST}-01-01")) & (found < np.datetime64(f"{LATEST}-01-01"))
    return np.where(possible, days, NONE)


def _numbered(parts: pd.DataFrame, way: str) -> Days:
    return _from_parts(parts["y"], parts["m"], parts.get("d", "1"))


def parted_days(parts: pd.DataFrame, way: str) -> Days:
    """The same of three numbers, of which `way` says which is the day."""
    order = {"day_first": ("c", "b", "a"), "month_first": ("c", "a", "b"), "year_first": ("a", "b", "c")}[way]
    year, month, day = (parts[part] for part in order)
    return _from_parts(year, month, day)


def _named(parts: pd.DataFrame, way: str) -> Days:
    month = parts["name"].str.lower().map(_month_of)
    known = month.notna().to_numpy()
    found = np.full(len(parts), NONE, dtype=np.int64)
    these = parts[known]
    if len(these):
        found[known] = _from_parts(these["y"], month[known], these["d"] if "d" in parts else 1)
    return found


def _weekly(parts: pd.DataFrame, way: str) -> Days:
    import pandas as pd

    year = parts["y"].where(parts["y"].str.len() == 4, "20" + parts["y"])
    texts = year + "-W" + parts["w"].str.zfill(2) + "-1"
    return _within(pd.to_datetime(texts, format="%G-W%V-%u", errors="coerce").to_numpy().astype("datetime64[D]"))


def _coded(parts: pd.DataFrame, way: str) -> Days:
    if way == "week":
        return _weekly(parts.rename(columns={"n": "w"}), way)
    return _from_parts(parts["y"], parts["n"], "1")


READERS: dict[str, Callable[[Any, str], Days]] = {
    "iso": _numbered,
    "compact": _numbered,
    "dotted": _numbered,
    "parted": parted_days,
    "named": _named,
    "american": _named,
    "week": _weekly,
    "week_first": _weekly,
    "week_number": _weekly,
    "week_number_first": _weekly,
    "month": _numbered,
    "month_first": _numbered,
    "named_month": _named,
    "code": _coded,
}


def _month_of(word: str) -> float:
    return float(MONTHS.get(word, MONTHS.get(word[:3], np.nan)))
