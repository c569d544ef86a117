"""Numbers that a job has found, kept with what they are: safetensors whose header says the digest of itself and of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.files import read_bytes, write_bytes
from orderup.envs.foundation.sealed_files import SEAL, sealed, unsealed

LARGEST = 2**32
"""Bytes of a file that is read at all."""


class Unusable(Exception):
    """Why what is kept cannot be used, and is found anew."""


def save(path: Path, tensors: Mapping[str, NDArray[Any]], about: Mapping[str, Any]) -> None:
    """Write both in one step, with their digests. Raises InputError when it cannot be written."""
    from safetensors.numpy import save as as_bytes  # 0.1 s

    header = sealed({**about, "numbers": digest_of(tensors)})
    write_bytes(path, as_bytes(dict(tensors), {"about": json.dumps(header)}))


def load(path: Path, what: str) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """What is said of the numbers, and these. Raises Unusable where they are not what was written."""
    from safetensors import SafetensorError
    from safetensors.numpy import load as from_bytes

    try:
        data = read_bytes(path, LARGEST, what)
        tensors = from_bytes(data)
        header = json.loads(json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])["__metadata__"]["about"])
        about = unsealed(header, str(path)) if SEAL in header else None
    except (InputError, SafetensorError, KeyError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise Unusable("it is not what was written") from error
    if about is None:
        raise Unusable("it is of an older version, which kept no digest")
    if about.get("numbers") != digest_of(tensors):
        raise Unusable("it is not what was written")
    return about, tensors


def digest_of(tensors: Mapping[str, NDArray[Any]]) -> str:
    """Of names, kinds, shapes and numbers."""
    found = hashlib.sha256()
    for name, values in sorted(tensors.items()):
        found.update(json.dumps([name, str(values.dtype), list(values.shape)]).encode())
        found.update(np.ascontiguousarray(values).tobytes())
    return found.hexdigest()
