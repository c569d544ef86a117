"""What is done about what files have wrong, or leave open: a key for each, with what is usual."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from orderup.envs.foundation.validation import Keys


class CleaningKeys(Keys):
    """Each is what is done where it is found; `refuse` asks for another file, or another value."""

    returns: Literal["net", "drop", "refuse"] = Field(
        "net", description="Rows of less than nothing: taken off what was sold in the same period, or left out"
    )
    duplicates: Literal["sum", "first", "last", "mean", "refuse"] = Field(
        "sum", description="Several rows of one site, product and day: added up, or one of them, or their mean"
    )
    overlaps: Literal["first", "sum"] | None = Field(
        None,
        description="Days of a product at a site that two demand files have in the same amount: those of the first, or both; "
        "left out: asked about, unless duplicates is given",
    )
    blank: Literal["missing", "zero", "refuse"] = Field("missing", description="Rows without a quantity: not known, or nothing")
    unreadable: Literal["refuse", "drop"] = Field(
        "refuse", description="Rows whose date or quantity is none, such as 31.02.2024"
    )
    nameless: Literal["refuse", "drop", "above"] = Field(
        "refuse",
        description="Rows without a site, a product or a date: left out, or `above`, those of the row above, where names stand "
        "in the first row of a group alone",
    )
    totals: Literal["drop", "keep", "refuse"] = Field("drop", description="Rows of totals: Total, Summe, Gesamt, …")
    spelling: Literal["refuse", "merge", "keep"] = Field(
        "refuse",
        description="Names that differ in capitals, or in zeros before a number: one, as it is usual, or several",
    )
    future: Literal["refuse", "drop", "keep"] = Field("refuse", description="Rows of days after today")
    partial: Literal["drop", "keep"] = Field(
        "drop", description="The first and the last period, where days of them are not there"
    )
    gaps: Literal["zero", "missing", "refuse"] | None = Field(
        None,
        description="Periods of a product without a row: nothing was sold, or it is not known; left out: not known where the "
        "file writes down zeros, else nothing",
    )
    closed: Literal["missing", "zero"] = Field(
        "missing", description="Periods without any row of a site, or from a site that was closed: not known, or nothing sold"
    )
    launch: Literal["first_sale", "start"] = Field(
        "first_sale", description="Since when a product was there to be bought at a site: its first sale, or the file's start"
    )
    ended: int | None = Field(
        None,
        ge=1,
        le=10_000,
        description="Periods without a sale at the end after which a product is no longer sold there; left out: half a year's",
    )
    censored: Literal["missing", "keep"] = Field(
        "missing",
        description="Periods in which the shelf was empty for a time, where the file tells: not known, or what was sold",
    )
    outliers: Literal["keep", "cap", "missing"] = Field(
        "keep", description="Quantities far beyond a product's others: kept, cut to the largest usual one, or not known"
    )
    units: dict[str, float] = Field({}, description="What one of each unit is, where a file has several: {box: 12, piece: 1}")
    currencies: dict[str, float] = Field(
        {}, description="What one of each currency is, where a file has several: {EUR: 1, USD: 0.9}"
    )
