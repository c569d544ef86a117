"""What a page of docs tells its reader to write and to run, taken from its fenced blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FENCE = re.compile(r"^( *)```(\w*)[^\n]*\n(.*?)^\1```", re.M | re.S)
FILE = re.compile(r"# (\S+\.(?:py|yaml))\n")
"""The first line of a block that is a file."""
COMMAND = re.compile(r"^\$ ((?:[^\n]*\\\n)*[^\n]*)\n?((?:(?!\$ )[^\n]*\n?)*)", re.M)
"""After a prompt, over as many lines as end in a backslash; below it what is printed."""
NOT_RUN = "# not run"


@dataclass(frozen=True)
class Command:
    """A command of a page and the lines that it is said to print; … stands for anything."""

    line: str
    printed: tuple[str, ...]


@dataclass(frozen=True)
class Block:
    """A fenced block: a file to write, Python to run, or commands to run."""

    language: str
    text: str

    @property
    def file(self) -> str | None:
        """The name of the file that it is."""
        found = FILE.match(self.text)
        return found[1] if found else None

    @property
    def commands(self) -> Iterator[Command]:
        """What is to be run, but for what the page itself says is not."""
        for found in COMMAND.finditer(self.text):
            if NOT_RUN not in found[1]:
                yield Command(found[1], tuple(line.strip() for line in found[2].splitlines() if line.strip()))


def blocks(page: Path) -> list[Block]:
    """All of a page's blocks that say in which language they are."""
    text = page.read_text(encoding="utf-8")
    return [Block(found[2], found[3]) for found in FENCE.finditer(text) if found[2]]


def prints(output: str, line: str) -> bool:
    """Whether a line is in the output, however many spaces are between its words."""
    wanted = r"\s+".join(".*".join(map(re.escape, word.split("…"))) for word in line.split())
    return re.search(wanted, output) is not None
