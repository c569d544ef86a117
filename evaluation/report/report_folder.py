"""Where a report goes: what another command made is not replaced, unless that is asked for."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Collection
from itertools import count
from pathlib import Path

from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.files import check_can_be_made, check_no_link, entries_of, is_there, read_bytes, remove

FOLDER = Path("reports")
NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"
SAYING = ("summary.json", "hypotheses.json", "league.json")
"""The files that say which command made the report they belong to."""
TABLES = ("results.csv", "results.parquet", "results.json", "league.csv", "hypotheses.csv")
REPORTS = (*SAYING, *TABLES, "summary.md", "hypotheses.md", "index.html")
"""All files that reports have."""
BESIDES = ("page", "workers", "batch", "overwrite", "allow", "executor", "address")
"""Keys that change nothing in what is found."""
LARGEST = 2**30


def checked_name(name: str) -> str:
    """The name itself. Raises InputError when it could lead out of its folder, or looks like an option."""
    if not re.fullmatch(NAME, name):
        raise InputError("name", name, "letters, digits, _, - and ., beginning with a letter or digit, at most 100: name=…")
    return name


def report_folder(
    folder: str | Path,
    name: str | None,
    default: str,
    command: str = "",
    overwrite: bool = False,
    taken: Collection[Path] = (),
) -> Path:
    """The folder of a report in `folder`, which is not made: `name`, or the first to be had of `default`, `default`_2, ….

    To be had are those where no report is, or the report of this very command; `taken` are to be had by nobody. Raises
    InputError for a name that is not plain, or not to be had and not to be overwritten, and where nothing can be written.
    """
    first = default if name is None else name
    for number in count(1):
        wanted = checked_name(first if number == 1 else f"{first}_{number}")
        target = Path(folder) / wanted
        if target in taken:
            continue
        check_no_link(target)
        check_can_be_made(target, "name" if is_there(Path(folder)) else "reports")
        if overwrite or _to_be_had(target, command):
            return target
        if name is not None:
            made = made_by(target)
            others = f", made by `{made}`" if made else ""
            accepted = f"a name that is not taken: {target} is there{others}; overwrite=true replaces it"
            raise InputError("name", wanted, accepted)
    raise AssertionError("there is always another number")


def made_by(target: Path) -> str | None:
    """The command that made the report in a folder, as it was typed; None where nobody can tell."""
    for name in SAYING:
        try:
            if is_there(target / name):
                found = json.loads(read_bytes(target / name, LARGEST, "a report"))["command"]
                return found if isinstance(found, str) else None
        except (InputError, ValueError, KeyError, TypeError, RecursionError):
            return None
    return None


def remove_others(target: Path, written: Collection[str]) -> None:
    """Remove what an older report has left beside the files of a new one. Raises InputError for what cannot be removed."""
    for name in REPORTS:
        if name not in written:
            remove(target / name)


def same_question(one: str, other: str) -> bool:
    """Whether two commands find the same: all their keys are alike, but for those that change nothing in it."""
    return _asked(one) == _asked(other)


def _to_be_had(target: Path, command: str) -> bool:
    if is_there(target) and not target.is_dir():
        return False
    holding = [place for place in (target, *_below(target)) if any(is_there(place / name) for name in REPORTS)]
    makers = [made_by(place) for place in holding]
    return all(made is not None and same_question(made, command) for made in makers)


def _below(target: Path) -> list[Path]:
    """The folders in one: a study has a report in each, for each of its scenarios."""
    return [path for path in entries_of(target) if path.is_dir() and not path.is_symlink()]


def _asked(command: str) -> list[str]:
    try:
        words = shlex.split(command)
    except ValueError:  # an open quote
        words = command.split()
    asked = [word for word in words if "=" in word or word in ("-m", "--multirun")]
    return sorted(word for word in asked if word.partition("=")[0] not in BESIDES)
