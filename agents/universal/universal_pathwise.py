"""Training one network for every network, or going on with it on one scenario, by the gradient of simulated cost."""

from __future__ import annotations

from orderup.envs.simulator import Simulator

from ..base import agents
from ..learning.learner import Journal, Task
from .scope import check_scope
from .universal_keys import UniversalKeys


@agents.register("universal_pathwise")
class UniversalPathwise(UniversalKeys):
    """Learns a network for every network on a `family` of them, a few at a time, at several levels of autonomy.

    Without a family it goes on with one, on the scenario and at the level that are asked for. Each network counts alike: what
    is minimised is the mean logarithm of their costs.
    """

    def check(self, task: Task) -> None:
        """Raises InputError for a scenario out of scope, a start that is none, or one of other fields."""
        self.first(task.seed).spec.check()
        check_scope(Simulator(task.scenario, task.autonomy).context())

    def learn(self, task: Task, journal: Journal) -> None:
        """Train in this process, with one thread."""
        from .learning import learn

        learn(self, task, journal)
