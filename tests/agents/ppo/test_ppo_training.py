"""What PPO's training does beside learning: whose seats, from where, for what reward, and how it goes on after a stop."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from orderup.agents import make_agent
from orderup.agents.learning.learner import Task
from orderup.agents.learning.stopwatch import Stopwatch
from orderup.agents.networks.network_policy import NetworkPolicy
from orderup.agents.ppo.ppo import PPO
from orderup.envs.api.vector import VectorNetwork
from orderup.envs.catalogue import load_autonomy, load_scenario
from orderup.envs.information.policy import Decision
from orderup.envs.simulator import Simulator

from ..quiet_journal import QuietJournal, rehearsed

torch = pytest.importorskip("torch")

from orderup.agents.ppo.stable_baselines import SeatsPPO  # noqa: E402 # as above
from orderup.agents.ppo.training_copies import TrainingCopies  # noqa: E402 # as above
from orderup.agents.ppo.training_setup import PPOSetup  # noqa: E402 # PyTorch may not be there

SMALL = {"copies": 4, "n_steps": 20, "minibatches": 2, "epochs": 2, "hidden": [8], "steps": 400}


def ppo(**keys: Any) -> PPO:
    found = make_agent({"type": "ppo", **SMALL, **keys})
    assert isinstance(found, PPO)
    return found


def task_of(scenario: Any = "serial_poisson", level: str = "autonomous_silo", horizon: int = 30) -> Task:
    shorter = load_scenario(scenario).model_copy(update={"horizon": horizon, "warmup": 10})
    return Task(shorter, load_autonomy(level), seed=3)


def model_of(task: Task, **keys: Any) -> tuple[PPOSetup, SeatsPPO]:
    torch.manual_seed(3)
    setup = PPOSetup(ppo(**keys), task, SMALL["copies"])  # type: ignore[arg-type] # a whole number
    copies = TrainingCopies(setup.network, setup.shape, Stopwatch())
    return setup, SeatsPPO(setup.settings, copies, QuietJournal(), setup.start())


@pytest.mark.parametrize("stop", [1, 2, 3, 4])
@pytest.mark.parametrize(
    ("level", "keys"),
    [
        ("autonomous_silo", {"variant": "ippo", "sharing": "site"}),
        ("autonomous_shared", {"variant": "mappo", "sharing": "role", "normalise": True}),
        ("central_stale", {"normalise": True}),
        ("hybrid_soe", {"planner": "random", "residual_of": "moving_average"}),
        ("hybrid_soe", {"sites": {"type": "skill", "policy": "base_stock", "noise": 0.1}}),
    ],
)
def test_a_training_that_stopped_goes_on_bit_for_bit_as_if_it_had_not(level: str, keys: dict[str, Any], stop: int) -> None:
    task, learner = task_of(level=level), ppo(**keys)
    whole = rehearsed(learner, task)
    part = rehearsed(learner, task, stop_after=stop)
    rest = rehearsed(learner, task, part.now())
    assert len(whole.rows) == 5
    assert part.rows + rest.rows == whole.rows
    for name, values in whole.network.tensors.items():
        assert values.tobytes() == rest.network.tensors[name].tobytes(), name


def test_what_is_kept_is_the_mean_of_the_last_policies() -> None:
    seen: list[Any] = []

    class Watched(SeatsPPO):
        def _average(self) -> None:
            super()._average()
            seen.append(self.policy.tensors()["0.weight"])

    setup, _ = model_of(task_of())
    for average, counted in ((0.0, 1), (1.0, 5)):
        seen.clear()
        copies = TrainingCopies(setup.network, setup.shape, Stopwatch())
        model = Watched(ppo(average=average), copies, QuietJournal(), setup.start())
        model.begin(3, np.array([30.0, 50.0]))
        model.run()
        assert len(seen) == 5
        expected = np.mean(seen[-counted:], axis=0)
        np.testing.assert_allclose(model.averaged["0.weight"], expected, rtol=1e-4, atol=1e-6)


def test_the_state_of_a_training_does_not_change_when_it_goes_on() -> None:
    task, learner = task_of(), ppo()
    first = rehearsed(learner, task, stop_after=2)
    state = first.now()
    before = {name: values.tobytes() for name, values in state.tensors.items()}
    rehearsed(learner, task, state)
    assert before == {name: values.tobytes() for name, values in state.tensors.items()}


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"sharing": "role"},
        {"normalise": True, "activation": "tanh"},
        {"variant": "mappo"},
        {"activation": "silu", "sharing": "site"},
    ],
)
def test_the_policy_taken_out_acts_as_stable_baselines_own(keys: dict[str, Any]) -> None:
    setup, model = model_of(task_of(level="federated"), **keys)
    copies, simulator = model.env, setup.network.seats.simulator
    with torch.no_grad():
        for weight in model.policy.actor.weights:
            weight.normal_(0.0, 0.2)  # the last are close to 0 at first
    policy = setup.learnt(model.policy.tensors()).members(simulator)["sites"]
    assert isinstance(policy, NetworkPolicy)
    rows: Any = copies.reset()
    policy.reset(simulator.context())
    for _ in range(5):
        expected, _ = model.predict(rows, deterministic=True)
        found = policy.actions(simulator.information)
        np.testing.assert_allclose(found.reshape(len(rows), -1), expected, atol=1e-5)
        rows, *_ = copies.step(expected)
    assert 0.02 < np.abs(expected).mean() < 0.9


@pytest.mark.parametrize("variant", ["ippo", "mappo"])
def test_what_a_time_limit_cuts_off_is_added_to_the_last_reward_of_every_seat(variant: str) -> None:
    _, model = model_of(task_of(horizon=20), variant=variant, gamma=0.5)
    copies, seen = model.env, list[Any]()
    model.begin(3, np.array([30.0, 50.0]))
    model._setup_learn(1, None)

    def expected(rows: Any) -> Any:
        seen.append(rows.numpy().copy())
        return 100.0 + rows[:, :4]

    model.policy.predict_values = expected  # type: ignore[method-assign, assignment] # a critic that is known
    model.collect_rollouts(copies, None, model.rollout_buffer, 20)
    twin = TrainingCopies(copies.venv, copies.shape, Stopwatch())
    twin.normalise(np.array([30.0, 50.0]))
    twin.seed(3)
    twin.reset()
    last: Any = None
    for period, actions in enumerate(model.rollout_buffer.actions):
        last, rewards, ended, _ = twin.step(actions)
        found = model.rollout_buffer.rewards[period].reshape(rewards.shape)
        if not ended.any():
            np.testing.assert_array_equal(found, rewards)
    assert ended.all()
    np.testing.assert_array_equal(seen[0], last)
    np.testing.assert_allclose(found, rewards + 0.5 * (100.0 + last[:, :4]), rtol=1e-5)
    assert not np.array_equal(seen[1], last), "what follows is evaluated by the episodes that have begun"


def test_advantages_are_those_of_each_seat_by_itself() -> None:
    _, model = model_of(task_of(horizon=20), gamma=0.9, gae_lambda=0.8)
    model.begin(3, np.array([30.0, 50.0]))
    model._setup_learn(1, None)
    model.collect_rollouts(model.env, None, model.rollout_buffer, 20)
    kept, advantage = model.rollout_buffer, 0.0
    for period in reversed(range(19)):  # the last reward has the rest in it already
        change = kept.rewards[period] + 0.9 * kept.values[period + 1] - kept.values[period]
        advantage = change + 0.9 * 0.8 * (advantage if period < 18 else kept.advantages[19])
        np.testing.assert_allclose(kept.advantages[period], advantage, rtol=1e-3, atol=1e-4)
    assert kept.advantages.shape == (20, 16)


@pytest.mark.parametrize("level", ["autonomous_silo", "central_ideal", "hybrid_soe"])
def test_rewards_are_savings_against_the_start_in_units_of_their_spread(level: str) -> None:
    setup, model = model_of(task_of(level=level), planner="base_stock" if level == "hybrid_soe" else None)
    copies, twin = model.env, VectorNetwork(setup.task.scenario, level, 4, seats=seats_of(setup))
    model.begin(4, np.array([30.0, 50.0]))
    copies.reset()
    twin.seed(4)
    twin.reset()
    nothing = np.zeros((4, *copies.action_space.shape), np.float32)  # type: ignore[misc] # a Box
    twin.step_async(nothing.reshape(twin.num_envs, -1))
    _, rewards, _, _ = copies.step(nothing)
    cost = twin.advance()[0].cost
    np.testing.assert_allclose(rewards.mean(axis=1), (40.0 - cost) / 10.0, rtol=1e-5)
    assert copies.mean_cost() == pytest.approx(cost.mean(), rel=1e-5)


def seats_of(setup: PPOSetup) -> Any:
    return {party: make_agent(keys) for party, keys in setup.given.items()}


@pytest.mark.parametrize(("level", "party"), [("autonomous_silo", "sites"), ("central_ideal", "planner")])
def test_learning_starts_from_the_levels_of_an_agent(level: str, party: Any) -> None:
    task = task_of(level=level)
    setup, model = model_of(task, start="base_stock")
    given = task.costs(make_agent("base_stock"), 8)
    np.testing.assert_allclose(task.costs(setup.learnt(model.policy.tensors()), 8).mean(), given.mean(), rtol=0.03)
    assert not model_of(task, start=None)[0].start().any()


@pytest.mark.parametrize("level", ["autonomous_silo", "hybrid_soe", "central_ideal"])
def test_a_policy_that_corrects_another_agent_decides_as_that_agent_where_its_actions_are_nothing(level: str) -> None:
    task = task_of(level=level, horizon=200)
    planner = "base_stock" if level == "hybrid_soe" else None
    setup, model = model_of(task, residual_of="moving_average", planner=planner)
    tensors = {name: 0.0 * values for name, values in model.policy.tensors().items()}
    both = setup.learnt(tensors)
    twin = make_agent({"type": "team", "planner": planner, "sites": "moving_average"} if planner else "moving_average")
    np.testing.assert_array_equal(task.costs(both, 4), task.costs(twin, 4))
    environment = TrainingCopies(setup.network, setup.shape, Stopwatch())
    environment.seed(0)
    environment.reset()
    alone = Simulator(task.scenario, task.autonomy, batch=4)
    other = make_agent("moving_average")
    if planner is None:
        other.reset(alone.context())
        information = alone.reset(0)
        for _ in range(12):
            environment.step(np.zeros((4, *environment.action_space.shape), np.float32))  # type: ignore[misc] # a Box
            information, ledger, _ = alone.step(other.act(information))
        assert environment._paid[-1] == pytest.approx(float(ledger.cost.mean()), rel=1e-6)


def test_sites_of_one_role_have_a_network_in_common() -> None:
    for sharing, groups in (("all", []), ("role", [0, 1, 1, 2]), ("site", [0, 1, 2, 3])):
        assert PPOSetup(ppo(sharing=sharing), task_of(), 1).spec.groups == groups
    assert PPOSetup(ppo(sharing="role"), task_of("pooling"), 1).spec.groups == [], "one role is one network"
    assert PPOSetup(ppo(sharing="site"), task_of(level="central_ideal"), 1).spec.groups == []


def test_seconds_are_told_by_what_they_were_spent_on() -> None:
    journal = rehearsed(ppo(), task_of())
    assert all(seconds > 0 for seconds in journal.clock.seconds.values())


def test_in_a_band_learning_starts_from_the_centres_levels() -> None:
    setup, model = model_of(task_of(level="hybrid_soe"), planner="base_stock")
    assert not setup.start().any(), "in a band an action is a distance from the centre's level"
    decision = setup.network.view.decision(np.zeros((4, 4, 1), np.float32))
    assert isinstance(decision, Decision)
    assert decision.relative is True
    assert model.n_envs == 4
