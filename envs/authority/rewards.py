"""What a seat is paid for: its own cost, the network's, something between, staying close to the centre, or what one makes it.

Letters: B batch, N sites, L lanes, K products.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from pydantic import Field

from ..autonomy.autonomy import Autonomy
from ..foundation.errors import InputError
from ..foundation.registry import Registry
from ..foundation.validation import Keys, validated
from ..network.network import Network
from ..numerics.arrays import Array, tree_sum
from ..physics.state import Flows, State

TRACKING = "tracking"
ACCEPTED = "own, team, tracking, the team's share λ from 0 to 1, a function of the outcome, or package.module:Class"
TO_LEARN = "own, team, or the team's share from 0 to 1; or package.module:Class"


@dataclass(slots=True, eq=False)
class PeriodOutcome:
    """What a period has come to, as rewards see it: arrays have the batch last."""

    network: Network
    state: State
    """As the period ended, units (rows, K, B)."""
    flows: Flows
    """What moved in it."""
    terms: Mapping[str, Array]
    """Each of the ledger's money terms by site (N, B) [money]."""
    cost: Array
    """What each site pays (N, B) [money], all terms together."""
    distance: Array | None = None
    """How far sites are from the centre's decision (L, K, B) [mean demands of a period]; None where none may be."""


class Reward(Keys):
    """What the sites are paid for a period; its fields are the keys beside `type`.

    A subclass is registered with `@rewards.register("name")`, or known by its path, `package.module:Class`.
    """

    @property
    def is_ours(self) -> bool:
        """Whether it comes with the project, so that it is known to be made of array operations alone."""
        return type(self).__module__.startswith("orderup.")

    @property
    def team_share(self) -> float:
        """λ: how much of what a site is paid is the team's: 1 where all are paid the same, for which planners can learn."""
        return 0.0

    def reward(self, outcome: PeriodOutcome) -> Array:
        """Of every site (N, B), or (1, B) where all get the same; more is better."""
        raise NotImplementedError

    def of_planner(self, outcome: PeriodOutcome) -> Array:
        """Of a planner (1, B): unless something else is said, the mean over sites."""
        found = self.reward(outcome)
        return tree_sum(found)[None] * (1.0 / found.shape[0])

    def check(self, autonomy: Autonomy) -> None:
        """Raises InputError where it means nothing at an autonomy level."""


RewardLike: TypeAlias = str | float | Mapping[str, Any] | Callable[[PeriodOutcome], Array] | Reward
"""own, team, tracking, λ from 0 to 1, `package.module:Class`, a mapping with such a `type`, an object, or a function."""

rewards = Registry[Reward]("reward", Reward)
"""Rewards by name."""


@rewards.register("mix")
class MixedReward(Reward):
    """−((1 − λ) own cost + λ mean over sites); a planner gets the team's."""

    share: float = Field(ge=0, le=1, description="λ, the team's share")

    @property
    def team_share(self) -> float:
        return self.share

    def reward(self, outcome: PeriodOutcome) -> Array:
        return site_rewards(outcome.cost, self.share)

    def of_planner(self, outcome: PeriodOutcome) -> Array:
        return team_reward(outcome.cost)


@rewards.register("own")
class OwnCost(MixedReward):
    """−what the site itself pays."""

    share: float = Field(0.0, ge=0, le=0)


@rewards.register("team")
class TeamCost(MixedReward):
    """−mean over sites of what each pays, the same for all."""

    share: float = Field(1.0, ge=1, le=1)


@rewards.register(TRACKING)
class Tracking(Reward):
    """−distance to the centre's decision [mean demands of a period], all lanes and products; a planner gets the team's."""

    def reward(self, outcome: PeriodOutcome) -> Array:
        return -outcome.network.topology.inbound.total(tree_sum(outcome.distance, axis=1))

    def of_planner(self, outcome: PeriodOutcome) -> Array:
        return team_reward(outcome.cost)

    def check(self, autonomy: Autonomy) -> None:
        if not autonomy.acts.sites_may_differ:
            where = f"own, team or a number at authority {autonomy.authority}, where no site differs"
            raise InputError("reward", TRACKING, where)


class CalledReward(Reward):
    """What a function says of a period's outcome: of every site (N, B), or (1, B) where all get the same."""

    function: Callable[[PeriodOutcome], Any] = Field(description="The function")

    @property
    def is_ours(self) -> bool:
        return False

    def reward(self, outcome: PeriodOutcome) -> Array:
        found, wanted = self.function(outcome), outcome.cost.shape
        shape = tuple(getattr(found, "shape", ()))
        if shape not in (wanted, (1, wanted[1])):
            raise InputError("reward", f"an array of shape {shape}", f"{wanted} of the function, or {(1, wanted[1])}")
        return found


def reward_of(given: RewardLike, accepted: str = ACCEPTED) -> Reward:
    """The reward that is asked for. Raises InputError for what is none."""
    if isinstance(given, Reward):
        return given
    if callable(given) and not isinstance(given, type):
        return CalledReward(function=given)
    if isinstance(given, (int, float)) and not isinstance(given, bool) and 0 <= given <= 1:
        return MixedReward(share=float(given))
    keys = {"type": given} if isinstance(given, str) else given
    if not isinstance(keys, Mapping) or not isinstance(kind := keys.get("type"), str) or not (":" in kind or kind in rewards):
        raise InputError("reward", given, accepted)
    return validated(rewards.find(kind, "reward"), {name: value for name, value in keys.items() if name != "type"}, "reward")


def reward_to_learn(given: RewardLike) -> Reward:
    """One that learners are trained for. Raises InputError for `tracking`, too, which is none."""
    found = reward_of(given, TO_LEARN)
    if isinstance(found, (Tracking, CalledReward)):
        raise InputError("reward", TRACKING if isinstance(found, Tracking) else given, TO_LEARN)
    return found


def plain_reward(given: str | float | dict[str, Any]) -> str | float | dict[str, Any]:
    """The same as plain data, in which rewards of money are the share λ where they were no name. Raises InputError."""
    found = reward_to_learn(given)
    return found.share if isinstance(found, MixedReward) and isinstance(given, dict) else given


def team_reward(site_cost: Array) -> Array:
    """−mean over sites of what each pays: (N, B) to (1, B)."""
    return tree_sum(site_cost)[None] * (-1.0 / site_cost.shape[0])


def site_rewards(site_cost: Array, share: float) -> Array:
    """Rewards of all sites from what each pays (N, B): (N, B), or (1, B) where all get the same."""
    if share == 1.0:
        return team_reward(site_cost)
    if share == 0.0:
        return -site_cost
    return (share - 1.0) * site_cost + share * team_reward(site_cost)
