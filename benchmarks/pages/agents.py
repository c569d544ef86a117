"""docs/reference/agents.md: every agent with its keys, from the classes; the reasons of defaults from configs/agents."""

from __future__ import annotations

import re
from pathlib import Path

from orderup.agents import agents

from .keys import key_rows, prose, table

CONFIGS = Path(__file__).resolve().parents[2] / "configs" / "agents"
HEAD = """# Agents

Who may decide in a seat: `agent=<name> agent.<key>=…` on the command line, `{"type": "<name>", "<key>": …}` in Python. Agents
that learn are trained first (`train.py`) and then evaluated as runs. Your own class works wherever a name does, as
`my_package.module:Class` ([tutorial](../tutorials/own-agent.md)). This page is made from the classes
(`python -m benchmarks.pages`).

A quantity or level may be one number, or a mapping by lane or site, and there a list with one number for each product.
"""


def agents_page() -> str:
    """The whole of docs/reference/agents.md."""
    overview = [["agent", "what it does"], ["---", "---"], *([f"`{name}`", _first_line(agents[name])] for name in agents)]
    rows = "\n".join(f"| {' | '.join(row)} |" for row in overview)
    return "\n".join([HEAD, rows, "", *map(_section, agents)])


def _first_line(cls: type) -> str:
    return prose(cls).splitlines()[0]


def _section(name: str) -> str:
    reasons = _reasons(name)
    rows = [row._replace(meaning=_meant(row.key, row.meaning, reasons)) for row in key_rows(agents[name])]
    return "\n".join([f"## `{name}`", "", prose(agents[name]), "", *([table(rows), ""] if rows else [])])


def _meant(key: str, meaning: str, reasons: dict[str, str]) -> str:
    """What a key means, and why its default is what it is, where that is written down."""
    reason = reasons.get(key.strip("`"))
    return f"{meaning}. *Default:* {reason}" if reason and meaning else meaning or reason or ""


def _reasons(name: str) -> dict[str, str]:
    """The comments beside the keys of an agent's file of defaults; nothing where it has no file."""
    path = CONFIGS / f"{name}.yaml"
    if not path.is_file():
        return {}
    found = re.findall(r"^(\w+):[^#\n]*# (.+)$", path.read_text(encoding="utf-8"), flags=re.M)
    return {key: reason.replace("|", "\\|") for key, reason in found}
