"""What runs a change's checks elsewhere is what runs them here: make's targets, the hooks, and continuous integration."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import yaml

import orderup

ROOT = Path(__file__).resolve().parent.parent
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = dict(re.findall(r"^([a-z-]+):[^\n]*## [^\n]*\n((?:\t[^\n]*\n)*)", MAKEFILE, re.M))


def read(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


def test_the_hooks_are_the_lines_of_make_check() -> None:
    (repository,) = read(".pre-commit-config.yaml")["repos"]
    hooks = [hook["entry"].partition(" -m ")[2].removesuffix(" --force-exclude") for hook in repository["hooks"]]
    assert hooks == [line.partition(" -m ")[2].removesuffix(" .") for line in TARGETS["check"].splitlines()]


def test_continuous_integration_runs_what_there_is_on_every_python() -> None:
    jobs = read(".github/workflows/ci.yml")["jobs"]
    commands: list[str] = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    assert commands
    for command in commands:
        program, _, target = command.partition(" ")
        known = target.partition(" ")[0] in TARGETS if program == "make" else os.access(ROOT / program, os.X_OK)
        assert known, command
    assert jobs["versions"]["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13", "3.14"]


def test_every_target_is_named_as_one() -> None:
    (phony,) = re.findall(r"^\.PHONY: (.+)$", MAKEFILE, re.M)
    assert set(phony.split()) == set(TARGETS)


def test_the_citation_names_the_version() -> None:
    assert read("CITATION.cff")["version"] == orderup.__version__


def test_the_changelog_says_where_every_module_is_that_has_moved() -> None:
    told = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    for room, moved in re.findall(r"^\| `orderup\.([\w.]+)` \| (.+) \|$", told, re.M):
        for name, new in re.findall(r"`([\w.]+)`(?: as `(\w+)`)?", re.sub(r"\((?:in|its).*?\)", "", moved)):
            if name != "schema":
                assert (ROOT / room.replace(".", "/") / f"{new or name.rpartition('.')[2]}.py").is_file(), (room, name)
