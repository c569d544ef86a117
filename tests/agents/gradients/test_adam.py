"""Our Adam takes PyTorch's steps, and leaves PyTorch's compiler where it is."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from orderup.agents.gradients.adam import Adam

RATES = {"weights": 1e-2, "constant": 3e-2, "unused": 1.0}


def numbers() -> dict[str, torch.Tensor]:
    draw = torch.Generator().manual_seed(0)
    shapes = {"weights": (7, 5), "constant": (), "unused": (2,)}
    return {name: torch.randn(shape, generator=draw).requires_grad_() for name, shape in shapes.items()}


def cost(of: dict[str, torch.Tensor], scale: float) -> torch.Tensor:
    """Of a scale at which rounding, or Adam's least spread, matters."""
    found: torch.Tensor = scale * ((of["weights"].tanh() ** 3).sum() + of["constant"] * of["weights"][0, 0].exp())
    return found


@pytest.mark.parametrize("scale", [1.0, 1e-9, 1e9])
def test_its_steps_are_those_of_pytorch_to_the_bit(scale: float) -> None:
    """With rates of their own that fall, and a tensor that has no gradient at first."""
    ours, theirs = numbers(), numbers()
    adam = Adam(ours)
    other = torch.optim.Adam([{"params": [values], "lr": 0.0} for values in theirs.values()], foreach=False)
    for step in range(60):
        rates = {name: rate * (1 - step / 60) for name, rate in RATES.items()}
        for group, rate in zip(other.param_groups, rates.values(), strict=True):
            group["lr"] = rate
        adam.forget_gradients()
        other.zero_grad()
        for of in (ours, theirs):
            used = cost(of, scale) + (of["unused"].sum() ** 2 if step > 30 else 0.0)
            used.backward()  # type: ignore[no-untyped-call] # PyTorch leaves it without types
        adam.step(rates)
        other.step()
        assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    for name, moments in adam.moments.items():
        assert {part: found.tolist() for part, found in vars(moments).items()} == {
            part: found.tolist() for part, found in other.state[theirs[name]].items()
        }


def test_fitting_levels_does_not_import_the_compiler() -> None:
    script = (
        "import sys, orderup\n"
        "orderup.evaluate('newsvendor', 'autonomous_silo', {'type': 'optimised_base_stock', 'iterations': 2}, episodes=2)\n"
        "assert 'torch' in sys.modules\n"
        "print('torch._dynamo' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"
