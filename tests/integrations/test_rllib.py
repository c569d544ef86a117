"""RLlib trains planner and sites, by its new API stack."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("ray.rllib.algorithms.ppo")

from ray.rllib.algorithms.ppo import PPOConfig
from ray.rllib.core.rl_module.default_model_config import DefaultModelConfig

import orderup
from orderup import parallel_env
from orderup.envs.foundation.errors import UnknownName
from orderup.integrations.rllib import RLlibNetwork, modules, policy_of, register

from ..envs.clients import actions_for, assert_same


@pytest.mark.parametrize(("level", "policies"), [("autonomous_silo", {"sites"}), ("hybrid_soe", {"sites", "planner"})])
def test_planner_and_sites_are_trained(level: str, policies: set[str]) -> None:
    config = {"scenario": "owmr", "autonomy": level, "horizon": 10}
    made = (
        PPOConfig()
        .environment(register("orderup"), env_config=config)
        .multi_agent(policies=policies, policy_mapping_fn=policy_of("party"))
        .rl_module(rl_module_spec=modules(config))
        .env_runners(num_env_runners=0)
        .learners(num_learners=0)
        .training(train_batch_size_per_learner=40, minibatch_size=20, num_epochs=1)
    ).build_algo()
    try:
        assert np.isfinite(made.train()["env_runners"]["episode_return_mean"])
    finally:
        made.stop()


def test_it_tells_what_the_parallel_environment_does() -> None:
    ours = RLlibNetwork({"scenario": "owmr", "autonomy": "hybrid_soe", "reward_scale": 1.0, "bounds": None, "horizon": 3})
    plain, rng = parallel_env("owmr", "hybrid_soe", horizon=3), np.random.default_rng(0)
    assert_same(ours.reset(seed=1)[0], plain.reset(seed=1)[0])
    for period in range(3):
        actions = actions_for(plain, rng)
        (seen, paid, _, ended, _), (own, rewards, _, truncations, _) = ours.step(actions), plain.step(actions)
        assert_same(seen, own)
        assert paid == rewards
        assert ended["__all__"] == all(truncations.values()) == (period == 2)


def test_policies_are_shared_by_party_by_role_or_by_nobody() -> None:
    agents = ["store_1", "warehouse_1", "planner_0"]
    assert [policy_of("party")(agent) for agent in agents] == ["sites", "sites", "planner"]
    assert [policy_of("role")(agent) for agent in agents] == ["store", "warehouse", "planner"]
    assert [policy_of("agent")(agent) for agent in agents] == agents
    with pytest.raises(UnknownName, match="^by: found 'rolle'.*did you mean 'role'"):
        policy_of("rolle")


def test_modules_are_judged_and_kept(tmp_path: Path) -> None:
    specs, usual = modules({"scenario": "owmr", "autonomy": "hybrid_soe"}), PPOConfig().get_default_rl_module_spec()
    for spec in specs.rl_module_specs.values():  # as an algorithm fills in what is left open
        spec.module_class, spec.catalog_class, spec.model_config = usual.module_class, usual.catalog_class, DefaultModelConfig()
    made = specs.build()
    team = {party: made[party] for party in ("sites", "planner")}
    run = orderup.save_policy(team, "kept", "owmr", "hybrid_soe", bounds=1000.0, folder=tmp_path)
    ours, theirs = (
        orderup.evaluate("owmr", "hybrid_soe", agents=each, episodes=2).episodes["cost"]
        for each in (run, {party: orderup.adapted(module, bounds=1000.0) for party, module in team.items()})
    )
    np.testing.assert_allclose(ours, theirs, rtol=1e-5)
