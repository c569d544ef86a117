"""What is remembered of demand is a weighted mean, and what predicted it best lately counts the most."""

from __future__ import annotations

import numpy as np
import pytest

from orderup.agents.universal.features.demand_memory import CHOOSY, DOUBT, HALF_LIVES, LEAST, VARIES, WEIGHTS, DemandMemory


def remembering(series: list[float], known: tuple[float, float] | None = None) -> DemandMemory:
    mean, deviation = known or (0.0, 0.0)
    memory = DemandMemory.starting(np.full((1, 1, 1), mean), np.full((1, 1, 1), deviation), known is not None)
    for asked in series:
        memory.add(np.full((1, 1, 1), asked))
    return memory


def test_means_weigh_the_latest_the_most() -> None:
    memory = remembering([10.0, 20.0, 60.0])
    for number, weight in enumerate(WEIGHTS):
        by_hand = (10 * weight**2 + 20 * weight + 60) / (weight**2 + weight + 1)
        assert memory.mean(number).item() == pytest.approx(by_hand)


def test_errors_are_those_of_predicting_the_next_period() -> None:
    """By hand: 10 is predicted before 20 by all; then their means are, before 60."""
    memory, recent = remembering([10.0, 20.0, 60.0]), WEIGHTS[1]
    count = 1 + recent + recent**2
    usual = memory.mean(1).item() + (VARIES * memory.mean(1).item()) ** 2
    for number, weight in enumerate(WEIGHTS):
        predicted = (10 * weight + 20) / (weight + 1)
        squares = recent * 10.0**2 + (60 - predicted) ** 2
        assert memory.error(number).item() ** 2 == pytest.approx((squares + DOUBT * usual) / (count + DOUBT) + LEAST)


def test_a_forecast_weighs_means_by_how_close_they_have_been() -> None:
    memory = remembering([10.0, 12.0, 30.0, 33.0, 35.0])
    numbers = range(len(HALF_LIVES))
    weights = [memory.error(number).item() ** (-2 * CHOOSY) for number in numbers]
    by_hand = sum(weights[number] * memory.mean(number).item() for number in numbers) / sum(weights)
    assert memory.forecast().item() == pytest.approx(by_hand)


def test_after_a_jump_a_forecast_follows_the_short_memory_and_in_calm_the_long_one() -> None:
    rng = np.random.default_rng(0)
    jumped = remembering([*([50.0] * 40), *([200.0] * 6)])
    assert jumped.forecast().item() == pytest.approx(jumped.mean(0).item(), rel=0.1)
    assert jumped.forecast().item() > 1.5 * jumped.mean(2).item()
    calm = remembering((100 + 20 * rng.normal(size=300)).tolist())
    assert abs(calm.forecast().item() - calm.mean(2).item()) < abs(calm.forecast().item() - calm.mean(0).item())


def test_what_is_known_is_as_if_it_had_been_seen_for_ever() -> None:
    memory = remembering([], known=(40.0, 6.0))
    assert memory.forecast().item() == pytest.approx(40.0)
    with pytest.raises(ValueError, match="is known"):
        memory.forecast_error()
    assert memory.error(0).item() == pytest.approx(memory.error(2).item())
    assert memory.error(1).item() == pytest.approx(6.0, rel=0.4)  # some belief in what is usual beside it
