"""How many random networks, levels and numbers tests look at: all in `make test-exhaustive`, and a third of them otherwise."""

from __future__ import annotations

import os

ALL = os.environ.get("ORDERUP_EXAMPLES") == "all"
ONE_IN = 3
FEWEST = 10


def some(count: int) -> int:
    """Of so many, which `make test-exhaustive` looks at, how many are looked at now."""
    return count if ALL else max(count // ONE_IN, min(count, FEWEST))
