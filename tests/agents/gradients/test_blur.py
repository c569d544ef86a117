"""What stands for rounding while a policy learns."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from orderup.agents.gradients.blur import Blur
from orderup.envs.information.policy import Decision
from orderup.envs.simulator import Simulator


def blurred(decision: Decision, episodes: Any = 64, share: float = 1.0, period: int = 0) -> Decision:
    numbers = np.arange(episodes) if isinstance(episodes, int) else np.asarray(episodes)
    simulator = Simulator("owmr", "autonomous_silo", batch=len(numbers), horizon=4, backend="torch", dtype="float64")
    simulator.reset(3, numbers)
    for _ in range(period):
        simulator.advance(Decision(level=torch.tensor(20.0)))
    blur = Blur(simulator, "sites")
    blur.share = share
    return blur(decision)


def levels(batch: int) -> torch.Tensor:
    return torch.full((batch, 6, 1), 20.0, dtype=torch.float64)


def test_amounts_are_moved_by_up_to_half_a_unit_each_on_its_own_and_by_nothing_on_average() -> None:
    moves = (blurred(Decision(level=levels(4096)), 4096).level - 20.0).numpy()
    assert abs(moves).max() < 0.5
    np.testing.assert_allclose(moves.mean(axis=0), 0.0, atol=0.02)
    np.testing.assert_allclose(moves.std(axis=0), 12**-0.5, atol=0.01)
    np.testing.assert_allclose(np.corrcoef(moves[:, :, 0].T), np.eye(6), atol=0.06)


def test_they_are_moved_less_as_the_search_cools_and_otherwise_in_another_period() -> None:
    whole = blurred(Decision(level=levels(8)), 8).level - 20.0
    np.testing.assert_allclose(blurred(Decision(level=levels(8)), 8, share=0.25).level - 20.0, 0.25 * whole, atol=1e-12)
    assert torch.equal(blurred(Decision(level=levels(8)), 8, share=0.0).level, levels(8))
    assert not torch.allclose(blurred(Decision(level=levels(8)), 8, period=1).level - 20.0, whole)


def test_an_episode_is_blurred_the_same_whatever_episodes_are_beside_it() -> None:
    alone = blurred(Decision(level=levels(1)), [5]).level
    assert torch.equal(blurred(Decision(level=levels(8)), 8).level[5:6], alone)


def test_no_order_stays_none_and_none_gets_negative() -> None:
    quantity = torch.tensor([0.0, 0.1, 3.0, 0.0, 0.2, 4.0], dtype=torch.float64)[None, :, None].repeat(64, 1, 1)
    found = blurred(Decision(quantity=quantity)).quantity
    assert bool((found[:, [0, 3]] == 0).all())
    assert bool((found >= 0).all())
    assert not torch.equal(found, quantity)


def test_what_corrects_somebody_elses_levels_is_not_blurred() -> None:
    given = Decision(level=levels(8), relative=True)
    assert blurred(given, 8) is given
