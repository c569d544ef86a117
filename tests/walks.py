"""The walks of docs/explanation/architecture.md: through which file and function something goes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

PAGE = Path(__file__).resolve().parent.parent / "docs" / "explanation" / "architecture.md"
STEP = re.compile(r"^\d+\. `([\w/]+\.py)` · `([\w.]+)`: ", re.M)


class Step(NamedTuple):
    """One step of a walk."""

    file: str
    name: str
    """Of a function, a class or a method, as Class.method."""


def walks() -> dict[str, list[Step]]:
    """Every walk by its heading."""
    found = {}
    for section in PAGE.read_text(encoding="utf-8").split("\n## ")[1:]:
        steps = [Step(*step) for step in STEP.findall(section)]
        if steps:
            found[section.splitlines()[0]] = steps
    return found
