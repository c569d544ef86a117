"""Register what scenarios' cards expect: a line, with today's date, for each hypothesis that has none of the scenario as it is.

    python -m benchmarks.registrations            # says what would be registered
    python -m benchmarks.registrations --write    # and writes it down

Lines are never changed: a scenario that has changed since is another one, and what is expected of it is registered anew.
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from orderup.envs.catalogue import list_scenarios, load_scenario
from orderup.envs.foundation.files import write_text
from orderup.evaluation.studies.registrations import COLUMNS, FILE, Registration, registration, registrations

SHOWS = "reference"
"""A scenario that only shows what keys there are, and is another one with every key that is added."""
PATH = Path(__file__).resolve().parents[1] / "configs" / FILE


def missing(known: Iterable[Registration], today: date) -> list[Registration]:
    """What stands on a card and in no line."""
    there = {entry.what for entry in known}
    scenarios = (load_scenario(name) for name in list_scenarios() if name != SHOWS)
    found = [registration(one, asked, today) for one in scenarios for asked in (one.card.hypotheses if one.card else [])]
    return [entry for entry in found if entry.what not in there]


def as_lines(entries: Iterable[Registration]) -> str:
    """The file's text."""
    lines = io.StringIO()
    table = csv.writer(lines, lineterminator="\n")
    table.writerow(COLUMNS)
    table.writerows([entry.registered.isoformat(), *entry.what] for entry in entries)
    return lines.getvalue()


def main(write: bool) -> None:
    """Say, or write down, what has to be registered."""
    known = registrations() if PATH.exists() else ()
    new = missing(known, date.today())
    for entry in new:
        print(*entry.what)
    print(f"{len(new)} to register")
    if write and new:
        write_text(PATH, as_lines([*known, *new]))


if __name__ == "__main__":
    main("--write" in sys.argv[1:])
