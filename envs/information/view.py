"""What a learner's policy sees: its observations, made of what the information layer gives its seats.

Letters: B batch, S seats, D the length of an observation.
"""

from __future__ import annotations

from ..numerics.arrays import Array
from .information import Information
from .observation import Compiled, Observer
from .policy import Context


class ObservationView:
    """What a learner's policy sees when it acts on information: the numbers that the environments give it in training.

    Made from a context, for its batch of episodes.
    """

    def __init__(self, context: Context) -> None:
        self.observer = Observer(context.network, context.autonomy, context.seats)
        self._backend = context.backend
        self._compiled: Compiled | None = None

    def __call__(self, information: Information) -> Array:
        """Observations (B, S, D) in the simulator's type."""
        if (information.autonomy, information.seats) != (self.observer.autonomy, self.observer.seats):
            raise ValueError("this information is for other seats, or another autonomy level, than the context")
        if self._compiled is None:
            self._compiled = information.compiled(self.observer, self._backend)
        return information.observations(self._compiled)
