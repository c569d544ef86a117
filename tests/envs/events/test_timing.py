"""When events are in force: long-run shares of those that are drawn, and the periods of those that are written down."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest

from orderup.envs.demand.stationary import Normal, Poisson
from orderup.envs.events.promotion_moments import long_run, with_promotions
from orderup.envs.events.schema import Promotion
from orderup.envs.events.timing import Regimes, timings
from orderup.envs.numerics.arrays import Floats
from orderup.envs.numerics.draws import Draw
from orderup.envs.trace.promotions import sample


def draw(name: str = "mine", periods: int = 12, episodes: int = 3) -> Draw:
    return Draw(0, name, name, ("event",), periods, np.arange(episodes))


def times(keys: dict[str, Any], drawn: Draw, regimes: Regimes | None = None) -> Floats:
    """How far a timing with these keys is in force (T, B)."""
    kind, fields = keys["type"], {key: value for key, value in keys.items() if key != "type"}
    found: Floats = timings.find(kind).model_validate(fields).sample(drawn, regimes or {})
    return found


def within(found: float, expected: float, spread: float) -> bool:
    return abs(found - expected) < 2.6 * spread


def test_a_markov_event_has_the_shares_and_lengths_of_its_chain() -> None:
    on = times({"type": "markov", "begins": 0.04, "ends": 0.25}, draw(periods=1000, episodes=2000))[100:] > 0
    share = on.mean(axis=0)
    assert within(float(share.mean()), 0.04 / 0.29, float(share.std() / np.sqrt(2000)))
    began, ended = (on[1:] & ~on[:-1]).sum(), (~on[1:] & on[:-1]).sum()
    assert began / (~on[:-1]).sum() == pytest.approx(0.04, rel=0.02)
    assert ended / on[:-1].sum() == pytest.approx(0.25, rel=0.02)


def test_a_markov_event_begins_in_the_first_period_with_its_chance_and_goes_by_a_regime() -> None:
    storm = np.repeat([[0.0], [0.0], [1.0], [1.0]], 4000, axis=1)
    keys = {"type": "markov", "begins": 0.1, "ends": 1.0, "during": {"storm": {"begins": 0.6, "ends": 0.0}}}
    share = times(keys, draw(periods=4, episodes=4000), {"storm": storm}).mean(axis=1)
    # 0.1; 0.9 · 0.1; 0.09 · 1 + 0.91 · 0.6; and those that began in the storm stay
    np.testing.assert_allclose(share, [0.1, 0.09, 0.636, 0.636 + 0.364 * 0.6], atol=0.02)


@pytest.mark.parametrize(
    ("keys", "periods"),
    [
        ({"type": "scheduled", "from": 2}, range(2, 12)),
        ({"type": "scheduled", "from": 2, "until": 5}, range(2, 5)),
        ({"type": "scheduled", "from": 1, "until": 3, "every": 5}, (1, 2, 6, 7, 11)),
        ({"type": "regime", "name": "storm"}, (0, 3)),
    ],
)
def test_what_is_written_down_is_in_force_in_these_periods_of_every_episode(keys: dict[str, Any], periods: Any) -> None:
    storm = np.isin(np.arange(12), (0, 3)).astype(float)[:, None] + np.zeros(3)
    expected = np.isin(np.arange(12), list(periods)).astype(float)
    np.testing.assert_array_equal(times(keys, draw(), {"storm": storm}), expected[:, None] + np.zeros(3))


def test_what_happens_once_begins_as_often_in_each_of_its_periods() -> None:
    on = times({"type": "once", "between": [2, 4], "length": 3}, draw(episodes=9000))
    assert (on.sum(axis=0) == 3).all()
    first = on.argmax(axis=0)
    assert (np.sort(np.diff(on, axis=0).astype(bool).sum(axis=0)) == 2).all()
    np.testing.assert_allclose(np.bincount(first, minlength=6)[2:5] / 9000, 1 / 3, atol=0.015)


def test_what_comes_gradually_grows_by_the_same_step() -> None:
    np.testing.assert_allclose(
        times({"type": "gradual", "from": 2, "until": 6}, draw())[:8, 0], [0, 0, 0, 0.25, 0.5, 0.75, 1, 1]
    )


def test_a_longer_draw_begins_as_the_shorter_one() -> None:
    for keys in ({"type": "markov", "begins": 0.3, "ends": 0.3}, {"type": "once", "between": [0, 9], "length": 2}):
        short, long = (times(keys, draw(periods=periods, episodes=50)) for periods in (10, 30))
        np.testing.assert_array_equal(short, long[:10])


def test_promotions_are_on_for_their_length_and_as_often_as_their_chance_says() -> None:
    event = Promotion.model_validate({"at": "store_1", "uplift": 3, "chance": 0.1, "length": 4, "reported": 0.3})
    on, told = sample(event, draw(periods=2000, episodes=500))
    share = on[200:].mean(axis=0)
    assert within(float(share.mean()), long_run(event), float(share.std() / np.sqrt(500)))
    assert long_run(event) == pytest.approx(4 / (4 + 9))
    assert (told <= on).all()
    assert told.mean() / on.mean() == pytest.approx(0.3, abs=0.01)
    begins, ends = (np.flatnonzero(np.diff(on[:, 0], prepend=0) == step) for step in (1, -1))
    assert set((ends - begins[: len(ends)]) % 4) == {0}  # one right after another leaves no gap


@pytest.mark.parametrize("kind", ["whole", "any amount"])
def test_mean_and_spread_of_a_demand_with_promotions_are_those_of_the_mixture(kind: str) -> None:
    events = [
        Promotion.model_validate({"at": "store_1", "uplift": 3, "chance": 0.1, "length": 4}),
        Promotion.model_validate({"at": "store_1", "uplift": 0.5, "chance": 0.3}),
    ]
    first, second = (sample(event, draw(f"{event.uplift}", periods=2000, episodes=500))[0] for event in events)
    factor = (1 + 2 * first) * (1 - 0.5 * second)
    process = Poisson(mean=50) if kind == "whole" else Normal(mean=50, sd=5)
    demand = process.scaled(draw("demand", periods=2000, episodes=500), factor)[100:, 0]
    mean, deviation = with_promotions(events, "store_1", partial(process.scaled_moments, ["product"]))
    assert mean == pytest.approx(demand.mean(), rel=0.01)
    assert deviation == pytest.approx(demand.std(), rel=0.01)
