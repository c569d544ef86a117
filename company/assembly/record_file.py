"""The record of demand as a file that scenarios read, with nothing missing in it.

Letters: S series, T periods.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from orderup.envs.numerics.arrays import Floats

from ..cleaning.demand_record import DemandRecord
from ..tables.packed_csv import packed_csv

if TYPE_CHECKING:
    import pandas as pd


def complete(record: DemandRecord) -> pd.DataFrame:
    """A row for each period, site and product.

    What is not known lies on the line between what is, and before a launch there was nothing.
    """
    import pandas as pd

    demand = _filled(record.demand)
    series, length = demand.shape
    columns: dict[str, Any] = {
        "period": np.tile(np.array(record.names, dtype=object), series),
        "site": np.repeat(np.array(record.sites, dtype=object)[record.site], length),
        "product": np.repeat(np.array(record.products, dtype=object)[record.product], length),
        "demand": demand.reshape(-1),
    }
    return pd.DataFrame(columns)


def as_csv(record: DemandRecord) -> bytes:
    """The same as a packed CSV file, whose bytes depend on nothing else."""
    return packed_csv(complete(record))


def _filled(demand: Floats) -> Floats:
    """Without gaps (S, T): on the line between neighbours in time, whole where all of a series is; nothing before its first."""
    length = demand.shape[1]
    at, known = np.arange(length), ~np.isnan(demand)
    before = np.maximum.accumulate(np.where(known, at, -1), axis=1)
    after = np.minimum.accumulate(np.where(known, at, length)[:, ::-1], axis=1)[:, ::-1]
    left = np.take_along_axis(demand, np.maximum(before, 0), axis=1)
    right = np.take_along_axis(demand, np.minimum(after, length - 1), axis=1)
    share = np.clip((at - before) / np.maximum(after - before, 1), 0.0, 1.0)
    line = np.where(after >= length, left, (1 - share) * left + share * right)
    found = np.where(before < 0, 0.0, np.where(known, demand, line))
    whole = (np.where(known, demand, 0.0) % 1 == 0).all(axis=1)[:, None]
    return np.nan_to_num(np.where(whole, np.rint(found), found))
