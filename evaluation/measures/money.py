"""How money is told: as a cost, or, where customers pay, as a profit."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..statistics.statistics import Interval

SPENT = "Per cents are of what is spent: of all cost terms, revenue left out."
"""How per cents of profits are to be read."""


@dataclass(frozen=True)
class Money:
    """The words for what methods come to on a scenario, and the side on which more is better."""

    earns: bool

    @property
    def word(self) -> str:
        """Cost, or profit."""
        return "profit" if self.earns else "cost"

    @property
    def verb(self) -> str:
        """What a method does."""
        return "earns" if self.earns else "costs"

    def told(self, cost: Interval) -> Interval:
        """A cost, or a difference or share of costs, as it is told: a profit has the other sign."""
        return replace(cost, estimate=-cost.estimate, low=-cost.high, high=-cost.low) if self.earns else cost

    def arrow(self, sign: int) -> tuple[str, str]:
        """▲ for more and ▼ for less than the reference's, where its cost is more (1), less (−1) or the same (0); in words."""
        more = -sign if self.earns else sign
        if not more:
            return "≈", "no significant difference"
        return ("▲", f"{self.verb} more") if more > 0 else ("▼", f"{self.verb} less")
