"""Keeping compiled libraries from writing into what we print: some have messages that no option turns off."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

STANDARD_OUTPUT = 1


@contextmanager
def discarded() -> Iterator[None]:
    """Whatever is written past Python to standard output is lost in the meantime; what Python has printed is written before.

    For a single thread: what another one prints in the meantime is lost as well. Nothing happens where there is no output.
    """
    try:
        kept = os.dup(STANDARD_OUTPUT)
    except OSError:
        yield
        return
    try:
        sys.stdout.flush()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, STANDARD_OUTPUT)
        os.close(nowhere)
        yield
    finally:
        os.dup2(kept, STANDARD_OUTPUT)
        os.close(kept)
