"""The tables beside the demand file, each read where there is one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import numpy as np

from orderup.envs.foundation.errors import InputError

from .cleaning.demand_record import DemandRecord
from .keys import DemandKeys, NetworkKeys, given_to
from .masters.costs import RoleCosts, read_costs
from .masters.forecasts import ForecastFile, read_forecast_file
from .masters.known import KnownNames
from .masters.lanes import read_lanes
from .masters.receipts import Receipts, read_receipts
from .masters.rules import read_rules
from .masters.stock import Stock, read_stock


class OtherFiles:
    """The other tables, read where there are some."""

    def __init__(self, record: DemandRecord, keys: NetworkKeys, tables: Mapping[str, Any]) -> None:
        self._record, self._keys, self._tables = record, keys, tables

    def lanes(self, products: KnownNames) -> Any:
        return self._read(
            "lanes",
            lambda source, given: read_lanes(
                source, given, self._keys, self._keys, products, self._record.periods, self._record.decisions
            ),
        )

    def receipts(self) -> Receipts | None:
        found: Receipts | None = self._read(
            "receipts",
            lambda source, given: read_receipts(
                source, given, self._keys, self._keys, self._record.periods, today_of(self._keys), self._record.decisions
            ),
        )
        return found

    def stock(self, sites: KnownNames, products: KnownNames) -> Stock | None:
        last = None if self._record.periods.unit == "number" else self._record.last_day
        found: Stock | None = self._read(
            "stock",
            lambda source, given: read_stock(
                source, given, self._keys, self._keys, sites, products, last, today_of(self._keys), self._record.decisions
            ),
        )
        return found

    def costs(self, sites: KnownNames, products: KnownNames) -> RoleCosts:
        return (
            self._read(
                "costs",
                lambda source, given: read_costs(
                    source, given, self._keys, self._keys, sites, products, self._keys.currencies, self._record.decisions
                ),
            )
            or RoleCosts()
        )

    def rules(self, sites: KnownNames, products: KnownNames) -> Mapping[tuple[str, str], float]:
        return (
            self._read(
                "rules",
                lambda source, given: read_rules(
                    source, given, self._keys, self._keys, sites, products, self._record.decisions
                ),
            )
            or {}
        )

    def forecasts(self, products: KnownNames) -> ForecastFile | None:
        record = self._record
        known = KnownNames("site", record.sites, frozenset(record.ended_sites)), products
        found: ForecastFile | None = self._read(
            "forecasts",
            lambda source, given: read_forecast_file(
                source, given, self._keys, self._keys, known, record.periods, record.decisions
            ),
        )
        return found

    def _read(self, file: str, reading: Any) -> Any:
        source = self._tables.get(file)
        return None if source is None else reading(source, given_to(self._keys, file))


def today_of(keys: DemandKeys) -> int:
    """The day, since 1970, on which all this is known. Raises InputError for what is none."""
    if keys.today is None:
        return int(np.datetime64("today", "D").astype(np.int64))
    try:
        return (dt.date.fromisoformat(keys.today) - dt.date(1970, 1, 1)).days
    except ValueError:
        raise InputError("today", keys.today, "a day, as 2024-01-31") from None
