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
from orderup.envs.catalogue import load_autonomy, load_scenario
from orderup.envs.information.policy import Decision
from orderup.envs.simulator import Simulator

from ..quiet_journal import QuietJournal, rehearsed

torch = pytest.importorskip("torch")

from orderup.agents.ppo.stable_baselines import SeatsPPO  # noqa: E402 # as above
from orderup.agents.ppo.training_copies import TrainingCopies, Twin  # noqa: E402 # as above
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
    start = setup.start()
    copies = TrainingCopies(setup.seats, setup.shape, Stopwatch(), setup.twin(start))
    return setup, SeatsPPO(setup.settings, copies, QuietJournal(), start)


@pytest.mark.parametrize(
    ("level", "keys"),
    [
        ("autonomous_silo", {"variant": "ippo", "sharing": "site"}),
        ("autonomous_shared", {"variant": "mappo", "sharing": "role", "normalise": True}),
        ("central_stale", {"normalise": True, "memory": 3}),
        ("hybrid_soe", {"memory": 4, "sharing": "role"}),
        ("hybrid_soe", {"planner": "random", "residual_of": "moving_average"}),
        ("hybrid_soe", {"sites": {"type": "skill", "policy": "base_stock", "noise": 0.1}, "paired": False}),
    ],
)
def test_a_training_that_stopped_goes_on_bit_for_bit_as_if_it_had_not(level: str, keys: dict[str, Any]) -> None:
    task, learner = task_of(level=level), ppo(**keys)
    whole = rehearsed(learner, task)
    assert len(whole.rows) == 5
    for stop in (1, 3):  # at an episode's beginning, and in the middle of one
        part = rehearsed(learner, task, stop_after=stop)
        rest = rehearsed(learner, task, part.now())
        assert part.rows + rest.rows == whole.rows
        for name, values in whole.now().tensors.items():
            assert values.tobytes() == rest.now().tensors[name].tobytes(), name


def test_what_is_kept_is_the_mean_of_the_last_policies() -> None:
    seen: list[Any] = []

    class Watched(SeatsPPO):
        def train(self) -> None:
            super().train()
            seen.append(self.policy.tensors()["sites/0.weight"])

    setup, _ = model_of(task_of())
    for average, counted in ((0.0, 1), (1.0, 5)):
        seen.clear()
        copies = TrainingCopies(setup.seats, setup.shape, Stopwatch())
        model = Watched(ppo(average=average), copies, QuietJournal(), setup.start())
        model.begin(3, np.array([30.0, 50.0]))
        model.run()
        assert len(seen) == 5
        expected = np.mean(seen[-counted:], axis=0)
        np.testing.assert_allclose(model.average.values["sites/0.weight"], expected, rtol=1e-4, atol=1e-6)


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
        {"memory": 4, "sharing": "role"},
        {"memory": 3, "normalise": True},
    ],
)
def test_the_policy_taken_out_acts_as_stable_baselines_own(keys: dict[str, Any]) -> None:
    setup, model = model_of(task_of(level="federated"), **keys)
    followed(setup, model)


@pytest.mark.parametrize("keys", [{}, {"memory": 3}])
def test_planner_and_sites_taken_out_act_as_they_did_in_training(keys: dict[str, Any]) -> None:
    setup, model = model_of(task_of(level="hybrid_soe"), **keys)
    assert list(setup.specs) == ["sites", "planner"]
    followed(setup, model, periods=16)


def followed(setup: PPOSetup, model: SeatsPPO, periods: int = 5) -> None:
    """The policies taken out set the same in every period as those that were in training."""
    copies, simulator = model.env, setup.seats.simulator
    with torch.no_grad():
        for party in setup.specs:
            for weight in model.policy.networks(party).actor.weights:
                weight.normal_(0.0, 0.2)  # the last are close to 0 at first
    members = setup.learnt(model.policy.tensors()).members(simulator)
    rows: Any = copies.reset()
    model.policy.reset_memories(len(rows))
    for party in setup.specs:
        members[party].reset(simulator.context(party=party))
    for _ in range(periods):
        with torch.no_grad():
            expected = model.policy(torch.from_numpy(rows), deterministic=True)[0].numpy()
        start = 0
        for party, shape in setup.shape.parties.items():
            mine, policy = expected[:, start : start + shape.sets], members[party]
            start += shape.sets
            assert isinstance(policy, NetworkPolicy)
            if party == "planner" and not simulator.centre_decides:
                continue
            found = policy.actions(simulator.information_of(party))
            np.testing.assert_allclose(found.reshape(len(rows), -1), mine.clip(-1, 1), atol=1e-5)
        rows, *_ = copies.step(expected)
    assert 0.02 < np.abs(expected).mean() < 0.9


@pytest.mark.parametrize("variant", ["ippo", "mappo"])
def test_what_a_time_limit_cuts_off_is_added_to_the_last_reward_of_every_seat(variant: str) -> None:
    _, model = model_of(task_of(horizon=20), variant=variant, gamma=0.5, paired=False)
    copies, seen = model.env, list[Any]()
    model.begin(3, np.array([30.0, 50.0]))
    model._setup_learn(1, None)

    def expected(rows: Any) -> Any:
        seen.append(rows.numpy().copy())
        return 100.0 + rows[:, :4]

    model.policy.predict_values = expected  # type: ignore[method-assign, assignment] # a critic that is known
    model.collect_rollouts(copies, None, model.rollout_buffer, 20)
    twin = TrainingCopies(copies.seats, copies.shape, Stopwatch())
    twin.normalise(np.array([30.0, 50.0]))
    twin.begin(3)
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
def test_rewards_are_savings_against_a_mean_in_units_of_a_spread_where_they_are_not_paired(level: str) -> None:
    setup, model = model_of(task_of(level=level), paired=False)
    copies, alike = model.env, setup.simulated()
    model.begin(4, np.array([30.0, 50.0]))
    copies.reset()
    alike.reset(4)
    rewards = copies.step(nothing(copies))[1]
    cost = alike.step({view.party: np.zeros((4, len(view.names), view.width), np.float32) for view in alike.views})[0].cost
    np.testing.assert_allclose(rewards.mean(axis=1), (40.0 - cost) / 10.0, rtol=1e-5)
    assert copies.mean_cost() == pytest.approx(cost.mean(), rel=1e-5)


@pytest.mark.parametrize("level", ["autonomous_silo", "central_periodic", "hybrid_soe"])
def test_paired_rewards_are_savings_against_the_start_in_the_same_episodes(level: str) -> None:
    setup, model = model_of(task_of(level=level, horizon=20))
    copies, start, alone = model.env, setup.start(), Twin(setup.simulated(), setup.start())
    still = np.concatenate([np.tile(each.reshape(1, -1), (4, 1)) for each in start.values()], axis=1)
    for done, differs in ((still, False), (nothing(copies) - 0.5, True)):
        model.begin(4, np.array([30.0, 50.0]))
        copies.reset()
        alone.seats.reset(4)
        for _ in range(20):
            rewards = copies.step(done)[1]
            found, saved = 10.0 * rewards.mean(), -alone.rewards().mean() - copies.mean_cost()
            assert found == pytest.approx(saved, abs=1e-3)
        assert (np.abs(rewards).max() > 0.1) == differs


def nothing(copies: TrainingCopies) -> Any:
    return np.zeros((4, *copies.action_space.shape), np.float32)  # type: ignore[misc] # a Box


@pytest.mark.parametrize("level", ["autonomous_silo", "central_ideal", "hybrid_soe", "management_by_exception"])
def test_learning_starts_from_the_levels_of_an_agent(level: str) -> None:
    task = task_of(level=level)
    setup, model = model_of(task, start="base_stock")
    given = task.costs(make_agent("base_stock"), 8)
    np.testing.assert_allclose(task.costs(setup.learnt(model.policy.tensors()), 8).mean(), given.mean(), rtol=0.03)
    assert not any(values.any() for values in model_of(task, start=None)[0].start().values())


@pytest.mark.parametrize("level", ["autonomous_silo", "hybrid_soe", "central_ideal"])
def test_a_policy_that_corrects_another_agent_decides_as_that_agent_where_its_actions_are_nothing(level: str) -> None:
    task = task_of(level=level, horizon=200)
    planner = "base_stock" if level == "hybrid_soe" else None
    setup, model = model_of(task, residual_of="moving_average", planner=planner)
    tensors = {name: 0.0 * values for name, values in model.policy.tensors().items()}
    both = setup.learnt(tensors)
    twin = make_agent({"type": "team", "planner": planner, "sites": "moving_average"} if planner else "moving_average")
    np.testing.assert_array_equal(task.costs(both, 4), task.costs(twin, 4))
    environment = TrainingCopies(setup.seats, setup.shape, Stopwatch())
    environment.begin(0)
    environment.reset()
    alone = Simulator(task.scenario, task.autonomy, batch=4)
    other = make_agent("moving_average")
    if planner is None:
        other.reset(alone.context())
        information = alone.reset(0)
        for _ in range(12):
            environment.step(nothing(environment))
            information, ledger, _ = alone.step(other.act(information))
        assert environment._paid[-1] == pytest.approx(float(ledger.cost.mean()), rel=1e-6)


def test_sites_of_one_role_have_a_network_in_common() -> None:
    for sharing, groups in (("all", []), ("role", [0, 1, 1, 2]), ("site", [0, 1, 2, 3])):
        assert groups_of(ppo(sharing=sharing), task_of()) == {"sites": groups}
    assert groups_of(ppo(sharing="role"), task_of("pooling")) == {"sites": []}, "one role is one network"
    assert groups_of(ppo(sharing="site"), task_of(level="central_ideal")) == {"planner": []}
    assert groups_of(ppo(sharing="role"), task_of(level="hybrid_soe")) == {"sites": [0, 1, 1, 2], "planner": []}


def groups_of(settings: PPO, task: Task) -> dict[str, list[int]]:
    return {party: spec.groups for party, spec in PPOSetup(settings, task, 1).specs.items()}


def test_seconds_are_told_by_what_they_were_spent_on() -> None:
    journal = rehearsed(ppo(), task_of())
    assert all(seconds > 0 for seconds in journal.clock.seconds.values())


def test_in_a_band_sites_start_from_the_centres_levels() -> None:
    setup, model = model_of(task_of(level="hybrid_soe"))
    assert not setup.start()["sites"].any(), "in a band an action is a distance from the centre's level"
    assert setup.start()["planner"].any()
    decision = setup.seats.views[0].decision(np.zeros((4, 4, 1), np.float32))
    assert isinstance(decision, Decision)
    assert decision.relative is True
    assert model.n_envs == 4


def test_a_planner_does_not_learn_from_periods_in_which_he_does_not_decide() -> None:
    _, model = model_of(task_of(level="hybrid_soe", horizon=20))
    model.begin(3, np.array([30.0, 50.0]))
    model._setup_learn(1, None)
    model.collect_rollouts(model.env, None, model.rollout_buffer, 20)
    chances = model.rollout_buffer.log_probs.reshape(20, 4, 5)
    idle = np.arange(20) % 7 != 0
    assert (chances[idle, :, -1] == 0).all()
    assert chances[~idle].all()
    assert chances[:, :, :-1].all()
