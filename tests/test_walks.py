"""The walks through the architecture lead along files and functions that are there."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from .walks import Step, walks

ROOT = Path(__file__).resolve().parent.parent
LONGEST = 12


def named(path: Path) -> set[str]:
    """The functions, classes, constants and methods of a file, methods as Class.method."""
    found = set[str]()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{inner.name}" for inner in node.body if isinstance(inner, ast.FunctionDef)}
    return found


@pytest.mark.parametrize("step", sorted({step for steps in walks().values() for step in steps}))
def test_a_step_of_a_walk_is_there(step: Step) -> None:
    assert step.name in named(ROOT / step.file)


def test_there_are_four_walks_that_one_can_keep_in_mind() -> None:
    assert len(walks()) == 4
    assert all(5 <= len(steps) <= LONGEST for steps in walks().values())
