"""What a seat is paid for: its own cost, the network's, or something between."""

from __future__ import annotations

from .arrays import Array, tree_sum
from .errors import InputError


def share_of_team(reward: str | float) -> float:
    """λ: how much of a site's reward is the team's: 0 for `own`, 1 for `team`, or a number between. Raises InputError."""
    if reward == "own":
        return 0.0
    if reward == "team":
        return 1.0
    if isinstance(reward, (int, float)) and 0 <= reward <= 1:
        return float(reward)
    raise InputError("reward", reward, "own, team, or the team's share λ from 0 to 1")


def rewards(site_cost: Array, share: float, seats: int) -> Array:
    """Rewards from what every site pays (N, B): −((1 − λ) own + λ mean over sites), a centre's the mean.

    (S, B), or (1, B) where all seats get the same.
    """
    sites = site_cost.shape[0]
    if seats != sites or share == 1.0:
        return tree_sum(site_cost)[None] * (-1.0 / sites)
    if share == 0.0:
        return -site_cost
    return -((1.0 - share) * site_cost + share * tree_sum(site_cost)[None] / sites)
