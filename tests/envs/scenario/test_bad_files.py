"""Files, levels, options and decisions that cannot be used: each is refused with key, found and accepted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from orderup.envs.authority.actions import ActionMap
from orderup.envs.authority.rewards import reward_of
from orderup.envs.catalogue import load_autonomy, load_scenario
from orderup.envs.foundation.errors import InputError, UnknownName
from orderup.envs.information.policy import Decision
from orderup.envs.simulator import Simulator

from ..by_hand import GOOD

# Files of strangers


def bomb(depth: int = 9) -> str:
    lines = ["a: &a [1, 1]"]
    lines += [
        f"{letter}: &{letter} [{', '.join(['*' + before] * 9)}]" for before, letter in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    return "\n".join(lines[:depth])


FILES = {
    "aliases": (bomb(), "alias"),
    "a Python tag": ("a: !!python/object/apply:os.system ['true']", "tag"),
    "a tag of one's own": ("!mine {a: 1}", "tag"),
    "a tag that does not fit": ("a: !!int abc", "tag"),
    "a key twice": ("name: a\nhorizon: 3\nname: b", "the key 'name' twice in line 3"),
    "a key twice below": ("sites:\n  a_1: {holding: 1, holding: 2}", "the key 'holding' twice in line 2"),
    "a merge": ("a: {<<: {b: 1}}", "merge"),
    "a list as key": ("{[1]: 2}", "unhashable"),
    "a very long number": ("a: " + "1" * 5000, "digits"),
    "brackets without end": ("a: " + "[" * 5000, "recursion|expected"),
    "two documents": ("a: 1\n---\nb: 2", "another document in line 2"),
    "broken syntax": ("a: [1", "expected"),
    "tabs": ("a:\n\t- 1", "line 2"),
    "control characters": ("a: \x07", "character"),
    "a list": ("[1]", "'list'; accepted: a mapping of keys"),
    "nothing": ("", "'NoneType'; accepted: a mapping of keys"),
}


@pytest.mark.parametrize(("text", "found"), FILES.values(), ids=FILES)
def test_a_file_that_is_not_plain_yaml_is_refused(text: str, found: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=found) as caught:
        load_scenario(path)
    assert caught.value.key == str(path)


def test_a_file_that_is_no_text_or_too_long_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(b"a: \xff\xfe")
    with pytest.raises(InputError, match="plain YAML"):
        load_scenario(path)
    path.write_bytes(b"#" * 5_000_000)
    with pytest.raises(InputError, match="found '5000000 bytes'; accepted: a file of at most 4000000 bytes"):
        load_scenario(path)


def test_a_mistake_in_a_file_is_named_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("name: mine\nhorizon: -1\n")
    with pytest.raises(InputError, match=rf"^{path}.*horizon: found -1"):
        load_scenario(path)


# Levels, simulators and decisions


@pytest.mark.parametrize(
    ("autonomy", "message"),
    [
        ("autonomous_silos", "^autonomy: found .*did you mean 'autonomous_silo'"),
        ({"name": "test", "visibility": "all"}, r"^autonomy\.visibility: found 'all'; accepted: .*'silo'"),
        ({"name": "test"}, r"^autonomy\.visibility: found 'nothing'"),
        ({"name": "test", "visibility": "silo", "bnd": 2}, "^autonomy: found 'bnd'; .*did you mean 'band'"),
        ({"name": "central_ideal", "visibility": "silo"}, r"^autonomy\.name: found 'central_ideal'; accepted: another name"),
    ],
)
def test_a_bad_level_of_autonomy_is_refused(autonomy: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        load_autonomy(autonomy)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch": 0}, "^batch: found 0"),
        ({"batch": 2.5}, "^batch: found 2.5"),
        ({"horizon": 0}, "^horizon: found 0"),
        ({"split": "tset"}, "^split: found 'tset'; .*did you mean 'test'"),
        ({"backend": "jax"}, "^backend: found 'jax'; accepted: one of numpy, torch"),
        ({"dtype": "float16"}, "^dtype: found 'float16'"),
        ({"device": "cuda"}, "^device: found 'cuda'; accepted: cpu with backend=numpy"),
        ({"backend": "torch", "device": "abacus"}, "^device: found 'abacus'; accepted: a device that is there"),
    ],
)
def test_a_bad_option_of_the_simulator_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Simulator(GOOD, **options)


@pytest.mark.parametrize("seed", [-1, 2**64, 1.5, "0", True])
def test_a_bad_seed_is_refused(seed: Any) -> None:
    with pytest.raises(InputError, match=r"^seed: found"):
        Simulator(GOOD).reset(seed=seed)


def test_bad_episodes_are_refused() -> None:
    for episodes in ([1], [1, -1], [1, 2**32]):
        with pytest.raises(InputError, match=r"^episodes: found"):
            Simulator(GOOD, batch=2).reset(seed=0, episodes=episodes)


@pytest.mark.parametrize("backend", ["numpy", "torch"])
def test_a_decision_of_a_wrong_shape_is_refused(backend: str) -> None:
    simulator = Simulator(GOOD, batch=4, backend=backend)
    simulator.reset(seed=0)
    for key, shape in (("level", (4, 3, 5)), ("quantity", (3, 3, 2)), ("level", (4, 1, 3, 2))):
        with pytest.raises(InputError, match=rf"^decision\.{key}: found .*broadcasts to \(4, 3, 2\)"):
            simulator.step(Decision(**{key: np.zeros(shape)}))
    with pytest.raises(InputError, match=r"^decision\.by_quantity: found \(2,\); accepted: \(3,\)"):
        simulator.step(Decision(level=1.0, quantity=2.0, by_quantity=np.array([True, False])))
    simulator.step(Decision(level=1.0, quantity=2.0, by_quantity=np.array([True, False, True])))
    assert simulator.now.period == 1


def test_a_decision_says_one_thing() -> None:
    for fields in ({}, {"level": 1.0, "quantity": 1.0}, {"level": 1.0, "by_quantity": np.array([True])}):
        with pytest.raises(ValueError, match=r"decision holds|by_quantity goes"):
            Decision(**fields)


def test_a_step_before_the_first_and_after_the_last_period_is_refused() -> None:
    simulator = Simulator(GOOD, horizon=1)
    with pytest.raises(RuntimeError, match="reset"):
        simulator.step(Decision(level=1.0))
    simulator.reset(seed=0)
    simulator.step(Decision(level=1.0))
    with pytest.raises(RuntimeError, match="reset"):
        simulator.step(Decision(level=1.0))


def test_an_unknown_form_of_actions_and_a_bad_reward_are_refused() -> None:
    simulator = Simulator(GOOD)
    with pytest.raises(UnknownName, match=r"^actions: found 'levels'; .*did you mean 'level'"):
        ActionMap(simulator.numpy_network, simulator.seats, "levels")  # type: ignore[arg-type] # that is the point
    for reward in ("mine", 1.5, -0.1, float("nan"), None):
        with pytest.raises(InputError, match=r"^reward: found"):
            reward_of(reward)  # type: ignore[arg-type] # that is the point
