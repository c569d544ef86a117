"""Policies from elsewhere cost in `evaluate` what running them in `parallel_env` by hand costs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from stable_baselines3 import PPO

import orderup
from orderup.agents.adapter import adapted
from orderup.envs.foundation.errors import InputError
from orderup.envs.information.policy import Context, Decision
from orderup.evaluation import compare, evaluate
from orderup.evaluation.running.playing import CannotAct

from ..evaluation.cases import RANDOM

SEED, EPISODES = 10_000, 3
BOTH: dict[str, Any] = {"type": "hybrid_soe", "name": "both", "cadence": 4}


def by_hand(policy: Any, autonomy: Any = "autonomous_silo", **options: Any) -> list[float]:
    """Mean cost per period after the warm-up of the first episodes, by PettingZoo's loop, of a policy (agent, observation)."""
    env = orderup.parallel_env(RANDOM, autonomy=autonomy, split="test", **options)
    costs = []
    for episode in range(EPISODES):
        observations, _ = env.reset(seed=SEED if episode == 0 else None)
        paid: list[float] = []
        while env.agents:
            seen = {agent: policy(agent, observations[agent]) for agent in env.agents}
            observations, _, _, _, infos = env.step(seen)
            sites = [info["cost"] for agent, info in infos.items() if agent != "planner_0"]
            paid.append(sum(sites) if sites else infos["planner_0"]["cost"])
        costs.append(float(np.mean(paid[RANDOM["warmup"] :])))
    return costs


def evaluated(policy: Any, autonomy: Any = "autonomous_silo") -> list[float]:
    found = evaluate(RANDOM, autonomy, policy, episodes=EPISODES, seed=SEED).episodes["cost"]
    return [float(cost) for cost in found]


def network(autonomy: Any = "autonomous_silo", seat: str = "store_1", seed: int = 0, **options: Any) -> torch.nn.Module:
    env = orderup.parallel_env(RANDOM, autonomy=autonomy, **options)
    torch.manual_seed(seed)
    shapes = env.observation_space(seat).shape[0], env.action_space(seat).shape[0]
    return torch.nn.Sequential(torch.nn.Linear(shapes[0], 8), torch.nn.Tanh(), torch.nn.Linear(8, shapes[1]), torch.nn.Tanh())


def said(module: torch.nn.Module, observation: Any) -> Any:
    with torch.no_grad():
        return module(torch.as_tensor(observation)).numpy()


def test_a_torch_policy_costs_what_it_costs_by_hand() -> None:
    module = network()
    assert evaluated(module) == pytest.approx(by_hand(lambda agent, seen: said(module, seen)), rel=1e-6)


def test_a_function_of_one_observation_sees_and_says_what_parallel_env_shows_and_takes() -> None:
    module = network(seed=1)
    shapes = set()

    def policy(observation: Any) -> Any:
        shapes.add((observation.shape, str(observation.dtype)))
        return said(module, observation)

    assert evaluated(policy) == pytest.approx(by_hand(lambda agent, seen: said(module, seen)))
    assert shapes == {((module[0].in_features,), "float32")}  # type: ignore[index]
    assert evaluate(RANDOM, agents=policy, episodes=1).name == "policy"


def test_a_function_that_takes_two_is_told_the_seat() -> None:
    usual = {"store_1": 0.1, "store_2": -0.1, "warehouse_1": 0.3}
    size = network()[2].out_features  # type: ignore[index]
    expected = by_hand(lambda agent, seen: np.full(size, usual[agent]))
    assert evaluated(lambda seen, seat: np.full(size, usual[seat])) == pytest.approx(expected)


def test_a_policy_of_its_own_for_each_seat() -> None:
    modules = {seat: network(seed=place) for place, seat in enumerate(("store_1", "store_2", "warehouse_1"))}
    assert evaluated(modules) == pytest.approx(by_hand(lambda agent, seen: said(modules[agent], seen)), rel=1e-6)


def test_a_planner_and_sites() -> None:
    planner, sites = network(BOTH, "planner_0"), network(BOTH, "store_1", seed=3)
    found = evaluated({"planner": planner, "sites": sites}, BOTH)
    assert found == pytest.approx(
        by_hand(lambda agent, seen: said(planner if agent == "planner_0" else sites, seen), BOTH), rel=1e-6
    )


def test_a_policy_beside_a_rule_in_other_seats() -> None:
    seats = {"store_2": "base_stock", "warehouse_1": "base_stock"}
    env = orderup.parallel_env(RANDOM, split="test", agents=seats)
    module = network(seed=4, agents=seats)
    found = evaluated({"store_1": module, "sites": "base_stock"})
    assert env.possible_agents == ["store_1"]
    observations, _ = env.reset(seed=SEED)
    paid = []
    while env.agents:
        observations, rewards, _, _, _ = env.step({"store_1": said(module, observations["store_1"])})
        paid.append(-3 * rewards["store_1"])  # the team's reward is the mean over sites
    assert found[0] == pytest.approx(np.mean(paid[RANDOM["warmup"] :]))


def test_a_stable_baselines_model_costs_what_it_costs_by_hand() -> None:
    env = orderup.vector_env(RANDOM, copies=2)
    model = PPO("MlpPolicy", env, n_steps=4, batch_size=8, device="cpu", seed=0)
    expected = by_hand(lambda agent, seen: model.predict(seen, deterministic=True)[0])
    assert evaluated(model) == pytest.approx(expected, rel=1e-6)
    assert compare(RANDOM, [("autonomous_silo", model), ("autonomous_silo", "base_stock")], episodes=2).methods[0].name == "PPO"


class Counting:
    """A model with a memory: it says how many periods have passed, in tenths."""

    def predict(self, observation: Any, state: Any = None, episode_start: Any = None, deterministic: bool = False) -> Any:
        count = np.zeros(len(observation)) if state is None else state
        count = np.where(episode_start, 0.0, count + 1)
        return np.repeat(np.minimum(count / 10, 1.0)[:, None], network()[2].out_features, axis=1), count  # type: ignore[index]


def test_a_models_memory_lasts_an_episode() -> None:
    size, calls = network()[2].out_features, dict.fromkeys(("store_1", "store_2", "warehouse_1"), -1)  # type: ignore[index]

    def tenths(agent: str, seen: Any) -> Any:
        calls[agent] += 1
        return np.full(size, min(calls[agent] % RANDOM["horizon"] / 10, 1.0))

    assert evaluated(Counting()) == pytest.approx(by_hand(tenths))


class Fixed:
    """A policy by the project's own protocol."""

    def reset(self, context: Context) -> None:
        self.lanes = len(context.network.lanes)

    def act(self, information: Any) -> Decision:
        return Decision(quantity=np.full((1, self.lanes, 1), 3.0))


def test_a_policy_by_the_projects_own_protocol_is_evaluated() -> None:
    found = evaluate(RANDOM, agents=Fixed(), episodes=2)
    assert found.name == "Fixed"
    assert found.kpis["order_frequency"] == 1.0


@pytest.mark.parametrize(
    ("policy", "reason"),
    [
        (lambda seen: np.zeros(1), "lambda: 12 numbers"),
        (lambda seen: np.zeros(network()[2].out_features + 1), "lambda: .* numbers"),  # type: ignore[index]
        (lambda seen: "much", "lambda: no numbers"),
        (lambda seen: np.full(network()[2].out_features, np.nan), "lambda: nan"),  # type: ignore[index]
    ],
)
def test_what_parallel_env_would_not_take_is_refused(policy: Any, reason: str) -> None:
    with pytest.raises(CannotAct, match=reason):
        evaluate(RANDOM, agents=policy, episodes=4)


def test_what_cannot_be_asked_is_no_policy() -> None:
    with pytest.raises(InputError, match="a model with `predict`"):
        adapted(3)
    with pytest.raises(InputError, match="agent: found 3"):
        evaluate(RANDOM, agents=3, episodes=1)


def test_agent_and_agents_are_one_word_and_not_both_at_once() -> None:
    assert evaluate(RANDOM, agent="hold", episodes=2).cost == evaluate(RANDOM, agents="hold", episodes=2).cost
    with pytest.raises(InputError, match="agents: found 'agent too'; accepted: one of the two"):
        evaluate(RANDOM, agent="hold", agents="hold")
    with pytest.raises(InputError, match="agents: found 'seats too'; accepted: one of the two"):
        orderup.parallel_env(RANDOM, agents={"store_1": "hold"}, seats={"store_1": "hold"})
