"""What is read and set in one copy of the network: a row for each copy, a part of it for each party that learns.

Letters: C copies, S seats of a party, D length of an observation, W of the state, A of an action, P parties.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from gymnasium import spaces

from orderup.envs.simulator import Party


@dataclass(frozen=True)
class PartyShape:
    """Of the seats of one party."""

    seats: int
    observed: int
    """D."""
    action: int
    """A."""
    groups: tuple[int, ...] = ()
    """Which network each seat has (S,); empty: all the same one."""

    @property
    def sees(self) -> int:
        """How many numbers of a row its seats see."""
        return self.seats * self.observed

    @property
    def sets(self) -> int:
        """How many numbers its seats set."""
        return self.seats * self.action


@dataclass(frozen=True)
class Shape:
    """A row (ΣS·D + W + P,): what the seats of each party see, the state, and whether each party's decision counts, 0 or 1."""

    parties: Mapping[Party, PartyShape]
    state: int = 0
    """W: 0 where critics read what actors read."""

    @property
    def seats(self) -> int:
        """Of all parties that learn."""
        return sum(party.seats for party in self.parties.values())

    @property
    def parts(self) -> tuple[int, ...]:
        """Lengths of a row's parts: each party's, the state, and who counts."""
        return (*(party.sees for party in self.parties.values()), self.state, len(self.parties))

    @property
    def observation_space(self) -> spaces.Box:
        """Of a copy (ΣS·D + W + P,)."""
        return spaces.Box(-np.inf, np.inf, (sum(self.parts),), np.float32)

    @property
    def action_space(self) -> spaces.Box:
        """Of a copy (ΣS·A,)."""
        return spaces.Box(-1.0, 1.0, (sum(party.sets for party in self.parties.values()),), np.float32)
