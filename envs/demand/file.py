"""Demand from a file: recorded history, in order or as a block bootstrap that keeps what happens together together.

Letters: T periods of an episode, W periods of a window, K products, B episodes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Annotated, Any, Literal, TypeAlias

import array_api_compat
import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from ..foundation.errors import InputError, UnknownName
from ..foundation.validation import Keys
from ..numerics.arrays import Array, Floats, namespace
from ..numerics.draws import Draw
from .base import DemandProcess, column, demands
from .distribution import DiscreteDistribution, Distribution, running_sums
from .periods import Frequency
from .recorded import FileColumns, Recorded, read

Split: TypeAlias = Literal["train", "validation", "test"]
Missing: TypeAlias = Literal["refuse", "zero", "interpolate"]


PeriodName = Annotated[int | str, BeforeValidator(lambda value: value.isoformat() if isinstance(value, date) else value)]
"""A period as the file calls it: its number or code, or a date."""


class Windows(Keys):
    """First and last period, as the file names them, to learn from, to tune on and to evaluate on, one after the other."""

    train: tuple[PeriodName, PeriodName]
    validation: tuple[PeriodName, PeriodName]
    test: tuple[PeriodName, PeriodName]

    @model_validator(mode="after")
    def _one_after_the_other(self) -> Windows:
        end: Any = None
        for name in ("train", "validation", "test"):
            first, last = getattr(self, name)
            if {type(first), type(last), type(last if end is None else end)} == {int, str}:
                raise InputError(name, [first, last], "periods that are all written alike")
            if last < first:
                raise InputError(name, [first, last], "first and last period, the first not after the last")
            if end is not None and first <= end:
                raise InputError(name, [first, last], f"a window that begins after the one before it, which ends in {end}")
            end = last
        return self


class Data(Keys):
    """Where recorded demand is and which part of it is for what: a scenario's `data`, for all its customers at once."""

    path: str | None = Field(default=None, description="The file; left out: the environment variable ORDERUP_DATA names it")
    source: str = Field(default="", description="Where to get the data, told to those who do not have it")
    columns: FileColumns = FileColumns()
    windows: Windows | None = Field(default=None, description="Periods to learn from, to tune on and to evaluate on")
    block: int | None = Field(default=None, ge=1, description="Periods in a stretch of the bootstrap; left out: none")
    bootstrap: list[Split] = Field(default=["train", "validation", "test"], description="The windows that `block` applies to")
    frequency: Frequency | None = Field(
        default=None, description="What a period is: number, day, week, month or quarter; left out: what its names tell"
    )
    missing: Missing = Field(
        default="refuse",
        description="What to do about cells that are blank or not there: refuse them, count them as no demand, or interpolate "
        "between a product's first and last record at the site, before and after which there is none",
    )


@demands.register("file")
class FileDemand(Data, DemandProcess):
    """Demand as recorded in a CSV or Parquet file, one row for each period, site and product [units].

    What is left out here is taken from the scenario's `data`.

    With `block`, an episode is put together from stretches of that many periods, each from anywhere in the window, whose end
    is joined to its beginning (the circular block bootstrap: Politis and Romano, in Exploring the Limits of Bootstrap, 1992).
    Without, it is one stretch as it was; when it is as long as the window, it is the window. All sites and products of an
    episode see the same periods. Moments and `over` come from the site's training window alone.
    """

    site: str | None = Field(default=None, description="The site's name in the file; left out: its name in the network")

    @model_serializer(mode="wrap")
    def _as_written(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Less what came from the scenario's `data`, so that other data can take its place."""
        return {name: value for name, value in write(self).items() if name in self.model_fields_set}

    def filled(self, data: Data) -> FileDemand:
        """The same, with what was left out taken from `data`; `model_fields_set` still tells what was written here."""
        left_out = Data.model_fields.keys() - self.model_fields_set
        values = {**dict(self), **{name: getattr(data, name) for name in left_out}}
        return type(self).model_construct(_fields_set=set(self.model_fields_set), **values)

    def at(self, site: str) -> FileDemand:
        return self if self.site is not None else self.model_copy(update={"site": site})

    def moments(self, products: Sequence[str]) -> tuple[Floats, Floats]:
        history = self.history("train", products)
        return history.mean(axis=0), history.std(axis=0)

    def over(self, products: Sequence[str], periods: int) -> Distribution:
        """What stretches of the training window came to."""
        return DiscreteDistribution.of_samples(running_sums(self.history("train", products), periods))

    def sample(self, draw: Draw) -> Array:
        return self.recorded(draw, "demand")

    def recorded(self, draw: Draw, name: Literal["demand", "promotion"]) -> Array:
        """What the file holds (T, K, B) for the very periods that `sample` takes the demand of."""
        history = self.at(draw.site).history(draw.split, draw.products, name)
        length, products = history.shape
        xp, period = namespace(draw.episodes), self.periods_of(draw, length)
        start = column(length * np.arange(products), draw.episodes)
        flat = xp.asarray(history.T.reshape(-1), device=array_api_compat.device(draw.episodes))
        at = period[:, None, :] + start
        return xp.reshape(xp.take(flat, xp.reshape(at, (-1,)), axis=0), at.shape)

    def promoted(self, draw: Draw) -> Array:
        """What is to be expected of each period's demand (T, K, B), as a share of its mean less 1, from its promotion alone.

        Worked out from the training window: what demand was on average with a promotion, and without.
        """
        own, products = self.at(draw.site), draw.products
        demand, on = own.history("train", products), own.history("train", products, "promotion") > 0
        mean = np.maximum(demand.mean(axis=0), 1e-12)
        with_one, without = (_mean_where(demand, where, mean) / mean - 1.0 for where in (on, ~on))
        shown = self.recorded(draw, "promotion") > 0
        return namespace(shown).where(shown, column(with_one, draw.episodes), column(without, draw.episodes))

    def periods_of(self, draw: Draw, length: int) -> Array:
        """Which of a window's W periods each of an episode's is (T, B)."""
        xp, period = namespace(draw.episodes), np.arange(draw.periods)
        if self.block is None or draw.split not in self.bootstrap:
            if draw.periods > length:
                raise InputError(
                    "horizon", draw.periods, f"at most the {length} periods of the {draw.split} window, or `block`"
                )
            first = xp.floor(draw.common("file", 1) * (length - draw.periods + 1))
            return xp.astype(first, xp.int64) + column(period, draw.episodes)
        first = xp.floor(draw.common("file", -(-draw.periods // self.block)) * length)
        return (xp.astype(first, xp.int64)[period // self.block] + column(period % self.block, draw.episodes)) % length

    def history(self, split: str, products: Sequence[str], name: str = "demand") -> Floats:
        """One site's record (W, K) in a window, with nothing missing. Raises InputError for what is not there."""
        if self.site is None:
            raise InputError("demand.site", None, "the site's name in the file, unless `at` has given it")
        missing = self.missing if name == "demand" else "zero"
        return _complete(self.table, name, self.site, tuple(products), self.bounds(split), missing)

    @property
    def table(self) -> Recorded:
        """The file's contents. Raises InputError where it cannot be used."""
        return read(self.path, self.columns, self.source, self.frequency)

    def bounds(self, split: str) -> tuple[int, int]:
        """The numbers of a window's first and last period. Raises InputError where there is no such window."""
        if split not in Windows.model_fields:
            raise UnknownName("split", split, Windows.model_fields)
        if self.windows is None:
            raise InputError("demand.windows", None, "train, validation and test, here or in the scenario's `data`")
        return self.table.between(*getattr(self.windows, split))


def _mean_where(values: Floats, where: NDArray[np.bool_], otherwise: Floats) -> Floats:
    """Mean of the columns (K,) over the rows that `where` picks; `otherwise` where it picks none."""
    count = where.sum(axis=0)
    return np.where(count > 0, (values * where).sum(axis=0) / np.maximum(count, 1), otherwise)


@lru_cache(maxsize=1024)
def _complete(
    table: Recorded, name: str, site: str, products: tuple[str, ...], periods: tuple[int, int], missing: Missing
) -> Floats:
    """A site's record (W, K) with its gaps filled; interpolation never looks beyond the window.

    A product's launch and its end are no gaps: before its first record at the site, and after its last, nothing was demanded.
    """
    history = table.window(name, site, products, periods)
    gaps = np.isnan(history)
    if not gaps.any():
        return history
    if missing == "zero":
        return np.where(gaps, 0.0, history)
    empty = gaps.all(axis=0)
    if missing == "refuse" or empty.any():
        row, product = np.argwhere(gaps & empty if missing == "interpolate" else gaps)[0]
        where = table.calendar.name(int(periods[0] + row))
        found = f"{gaps.sum()} of {gaps.size} cells of {site} not recorded, such as {products[product]} in {where}"
        others = "" if empty.any() else " or interpolate"
        raise InputError("demand.missing", found, f"zero{others}, or data for every period and product")
    first, last = table.lives(site, products)
    period = np.arange(periods[0], periods[1] + 1)[:, None]
    return np.where((period < first) | (period > last), 0.0, _interpolated(history))


def _interpolated(history: Floats) -> Floats:
    """Gaps (NaN) on the straight line between their neighbours in time; those at an end are like the nearest record.

    Where only whole numbers were recorded, so are these.
    """
    length, row, known = len(history), np.arange(len(history))[:, None], ~np.isnan(history)
    before = np.maximum.accumulate(np.where(known, row, -1), axis=0)
    after = np.minimum.accumulate(np.where(known, row, length)[::-1], axis=0)[::-1]
    before, after = np.where(before < 0, after, before), np.where(after == length, before, after)
    share = np.clip((row - before) / np.maximum(after - before, 1), 0, 1)
    left, right = (np.take_along_axis(history, near, axis=0) for near in (before, after))
    filled: Floats = (1 - share) * left + share * right
    return np.rint(filled) if (history[known] % 1 == 0).all() else filled
