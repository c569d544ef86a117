"""A journal for tests of a learner by itself: it keeps what it is told, and can ask to stop."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from orderup.agents.learning.learner import Learner, Task, TrainingState
from orderup.agents.learning.learnt import Learnt
from orderup.agents.learning.stopwatch import Stopwatch
from orderup.agents.networks.network_policy import NetworkPolicy


class QuietJournal:
    def __init__(self, state: TrainingState | None = None, stop_after: int | None = None) -> None:
        self.state, self.clock = state, Stopwatch()
        self.rows: list[tuple[int, dict[str, float]]] = []
        self._stop_after = stop_after

    def begin(self, learnt: Callable[[], Learnt], state: Callable[[], TrainingState]) -> None:
        self.learnt, self.now = learnt, state

    def update(self, periods: int, metrics: Mapping[str, float]) -> bool:
        self.rows.append((periods, dict(metrics)))
        return self._stop_after is None or len(self.rows) < self._stop_after

    @property
    def network(self) -> NetworkPolicy:
        """The one that was learnt."""
        (found,) = (member for member in self.learnt().parties.values() if isinstance(member, NetworkPolicy))
        return found


def rehearsed(learner: Learner, task: Task, state: TrainingState | None = None, stop_after: int | None = None) -> QuietJournal:
    """A training without a folder."""
    journal = QuietJournal(state, stop_after)
    learner.check(task)
    learner.learn(task, journal)
    return journal
