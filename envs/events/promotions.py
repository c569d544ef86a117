"""Promotions: when they are on, and who knows how far ahead.

Letters: T periods, N sites, B episodes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..arrays import Array, namespace
from ..backend import Backend
from ..draw import Draw
from .conditions import Foreseen
from .schema import Promotion

if TYPE_CHECKING:
    from ..network import Network


@dataclass(frozen=True)
class Promoted:
    """The promotions of a batch of episodes."""

    extra: dict[str, list[Array]]
    """By site, each promotion's extra demand as a share of the mean (T, B)."""
    known: Foreseen
    """The same for all sites (…, N, 1, B), by how far ahead the site knows it."""
    reported: Foreseen

    def factor(self, site: str) -> Array | None:
        """What the site's demand is multiplied by (T, B)."""
        found = None
        for extra in self.extra.get(site, ()):
            found = (1.0 if found is None else found) * (1.0 + extra)
        return found


def promoted(network: Network, backend: Backend, periods: int, draw: Callable[[str, int], Draw]) -> Promoted:
    """Draw the promotions of a network."""
    extra: dict[str, list[Array]] = {}
    known: dict[int, Array] = {}
    reported: dict[int, Array] = {}
    for number, event in enumerate(network.scenario.promotions):
        ahead = event.known_ahead
        for site in event.at:
            name = event.name or f"promotion {number}"
            on, told = sample(event, draw(name if event.together else f"{name} at {site}", periods + 1 + ahead))
            extra.setdefault(site, []).append((event.uplift - 1.0) * on[:periods])
            for found, times in ((known, on), (reported, told)):
                if ahead not in found:
                    found[ahead] = backend.zeros(periods + 1 + ahead, len(network.sites), 1, on.shape[-1])
                row = network.sites.index(site)
                found[ahead][:, row, 0] = found[ahead][:, row, 0] + backend.asarray((event.uplift - 1.0) * times)
    return Promoted(extra, tuple(sorted(known.items())), tuple(sorted(reported.items())))


def sample(event: Promotion, draw: Draw) -> tuple[Array, Array]:
    """Whether the promotion is on in each period (T, B), and whether one that is on is passed on to others."""
    luck, told = draw.uniform("event")[:, 0], draw.uniform("reported")[:, 0] < event.reported
    xp = namespace(luck)
    left, shared = xp.zeros_like(luck[0]), told[0]
    on, passed = [], []
    for period in range(draw.periods):
        begins = (left <= 0) & (luck[period] < event.chance)
        left = xp.where(begins, float(event.length), left)
        shared = xp.where(begins, told[period], shared)
        on.append(left > 0)
        passed.append((left > 0) & shared)
        left = left - 1.0
    return xp.astype(xp.stack(on), luck.dtype), xp.astype(xp.stack(passed), luck.dtype)


def with_promotions(events: Sequence[Promotion], site: str, mean: Any, deviation: Any) -> tuple[Any, Any]:
    """Long-run mean and standard deviation of a demand with these, once the site's promotions multiply it."""
    for event in events:
        if site in event.at:
            share, extra = long_run(event), event.uplift - 1.0
            first, second = 1.0 + share * extra, 1.0 + share * (event.uplift**2 - 1.0)
            mean, deviation = first * mean, np.sqrt(second * (deviation**2 + mean**2) - (first * mean) ** 2)
    return mean, deviation


def long_run(event: Promotion) -> float:
    """Share of the periods in which it is on."""
    between = (1.0 - event.chance) / event.chance
    return event.length / (event.length + between)
