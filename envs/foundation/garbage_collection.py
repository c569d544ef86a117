"""Making very many objects that all stay, without a search for those that do not every few hundred of them."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collection_waits() -> Iterator[None]:
    """Python's collection of objects in circles waits until this is over, if it was on."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
