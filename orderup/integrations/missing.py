"""What is said where a library that somebody asks for is not installed."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from ..envs.foundation.errors import InputError


def needed(library: str, extra: str) -> ModuleType:
    """A library's module. Raises InputError, with the extra that installs it, where it is not there."""
    try:
        return import_module(library)
    except ModuleNotFoundError as error:
        found = "not installed" if error.name == library else f"no module {error.name}, which it needs"
        raise InputError(library, found, f"pip install 'orderup[{extra}]'") from None
