"""What levels cost in the same episodes: many candidates side by side, as recorded programs where that pays.

Letters: M candidates, E episodes, B rows of a batch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from orderup.envs.numerics.arrays import Array, Floats
from orderup.envs.recorded_episodes import Programs, RecordedEpisodes
from orderup.envs.recorded_policies import is_recordable
from orderup.envs.recording.graph import NotRecordable
from orderup.envs.recording.machine import can_compile
from orderup.envs.seating import Seating
from orderup.envs.simulator import Party, Simulator
from orderup.envs.trace.trace import Trace

from ..level_rule import LevelRule
from .moves import Numbers

AT_ONCE = 4_000_000
"""Numbers of a period that are simulated in one batch at most, lanes × products × rows."""
PAYS_FROM = 2_000_000
"""Numbers simulated, periods × lanes × products × rows, from which recording periods pays."""


@dataclass(eq=False)
class RecordedCandidates:
    """Programs of one problem's periods, and why there are none."""

    programs: Programs = field(default_factory=Programs)
    refusal: str | None = None


@dataclass(eq=False)
class Candidates:
    """Candidates that are played on the same episodes, drawn once, as many in one batch as fit."""

    simulator_of: Callable[[int], Simulator]
    """A simulator of episodes so many at a time."""
    rules_of: Callable[[Mapping[str, Any]], Mapping[Party, LevelRule]]
    """Each party's rule, of numbers (B, L, K)."""
    seed: int
    episodes: int
    burn_in: int
    recorded: RecordedCandidates
    programs_help: bool = True
    """Not where a late feed's snapshots go from period to period, unless rules have much to work out beside that."""

    def __post_init__(self) -> None:
        simulator = self.simulator_of(self.episodes)
        simulator.reset(self.seed)
        assert simulator.trace is not None  # as it has just been drawn
        self._trace = simulator.trace
        self._size = self.episodes * simulator.numpy_network.usual_level.size
        self._together = max(AT_ONCE // self._size, 1)

    def costs(self, candidates: Sequence[Numbers]) -> Floats:
        """What each costs in each episode, in a counted period (M, E) [money]."""
        simulated = len(candidates) * self._size * self._trace.periods
        pays = self.programs_help and can_compile() and simulated >= PAYS_FROM
        parts = [candidates[first : first + self._together] for first in range(0, len(candidates), self._together)]
        return np.concatenate([self._played(part, pays) for part in parts])

    def _played(self, candidates: Sequence[Numbers], pays: bool) -> Floats:
        count, episodes = len(candidates), self.episodes
        simulator = self.simulator_of(count * episodes)
        stacked = {
            name: np.repeat(np.stack([numbers[name] for numbers in candidates]), episodes, axis=0) for name in candidates[0]
        }
        rules, trace = self.rules_of(stacked), self._trace.repeated(count)
        total = None
        if pays and self.recorded.refusal is None and all(map(is_recordable, rules.values())):
            total = self._by_programs(simulator, rules, trace)
        if total is None:
            total = self._array_by_array(simulator, rules, trace)
        found: Floats = total.reshape(count, episodes) / (trace.periods - self.burn_in)
        return found

    def _array_by_array(self, simulator: Simulator, rules: Mapping[Party, LevelRule], trace: Trace) -> Floats:
        seating = Seating(simulator, {str(party): rule for party, rule in rules.items()})
        seating.replay(trace)
        return self._counted(simulator, lambda: simulator.advance(seating.decisions()).discounted.cost)

    def _by_programs(self, simulator: Simulator, rules: Mapping[Party, LevelRule], trace: Trace) -> Floats | None:
        """The same by recorded programs; nothing, and the reason kept, where that cannot be."""
        simulator.replay(trace)
        for party, rule in rules.items():
            rule.reset(simulator.context(0, party))
        try:
            return self._counted(simulator, RecordedEpisodes(simulator, rules, self.recorded.programs).advance)
        except NotRecordable as error:
            self.recorded.refusal = str(error)
            return None

    def _counted(self, simulator: Simulator, advance: Callable[[], Array]) -> Floats:
        """What episodes pay after the burn-in (B,), `advance` playing one period."""
        total: Floats = np.zeros(simulator.batch)
        while not simulator.done:
            paid = advance()
            if simulator.period > self.burn_in:
                total += paid
        return total
