"""What every form of the environment can be asked for, and says alike: scales, clipping, shapes, bounds, sets."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from orderup import aec_env, batched_env, central_env, central_vector_env, parallel_env, vector_env
from orderup.envs.authority.reward_scale import closed_form_cost
from orderup.envs.autonomy.autonomy import PLANNER
from orderup.envs.foundation.errors import InputError, UnknownName
from orderup.envs.simulator import Simulator

from ..clients import assert_same, sampled


def test_rewards_are_scaled_by_the_closed_form_and_costs_are_told_in_money() -> None:
    scale = 1.0 / closed_form_cost(Simulator("owmr").numpy_network)
    env, raw = parallel_env("owmr", reward_scale="auto"), parallel_env("owmr")
    env.reset(seed=1)
    raw.reset(seed=1)
    actions = sampled(env, 0)
    _, rewards, _, _, infos = env.step(actions)
    _, costs, _, _, told = raw.step(actions)
    for agent in env.agents:
        assert rewards[agent] == pytest.approx(costs[agent] * scale)
        assert infos[agent]["cost"] == told[agent]["cost"]
        assert infos[agent]["reward_scale"] == pytest.approx(scale)
        assert told[agent]["reward_scale"] == 1.0
    for learners in (vector_env("owmr", copies=2), batched_env("owmr", num_envs=2), central_vector_env("owmr", num_envs=2)):
        assert learners.reward_scale == pytest.approx(scale)
    assert parallel_env("owmr", "hybrid_soe", reward="tracking", reward_scale="auto").reward_scale == 1.0
    with pytest.raises(InputError, match="^reward_scale: found 0; accepted: auto, or a number above 0"):
        parallel_env("owmr", reward_scale=0)


def test_the_closed_form_cost_is_the_newsvendors() -> None:
    cost = closed_form_cost(Simulator({**NORMAL}).numpy_network)
    assert cost == pytest.approx(1.9976, abs=2e-4)


NORMAL: dict[str, Any] = {
    "name": "normal",
    "horizon": 10,
    "sites": {"store_1": {"role": "store", "holding": 0.18}},
    "lanes": [{"from": "supplier", "to": "store_1", "lead_time": 0}],
    "customers": [{"site": "store_1", "shortage": 0.70, "unmet": "backlog", "demand": {"type": "normal", "mean": 50, "sd": 8}}],
}


@pytest.mark.parametrize("given", [1.000001, np.float64(1.5), [[1.0]], np.array(1.0), np.inf, np.array([3.0], np.float64)])
def test_numbers_are_clipped_and_reshaped_alike_in_every_form(given: Any) -> None:
    def paid(env: Any, actions: Any) -> float:
        env.reset(seed=1)
        return float(np.asarray(env.step(actions)[1]["store_1"]).item())

    env = parallel_env("newsvendor", reward_scale=1.0)
    expected = paid(env, {"store_1": np.ones(1, np.float32)})
    assert paid(env, {"store_1": given}) == expected
    assert paid(batched_env("newsvendor", num_envs=1, reward_scale=1.0), {"store_1": given}) == np.float32(expected)
    turns = aec_env("newsvendor")
    turns.reset(seed=1)
    turns.step(given)
    assert turns.rewards["store_1"] == expected
    centre = central_env("newsvendor", "central_ideal")
    centre.reset(seed=1)
    assert centre.step(given)[1] == expected
    many = vector_env("newsvendor", copies=1, reward_scale=1.0)
    many.seed(1)
    many.reset()
    assert many.step(np.asarray(given))[1][0] == np.float32(expected)
    vector = central_vector_env("newsvendor", num_envs=1, reward_scale=1.0)
    vector.reset(seed=1)
    assert vector.step(given)[1][0] == expected


def test_not_a_number_is_refused_in_every_form() -> None:
    nan = np.full((1,), np.nan, np.float32)
    makers: list[tuple[Any, Any]] = [
        (parallel_env, {"store_1": nan}),
        (batched_env, {"store_1": nan}),
        (aec_env, nan),
        (central_env, nan),
        (vector_env, nan),
        (central_vector_env, nan),
    ]
    for make, actions in makers:
        many = {"num_envs": 1} if make in (batched_env, central_vector_env) else {"copies": 1} if make is vector_env else {}
        env = make("newsvendor", **many)
        env.reset()
        with pytest.raises(InputError, match="nan"):
            env.step(actions)


def test_planner_and_sites_can_have_spaces_of_one_shape() -> None:
    env, plain = (parallel_env("owmr", "hybrid_soe", uniform=uniform, horizon=3) for uniform in (True, False))
    assert len({env.observation_space(agent).shape for agent in env.possible_agents}) == 1
    assert len({env.action_space(agent).shape for agent in env.possible_agents}) == 1
    seen, _ = env.reset(seed=2)
    own, _ = plain.reset(seed=2)
    for agent, values in own.items():
        np.testing.assert_array_equal(seen[agent][: len(values)], values)
        assert not seen[agent][len(values) :].any()
        assert env.observation_space(agent).contains(seen[agent])
    actions = sampled(env, 1)
    short = {agent: action[: plain.action_space(agent).shape[0]] for agent, action in actions.items()}
    assert env.step(actions)[1] == plain.step(short)[1]
    rows = vector_env("owmr", "hybrid_soe", copies=2, uniform=True)
    assert rows.num_envs == 14
    rows.reset()
    assert np.isfinite(rows.step(np.zeros((14, 6), np.float32))[1]).all()


def test_observations_can_be_bounded() -> None:
    env, plain = parallel_env("owmr", bounds=0.5, horizon=3), parallel_env("owmr", horizon=3)
    seen, _ = env.reset(seed=2)
    own, _ = plain.reset(seed=2)
    for agent, values in own.items():
        assert env.observation_space(agent).is_bounded()
        np.testing.assert_array_equal(seen[agent], values.clip(-0.5, 0.5))
    assert parallel_env("owmr", "hybrid_soe", bounds=True).observation_space("store_1").is_bounded()
    with pytest.raises(InputError, match="^bounds: found -1"):
        parallel_env("owmr", bounds=-1)


def test_an_idle_planner_may_say_nothing() -> None:
    env, twin = (parallel_env("owmr", "hybrid_soe", horizon=10) for _ in range(2))
    _, infos = env.reset(seed=1)
    twin.reset(seed=1)
    for period in range(9):
        actions = sampled(env, period)
        said = {agent: action for agent, action in actions.items() if agent != PLANNER or infos[PLANNER]["active"]}
        assert len(said) == 7 - (period % 7 > 0)
        _, rewards, _, _, infos = env.step(said)
        assert rewards == twin.step(actions)[1]
    env.reset(seed=1)
    with pytest.raises(InputError, match=r"^actions\[planner_0\]: found 'nothing'"):
        env.step({agent: action for agent, action in actions.items() if agent != PLANNER})


def test_the_length_of_an_episode_has_two_names() -> None:
    for make in (parallel_env, aec_env, batched_env, vector_env):
        assert make("owmr", max_cycles=7).max_cycles == 7
    assert central_env("owmr", max_cycles=7).max_episode_steps == 7
    assert central_vector_env("owmr", max_cycles=7).max_episode_steps == 7
    with pytest.raises(InputError, match="^horizon: found 'max_cycles too'"):
        parallel_env("owmr", horizon=3, max_cycles=4)


def test_a_central_environment_tells_what_the_parallel_one_does() -> None:
    env, parallel = central_env("owmr"), parallel_env("owmr", "central_ideal")
    env.reset(seed=1)
    parallel.reset(seed=1)
    np.testing.assert_array_equal(env.state(), parallel.state())
    assert env.state_space.contains(env.state())
    assert env.observation_table() == parallel.observation_table(PLANNER)
    assert env.render_fps == env.metadata["render_fps"] == 4
    check_env(central_env("newsvendor", horizon=4, actions="discrete", bounds=True), skip_render_check=True)


def test_spaces_are_there_as_mappings_too() -> None:
    env = parallel_env("owmr", "hybrid_soe")
    for agent in env.possible_agents:
        assert env.observation_spaces[agent] is env.observation_space(agent)
        assert env.action_spaces[agent] is env.action_space(agent)


def test_a_reward_can_be_a_function_of_what_a_period_came_to() -> None:
    env = parallel_env("owmr", reward=lambda outcome: -outcome.terms["shortage"])
    env.reset(seed=1)
    _, rewards, _, _, infos = env.step(dict.fromkeys(env.agents, np.float32(-1)))
    assert {agent: -value for agent, value in rewards.items()} == {agent: info["shortage"] for agent, info in infos.items()}
    env = parallel_env("owmr", reward=lambda outcome: outcome.cost[:2])
    env.reset(seed=1)
    with pytest.raises(InputError, match=r"^reward: found 'an array of shape \(2, 1\)'"):
        env.step(dict.fromkeys(env.agents, np.float32(-1)))


@pytest.mark.parametrize("level", ["autonomous_silo", "federated", "hybrid_soe", "central_ideal"])
@pytest.mark.parametrize("scenario", ["owmr", "assembly", "disruption_storm", "dual_source"])
def test_sets_lie_in_their_spaces_and_hold_what_is_known(scenario: str, level: str) -> None:
    env = parallel_env(scenario, level, observations="tokens", horizon=4)
    seen, _ = env.reset(seed=1)
    batch = batched_env(scenario, level, 2, observations="tokens", horizon=4)
    many, _ = batch.reset(seed=1)
    for period in range(3):
        for agent in env.agents:
            assert env.observation_space(agent).contains(seen[agent])
            assert_same({name: values[0] for name, values in many[agent].items()}, seen[agent])
        actions = sampled(env, period)
        seen = env.step(actions)[0]
        many = batch.step({agent: np.stack([action] * 2) for agent, action in actions.items()})[0]


def test_a_set_says_who_is_not_there() -> None:
    env = parallel_env("owmr", "federated", observations="tokens")
    seen, _ = env.reset(seed=1)
    assert seen["store_1"]["customers_mask"].tolist() == [0] * 5
    assert not seen["store_1"]["customers"].any()
    assert seen["store_1"]["others_mask"].tolist() == [1, 0, 0, 0, 0]
    assert seen["warehouse_1"]["others_mask"].tolist() == [1] * 5
    assert "others" not in parallel_env("owmr", observations="tokens").observation_space("store_1").spaces


def test_sets_of_planner_and_sites_have_no_one_format() -> None:
    with pytest.raises(InputError, match="^uniform: found 'observations=tokens'"):
        parallel_env("owmr", "hybrid_soe", observations="tokens", uniform=True)
    with pytest.raises(UnknownName, match="^observations: found 'tokns'.*did you mean 'tokens'"):
        parallel_env("owmr", observations="tokns")
