"""Policies of other libraries as runs: read without executing anything, judged as what they were."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from stable_baselines3 import DQN, PPO
from stable_baselines3.common.vec_env import VecNormalize

import orderup
from orderup.agents.adapter import adapted
from orderup.agents.runs.run import load_run
from orderup.envs.foundation.errors import InputError

ROOT = Path(__file__).resolve().parents[3]


def costs(policy: Any, level: str = "autonomous_silo", scenario: str = "owmr-small") -> Any:
    return orderup.evaluate(scenario, level, agents=policy, episodes=3).episodes["cost"].to_numpy()


def ppo(level: str = "autonomous_silo", **options: Any) -> PPO:
    env = VecNormalize(orderup.vector_env("owmr-small", level, copies=2, horizon=10, **options))
    return PPO("MlpPolicy", env, n_steps=10, batch_size=20, n_epochs=1, device="cpu", seed=0).learn(40)


def test_a_model_with_its_normalisation_is_judged_as_it_is(tmp_path: Path) -> None:
    model = ppo()
    run = orderup.save_policy(model, "elsewhere", "owmr-small", folder=tmp_path)
    np.testing.assert_allclose(costs(run), costs(model), rtol=1e-5)
    env = orderup.parallel_env("owmr-small", split="test")
    observations, _ = env.reset(seed=10_000)
    paid = []
    while env.agents:
        seen = model.get_vec_normalize_env().normalize_obs(np.stack(list(observations.values())))  # type: ignore[union-attr]
        said, _ = model.predict(seen, deterministic=True)
        observations, _, _, _, infos = env.step(dict(zip(env.agents, said, strict=True)))
        paid.append(sum(info["cost"] for info in infos.values()))
    warmup = orderup.load_scenario("owmr-small").warmup
    assert costs(model)[0] == pytest.approx(np.mean(paid[warmup:]), rel=1e-5)


def test_choices_and_a_policy_that_planner_and_sites_share_are_too(tmp_path: Path) -> None:
    env: Any = orderup.vector_env("owmr-small", copies=2, horizon=10, actions="discrete")
    chooser = DQN("MlpPolicy", env, learning_starts=5, device="cpu", seed=0).learn(40)
    run = orderup.save_policy(chooser, "chooser", "owmr-small", actions="discrete", folder=tmp_path)
    np.testing.assert_allclose(costs(run), costs(adapted(chooser, actions="discrete")), rtol=1e-6)
    both = ppo("hybrid_soe", uniform=True)
    run = orderup.save_policy(both, "both", "owmr-small", "hybrid_soe", folder=tmp_path)
    np.testing.assert_allclose(costs(run, "hybrid_soe"), costs(both, "hybrid_soe"), rtol=1e-5)


def test_a_party_can_be_an_agent_of_the_project(tmp_path: Path) -> None:
    size = orderup.parallel_env("owmr-small", "hybrid_soe").observation_space("store_1").shape[0]
    sites = torch.nn.Sequential(torch.nn.Linear(size, 1), torch.nn.Tanh())
    team = {"sites": sites, "planner": "base_stock"}
    run = orderup.save_policy(team, "team", "owmr-small", "hybrid_soe", folder=tmp_path)
    np.testing.assert_allclose(costs(run, "hybrid_soe"), costs(team, "hybrid_soe"), rtol=1e-6)
    with pytest.raises(InputError, match=r"^policy.planner: found 'nothing'"):
        orderup.save_policy({"sites": sites}, "other", "owmr-small", "hybrid_soe", folder=tmp_path)


def test_the_command_judges_it_beside_others(tmp_path: Path) -> None:
    size = orderup.parallel_env("owmr-small").observation_space("store_1").shape[0]
    orderup.save_policy(torch.nn.Linear(size, 1), "elsewhere", "owmr-small", folder=tmp_path / "runs")
    command = [sys.executable, "-m", "orderup", "evaluate", "runs=[runs/elsewhere]", "episodes=2", "name=judged"]
    done = subprocess.run(
        command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "elsewhere" in done.stdout


def test_what_was_changed_or_means_something_else_elsewhere_is_refused(tmp_path: Path) -> None:
    size = orderup.parallel_env("owmr-small").observation_space("store_1").shape[0]
    run = orderup.save_policy(torch.nn.Linear(size, 1), "elsewhere", "owmr-small", folder=tmp_path)
    with pytest.raises(InputError, match="a policy for"):
        orderup.evaluate("newsvendor", agents=run, episodes=1)
    path = run.folder / "best.json"
    found = json.loads(path.read_text())
    found["sites"]["own"]["program"][0]["op"] = "set_.source_Storage"
    path.write_text(json.dumps(found))
    with pytest.raises(InputError, match="best.json"):
        load_run(run.folder)


BAD: list[tuple[Any, str]] = [
    (lambda seen: [0.0], "^policy: found .*; accepted: a model of Stable-Baselines3"),
    ({"store_1": "base_stock"}, "^policy: found 'store_1'; accepted: one of planner, sites"),
    (torch.nn.Linear(2, 1), "^policy: found .one that cannot be written down"),
]


@pytest.mark.parametrize(("policy", "said"), BAD)
def test_what_cannot_be_saved_is_refused_and_nothing_is_written(policy: Any, said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=said):
        orderup.save_policy(policy, "elsewhere", "owmr-small", folder=tmp_path)
    assert not list(tmp_path.iterdir())
