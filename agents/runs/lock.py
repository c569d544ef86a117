"""One at a time in a folder, or at a file."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.files import LOCKING, WRITABLE, check_no_link, open_plain

try:
    import fcntl
except ImportError:  # a system without it goes unguarded
    fcntl = None  # type: ignore[assignment] # as the line above says

LOCK = ".lock"
POLL = 0.05
"""Seconds between two looks at a lock that another process holds."""


class Held(InputError):
    """Another process is at it."""

    def __init__(self, folder: Path) -> None:
        super().__init__("run", str(folder), "one that no other process is training just now")


@contextmanager
def only_one(folder: Path, name: str = LOCK, patience: float = 0.0) -> Iterator[None]:
    """Hold a run's folder, which is made, by a file in it; a kill lets go of it, too.

    Raises Held when another process still holds it after so many seconds, and InputError where there is no such file to be had;
    nothing is opened through a link, and what is there is not emptied.
    """
    path, until = folder / name, time.monotonic() + patience
    while (descriptor := _held(path)) is None:
        if time.monotonic() >= until:
            raise Held(folder)
        time.sleep(POLL)
    try:
        yield
    finally:
        with suppress(OSError):
            path.unlink(missing_ok=True)
        os.close(descriptor)


def is_held(folder: Path, name: str = LOCK) -> bool:
    """Whether another process holds it. Raises InputError as `only_one`."""
    try:
        descriptor = open_plain(folder / name, os.O_RDWR)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise InputError(str(folder / name), error.strerror or str(error), WRITABLE) from error
    try:
        return not _locked(descriptor)
    finally:
        os.close(descriptor)


def _held(path: Path) -> int | None:
    """Descriptor of the lock, which is held; None while another process holds it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        check_no_link(path.parent)
        descriptor = open_plain(path, LOCKING)
    except OSError as error:
        raise InputError(str(path), error.strerror or str(error), WRITABLE) from error
    if _locked(descriptor) and _is_still(path, descriptor):
        return descriptor
    os.close(descriptor)
    return None


def _locked(descriptor: int) -> bool:
    if fcntl is None:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # a file system without locks goes unguarded, too
    return True


def _is_still(path: Path, descriptor: int) -> bool:
    """Whether the file is the one of this name: whoever held it before may have removed it meanwhile."""
    try:
        return os.path.samestat(path.lstat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
