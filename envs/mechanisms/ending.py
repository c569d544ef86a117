"""What goods are worth when an episode ends. Letters: N sites, L lanes, K products, C customers, B batch."""

from __future__ import annotations

from dataclasses import dataclass

from ..numerics.arrays import Array, tree_sum
from ..numerics.bundles import Bundle


@dataclass(frozen=True)
class Ending:
    """The worth of a unit at the end of an episode, by where it is [money]."""

    on_hand: Array
    """On a site's shelf (N, K, 1)."""
    under_way: Array | None = None
    """On a lane (L, K, 1); None where goods under way are worth nothing."""
    owed: Array | None = None
    """What it costs to get a unit for a customer who is owed it, less its price (C, K, 1); None where debts end too."""

    def cost(self, on_hand: Array, in_transit: Array, backlog: Array, inbound: Bundle, buyers: Bundle) -> Array:
        """Minus the worth of each site's goods, plus what it owes (N, B) [money].

        Of what is on hand (N, K, B), under way (L, K, B) and owed (C, K, B); `inbound` and `buyers` say whose lanes and
        customers these are.
        """
        found = -tree_sum(on_hand * self.on_hand, axis=1)
        if self.under_way is not None:
            found = found - inbound.total(tree_sum(in_transit * self.under_way, axis=1))
        return found if self.owed is None else found + buyers.total(tree_sum(backlog * self.owed, axis=1))
