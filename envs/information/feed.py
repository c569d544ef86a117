"""What a feed shows: the network as it stood some periods ago, with an error in everything that has to be counted.

Letters: L lanes, K products, B batch.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, NoReturn

from ..autonomy.autonomy import Autonomy
from ..numerics.arrays import Array, namespace
from .snapshot import Snapshot


class _NotKnown:
    """What a late feed shows of episodes that a program has played on."""

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):  # what Python's own tools ask of any object
            raise AttributeError(name)
        raise RuntimeError(f"{name}: these episodes were played by a recorded program, which keeps no reports of a late feed")


_NOT_KNOWN: Any = _NotKnown()


class Feed:
    """The reports of an autonomy level in a batch of episodes; `remembers` is of how many periods a centre knows its orders.

    It knows at once those that it `placed` (L, K, 1) itself, all where nothing is said; others come to it with the reports.
    """

    def __init__(
        self,
        autonomy: Autonomy,
        start: Snapshot,
        remembers: int,
        errors: Array | None,
        placed: Array | None = None,
        error_now: Array | None = None,
    ) -> None:
        self._errors = errors if autonomy.feed_noise else None
        """Relative error of what is counted in each period (T, N, K, B)."""
        self._on_record = {} if error_now is None else {start.period: error_now}
        """The same of single periods, where it is on record (N, K, B)."""
        self._history = deque([start], maxlen=autonomy.feed_latency + 1)
        self._decided: deque[Array] = deque(maxlen=remembers)
        self._placed = placed
        self._is_present = not (autonomy.feed_latency or autonomy.feed_noise or remembers)
        self.shows: Snapshot = self._shown(start)
        """What it shows now: the present itself where nothing is late, noisy or to be remembered."""

    @property
    def is_late(self) -> bool:
        """Whether it shows anything but the present as it is."""
        return self._history.maxlen != 1 or self._errors is not None or bool(self._on_record)

    @property
    def remembered(self) -> tuple[Array, ...]:
        """Orders that the centre remembers, the latest period's first (L, K, B)."""
        return tuple(self._decided)

    @property
    def remembers(self) -> int:
        """Of how many periods it remembers them."""
        return self._decided.maxlen or 0

    def restart(self, now: Snapshot, remembered: Iterable[Array]) -> None:
        """Show this, in place of the last period. What one that is late has to show is not known then."""
        if self.is_late:
            self.shows = _NOT_KNOWN
            return
        self._history.append(now)
        self._decided = deque(remembered, maxlen=self._decided.maxlen)
        self.shows = self._shown(now)

    def add(self, now: Snapshot, decided: Array, error: Array | None = None) -> None:
        """A period is over, in which orders (L, K, B) were decided on; its `error` (N, K, B) where that is on record."""
        if error is not None:
            self._on_record[now.period] = error
        self._history.append(now)
        if self._is_present:
            self.shows = now
        else:
            self._decided.appendleft(decided)
            self.shows = self._shown(now)

    def _shown(self, now: Snapshot) -> Snapshot:
        if self._is_present:
            return now
        old = self._history[0]
        error = self._on_record.get(old.period, None if self._errors is None else self._errors[old.period])
        return shown(old, now.period - old.period, tuple(self._decided), error, self._placed)


def shown(old: Snapshot, age: int, recent: tuple[Array, ...], error: Array | None, placed: Array | None) -> Snapshot:
    """A snapshot as a feed of this age shows it, with the orders of the latest periods, the youngest first (L, K, B).

    Of the orders since then it has those that its centre `placed` (L, K, 1), where sites place the others.
    """
    if placed is not None:
        xp = namespace(*recent, placed)
        recent = (*(xp.where(placed, orders, xp.zeros_like(orders)) for orders in recent[:age]), *recent[age:])
    since = None
    for orders in recent[:age]:
        since = orders if since is None else since + orders
    return replace(old, age=age, error=error, since=since, recent=recent)


def blurred(values: Array, error: Array | None) -> Array:
    """Readings with a relative error; without one, as they are."""
    return values if error is None else values * (1.0 + error)
