"""What is made of what: the parts that recipes take off the shelf, and what comes of them beside their product.

Letters: N sites, L lanes, R recipes (the lanes that make goods), K products, B batch. A recipe's amounts are units of its
product: what is ordered, what is begun in a period (it is shipped, where a lane brings goods), what is in work.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..numerics.arrays import Array, minimum, namespace, put_rows
from ..numerics.bundles import Bundle


@dataclass(frozen=True)
class PerUnit:
    """What goes with each unit of a `product` (R',) in some `rows` (R',): these `amounts` of others (R', K, 1)."""

    rows: Any
    product: Any
    amounts: Array

    def of(self, amounts: Array) -> Array:
        """That of these amounts (…, K, B) alone, row by row (R', K, B)."""
        return amounts[self.rows, self.product][:, None] * self.amounts

    def joined(self, amounts: Array) -> Array:
        """The amounts with it."""
        return put_rows(amounts, self.rows, amounts[self.rows] + self.of(amounts))

    def among(self, lanes: NDArray[np.int64]) -> PerUnit | None:
        """The same of rows that are these lanes (n,); None where none of them brings anything else. In NumPy."""
        there = [number for number, row in enumerate(self.rows) if row in lanes]
        if not there:
            return None
        place = np.array([int(np.flatnonzero(lanes == self.rows[number])[0]) for number in there])
        return replace(self, rows=place, product=self.product[there], amounts=self.amounts[there])


@dataclass(frozen=True)
class Recipes:
    """All recipes of a network."""

    lanes: Any
    """Their rows among the lanes (R,)."""
    product: Any
    """What each makes (R,)."""
    site: Any
    """Where (R,)."""
    uses: Array
    """Parts for a unit of it (R, K, 1) [units]."""
    parts: Any
    """The products that anything is made of (P,), one at least; most products are none."""
    of_parts: Array
    """`uses` of these alone (R, P, 1)."""
    of_some_parts: bool
    """Whether anything is made of parts at all."""
    place: Any
    """Where each product stands among them (K,): P where nothing is made of it."""
    at: Bundle
    """The recipes of each site."""
    alone: Array
    """1 for the product itself (R, K, 1)."""
    beside: PerUnit | None
    """What comes of a recipe beside its product; None where nothing does."""

    @classmethod
    def of(
        cls,
        lanes: NDArray[np.int64],
        product: NDArray[np.int64],
        site: NDArray[np.int64],
        uses: NDArray[np.float64],
        co_products: NDArray[np.float64],
        sites: int,
    ) -> Recipes | None:
        """Of lanes (R,) with their products, sites, parts and co-products (R, K, 1), among so many sites; None for no lanes."""
        if not lanes.size:
            return None
        some = np.flatnonzero(co_products.any(axis=(1, 2)))
        beside = PerUnit(lanes[some], product[some], co_products[some]) if some.size else None
        alone = np.zeros_like(uses)
        alone[np.arange(len(lanes)), product] = 1.0
        of_some_parts = bool(uses.any())
        parts = np.flatnonzero(uses.any(axis=(0, 2))) if of_some_parts else np.array([0])
        place = np.full(uses.shape[1], len(parts))
        place[parts] = np.arange(len(parts))
        at = Bundle.of(site, sites)
        return cls(lanes, product, site, uses, parts, uses[:, parts], of_some_parts, place, at, alone, beside)

    def made(self, amounts: Array) -> Array:
        """What lanes' amounts (L, K, B) are of each recipe (R, B)."""
        return amounts[self.lanes, self.product]

    def used(self, amounts: Array) -> Array:
        """The parts that lanes' amounts (L, K, B) take of each site (N, K, B)."""
        return self.among_products(self.taken(self.made(amounts)))

    def taken(self, made: Array) -> Array:
        """The parts alone that it takes of each site (N, P, B) to make so much (R, B)."""
        return self.at.total(made[:, None] * self.of_parts)

    def among_products(self, parts: Array) -> Array:
        """Amounts of parts (N, P, B) among those of all products (N, K, B), 0 of what nothing is made of."""
        return namespace(parts).concat([parts, 0.0 * parts[:, :1]], axis=1)[:, self.place]

    def joined(self, amounts: Array) -> Array:
        """What lanes bring (L, K, B), of amounts of their products alone."""
        return amounts if self.beside is None else self.beside.joined(amounts)

    def claims(self, amounts: Array, made: Array) -> Array:
        """What lanes want of their source (L, K, B): what they bring, or the parts of what is `made` (R, B)."""
        return put_rows(amounts, self.lanes, made[:, None] * self.uses)

    def put(self, amounts: Array, made: Array) -> Array:
        """Lanes' amounts (L, K, B) where recipes have these instead (R, B)."""
        return put_rows(amounts, self.lanes, made[:, None] * self.alone)

    def possible(self, made: Array, parts: Array, which: Any = slice(None)) -> Array:
        """How much of what is to be made (n, B) there are enough `parts` for (n, P, B): by the scarcest of them.

        `which` says by what recipes (n,) that is; left out: all.
        """
        if not self.of_some_parts:
            return made
        xp, uses = namespace(made), self.of_parts[which]
        wanted = made[:, None] * uses
        needed = uses > 0
        enough = xp.where(needed, parts / xp.where(needed, uses, 1.0 + 0.0 * uses), wanted)
        most = xp.where((parts >= wanted) | ~needed, made[:, None] + 0.0 * wanted, enough)
        return minimum(xp.min(most, axis=1), made)


@dataclass(frozen=True)
class Following:
    """What comes of some orders that have just been placed, or is needed for them, row by row, and whom it concerns."""

    bundle: Bundle
    """Whom each row concerns."""
    since: int
    """The number of the turn whose orders are the first rows."""
    until: int | None = None
    """The number of the first turn after it whose orders are no rows; None where those of all later turns are."""
    goods: PerUnit | None = None
    """The parts of what is ordered, or what comes beside it; None for the orders themselves."""

    def total(self, placed: Array) -> Array:
        """Of the orders (r, K, B), by whom it concerns (n, K, B)."""
        return self.bundle.total(placed if self.goods is None else self.goods.of(placed))
