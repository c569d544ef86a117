"""What a learner's policy sees: its observations, made of what the information layer gives its seats.

Letters: B batch, S seats, D the length of an observation.
"""

from __future__ import annotations

from dataclasses import replace

from ..numerics.arrays import Array
from ..recording.machine import can_compile
from .information import Information
from .observation import Compiled, Observer
from .policy import Context
from .recorded_view import RecordedView

PAYS_AFTER, WIDE = 500_000, 256
"""Observations after which a recorded program has paid for the seconds that it takes to come; and how many side by side."""


class ObservationView:
    """What a learner's policy sees when it acts on information: the numbers that the environments give it in training.

    Made from a context, for its batch of episodes.
    """

    def __init__(self, context: Context) -> None:
        self.observer = Observer(context.network, context.autonomy, context.seats)
        self._backend, self._batch = context.backend, context.batch
        self._compiled: Compiled | None = None
        self._shown = 0

    def __call__(self, information: Information) -> Array:
        """Observations (B, S, D) in the simulator's type."""
        if (information.autonomy, information.seats) != (self.observer.autonomy, self.observer.seats):
            raise ValueError("this information is for other seats, or another autonomy level, than the context")
        if self._compiled is None:
            self._compiled = information.compiled(self.observer, self._backend)
        if self._shown < PAYS_AFTER and self._batch >= WIDE and self._backend.name == "numpy":
            self._shown += self._batch
            if self._shown >= PAYS_AFTER and can_compile():
                self._compiled = replace(self._compiled, recorded=RecordedView(self._compiled))
        return information.observations(self._compiled)
