"""BenchMARL's MAPPO."""

import tempfile

import torch
from benchmarl.algorithms import MappoConfig
from benchmarl.experiment import Experiment, ExperimentConfig
from benchmarl.models.mlp import MlpConfig

from orderup.integrations.benchmarl import benchmarl_task

torch.set_num_threads(1)
__all__ = ["Experiment", "algorithm", "benchmarl_task", "config", "critic", "model"]
config, algorithm = ExperimentConfig.get_from_yaml(), MappoConfig.get_from_yaml()
config.loggers, config.evaluation, config.create_json, config.render = [], False, False, False
config.save_folder, config.max_n_frames = tempfile.mkdtemp(), 10**9
config.on_policy_n_envs_per_worker, config.on_policy_collected_frames_per_batch = 64, 1600
config.on_policy_minibatch_size, config.on_policy_n_minibatch_iters = 400, 4
config.lr, config.gamma = 1e-3, 0.95
algorithm.scale_mapping, algorithm.lmbda, algorithm.entropy_coef = "biased_softplus_0.3", 0.9, 0.0
model, critic = MlpConfig.get_from_yaml(), MlpConfig.get_from_yaml()
