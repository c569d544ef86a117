"""AgileRL trains on the batch, beside seats that rules hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("agilerl")

from agilerl.algorithms import IPPO
from agilerl.training.train_multi_agent_on_policy import train_multi_agent_on_policy

import orderup
from orderup import parallel_env
from orderup.integrations.agilerl import DEFINED, AgileRLNetwork


@pytest.mark.parametrize(
    ("level", "rules"), [("autonomous_silo", None), ("hybrid_soe", None), ("hybrid_soe", {"planner": "base_stock"})]
)
def test_its_ppo_trains(level: str, rules: Any) -> None:
    env = AgileRLNetwork("owmr", level, 4, rules=rules, horizon=10)
    agents = env.possible_agents
    agent = IPPO(
        observation_spaces=[env.single_observation_space(name) for name in agents],
        action_spaces=[env.single_action_space(name) for name in agents],
        agent_ids=agents,
        batch_size=20,
        learn_step=10,
    )
    settings = {"max_steps": 80, "evo_steps": 80, "eval_steps": 10, "verbose": False}
    _, fitness = train_multi_agent_on_policy(env, "owmr", "IPPO", [agent], **settings)
    assert np.isfinite(fitness).all()


def test_a_rule_decides_itself_and_says_what_it_does() -> None:
    env = AgileRLNetwork("owmr", "hybrid_soe", 2, rules={"planner": "base_stock"}, reward_scale=1.0, horizon=9)
    plain = parallel_env("owmr", "hybrid_soe", agents={"planner": "base_stock"}, horizon=9)
    assert env.possible_agents == [*plain.possible_agents, "planner_0"]
    seen, infos = env.reset(seed=1)
    own, _ = plain.reset(seed=1)
    for period in range(8):
        said = infos["planner_0"][DEFINED]
        assert said.shape == (2, 6)
        assert said.any() == (period % 7 == 0)
        for agent, values in own.items():
            np.testing.assert_array_equal(seen[agent][0], values)
        actions = {agent: np.full((2, 1), 0.1 * period, np.float32) for agent in plain.agents}
        seen, rewards, _, _, infos = env.step({**actions, "planner_0": np.full((2, 6), np.nan)})
        own, paid, _, _, _ = plain.step({agent: values[0] for agent, values in actions.items()})
        assert {agent: values[0] for agent, values in rewards.items() if agent in paid} == {
            agent: np.float32(value) for agent, value in paid.items()
        }


@pytest.mark.parametrize("actions", ["level", "discrete"])
def test_what_was_trained_is_judged_and_kept(tmp_path: Path, actions: Any) -> None:
    env = AgileRLNetwork("owmr", num_envs=2, actions=actions)
    agents = env.possible_agents
    trained = IPPO(
        observation_spaces=[env.single_observation_space(name) for name in agents],
        action_spaces=[env.single_action_space(name) for name in agents],
        agent_ids=agents,
    )
    run = orderup.save_policy(trained, "kept", "owmr", actions=actions, folder=tmp_path)
    ours, theirs = (
        orderup.evaluate("owmr", agents=each, episodes=2).episodes["cost"]
        for each in (run, orderup.adapted(trained, actions=actions))
    )
    np.testing.assert_allclose(ours, theirs, rtol=1e-5)
