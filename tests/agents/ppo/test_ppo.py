from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from orderup.agents import make_agent
from orderup.agents.learning.learner import Task
from orderup.agents.networks.network_policy import NetworkPolicy
from orderup.agents.ppo.ppo import PPO
from orderup.agents.runs import checkpoint
from orderup.agents.runs.run import Run, load_run
from orderup.agents.training.train import train
from orderup.envs.catalogue import config_folder, load_autonomy, load_scenario
from orderup.envs.foundation.errors import InputError
from orderup.envs.simulator import Party, Simulator

torch = pytest.importorskip("torch")

STORE: dict[str, Any] = {
    "name": "store",
    "horizon": 30,
    "warmup": 10,
    "sites": {"store_1": {"holding": 1.0}},
    "lanes": [{"from": "supplier", "to": "store_1", "lead_time": 0}],
    "customers": [{"site": "store_1", "shortage": 9, "demand": {"type": "poisson", "mean": 10}}],
}
LINE: dict[str, Any] = {
    **STORE,
    "name": "two_stages",
    "sites": {"store_1": {"holding": 1.0}, "warehouse_1": {"holding": 0.5}},
    "lanes": [
        {"from": "warehouse_1", "to": "store_1", "lead_time": 0},
        {"from": "supplier", "to": "warehouse_1", "lead_time": 1},
    ],
}
SMALL = {"examinations": 1, "copies": 8, "n_steps": 15, "minibatches": 2, "hidden": [8]}


def trained(folder: Path, scenario: Any = STORE, autonomy: str = "autonomous_silo", seed: int = 0, **keys: Any) -> Run:
    return train(scenario, autonomy, "ppo", seed, folder=folder, progress=False, **{"steps": 360, **SMALL, **keys})


def tensors_of(run: Run, party: Party = "sites") -> Any:
    member = checkpoint.load(run.folder, checkpoint.LAST).learnt.parties[party]
    assert isinstance(member, NetworkPolicy)
    return member.tensors


def test_the_same_seed_gives_the_same_policy_bit_for_bit_and_another_seed_another(tmp_path: Path) -> None:
    first, second = tensors_of(trained(tmp_path / "a")), tensors_of(trained(tmp_path / "b"))
    other = tensors_of(trained(tmp_path / "a", seed=1))
    for name, values in first.items():
        assert values.tobytes() == second[name].tobytes()
    assert any((values != other[name]).any() for name, values in first.items())


def test_training_leaves_global_random_numbers_and_threads_as_they_were(tmp_path: Path) -> None:
    def state() -> tuple[Any, ...]:
        numbers: tuple[Any, ...] = np.random.get_state()  # type: ignore[assignment] # noqa: NPY002 # the global one
        return random.getstate(), numbers[1].tobytes(), torch.get_rng_state().numpy().tobytes(), torch.get_num_threads()

    before = state()
    trained(tmp_path)
    assert state() == before


def test_global_random_numbers_do_not_matter_to_a_training(tmp_path: Path) -> None:
    first = tensors_of(trained(tmp_path / "a"))
    random.seed(5)
    np.random.seed(5)  # noqa: NPY002 # the global one
    torch.manual_seed(5)
    second = tensors_of(trained(tmp_path / "b"))
    assert all(values.tobytes() == second[name].tobytes() for name, values in first.items())


@pytest.mark.parametrize("variant", ["ippo", "mappo"])
def test_a_store_learns_what_it_is_taught(tmp_path: Path, variant: str) -> None:
    sizes: dict[str, Any] = {"steps": 24_000, "copies": 32, "n_steps": 25, "minibatches": 4, "hidden": [16]}
    run = trained(tmp_path, variant=variant, learning_rate=3e-3, start=None, **sizes)
    task = Task(run.scenario, run.autonomy, 0)
    learnt, best = task.costs(run.agent, 500).mean(), task.costs(make_agent("base_stock"), 500).mean()
    start = task.costs(make_agent({"type": "base_stock", "levels": {"store_1": 10 + 2 * 10**0.5}}), 500).mean()
    chance = task.costs(make_agent("random"), 500).mean()
    assert best < learnt < best + 0.5 * (start - best)
    assert learnt < 0.5 * chance


def test_a_planner_is_trained_for_the_whole_network(tmp_path: Path) -> None:
    run = trained(tmp_path, LINE, "central_ideal")
    assert tensors_of(run, "planner")["1.weight"].shape == (2, 8)
    sim = Simulator(LINE, "central_ideal", batch=2)
    run.agent.reset(sim.context())
    decision = run.agent.act(sim.reset(0))
    assert decision.level is not None
    assert decision.level.shape == (2, 2, 1)


@pytest.mark.parametrize("level", ["hybrid_soe", "hybrid_sop", "management_by_exception"])
def test_planner_and_sites_learn_together_with_no_further_key_or_one_beside_an_agent(tmp_path: Path, level: str) -> None:
    cases: dict[str, dict[str, Any]] = {"both": {}, "sites": {"planner": "base_stock"}, "planner": {"sites": "base_stock"}}
    for name, keys in cases.items():
        run = trained(tmp_path / name, LINE, level, steps=120, **keys)
        parties = checkpoint.load(run.folder, checkpoint.LAST).learnt.parties
        assert {party: isinstance(member, NetworkPolicy) for party, member in parties.items()} == {
            "sites": name != "planner",
            "planner": name != "sites",
        }
        assert Task(run.scenario, run.autonomy, 0).costs(run.agent, 4).shape == (20, 4)


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
        ({"memory": 3, "copies": 9, "n_steps": 10}, "agent.minibatches: found 2; accepted: a number that divides copies = 9"),
        ({"autonomy": "hybrid_soe", "reward": "own"}, "agent.reward: found 'own'; accepted: team, unless sites alone learn"),
        ({"reward": "mine"}, "agent.reward: found 'mine'; accepted: own, team, or"),
        ({"gamma": 1.5}, "agent.gamma: found 1.5"),
        ({"actions": "levels"}, "agent.actions: found 'levels'"),
        ({"steps": 0.5}, "agent.steps: found 0.5"),
        ({"variant": "qmix"}, "agent.variant: found 'qmix'"),
        ({"variant": "central"}, "agent.variant: found 'central'; accepted: auto or ippo or mappo at autonomous_silo"),
        (
            {"autonomy": "central_ideal", "variant": "mappo"},
            "agent.variant: found 'mappo'; accepted: auto or central at central_",
        ),
        (
            {"autonomy": "central_ideal", "variant": "ippo"},
            "agent.variant: found 'ippo'; accepted: auto or central at central_",
        ),
        ({"sharing": "sites"}, "agent.sharing: found 'sites'"),
        (
            {"planner": "base_stock"},
            "agent.planner: found 'base_stock'; accepted: nothing at autonomous_silo, where no planner",
        ),
        ({"sites": "base_stock"}, "agent.sites: found 'base_stock'; accepted: nothing: somebody has to learn"),
        ({"autonomy": "central_ideal", "sites": "base_stock"}, "agent.sites: .*at central_ideal, where no site decides"),
        ({"autonomy": "central_ideal", "planner": "base_stock"}, "agent.planner: .*central_ideal, where the planner alone"),
        ({"autonomy": "hybrid_soe", "planner": "base_stok"}, "agent.planner: found {'type': 'base_stok'}"),
        ({"autonomy": "hybrid_soe", "planner": "os:system"}, "agent.planner: .*comes with the project"),
        ({"autonomy": "hybrid_soe", "planner": "base_stock", "sites": "sterman"}, "agent.sites: .*somebody has to learn"),
        ({"residual_of": "os:system"}, "agent.residual_of: .*comes with the project"),
        ({"residual_of": {"type": "base_stock", "level": 3}}, "agent.residual_of: found 'level'; accepted: one of levels"),
        ({"residual_of": "echelon_base_stock"}, "shared or integrated"),
        ({"start": "sterman"}, "agent.start: found 'sterman'; accepted: an agent that sets order-up-to levels"),
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
