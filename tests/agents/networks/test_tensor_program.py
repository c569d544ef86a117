"""A function of PyTorch as plain data does what the function does, and nothing but numbers can be written down or played."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import torch

from orderup.agents.networks.tensor_program import Player, check_program, recorded
from orderup.envs.foundation.errors import InputError

MODULES: dict[str, Any] = {
    "layers": torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Tanh(), torch.nn.Linear(8, 2)),
    "normalised": torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.LayerNorm(8), torch.nn.SiLU(), torch.nn.Linear(8, 2)),
}


def by_data(function: Any, *examples: Any) -> Player:
    program, tensors = recorded(function, examples)
    assert json.loads(json.dumps(program)) == program
    check_program(program, len(examples), tensors)
    return Player(program, tensors)


@pytest.mark.parametrize("name", MODULES)
def test_a_network_does_the_same_from_data(name: str) -> None:
    torch.manual_seed(0)
    module, seen = MODULES[name], torch.randn(5, 3, 4)
    with torch.no_grad():
        expected = module(seen).numpy()
    np.testing.assert_allclose(by_data(module, torch.zeros(3, 4))(seen.numpy()), expected, rtol=1e-5, atol=1e-6)


def test_a_choice_among_what_is_left_does_too() -> None:
    def function(seen: Any, left: Any) -> Any:
        return torch.where(left, seen, torch.tensor(-1e8)).argmax(dim=-1)

    seen, left = np.random.default_rng(0).random((6, 4), np.float32), np.random.default_rng(1).random((6, 4)) < 0.5
    left[:, 0] = True
    player = by_data(function, torch.zeros(4), torch.ones(4, dtype=torch.bool))
    np.testing.assert_array_equal(player(seen, left), np.where(left, seen, -np.inf).argmax(axis=1))


def test_what_looks_at_its_numbers_cannot_be_written_down() -> None:
    with pytest.raises(InputError, match="^policy: found .one that cannot be written down"):
        recorded(lambda seen: seen if bool(seen.sum() > 0) else -seen, [torch.zeros(2)])


def test_what_draws_numbers_cannot_be_written_down() -> None:
    with pytest.raises(InputError, match="^policy: found 'the operation aten.randn"):
        recorded(lambda seen: seen + torch.randn(2), [torch.zeros(2)])


GOOD: list[Any] = [
    {"op": "tanh.default", "args": [{"input": 0}], "kwargs": {}},
    {"op": "output", "args": [{"result": 0}], "kwargs": {}},
]
BAD: list[tuple[Any, str]] = [
    ([{**GOOD[0], "op": "set_.source_Storage"}, GOOD[1]], r"^program\[0\].op: found 'set_.source_Storage'"),
    ([{**GOOD[0], "op": "__class__"}, GOOD[1]], r"^program\[0\].op: found '__class__'"),
    ([{**GOOD[0], "args": [{"result": 0}]}, GOOD[1]], r"^program\[0\]: found {'result': 0}; accepted: an earlier result"),
    ([{**GOOD[0], "args": [{"input": 1}]}, GOOD[1]], r"^program\[0\]: found {'input': 1}"),
    ([{**GOOD[0], "args": [{"tensor": "7"}]}, GOOD[1]], r"^program\[0\]: found {'tensor': '7'}"),
    ([GOOD[0]], r"^program\[0\]: found"),
    ([], "^program: found 'list'"),
    ([{"op": "tanh.default"}, GOOD[1]], r"^program\[0\]: found"),
    (["tanh", GOOD[1]], r"^program\[0\]: found 'tanh'"),
    ([{**GOOD[0], "op": "tanh.__setattr__"}, GOOD[1]], r"^program\[0\].op: found 'tanh.__setattr__'"),
    ([{**GOOD[0], "op": "tanh.default.__class__"}, GOOD[1]], r"^program\[0\].op: found 'tanh.default.__class__'"),
    ([{**GOOD[0], "args": [{"kind": "load"}]}, GOOD[1]], r"^program\[0\]: found {'kind': 'load'}"),
    ([{**GOOD[0], "args": [{"kind": "load", "more": 1}]}, GOOD[1]], r"^program\[0\]: found {'kind': 'load', 'more': 1}"),
    ([{**GOOD[0], "args": [{"input": 0, "kind": "load"}]}, GOOD[1]], r"^program\[0\]: found {'input': 0, 'kind': 'load'}"),
    ([{**GOOD[0], "args": [{"input": True}]}, GOOD[1]], r"^program\[0\]: found {'input': True}"),
    ([{**GOOD[0], "args": "self"}, GOOD[1]], r"^program\[0\]: found"),
]


@pytest.mark.parametrize(("program", "said"), BAD)
def test_other_programs_are_refused(program: Any, said: str) -> None:
    check_program(GOOD, 1, {})
    with pytest.raises(InputError, match=said):
        check_program(program, 1, {})


@pytest.mark.parametrize("form", ["op", "overloads", "name"])
def test_what_is_no_form_of_an_operation_is_not_played(form: str) -> None:
    program = [{**GOOD[0], "op": f"tanh.{form}"}, GOOD[1]]
    check_program(program, 1, {})
    with pytest.raises(InputError, match=f"^program: found 'tanh.{form}'; accepted: one of tanh's forms: default"):
        Player(program, {})
