"""What policies leave out of account by their own account, as it is shown beside their results."""

from __future__ import annotations

from collections.abc import Iterable


def collected(told: Iterable[tuple[str, Iterable[str]]]) -> tuple[str, ...]:
    """Each thing once, with all of whom it is true, from their names and what each of them tells.

    >>> collected([("a", ["ignores yield"]), ("b", ["ignores yield", "ignores weather"])])
    ('a, b: ignores yield', 'b: ignores weather')
    """
    whose: dict[str, list[str]] = {}
    for name, caveats in told:
        for caveat in caveats:
            whose.setdefault(caveat, []).append(name)
    return tuple(f"{', '.join(names)}: {caveat}" for caveat, names in whose.items())
