"""The keys of an import: files, how they are read, what is done about what they have wrong, and what is assumed."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator

from .assembly.keys import ModelKeys
from .masters.keys import MasterKeys
from .record.keys import CleaningKeys
from .tables.options import ReadingOptions

FILES = ("demand", "sites", "lanes", "stock", "receipts", "costs", "rules", "forecasts")
"""Those that a network is made of."""
NAMED = (*FILES, "holidays")
"""Those whose columns can be named."""


class DemandKeys(ReadingOptions, CleaningKeys):
    """How a demand file is read."""

    layout: str | None = Field(
        None,
        description="Of the demand file: long, wide, wide_products, wide_sites, nixtla, m5, favorita, rossmann, online_retail, "
        "freshretailnet, odoo, erpnext, inventorybench, or package.module:Class; left out: what its columns tell",
    )
    period: Literal["day", "week", "month"] | None = Field(
        None, description="Of the network; left out: week, or what the file has"
    )
    week_starts: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] = Field(
        "monday", description="The first day of a week"
    )
    site: str = Field("store_1", description="What the site is called, where a file has no column of sites")
    only_sites: list[str] | None = Field(None, description="Sites of the demand file to take; left out: all")
    only_products: list[str] | None = Field(None, description="Products of the demand file to take; left out: all")
    top: int | None = Field(None, ge=1, description="How many products to take, those of which most was sold; left out: all")
    holidays: str | None = Field(
        None, description="A file of days on which nothing is sold, at some sites where it names them; for a network by days"
    )
    today: str | None = Field(None, description="The day on which all this is known, as 2024-01-31; left out: today")
    columns: dict[str, dict[str, str]] = Field(
        {}, description="What columns are called where it cannot be guessed: {demand: {quantity: Absatz}, lanes: {to: Ziel}}"
    )
    strict: bool = Field(False, description="Whether whatever changes what a file says is refused, unless its key is given")

    @field_validator("holidays", mode="before")
    @classmethod
    def _as_text(cls, path: Any) -> Any:
        return str(path) if isinstance(path, Path) else path


class NetworkKeys(DemandKeys, MasterKeys, ModelKeys):
    """How a network is made of a company's files."""

    name: str | None = Field(None, pattern=r"^[a-z0-9_]+$", description="Of the scenario; left out: that of the output")


class Import(NetworkKeys):
    """Make a network of a company's files: orderup import --demand sales.csv --period week -o network.yaml."""

    demand: str | list[str] = Field(description="What was sold: CSV, Excel or Parquet; several files as [2023.csv, 2024.csv]")
    sites: str | None = Field(None, description="Sites with their roles, and who supplies them; left out: those that sell")
    lanes: str | None = Field(None, description="From where to where goods go, with lead times; left out: see the assumptions")
    stock: str | None = Field(None, description="Today's stock; left out: a usual one")
    receipts: str | None = Field(None, description="When what was ordered came in; left out: lead times are the lanes'")
    costs: str | None = Field(None, description="What products are worth and cost to hold; left out: see the assumptions")
    rules: str | None = Field(None, description="Reorder rules (minimum, maximum, multiple): packs are taken from them")
    forecasts: str | None = Field(
        None, description="Demand to come, quantiles or one number, from any forecasting tool; left out: none"
    )
    output: str | None = Field(None, description="The network's file, -o; left out: nothing is written")
    overwrite: bool = Field(False, description="Whether files that are there are replaced")


def given_to(keys: DemandKeys, file: str) -> dict[str, str]:
    """The user's own words for a file's columns."""
    found: Any = keys.columns.get(file, {})
    return dict(found)
