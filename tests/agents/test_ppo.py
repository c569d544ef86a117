from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from safetensors.numpy import load_file

from orderup.agents import make_agent
from orderup.agents.learner import Task
from orderup.agents.ppo import PPO
from orderup.agents.runs import Run, load_run
from orderup.agents.training import train
from orderup.envs.catalogue import config_folder, load_autonomy, load_scenario
from orderup.envs.errors import InputError
from orderup.envs.policy import Decision
from orderup.envs.simulator import Simulator

torch = pytest.importorskip("torch")

STORE: dict[str, Any] = {
    "name": "store",
    "horizon": 30,
    "warmup": 10,
    "sites": {"store_1": {"holding": 1.0}},
    "lanes": [{"from": "supplier", "to": "store_1", "lead_time": 0}],
    "customers": [{"site": "store_1", "shortage": 9, "demand": {"type": "poisson", "mean": 10}}],
}
SMALL = {"copies": 8, "n_steps": 15, "minibatches": 2, "hidden": [8]}


def trained(folder: Path, scenario: Any = STORE, autonomy: str = "autonomous_silo", seed: int = 0, **keys: Any) -> Run:
    return train(scenario, autonomy, "ppo", seed, folder=folder, progress=False, **{"steps": 360, **SMALL, **keys})


def tensors_of(run: Run) -> dict[str, Any]:
    (path,) = run.folder.glob("policy-*.safetensors")
    return dict(load_file(path))


def test_the_same_seed_gives_the_same_policy_bit_for_bit_and_another_seed_another(tmp_path: Path) -> None:
    first, second = trained(tmp_path / "a"), trained(tmp_path / "b")
    other = trained(tmp_path / "a", seed=1)
    for name, values in tensors_of(first).items():
        assert values.tobytes() == tensors_of(second)[name].tobytes()
    assert any((values != tensors_of(other)[name]).any() for name, values in tensors_of(first).items())


def test_training_leaves_global_random_numbers_and_threads_as_they_were(tmp_path: Path) -> None:
    def state() -> tuple[Any, ...]:
        numbers: tuple[Any, ...] = np.random.get_state()  # type: ignore[assignment] # noqa: NPY002 # what SB3 seeds
        return random.getstate(), numbers[1].tobytes(), torch.get_rng_state().numpy().tobytes(), torch.get_num_threads()

    before = state()
    trained(tmp_path)
    assert state() == before


def test_a_store_learns_what_it_is_taught(tmp_path: Path) -> None:
    run = trained(tmp_path, steps=24_000, copies=32, n_steps=25, minibatches=4, learning_rate=3e-3, hidden=[16])
    task = Task(run.scenario, run.autonomy, 0)
    learnt, best = task.costs(run.agent, 500).mean(), task.costs(make_agent("base_stock"), 500).mean()
    start = task.costs(make_agent({"type": "base_stock", "levels": {"store_1": 10 + 2 * 10**0.5}}), 500).mean()
    chance = task.costs(make_agent("random"), 500).mean()
    assert best < learnt < best + 0.5 * (start - best)
    assert learnt < 0.5 * chance


def test_a_planner_is_trained_on_one_row_for_each_copy(tmp_path: Path) -> None:
    run = trained(tmp_path, "serial_poisson", "central_ideal")
    assert tensors_of(run)["1.weight"].shape == (4, 8)
    sim = Simulator("serial_poisson", "central_ideal", batch=2)
    run.agent.reset(sim.context())
    decision = run.agent.act(sim.reset(0))
    assert decision.level is not None
    assert decision.level.shape == (2, 4, 1)


def test_the_policy_taken_out_acts_as_stable_baselines_own() -> None:
    from orderup.agents.stable_baselines import TrainingRows, _model, policy_of
    from orderup.envs.api.vector import VectorNetwork

    for activation in ("relu", "tanh"):
        settings = make_agent({"type": "ppo", **SMALL, "hidden": [16, 4], "activation": activation})
        assert isinstance(settings, PPO)
        environment = VectorNetwork("serial_poisson", "federated", 3)
        model = _model(settings, TrainingRows(environment, 0.9), seed=3)
        with torch.no_grad():
            next(model.policy.action_net.parameters()).mul_(100.0)  # its outputs are close to 0 at first
        environment.seed(0)
        observations = environment.reset()
        expected, _ = model.predict(observations, deterministic=True)
        policy = policy_of(model, settings, environment)
        policy.reset(environment.seats.simulator.context())
        np.testing.assert_allclose(policy.forward(observations.astype(np.float64)), expected, atol=1e-6)
        assert np.abs(expected).max() > 0.1


def test_what_a_time_limit_cuts_off_is_added_to_the_last_reward_of_every_row() -> None:
    from orderup.agents.stable_baselines import TrainingRows
    from orderup.envs.api.vector import VectorNetwork

    class Critic:
        def predict_values(self, observations: Any) -> Any:
            return observations[:, :1] + 100.0

    plain, wrapped = VectorNetwork(STORE, copies=3), TrainingRows(VectorNetwork(STORE, copies=3), gamma=0.5)
    wrapped.critic = Critic()  # type: ignore[assignment] # the one method that is called
    for env in (plain, wrapped):
        env.seed(0)
        env.reset()
    actions = np.zeros((3, 1), np.float32)
    for _ in range(29):
        np.testing.assert_array_equal(wrapped.step(actions)[1], plain.step(actions)[1])
    _, expected, dones, infos = plain.step(actions)
    _, rewards, _, passed = wrapped.step(actions)
    last = np.array([info["terminal_observation"][0] for info in infos])
    assert dones.all()
    np.testing.assert_allclose(rewards, expected + 0.5 * (last + 100.0), rtol=1e-6)
    assert not any(passed)


def test_rewards_are_savings_against_the_start_in_units_of_their_spread() -> None:
    from orderup.agents.stable_baselines import TrainingRows
    from orderup.envs.api.vector import VectorNetwork

    for level in ("autonomous_silo", "central_ideal"):
        rows, twin = TrainingRows(VectorNetwork("serial_poisson", level, 2), 0.9), Simulator("serial_poisson", level, batch=2)
        rows.normalise(np.array([30.0, 50.0]))
        rows.seed(4)
        rows.reset()
        twin.reset(4)
        usual = rows.venv.view.actions.usual_level  # type: ignore[attr-defined] # ours
        _, rewards, _, _ = rows.step(np.zeros((rows.num_envs, *rows.action_space.shape), np.float32))  # type: ignore[misc] # a Box
        _, ledger, _ = twin.step(Decision(level=usual))
        np.testing.assert_allclose(rewards.reshape(2, -1).mean(axis=1), (40.0 - ledger.cost) / 10.0, rtol=1e-5)
        assert rows.mean_cost() == pytest.approx(ledger.cost.mean(), rel=1e-5)


def test_every_key_has_its_default_in_the_yaml_and_nothing_else_is_there() -> None:
    path = config_folder("agents") / "ppo.yaml"
    given = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert set(given) == set(PPO.model_fields)
    assert make_agent("ppo").model_dump() == given
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    assert all("# " in line for line in lines), "a reason for each"


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"hiden": [8]}, "did you mean 'hidden'"),
        ({"hidden": [0]}, r"agent.hidden\[0\]: found 0"),
        ({"minibatches": 7}, r"agent.minibatches: found 7; accepted: a number that divides copies × n_steps = 120"),
        ({"reward": "mine"}, "agent.reward: found 'mine'; accepted: own, team, or"),
        ({"gamma": 1.5}, "agent.gamma: found 1.5"),
        ({"actions": "levels"}, "agent.actions: found 'levels'"),
        ({"steps": 0.5}, "agent.steps: found 0.5"),
    ],
)
def test_a_key_that_cannot_be_is_refused_by_its_name(tmp_path: Path, keys: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        trained(tmp_path, **keys)
    assert not list(tmp_path.iterdir())


def test_a_learners_own_rewards_and_quantities_can_be_trained(tmp_path: Path) -> None:
    run = trained(tmp_path, reward=0.5, actions="quantity", activation="tanh", steps=100)
    sim = Simulator(STORE)
    run.agent.reset(sim.context())
    assert run.agent.act(sim.reset(0)).quantity is not None
    assert load_run(run.folder).settings["reward"] == 0.5


def test_a_levels_name_is_part_of_a_runs_default_name(tmp_path: Path) -> None:
    run = train(
        load_scenario(STORE), load_autonomy("federated"), {"type": "ppo", **SMALL}, 7, folder=tmp_path, progress=False, steps=10
    )
    assert run.folder == tmp_path / "store-federated-ppo-7"
