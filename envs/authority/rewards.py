"""What a seat is paid for: its own cost, the network's, something between, or staying close to the centre."""

from __future__ import annotations

from ..autonomy.autonomy import Autonomy
from ..foundation.errors import InputError
from ..numerics.arrays import Array, tree_sum

TRACKING = "tracking"


def share_of_team(reward: str | float) -> float:
    """λ: how much of a site's reward is the team's: 0 for `own`, 1 for `team`, or a number between. Raises InputError."""
    if reward in ("own", "team"):
        return 0.0 if reward == "own" else 1.0
    if isinstance(reward, (int, float)) and not isinstance(reward, bool) and 0 <= reward <= 1:
        return float(reward)
    raise InputError("reward", reward, "own, team, tracking, or the team's share λ from 0 to 1")


def check_reward(reward: str | float, autonomy: Autonomy) -> str | float:
    """`tracking`, or λ of the reward asked for. Raises InputError for one that is unknown, or that means nothing at this level.

    λ stands for −((1 − λ) own cost + λ mean over sites); `tracking` for −distance to the centre's decision, in mean demands of
    a period, where sites may differ from a centre (authorities `band` and `approve`).
    """
    if reward == TRACKING:
        if not autonomy.acts.sites_may_differ:
            raise InputError(
                "reward", reward, f"own, team or a number at authority {autonomy.authority}, where no site differs"
            )
        return TRACKING
    return share_of_team(reward)


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
