"""One training at a time in a folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from orderup.envs.errors import InputError

try:
    import fcntl
except ImportError:  # a system without it goes unguarded
    fcntl = None  # type: ignore[assignment] # as the line above says

LOCK = ".lock"


def _lock(file: IO[str]) -> None:
    if fcntl is None:
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError:
        return  # a file system without locks goes unguarded, too


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold a run's folder, which is made; a kill lets go of it, too. Raises InputError when another process holds it."""
    path = folder / LOCK
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = path.open("w")
    except OSError as error:
        raise InputError(str(path), error.strerror or str(error), "a path that can be written, on a disk with room") from error
    with file:
        try:
            _lock(file)
        except BlockingIOError:
            raise InputError("run", str(folder), "one that no other process is training just now") from None
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
