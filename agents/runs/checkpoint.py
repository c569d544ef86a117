"""What was learnt on disk, and what it takes to go on: numbers as safetensors, all else as JSON. Loading executes nothing.

A run keeps `best.json`, `last.json` and `at-<periods>.json`. Each names its files of numbers and their digests, and is replaced
last and in one step, so that a folder holds a whole checkpoint of each name, the old or the new, whatever happens in between.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

from orderup.envs.foundation.errors import InputError, UnknownName
from orderup.envs.foundation.files import entries_of, is_there, read_bytes, remove, write_bytes
from orderup.envs.foundation.imports import check_names, importing_only
from orderup.envs.foundation.sealed_files import SEAL, json_mapping, unsealed, write_json
from orderup.envs.foundation.validation import Stored, validated

from ..learning.learner import TrainingState
from ..learning.learnt import Learnt, Member, check_own
from ..make import make_agent
from ..networks import exported  # noqa: F401 # which registers itself
from ..networks.network_policy import NetworkPolicy
from ..networks.network_spec import NetworkSpec
from ..networks.own_network import OwnNetwork, own_networks

BEST, LAST = "best", "last"
Which: TypeAlias = str | int
"""`best`, `last`, or how many periods had been simulated."""
PATTERNS = ("best.json", "last.json", "at-*.json", "policy-*.safetensors", "state-*.safetensors")
NUMBERS = re.compile(r"(?:policy|state)-[0-9a-f]{16}\.safetensors")
LARGEST = 2**33
"""Bytes of a file of numbers that is read at all."""
OURS = "a file of a run, as `orderup train` writes them"


class Record(Stored):
    """Where the journal of a training stands."""

    examined: int = Field(0, ge=0, description="Examinations that are done")
    best: float | None = Field(None, description="Lowest cost of one")
    without: int = Field(0, ge=0, description="Examinations since then, or since somebody's own cost last moved")
    own: dict[str, float] = Field({}, description="What each site paid itself then, where each learns for itself")
    rows: int = Field(0, ge=0, description="Lines of metrics.csv")


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A training at one moment."""

    learnt: Learnt
    periods: int
    """Simulated until then, over all copies."""
    cost: float | None = None
    """On validation's episodes, a period, where it was tried [money]."""
    state: TrainingState | None = None
    """Where learning stands, for one that can be resumed."""
    record: Record = field(default_factory=Record)


class _File(Stored):
    name: str = Field(pattern=rf"^{NUMBERS.pattern}$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class _Member(Stored):
    """A network with its numbers, one of the project's or one's own, or an agent's keys."""

    network: NetworkSpec | None = None
    own: dict[str, Any] | None = None
    tensors: _File | None = None
    agent: dict[str, Any] | None = None
    weights: str | None = Field(None, description="Hash of those that came with the project and decide along with it")


class _State(Stored):
    tensors: _File | None = None
    rest: dict[str, Any] = {}


class _Entry(Stored):
    """What a checkpoint's JSON says, but for its own digest."""

    format: Literal[3] = 3
    periods: int = Field(ge=0)
    cost: float | None = None
    sites: _Member | None = None
    planner: _Member | None = None
    state: _State | None = None
    record: Record = Record()

    @field_validator("format", mode="before")
    @classmethod
    def _sealed(cls, number: Any) -> Any:
        if number in (1, 2):
            raise InputError("", number, "3, which says its own digest: train again, or use the version that wrote this")
        return number


def save(folder: Path, which: Which, checkpoint: Checkpoint) -> None:
    """Put a checkpoint into a run's folder, in place of the one before. Raises InputError when it cannot be written."""
    members = {party: _saved_member(folder, member) for party, member in checkpoint.learnt.parties.items()}
    entry = _Entry(
        periods=checkpoint.periods,
        cost=checkpoint.cost,
        state=None if checkpoint.state is None else _saved_state(folder, checkpoint.state),
        record=checkpoint.record,
        sites=members.get("sites"),
        planner=members.get("planner"),
    )
    write_json(folder / _file_name(which), entry.model_dump(exclude_none=True), make=False)
    _sweep(folder)


def load(folder: Path, which: Which = BEST, allow: Iterable[str] = ()) -> Checkpoint:
    """A checkpoint of a run's folder. Raises InputError for one that is missing, damaged, or not what it says it is.

    A network of one's own is imported where it was before, or where `allow` has its module.
    """
    path = folder / _file_name(which)
    if isinstance(which, int) and not is_there(path):
        raise UnknownName("checkpoint", str(which), available(folder))
    found = json_mapping(path, "the JSON of a checkpoint")
    entry = validated(_Entry, {key: value for key, value in found.items() if key != SEAL}, str(path))
    unsealed(found, str(path))
    try:
        with importing_only(allow):
            members = {party: _member(folder, getattr(entry, party)) for party in ("sites", "planner")}
        learnt = Learnt(**members)
    except InputError as error:
        raise error if error.key.startswith(str(folder)) else error.under(str(path)) from None
    state = None
    if entry.state is not None:
        tensors = {} if entry.state.tensors is None else _tensors(folder, entry.state.tensors)
        state = TrainingState(tensors, entry.state.rest)
    return Checkpoint(learnt, entry.periods, entry.cost, state, entry.record)


def available(folder: Path) -> list[str]:
    """What can be loaded from a run's folder."""
    kept = sorted(int(path.stem[3:]) for path in folder.glob("at-*.json") if path.stem[3:].isdecimal())
    named = [which for which in (BEST, LAST) if is_there(folder / f"{which}.json")]
    return [*named, *map(str, kept)]


def _file_name(which: Which) -> str:
    return f"at-{which}.json" if isinstance(which, int) else f"{which}.json"


def _saved_member(folder: Path, member: Member) -> _Member:
    if isinstance(member, NetworkPolicy):
        weights = _shipped_weights(member.spec.residual_of)
        return _Member(network=member.spec, tensors=_saved_tensors(folder, "policy", member.tensors), weights=weights)
    if isinstance(member, OwnNetwork):
        keys = {"type": own_networks.name_of(type(member)), **member.model_dump(mode="json", by_alias=True)}
        return _Member(own=keys, tensors=_saved_tensors(folder, "policy", member.tensors))
    return _Member(agent=dict(member), weights=_shipped_weights(member))


def _shipped_weights(agent: Mapping[str, Any] | None) -> str | None:
    """The hash of those that come with the project, of an agent by its keys that has any."""
    return make_agent(agent).weights if agent else None


def _check_weights(entry: _Member) -> None:
    """Raises InputError where weights decide along that came with another version of the project."""
    agent = entry.agent or (entry.network.residual_of if entry.network else None)
    if entry.weights is None or agent is None:
        return
    check_own(agent, "agent")
    if entry.weights != _shipped_weights(agent):
        found = f"a run with {agent['type']} as it came with another version of the project"
        raise InputError("weights", found, "one with the weights of this version: train again")


def _saved_state(folder: Path, state: TrainingState) -> _State:
    return _State(tensors=_saved_tensors(folder, "state", state.tensors) if state.tensors else None, rest=dict(state.rest))


def _saved_tensors(folder: Path, kind: str, tensors: Mapping[str, NDArray[Any]]) -> _File:
    from safetensors.numpy import save as as_bytes  # 0.1 s

    data = as_bytes({name: np.require(values, requirements="C") for name, values in tensors.items()})
    digest = hashlib.sha256(data).hexdigest()
    file = _File(name=f"{kind}-{digest[:16]}.safetensors", sha256=digest)
    write_bytes(folder / file.name, data, make=False)
    return file


def _sweep(folder: Path) -> None:
    """Remove the files of numbers that no checkpoint names any more."""
    entries = [path for pattern in PATTERNS[:3] for path in folder.glob(pattern)]
    texts = [read_bytes(path, LARGEST, OURS).decode("utf-8", "replace") for path in entries]
    named = {name for text in texts for name in NUMBERS.findall(text)}
    for path in entries_of(folder):
        if NUMBERS.fullmatch(path.name) and path.name not in named:
            remove(path)


def _member(folder: Path, entry: _Member | None) -> Member | None:
    if entry is None:
        return None
    _check_weights(entry)
    if entry.tensors is None or (entry.network is None and entry.own is None):
        return entry.agent or {}
    if entry.network is not None and entry.network.residual_of is not None:
        check_own(entry.network.residual_of, "network.residual_of")
    tensors, path = _tensors(folder, entry.tensors), str(folder / entry.tensors.name)
    kinds = sorted({str(values.dtype) for values in tensors.values()} - {"float32"})
    if kinds:
        raise InputError(path, ", ".join(kinds), "tensors of float32")
    try:
        return _own(entry.own or {}, tensors) if entry.network is None else NetworkPolicy(entry.network, tensors)
    except InputError as error:
        raise error.under(path) from None


def _own(keys: Mapping[str, Any], tensors: Mapping[str, NDArray[np.float32]]) -> OwnNetwork:
    """A network of one's own. Raises InputError where its class may not be imported, or these are not its keys and tensors."""
    check_names(keys, "own")
    kind = own_networks.find(str(keys.get("type")), "own.type")
    fields = {name: value for name, value in keys.items() if name != "type"}
    return validated(kind, fields, "own").with_tensors(tensors)


def _tensors(folder: Path, file: _File) -> dict[str, NDArray[Any]]:
    from safetensors import SafetensorError
    from safetensors.numpy import load as from_bytes

    path = folder / file.name
    data = read_bytes(path, LARGEST, OURS)
    if hashlib.sha256(data).hexdigest() != file.sha256:
        raise InputError(str(path), f"{len(data)} bytes that are not those written", "the file whole, as training left it")
    try:
        found = from_bytes(
            data
        )  # in any order, another one each time, in which sums over all of them would differ in a last digit
    except (SafetensorError, KeyError, ValueError, TypeError) as error:  # a type of number that NumPy lacks, too
        raise InputError(str(path), str(error), "a safetensors file") from None
    return dict(sorted(found.items()))
