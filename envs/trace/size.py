"""How many episodes there can be at once, and how long: what no memory holds is refused before anything is drawn."""

from __future__ import annotations

from ..foundation.errors import InputError

LARGEST_BATCH = 10_000_000
LARGEST_HORIZON = 1_000_000
LARGEST_TRACE = 2**32
"""Numbers in the demand of all episodes that run at once (32 GB)."""


def check_size(values: int, horizon: int, batch: int) -> None:
    """Refuse episodes that no memory holds, by how many `values` demand has in a period of one. Raises InputError."""
    for key, size, of_one in (("horizon", horizon, values), ("batch", batch, values * horizon)):
        if size * of_one > LARGEST_TRACE:
            raise InputError(key, size, f"at most {LARGEST_TRACE // of_one}, so that the demand of all fits into memory")
