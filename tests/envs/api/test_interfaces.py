"""What single clients of the three interfaces rely on, and what is refused there."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import gymnasium
import numpy as np
import pettingzoo
import pytest
from numpy.typing import NDArray

from orderup import central_env, parallel_env, vector_env
from orderup.envs.api.central import CentralNetwork
from orderup.envs.api.parallel import ParallelNetwork
from orderup.envs.autonomy.autonomy import PLANNER
from orderup.envs.catalogue import list_scenarios
from orderup.envs.foundation.errors import InputError

from ..clients import PERIODS, action, actions_for, assert_same

pytestmark = pytest.mark.usefixtures("recorded_twin")


# Single promises


def test_both_registries_know_every_scenario() -> None:
    import orderup  # noqa: F401 # which registers them

    assert hasattr(pettingzoo, "register")
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


@pytest.mark.parametrize("make", [parallel_env, central_env, vector_env])
def test_every_environment_knows_its_render_modes_and_speed(make: Any) -> None:
    env = make("owmr", "central_ideal", render_mode="ansi")
    env.reset()
    assert str(env.render()).startswith("owmr at central_ideal")
    assert (env.metadata["render_modes"], env.metadata["render_fps"]) == (["ansi", "rgb_array", "human"], 4)
    with pytest.raises(InputError, match="render_mode: found 'svg'; accepted: one of ansi"):
        make("owmr", "central_ideal", render_mode="svg")
    env.close()


def test_the_copies_show_the_first_of_them() -> None:
    env = vector_env("owmr", copies=2, render_mode="rgb_array")
    env.reset()
    first, *others = env.get_images()
    assert others == [None] * 11
    assert first is not None
    assert np.array_equal(env.render(), first)
    assert vector_env("owmr", copies=2).render() is None


def test_an_agent_that_is_not_there_is_refused_by_name() -> None:
    env = parallel_env("owmr")
    for space in (env.observation_space, env.action_space, env.observation_table):
        with pytest.raises(InputError, match="^agent: found 'store_9'; accepted: one of store_1, .*did you mean 'store_"):
            space("store_9")


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
        InputError,
        match="autonomy: found 'open seats store_1.*; accepted: an autonomy level whose only open seat is the planner's",
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
            assert all(info.keys() == {"cost"} for info in infos)


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
    with pytest.raises(InputError, match=r"^actions\[store_3\]: found .*; accepted: 1 number from −1 to 1, without NaN"):
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


@pytest.mark.parametrize("bad", [action(np.nan), action(0, 0)])
def test_a_bad_action_of_the_planner_is_refused(bad: NDArray[np.float32]) -> None:
    env = central_env("newsvendor")
    env.reset(seed=0)
    with pytest.raises(InputError, match=rf"^actions\[{PLANNER}\]"):
        env.step(bad)


def test_a_seed_that_cannot_be_is_refused() -> None:
    with pytest.raises(InputError, match=r"^seed: found -1; accepted: a whole number from 0"):
        parallel_env("owmr").reset(seed=-1)
