"""Every form of the environment is a view of one simulator: the same seed and actions, the same story."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
import pettingzoo
import pytest
from pettingzoo.test import api_test, parallel_api_test, seed_test

from orderup import aec_env, batched_env, central_env, central_vector_env, parallel_env
from orderup.envs.autonomy.autonomy import PLANNER
from orderup.envs.foundation.errors import InputError, UnknownName
from orderup.envs.foundation.shipped_configs import list_autonomy
from orderup.envs.simulator import Simulator

from ..clients import PERIODS, assert_same, sampled

LEVELS = [name for name in list_autonomy() if name != "central_single"]
everywhere = pytest.mark.parametrize("level", LEVELS)
ACTIONS: list[Any] = ["level", "quantity", "discrete"]


@everywhere
@pytest.mark.parametrize("actions", ACTIONS)
def test_copies_in_a_batch_are_parallel_environments(level: str, actions: Any) -> None:
    if actions == "quantity" and Simulator("owmr", level).autonomy.acts.executes_levels:
        pytest.skip("levels have to be set here")
    options: dict[str, Any] = {"actions": actions, "horizon": PERIODS, "reward_scale": "auto"}
    batch, envs = batched_env("owmr", level, 2, **options), [parallel_env("owmr", level, **options) for _ in range(2)]
    seen, infos = batch.reset(seed=4)
    ours = [env.reset(seed=4) for env in envs]
    ours[1] = envs[1].reset()
    for number, (observations, told) in enumerate(ours):
        assert_same({agent: values[number] for agent, values in seen.items()}, observations)
        for agent, info in told.items():
            assert {name: values[number] for name, values in infos[agent].items() if name != "action_mask"} == {
                name: value for name, value in info.items() if name != "action_mask"
            }
    for period in range(PERIODS):
        chosen = [sampled(env, 10 * period + number) for number, env in enumerate(envs)]
        together = {agent: np.stack([one[agent] for one in chosen]) for agent in batch.possible_agents}
        seen, paid, never, ended, infos = batch.step(together)
        for number, env in enumerate(envs):
            observations, rewards, terminations, truncations, told = env.step(chosen[number])
            last = truncations[env.possible_agents[0]]
            shown = {agent: (infos[agent]["final_obs"] if last else seen[agent])[number] for agent in seen}
            assert_same(shown, observations)
            for agent in env.possible_agents:
                assert paid[agent][number] == np.float32(rewards[agent])
                assert (never[agent][number], ended[agent][number]) == (terminations[agent], truncations[agent])
                assert infos[agent]["cost"][number] == pytest.approx(told[agent]["cost"])
    assert ended[batch.possible_agents[0]].all()


@everywhere
def test_turns_come_to_the_same_as_deciding_at_once(level: str) -> None:
    turns, parallel = aec_env("owmr", level, horizon=PERIODS), parallel_env("owmr", level, horizon=PERIODS)
    turns.reset(seed=3)
    observations, infos = parallel.reset(seed=3)
    for period in range(PERIODS):
        actions = sampled(parallel, period)
        assert_same({agent: turns.observe(agent) for agent in parallel.agents}, observations)
        assert turns.infos == infos
        for _ in turns.possible_agents:
            turns.step(actions[turns.agent_selection])
        observations, rewards, terminations, truncations, infos = parallel.step(actions)
        assert turns.rewards == rewards
        assert (turns.terminations, turns.truncations) == (terminations, truncations)
    assert all(turns.truncations.values())


def test_turns_go_from_the_planner_to_the_sites_downstream_first() -> None:
    env = aec_env("serial_poisson", "hybrid_soe")
    assert env.possible_agents[0] == PLANNER
    sites = parallel_env("serial_poisson").network.sites
    assert env.possible_agents[1:] == list(sites)


@pytest.mark.parametrize("level", ["autonomous_silo", "hybrid_soe", "central_ideal"])
@pytest.mark.parametrize("actions", ["level", "discrete"])
def test_turns_pass_pettingzoos_tests(level: str, actions: str) -> None:
    api_test(aec_env("owmr", level, horizon=PERIODS, actions=actions), num_cycles=40)
    seed_test(lambda: aec_env("owmr", level, horizon=PERIODS, actions=actions), num_cycles=10)
    parallel_api_test(parallel_env("owmr", level, horizon=PERIODS, actions=actions), num_cycles=10)


def test_masks_in_observations_pass_them_too() -> None:
    api_test(aec_env("owmr", horizon=PERIODS, actions="discrete", action_mask="observation"), num_cycles=40)


def test_a_bad_turn_is_refused_at_once_and_not_over() -> None:
    env = aec_env("owmr", horizon=PERIODS)
    env.reset(seed=0)
    first = env.agent_selection
    with pytest.raises(InputError, match=rf"^actions\[{first}\]: found nan"):
        env.step(np.float32(np.nan))
    assert env.agent_selection == first
    with pytest.raises(UnknownName, match="did you mean 'store_1'"):
        env.observe("store_11")


@pytest.mark.parametrize("mode", ["SameStep", "NextStep", "Disabled"])
def test_a_true_vector_environment_is_the_central_one_many_times(mode: str) -> None:
    many = central_vector_env("owmr", num_envs=2, horizon=3, autoreset_mode=mode, reward_scale=1.0)
    one = central_env("owmr", horizon=3)
    seen, _ = many.reset(seed=[6, 7])
    ours, _ = one.reset(seed=6)
    np.testing.assert_array_equal(seen[0], ours)
    for period in range(3):
        actions = np.random.default_rng(period).uniform(-1, 1, many.action_space.shape or ()).astype(np.float32)
        seen, rewards, _, ended, infos = many.step(actions)
        ours, reward, _, truncated, info = one.step(actions[0])
        last: Any = infos.get("final_info", infos)
        assert (rewards[0], ended[0], last["cost"][0]) == (reward, truncated, info["cost"])
        np.testing.assert_array_equal(np.asarray(infos.get("final_obs", seen))[0], ours)
    if mode == "Disabled":
        with pytest.raises(RuntimeError, match="reset"):
            many.step(actions)
        return
    if mode == "NextStep":
        seen, rewards, _, ended, _ = many.step(actions)
        assert not rewards.any()
        assert not ended.any()
    following, _ = one.reset()
    following, _ = one.reset()  # the batch has played episodes 0 and 1
    np.testing.assert_array_equal(seen[0], following)


def test_the_registries_know_all_forms() -> None:
    assert pettingzoo.make("aec", "orderup/owmr-v0", autonomy="federated").unwrapped.max_cycles == 200
    env = gymnasium.make_vec("orderup/owmr-v0", vectorization_mode="vector_entry_point", num_envs=4)
    assert type(env).__name__ == "CentralVectorNetwork"
    assert env.observation_space.shape == (4, 90)
