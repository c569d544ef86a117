"""BenchMARL's algorithms train on the batch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("benchmarl")

from benchmarl.algorithms import IppoConfig, MappoConfig, QmixConfig
from benchmarl.experiment import Experiment, ExperimentConfig
from benchmarl.models.mlp import MlpConfig

import orderup
from orderup.envs.foundation.errors import InputError
from orderup.integrations.benchmarl import benchmarl_task


def experiment(folder: Path, algorithm: Any, level: str) -> Any:
    config = ExperimentConfig.get_from_yaml()
    config.loggers, config.evaluation, config.create_json, config.save_folder = [], False, False, str(folder)
    config.max_n_frames, config.on_policy_n_envs_per_worker, config.on_policy_collected_frames_per_batch = 320, 8, 160
    config.on_policy_n_minibatch_iters, config.on_policy_minibatch_size = 1, 80
    config.off_policy_n_envs_per_worker, config.off_policy_collected_frames_per_batch = 8, 160
    config.off_policy_n_optimizer_steps = 2
    return Experiment(
        task=benchmarl_task("owmr", autonomy=level, horizon=10),
        algorithm_config=algorithm.get_from_yaml(),
        model_config=MlpConfig.get_from_yaml(),
        critic_model_config=MlpConfig.get_from_yaml(),
        seed=0,
        config=config,
    )


@pytest.mark.parametrize("algorithm", [MappoConfig, IppoConfig])
@pytest.mark.parametrize("level", ["autonomous_silo", "hybrid_soe"])
def test_algorithms_of_numbers_train_sites_and_planner(tmp_path: Path, algorithm: Any, level: str) -> None:
    trained = experiment(tmp_path, algorithm, level)
    trained.run()
    assert np.isfinite(trained.mean_return)


def test_algorithms_of_choices_train_sites(tmp_path: Path) -> None:
    trained = experiment(tmp_path, QmixConfig, "autonomous_silo")
    trained.run()
    assert np.isfinite(trained.mean_return)


def test_a_planner_of_many_numbers_is_none_of_theirs(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^choices: found '6 numbers of each agent in group planner'"):
        experiment(tmp_path, QmixConfig, "hybrid_soe")


@pytest.mark.parametrize(
    ("algorithm", "level", "actions"),
    [
        (MappoConfig, "hybrid_soe", "level"),
        (IppoConfig, "autonomous_shared", "level"),
        (QmixConfig, "autonomous_silo", "discrete"),
    ],
)
def test_what_was_trained_is_judged_and_kept(tmp_path: Path, algorithm: Any, level: str, actions: Any) -> None:
    policy = experiment(tmp_path, algorithm, level).policy
    run = orderup.save_policy(policy, "kept", "owmr", level, actions=actions, folder=tmp_path / "runs")
    ours, theirs = (
        orderup.evaluate("owmr", level, agents=each, episodes=2).episodes["cost"]
        for each in (run, orderup.adapted(policy, actions=actions))
    )
    np.testing.assert_allclose(ours, theirs, rtol=1e-5)
