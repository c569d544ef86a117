"""Names of one file found again in another: as they are, in other capitals, or with zeros that a program took away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from orderup.envs.foundation.errors import UnknownName

from ..record.decisions import ImportDecision, ImportDecisions
from ..tables.table import Rows
from .keys import MasterKeys
from .master import Master


@dataclass
class KnownNames:
    """The names that there are, of sites or of products."""

    what: str
    names: Sequence[str]
    ended: frozenset[str] = frozenset()
    """Those that were there once, and are left out."""
    _place: dict[str, str] = field(default_factory=dict)
    _bare: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._place = {name: name for name in self.names}
        for name in self.names:
            self._bare.setdefault(bare(name), []).append(name)

    def find(self, name: str, keys: MasterKeys) -> str | None:
        """The known name that is meant; None for none."""
        if name in self._place:
            return name
        if self.what == "site" and (first := name.partition("/")[0].strip()) in self._place:
            return first
        alike = self._bare.get(bare(name), [])
        return alike[0] if keys.zeros == "ignore" and len(alike) == 1 else None

    def hint(self, name: str) -> str:
        """What else it may be."""
        alike = self._bare.get(bare(name), [])
        return f"; zeros=ignore if it is {alike[0]!r}" if alike else ""


def bare(name: str) -> str:
    """A name without zeros before it, in small letters."""
    return name.casefold().lstrip("0")


def matched(
    master: Master, role: str, known: KnownNames, keys: MasterKeys, decisions: ImportDecisions
) -> tuple[Master, list[str]]:
    """The rows whose names are known, and the names as they are known. Raises UnknownName for others, unless dropped."""
    master = _filled(master, role, keys, decisions)
    names = [str(name) for name in master.names(role)]
    distinct = dict.fromkeys(names)
    found = {name: known.find(name, keys) for name in distinct}
    gone = _rows(name in known.ended for name in names)
    strange = _rows(found[name] is None for name in names) & ~gone
    if strange.any() and keys.unknown == "refuse":
        row = int(strange.argmax())
        note = f"{known.hint(names[row])}; or unknown=drop, for {int(strange.sum())} such rows"
        raise UnknownName(master.place(row, role), names[row], known.names, note)
    for rows, text, key in (
        (gone, f"{known.what}s that are no longer sold", ""),
        (strange, f"unknown {known.what}s", "unknown"),
    ):
        if rows.any():
            example = master.place(int(rows.argmax()), role).partition(", ")[2]
            done = "drop" if key else "left out"
            decisions.add(ImportDecision(master.name, f"rows of {text}", int(rows.sum()), key, done, "", True, example))
    kept = ~(gone | strange)
    taken = [other for name, keep in zip(names, kept, strict=True) if keep and (other := found[name]) is not None]
    changed = sum(name != found[name] for name, keep in zip(names, kept, strict=True) if keep)
    done = f"taken for known {known.what}s"
    decisions.add(
        ImportDecision(master.name, "names written another way than in the demand file", changed, "zeros", done, "", True)
    )
    return master.keep(kept), taken


def _filled(master: Master, role: str, keys: MasterKeys, decisions: ImportDecisions) -> Master:
    blank = _rows(name is None for name in master.names(role))
    if blank.any() and keys.unknown == "refuse":
        raise master.refuse(int(blank.argmax()), role, None, "a name in every row, or unknown=drop")
    decisions.add(ImportDecision(master.name, f"rows without a {role}", int(blank.sum()), "unknown", "drop", "", True))
    return master.keep(~blank)


def _rows(truths: Iterable[bool]) -> Rows:
    return np.fromiter(truths, dtype=bool)
