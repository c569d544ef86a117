"""Decisions that an import makes: what was found, how often, what was done about it, by which key, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from orderup.envs.foundation.errors import InputError


@dataclass(frozen=True)
class ImportDecision:
    """One of them."""

    about: str
    """The file, or the part of an import."""
    found: str
    """What was found, in words that go with a count: `rows with less than nothing sold`."""
    count: int
    key: str
    """The key that decides; nothing where there is no choice."""
    done: str
    """What was done, as the key's value says it."""
    why: str = ""
    changes: bool = True
    """Whether something of the file is left out, put together or read otherwise than it stands there."""
    example: str = ""
    """Where it is found first."""

    @property
    def sentence(self) -> str:
        """All of it in a line."""
        key = f"{self.key}={self.done}" if self.key else self.done
        tail = "; ".join(filter(None, [self.why, self.example and f"first {self.example}"]))
        return f"{self.about}: {self.count:,} {self.found}: {key}" + (f" ({tail})" if tail else "")


@dataclass
class ImportDecisions:
    """All of an import, in their order."""

    strict: bool = False
    """Whether decisions that change something are refused, unless their key was given."""
    given: frozenset[str] = frozenset()
    """Keys that the user has written."""
    made: list[ImportDecision] = field(default_factory=list)

    def add(self, decision: ImportDecision) -> None:
        """Take one down, if there is anything that it is about."""
        if decision.count:
            self.made.append(decision)

    def __iter__(self) -> Iterator[ImportDecision]:
        return iter(self.made)

    def refuse_if_strict(self) -> None:
        """Raise InputError for the decisions that somebody else has to make, all at once."""
        open_ones = [made for made in self.made if made.changes and made.key not in self.given]
        if self.strict and open_ones:
            first, *others = open_ones
            accepted = f"{first.key}=… in so many words" if first.key else "files that leave nothing to decide, or strict=false"
            raise InputError("strict", first.sentence, accepted, [other.sentence for other in others])
