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

from orderup.agents import Agent, make_agent
from orderup.agents.base import agents
from orderup.agents.learning import learner
from orderup.agents.learning.learner import Task
from orderup.agents.networks.layers import Linear
from orderup.agents.networks.network_policy import NetworkPolicy
from orderup.agents.networks.network_spec import NetworkSpec
from orderup.agents.runs.run import Config, Trained, load_run
from orderup.agents.training.train import resumption, train
from orderup.envs.api.vector import VectorNetwork
from orderup.envs.autonomy.autonomy import Autonomy
from orderup.envs.catalogue import changed, list_scenarios, load_autonomy, load_scenario
from orderup.envs.foundation.errors import InputError, UnknownName
from orderup.envs.foundation.validation import validated
from orderup.envs.information.view import ObservationView
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.simulator import Simulator

from ..learners import LINE, Guess, policy_for


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
    assert run.settings == {
        "type": "guess",
        "steps": 100,
        "examinations": 20,
        "patience": None,
        "keep_every": None,
        "interrupted_after": 1000,
    }
    about = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))
    assert about["command"]
    assert set(about["versions"]) == {"orderup", "python", "numpy", "torch", "stable-baselines3"}


def test_metrics_are_a_table_with_the_cost_where_it_was_tried(folder: Path) -> None:
    lines = (folder / "metrics.csv").read_text(encoding="utf-8").splitlines()
    seconds = "seconds,seconds_simulate,seconds_forward,seconds_learn"
    assert lines[0] == f"periods,{seconds},cost,cost_of_base_stock,bound,surprise"
    assert len(lines) == 2 + 10
    rows = [line.split(",") for line in lines[1:]]
    assert [int(row[0]) for row in rows] == list(range(0, 101, 10))
    cost = Task(load_scenario(LINE), load_autonomy("autonomous_silo"), 0).costs(policy_for(LINE)).mean()
    assert all(float(row[5]) == cost for row in rows)


def test_tensorboard_finds_the_same_curves(folder: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    curves = EventAccumulator(str(folder))
    curves.Reload()
    assert [(event.step, event.value) for event in curves.Scalars("training/surprise")] == [
        (periods, np.float32(1 / periods)) for periods in range(10, 101, 10)
    ]
    assert [event.step for event in curves.Scalars("cost/validation")] == list(range(0, 101, 10))


def test_tensorboard_shows_the_cost_and_what_it_is_compared_with_in_one_chart(folder: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.plugins.custom_scalar.layout_pb2 import Layout

    curves = EventAccumulator(str(folder))
    curves.Reload()
    (event,) = curves.Tensors("custom_scalars__config__")
    (category,) = Layout.FromString(event.tensor_proto.string_val[0]).category
    (chart,) = category.chart
    tags = curves.Tags()["scalars"]
    assert list(chart.multiline.tag) == ["cost/validation", "cost/base_stock", "cost/bound"]
    assert {"cost/validation", "cost/base_stock"} <= set(tags)
    assert {tag.split("/")[0] for tag in tags} == {"cost", "time", "training"}


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
    policy._layers = [Linear.of(tensors[f"{layer}.weight"], tensors[f"{layer}.bias"]) for layer in range(2)]
    observations = np.array([[0.5, 0.25], [-1.0, 0.0], [0.0, -9.0]], np.float32)
    # hidden: (1.5, 0), (0, 1), (0, 0); outputs: .375 − .125, 3 − .125 clipped to 1, −.125
    np.testing.assert_array_equal(np.clip(policy.forward(observations), -1, 1), [[0.25], [1.0], [-0.125]])


def test_a_policy_sees_what_the_environments_give_in_training() -> None:
    for level in ("autonomous_silo", "federated", "central_ideal"):
        env = VectorNetwork(LINE, level, copies=3)
        env.seed(7)
        observations = env.reset()
        view = ObservationView(env.seats.simulator.context())
        for _ in range(4):
            seen = view(env.seats.simulator.information)
            np.testing.assert_array_equal(seen.reshape(observations.shape).astype(np.float32), observations)
            observations = np.asarray(env.step(np.zeros((env.num_envs, env.view.actions.size), np.float32))[0])


def test_a_trained_agent_is_made_from_its_folder_and_travels_to_other_processes(folder: Path) -> None:
    agent = make_agent({"type": "trained", "run": str(folder)})
    expected = played(policy_for(LINE))
    np.testing.assert_array_equal(played(agent), expected)
    np.testing.assert_array_equal(played(pickle.loads(pickle.dumps(agent))), expected)
    assert agent.model_dump() == {"run": str(folder), "checkpoint": "best"}


def test_a_policy_is_refused_where_seats_see_other_numbers(folder: Path) -> None:
    agent = load_run(folder).agent
    with pytest.raises(InputError, match=r"learnt for the sites only'; accepted: one learnt for the seats of the planner too"):
        played(agent, "central_ideal")
    with pytest.raises(
        InputError, match=r"14 observed numbers and 1 decided ones'; accepted: one for \d+ and 1, as in two_stages"
    ):
        played(agent, "federated")
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


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"run: found .*nowhere"):
        load_run(tmp_path / "nowhere")
    with pytest.raises(InputError, match="nowhere"):
        make_agent({"type": "trained", "run": str(tmp_path / "nowhere")}).reset(Simulator(LINE).context())


def test_an_agent_of_a_run_is_an_agent(folder: Path) -> None:
    run = load_run(folder)
    assert isinstance(run.agent, Trained)
    assert isinstance(run.agent, Agent)
    assert isinstance(run.scenario, Scenario)
    assert isinstance(run.autonomy, Autonomy)


def test_any_checkpoint_of_a_run_can_be_evaluated(tmp_path: Path) -> None:
    run = train(LINE, agent="tests.agents.learners:Drift", name="x", folder=tmp_path, progress=False, keep_every=60, steps=120)
    keys = {"type": "trained", "run": str(run.folder)}
    costs = {which: played(make_agent({**keys, "checkpoint": which})).mean() for which in ("best", "last", 60, 120)}
    assert costs["last"] == costs[120] != costs[60]
    with pytest.raises(UnknownName, match="checkpoint: found '61'; accepted: one of 120, 60, best, last"):
        played(make_agent({**keys, "checkpoint": 61}))
    for wrong in ("../best", "worst", -1, 0.5):
        with pytest.raises(InputError, match="agent.checkpoint"):
            make_agent({**keys, "checkpoint": wrong})


def test_a_run_that_is_there_is_named_with_the_way_to_go_on(folder: Path) -> None:
    with pytest.raises(InputError, match=r"overwrite=true replaces it, resume=.*one goes on with it"):
        train(LINE, agent="guess", name="one", folder=folder.parent, progress=False)


def test_null_is_kept_where_a_learners_default_is_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "guess.yaml").write_text("patience: 3")
    monkeypatch.setattr(learner, "config_folder", lambda kind: tmp_path)
    runs = [train(LINE, agent="guess", name=name, folder=tmp_path, progress=False, **keys) for name, keys in NULLS.items()]
    assert [resumption(run.folder).learner.patience for run in runs] == [3, None]


NULLS: dict[str, dict[str, Any]] = {"left_out": {}, "given": {"patience": None}}
