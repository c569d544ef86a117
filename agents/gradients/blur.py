"""What stands for rounding while a policy learns: amounts that are moved by up to half a unit at random.

Rounding has no slope. Amounts that are never rounded have one, but what is best among them need not be good once rounded: a
store that orders 4.6 in every period orders 5. The mean cost of amounts that are moved at random is smooth, and about that of
the rounded ones (randomised smoothing: Duchi, Bartlett and Wainwright, SIAM Journal on Optimization 22, 2012). Moves cost
something themselves, so that they get smaller as the search cools.

Letters: B batch, J numbers of a decision, T periods.
"""

from __future__ import annotations

import math
from dataclasses import replace

from orderup.envs.information.policy import Decision
from orderup.envs.numerics.arrays import Array
from orderup.envs.numerics.philox import uniforms
from orderup.envs.simulator import Party, Simulator


class Blur:
    """Moves a party's levels and quantities; drawn by the episodes' own keys, so that a training can be stopped and go on."""

    def __init__(self, simulator: Simulator, party: Party) -> None:
        self._simulator, self._party = simulator, party
        self.share = 0.0
        """Of half a unit: how far amounts are moved at most."""
        self._drawn: dict[str, Array] = {}
        self._episodes: object = None

    def __call__(self, decision: Decision) -> Decision:
        """The decision, blurred. Amounts that correct somebody else's, which nobody rounds, stay, and so does no order."""
        if decision.relative is not False or self.share == 0.0:
            return decision
        level, quantity = self._moved(decision.level, "level"), self._moved(decision.quantity, "quantity")
        if quantity is not None:
            quantity = (quantity * (decision.quantity > 0.0)).clip(min=0.0)
        return replace(decision, level=level, quantity=quantity)

    def _moved(self, amounts: Array | None, kind: str) -> Array | None:
        if amounts is None:
            return None
        simulator = self._simulator
        if self._episodes is not simulator.episodes:
            self._episodes, self._drawn = simulator.episodes, {}
        if kind not in self._drawn:
            names = [f"rounding/{self._party}/{kind}/{number}" for number in range(math.prod(amounts.shape[1:]))]
            drawn = uniforms(simulator.seed, names, simulator.episodes, simulator.horizon)
            self._drawn[kind] = simulator.backend.asarray(drawn - 0.5)
        moves = self._drawn[kind][simulator.period].T.reshape(simulator.batch, *amounts.shape[1:])
        return amounts + self.share * moves
