"""Demand whose level moves as nobody has announced: it drifts, trends, jumps, has a season or sudden spikes.

Letters: T periods, K products, B episodes. Every number may be one for each product.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Annotated

import numpy as np
from pydantic import Field

from ..numerics.arrays import Array, Floats, namespace, ndtri
from ..numerics.draws import Draw
from .base import DemandProcess, NotNegative, PerProduct, column, demands, each, per_product
from .distribution import Distribution, NormalDistribution

LOOKED_AT = 256, 64
"""Episodes, and periods of each, by which moments are worked out."""
LONGEST = 16
"""Periods whose demand in sum is looked at."""


@demands.register("wandering")
class Wandering(DemandProcess):
    """Demand in whole units about a level that moves, in every episode its own way [units].

    The level is `mean` times the product of a random walk, whose logarithm moves by `drift` (a standard deviation) a period; a
    trend, whose logarithm is normal with deviation `trend` over the episode; jumps, of a size with deviation `jump` in the
    logarithm, in a share `jumps` of periods; a spell of 4 to 20 periods, of a height with deviation `spell`; and a season of 4
    to 26 periods whose amplitude is up to `season`. A third of the episodes have each of these, so that some have several of
    them and some none. About the level demand is the square of a normal, rounded, with the level's square root as its mean: its
    variance is `variance_to_mean` times the level, and its mean above that by a quarter of the ratio. One period and the next
    have a correlation from −`memory` / 3 to `memory`, and a share `spikes` of periods asks for three times as much.
    """

    mean: NotNegative
    variance_to_mean: Annotated[PerProduct, each("a number ≥ 1 (Poisson demand has 1)", lambda number: number >= 1)] = 1.0
    drift: float = Field(0.0, ge=0, le=1, description="Of the level's logarithm, in a period")
    trend: float = Field(0.0, ge=0, le=3, description="Of the level's logarithm, over the episode")
    jump: float = Field(0.0, ge=0, le=3, description="Of the level's logarithm, in a jump")
    jumps: float = Field(0.02, ge=0, le=1, description="Share of periods in which there is one")
    spell: float = Field(0.0, ge=0, le=3, description="Of the level's logarithm, in a spell")
    season: float = Field(0.0, ge=0, le=1, description="Largest amplitude, as a share of the level")
    memory: float = Field(0.0, ge=0, lt=1, description="Greatest correlation of one period with the next, about the level")
    spikes: float = Field(0.0, ge=0, le=1, description="Share of periods that ask for three times as much")
    furthest: float = Field(8.0, ge=1, le=1000, description="The most that the level is above or below its mean, as a factor")

    def moments(self, products: Sequence[str]) -> tuple[Floats, Floats]:
        """By a sample, the same every time."""
        means, deviations = self._sums(products)
        return means[0], deviations[0]

    def over(self, products: Sequence[str], periods: int) -> Distribution:
        """Normal, by the moments of such sums in the same sample; of longer ones, as if they were put together of these."""
        means, deviations = self._sums(products)
        known = min(periods, len(means))
        factor = periods / known
        return NormalDistribution(factor * means[known - 1], factor**0.5 * deviations[known - 1])

    def _sums(self, products: Sequence[str]) -> tuple[Floats, Floats]:
        """Means and deviations of the demand of 1, 2, … periods (n, K)."""
        return _sums_of(type(self), self.model_dump_json(), tuple(products))

    def sample(self, draw: Draw) -> Array:
        score = ndtri(draw.uniform())
        level = self._level(draw, score)
        if self.memory:
            score = self._remembering(draw, score)
        ratio = column(per_product(self.variance_to_mean, draw.products, "variance_to_mean"), score)
        xp = namespace(score)
        if self.spikes:
            level = xp.where(draw.uniform("spikes") < self.spikes, 3.0 * level, level)
        root = xp.clip(level**0.5 + 0.5 * ratio**0.5 * score, 0.0, None)
        return xp.round(root * root)

    def _level(self, draw: Draw, like: Array) -> Array:
        """What demand is about in every period (T, K, B) [units]."""
        xp = namespace(like)
        kinds = draw.uniform("kinds")
        moved = 0.0 * like
        period = column(np.arange(draw.periods), draw.episodes)[:, :, None] * 1.0
        if self.drift:
            moved = moved + self._there(kinds, 0) * self.drift * xp.cumulative_sum(ndtri(draw.uniform("drift")), axis=0)
        if self.jump:
            uniform = draw.uniform("jumps")
            leaps = xp.where(uniform < self.jumps, self.jump * ndtri(draw.uniform("jump")), 0.0 * uniform)
            moved = moved + self._there(kinds, 1) * xp.cumulative_sum(leaps, axis=0)
        if self.spell:
            begins, lasts = draw.uniform("spell")[:1], draw.uniform("lasts")[:1]
            since = period - begins * draw.periods
            inside = xp.astype((since >= 0) & (since < 4.0 + 16.0 * lasts), like.dtype)
            moved = moved + self._there(kinds, 4) * inside * self.spell * ndtri(draw.uniform("height")[:1])
        if self.trend:
            slope = ndtri(draw.uniform("trend"))[:1] * self.trend
            moved = moved + self._there(kinds, 2) * slope * (period / draw.periods - 0.5)
        level = xp.exp(xp.clip(moved, -np.log(self.furthest), np.log(self.furthest)))
        if self.season:
            chosen = draw.uniform("season")[:1], draw.uniform("cycle")[:1], draw.uniform("phase")[:1]
            cycle = 4.0 + 22.0 * chosen[1]
            wave = xp.sin(2 * np.pi * (period / cycle + chosen[2]))
            level = level * (1.0 + self._there(kinds, 3) * self.season * chosen[0] * wave)
        mean = column(per_product(self.mean, draw.products, "mean"), like)
        return mean * level

    def _remembering(self, draw: Draw, score: Array) -> Array:
        """Scores (T, K, B) that are like those before them, more or less from episode to episode."""
        rho = self.memory * (draw.uniform("memory")[0] * 4.0 / 3.0 - 1.0 / 3.0)
        fresh = (1.0 - rho * rho) ** 0.5
        found = [score[0]]
        for period in range(1, draw.periods):
            found.append(rho * found[-1] + fresh * score[period])
        return namespace(score).stack(found)

    @staticmethod
    def _there(kinds: Array, which: int) -> Array:
        """1 in episodes that have a kind of movement (1, K, B), else 0: by the digits of one uniform to the base 3."""
        xp = namespace(kinds)
        return xp.astype(xp.floor(kinds[:1] * 3.0 ** (which + 1)) % 3 == 1, kinds.dtype)


@lru_cache(maxsize=4096)
def _sums_of(kind: type[Wandering], keys: str, products: tuple[str, ...]) -> tuple[Floats, Floats]:
    episodes, periods = LOOKED_AT
    process = kind.model_validate_json(keys)
    demand = process.sample(Draw(0, "moments", "moments", products, periods, np.arange(episodes)))
    until = np.concatenate([np.zeros((1, *demand.shape[1:])), np.cumsum(demand, axis=0)])
    sums = [until[span:] - until[:-span] for span in range(1, LONGEST + 1)]
    return np.stack([one.mean(axis=(0, 2)) for one in sums]), np.stack([one.std(axis=(0, 2)) for one in sums])
