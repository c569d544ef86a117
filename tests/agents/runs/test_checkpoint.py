"""Checkpoints on disk: what comes back, and what is refused."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load as from_bytes
from safetensors.numpy import save as as_bytes

from orderup.agents.learning.learner import TrainingState
from orderup.agents.learning.learnt import Learnt
from orderup.agents.networks.network_policy import NetworkPolicy
from orderup.agents.runs import checkpoint
from orderup.agents.runs.checkpoint import Checkpoint, Record
from orderup.envs.foundation.errors import InputError, UnknownName
from orderup.envs.foundation.sealed_files import read_json, sealed

from ..learners import LINE, policy_for


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    checkpoint.save(tmp_path, "best", Checkpoint(Learnt(sites=policy_for(LINE)), periods=100, cost=12.5))
    return tmp_path


def weights(folder: Path, which: str | int = "best") -> Any:
    member = checkpoint.load(folder, which).learnt.parties["sites"]
    assert isinstance(member, NetworkPolicy)
    return member.tensors


def test_a_state_comes_back_bit_for_bit_whatever_it_holds(folder: Path) -> None:
    generator = np.random.default_rng(3)
    tensors = {
        "moments": generator.normal(size=(3, 4)).T,
        "random": np.arange(7, dtype=np.uint64) * 2**61,
        "flags": np.array([True, False]),
        "one": np.array(0.1 + 0.2),
        "none": np.zeros((0, 3), np.int8),
    }
    rest = {"generator": generator.bit_generator.state, "cost": 0.1 + 0.2, "log": [1, None, "x"], "nothing": None}
    saved = Checkpoint(Learnt(sites=policy_for(LINE)), 7, state=TrainingState(tensors, rest), record=Record(rows=3))
    checkpoint.save(folder, "last", saved)
    found = checkpoint.load(folder, "last")
    assert found.state is not None
    assert found.state.rest == rest
    assert found.record.rows == 3
    assert found.state.tensors.keys() == tensors.keys()
    for name, values in tensors.items():
        kept = found.state.tensors[name]
        assert (kept.dtype, kept.shape, kept.tobytes()) == (values.dtype, values.shape, values.tobytes())


def test_numbers_come_back_in_one_order_so_that_sums_over_all_of_them_are_the_same_each_time(folder: Path) -> None:
    orders = {tuple(weights(folder)) for _ in range(20)}
    assert orders == {tuple(sorted(weights(folder)))}


def test_both_parties_come_back_a_network_and_an_agent_by_its_keys(tmp_path: Path) -> None:
    planner = {"type": "echelon_base_stock", "levels": {"store_1": 30.0}}
    learnt = Learnt(sites=policy_for(LINE, "hybrid_soe", party="sites"), planner=planner)
    checkpoint.save(tmp_path, "best", Checkpoint(learnt, 0))
    found = checkpoint.load(tmp_path).learnt
    assert list(found.parties) == ["sites", "planner"]
    assert found.parties["planner"] == planner


@pytest.mark.parametrize("of", ["a party", "what a network corrects"])
def test_a_run_that_leans_on_weights_of_another_version_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, of: str
) -> None:
    network, universal = policy_for(LINE), {"type": "universal"}
    corrects = NetworkPolicy(network.spec.model_copy(update={"residual_of": universal}), network.tensors)
    member: Any = universal if of == "a party" else corrects
    checkpoint.save(tmp_path, "best", Checkpoint(Learnt(sites=member), 0))
    checkpoint.load(tmp_path)
    monkeypatch.setattr(import_module("orderup.agents.universal.universal"), "shipped_digest", lambda: "0" * 64)
    with pytest.raises(InputError, match="weights: found 'a run with universal as it came with another version"):
        checkpoint.load(tmp_path)


def test_numbers_that_no_checkpoint_names_are_removed_and_the_others_stay(folder: Path) -> None:
    written: list[checkpoint.Which] = ["last", 40, "last", "best"]
    for seed, which in enumerate(written, start=1):
        checkpoint.save(
            folder, which, Checkpoint(Learnt(sites=policy_for(LINE, seed=seed)), 100, state=TrainingState({"a": np.ones(seed)}))
        )
    assert len(list(folder.glob("policy-*"))) == 3
    assert checkpoint.available(folder) == ["best", "last", "40"]
    np.testing.assert_array_equal(weights(folder, 40)["0.bias"], policy_for(LINE, seed=2).tensors["0.bias"])
    with pytest.raises(UnknownName, match=r"checkpoint: found '41'; accepted: one of 40, best, last"):
        checkpoint.load(folder, 41)


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_disk_that_is_full_leaves_the_checkpoint_before(folder: Path, monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    before, calls, real = weights(folder), [0], os.fsync

    def full(file: int) -> None:
        calls[0] += 1
        if calls[0] >= at:
            raise OSError(28, "No space left on device")
        real(file)

    monkeypatch.setattr(os, "fsync", full)
    new = Checkpoint(Learnt(sites=policy_for(LINE, seed=9)), 200, state=TrainingState({"a": np.ones(3)}))
    with pytest.raises(InputError, match=r"No space left on device.*a disk with room"):
        checkpoint.save(folder, "best", new)
    np.testing.assert_array_equal(weights(folder)["0.weight"], before["0.weight"])
    assert not list(folder.glob(".*"))


class Bomb:
    """Unpickling it would make a file."""

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (Path("exploded"),)


def edited(folder: Path, **keys: Any) -> None:
    path = folder / "best.json"
    path.write_text(json.dumps(sealed({**read_json(path, ""), **keys})))


def member(folder: Path, **keys: Any) -> None:
    edited(folder, sites={**json.loads((folder / "best.json").read_text())["sites"], **keys})


def replaced(folder: Path, data: bytes) -> None:
    digest = hashlib.sha256(data).hexdigest()
    name = f"policy-{digest[:16]}.safetensors"
    (folder / name).write_bytes(data)
    member(folder, tensors={"name": name, "sha256": digest})


def rewritten(folder: Path, change: Callable[[Any], Any]) -> None:
    replaced(folder, as_bytes(change(from_bytes(tensors_file(folder).read_bytes()))))


def tensors_file(folder: Path) -> Path:
    (path,) = folder.glob("policy-*.safetensors")
    return path


def network(folder: Path, **keys: Any) -> None:
    entry = json.loads((folder / "best.json").read_text())["sites"]
    member(folder, network={**entry["network"], **keys})


DAMAGES: list[tuple[str, Callable[[Path], Any], str]] = [
    ("no tensors", lambda folder: tensors_file(folder).unlink(), "No such file"),
    ("truncated", lambda folder: os.truncate(tensors_file(folder), 200), "bytes that are not those written"),
    (
        "a wrong shape",
        lambda folder: rewritten(folder, lambda found: {**found, "0.weight": found["0.weight"][:, :-1].copy()}),
        r"tensors: found \{'0.weight': \(8, 13\)\}; accepted: 0.weight \(8, 14\)",
    ),
    (
        "a layer less",
        lambda folder: rewritten(folder, lambda found: {name: found[name] for name in found if name != "1.bias"}),
        r"'1.bias': None\}; accepted: 1.bias \(5,\)",
    ),
    (
        "not a number",
        lambda folder: rewritten(folder, lambda found: {**found, "1.bias": np.full_like(found["1.bias"], np.nan)}),
        "tensors.1.bias",
    ),
    (
        "other numbers",
        lambda folder: rewritten(folder, lambda found: {**found, "1.bias": found["1.bias"].astype(np.float64)}),
        "float64",
    ),
    ("a pickle", lambda folder: replaced(folder, pickle.dumps(Bomb())), "a safetensors file"),
    ("a header without end", lambda folder: replaced(folder, b"\xff" * 8 + b"{}"), "a safetensors file"),
    ("nothing in it", lambda folder: replaced(folder, b""), "a safetensors file"),
    (
        "a path that leads outside",
        lambda folder: member(folder, tensors={"name": "../policy-0123456789abcdef.safetensors", "sha256": "0" * 64}),
        "best.json.sites.tensors.name",
    ),
    ("another format", lambda folder: edited(folder, format=1), "best.json.format"),
    ("half a JSON", lambda folder: os.truncate(folder / "best.json", 100), "the JSON of a checkpoint"),
    ("deep JSON", lambda folder: (folder / "best.json").write_text("[" * 200_000), "the JSON of a checkpoint"),
    ("a long number", lambda folder: (folder / "best.json").write_text("1" * 10_000), "the JSON of a checkpoint"),
    ("huge JSON", lambda folder: os.truncate(folder / "best.json", 2**33), "a file of at most"),
    ("bytes", lambda folder: (folder / "best.json").write_bytes(b"\xff\xfe\x00"), "the JSON of a checkpoint"),
    ("no checkpoint", lambda folder: (folder / "best.json").unlink(), "best.json: found 'No such file"),
    ("nobody", lambda folder: edited(folder, sites=None), "nobody"),
    ("neither network nor agent", lambda folder: edited(folder, sites={}), r"learnt.sites: found \{\}"),
    ("a record of nonsense", lambda folder: edited(folder, record={"rows": "x"}), "best.json.record.rows"),
    ("an unknown key", lambda folder: edited(folder, code="import os"), "best.json: found 'code'"),
    ("a huge layer", lambda folder: network(folder, hidden=[10**12, 5]), r"accepted: 0.bias \(1000000000000,\)"),
    (
        "an agent from elsewhere",
        lambda folder: edited(folder, sites={"agent": {"type": "antigravity:fly"}}),
        "an agent that comes with the project",
    ),
    (
        "an agent from elsewhere below a network",
        lambda folder: network(folder, residual_of={"type": "antigravity:fly"}),
        "an agent that comes with the project",
    ),
    (
        "a run inside a run",
        lambda folder: edited(folder, sites={"agent": {"type": "trained", "run": str(folder)}}),
        "an agent that comes with the project",
    ),
]


@pytest.mark.parametrize(("damage", "said"), [case[1:] for case in DAMAGES], ids=[case[0] for case in DAMAGES])
def test_what_is_damaged_or_crafted_is_refused_by_its_file_and_nothing_runs(
    folder: Path, monkeypatch: pytest.MonkeyPatch, damage: Callable[[Path], Any], said: str
) -> None:
    monkeypatch.chdir(folder)
    damage(folder)
    with pytest.raises(InputError, match=said) as refused:
        checkpoint.load(folder)
    assert str(folder) in str(refused.value)
    assert not (folder / "exploded").exists()
