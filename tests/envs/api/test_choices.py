"""Choices in place of numbers: what each means, and masks that neither hide what could be ordered nor show what could not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from gymnasium import spaces

from orderup import batched_env, central_env, parallel_env, vector_env
from orderup.envs.api.batched import BatchedNetwork
from orderup.envs.api.open_seats import OpenSeats
from orderup.envs.autonomy.autonomy import PLANNER
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.shipped_configs import list_autonomy
from orderup.envs.simulator import Simulator

from ...covering import covered

pytestmark = pytest.mark.usefixtures("recorded_twin")

K = 7
QUANTITIES = {"type": "discrete", "of": "quantity", "choices": K}
LEVELS = {"type": "discrete", "choices": K}


def placed(env: BatchedNetwork) -> Any:
    """What was ordered in the last period (L, K, B)."""
    flows = env.seats.simulator.now.flows
    assert flows is not None
    return flows.orders


def same_episodes(env: BatchedNetwork, periods: int) -> None:
    """The same episode in all copies, some periods into it, by choices that masks leave."""
    env.reset(seed=5, options={"episodes": np.zeros(env.num_envs, dtype=np.int64)})
    rng = np.random.default_rng(periods)
    for _ in range(periods):
        env.step(chosen(env, rng))


def chosen(env: BatchedNetwork, rng: np.random.Generator) -> dict[str, Any]:
    """A choice for every number that its mask leaves, the same in all copies."""
    found = {}
    for view in env.seats.views:
        masks = env.seats.mask(view)[0].reshape(len(view.names), -1, K)
        for agent, rows in zip(view.agents, masks, strict=True):
            one = [rng.choice(np.flatnonzero(row)) for row in rows]
            found[agent] = np.repeat([one], env.num_envs, axis=0)
    return found


def binding(view: OpenSeats) -> bool:
    """Whether what is chosen is ordered at once, by who knows how lanes are."""
    return view.masks is not None and view.masks.binds_now


@covered("level", ["autonomous_silo", "central_ideal"], some=1)
def test_quantities_that_masks_leave_are_ordered_and_others_are_never_needed(scenario: str, level: str) -> None:
    env = batched_env(scenario, level, K, actions=QUANTITIES)
    (view,) = env.seats.views
    network, simulator = env.seats.simulator.numpy_network, env.seats.simulator
    assert view.choices is not None
    for periods in (0, 3):
        same_episodes(env, periods)
        base = chosen(env, np.random.default_rng(1))
        masks = env.seats.mask(view)[0].reshape(-1, len(network.products), K)
        for place, lane in enumerate(view.choices.owned[:8]):
            for product in range(min(len(network.products), 2)):
                at = int(view.choices.at[place])
                seat, slot = divmod(at, view.actions.size // len(network.products))
                same_episodes(env, periods)
                actions = {agent: values.copy() for agent, values in base.items()}
                actions[view.agents[seat]][:, slot * len(network.products) + product] = np.arange(K)
                env.step(actions)
                ordered, said = placed(env)[lane, product], view.choices.amounts[place, product]
                left = masks[at, product] > 0
                assert left.any()
                if simulator.within[lane, product] or level == "central_ideal":
                    assert_honest(network, lane, ordered, said, left, view.choices.most[place, product])


def assert_honest(network: Any, lane: int, ordered: Any, said: Any, left: Any, most: float) -> None:
    door, bound = network.mechanisms.door, network.mechanisms.contract
    is_cut = door is not None and door.refuses is not None
    joint = len(network.products) > 1 and network.limits.least_orders
    window = bound is not None and lane in np.arange(len(network.lanes))[bound.lanes]
    if not (is_cut or joint or window):
        np.testing.assert_allclose(ordered[left], said[left], rtol=1e-9, atol=1e-9)
    for amount in ordered[~left]:
        assert np.isclose(ordered[left], amount, rtol=1e-6, atol=1e-6).any() or amount > most or is_cut or joint or window


@covered("level", list_autonomy(), some=1)
def test_levels_that_masks_hide_come_to_the_same_as_one_they_leave(scenario: str, level: str) -> None:
    env = batched_env(scenario, level, K, actions=LEVELS)
    products = len(env.seats.simulator.numpy_network.products)
    for periods in (0, 2):
        same_episodes(env, periods)
        base = chosen(env, np.random.default_rng(2))
        left_by = [env.seats.mask(view)[0].reshape(len(view.names), -1, K) for view in env.seats.views]
        for view, masks in zip(env.seats.views, left_by, strict=True):
            assert masks.any(axis=-1).all()
            hidden = np.argwhere(~masks.all(axis=-1))[:6]
            for seat, number in hidden:
                same_episodes(env, periods)
                actions = {agent: values.copy() for agent, values in base.items()}
                actions[view.agents[seat]][:, number] = np.arange(K)
                env.step(actions)
                orders = placed(env)
                left = np.flatnonzero(masks[seat, number])
                for choice in np.flatnonzero(masks[seat, number] == 0):
                    same = [np.allclose(orders[..., choice], orders[..., other]) for other in left]
                    assert any(same), (view.names[seat], number // products, choice)


def test_nothing_but_nothing_is_left_on_a_lane_that_takes_no_orders() -> None:
    scenario = {
        "name": "paused",
        "horizon": 6,
        "sites": {"store_1": {"role": "store", "holding": 1.0}},
        "lanes": [{"from": "supplier", "to": "store_1", "lead_time": 1}],
        "customers": [{"site": "store_1", "shortage": 9.0, "unmet": "backlog", "demand": {"type": "poisson", "mean": 10}}],
        "disruptions": [
            {"at": "supplier->store_1", "pauses": "orders", "when": {"type": "scheduled", "from": 2, "until": 4, "every": 50}}
        ],
    }
    for actions in (LEVELS, QUANTITIES):
        env = parallel_env(scenario, actions=actions)
        _, infos = env.reset(seed=1)
        left = []
        for _ in range(5):
            left.append(int(infos["store_1"]["action_mask"].sum()))
            infos = env.step({"store_1": 3})[4]
        assert left == [K, K, 1, 1, K]


def test_a_planner_chooses_in_its_own_periods_alone() -> None:
    env = parallel_env("owmr", "hybrid_soe", actions="discrete")
    _, infos = env.reset(seed=1)
    for period in range(9):
        masks = np.stack(infos[PLANNER]["action_mask"])
        assert masks.shape == (6, 21)
        assert masks.sum() == (126 if period % 7 == 0 else 6)
        assert infos["store_1"]["action_mask"].sum() == 21
        infos = env.step({agent: env.action_space(agent).sample() for agent in env.agents})[4]


def test_choices_are_multiples_of_the_usual_level_from_nothing_to_twice_that() -> None:
    env, plain = parallel_env("newsvendor", actions="discrete", horizon=4), parallel_env("newsvendor", horizon=4)
    assert env.action_space("store_1") == spaces.Discrete(21)
    for choice, number in ((0, -1.0), (10, 0.0), (20, 1.0), (13, 0.3)):
        env.reset(seed=2)
        plain.reset(seed=2)
        ours, theirs = env.step({"store_1": choice}), plain.step({"store_1": np.array([number])})
        assert ours[1]["store_1"] == pytest.approx(theirs[1]["store_1"], rel=1e-6)


def test_quantities_come_in_packs_up_to_what_a_lane_can_ship() -> None:
    scenario = {
        "name": "packs",
        "horizon": 6,
        "sites": {"store_1": {"role": "store", "holding": 1.0}},
        "lanes": [{"from": "supplier", "to": "store_1", "lead_time": 1, "multiple": 6, "minimum": 10}],
        "customers": [{"site": "store_1", "shortage": 9.0, "unmet": "backlog", "demand": {"type": "poisson", "mean": 10}}],
    }
    env = batched_env(scenario, num_envs=1, actions={**QUANTITIES, "choices": 6})
    (view,) = env.seats.views
    assert view.choices is not None
    assert view.choices.amounts[0, 0].tolist() == [0, 6, 12, 18, 24, 30]
    assert env.action_mask("store_1").tolist() == [[1, 0, 1, 1, 1, 1]]
    scenario["lanes"] = [{"from": "supplier", "to": "store_1", "lead_time": 1, "capacity": 11}]
    env = batched_env(scenario, num_envs=1, actions={**QUANTITIES, "choices": 6})
    (view,) = env.seats.views
    assert view.choices is not None
    assert view.choices.amounts[0, 0].tolist() == [0, *[pytest.approx(6.53, abs=0.01)], 11, 11, 11, 11]
    assert env.action_mask("store_1").tolist() == [[1, 1, 1, 0, 0, 0]]


def test_masks_can_stand_beside_what_is_seen() -> None:
    env, plain = (parallel_env("owmr", actions="discrete", action_mask=where) for where in ("observation", "info"))
    seen, infos = env.reset(seed=1)
    own, told = plain.reset(seed=1)
    np.testing.assert_array_equal(seen["store_1"]["observation"], own["store_1"])
    np.testing.assert_array_equal(seen["store_1"]["action_mask"], told["store_1"]["action_mask"])
    assert "action_mask" not in infos["store_1"]
    assert env.observation_space("store_1").contains(seen["store_1"])
    assert "action_mask" not in parallel_env("owmr", actions="discrete", action_mask="none").reset(seed=1)[1]["store_1"]


def test_clients_of_masks_get_them_by_their_own_word() -> None:
    rows = vector_env("owmr", copies=2, actions="discrete")
    rows.reset()
    assert rows.action_masks().shape == (12, 21)
    assert np.stack(rows.env_method("action_masks")).shape == (12, 21)
    assert central_env("owmr", actions="discrete").action_masks().shape == (126,)


BAD: list[tuple[Any, str]] = [
    ({"actions": {"type": "discrete", "of": "allocation"}}, "^actions.of: found 'allocation'; accepted: level or quantity"),
    ({"actions": "allocation"}, "^actions: found 'allocation'; accepted: one of discrete, level, quantity; an allocation is"),
    ({"actions": {"type": "discrete", "choises": 3}}, "did you mean 'choices'"),
    ({"actions": {"type": "discrete", "choices": 1}}, "^actions.choices: found 1"),
    ({"actions": {"type": "level", "choices": 5}}, "^actions.choices: found 5; accepted: nothing beside `type: level`"),
    ({"actions": 5}, "^actions: found 5; accepted: level, quantity, discrete, or a mapping"),
    ({"action_mask": "observation"}, "^action_mask: found 'observation, with actions=level'; accepted: actions=discrete"),
    ({"action_mask": "obs"}, "^action_mask: found 'obs'; accepted: one of info"),
]


@pytest.mark.parametrize(("options", "said"), BAD)
def test_forms_that_cannot_be_are_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        parallel_env("owmr", **options)


@pytest.mark.parametrize("bad", [21, -1, 0.5, np.nan, "much", None, [1, 2]])
def test_a_choice_that_is_none_is_refused_with_the_agents_name(bad: Any) -> None:
    env = parallel_env("owmr", actions="discrete")
    env.reset(seed=0)
    with pytest.raises(InputError, match=r"^actions\[store_3\]: found .*; accepted: 1 whole number from 0 to 20"):
        env.step({**dict.fromkeys(env.agents, 3), "store_3": bad})


def test_numbers_of_a_range_have_no_mask() -> None:
    for env in (parallel_env("owmr"), batched_env("owmr", num_envs=2)):
        with pytest.raises(InputError, match="^action_mask: found 'actions=level'; accepted: actions=discrete"):
            env.action_mask("store_1")
    with pytest.raises(InputError, match="^action_mask"):
        vector_env("owmr", copies=1).action_masks()


def test_who_decides_nothing_of_a_lane_has_nothing_to_choose_there() -> None:
    simulator = Simulator("owmr", {"name": "shared", "visibility": "silo", "authority": "central", "share": 2})
    env = batched_env("owmr", simulator.autonomy, 1, actions=LEVELS)
    for agent in env.possible_agents:
        if agent != PLANNER:
            assert env.action_mask(agent).sum() == K
