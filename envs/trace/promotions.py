"""Promotions: when they are on, and who knows how far ahead.

Letters: T periods, N sites, B episodes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..demand.file import FileDemand
from ..events.conditions import Foreseen
from ..events.schema import Promotion
from ..network.event_sources import PromotionSource
from ..numerics.arrays import Array, namespace
from ..numerics.backend import Backend
from ..numerics.draws import Draw

if TYPE_CHECKING:
    from ..network.network import Network


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
    sources = network.events.promotions
    width = len(network.products) if any(one.record for one in sources) else 1
    for one in sources:
        ahead = one.keys.known_ahead
        drawn = draw(one.name, periods + 1 + ahead)
        if one.record is not None:
            news, told = _recorded(one, one.record, network.products, drawn, periods)
        else:
            on, passed = sample(one.keys, drawn)
            news, told = ((one.keys.uplift - 1.0) * times[:, None] for times in (on, passed))
            extra.setdefault(one.site, []).append(news[:periods, 0])
        for found, values in ((known, news), (reported, told)):
            if ahead not in found:
                found[ahead] = backend.zeros(periods + 1 + ahead, len(network.sites), width, values.shape[-1])
            found[ahead][:, one.row] = found[ahead][:, one.row] + backend.asarray(values)
    return Promoted(extra, tuple(sorted(known.items())), tuple(sorted(reported.items())))


def _recorded(
    source: PromotionSource, record: FileDemand, products: tuple[str, ...], draw: Draw, periods: int
) -> tuple[Array, Array]:
    """What recorded promotions mean for demand, as a share of its mean (T', K, B), and as far as it is passed on.

    Of what comes after the episode nothing is known.
    """
    news = record.promoted(replace(draw, site=source.site, products=products, periods=periods))
    xp = namespace(news)
    news = xp.concat([news, *[xp.zeros_like(news[:1])] * (draw.periods - periods)])
    return news, news * xp.astype(draw.uniform("reported") < source.keys.reported, news.dtype)


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
