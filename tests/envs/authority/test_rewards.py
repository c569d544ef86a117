"""What a seat is paid for, worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from orderup.envs.api.parallel import ParallelNetwork
from orderup.envs.authority.rewards import (
    MixedReward,
    OwnCost,
    PeriodOutcome,
    Reward,
    TeamCost,
    reward_of,
    site_rewards,
    team_reward,
)
from orderup.envs.autonomy.autonomy import PLANNER
from orderup.envs.foundation.errors import InputError
from orderup.envs.numerics.arrays import Array, tree_sum
from orderup.envs.seating import UsualLevel

from ..levels_of_autonomy import level, says

COST = np.array([[1.0, 2.0], [3.0, 6.0]])
"""Of two sites in two episodes (N, B)."""


def test_own_team_and_what_lies_between() -> None:
    assert site_rewards(COST, 0.0).tolist() == [[-1, -2], [-3, -6]]
    assert site_rewards(COST, 1.0).tolist() == [[-2, -4]]
    assert site_rewards(COST, 0.25).tolist() == [[-1.25, -2.5], [-2.75, -5.5]]
    assert team_reward(COST).tolist() == [[-2, -4]]


def env(reward: Any, **keys: Any) -> ParallelNetwork:
    """The five stores and their warehouse, the centre at its usual levels."""
    return ParallelNetwork("owmr", level(**keys), reward=reward, horizon=4, seats={"planner": UsualLevel()})


def test_the_share_of_the_team_turns_own_into_team_and_a_planner_gets_the_teams() -> None:
    for share in (0.0, 0.25, 1.0):
        both = ParallelNetwork("owmr", level("band", band=1.0), reward=share, horizon=2)
        both.reset(seed=0)
        rng = np.random.default_rng(0)
        actions = {agent: says(*rng.uniform(-1, 1, both.action_space(agent).shape)) for agent in both.agents}
        _, rewards, _, _, infos = both.step(actions)
        cost = {agent: info["cost"] for agent, info in infos.items() if agent != PLANNER}
        mean = sum(cost.values()) / len(cost)
        for agent, own in cost.items():
            assert rewards[agent] == pytest.approx(-((1 - share) * own + share * mean))
        assert rewards[PLANNER] == pytest.approx(-mean)
        assert infos[PLANNER]["cost"] == pytest.approx(sum(cost.values()))


def test_tracking_in_a_band_is_the_distance_of_the_level_in_mean_demands() -> None:
    """Action a in a band of 2 is a distance of 2a mean demands."""
    banded = env("tracking", authority="band", band=2.0)
    banded.reset(seed=0)
    actions = {agent: says(a) for agent, a in zip(banded.agents, (0, 0.5, -0.25, 1, -1, 0.125), strict=True)}
    _, rewards, *_ = banded.step(actions)
    assert [*rewards.values()] == pytest.approx([0, -1, -0.5, -2, -2, -0.25])


def test_tracking_an_approver_is_the_distance_of_the_order_in_mean_demands() -> None:
    """Both order up to levels from the same position, the site to ¼ of a usual one more: mean 12, deviation √24."""
    approved = env("tracking", authority="approve", approval_threshold=1.0)
    approved.reset(seed=0)
    actions = {agent: says(0.25 if agent == "store_1" else 0.0) for agent in approved.agents}
    _, rewards, *_ = approved.step(actions)
    usual = 2 * 12 + 2 * 24**0.5 * 2**0.5
    position = 24 + 12
    wanted = [max(share * usual - position, 0.0) for share in (1.0, 1.25)]
    assert rewards["store_1"] == pytest.approx(-(wanted[1] - wanted[0]) / 12)
    assert rewards["store_2"] == 0


@pytest.mark.parametrize(
    "keys", [{"authority": "band", "band": 2.0}, {"authority": "approve", "approval_threshold": 1.0}], ids=str
)
def test_nobody_is_blamed_for_what_is_not_his_to_decide(keys: dict[str, Any]) -> None:
    """Actions are read for every lane, those of nobody as anybody's; they must not count."""
    one = env("tracking", purview={"store_2": None}, **keys)
    one.reset(seed=0)
    one.step({"store_2": says(1)})
    distance = one._seats.simulator.centre.distance
    rows = [lane.endswith("->store_2") for lane in one._seats.simulator.numpy_network.lanes]
    assert distance is not None
    assert (distance[np.array(rows)] > 0).all()
    assert (distance[~np.array(rows)] == 0).all()


@pytest.mark.parametrize("authority", ["central", "target", "autonomous"])
def test_tracking_is_refused_where_no_site_differs_from_a_centre(authority: str) -> None:
    with pytest.raises(InputError, match=rf"^reward: found 'tracking'; .*authority {authority}"):
        reward_of("tracking").check(level(authority))


@pytest.mark.parametrize("reward", ["mine", -0.1, 1.1, float("nan"), True, None])
def test_an_unknown_reward_is_refused(reward: Any) -> None:
    with pytest.raises(InputError, match=r"^reward: found .*; accepted: own, team, tracking"):
        reward_of(reward)


class ServiceFirst(Reward):
    """Units served, less a share of the cost."""

    weight: float = 0.0

    def reward(self, outcome: PeriodOutcome) -> Array:
        """Of every site (N, B)."""
        served = outcome.network.topology.buyers.total(tree_sum(outcome.flows.served, axis=1))
        return served - self.weight * outcome.cost


PATH = "tests.envs.authority.test_rewards:ServiceFirst"


@pytest.mark.parametrize("given", [PATH, {"type": PATH}, ServiceFirst()], ids=["path", "mapping", "object"])
def test_an_own_reward_is_paid_to_every_seat_and_a_planner_gets_the_mean(given: Any) -> None:
    both = ParallelNetwork("owmr", level("band", band=1.0), reward=given, horizon=2)
    both.reset(seed=0)
    _, rewards, *_ = both.step({agent: np.zeros(both.action_space(agent).shape, np.float32) for agent in both.agents})
    flows, sites = both._seats.simulator.now.flows, [agent for agent in both.possible_agents if agent != PLANNER]
    assert flows is not None
    served = dict.fromkeys(sites, 0.0)
    for row, site in enumerate(both._seats.simulator.numpy_network.topology.customer_site):
        served[both._seats.simulator.numpy_network.sites[site]] += float(flows.served[row].sum())
    assert {site: rewards[site] for site in sites} == pytest.approx(served)
    assert rewards[PLANNER] == pytest.approx(sum(served.values()) / len(sites))


def test_the_keys_of_an_own_reward_count_and_an_unknown_one_is_refused() -> None:
    dear = reward_of({"type": PATH, "weight": 2.0})
    assert dear == ServiceFirst(weight=2.0)
    with pytest.raises(InputError, match=r"^reward: found 'wait'; .*weight"):
        reward_of({"type": PATH, "wait": 2.0})


def test_what_is_no_reward_is_not_taken_for_one() -> None:
    with pytest.raises(InputError, match=r"^reward: .*a subclass of orderup.envs.authority.rewards.Reward"):
        reward_of("tests.own_demand:OwnPoisson")


def test_built_in_rewards_are_registered_as_own_ones_are() -> None:
    assert (reward_of("own"), reward_of("team"), reward_of(0.25)) == (OwnCost(), TeamCost(), MixedReward(share=0.25))
    assert reward_of({"type": "mix", "share": 0.25}) == reward_of(0.25)
