"""Which part of an episode a search looks at."""

from __future__ import annotations

from dataclasses import dataclass

from orderup.envs.errors import InputError
from orderup.envs.schema import Scenario

LONGEST = 60
"""Periods that count, unless a scenario has no warm-up and so no steady state."""
LONGEST_BURN_IN = 30


@dataclass(frozen=True)
class Window:
    """Which periods of an episode count: after `burn_in` that do not, `length` that do."""

    burn_in: int
    length: int
    to_the_end: bool = False
    """Whether it ends when the episode does."""

    @property
    def periods(self) -> int:
        """Both together."""
        return self.burn_in + self.length

    @classmethod
    def of(cls, scenario: Scenario, length: int | None = None) -> Window:
        """As long as is of use, or as asked for. Raises InputError for more periods than a scenario has after its warm-up."""
        left = scenario.horizon - scenario.warmup
        if left <= 0 or (length is not None and length > left):
            found = f"warm-up of {scenario.warmup} in a horizon of {scenario.horizon}" if left <= 0 else length
            raise InputError("periods", found, f"at most the periods of {scenario.name} after its warm-up, at least 1")
        burn_in, usual = (0, scenario.horizon) if scenario.warmup == 0 else (LONGEST_BURN_IN, min(LONGEST, left))
        burn_in, length = min(scenario.warmup, burn_in), length or usual
        return cls(burn_in, length, to_the_end=burn_in + length >= scenario.horizon)
