"""A feed on symbols: what it will show goes from period to period with all else that does.

A slot is what a period left for reports: state, flows, and the centre's levels in force; the last one is the present's.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .information.feed import shown
from .information.recorded_view import timeless
from .information.snapshot import Snapshot
from .period import Carry
from .simulator import Simulator

Slots = tuple[tuple[Any, Any, Any], ...]
"""Of as many periods as the feed is old, and of the present; none where it shows the present as it is."""


class RecordedFeed:
    """The feed of a simulator's autonomy level, for its recorded programs."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator, self._latency = simulator, simulator.autonomy.feed_latency
        self._is_late = not simulator.sees_the_present

    def begun(self) -> Slots:
        """Before the first period, by numbers."""
        now = self._simulator.now
        return ((now.state, now.flows, now.target),) if self._is_late else ()

    def shown(self, now: Snapshot, slots: Slots, carry: Carry, error: Any, outlook: Any = None) -> Snapshot:
        """What it shows at a period's beginning; `error` is that of what it shows (N, K, B), `outlook` what was known then."""
        simulator = self._simulator
        if not slots:
            return replace(now, recent=carry.remembered) if simulator.remembers else now
        age, (state, flows, target) = len(slots) - 1, slots[0]
        old = timeless(now.network, state, flows, target, calm=now.outlook is None, age=age, begun=flows is not None)
        old = old if outlook is None else replace(old, outlook=outlook)
        return shown(old if age else now, age, carry.remembered, error, simulator.any_centre.places)

    def afterwards(self, slots: Slots, then: Snapshot) -> Slots:
        """The slots after a period that left a snapshot."""
        return (*slots, (then.state, then.flows, then.target))[-self._latency - 1 :] if slots else ()
