"""Training one network for every network, or going on with it on one scenario, by the gradient of simulated cost."""

from __future__ import annotations

from orderup.envs.foundation.errors import InputError
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
        """Raises InputError for a scenario out of scope, a start that is none, or two parties where one is learnt for."""
        self.first(task.seed).spec.check()
        simulator = Simulator(task.scenario, task.autonomy)
        if simulator.autonomy.has_sites and simulator.autonomy.has_planner:
            found = f"{task.autonomy.name}, where the centre and the sites decide"
            raise InputError("autonomy", found, "a level at which one of them does, as when a network is learnt for both")
        check_scope(simulator.context())

    def learn(self, task: Task, journal: Journal) -> None:
        """Train in this process, with one thread."""
        from .learning import learn

        learn(self, task, journal)
