"""What the project says when its input is wrong: which key, what was found, what would be accepted."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import Any

import numpy as np

from .printable import printable

ADDRESS = re.compile(r"<(?:function |bound method )?([\w.]+)(?:\.<locals>)?[^<>]* at 0x[0-9a-f]+>")
"""How Python shows what has no representation of its own; nobody knows his input by where it is kept."""


UNSAID = object()
"""Stands for what was found where an error is given by its text alone."""


class InputError(ValueError):
    """A user's input cannot be used; the command lines print it and exit with 2.

    Attributes: `key` is the path of the offending key (`lanes[2].from`), `found` what stood there, `accepted` what would
    have been taken, `more` further complaints, or lines to be read with this one. The message is `key: found …; accepted: …`.

    Some libraries raise an error of another process again by `type(error)(error)`, or by its text: the message stays what it
    was, and an error keeps what it says of the key.
    """

    def __init__(
        self, key: str | BaseException, found: object = UNSAID, accepted: str = "", more: Sequence[InputError | str] = ()
    ) -> None:
        if found is UNSAID:
            self._repeat(key)
            return
        self.key, self.found, self.accepted = printable(str(key), ""), found, accepted
        self.more: tuple[InputError | str, ...] = tuple(line for each in more for line in _apart(each))
        where = f"{self.key}: " if key else ""
        super().__init__("\n".join(map(printable, [f"{where}found {_shown(found)}; accepted: {accepted}", *self.others])))

    def _repeat(self, said: str | BaseException) -> None:
        """Be the error that says this, or is this one."""
        self.key, self.found, self.accepted, self.more = "", str(said), "", ()
        if isinstance(said, InputError):
            self.key, self.found, self.accepted, self.more = said.key, said.found, said.accepted, said.more
        ValueError.__init__(self, str(said))

    @property
    def others(self) -> tuple[str, ...]:
        """The further lines, as they are said."""
        return tuple(map(str, self.more))

    def under(self, prefix: str) -> InputError:
        """The same complaints, seen from further up: their keys are behind `prefix`."""
        return self.rekeyed(lambda key: _joined(prefix, key))

    def moved(self, known_as: str, where: str) -> InputError:
        """The complaints of somebody who calls `known_as` what is called `where` here."""
        return self.rekeyed(lambda key: _joined(where, key.removeprefix(known_as).lstrip(".")))

    def rekeyed(self, change: Callable[[str], str]) -> InputError:
        """The same complaints, all by other keys."""
        more = [each.rekeyed(change) if isinstance(each, InputError) else each for each in self.more]
        return InputError(change(self.key), self.found, self.accepted, more)

    def __reduce__(self) -> tuple[Any, ...]:
        """Survive the way back from a worker process."""
        return (InputError, (self.key, self.found, self.accepted, self.more)) if self.accepted else (InputError, self.args)


class UnknownName(InputError):
    """A name that is not in a list of known ones; the message says which are, and which one was probably meant."""

    def __init__(self, key: str | BaseException, found: object = UNSAID, known: Iterable[str] = (), note: str = "") -> None:
        if found is UNSAID:
            super().__init__(key)
            return
        names = sorted(known)
        close = get_close_matches(str(found), names, n=1)
        hint = f" (did you mean {close[0]!r}?)" if close else ""
        super().__init__(key, found, f"one of {listed(names) or 'nothing yet'}{hint}{note}")


def _apart(given: InputError | str) -> Iterator[InputError | str]:
    """A complaint and those that came with it, one by one."""
    if isinstance(given, InputError):
        yield InputError(given.key, given.found, given.accepted) if given.more else given
        yield from given.more
    else:
        yield given


def listed(names: Collection[str], limit: int = 60) -> str:
    """Names in a row; of very many the first, and how many there are."""
    shown = ", ".join(itertools.islice(names, limit))
    return shown if len(names) <= limit else f"{shown}, … ({len(names)} in all)"


def one_word(word: str, given: Any, other: str, also: Any, default: Any = None) -> Any:
    """What is given by either of two names of one thing. Raises InputError where both are."""
    if given is not None and also is not None:
        raise InputError(word, f"{other} too", "one of the two: they are the same")
    found = given if given is not None else also
    return default if found is None else found


def _joined(prefix: str, key: str) -> str:
    if not prefix or not key:
        return prefix or key
    return f"{prefix}{key}" if key.startswith("[") else f"{prefix}.{key}"


def _shown(found: object, limit: int = 120) -> str:
    text = ADDRESS.sub(r"\1", repr(_in_python(found)))
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _in_python(found: Any) -> Any:
    """NumPy's numbers and arrays, wherever they stand, as Python's."""
    if isinstance(found, np.generic):
        return found.item()
    if isinstance(found, np.ndarray):
        return found.tolist()
    if type(found) in (list, tuple, set):
        return type(found)(map(_in_python, found))
    if type(found) is dict:
        return {_in_python(key): _in_python(value) for key, value in found.items()}
    return found
