"""Slopes where the true cost has steps."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")

from orderup.agents.gradients.objective import Objective  # noqa: E402  # torch may not be there
from orderup.envs.information.policy import Decision  # noqa: E402  # as above
from orderup.envs.simulator import Simulator  # noqa: E402  # as above

STORES = ("store_1", "store_2")
ON_A_TRUCK: dict[str, Any] = {
    "name": "on_a_truck",
    "horizon": 3,
    "sites": {name: {"holding": 0, "initial": 50} for name in STORES},
    "lanes": [{"from": "supplier", "to": name, "lead_time": 2} for name in STORES],
    "trucks": [{"lanes": [f"supplier->{name}" for name in STORES], "cost": 60}],
    "customers": [{"site": name, "shortage": 9, "demand": {"type": "constant", "value": 10}} for name in STORES],
}
"""Nothing costs anything but the truck."""


def slope(*amounts: float) -> list[float]:
    """By how much the cost of a period rises with what each store orders, as gradients see it."""
    sim = Simulator(ON_A_TRUCK, "central_ideal", backend="torch", dtype="float64")
    sim.reset(seed=0)
    quantity = torch.tensor(amounts, dtype=torch.float64).reshape(1, 2, 1).requires_grad_()
    _, ledger, _ = sim.step(Decision(quantity=quantity))
    cost = Objective(share=1.0, smoothing=0.5).by_row(sim, ledger).sum()
    assert float(cost.detach()) == float(ledger.cost.sum().detach()) == 60.0
    cost.backward()
    assert quantity.grad is not None
    return [float(value) for value in quantity.grad.reshape(-1)]


def test_a_truck_that_others_fill_anyway_is_no_reason_to_order_less() -> None:
    alone, joined = slope(5, 0), slope(5, 40)
    # 60 · exp(−Σ order / width) / width, the width being half of a usual amount, 10
    assert alone[0] == pytest.approx(60 * 0.36788 / 5, rel=1e-4)
    assert joined[0] == pytest.approx(alone[0] * 0.000335, rel=1e-2)
