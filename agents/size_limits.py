"""What agents may hold in memory."""

from __future__ import annotations

from orderup.envs.foundation.errors import InputError

MOST = 2.0
"""Of one thing that an agent works with [GB]."""


def check_memory(key: str, asked: int, numbers: int, what: str) -> None:
    """Raises InputError where `numbers` of eight bytes, in proportion to what is `asked` for at a key, are more than fit."""
    size = 8e-9 * numbers
    if size > MOST:
        fits = max(int(asked * MOST / size), 1)
        raise InputError(key, f"{asked}, which makes {what} of {size:,.1f} GB", f"at most about {fits}, for {MOST:g} GB")
