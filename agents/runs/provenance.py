"""Where a run comes from: the command, the versions it ran with, and the state of the code."""

from __future__ import annotations

import platform
import shlex
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import orderup

LIBRARIES = ("numpy", "torch", "stable-baselines3")


def provenance() -> dict[str, Any]:
    """What another person needs to run the same again, as plain data."""
    return {
        "command": shlex.join([Path(sys.executable).name, *sys.argv]),
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": platform.platform(),
        "versions": {"orderup": orderup.__version__, "python": platform.python_version()} | dict(map(_version, LIBRARIES)),
        "git": _git_state(),
    }


def commit_in_short() -> str:
    """The commit of the code that runs, with a + where files have been changed since; "unknown" outside a checkout."""
    state = _git_state()
    return "unknown" if state is None else state["commit"][:7] + "+" * state["changed"]


def _version(library: str) -> tuple[str, str | None]:
    try:
        return library, version(library)
    except PackageNotFoundError:
        return library, None


def _git_state() -> dict[str, Any] | None:
    """Commit of the checkout that ran, or else of the working directory's; `changed` where tracked files differ from it."""
    folder = Path(orderup.__file__).resolve().parent
    folder = Path.cwd() if "site-packages" in folder.parts else folder
    commit = _git(folder, "rev-parse", "HEAD")
    if commit is None:
        return None
    return {"commit": commit, "changed": _git(folder, "status", "--porcelain", "--untracked-files=no") != ""}


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
