"""Which row of a network each row of a table is about. Letters: R rows of a table, L lanes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..foundation.errors import InputError
from ..network.network import Network
from .reading import BookTable

Numbers: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True)
class Places:
    """The names of a network, as tables write them."""

    network: Network

    def sites(self, sheet: BookTable, column: str = "site") -> Numbers:
        """The site of each row (R,)."""
        return place_of(sheet, column, self.network.sites)

    def products(self, sheet: BookTable) -> Numbers:
        """The product of each row (R,); the only one where the column is left out."""
        names = self.network.products
        if "product" not in sheet:
            if len(names) > 1:
                raise InputError(sheet.name, "no column product", f"one, in a network of {len(names)} products")
            return np.zeros(len(sheet), dtype=np.int64)
        return place_of(sheet, "product", names)

    def customers(self, sheet: BookTable) -> Numbers:
        """The customers of each row (R,): those of its site's segment, which need not be said where there is one alone."""
        sites, names = self.sites(sheet), self.network.customers
        if "segment" in sheet:
            asked = [
                f"{self.network.sites[site]}/{segment}"
                for site, segment in zip(sites.tolist(), sheet.texts("segment").tolist(), strict=True)
            ]
            place = {name: row for row, name in enumerate(names)}
            found = np.array([place.get(name, -1) for name in asked], dtype=np.int64)
            sheet.refuse_unknown("segment", found < 0, [name.rpartition("/")[2] for name in names])
            return found
        of_site = self.network.topology.customer_site
        count = np.bincount(of_site, minlength=len(self.network.sites))
        sheet.refuse("site", count[sites] == 0, "a site with customers of its own")
        sheet.refuse("site", count[sites] > 1, "a column segment beside it: the site has several kinds of customers")
        first = np.full(len(self.network.sites), -1)
        first[of_site] = np.arange(len(of_site))
        return first[sites]

    def lanes(self, sheet: BookTable) -> Numbers:
        """The lane of each row (R,): by its name, or by where it leads and, if there are several, where it comes from."""
        if "lane" in sheet:
            return place_of(sheet, "lane", self.network.lanes)
        if "to" not in sheet:
            raise InputError(sheet.name, "neither a column lane nor a column to", "the lane's name, or `from` and `to`")
        to, topology = self.sites(sheet, "to"), self.network.topology
        fits = topology.destination[None, :] == to[:, None]
        if "from" in sheet:
            sources = np.array(topology.sources)
            named = sheet.texts("from")
            sheet.refuse_unknown("from", ~np.isin(named, sources), sorted({*topology.sources}))
            fits = fits & (sources[None, :] == named[:, None])
            sheet.refuse("from", ~fits.any(axis=1), "where a lane to this site comes from")
        if "product" in sheet and self.network.limits.carried is not None:
            fits = fits & (self.network.limits.carried[:, self.products(sheet), 0].T > 0)
            sheet.refuse("product", ~fits.any(axis=1), "a product that a lane brings to this site")
        accepted = "a column lane beside it: several lanes lead to this site" + ("" if "from" in sheet else "; or `from`")
        sheet.refuse("to", fits.sum(axis=1) > 1, accepted)
        sheet.refuse("to", ~fits.any(axis=1), "a site that a lane leads to")
        found: Numbers = fits.argmax(axis=1)
        return found

    def check_carried(self, sheet: BookTable, lanes: Numbers, products: Numbers) -> None:
        """Raises InputError for goods on a lane that does not bring them."""
        carried = self.network.limits.carried
        if carried is not None:
            wrong = carried[lanes, products, 0] <= 0
            sheet.refuse("product" if "product" in sheet else "lane", wrong, "a product that this lane brings")


def once(sheet: BookTable, keys: Mapping[str, Numbers]) -> None:
    """Raises InputError where two rows are about the same, naming both."""
    if not len(sheet):
        return
    stacked = np.stack(list(keys.values()))
    order = np.lexsort(stacked[::-1])
    again = (np.diff(stacked[:, order], axis=1) == 0).all(axis=0)
    if again.any():
        at = int(np.flatnonzero(again)[order[1:][again].argmin()])
        first, second = int(order[at]), int(order[at + 1])
        told = ", ".join(sheet.found(second, name) for name in keys if name in sheet)
        accepted = f"one row for each {', '.join(keys)}; row {int(sheet.frame.index[first]) + 1} has it"
        raise InputError(f"{sheet.name}, row {int(sheet.frame.index[second]) + 1}", told, accepted)


def place_of(sheet: BookTable, column: str, names: Sequence[str]) -> Numbers:
    """The place of each row's name among these (R,). Raises UnknownName with the row."""
    import pandas as pd

    found = pd.Index(names).get_indexer(pd.Index(sheet.frame[column]))
    sheet.refuse(column, (sheet.frame[column] == "").to_numpy(), "a name")
    sheet.refuse_unknown(column, found < 0, names)
    return found.astype(np.int64)
