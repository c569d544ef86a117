"""A day on record as a batch of episodes begins with it.

Letters: B batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..events.conditions import USUAL, Outlook
from ..information.snapshot import Snapshot
from ..network.network import Network
from ..numerics.arrays import Array
from ..numerics.backend import Backend
from ..numerics.conversion import converted
from .days import Day


@dataclass(frozen=True, eq=False)
class OnRecord:
    """Turns what the books say, which is of one network, into what every episode of a batch begins with."""

    network: Network
    backend: Backend
    zeros: Array
    """(1, 1, B)."""

    def as_batch(self, values: Any) -> Any:
        """What is on record for every episode: arrays with a batch of one, in whatever they stand, become (…, B)."""
        return converted(values, lambda array: self.backend.asarray(array) + self.zeros)

    def snapshot(self, day: Day, target: Array | None, outlook: Outlook | None) -> Snapshot:
        """What a period on record began with; `target` are the centre's levels in force.

        Without an outlook of a trace, what is known of the periods ahead is what was forecast.
        """
        state = day.state._replace(**{name: self.as_batch(value) for name, value in day.state._asdict().items()})
        flows = day.flows
        if flows is not None:
            moved = {name: self.as_batch(value) for name, value in flows._asdict().items() if name != "conditions"}
            flows = flows._replace(**moved)
        foreseen = self._foreseen(day) if outlook is None else outlook
        return Snapshot(self.network, day.period, state, flows, target, outlook=foreseen)

    def _foreseen(self, day: Day) -> Outlook | None:
        """What is known of the periods ahead on a day on record: what is forecast of demand."""
        if day.forecasts is None:
            return None
        return Outlook(USUAL, day.period, forecasts=day.forecasts.on(self.backend.asarray, self.zeros.shape[-1]))
