"""Every scenario at every visibility keeps what PettingZoo, Gymnasium and Stable-Baselines3 expect, and what they forget."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pettingzoo.test import api_test, parallel_api_test
from pettingzoo.utils.conversions import parallel_to_aec

from orderup import central_env, parallel_env, vector_env
from orderup.envs.api.parallel import ParallelNetwork
from orderup.envs.authority.actions import ActionMap
from orderup.envs.autonomy.autonomy import PLANNER, VISIBILITIES
from orderup.envs.catalogue import list_autonomy, load_autonomy
from orderup.envs.scenario.naming import NAME
from orderup.envs.simulator import Simulator

from ...covering import covered
from ...every_scenario import SCENARIOS
from ...examples import some
from ..clients import PERIODS, actions_for, assert_same
from ..networks import Case, cases

pytestmark = pytest.mark.usefixtures("recorded_twin")

Level = dict[str, str]
LEVELS: list[Level] = [{"name": "test", "visibility": visibility, "authority": "autonomous"} for visibility in VISIBILITIES]
LEVELS += [{"name": "test", "visibility": visibility, "authority": "central"} for visibility in ("silo", "integrated")]
CENTRE = LEVELS[-1]
MIXED = ["central_periodic", "central_single", "central_stale", "hybrid_soe", "hybrid_sop", "management_by_exception"]
everywhere = pytest.mark.parametrize("scenario", SCENARIOS)
at_every_level = covered("level", LEVELS, lambda level: f"{level['visibility']}-{level['authority']}")
shared_out = covered("autonomy", MIXED)


# The libraries' own tests, with every warning an error but two: stock and levels have no bounds, and a centre sees more


@pytest.fixture
def strict() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", message=".*space(?: maximum| minimum)? value is -?infinity")
        warnings.filterwarnings("ignore", message="(Agents|Observations|Actions) (have|are) different")
        yield


@at_every_level
@pytest.mark.usefixtures("strict")
def test_it_passes_pettingzoos_tests(scenario: str, level: Level) -> None:
    parallel_api_test(parallel_env(scenario, level, horizon=PERIODS), num_cycles=2 * PERIODS)
    api_test(parallel_to_aec(parallel_env(scenario, level, horizon=PERIODS)), num_cycles=3 * PERIODS)


@shared_out
@pytest.mark.usefixtures("strict")
def test_it_passes_them_where_a_centre_and_sites_share_the_work(scenario: str, autonomy: str) -> None:
    parallel_api_test(parallel_env(scenario, autonomy, horizon=PERIODS), num_cycles=2 * PERIODS)
    api_test(parallel_to_aec(parallel_env(scenario, autonomy, horizon=PERIODS)), num_cycles=3 * PERIODS)


@everywhere
@pytest.mark.parametrize("visibility", ["silo", "integrated"])
@pytest.mark.usefixtures("strict")
def test_it_passes_gymnasiums_test(scenario: str, visibility: str) -> None:
    check_env(central_env(scenario, {**CENTRE, "visibility": visibility}, horizon=PERIODS), skip_render_check=True)


@everywhere
@pytest.mark.usefixtures("strict")
def test_it_passes_stable_baselines_test(scenario: str) -> None:
    from stable_baselines3.common.env_checker import check_env as check_for_sb3

    check_for_sb3(central_env(scenario, CENTRE, horizon=PERIODS))


# What they leave out


def spoil(step: tuple[Any, ...]) -> None:
    """Write into whatever was returned, as some clients do."""
    for part in step:
        for value in part.values():
            if isinstance(value, np.ndarray):
                value[...] = -7.0
            elif isinstance(value, dict):
                value.clear()
        part.clear()


def assert_promises(env: ParallelNetwork, step: tuple[Any, ...], keys: list[str], last: bool) -> None:
    observations, rewards, terminations, truncations, infos = step
    for part in step:
        assert list(part) == env.possible_agents
    for agent in env.possible_agents:
        observation, space = observations[agent], env.observation_space(agent)
        assert (observation.dtype, observation.shape) == (np.float32, space.shape)
        assert space.contains(observation)
        assert isinstance(rewards[agent], float)
        assert np.isfinite(rewards[agent])
        assert (terminations[agent], truncations[agent]) == (False, last)
        assert list(infos[agent]) == keys
        assert all(isinstance(value, (int, float)) and np.isfinite(value) for value in infos[agent].values())
    assert env.agents == ([] if last else env.possible_agents)
    state = env.state()
    assert state.dtype == np.float32
    assert env.state_space.contains(state)


def assert_episode(scenario: Any, level: Level | str) -> None:
    """One episode beside its twin, whose returned values are left alone while ours are overwritten."""
    env, twin = (parallel_env(scenario, level, horizon=PERIODS) for _ in range(2))
    spaces = [(env.observation_space(agent), env.action_space(agent), env.state_space) for agent in env.possible_agents]
    observations, infos = env.reset(seed=3, options={"nobody": "knows"})
    twin.reset(seed=3)
    keys, rng = list(next(iter(infos.values()))), np.random.default_rng(3)
    assert list(observations) == list(infos) == env.agents == env.possible_agents
    assert all(re.match(NAME, agent) for agent in env.possible_agents)
    assert all(env.observation_space(agent).contains(observations[agent]) for agent in env.agents)
    spoil((observations, infos))
    for period in range(1, PERIODS + 1):
        actions = actions_for(env, rng)
        step, expected = env.step(actions), twin.step(actions)
        assert_promises(env, step, keys, last=period == PERIODS)
        for ours, theirs in zip(step, expected, strict=True):
            assert_same(ours, theirs)
        spoil(step)
        env.state()[...] = -7.0
    for agent, kept in zip(env.possible_agents, spaces, strict=True):
        assert all(
            a is b for a, b in zip((env.observation_space(agent), env.action_space(agent), env.state_space), kept, strict=True)
        )
    with pytest.raises(RuntimeError, match="reset"):
        env.step({})


@at_every_level
def test_an_episode_keeps_every_promise(scenario: str, level: Level) -> None:
    assert_episode(scenario, level)


@shared_out
def test_an_episode_of_a_centre_and_sites_keeps_them(scenario: str, autonomy: str) -> None:
    assert_episode(scenario, autonomy)


def test_no_level_that_comes_with_the_project_is_left_out() -> None:
    alone = [load_autonomy({**level, "name": "test"}) for level in LEVELS]
    for name in list_autonomy():
        ours = load_autonomy(name)
        assert name in MIXED or any(
            ours == other.model_copy(update={"name": name, "description": ours.description}) for other in alone
        )


@settings(max_examples=some(60))
@given(cases(), st.sampled_from([*LEVELS, *MIXED]))
def test_random_networks_keep_them_too(case: Case, level: Level | str) -> None:
    assert_episode(case.scenario, level)


@at_every_level
def test_the_same_seed_gives_the_same_episode_and_no_seed_the_next(scenario: str, level: Level) -> None:
    def episode(env: ParallelNetwork, seed: int | None) -> bytes:
        observations, _ = env.reset(seed=seed)
        rng, seen = np.random.default_rng(5), [*observations.values()]
        while env.agents:
            observations, rewards, *_ = env.step(actions_for(env, rng))
            seen += [*observations.values(), np.array([*rewards.values()])]
        return b"".join(array.tobytes() for array in seen)

    env, other = (parallel_env(scenario, level, horizon=PERIODS) for _ in range(2))
    first = [episode(env, seed) for seed in (3, None, None)]
    env.reset(seed=9)
    env.step(actions_for(env, np.random.default_rng(0)))
    assert [episode(env, seed) for seed in (3, None)] == first[:2]
    assert [episode(other, seed) for seed in (3, None, None)] == first
    if Simulator(scenario).numpy_network.loads.deviation.any():  # elsewhere demand is the same in every episode
        assert len(set(first)) == 3


@at_every_level
def test_all_interfaces_tell_the_same_story(scenario: str, level: Level) -> None:
    copies, rng = 2, np.random.default_rng(1)
    rows = vector_env(scenario, level, copies=copies, horizon=PERIODS, reward_scale=1.0)
    rows.seed(4)
    found: Any = rows.reset()
    simulator = Simulator(scenario, level, batch=copies, horizon=PERIODS)
    simulator.reset(seed=4)
    to_decision = ActionMap(simulator.numpy_network, simulator.seats)
    envs = [parallel_env(scenario, level, horizon=PERIODS) for _ in range(copies)]
    for number, env in enumerate(envs):
        for episode in range(number + 1):
            observations, _ = env.reset(seed=None if episode else 4)
        assert_rows(found, observations, number)
    for _ in range(PERIODS):
        actions = rng.uniform(-1, 1, (rows.num_envs, *(rows.action_space.shape or ()))).astype(np.float32)
        found, rewards, dones, infos = rows.step(actions)
        joint = actions.reshape(copies, len(simulator.seats), -1)
        _, ledger, done = simulator.step(to_decision(joint, simulator.backend))
        last = np.stack([info["terminal_observation"] for info in infos]) if done else found
        assert dones.tolist() == [done] * rows.num_envs
        for number, env in enumerate(envs):
            observations, paid, _, truncations, info = env.step(dict(zip(env.agents, joint[number], strict=True)))
            assert_rows(last, observations, number)
            np.testing.assert_array_equal(rewards.reshape(copies, -1)[number], np.array([*paid.values()], np.float32))
            assert sum(entry["cost"] for entry in info.values()) == pytest.approx(ledger.cost[number], rel=1e-12)
            assert set(truncations.values()) == {done}


def assert_rows(rows: NDArray[np.float32], observations: dict[str, NDArray[np.float32]], number: int) -> None:
    seats = len(observations)
    np.testing.assert_array_equal(rows[number * seats : (number + 1) * seats], np.stack([*observations.values()]))


@everywhere
def test_the_central_environment_is_the_parallel_ones_planner(scenario: str) -> None:
    central, parallel = central_env(scenario, CENTRE, horizon=PERIODS), parallel_env(scenario, CENTRE, horizon=PERIODS)
    assert parallel.possible_agents == [PLANNER]
    observation, info = central.reset(seed=2)
    observations, infos = parallel.reset(seed=2)
    rng, truncated = np.random.default_rng(2), False
    while not truncated:
        np.testing.assert_array_equal(observation, observations[PLANNER])
        assert info == infos[PLANNER]
        action = rng.uniform(-1, 1, central.action_space.shape or ()).astype(np.float32)
        observation, reward, terminated, truncated, info = central.step(action)
        observations, rewards, _, truncations, infos = parallel.step({PLANNER: action})
        assert (reward, terminated, truncated) == (rewards[PLANNER], False, truncations[PLANNER])
