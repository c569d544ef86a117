"""When what is expected of a scenario was registered: before anybody looked, and of the scenario as it was then.

The file `registrations.csv` beside the configs has a line for each hypothesis, with the day and the digest of the scenario. A
scenario that is changed is another one: what is expected of it is registered anew, and the old line stays.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from orderup.envs.catalogue import config_folder, contents
from orderup.envs.foundation.sealed_files import digest
from orderup.envs.scenario.card import Hypothesis
from orderup.envs.scenario.scenario import Scenario

FILE = "registrations.csv"
COLUMNS = ("registered", "scenario", "digest", "measure", "expected")
DIGITS = 16
"""Of a digest that are written down."""


@dataclass(frozen=True)
class Registration:
    """A line of the file."""

    registered: date
    scenario: str
    digest: str
    measure: str
    expected: str

    @property
    def what(self) -> tuple[str, str, str, str]:
        """All but the day."""
        return self.scenario, self.digest, self.measure, self.expected


def registration(scenario: Scenario, hypothesis: Hypothesis, registered: date) -> Registration:
    """What is expected of a scenario as it is, and with the keys that the hypothesis changes."""
    changes = hypothesis.model_dump(mode="json", include={"within", "against", "agent"}, exclude_none=True)
    changed = {key: value for key, value in changes.items() if not isinstance(value, str)}
    found = digest({**contents(scenario), **({"hypothesis": changed} if changed else {})})[:DIGITS]
    return Registration(registered, scenario.name, found, hypothesis.measure, hypothesis.expected)


@cache
def registrations(path: Path | None = None) -> tuple[Registration, ...]:
    """All lines of the file, the oldest first."""
    file = path or config_folder("scenarios").parent / FILE
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return tuple(Registration(date.fromisoformat(row["registered"]), *(row[name] for name in COLUMNS[1:])) for row in rows)


def registered_on(scenario: Scenario, hypothesis: Hypothesis) -> date | None:
    """The day on which a hypothesis was registered of the scenario as it is; None where it never was."""
    asked = registration(scenario, hypothesis, date.min).what
    return next((entry.registered for entry in registrations() if entry.what == asked), None)
