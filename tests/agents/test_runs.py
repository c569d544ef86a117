from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from safetensors.numpy import load, save

from orderup.agents import Agent, make_agent
from orderup.agents.base import agents
from orderup.agents.learner import Journal, Learner, Task
from orderup.agents.network_policy import NetworkPolicy, NetworkSpec, observation_layout
from orderup.agents.runs import Config, Trained, load_run
from orderup.agents.training import train
from orderup.envs.api.vector import VectorNetwork
from orderup.envs.autonomy import Autonomy
from orderup.envs.catalogue import changed, list_scenarios, load_autonomy, load_scenario
from orderup.envs.errors import InputError, UnknownName
from orderup.envs.observation import View
from orderup.envs.schema import Scenario
from orderup.envs.simulator import Simulator
from orderup.envs.validation import validated

LINE: dict[str, Any] = {
    "name": "two_stages",
    "horizon": 20,
    "sites": {"store_1": {"holding": 1.0}, "warehouse_1": {"holding": 0.5}},
    "lanes": [
        {"from": "warehouse_1", "to": "store_1", "lead_time": 1},
        {"from": "supplier", "to": "warehouse_1", "lead_time": 2},
    ],
    "customers": [{"site": "store_1", "shortage": 9, "demand": {"type": "poisson", "mean": 10}}],
}


def policy_for(scenario: Any, autonomy: str = "autonomous_silo", seed: int = 0, activation: Any = "relu") -> NetworkPolicy:
    """A network of random numbers that fits."""
    sim = Simulator(scenario, autonomy)
    observer = View(sim.context()).observer
    layout = observation_layout(observer)
    action = len(sim.plan.lanes) if sim.seats == ("planner_0",) else 1
    spec = NetworkSpec(observation=layout, action=action, form="level", hidden=[8, 5], activation=activation)
    generator = np.random.default_rng(seed)
    tensors = {name: generator.normal(0, 0.3, shape).astype(np.float32) for name, shape in spec.shapes.items()}
    return NetworkPolicy(spec, tensors)


class Guess(Learner):
    """Learns nothing: keeps the numbers that its seed gives, and says how many updates it made."""

    steps: int = 100
    interrupted_after: int = 1000

    def learn(self, task: Task, journal: Journal) -> None:
        policy = policy_for(task.scenario, task.autonomy.name, task.seed)
        journal.begin(lambda: policy)
        for periods in range(10, self.steps + 1, 10):
            if periods > self.interrupted_after:
                raise KeyboardInterrupt
            journal.update(periods, {"surprise": 1.0 / periods})


@pytest.fixture(autouse=True, scope="module")
def _guess() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setitem(agents._classes, "guess", Guess)
        yield


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(LINE, agent="guess", name="one", folder=tmp_path_factory.mktemp("runs"), progress=False).folder


@pytest.fixture
def folder(trained: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(trained, tmp_path / "one"))


def played(agent: Any, autonomy: str = "autonomous_silo", **options: Any) -> Any:
    """Cost of each episode in each period (T, B)."""
    sim = Simulator(LINE, autonomy, **{"batch": 3, **options})
    information, costs = sim.reset(seed=5), []
    agent.reset(sim.context())
    while not sim.done:
        information, ledger, _ = sim.step(agent.act(information))
        costs.append(np.asarray(ledger.cost))
    return np.stack(costs)


def test_a_loaded_policy_acts_as_the_one_that_was_saved(folder: Path) -> None:
    np.testing.assert_array_equal(played(load_run(folder).agent), played(policy_for(LINE)))


def test_a_run_says_what_it_was_for(folder: Path) -> None:
    run = load_run(folder)
    assert (run.name, run.seed, run.scenario, run.autonomy) == (
        "one",
        0,
        load_scenario(LINE),
        load_autonomy("autonomous_silo"),
    )
    assert run.settings == {"type": "guess", "steps": 100, "interrupted_after": 1000}
    about = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))
    assert about["command"]
    assert set(about["versions"]) == {"orderup", "python", "numpy", "torch", "stable-baselines3"}


def test_metrics_are_a_table_with_the_cost_where_it_was_tried(folder: Path) -> None:
    lines = (folder / "metrics.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "periods,seconds,cost,cost_of_base_stock,surprise"
    assert len(lines) == 2 + 10
    rows = [line.split(",") for line in lines[1:]]
    assert [int(row[0]) for row in rows] == list(range(0, 101, 10))
    cost = Task(load_scenario(LINE), load_autonomy("autonomous_silo"), 0).costs(policy_for(LINE)).mean()
    assert all(float(row[2]) == cost for row in rows)


def test_tensorboard_finds_the_same_curves(folder: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    curves = EventAccumulator(str(folder))
    curves.Reload()
    assert [(event.step, event.value) for event in curves.Scalars("surprise")] == [
        (periods, np.float32(1 / periods)) for periods in range(10, 101, 10)
    ]
    assert [event.step for event in curves.Scalars("cost")] == list(range(0, 101, 10))


def test_every_scenario_comes_back_from_a_runs_config_as_it_was(tmp_path: Path) -> None:
    level = load_autonomy("federated")
    for name in list_scenarios():
        scenario = load_scenario(name)
        config = Config(scenario=scenario, autonomy=level, agent={"type": "ppo"}, seed=3)
        text = yaml.safe_dump(config.model_dump(mode="json", by_alias=True, exclude_none=True))
        assert validated(Config, yaml.safe_load(text)) == config


def test_a_policy_acts_the_same_in_numpy_and_pytorch_in_any_batch() -> None:
    for activation in ("relu", "tanh"):
        policy = policy_for(LINE, activation=activation)
        expected = played(policy)
        np.testing.assert_allclose(played(policy, backend="torch"), expected, rtol=1e-9)
        np.testing.assert_allclose(played(policy, batch=1), expected[:, :1], rtol=1e-9)


def test_a_network_is_what_its_tensors_say_by_hand() -> None:
    spec = NetworkSpec(observation=["a", "b"], action=1, form="level", hidden=[2], activation="relu")
    tensors = {
        "0.weight": np.array([[1, 2], [-1, 0]], np.float32),
        "0.bias": np.array([0.5, 0], np.float32),
        "1.weight": np.array([[0.25, 3]], np.float32),
        "1.bias": np.array([-0.125], np.float32),
    }
    policy = NetworkPolicy(spec, tensors)
    policy._layers = [(tensors[f"{layer}.weight"].T, tensors[f"{layer}.bias"]) for layer in range(2)]
    observations = np.array([[0.5, 0.25], [-1.0, 0.0], [0.0, -9.0]], np.float32)
    # hidden: (1.5, 0), (0, 1), (0, 0); outputs: .375 − .125, 3 − .125 clipped to 1, −.125
    np.testing.assert_array_equal(policy.forward(observations), [[0.25], [1.0], [-0.125]])


def test_a_policy_sees_what_the_environments_give_in_training() -> None:
    for level in ("autonomous_silo", "federated", "central_ideal"):
        env = VectorNetwork(LINE, level, copies=3)
        env.seed(7)
        observations = env.reset()
        view = View(env.seats.simulator.context())
        for _ in range(4):
            seen = view(env.seats.simulator.information)
            np.testing.assert_array_equal(seen.reshape(observations.shape).astype(np.float32), observations)
            observations = np.asarray(env.step(np.zeros((env.num_envs, env.view.actions.size), np.float32))[0])


def test_a_trained_agent_is_made_from_its_folder_and_travels_to_other_processes(folder: Path) -> None:
    agent = make_agent({"type": "trained", "run": str(folder)})
    expected = played(policy_for(LINE))
    np.testing.assert_array_equal(played(agent), expected)
    np.testing.assert_array_equal(played(pickle.loads(pickle.dumps(agent))), expected)
    assert agent.model_dump() == {"run": str(folder)}


def test_a_policy_is_refused_where_seats_see_other_numbers(folder: Path) -> None:
    agent = load_run(folder).agent
    with pytest.raises(
        InputError, match=r"14 observed numbers and 1 decided ones'; accepted: one for \d+ and 2, as in two_stages"
    ):
        played(agent, "central_ideal")
    longer = changed(load_scenario(LINE), lanes=[LINE["lanes"][0], {**LINE["lanes"][1], "lead_time": 3}], name="longer")
    with pytest.raises(InputError, match="15 and 1, as in longer at autonomous_silo"):
        agent.reset(Simulator(longer).context())


def test_numbers_that_mean_something_else_are_refused_though_as_many() -> None:
    policy = policy_for(LINE)
    swapped = [policy.spec.observation[1], policy.spec.observation[0], *policy.spec.observation[2:]]
    other = NetworkPolicy(policy.spec.model_copy(update={"observation": swapped}), policy.tensors)
    with pytest.raises(InputError, match="takes number 0 for backlog, product 0, site 0'; accepted: one for two_stages"):
        other.reset(Simulator(LINE).context())


def test_a_taken_name_is_refused_and_overwritten_when_asked(folder: Path) -> None:
    with pytest.raises(InputError, match=r"name: found 'one'.*overwrite=true"):
        train(LINE, agent="guess", name="one", folder=folder.parent, progress=False)
    before = len(list(folder.iterdir()))
    train(LINE, agent="guess", seed=1, name="one", folder=folder.parent, progress=False, overwrite=True)
    assert load_run(folder).seed == 1
    np.testing.assert_array_equal(played(load_run(folder).agent), played(policy_for(LINE, seed=1)))
    assert len(list(folder.iterdir())) == before


def test_a_folder_that_is_no_run_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "metrics.csv").write_text("mine")
    with pytest.raises(InputError, match="thesis holds none"):
        train(LINE, agent="guess", name="thesis", folder=tmp_path, progress=False, overwrite=True)
    assert (tmp_path / "thesis" / "metrics.csv").read_text() == "mine"


def test_an_interrupted_run_can_be_loaded(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt, match="interrupted after 30 of 100 periods"):
        train(LINE, agent="guess", name="cut", folder=tmp_path, progress=False, interrupted_after=30)
    assert load_run(tmp_path / "cut").settings["interrupted_after"] == 30
    np.testing.assert_array_equal(played(load_run(tmp_path / "cut").agent), played(policy_for(LINE)))


@pytest.mark.parametrize(
    ("keys", "error", "said"),
    [
        ({"seed": 10_000}, InputError, "seed: found 10000; accepted: a whole number from 0 to 9999"),
        ({"seed": -1}, InputError, "seed: found -1"),
        ({"agent": "base_stock"}, UnknownName, "agent: found 'base_stock'; accepted: one of .*ppo"),
        ({"agent": "gues"}, UnknownName, "did you mean 'guess'"),
        ({"name": "../up"}, InputError, "name: found '../up'"),
        ({"agent": "ppo", "steps": 0}, InputError, "agent.steps: found 0"),
        ({"stepz": 5}, InputError, "agent: found 'stepz'; accepted: .*did you mean 'steps'"),
    ],
)
def test_what_cannot_be_trained_is_refused_and_leaves_nothing(
    tmp_path: Path, keys: dict[str, Any], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        train(LINE, **{"agent": "guess", "folder": tmp_path, "progress": False, **keys})
    assert not list(tmp_path.iterdir())


def test_an_untrained_learner_cannot_act() -> None:
    with pytest.raises(InputError, match="guess, untrained"):
        make_agent("guess").reset(Simulator(LINE).context())


def damage_missing_tensors(folder: Path) -> None:
    next(folder.glob("policy-*.safetensors")).unlink()


def damage_truncated(folder: Path) -> None:
    path = next(folder.glob("policy-*.safetensors"))
    path.write_bytes(path.read_bytes()[:-1])


def damage_shape(folder: Path) -> None:
    rewrite(folder, lambda tensors: {**tensors, "0.weight": tensors["0.weight"][:, :-1].copy()})


def damage_missing_layer(folder: Path) -> None:
    rewrite(folder, lambda tensors: {name: values for name, values in tensors.items() if name != "1.bias"})


def damage_not_finite(folder: Path) -> None:
    rewrite(folder, lambda tensors: {**tensors, "1.bias": np.full_like(tensors["1.bias"], np.nan)})


def damage_other_type(folder: Path) -> None:
    rewrite(folder, lambda tensors: {**tensors, "1.bias": tensors["1.bias"].astype(np.float64)})


def damage_not_safetensors(folder: Path) -> None:
    replaced(folder, pickle.dumps({"a": 1}))


def damage_path_outside(folder: Path) -> None:
    edited(folder, tensors="../../elsewhere/policy-0123456789abcdef.safetensors")


def damage_other_format(folder: Path) -> None:
    edited(folder, format=2)


def damage_json(folder: Path) -> None:
    path = folder / "checkpoint.json"
    path.write_text(path.read_text()[:-20])


def damage_no_checkpoint(folder: Path) -> None:
    (folder / "checkpoint.json").unlink()


def damage_no_config(folder: Path) -> None:
    (folder / "config.yaml").unlink()


def damage_config(folder: Path) -> None:
    (folder / "config.yaml").write_text("!!python/object/apply:os.system ['true']")


def edited(folder: Path, **keys: Any) -> None:
    path = folder / "checkpoint.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **keys}))


def replaced(folder: Path, data: bytes) -> None:
    import hashlib

    path = next(folder.glob("policy-*.safetensors"))
    path.write_bytes(data)
    edited(folder, sha256=hashlib.sha256(data).hexdigest())


def rewrite(folder: Path, change: Any) -> None:
    path = next(folder.glob("policy-*.safetensors"))
    replaced(folder, save(change(load(path.read_bytes()))))


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (damage_missing_tensors, "No such file"),
        (damage_truncated, "bytes that are not those written"),
        (damage_shape, r"tensors: found \{'0.weight': \(8, 13\)\}; accepted: 0.weight \(8, 14\)"),
        (damage_missing_layer, r"'1.bias': None\}; accepted: 1.bias \(5,\)"),
        (damage_not_finite, "tensors.1.bias"),
        (damage_other_type, "float64"),
        (damage_not_safetensors, "a safetensors file"),
        (damage_path_outside, "checkpoint.json.tensors"),
        (damage_other_format, "checkpoint.json.format"),
        (damage_json, "the JSON of a checkpoint"),
        (damage_no_checkpoint, "checkpoint.json: found 'No such file"),
        (damage_no_config, "config.yaml: found 'No such file"),
        (damage_config, "plain YAML"),
    ],
)
def test_a_damaged_run_is_refused_by_its_file(folder: Path, damage: Any, said: str) -> None:
    damage(folder)
    with pytest.raises(InputError, match=said) as refused:
        load_run(folder)
    assert str(folder) in str(refused.value)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"run: found .*nowhere"):
        load_run(tmp_path / "nowhere")
    with pytest.raises(InputError, match="nowhere"):
        make_agent({"type": "trained", "run": str(tmp_path / "nowhere")}).reset(Simulator(LINE).context())


def test_a_checkpoint_that_could_not_be_replaced_leaves_the_one_before(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from orderup.agents import checkpoint

    def full(path: Path, text: str) -> None:
        raise InputError(str(path), "No space left on device", "room")

    monkeypatch.setattr(checkpoint, "write_text", full)
    with pytest.raises(InputError, match="No space left"):
        checkpoint.save_policy(folder, policy_for(LINE, seed=9), 200)
    np.testing.assert_array_equal(played(load_run(folder).agent), played(policy_for(LINE)))


def test_an_agent_of_a_run_is_an_agent(folder: Path) -> None:
    run = load_run(folder)
    assert isinstance(run.agent, Trained)
    assert isinstance(run.agent, Agent)
    assert isinstance(run.scenario, Scenario)
    assert isinstance(run.autonomy, Autonomy)
