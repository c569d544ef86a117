"""A learnt policy on disk: its numbers as safetensors, all else as JSON. Loading one executes nothing.

`checkpoint.json` names the tensors' file and its digest. It is replaced last and in one step, so that a folder holds a whole
checkpoint, the old or the new, whatever happens in between.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from orderup.envs.errors import InputError
from orderup.envs.files import write_bytes, write_text
from orderup.envs.validation import Keys, validated

from .network_policy import NetworkPolicy, NetworkSpec, Tensors

FILE = "checkpoint.json"
TENSORS = "policy-*.safetensors"


class Checkpoint(Keys):
    """What `checkpoint.json` says."""

    format: Literal[1] = 1
    periods: int = Field(ge=0, description="Simulated until then, over all copies")
    tensors: str = Field(pattern=r"^policy-[0-9a-f]{16}\.safetensors$")
    sha256: str
    policy: NetworkSpec


def save_policy(folder: Path, policy: NetworkPolicy, periods: int) -> None:
    """Put a policy into a run's folder, in place of the one before. Raises InputError when it cannot be written."""
    from safetensors.numpy import save  # 0.1 s

    data = save(policy.tensors)
    digest = hashlib.sha256(data).hexdigest()
    name = TENSORS.replace("*", digest[:16])
    write_bytes(folder / name, data)
    entry = Checkpoint(periods=periods, tensors=name, sha256=digest, policy=policy.spec)
    write_text(folder / FILE, json.dumps(entry.model_dump(), indent=1) + "\n")
    for old in folder.glob(TENSORS):
        if old.name != name:
            old.unlink(missing_ok=True)


def load_policy(folder: Path) -> NetworkPolicy:
    """The policy in a run's folder. Raises InputError for one that is missing, damaged, or not what it says it is."""
    path = folder / FILE
    entry = validated(Checkpoint, _json(path), str(path))
    try:
        return NetworkPolicy(entry.policy, _tensors(folder / entry.tensors, entry.sha256))
    except InputError as error:
        raise error.under(str(folder / entry.tensors)) if error.key.startswith("tensors") else error from None


def _json(path: Path) -> Any:
    try:
        return json.loads(_bytes(path))
    except (ValueError, RecursionError) as error:
        raise InputError(str(path), str(error), "the JSON of a checkpoint") from None


def _tensors(path: Path, digest: str) -> Tensors:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    data = _bytes(path)
    if hashlib.sha256(data).hexdigest() != digest:
        raise InputError(str(path), f"{len(data)} bytes that are not those written", "the file whole, as training left it")
    try:
        tensors = load(data)
    except SafetensorError as error:
        raise InputError(str(path), str(error), "a safetensors file") from None
    kinds = sorted({str(values.dtype) for values in tensors.values()} - {"float32"})
    if kinds:
        raise InputError(str(path), ", ".join(kinds), "tensors of float32")
    return tensors


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(str(path), error.strerror, "a file of a run, as `train.py` writes them") from None
