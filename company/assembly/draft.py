"""A scenario's keys on their way, with what is said beside them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

LONGEST = 480
Path = tuple[str | int, ...]


@dataclass
class Draft:
    """Keys, comments by the path of what they stand above, and assumptions."""

    keys: dict[str, Any] = field(default_factory=dict)
    notes: dict[Path, list[str]] = field(default_factory=dict)
    assumptions: list[str] = field(default_factory=list)

    def note(self, path: Path, text: str) -> None:
        """Say something above what stands at a path."""
        self.notes.setdefault(path, []).append(text)

    def assume(self, text: str, *paths: Path) -> None:
        """Say what had to be assumed, in the scenario and above each place where it stands."""
        text = text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
        if text not in self.assumptions:
            self.assumptions.append(text)
        for path in paths:
            self.note(path, f"assumption: {text}")


def some(names: Iterable[str], limit: int = 5) -> str:
    """The first few of some names, and how many more there are."""
    found = list(names)
    more = f" and {len(found) - limit} more" if len(found) > limit else ""
    return ", ".join(found[:limit]) + more


def rounded(value: float, digits: int = 6) -> float | int:
    """A number with so many digits that count; whole ones without a point."""
    found = float(f"{value:.{digits}g}")
    return int(found) if found.is_integer() and abs(found) < 1e12 else found


def one_or_each(amounts: dict[str, float], digits: int = 6) -> Any:
    """One number where it is the same for all, else each by name."""
    found = {name: rounded(value, digits) for name, value in amounts.items()}
    distinct = set(found.values())
    return distinct.pop() if len(distinct) == 1 else found
