"""The money of one period, as all outside the core have it.

Letters: B batch, N sites.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..numerics.arrays import Array, batch_first, tree_sum


@dataclass(eq=False)
class Ledger:
    """The money of one period, by named terms."""

    by_term: dict[str, Array]
    """(N, B) [money] of each term."""
    weight: float = 1.0
    """How much the period's money counts where the scenario discounts it: 1 on average over the periods after the warm-up."""
    _by_site: Array | None = None

    @property
    def discounted(self) -> Ledger:
        """The same money as it counts; itself where nothing is discounted."""
        if self.weight == 1.0:
            return self
        return Ledger({name: values * self.weight for name, values in self.by_term.items()})

    @property
    def terms(self) -> dict[str, Array]:
        """Each term's cost of every site (B, N) [money]."""
        return {name: batch_first(values) for name, values in self.by_term.items()}

    @property
    def by_site(self) -> Array:
        """What every site pays (N, B) [money], all terms together."""
        if self._by_site is None:  # functools.cached_property takes a lock first, which costs more than the sum
            self._by_site = _sum(self.by_term.values())
        return self._by_site

    @property
    def site_cost(self) -> Array:
        """The same, batch first (B, N)."""
        return batch_first(self.by_site)

    @property
    def cost(self) -> Array:
        """What the network pays (B,) [money]."""
        return tree_sum(self.by_site)


def _sum(values: Iterable[Array]) -> Array:
    first, *others = values
    for other in others:
        first = first + other
    return first
