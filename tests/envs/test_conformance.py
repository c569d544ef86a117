"""Every scenario at every visibility keeps what PettingZoo, Gymnasium and Stable-Baselines3 expect, and what they forget."""

from __future__ import annotations

import copy
import pickle
import re
import warnings
from collections.abc import Iterator
from typing import Any

import gymnasium
import numpy as np
import pettingzoo
import pytest
from gymnasium.utils.env_checker import check_env
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pettingzoo.test import api_test, parallel_api_test
from pettingzoo.utils.conversions import parallel_to_aec

from orderup import central_env, parallel_env, vector_env
from orderup.envs.actions import ActionMap
from orderup.envs.api.central import CentralNetwork
from orderup.envs.api.parallel import ParallelNetwork
from orderup.envs.autonomy import PLANNER, VISIBILITIES
from orderup.envs.catalogue import list_autonomy, list_scenarios, load_autonomy
from orderup.envs.errors import InputError
from orderup.envs.schema import NAME
from orderup.envs.simulator import Simulator

from .networks import Case, cases

pytestmark = pytest.mark.usefixtures("recorded_twin")

PERIODS = 6
Level = dict[str, str]
LEVELS: list[Level] = [{"name": "test", "visibility": visibility, "authority": "autonomous"} for visibility in VISIBILITIES]
LEVELS += [{"name": "test", "visibility": visibility, "authority": "central"} for visibility in ("silo", "integrated")]
CENTRE = LEVELS[-1]
MIXED = ["central_periodic", "central_stale", "hybrid_soe", "hybrid_sop", "management_by_exception"]
everywhere = pytest.mark.parametrize("scenario", list_scenarios())
at_every_level = pytest.mark.parametrize("level", LEVELS, ids=lambda level: f"{level['visibility']}-{level['authority']}")


def action(*numbers: float) -> NDArray[np.float32]:
    return np.array(numbers, np.float32)


def actions_for(env: ParallelNetwork, rng: np.random.Generator) -> dict[str, NDArray[np.float32]]:
    return {agent: rng.uniform(-1, 1, env.action_space(agent).shape).astype(np.float32) for agent in env.agents}


# The libraries' own tests, with every warning an error but two: stock and levels have no bounds, and a centre sees more


@pytest.fixture
def strict() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", message=".*space(?: maximum| minimum)? value is -?infinity")
        warnings.filterwarnings("ignore", message="(Agents|Observations|Actions) (have|are) different")
        yield


@everywhere
@at_every_level
@pytest.mark.usefixtures("strict")
def test_it_passes_pettingzoos_tests(scenario: str, level: Level) -> None:
    parallel_api_test(parallel_env(scenario, level, horizon=PERIODS), num_cycles=2 * PERIODS)
    api_test(parallel_to_aec(parallel_env(scenario, level, horizon=PERIODS)), num_cycles=3 * PERIODS)


@everywhere
@pytest.mark.parametrize("autonomy", MIXED)
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


def assert_same(ours: Any, theirs: Any) -> None:
    assert ours.keys() == theirs.keys()
    for key, value in ours.items():
        if isinstance(value, dict):
            assert_same(value, theirs[key])
        else:
            np.testing.assert_array_equal(value, theirs[key])


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


@everywhere
@at_every_level
def test_an_episode_keeps_every_promise(scenario: str, level: Level) -> None:
    assert_episode(scenario, level)


@everywhere
@pytest.mark.parametrize("autonomy", MIXED)
def test_an_episode_of_a_centre_and_sites_keeps_them(scenario: str, autonomy: str) -> None:
    assert_episode(scenario, autonomy)


def test_no_level_that_comes_with_the_project_is_left_out() -> None:
    alone = [load_autonomy({**level, "name": "test"}) for level in LEVELS]
    for name in list_autonomy():
        ours = load_autonomy(name)
        assert name in MIXED or any(
            ours == other.model_copy(update={"name": name, "description": ours.description}) for other in alone
        )


@settings(max_examples=60)
@given(cases(), st.sampled_from([*LEVELS, *MIXED]))
def test_random_networks_keep_them_too(case: Case, level: Level | str) -> None:
    assert_episode(case.scenario, level)


@everywhere
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
    if scenario != "beer_game":  # whose demand is the same in every episode
        assert len(set(first)) == 3


@everywhere
@at_every_level
def test_all_interfaces_tell_the_same_story(scenario: str, level: Level) -> None:
    copies, rng = 2, np.random.default_rng(1)
    rows = vector_env(scenario, level, copies=copies, horizon=PERIODS)
    rows.seed(4)
    found: Any = rows.reset()
    simulator = Simulator(scenario, level, batch=copies, horizon=PERIODS)
    simulator.reset(seed=4)
    to_decision = ActionMap(simulator.plan, simulator.seats)
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


# Single promises


def test_both_registries_know_every_scenario() -> None:
    import orderup  # noqa: F401 # which registers them

    for name in list_scenarios():
        assert isinstance(pettingzoo.make("parallel", f"orderup/{name}-v0", autonomy="federated", horizon=3), ParallelNetwork)
        assert isinstance(gymnasium.make(f"orderup/{name}-v0", horizon=3).unwrapped, CentralNetwork)


def test_an_environment_can_be_pickled_and_copied_in_the_middle_of_an_episode() -> None:
    env, rng = parallel_env("owmr", horizon=PERIODS), np.random.default_rng(0)
    env.reset(seed=1)
    env.step(actions_for(env, rng))
    actions = actions_for(env, rng)
    others = [pickle.loads(pickle.dumps(env)), copy.deepcopy(env)]
    step = env.step(actions)
    for other in others:
        for ours, theirs in zip(step, other.step(actions), strict=True):
            assert_same(ours, theirs)


def test_it_renders_as_text_if_asked() -> None:
    env = parallel_env("owmr", render_mode="ansi")
    env.reset(seed=1)
    assert "warehouse_1" in str(env.render())
    assert parallel_env("owmr").render() is None
    assert parallel_env("owmr").render_mode is None
    with pytest.raises(InputError, match="render_mode: found 'svg'; accepted: one of ansi"):
        parallel_env("owmr", render_mode="svg")


def test_a_reward_is_ones_own_cost_the_teams_or_between() -> None:
    paid = {}
    for reward in ("own", "team", 0.25):
        env = parallel_env("owmr", reward=reward, horizon=1)
        env.reset(seed=1)
        _, rewards, _, _, infos = env.step(dict.fromkeys(env.agents, action(0.3)))
        paid[reward] = np.array([*rewards.values()])
        cost = np.array([info["cost"] for info in infos.values()])
    np.testing.assert_allclose(paid["own"], -cost)
    np.testing.assert_allclose(paid["team"], -cost.mean())
    np.testing.assert_allclose(paid[0.25], -(0.75 * cost + 0.25 * cost.mean()))


def test_a_central_environment_wants_a_centre() -> None:
    with pytest.raises(
        InputError, match="autonomy: found 'open seats store_1.*; accepted: a level whose only open seat is the planner's"
    ):
        central_env("owmr", "autonomous_silo")


# What a VecEnv owes to Stable-Baselines3


def test_rows_begin_the_next_episodes_when_all_have_ended() -> None:
    env, twin = (vector_env("owmr", copies=2, horizon=3) for _ in range(2))
    env.seed(0)
    twin.seed(0)
    first: Any = env.reset()
    first[...] = -7
    twin.reset()
    hold = np.full((env.num_envs, 1), -1, dtype=np.float32)
    for period in range(1, 8):
        ours, theirs = env.step(hold), twin.step(hold)
        one: Any
        for one, other in zip(ours[:3], theirs[:3], strict=True):
            np.testing.assert_array_equal(one, other)
            one[...] = -7
        _, _, dones, infos = theirs
        assert dones.tolist() == [period % 3 == 0] * env.num_envs
        if period % 3 == 0:
            assert all(info["TimeLimit.truncated"] for info in infos)
            assert not np.array_equal(np.array(theirs[0]), np.stack([info["terminal_observation"] for info in infos]))
            for info in ours[3]:
                info.pop("terminal_observation")[...] = -7
        else:
            assert not any(infos)


def test_the_next_episodes_are_the_ones_that_come_next() -> None:
    env, other = vector_env("owmr", copies=2, horizon=3), vector_env("owmr", copies=4, horizon=3)
    env.seed(5)
    other.seed(5)
    env.reset()
    other.reset()
    up = np.full((other.num_envs, 1), 0.5, dtype=np.float32)
    together = [other.step(up)[1].reshape(2, -1) for _ in range(3)]
    for half in range(2):
        for period in range(3):
            np.testing.assert_array_equal(env.step(up[: env.num_envs])[1], together[period][half])


def test_a_row_that_is_not_a_number_is_refused() -> None:
    env = vector_env("owmr", copies=2)
    env.reset()
    actions = np.zeros((env.num_envs, 1), dtype=np.float32)
    actions[7] = np.nan
    with pytest.raises(InputError, match=r"^actions\[7\]: found \[nan\]"):
        env.step(actions)


def test_ppo_learns_on_rows_and_on_the_centre() -> None:
    from stable_baselines3 import PPO
    from stable_baselines3.common.vec_env import VecMonitor, VecNormalize

    def trained() -> list[float]:
        env = VecNormalize(VecMonitor(vector_env("newsvendor", "autonomous_silo", copies=8, horizon=10)))
        model = PPO("MlpPolicy", env, n_steps=20, batch_size=80, n_epochs=2, seed=1, device="cpu").learn(320)
        return [float(parameter.detach().sum()) for parameter in model.policy.parameters()]

    assert np.isfinite(trained()).all()
    assert trained() == trained()
    PPO("MlpPolicy", central_env("newsvendor", horizon=10), n_steps=20, batch_size=20, device="cpu").learn(20)


# Bad actions


BAD: dict[str, Any] = {
    "NaN": action(np.nan),
    "above": action(1.5),
    "infinite": action(-np.inf),
    "two numbers": action(0, 0),
    "no number": action(),
    "a word": "much",
    "nothing": None,
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_a_bad_action_is_refused_with_the_agents_name(bad: Any) -> None:
    env = parallel_env("owmr")
    env.reset(seed=0)
    good = dict.fromkeys(env.agents, action(0))
    with pytest.raises(InputError, match=r"^actions\[store_3\]: found .*; accepted: .*\[?-1"):
        env.step({**good, "store_3": bad})
    assert env._seats.simulator.now.period == 0
    env.step(good)


def test_a_missing_and_an_unknown_agent_are_named() -> None:
    env = parallel_env("owmr")
    env.reset(seed=0)
    good = dict.fromkeys(env.agents, action(0))
    with pytest.raises(InputError, match=r"^actions\[store_3\]: found 'nothing'"):
        env.step({agent: action for agent, action in good.items() if agent != "store_3"})
    with pytest.raises(InputError, match=r"^actions: found 'store_33'; .*did you mean 'store_3'"):
        env.step({**good, "store_33": action(0)})


@pytest.mark.parametrize("bad", [action(np.nan), action(2), action(0, 0)])
def test_a_bad_action_of_the_planner_is_refused(bad: NDArray[np.float32]) -> None:
    env = central_env("newsvendor")
    env.reset(seed=0)
    with pytest.raises(InputError, match=rf"^actions\[{PLANNER}\]"):
        env.step(bad)


def test_a_seed_that_cannot_be_is_refused() -> None:
    with pytest.raises(InputError, match=r"^seed: found -1; accepted: a whole number from 0"):
        parallel_env("owmr").reset(seed=-1)
