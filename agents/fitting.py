"""How far a fit is: whoever fits says so, and whoever has asked to hear it is told; nobody else.

An agent fits its numbers in its reset, long before its first decision: without a word a report would be silent for minutes.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeAlias

from orderup.envs.terminal import say

Listener: TypeAlias = Callable[[str, float], None]
"""Told what is being fitted and which share of it is done, from 0 to 1."""

EVERY = 10.0
"""Seconds between two lines."""

_listener: ContextVar[Listener | None] = ContextVar("fitting", default=None)


def tell(what: str, share: float) -> None:
    """Say how far a fit is; 1 when it is done."""
    listener = _listener.get()
    if listener is not None:
        listener(what, share)


@contextmanager
def heard_by(listener: Listener | None) -> Iterator[None]:
    """Let `listener` hear of every fit meanwhile, or nobody."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


class Lines:
    """A line on standard error now and then, for those who do not watch a terminal; none of fits that are soon done."""

    def __init__(self, every: float = EVERY, clock: Callable[[], float] = time.monotonic) -> None:
        self._every, self._clock = every, clock
        self._what, self._begun, self._last, self._heard = "", 0.0, 0.0, -math.inf

    def __call__(self, what: str, share: float) -> None:
        now = self._clock()
        if what != self._what:
            self._what, self._begun = what, now
            self._last = now if now - self._heard >= self._every else self._last
        self._heard = now
        if now - self._last >= self._every and share < 1:
            self._last = now
            say(f"fitting {what}: {100 * share:.0f} %{left(now - self._begun, share)}", file=sys.stderr)


def left(spent: float, share: float) -> str:
    """How long the rest takes at the same pace; nothing as long as that cannot be told."""
    if share <= 0:
        return ""
    seconds = spent * (1 - share) / share
    return f", about {seconds:.0f} s left" if seconds < 100 else f", about {seconds / 60:.0f} min left"
