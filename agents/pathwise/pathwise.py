"""Networks trained by backpropagation through the simulator; PyTorch is loaded when training begins."""

from __future__ import annotations

from typing import Self

from ..base import agents
from ..learning.learner import LARGEST_NETWORK, LARGEST_UPDATE, Journal, Task, check_size
from .pathwise_keys import PathwiseKeys

KEPT = 20
"""Numbers that a gradient needs of every lane and product in a period, about."""


@agents.register("pathwise")
class Pathwise(PathwiseKeys):
    """Follows the gradient of episodes' cost through the simulator, at any autonomy level: sites, planner, or both learn."""

    def check(self, task: Task) -> None:
        """Raises InputError where nobody is left to learn, or a network of these keys does not fit the autonomy level."""
        from .training_setup import PathwiseSetup

        setup = PathwiseSetup(self, task, copies=1)
        network, copies = setup.simulator.numpy_network, setup.settings.copies or 1
        at_once = KEPT * copies * setup.window.periods * len(network.lanes) * len(network.products)
        check_size("copies", copies, at_once, LARGEST_UPDATE)
        for spec in setup.specs.values():
            check_size("hidden", self.hidden, spec.size, LARGEST_NETWORK)
        setup.rehearse()

    def warmed_up(self, task: Task, silo: str) -> Self:
        """Itself with the run of silo sites in the folder `silo` to start from, where that costs less than its own start.

        Both are tried on validation's episodes. Raises InputError where it cannot start from that run.
        """
        from .training_setup import PathwiseSetup

        setup = PathwiseSetup(self, task)
        warm = self.model_copy(update={"start": {"run": silo}})
        theirs = PathwiseSetup(warm, task)
        costs = [task.examined(one.learnt(one.start())) for one in (setup, theirs)]
        return warm if costs[1] < costs[0] else self

    def learn(self, task: Task, journal: Journal) -> None:
        """Train in this process, with one thread."""
        from .training_setup import learn

        learn(self, task, journal)
