"""What a seat is paid for: its own cost, the network's, something between, or staying close to the centre."""

from __future__ import annotations

from .arrays import Array, tree_sum
from .autonomy import Autonomy
from .errors import InputError

TRACKING = "tracking"


def check_reward(reward: str | float, autonomy: Autonomy) -> str | float:
    """The reward asked for, `own` as 0 and `team` as 1. Raises InputError for one that is unknown, or that means nothing here.

    A number is λ, the team's share: −((1 − λ) own cost + λ mean over sites). `tracking` is −distance to the centre's decision,
    in mean demands of a period, where sites may differ from a centre (authorities `band` and `approve`).
    """
    if reward == TRACKING:
        if autonomy.authority not in ("band", "approve"):
            raise InputError("reward", reward, f"own, team or a number at authority {autonomy.authority}, where no site differs")
        return TRACKING
    if reward in ("own", "team"):
        return 0.0 if reward == "own" else 1.0
    if isinstance(reward, (int, float)) and not isinstance(reward, bool) and 0 <= reward <= 1:
        return float(reward)
    raise InputError("reward", reward, "own, team, tracking, or the team's share λ from 0 to 1")


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
