"""What a feed shows: the network as it stood some periods ago, with an error in everything that has to be counted.

Letters: L lanes, K products, B batch.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace

from ..autonomy.autonomy import Autonomy
from ..numerics.arrays import Array
from .snapshot import Snapshot


class Feed:
    """The reports of a level in one batch of episodes, `remembers` being how many periods' orders a centre keeps in mind."""

    def __init__(self, autonomy: Autonomy, start: Snapshot, remembers: int, errors: Array | None) -> None:
        self._errors = errors if autonomy.feed_noise else None
        """Relative error of what is counted in each period (T, N, K, B)."""
        self._history = deque([start], maxlen=autonomy.feed_latency + 1)
        self._decided: deque[Array] = deque(maxlen=remembers)
        self._as_it_is = not (autonomy.feed_latency or autonomy.feed_noise)
        self.shows = self._shown(start)
        """What it shows now: the present itself where nothing is late, noisy or to be remembered."""

    def add(self, now: Snapshot, decided: Array) -> None:
        """A period is over, in which orders (L, K, B) were decided on."""
        self._history.append(now)
        self._decided.appendleft(decided)
        self.shows = self._shown(now)

    def _shown(self, now: Snapshot) -> Snapshot:
        if self._as_it_is and not self._decided:
            return now
        old, recent = self._history[0], tuple(self._decided)
        age = now.period - old.period
        error = None if self._errors is None else self._errors[old.period]
        since = None
        for orders in recent[:age]:
            since = orders if since is None else since + orders
        return replace(old, age=age, error=error, since=since, recent=recent)


def blurred(values: Array, error: Array | None) -> Array:
    """Readings with a relative error; without one, as they are."""
    return values if error is None else values * (1.0 + error)
