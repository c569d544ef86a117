"""Steps by recorded programs come to what they come to array by array: bit for bit, whatever happens in between."""

from __future__ import annotations

import os
import pickle
import random
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from orderup.envs.api.seats import Seats
from orderup.envs.foundation.errors import InputError
from orderup.envs.simulator import Simulator

from ..covering import at_length
from ..every_scenario import SCENARIOS
from .levels_of_autonomy import level
from .networks import with_everything
from .recorded_twins import LEVELS, begun, drawn, equal, look, needs_numba

pytestmark = needs_numba
REWARDS: tuple[Any, ...] = ("own", "team", 0.3)
SOME = ("owmr", "reference-small", "transship-small", "disruption_storm-small")
"""Scenarios that are played at every level in seconds."""


def played(scenario: Any, autonomy: Any, reward: Any = "own", horizon: int = 9) -> None:
    """Two episodes, looked at on their way."""
    twins = begun(scenario, autonomy, reward=reward, horizon=horizon)
    twins.play(looks=(2, 5))
    twins.reset()
    twins.play()
    assert twins.refusal is None


def accepts(reward: Any, autonomy: Any) -> bool:
    try:
        Seats("owmr", autonomy, batch=1, reward=reward)
    except InputError:
        return False
    return True


# The same numbers


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_scenario_comes_to_the_same(scenario: str, recorded_twin: Path) -> None:
    played(scenario, "autonomous_silo")


@pytest.mark.parametrize("autonomy", LEVELS)
@pytest.mark.parametrize("scenario", SOME)
def test_some_come_to_the_same_at_every_level_without_a_late_feed(scenario: str, autonomy: str) -> None:
    played(scenario, autonomy, "team")


@pytest.mark.parametrize("scenario", [pytest.param(name, marks=at_length(name)) for name in SCENARIOS])
def test_every_scenario_comes_to_the_same_at_every_level_and_for_every_reward(scenario: str, recorded_twin: Path) -> None:
    for number, autonomy in enumerate(LEVELS):
        played(scenario, autonomy, REWARDS[number % 3])
        if accepts("tracking", autonomy):
            played(scenario, autonomy, "tracking")


@pytest.mark.parametrize("authority", ["autonomous", "target", "band", "approve"])
def test_rewards_of_every_kind_come_to_the_same_under_every_authority(authority: str) -> None:
    keys = {"band": {"band": 0.5}, "approve": {"approval_threshold": 2.0, "approval_latency": 1}}.get(authority, {})
    autonomy = level(authority, cadence=1 if authority == "autonomous" else 3, **keys)
    for reward in (*REWARDS, "tracking"):
        if accepts(reward, autonomy):
            played("owmr", autonomy, reward)


def random_network(seed: int, sites: int = 3) -> None:
    """A network with everything, at one level after the other; what cannot be put in order is the only reason not to record."""
    rng = random.Random(seed)
    scenario = with_everything(seed, rng.randint(1, sites), rng.randint(1, 2))
    twins = begun(scenario, LEVELS[seed % len(LEVELS)], seed=seed, reward=REWARDS[seed % 3], horizon=3)
    twins.play(looks=(2,))
    assert twins.refusal in (None, "argsort of many")


def test_random_networks_with_everything_switched_on_come_to_the_same() -> None:
    for seed in range(10):
        random_network(seed, sites=2)


@pytest.mark.slow
@pytest.mark.parametrize("hundred", range(int(os.environ.get("ORDERUP_HUNDREDS", "1"))))  # 20 take a quarter of an hour
def test_hundreds_of_random_networks_with_everything_switched_on_come_to_the_same(hundred: int) -> None:
    for seed in range(100 * hundred, 100 * hundred + 100):
        random_network(seed)


@pytest.mark.parametrize("batch", [1, 17, 300])
def test_batches_of_any_size_come_to_the_same(batch: int) -> None:
    for form in ("level", "quantity"):
        begun("transship-small", batch=batch, horizon=6, actions=form).play(looks=(3,))


@pytest.mark.parametrize("scenario", ["owmr", "reference-small", "lost_sales"])
def test_single_precision_comes_to_the_same(scenario: str) -> None:
    twins = begun(scenario, dtype="float32", horizon=8)
    twins.play(looks=(3,))
    twins.reset()
    doubled = {party: array.astype(np.float64) / 3.0 for party, array in drawn(twins.plain, twins.rng).items()}
    twins.step(doubled)  # type: ignore[arg-type] # of another type than learners say
    assert twins.refusal is None


# What happens in between


def test_a_look_in_every_period_and_none_at_all_come_to_the_same() -> None:
    begun("disruption_storm-small", "central_ideal", horizon=12).play(looks=tuple(range(12)))
    begun("disruption_storm-small", "central_ideal", horizon=12).play()


@pytest.mark.parametrize(("scenario", "autonomy"), [("transship-small", "autonomous_silo"), ("owmr", "central_periodic")])
@pytest.mark.parametrize("copied", [deepcopy, lambda twins: pickle.loads(pickle.dumps(twins))], ids=["copied", "pickled"])
def test_copies_in_the_middle_of_an_episode_go_on_as_the_original(copied: Any, scenario: str, autonomy: str) -> None:
    twins = begun(scenario, autonomy, horizon=12)
    for _ in range(4):
        twins.step()
    other = copied(twins)
    twins.play()
    other.play(looks=(6,))
    assert twins.refusal is None
    assert other.refusal is None
    for one, another in zip(look(twins.plain), look(other.recorded), strict=True):
        equal(one, another, "the copy at the end")


def test_an_episode_can_be_given_up_and_another_begun() -> None:
    twins = begun("owmr", "central_periodic", horizon=12)
    for periods in (3, 1, 5):
        for _ in range(periods):
            twins.step()
        twins.reset()
    twins.play()


def test_another_trace_is_played_again_while_one_is_under_way() -> None:
    twins, other = begun("disruption_storm-small"), Simulator("disruption_storm-small", "autonomous_silo", batch=3)
    other.reset(seed=77)
    for trace in (other.trace, twins.plain.simulator.trace):
        assert trace is not None
        twins.step()
        for seats in (twins.plain, twins.recorded):
            seats.simulator.replay(trace)
        for _ in range(4):
            twins.step()
        twins.look()


def test_periods_may_be_played_array_by_array_in_between() -> None:
    twins = begun("reference-small", horizon=12)
    for number in range(10):
        if number % 3 == 2:
            actions = drawn(twins.plain, twins.rng)
            for seats in (twins.plain, twins.recorded):
                seats.simulator.advance(seats.decided(actions))
            twins.look()
        else:
            twins.step()


def test_what_a_step_has_said_stays_as_it_was() -> None:
    twins = begun("owmr", horizon=6)
    kept = []
    for _ in range(5):
        ledger, _ = twins.step()
        seats = twins.recorded
        said = [ledger.by_site, *ledger.by_term.values(), seats.rewards(seats.views[0], ledger), seats.views[0].observations()]
        kept.append((said, [array.copy() for array in said]))
    twins.look()
    for said, before in kept:
        for one, other in zip(said, before, strict=True):
            assert np.array_equal(one, other)


def test_actions_may_be_written_over_once_they_have_been_taken() -> None:
    twins = begun("owmr", horizon=6)
    buffer = drawn(twins.plain, twins.rng)
    for _ in range(5):
        twins.step(buffer)
        for array in buffer.values():
            array[...] = twins.rng.uniform(-1, 1, array.shape)
        twins.look()


def test_no_step_goes_beyond_the_end() -> None:
    twins = begun("owmr", horizon=3)
    twins.play()
    for seats in (twins.plain, twins.recorded):
        with pytest.raises(RuntimeError, match="reset"):
            seats.step(drawn(seats, twins.rng))


def test_actions_of_another_shape_are_refused() -> None:
    twins = begun("owmr", horizon=3)
    short = {party: array[:, :1] for party, array in drawn(twins.plain, twins.rng).items()}
    with pytest.raises(InputError, match=r"actions: .*\(3, 1, 1\).*\(3, \d, 1\)"):
        twins.recorded.step(short)
