"""What docs/how-to says can be done is done here, as it is written there: modules, Python and commands."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted((ROOT / "docs" / "how-to").glob("*.md"))
BLOCK = re.compile(r"^```(python|bash)\n(.*?)^```", flags=re.DOTALL | re.MULTILINE)
MODULE = re.compile(r"# (my_package/\w+\.py)\n")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_block_of_a_how_to_runs_in_turn(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Modules are written where they say, all else is run in one folder, one block after the other."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    for language, text in BLOCK.findall(page.read_text(encoding="utf-8")):
        named = MODULE.match(text)
        if named is not None:
            (tmp_path / named.group(1)).parent.mkdir(exist_ok=True)
            (tmp_path / named.group(1)).write_text(text, encoding="utf-8")
        elif language == "python":
            _run([sys.executable, "-c", text])
        else:
            for line in filter(None, text.splitlines()):
                _run(_command(line))


def _command(line: str) -> list[str]:
    """A line of a shell, with this Python, and the project's own programs from where they are."""
    words = shlex.split(line)
    assert words[0] == "python"
    return [sys.executable, str(ROOT / words[1]), *words[2:]]


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
