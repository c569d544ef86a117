"""Files in which one key after another is made wrong, and what must not come of it.

A mutation is either refused by an InputError, or taken for exactly what was written and nothing else.
"""

from __future__ import annotations

import copy
import math
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from orderup.envs.foundation.errors import InputError

Path = tuple[str | int, ...]
SECONDS = 60
"""That a single case may take, on a machine that does other things too."""

WRONG: dict[str, Any] = {
    "negative": -3,
    "a fraction below 0": -0.5,
    "a fraction": 2.5,
    "no number": math.nan,
    "infinite": math.inf,
    "huge": 1e300,
    "endless": 10**30,
    "an empty text": "",
    "an empty list": [],
    "an empty mapping": {},
    "null": None,
    "a text": "abc",
    "a clock": "3:20",
    "a number as text": "7",
    "a number": 7,
    "true": True,
    "false": False,
    "a mapping": {"abc": 1},
    "a NUL": "a\0b",
    "an escape": "\x1b[31m",
}
MADE: dict[str, Callable[[Any], Any]] = {
    "in a list": lambda value: [value],
    "an unknown name": lambda value: f"{value}_unknown",
    "its first twice": lambda value: [*value, value[0]],
    "an unknown key": lambda value: {**value, "unknown_key": 1},
}
FITS: dict[str, Callable[[Any], bool]] = {
    "in a list": lambda value: True,
    "an unknown name": lambda value: isinstance(value, str),
    "its first twice": lambda value: isinstance(value, list) and bool(value),
    "an unknown key": lambda value: isinstance(value, dict),
}


def places(data: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every key and every item of plain data, with what stands there, the whole first."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    yield path, data
    for key, value in items:
        yield from places(value, (*path, key))


def mutations(data: Any) -> Iterator[tuple[Path, str, Any]]:
    """Where, how and to what every key is changed."""
    for path, value in places(data):
        for how, wrong in WRONG.items():
            if path and not same(wrong, value):
                yield path, how, copy.deepcopy(wrong)
        for how, make in MADE.items():
            if FITS[how](value) and (path or how == "an unknown key"):
                yield path, how, make(copy.deepcopy(value))


def put(data: Any, path: Path, value: Any) -> Any:
    """The data with another value at a path."""
    if not path:
        return value
    found = copy.copy(data)
    found[path[0]] = put(data[path[0]], path[1:], value)
    return found


def at(data: Any, path: Path) -> Any:
    """What stands at a path, in lists and mappings."""
    for part in path:
        data = data[part]
    return data


def same(found: Any, written: Any) -> bool:
    """Whether a value is what was written, nothing having been converted; keys that were left out may have come in."""
    if isinstance(found, bool) or isinstance(written, bool) or found is None or written is None:
        return found is written
    if isinstance(written, (int, float)):
        if isinstance(found, Mapping):
            return same(found.get("value"), written)  # the shorthand of a lead time
        return isinstance(found, (int, float)) and (found == written or (math.isnan(found) and math.isnan(written)))
    if isinstance(written, Mapping):
        return isinstance(found, Mapping) and all(key in found and same(found[key], value) for key, value in written.items())
    if isinstance(found, (list, tuple)) and isinstance(written, str):
        return list(found) == [written]  # one name for a list of one
    if isinstance(written, (list, tuple)):
        return isinstance(found, (list, tuple)) and len(found) == len(written) and all(map(same, found, written))
    return bool(found == written)


def numbers(value: Any) -> Iterator[float]:
    """All numbers within a value."""
    for _, part in places(value):
        if isinstance(part, (int, float)) and not isinstance(part, bool):
            yield part


@contextmanager
def in_time() -> Iterator[None]:
    """Raises TimeoutError where something takes too long."""

    def over(*_: object) -> None:
        raise TimeoutError(f"longer than {SECONDS} s")

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def complaint(use: Callable[[Any], Any], given: Any) -> tuple[bool, Any, str]:
    """Whether something was used, what it was taken for, and what is wrong with how it ended: nothing if properly refused."""
    try:
        with in_time():
            taken = use(given)
    except InputError as error:
        said = str(error)
        clear = said.isprintable() or all(line.isprintable() for line in said.splitlines())
        whole = all(part in said for part in ("found ", "; accepted: "))
        ours = "np." not in said and " at 0x" not in said
        return False, None, "" if clear and whole and ours else f"says {said!r}"
    except (Exception, SystemExit) as error:  # whatever else there is, is a fault
        return False, None, f"{type(error).__name__}: {error}"
    return True, taken, ""
