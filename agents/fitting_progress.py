"""How far a fit is: whoever fits says so, and whoever has asked to hear it is told; nobody else.

An agent fits its numbers in its reset, long before its first decision: without a word a report would be silent for minutes.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeAlias, TypeVar

from orderup.envs.foundation.terminal import say

Listener: TypeAlias = Callable[[str, float], None]
"""Told what is being fitted and which share of it is done, from 0 to 1."""

EVERY = 10.0
"""Seconds between two lines."""
NOTICED = 1.0
"""Seconds after which work is worth a word."""

Item = TypeVar("Item")

_listener: ContextVar[Listener | None] = ContextVar("fitting", default=None)


def tell(what: str, share: float) -> None:
    """Say how far a fit is; 1 when it is done, and 0 throughout where nobody knows."""
    listener = _listener.get()
    if listener is not None:
        listener(what, share)


def going_through(items: Sequence[Item], what: str) -> Iterator[Item]:
    """The items, with a word before each on how far `what` is, once it has taken longer than one waits without asking."""
    begun = time.monotonic()
    for done, item in enumerate(items):
        if time.monotonic() - begun > NOTICED:
            tell(what, done / len(items))
        yield item


class Narrowing:
    """Tells how far an iteration is whose bounds come together by about the same factor in every sweep."""

    def __init__(self, what: str, aim: float) -> None:
        """`aim` is how close they are in the end, above 0."""
        self._what, self._aim, self._first = what, aim, 0.0

    def __call__(self, width: float) -> None:
        """After a sweep that has left them `width` apart, above the aim."""
        self._first = max(self._first, width)
        if math.isfinite(width) and self._first > self._aim:
            tell(self._what, math.log(self._first / width) / math.log(self._first / self._aim))


@contextmanager
def heard_by(listener: Listener | None) -> Iterator[None]:
    """Let `listener` hear of every fit meanwhile, or nobody."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


class FittingLines:
    """A line now and then, for those who do not watch a terminal; none of fits that are soon done."""

    def __init__(
        self, every: float = EVERY, clock: Callable[[], float] = time.monotonic, out: Callable[[str], None] | None = None
    ) -> None:
        """Lines go to `out`; left out: to standard error."""
        self._every, self._clock, self._out = every, clock, out or _on_standard_error
        self._what, self._begun, self._last, self._heard = "", 0.0, 0.0, -math.inf

    def __call__(self, what: str, share: float) -> None:
        now = self._clock()
        if what != self._what:
            self._what, self._begun = what, now
            self._last = now if now - self._heard >= self._every else self._last
        self._heard = now
        if now - self._last >= self._every and share < 1:
            self._last = now
            self._out(f"fitting {what}: {100 * share:.0f} %{left(now - self._begun, share)}")


def _on_standard_error(line: str) -> None:
    say(line, file=sys.stderr)


def left(spent: float, share: float) -> str:
    """How long the rest takes at the same pace; nothing as long as that cannot be told."""
    if share <= 0:
        return ""
    seconds = spent * (1 - share) / share
    return f", about {seconds:.0f} s left" if seconds < 100 else f", about {seconds / 60:.0f} min left"
