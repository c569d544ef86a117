"""Proximal policy optimisation; PyTorch and Stable-Baselines3 are loaded when training begins."""

from __future__ import annotations

from ..base import agents
from ..learning.learner import LARGEST_NETWORK, LARGEST_UPDATE, Journal, Task, check_size
from .ppo_keys import PPOKeys


@agents.register("ppo")
class PPO(PPOKeys):
    """Stable-Baselines3's PPO: the sites learn (IPPO, or MAPPO with a critic that sees all), or a planner for all of them."""

    def check(self, task: Task) -> None:
        """Raises InputError where nobody is left to learn, and for a key that means nothing at the autonomy level."""
        from .training_setup import PPOSetup

        setup = PPOSetup(self, task, copies=1)
        row = setup.shape.local + setup.shape.state
        check_size("n_steps", self.n_steps, self.n_steps * self.copies * row, LARGEST_UPDATE)
        check_size("hidden", self.hidden, setup.spec.size, LARGEST_NETWORK)
        setup.start()

    def learn(self, task: Task, journal: Journal) -> None:
        """Train in this process, with one thread."""
        from .training_setup import learn

        learn(self, task, journal)
