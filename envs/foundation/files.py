"""Files that are there whole or not at all, and that nobody is led out of their folder by: what is a link is not opened."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from pathlib import Path

from .errors import InputError

READING = os.O_RDONLY
ADDING = os.O_WRONLY | os.O_APPEND
LOCKING = os.O_RDWR | os.O_CREAT
MAKING = os.O_WRONLY | os.O_CREAT | os.O_EXCL
NO_LINK = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
"""Nothing is followed, and no pipe waited for; systems that lack one of them look beforehand instead."""
WRITABLE = "a path that can be written, on a disk with room"


def write_text(path: str | Path, text: str, *, make: bool = True) -> None:
    """Write a text file in UTF-8, as `write_bytes` does."""
    write_bytes(path, text.encode(), make=make)


def write_bytes(path: str | Path, data: bytes, *, make: bool = True) -> None:
    """Put `data` at `path`, replacing what was there in one step; missing folders are made, if `make`.

    Whatever happens on the way, `path` holds either the old or the new, and nothing half-written stays beside it. A link at
    `path` is replaced, and what it leads to left alone. Raises InputError, with the path, where it cannot be written, and where
    its folder is a link.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        if make:
            path.parent.mkdir(parents=True, exist_ok=True)
        check_no_link(path.parent)
        try:
            with os.fdopen(open_plain(temporary, MAKING), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(str(path), _reason(error), WRITABLE) from error


def read_bytes(path: str | Path, most: int, accepted: str, *, links: bool = False) -> bytes:
    """What is in a plain file of at most so many bytes. Raises InputError for anything else.

    `links` may lead to a file that a user names, never to one that is in a folder of ours.
    """
    path = Path(path)
    try:
        with os.fdopen(open_plain(Path(os.path.realpath(path)) if links else path, READING), "rb") as file:
            size = os.fstat(file.fileno()).st_size
            data = file.read(most + 1) if size <= most else b""
    except OSError as error:
        raise InputError(str(path), _reason(error), accepted) from None
    if max(size, len(data)) > most:
        raise InputError(str(path), f"{max(size, len(data))} bytes", f"a file of at most {most} bytes")
    return data


def open_plain(path: Path, flags: int) -> int:
    """Descriptor of a plain file, to be closed by the caller. Raises OSError for what is none, or is behind a link."""
    if path.parent.is_symlink() or (not hasattr(os, "O_NOFOLLOW") and path.is_symlink()):
        raise OSError(errno.ELOOP, "a link")
    descriptor = os.open(path, flags | NO_LINK, 0o666)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "no plain file")
    return descriptor


def remove(path: Path) -> None:
    """Remove a file, or a link to one, if it is there. Raises InputError for what cannot be removed, such as a folder."""
    try:
        check_no_link(path.parent)
        path.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(str(path), _reason(error), "a file that can be removed") from error


def is_there(path: Path) -> bool:
    """Whether there is anything of this name, a link that leads nowhere too. Raises InputError where nobody can tell."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise InputError(str(path), _reason(error), "a path that can be looked at") from error
    return True


def entries_of(folder: Path) -> list[Path]:
    """What is in a folder, by name; nothing where there is none. Raises InputError for what is no folder or a link to one."""
    if not is_there(folder):
        return []
    try:
        check_no_link(folder)
        return sorted(folder.iterdir())
    except OSError as error:
        raise InputError(str(folder), _reason(error), "a folder that can be read") from error


def check_no_link(folder: Path) -> None:
    """Raises InputError for a folder that is a link: what is written there would end up elsewhere."""
    if folder.is_symlink():
        raise InputError(str(folder), "a link", "the folder itself: nothing is read or written through links")


def check_can_be_made(folder: Path, key: str) -> None:
    """Raises InputError where a folder cannot be made, or written to; nothing is."""
    there = folder
    while not is_there(there) and there != there.parent:
        there = there.parent
    check_no_link(folder)
    if not there.is_dir():
        raise InputError(key, str(folder), f"a folder: {there} is none")
    if not os.access(there, os.W_OK | os.X_OK):
        raise InputError(key, str(folder), f"a folder that can be written: {there} cannot")


def user_path(given: str | Path, key: str) -> Path:
    """A path as a user writes it, with ~ for a home. Raises InputError for one that is none, such as an unknown user's home."""
    if "\0" in str(given):
        raise InputError(key, str(given), "a path without NUL")
    try:
        path = Path(given).expanduser()
        path.lstat()
    except RuntimeError:
        raise InputError(key, str(given), "a path: nobody of this name has a home here; ./~… is a file called so") from None
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise InputError(key, str(given), f"a path that a file system takes ({_reason(error)})") from None
    return path


def named_folder(given: str | Path, key: str) -> Path:
    """A folder as a user names it, which may be a link to one; what is in it may not."""
    path = user_path(given, key)
    try:
        return path.resolve(strict=True) if path.is_symlink() else path
    except (OSError, RuntimeError) as error:
        raise InputError(key, str(given), f"a folder, or a link to one ({_reason(error)})") from None


def _reason(error: Exception) -> str:
    """What went wrong, in the system's words."""
    if not isinstance(error, OSError):
        return str(error)
    return "a link" if error.errno == errno.ELOOP else error.strerror or str(error)
