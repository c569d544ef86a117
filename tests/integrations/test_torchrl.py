"""TorchRL sees what the parallel environment shows, at the batch's speed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("torchrl")

from torchrl.envs.utils import check_env_specs  # noqa: E402 # the library may not be there

from orderup import parallel_env  # noqa: E402 # the library may not be there
from orderup.envs.foundation.errors import InputError  # noqa: E402 # the library may not be there
from orderup.integrations.torchrl import TorchRLNetwork  # noqa: E402 # the library may not be there

PERIODS = 4
FORMS: list[dict[str, Any]] = [
    {"autonomy": "autonomous_silo"},
    {"autonomy": "hybrid_soe"},
    {"autonomy": "hybrid_soe", "actions": "discrete"},
    {"autonomy": "autonomous_silo", "actions": "discrete", "action_mask": "observation"},
    {"autonomy": "federated", "observations": "tokens"},
    {"autonomy": "central_ideal", "bounds": True},
    {"autonomy": "hybrid_soe", "groups": "agent"},
    {"autonomy": "hybrid_soe", "backend": "torch"},
]


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_it_passes_torchrls_test(form: dict[str, Any]) -> None:
    check_env_specs(TorchRLNetwork("owmr", num_envs=3, horizon=PERIODS, **form))


@pytest.mark.parametrize("level", ["autonomous_silo", "hybrid_soe", "central_ideal", "management_by_exception"])
@pytest.mark.parametrize("backend", ["numpy", "torch"])
def test_it_tells_what_the_parallel_environment_does(level: str, backend: str) -> None:
    env = TorchRLNetwork("owmr", level, num_envs=2, horizon=PERIODS, reward_scale=1.0, backend=backend)
    env.set_seed(7)
    plain = parallel_env("owmr", level, horizon=PERIODS)
    observations, _ = plain.reset(seed=7)
    told = env.reset()
    exactly = {"rtol": 0, "atol": 0} if backend == "numpy" else {"rtol": 1e-6, "atol": 1e-6}
    for period in range(PERIODS):
        for group, agents in env.group_map.items():
            for seat, agent in enumerate(agents):
                np.testing.assert_allclose(told[group, "observation"][0, seat].numpy(), observations[agent], **exactly)
        told = env.rand_action(told)
        actions = {
            agent: told[group, "action"][0, seat].numpy()
            for group, agents in env.group_map.items()
            for seat, agent in enumerate(agents)
        }
        told = env.step(told)["next"]
        observations, rewards, _, truncations, infos = plain.step(actions)
        for group, agents in env.group_map.items():
            for seat, agent in enumerate(agents):
                paid = np.float32(rewards[agent])
                np.testing.assert_allclose(told[group, "reward"][0, seat, 0].numpy(), paid, **exactly)
                cost = told[group, "info", "cost"][0, seat, 0].numpy()
                np.testing.assert_allclose(cost, infos[agent]["cost"], rtol=1e-6)
        assert bool(told["truncated"].all()) == (period == PERIODS - 1) == all(truncations.values())


def test_groups_are_whoever_one_likes_of_one_party() -> None:
    stores = [f"store_{number}" for number in range(1, 6)]
    env = TorchRLNetwork("owmr", num_envs=2, groups={"stores": stores, "hub": ["warehouse_1"]}, horizon=PERIODS)
    check_env_specs(env)
    assert env.reset()["stores", "observation"].shape[:2] == (2, 5)
    with pytest.raises(InputError, match=r"^groups.all: found .*; accepted: agents of one party"):
        TorchRLNetwork("owmr", "hybrid_soe", groups={"all": ["store_1", "planner_0"]})
    with pytest.raises(InputError, match="^groups: found 'no group for store_2"):
        TorchRLNetwork("owmr", groups={"one": ["store_1"]})


def test_a_new_seed_begins_the_same_episodes_anew() -> None:
    env = TorchRLNetwork("owmr", num_envs=2, horizon=PERIODS)
    found = []
    for _ in range(2):
        env.set_seed(3)
        told = env.reset()
        told["sites", "action"] = torch.zeros((2, 6, 1))
        found.append(env.step(told)["next", "sites", "reward"])
    assert torch.equal(*found)
