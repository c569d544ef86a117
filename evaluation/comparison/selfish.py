"""Whether what selfish sites learnt is an outcome of their game: what each could gain by leaving, and if it has a price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .method import Method

LARGEST_GAIN = 0.01
"""Share of its own cost that a site may gain by leaving what all have learnt, for a price of anarchy to be told."""


@dataclass(frozen=True)
class Leaving:
    """What one site pays in a method, and could gain by a best response of its own: means over seeds [money/period]."""

    method: str
    site: str
    own_cost: float
    gain: float
    half_width: float
    """Of the gain's 95 % interval: over episodes, and the largest over seeds."""
    share: float
    """The largest over seeds of the gain, if any, in what the site pays."""


def leaving(methods: Sequence[Method]) -> list[Leaving]:
    """A row for every site of every method in which sites learnt for themselves and their best responses were looked for."""
    return [
        Leaving(
            method.label,
            site,
            float(np.mean([gains[site].own_cost for gains in told])),
            float(np.mean([gains[site].gain for gains in told])),
            max(gains[site].half_width for gains in told),
            max(gains[site].share for gains in told),
        )
        for method in methods
        if (told := [game.gains for game in method.games if game is not None and game.gains is not None])
        for site in told[0]
    ]


def no_price(method: Method, largest: float = LARGEST_GAIN) -> str | None:
    """Why what selfish sites have learnt has no price of anarchy; None where it has one, if somebody learnt for the team."""
    games, training = method.games, method.training
    if training is None or None in games:
        return "its checkpoint was chosen by the network's cost, which no selfish site would do"
    if training.scenario != method.seeds[0].traces.scenario:
        return f"it is evaluated on another scenario than {training.scenario.name}, on which it learnt"
    if method.settled is False:
        return "sites' own costs still moved when training ended"
    shares = [game.largest_share for game in games if game is not None]
    if None in shares:
        return "what sites could gain by leaving it was not measured (deviation_steps)"
    found = max(share for share in shares if share is not None)
    if found > largest:
        return f"a site gains {found:.2%} of what it pays by leaving it, more than {largest:.2%} (largest_gain): no equilibrium"
    return None


def reasons(methods: Sequence[Method], largest: float = LARGEST_GAIN) -> list[str]:
    """Of every method in which sites learnt for themselves and that has no price of anarchy, why."""
    found = [(method, no_price(method, largest)) for method in methods if method.is_selfish]
    return [
        f"{method.label}: it learnt for each site's own cost and has no price of anarchy, for {reason}"
        for method, reason in found
        if reason is not None
    ]
