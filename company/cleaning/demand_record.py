"""What was asked for, period by period, of every product at every site: an import's own view of the past.

Letters: S series (a product at a site), T periods.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from orderup.envs.numerics.arrays import Floats

from ..record.decisions import ImportDecisions
from ..record.periods import CalendarPeriods

if TYPE_CHECKING:
    import pandas as pd

Known = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class DemandRecord:
    """The past demand of a network, and what was decided to know it."""

    periods: CalendarPeriods
    first: int
    """The number of the first period."""
    sites: tuple[str, ...]
    products: tuple[str, ...]
    site: NDArray[np.int64]
    """(S,)"""
    product: NDArray[np.int64]
    """(S,)"""
    demand: Floats
    """(S, T) [units], NaN where it is not known."""
    sold_since: NDArray[np.int64]
    """The first period (S,) in which a product was to be had at its site, as a column of `demand`; `sold_until` the last."""
    sold_until: NDArray[np.int64]
    price: Floats
    """Mean price of each product (K,) [money/unit], NaN where there is none."""
    decisions: ImportDecisions
    source: str = ""
    """The file that it comes from."""
    last_day: int = 0
    """The day of the last sale, since 1970."""
    ended: frozenset[str] = frozenset()
    """Products that are no longer sold anywhere; `ended_sites` sites that no longer sell anything."""
    ended_sites: frozenset[str] = frozenset()

    @property
    def shape(self) -> tuple[int, int]:
        """Series and periods (S, T)."""
        return self.demand.shape[0], self.demand.shape[1]

    @property
    def length(self) -> int:
        """How many periods there are."""
        return self.shape[1]

    @property
    def known(self) -> Known:
        """Where demand is known (S, T)."""
        return ~np.isnan(self.demand)

    @cached_property
    def names(self) -> tuple[int | str, ...]:
        """What each period is called (T,)."""
        return tuple(self.periods.name(self.first + number) for number in range(self.length))

    def keep(self, series: Known) -> DemandRecord:
        """Only some series (S,), and the sites and products that they are of."""
        sites, site = np.unique(self.site[series], return_inverse=True)
        products, product = np.unique(self.product[series], return_inverse=True)
        return replace(
            self,
            sites=tuple(self.sites[number] for number in sites),
            products=tuple(self.products[number] for number in products),
            site=site.astype(np.int64),
            product=product.astype(np.int64),
            demand=self.demand[series],
            sold_since=self.sold_since[series],
            sold_until=self.sold_until[series],
            price=self.price[products],
            ended=self.ended | {name for number, name in enumerate(self.products) if number not in set(products.tolist())},
            ended_sites=self.ended_sites
            | {name for number, name in enumerate(self.sites) if number not in set(sites.tolist())},
        )

    @property
    def table(self) -> pd.DataFrame:
        """A row for each series and period in which a product was to be had: period, site, product, demand.

        A blank is demand that is not known.
        """
        import pandas as pd

        at = np.arange(self.length)
        there = (at >= self.sold_since[:, None]) & (at <= self.sold_until[:, None])
        series, period = np.nonzero(there)
        columns: dict[str, Any] = {
            "period": np.array(self.names, dtype=object)[period],
            "site": np.array(self.sites, dtype=object)[self.site[series]],
            "product": np.array(self.products, dtype=object)[self.product[series]],
            "demand": self.demand[series, period],
        }
        return pd.DataFrame(columns)

    def __repr__(self) -> str:
        between = f"{self.names[0]} to {self.names[-1]}" if self.length else "no periods"
        return f"<demand of {len(self.products)} products at {len(self.sites)} sites by {self.periods.unit}, {between}>"
