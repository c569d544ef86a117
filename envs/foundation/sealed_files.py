"""Plain data that says its own digest, so that what is read back is what was written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .errors import InputError
from .files import read_bytes, write_text

SEAL = "sha256"
LARGEST = 2**26
"""Bytes of a sealed file that is read at all."""


def digest(content: Any) -> str:
    """The SHA-256 of plain data, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def sealed(content: Mapping[str, Any]) -> dict[str, Any]:
    """The data with the digest of all of it, under a key of its own."""
    return {**content, SEAL: digest(content)}


def unsealed(found: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The data without its digest. Raises InputError where that is missing, or of something else."""
    rest = {key: value for key, value in found.items() if key != SEAL}
    if SEAL not in found:
        raise InputError(where, f"no {SEAL}", "a file with its digest, as it is written today; older ones are made again")
    try:
        intact = found[SEAL] == digest(rest)
    except (TypeError, ValueError):  # what JSON has no word for was not written by us
        intact = False
    if not intact:
        raise InputError(where, "other contents than were written", f"the file as it was written: its {SEAL} is of others")
    return rest


def write_json(path: Path, content: Mapping[str, Any], *, make: bool = True) -> None:
    """Write a sealed JSON file, in one step. Raises InputError where that cannot be."""
    write_text(path, json.dumps(sealed(content), indent=1) + "\n", make=make)


def read_json(path: Path, accepted: str) -> dict[str, Any]:
    """The mapping in a sealed JSON file. Raises InputError for one that is missing, damaged, or not what was written."""
    return unsealed(json_mapping(path, accepted), str(path))


def json_mapping(path: Path, accepted: str) -> dict[str, Any]:
    """The mapping in a JSON file, its digest with it. Raises InputError for anything else."""
    data = read_bytes(path, LARGEST, accepted)
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise InputError(str(path), str(error), accepted) from None
    if not isinstance(found, dict):
        raise InputError(str(path), type(found).__name__, accepted)
    return found
