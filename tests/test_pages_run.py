"""What tutorials and how-to guides tell their readers to do can be done, in its order, and prints what they say."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .fenced import blocks, prints

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
SLOW = {
    "training.md": "trains four policies",
    "resume-and-tune.md": "trains four policies",
    "compare-levels.md": "five comparisons",
    "bounds.md": "a bound by decomposition",
    "own-scenario.md": "four comparisons",
    "own-reward.md": "trains two policies",
    "own-network.md": "trains a policy",
    "with-stable-baselines3.md": "trains three policies",
    "with-torchrl.md": "trains a policy",
    "with-benchmarl.md": "trains a policy",
    "with-rllib.md": "trains a policy",
    "with-agilerl.md": "trains a policy",
    "with-a-single-file.md": "trains a policy",
}
"""Pages that take longer than the fast tests have, and why."""
NEEDS = {
    "with-stable-baselines3.md": "sb3_contrib",
    "with-torchrl.md": "torchrl",
    "with-benchmarl.md": "benchmarl",
    "with-rllib.md": "ray.rllib.algorithms.ppo",
    "with-agilerl.md": "agilerl",
}
"""Pages about a library that does not come with the project."""
PAGES = sorted([*(DOCS / "tutorials").glob("*.md"), *(DOCS / "how-to").glob("*.md")])
SHIMS = {"python": 'exec "{python}" "$@"', "orderup": 'exec "{python}" -m orderup "$@"'}
"""What commands of the pages are called, and what they are here."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder to work in, beside which the project is installed."""
    work, programs = tmp_path / "work", tmp_path / "bin"
    work.mkdir()
    programs.mkdir()
    for name, line in SHIMS.items():
        (programs / name).write_text(f"#!/bin/sh\n{line.format(python=sys.executable)}\n", encoding="utf-8")
        (programs / name).chmod(0o755)
    for name in ("train.py", "evaluate.py"):
        (work / name).symlink_to(ROOT / name)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.chdir(work)
    monkeypatch.syspath_prepend(work)
    known = set(sys.modules)
    yield work
    for name in set(sys.modules) - known:
        if name.split(".")[0] == "my_package":
            del sys.modules[name]


@pytest.mark.parametrize(
    "page", [pytest.param(page, id=page.stem, marks=[pytest.mark.slow] if page.name in SLOW else []) for page in PAGES]
)
def test_a_page_can_be_followed(page: Path, folder: Path) -> None:
    if page.name in NEEDS:
        pytest.importorskip(NEEDS[page.name], exc_type=ImportError)
    variables: dict[str, object] = {}
    for block in blocks(page):
        if block.file is not None:
            path = folder / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
        elif block.language == "python":
            exec(compile(block.text, page.name, "exec"), variables)
        for command in block.commands if block.language == "console" else ():
            done = subprocess.run(["bash", "-c", command.line], capture_output=True, text=True, encoding="utf-8", check=False)
            assert done.returncode == 0, f"{command.line}\n{done.stderr}"
            for line in command.printed:
                assert prints(done.stdout + done.stderr, line), f"{command.line}\n{done.stdout}\nlacks: {line}"


def test_a_page_that_is_slow_is_there() -> None:
    assert set(SLOW) <= {page.name for page in PAGES}


def test_what_a_page_says_is_printed_is_looked_for_word_by_word() -> None:
    assert prints("central_ideal   base_stock  202.3 ± 2.4", "central_ideal base_stock 202.3 ± …")
    assert not prints("central_ideal   base_stock  202.3 ± 2.4", "central_ideal base_stock 202.4 ± …")
