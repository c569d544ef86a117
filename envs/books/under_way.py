"""Where goods and orders that are under way stand in the pipelines, by when they are due; and when they are due, by that.

Letters: R rows of a table, P the periods of a pipeline, n its lanes, L lanes, K products.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..flows.pipelines import Load, Pipeline
from ..numerics.arrays import Floats, Mask
from .places import Numbers
from .reading import BookTable

Blank: TypeAlias = NDArray[np.float64]
"""Numbers of periods, NaN where nothing is said."""


@dataclass(frozen=True, eq=False)
class Parcels:
    """Rows of a table that are under way: where, how much, and in how many periods they are due."""

    sheet: BookTable
    lanes: Numbers
    products: Numbers
    due: Blank
    """In how many periods (R,); 0 is the one that is about to begin."""
    ago: Blank
    """How many periods ago it set out (R,), 1 for the last one."""
    named: Callable[[int], str]
    """What the table calls the period so many after today."""

    @property
    def amounts(self) -> Floats:
        """Units (R,)."""
        return self.sheet.numbers_of["quantity"]

    def at(self, rows: Mask) -> Parcels:
        """Some of them."""
        some = {name: getattr(self, name)[rows] for name in ("lanes", "products", "due", "ago")}
        return replace(self, sheet=self.sheet.at(rows), **some)

    def on(self, pipeline: Pipeline, lanes: int) -> tuple[Parcels, Numbers]:
        """Those on a pipeline's lanes, and the place of each one's lane in it; `lanes` is L."""
        place = np.full(lanes, -1)
        members = np.arange(lanes)[pipeline.lanes]
        place[members] = np.arange(len(members))
        here = place[self.lanes] >= 0
        return self.at(here), place[self.lanes[here]]

    def known(self, longest: int) -> Numbers:
        """In how many periods each is due (R,), of a pipeline of so many: as is said, else by when it set out.

        Raises InputError where neither is, and for what would be due later than what sets out now.
        """
        due = np.where(np.isnan(self.due), longest - self.ago, self.due)
        column = "due" if "due" in self.sheet else "since" if "since" in self.sheet else "quantity"
        self.sheet.refuse(column, np.isnan(due), "the period in which it is due, in column due; or when it set out, in since")
        latest = f"at most {self.named(longest - 1)}: what sets out now is due {longest} periods from now"
        self.sheet.refuse(column, due >= max(longest, 1), latest)
        found: Numbers = np.maximum(due, 0).astype(np.int64)
        return found

    @property
    def overdue(self) -> int:
        """How many should have come before now."""
        return int((self.due < 0).sum())


def loads(pipelines: tuple[Pipeline, ...], parcels: Parcels, shape: tuple[int, int]) -> tuple[Load, ...]:
    """What is in each pipeline of a network of so many lanes and products (L, K)."""
    return tuple(_load(pipeline, *parcels.on(pipeline, shape[0]), shape) for pipeline in pipelines)


def _load(pipeline: Pipeline, parcels: Parcels, place: Numbers, shape: tuple[int, int]) -> Load:
    periods, lanes = pipeline.periods, len(np.arange(shape[0])[pipeline.lanes])
    units = np.zeros((max(periods, 1), lanes, shape[1], 1))
    if not periods:
        parcels.sheet.refuse("quantity", parcels.amounts > 0, "nothing under way on a lane that takes no time")
        return ()
    due = parcels.known(periods)
    entry = _entries(pipeline, parcels, place, due) if pipeline.random else periods - 1 - due
    np.add.at(units[..., 0], (entry, place, parcels.products), parcels.amounts)
    if not pipeline.random:
        return tuple(units)
    times = np.zeros((periods, lanes, 1, 1))
    times[entry, place, 0, 0] = due + entry + 1
    return tuple(part for pair in zip(units, times, strict=True) for part in pair)


def _entries(pipeline: Pipeline, parcels: Parcels, place: Numbers, due: Numbers) -> Numbers:
    """When each set out on lanes that draw their lead times (R,), 0 for the last period: as is said, where that can be.

    What set out together arrives together. Where nothing is said it is taken to travel as long as it can undisturbed; those
    of a lane that then do not fit are spread, the latest due first.
    """
    longest = np.asarray(pipeline.undisturbed, dtype=np.int64)[place, 0, 0]
    entry = np.where(np.isnan(parcels.ago), longest - due, parcels.ago).astype(np.int64) - 1
    entry = np.clip(entry, 0, pipeline.periods - 1 - due)
    for lane in np.unique(place).tolist():
        here = place == lane
        pairs = np.unique(np.stack([entry[here], due[here]]), axis=1)
        if len(np.unique(pairs[0])) < pairs.shape[1]:
            days = np.unique(due[here])[::-1]  # so many different days fit: the later, the fewer entries can be theirs
            entry[here] = np.searchsorted(-days, -due[here])
    return entry


def rows_of(pipelines: tuple[Pipeline, ...], loads: tuple[Load, ...], shape: tuple[int, int]) -> Iterator[dict[str, Any]]:
    """What is under way, part by part: lanes, products, units, how many periods `ago` it set out, and in how many it is due."""
    for pipeline, load in zip(pipelines, loads, strict=True):
        members = np.arange(shape[0])[pipeline.lanes]
        for entry, units in enumerate(pipeline.by_age(load)):
            lane, product = np.nonzero(units[:, :, 0])
            times = load[2 * entry + 1][lane, 0, 0] if pipeline.random else np.full(len(lane), float(pipeline.periods))
            yield {
                "lane": members[lane],
                "product": product,
                "quantity": units[lane, product, 0],
                "ago": np.full(len(lane), entry + 1),
                "due": (times - entry - 1).astype(np.int64),
            }
