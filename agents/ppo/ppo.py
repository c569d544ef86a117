"""Proximal policy optimisation; PyTorch and Stable-Baselines3 are loaded when training begins."""

from __future__ import annotations

from ..base import agents
from ..learning.learner import LARGEST_NETWORK, LARGEST_UPDATE, Journal, Task, check_size
from .ppo_keys import PPOKeys


@agents.register("ppo")
class PPO(PPOKeys):
    """Stable-Baselines3's PPO: sites learn (IPPO, or MAPPO with critics that see all), a planner for all of them, or both."""

    def check(self, task: Task) -> None:
        """Raises InputError where nobody is left to learn, and for a key that means nothing at the autonomy level."""
        from .training_setup import PPOSetup

        setup = PPOSetup(self, task, copies=1)
        row = sum(setup.shape.parts)
        check_size("n_steps", self.n_steps, self.n_steps * self.copies * row, LARGEST_UPDATE)
        for spec in setup.specs.values():
            check_size("hidden", self.hidden, spec.size, LARGEST_NETWORK)
        setup.start()

    def learn(self, task: Task, journal: Journal) -> None:
        """Train in this process, with one thread."""
        from .training_setup import learn

        learn(self, task, journal)
