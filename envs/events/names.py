"""What events are called, which is the key of their randomness."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable


def numbered(names: Iterable[str]) -> list[str]:
    """The same names; one that was there before gets its number, so that each event has luck of its own.

    >>> numbered(["orders:supplier", "price:supplier", "orders:supplier"])
    ['orders:supplier', 'price:supplier', 'orders:supplier 2']
    """
    seen: Counter[str] = Counter()
    found = []
    for name in names:
        seen[name] += 1
        found.append(name if seen[name] == 1 else f"{name} {seen[name]}")
    return found
