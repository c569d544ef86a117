"""Classes of a user's own project by their dotted path, `package.module:Class`: who may be imported, and from where."""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from .errors import InputError

PROJECT = "orderup"

_allowed: ContextVar[frozenset[str] | None] = ContextVar("allowed", default=None)
"""Modules that may be imported, with what is in them; None where the user himself names what he wants."""


@contextmanager
def importing_only(allow: Iterable[str]) -> Iterator[None]:
    """While what a stranger may have written is read: import nothing but the project, and modules that the user allows by name.

    A class of a module that was imported before is found, for that runs nothing. Raises InputError for a name that is none.
    """
    token = _allowed.set(checked_modules(allow))
    try:
        yield
    finally:
        _allowed.reset(token)


def checked_modules(allow: Iterable[Any]) -> frozenset[str]:
    """The modules. Raises InputError for a name that cannot be one's."""
    names = [allow] if isinstance(allow, str) else list(allow)
    for name in names:
        if not (isinstance(name, str) and name and all(part.isidentifier() for part in name.split("."))):
            raise InputError("allow", name, "names of modules: allow=[my_package]")
    return frozenset(names)


def imported(path: str, key: str) -> Any:
    """What `package.module:Class` leads to; the current folder is looked in last.

    Raises InputError, whatever the import ends with, and for a module that may not be imported here.
    """
    name, _, attributes = path.partition(":")
    check_may_import(path, key)
    try:
        found: Any = _module(name)
        for attribute in attributes.split("."):
            found = vars(found)[attribute] if _allowed.get() is not None else getattr(found, attribute)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # SystemExit among them: a module may do anything when it is imported
        reason = f"it has no {error}" if isinstance(error, KeyError) else f"{type(error).__name__}: {error}".rstrip(": ")
        looked = f"; looked in {Path.cwd()} and PYTHONPATH, too" if isinstance(error, ModuleNotFoundError) else ""
        raise InputError(key, path, f"an importable package.module:Class ({reason}{looked})") from error
    return found


def check_may_import(path: str, key: str) -> None:
    """Raises InputError where the module of `package.module:Class` may not be imported here, and was not before."""
    name, allowed = path.partition(":")[0], _allowed.get()
    if (
        allowed is None
        or name in sys.modules
        or any(name == known or name.startswith(f"{known}.") for known in (*allowed, PROJECT))
    ):
        return
    wanted = "what comes with the project: nothing else is imported for what is read from a folder"
    raise InputError(key, path, f"{wanted}, unless you trust it and say so: allow=[{name.partition('.')[0]}]")


def check_names(content: Any, key: str) -> None:
    """Raises InputError where plain data names a class anywhere whose module may not be imported here."""
    for path in _paths(content):
        check_may_import(path, key)


def packages_of(content: Any) -> list[str]:
    """The packages of one's own whose classes plain data names: what has to be allowed to read it back."""
    return sorted({path.partition(":")[0].partition(".")[0] for path in _paths(content)} - {PROJECT})


def _module(name: str) -> Any:
    """A module, from the current folder where it is nowhere else; which stays on the path for what the module imports later."""
    if name in sys.modules:
        return sys.modules[name]
    here, first = str(Path.cwd()), name.partition(".")[0]
    elsewhere = first in sys.modules or not first.isidentifier() or importlib.util.find_spec(first) is not None
    if not elsewhere and importlib.machinery.PathFinder.find_spec(first, [here]) is not None:
        sys.path.append(here)
    return importlib.import_module(name)


def _paths(value: Any) -> Iterator[str]:
    """Every text in plain data that could name a class, `package.module:Class`."""
    if isinstance(value, str):
        module, colon, attributes = value.partition(":")
        if colon and all(part.isidentifier() for part in (*module.split("."), *attributes.split("."))):
            yield value
    inner: Iterable[Any] = value.values() if isinstance(value, Mapping) else value if isinstance(value, (list, tuple)) else ()
    for item in inner:
        yield from _paths(item)
