"""How this command was called, so that a message can tell the next one in the same way."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
"""Where train.py and evaluate.py are, in a checkout."""
SCRIPTS = ("train.py", "evaluate.py")


def command_line(command: str, *arguments: str) -> str:
    """A command as whoever called this one would call it, quoted for a shell: `orderup train seed=0`.

    `python train.py seed=0` for those who run the checkout's scripts, and `python -m orderup train seed=0` likewise.
    """
    return shlex.join([*_words(Path(sys.argv[0]), command), *arguments])


def _words(called: Path, command: str) -> list[str]:
    if f"{command}.py" in SCRIPTS and called.name in SCRIPTS and called.resolve().parent == CHECKOUT:
        return ["python", f"{command}.py"]
    if called.name == "__main__.py" and called.parent.name == "orderup":
        return ["python", "-m", "orderup", command]
    return ["orderup", command]
