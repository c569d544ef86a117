"""Two that know nothing: the floor of every comparison."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import PrivateAttr

from orderup.envs.authority.actions import ActionMap
from orderup.envs.information.information import Information
from orderup.envs.information.policy import Context, Decision

from .base import Agent, agents


@agents.register("hold")
class Hold(Agent):
    """Orders nothing, ever."""

    def act(self, information: Information) -> Decision:
        """Nothing."""
        return Decision(quantity=0.0)


@agents.register("random")
class Random(Agent):
    """Acts as an untrained learner: numbers drawn evenly from its action space."""

    by_lot: ClassVar[bool] = True
    _context: Context = PrivateAttr()
    _map: ActionMap = PrivateAttr()
    _generator: np.random.Generator = PrivateAttr()

    def reset(self, context: Context) -> None:
        """Start a new stream of numbers from the context's seed."""
        self._context, self._map = context, ActionMap.of(context)
        self._generator = np.random.default_rng([context.seed, 0x72616E64])

    def act(self, information: Information) -> Decision:
        """Whatever comes."""
        shape = (self._context.batch, len(self._context.seats), self._map.size)
        return self._map(self._context.backend.asarray(self._generator.uniform(-1.0, 1.0, shape)), self._context.backend)
