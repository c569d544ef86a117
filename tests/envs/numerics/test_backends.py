"""The same lines in NumPy and in PyTorch: equal numbers, true gradients, either precision."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings

from orderup.envs.autonomy.autonomy import VISIBILITIES
from orderup.envs.information.observation import Observer
from orderup.envs.information.policy import Decision
from orderup.envs.physics.dynamics import inventory_position, period
from orderup.envs.physics.execution import order
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.simulator import Simulator

from ...examples import some
from ..by_hand import SILO, scenario
from ..networks import Case, cases, decision_maker

JUMPS = (
    "vehicles",
    "fixed costs",
    "lots",
    "least orders",
    "demand kinds",
    "setup costs",
    "variety",
    "price breaks",
    "machines",
)
"""Mechanisms that make cost jump, or demand whole: there a derivative says nothing."""


def arrays_of(value: Any) -> Iterator[Any]:
    """The arrays in nested tuples."""
    if isinstance(value, tuple):
        for item in value:
            yield from arrays_of(item)
    elif value is not None:
        yield value


def seen_by(case: Case, backend: str, dtype: str = "float64", visibility: str = "shared") -> list[Any]:
    """Every array of numbers in an episode: states, flows, costs and observations."""
    simulator = Simulator(case.scenario, {"name": "test", "visibility": visibility}, batch=2, backend=backend, dtype=dtype)
    simulator.reset(seed=case.seed)
    observer = Observer(simulator.numpy_network, simulator.autonomy, simulator.seats).compile(simulator.backend, simulator.now)
    decide, seen = decision_maker(simulator.numpy_network, 2, case.form, case.seed), []
    while not simulator.done:
        _, ledger, _ = simulator.step(decide())
        moved = arrays_of((simulator.now.state, simulator.now.flows))
        seen += [*(array for array in moved if "float" in str(array.dtype)), observer.observe(simulator.now)]
        seen += [*ledger.by_term.values(), ledger.by_site, ledger.cost]
    return seen


def numpy_and_pytorch_agree(case: Case) -> None:
    visibility = VISIBILITIES[case.seed % 4]
    pairs = zip(seen_by(case, "numpy", visibility=visibility), seen_by(case, "torch", visibility=visibility), strict=True)
    for ours, theirs in pairs:
        assert theirs.dtype == torch.float64
        np.testing.assert_allclose(theirs.numpy(), ours, rtol=1e-9, atol=1e-9)


@settings(max_examples=some(50))
@given(cases())
def test_numpy_and_pytorch_agree(case: Case) -> None:
    numpy_and_pytorch_agree(case)


@pytest.mark.parametrize("backend", ["numpy", "torch"])
@settings(max_examples=some(30))
@given(case=cases(without=JUMPS))
def test_single_precision_gives_nearly_the_same(backend: str, case: Case) -> None:
    for ours, theirs in zip(seen_by(case, "numpy"), seen_by(case, backend, "float32"), strict=True):
        assert str(theirs.dtype).endswith("float32")
        np.testing.assert_allclose(np.asarray(theirs), ours, rtol=1e-3, atol=1e-2)


# Gradients: of the cost of a whole episode, by the levels (T, L, K, B)


def total_cost(simulator: Simulator, levels: torch.Tensor) -> torch.Tensor:
    assert simulator.trace is not None
    simulator.replay(simulator.trace)
    total = torch.zeros(simulator.batch, dtype=levels.dtype)
    for level in levels:
        _, ledger, _ = simulator.step(Decision(level=level.permute(2, 0, 1)))
        total = total + ledger.cost
    return total.sum()


def episode(given: Scenario, seed: int, horizon: int | None = None) -> tuple[Simulator, torch.Tensor]:
    """A simulator in PyTorch, and random levels that depend on nothing else."""
    simulator = Simulator(given, SILO, batch=2, backend="torch", horizon=horizon)
    simulator.reset(seed=seed)
    network = simulator.numpy_network
    periods = (network.times.lead_time + network.times.order_delay + 1)[:, None, None]
    usual = np.maximum(network.loads.mean[network.topology.destination], 1.0) * periods
    shape = (simulator.horizon, *usual.shape[:2], 2)
    return simulator, torch.from_numpy(usual * np.random.default_rng(seed).uniform(0.2, 2.0, shape))


def slopes(simulator: Simulator, levels: torch.Tensor, direction: torch.Tensor, step: float = 1e-6) -> tuple[float, float]:
    """One-sided differences of the cost along a direction, forward and backward."""
    with torch.no_grad():
        here, ahead, behind = (total_cost(simulator, levels + k * step * direction).item() for k in (0, 1, -1))
    return (ahead - here) / step, (here - behind) / step


def gradient(simulator: Simulator, levels: torch.Tensor) -> torch.Tensor:
    levels = levels.clone().requires_grad_()
    (found,) = torch.autograd.grad(total_cost(simulator, levels), levels)
    return found


@settings(max_examples=some(30))
@given(cases(without=JUMPS))
def test_the_gradient_is_the_slope_wherever_there_is_one(case: Case) -> None:
    simulator, levels = episode(case.scenario, case.seed)
    generator = torch.Generator().manual_seed(case.seed)
    direction = torch.randn(levels.shape, dtype=torch.float64, generator=generator)
    forward, backward = slopes(simulator, levels, direction)
    found = (gradient(simulator, levels) * direction).sum().item()
    assume(abs(forward - backward) < 1e-4 * (1 + abs(forward)))
    assert found == pytest.approx((forward + backward) / 2, rel=1e-4, abs=1e-3)


@settings(max_examples=some(30))
@given(cases())
def test_every_network_can_be_differentiated(case: Case) -> None:
    simulator, levels = episode(case.scenario, case.seed)
    assert torch.isfinite(gradient(simulator, levels)).all()


def normal(mean: float) -> dict[str, Any]:
    return {"type": "normal", "mean": mean, "sd": mean / 3}


def serial_line() -> Scenario:
    lanes = [
        {"from": "warehouse_1", "to": "store_1", "lead_time": 1},
        {"from": "plant_1", "to": "warehouse_1", "lead_time": 2, "unit_cost": 0.3},
        {"from": "supplier", "to": "plant_1", "lead_time": 1, "unit_cost": 1.1},
    ]
    sites: dict[str, Any] = {
        "store_1": {"holding": 4, "initial": 9},
        "warehouse_1": {"initial": 12},
        "plant_1": {"initial": 10},
    }
    return scenario(sites, lanes, [{"site": "store_1", "demand": normal(5)}])


def tree(rationing: str) -> Scenario:
    """A warehouse that seldom has enough over three stores."""
    stores = {f"store_{n}": {"holding": 2, "initial": 3 * n} for n in (1, 2, 3)}
    lanes = [{"from": "warehouse_1", "to": name, "lead_time": 1, "priority": n} for n, name in enumerate(stores)]
    sites = {**stores, "warehouse_1": {"initial": 23, "rationing": rationing}}
    supply = {"from": "supplier", "to": "warehouse_1", "lead_time": 0, "unit_cost": 1.7}
    customers = [{"site": name, "demand": normal(4 + n)} for n, name in enumerate(stores)]
    return scenario(sites, [*lanes, supply], customers)


@pytest.mark.parametrize("given", [serial_line(), tree("proportional"), tree("priority"), tree("even_cover")])
def test_the_gradient_by_each_level_is_its_slope(given: Scenario) -> None:
    simulator, levels = episode(given, seed=3, horizon=5)
    found = gradient(simulator, levels)
    assert (found.abs() > 0.1).sum() > found.numel() / 5
    for place in np.ndindex(*levels.shape):
        direction = torch.zeros_like(levels)
        direction[place] = 1.0
        assert found[place].item() == pytest.approx(np.mean(slopes(simulator, levels, direction, 1e-5)), abs=1e-4)


def test_a_gradient_reaches_through_state_as_well() -> None:
    """A period is a pure function of its state: PyTorch's own check of its derivatives."""
    simulator, levels = episode(tree("even_cover"), seed=3)
    assert simulator.trace is not None
    start, shocks = simulator.now.state, simulator.trace.at(0)

    def after(on_hand: torch.Tensor, level: torch.Tensor) -> tuple[torch.Tensor, ...]:
        network, state = simulator.network, start._replace(on_hand=on_hand)
        position = inventory_position(network, state)
        orders = order(network, state, position, Decision(level=level))
        state, flows = period(network, state, position, orders, shocks)
        return state.on_hand, state.backlog, state.open_orders, flows.shipments

    on_hand = (start.on_hand + 0.37).requires_grad_()
    assert torch.autograd.gradcheck(after, (on_hand, levels[0].clone().requires_grad_()))
