"""The pages of docs/ that are made from the code: `python -m benchmarks.pages` writes them, and a test holds them current."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from .agents import agents_page
from .commands import commands_page
from .kpis import kpis_page
from .rooms import rooms_page, rooms_svg
from .scenario_keys import processes_page, scenario_keys_page

DOCS = Path(__file__).resolve().parents[2] / "docs"

PAGES: Mapping[str, Callable[[], str]] = {
    "explanation/rooms.svg": rooms_svg,
    "reference/agents.md": agents_page,
    "reference/commands.md": commands_page,
    "reference/kpis.md": kpis_page,
    "reference/processes.md": processes_page,
    "reference/rooms.md": rooms_page,
    "reference/scenario-keys.md": scenario_keys_page,
}
"""Each page of docs/ by its path there."""
