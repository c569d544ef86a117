"""Recorded periods: the same cost and the same gradients as PyTorch's own, whatever happens in the network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import torch

from orderup.agents.gradients.backpropagation import Rollout
from orderup.agents.gradients.episode_window import EpisodeWindow
from orderup.agents.gradients.objective import Objective
from orderup.agents.learning.stopwatch import Stopwatch
from orderup.agents.levels.level_rule import LevelRule
from orderup.agents.networks.network_policy import NetworkPolicy
from orderup.envs.foundation.errors import InputError
from orderup.envs.simulator import Simulator

from ..learners import LINE, policy_for

pytest.importorskip("numba")
WINDOW = EpisodeWindow(3, 9)


def simulator_of(scenario: Any, autonomy: str = "autonomous_silo", batch: int = 5) -> Simulator:
    found = Simulator(scenario, autonomy, batch=batch, horizon=WINDOW.periods, backend="torch", dtype="float64")
    found.reset(3)
    return found


def played(simulator: Simulator, policies: Mapping[Any, Any], numbers: list[torch.Tensor], record: bool) -> Any:
    """The cost of a window and its gradients."""
    rollout = Rollout(simulator, policies, Objective(1.0, 0.5), Stopwatch())
    if record:
        rollout.record()
    simulator.reset(3)
    cost = rollout.play(WINDOW)
    slopes: Any = torch.autograd.grad(cost, numbers, allow_unused=True)  # none for numbers that nothing depends on
    return float(cost.detach()), [None if one is None else one.numpy() for one in slopes], rollout


def equal(simulator: Simulator, policies: Mapping[Any, Any], numbers: list[torch.Tensor]) -> Any:
    cost, slopes, _ = played(simulator, policies, numbers, record=False)
    found, recorded, rollout = played(simulator, policies, numbers, record=True)
    assert rollout.refusal is None
    assert rollout.recorded is not None
    assert found == pytest.approx(cost, rel=1e-12)
    assert any(one is not None and np.abs(one).max() > 0 for one in slopes)
    for one, other in zip(slopes, recorded, strict=True):
        if one is None:
            assert other is None or not other.any()
        else:
            np.testing.assert_allclose(other, one, rtol=1e-8, atol=1e-9 * max(1.0, np.abs(one).max()))
    return rollout


def levels(simulator: Simulator, party: str, seed: int = 0) -> list[torch.Tensor]:
    """Levels that are of use, and gains that answer to demand."""
    usual = simulator.numpy_network.usual_level
    drawn = np.random.default_rng(seed).uniform(0.5, 1.2, usual.shape)
    return [
        torch.tensor(usual * drawn, requires_grad=True),
        torch.full(usual.shape, 0.3, dtype=torch.float64, requires_grad=True),
    ]


@pytest.mark.parametrize(
    "scenario", ["serial_poisson", "owmr", "lost_sales", "joint_order", "special_buys", "perishable", "assembly"]
)
def test_levels_that_follow_demand_have_the_gradients_that_pytorch_finds(scenario: str) -> None:
    simulator = simulator_of(scenario)
    numbers = levels(simulator, "sites")
    assert equal(simulator, {"sites": LevelRule(numbers[0], numbers[1])}, numbers).recorded is not None


@pytest.mark.parametrize("autonomy", ["central_ideal", "central_periodic", "central_stale", "hybrid_soe"])
def test_so_have_those_of_a_centre(autonomy: str) -> None:
    simulator = simulator_of("owmr", autonomy)
    policies: dict[str, LevelRule] = {}
    numbers: list[torch.Tensor] = []
    for party, there in (("planner", simulator.autonomy.has_planner), ("sites", simulator.autonomy.has_sites)):
        if there:
            of_party = levels(simulator, party, len(numbers))
            policies[party], numbers = LevelRule(of_party[0], of_party[1]), numbers + of_party
    equal(simulator, policies, numbers)


@pytest.mark.parametrize("scenario", ["owmr", "scarce_hub", "local_promotions", "two_plants"])
def test_so_have_those_of_a_centre_that_divides_what_is_scarce(scenario: str) -> None:
    simulator = simulator_of(scenario, "central_ideal")
    numbers = levels(simulator, "planner")
    news = torch.ones_like(numbers[0], requires_grad=True) if simulator.scenario.promotions else None
    rule = LevelRule(numbers[0], numbers[1], news, "least_cost")
    equal(simulator, {"planner": rule}, numbers if news is None else [*numbers, news])


@pytest.mark.parametrize("scenario", [LINE, "owmr"])
def test_a_network_that_reads_observations_alone_needs_nothing_else_to_be_carried(scenario: Any) -> None:
    simulator = simulator_of(scenario)
    made = policy_for(scenario, activation="silu")
    parameters = {name: torch.tensor(values, dtype=torch.float64, requires_grad=True) for name, values in made.tensors.items()}
    policy = NetworkPolicy(made.spec, made.tensors)
    policy.parameters = parameters
    rollout = equal(simulator, {"sites": policy}, list(parameters.values()))
    assert rollout.recorded is not None
    assert not rollout.recorded.with_flows


def test_what_cannot_be_recorded_is_played_as_ever_and_says_so() -> None:
    simulator = simulator_of("lost_sales", "central_stale")
    numbers = levels(simulator, "planner")
    cost, slopes, _ = played(simulator, {"planner": LevelRule(numbers[0], numbers[1])}, numbers, record=False)
    found, others, rollout = played(simulator, {"planner": LevelRule(numbers[0], numbers[1])}, numbers, record=True)
    assert rollout.refusal is not None
    assert found == cost
    assert all(np.array_equal(one, other) for one, other in zip(slopes, others, strict=True))


def test_a_training_that_cannot_be_recorded_is_refused_by_its_key(tmp_path: Any) -> None:
    from orderup.agents.training.train import train

    with pytest.raises(InputError, match=r"agent\.compiled.*late or noisy"):
        train(
            "owmr", autonomy="central_stale", agent="pathwise", name="x", folder=tmp_path, progress=False,
            steps=2_000, copies=4, hidden=[4], compiled=True,
        )  # fmt: skip # one after the other


def test_a_recorded_training_is_the_same_each_time(tmp_path: Any) -> None:
    from orderup.agents.training.train import train

    runs = [
        train(
            LINE, agent="pathwise", name=name, folder=tmp_path, progress=False, steps=2_000, copies=8, hidden=[4], compiled=True
        )
        for name in ("one", "other")
    ]
    first, second = (next(run.folder.glob("policy-*.safetensors")).name for run in runs)
    assert first == second
