"""Which encoding a text file has: by its byte order mark, else UTF-8 where all of it is, else that of Western Windows."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from typing import BinaryIO

from orderup.envs.foundation.errors import InputError

MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
LETTER = re.compile(rb"[\xc3-\xdf][\x80-\xbf]|[\xe1-\xef][\x80-\xbf]{2}")
"""A letter beyond ASCII as UTF-8 writes it."""
TWO_SIGNS = re.compile(rb"\xc3[\x80-\x9f\xa1-\xbf]")
"""A letter from À to ÿ as UTF-8 writes it, which Western Windows would show as two signs, such as Ã¶: no word has them."""
BEYOND = re.compile(rb"[\x80-\xff]")
OTHERS = {
    "cp850": re.compile(rb"[A-Za-z\x80-\xff]*[A-Za-z][\x81\x84\x94][a-z][a-z\x80-\xff]*"),
    "mac_roman": re.compile(rb"[A-Za-z\x80-\xff]*[A-Za-z][\x8a\x9f][a-z][a-z\x80-\xff]*"),
}
"""Words in encodings of DOS and of old Macs whose letters Western Windows would show as quotation marks and capitals within."""
WESTERN, LATIN = "cp1252", "latin-1"
"""What Latin-1 is called where it also has a euro sign, and where it has not."""
CHUNK = 1 << 24


def encoding_of(opened: Callable[[], BinaryIO], name: str, given: str | None = None) -> str:
    """The encoding of a whole file. Raises InputError where it has parts in two, or not the one that was given."""
    if given is not None:
        return _checked(opened, name, given)
    with opened() as file:
        start = file.read(4)
    for mark, encoding in MARKS:
        if start.startswith(mark):
            return encoding
    if _fault(opened, "utf-8") is None:
        return "utf-8"
    return _western(opened, name)


def _western(opened: Callable[[], BinaryIO], name: str) -> str:
    """Of a file that is not UTF-8: refused where many of its letters are, or words look like those of another encoding."""
    letters = others = sure = 0
    with opened() as file:
        while chunk := file.read(CHUNK):
            letters, sure = letters + len(LETTER.findall(chunk)), sure + len(TWO_SIGNS.findall(chunk))
            others += len(BEYOND.findall(LETTER.sub(b"", chunk)))
            _refuse_others(chunk, name)
    if sure or letters > others / 4:
        found = f"{letters} letters in UTF-8 and {others} that are not"
        raise InputError(name, found, "a file in one encoding, or encoding=utf-8 or latin-1 for how to read all of it")
    return WESTERN if _fault(opened, WESTERN) is None else LATIN


def _refuse_others(chunk: bytes, name: str) -> None:
    for encoding, words in OTHERS.items():
        if (found := words.search(chunk)) is not None:
            shown = found[0].decode(WESTERN, "replace")
            accepted = (
                f"encoding={encoding} if it is {found[0].decode(encoding)!r}, or encoding={WESTERN} if it is right as it is"
            )
            raise InputError(name, shown, accepted)


def _checked(opened: Callable[[], BinaryIO], name: str, given: str) -> str:
    try:
        codecs.lookup(given)
    except LookupError:
        raise InputError("encoding", given, "an encoding: utf-8, latin-1, cp1252, utf-16, …") from None
    if fault := _fault(opened, given):
        raise InputError("encoding", given, f"the encoding of {name} ({fault})")
    return "utf-8-sig" if given.lower().replace("_", "-") in ("utf-8", "utf8") else given


def _fault(opened: Callable[[], BinaryIO], encoding: str) -> str | None:
    """What is wrong with a file as one in this encoding; None for nothing."""
    decoder = codecs.getincrementaldecoder(encoding)()
    with opened() as file:
        try:
            while chunk := file.read(CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeError as error:
            return str(error)
    return None
