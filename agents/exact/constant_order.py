"""The same order in every period: what it leaves on the shelf where sales are lost, and above a level where express tops up.

A constant order q that arrives in every period makes the stock left over follow W ← (W + q − D)⁺, Lindley's recursion; the
lead time does not matter. Lost sales leave exactly that on the shelf; a tailored base-surge policy that much above its level.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy  # its stats are loaded when first used: they take 0.8 s

from orderup.envs.demand.distribution import Distribution
from orderup.envs.foundation.errors import InputError
from orderup.envs.numerics.arrays import Floats

from ..fitting_progress import tell
from .lattice import Lattice, on_lattice
from .newsvendor import critical_ratio, newsvendor

MOST_POINTS = 4000
"""Points of stock, in the finest steps, that the distribution is worked out on at most."""
DECAYS = 12.0
"""Stock kept, in σ²/(μ − q): W is nearly exponential with a mean of half of that, so that e⁻²⁴ is left out."""


@dataclass(frozen=True)
class BestConstantOrder:
    """The best order of every period [units] and its cost per period."""

    order: float
    cost: float


@dataclass(frozen=True)
class BaseSurge:
    """The best regular order of every period, the level that express tops up to [units], and their cost per period."""

    order: float
    level: float
    cost: float


def left_over(demand: Distribution, order: float) -> Lattice:
    """Stationary distribution of W ← (W + q − D)⁺ with q the `order`, on a lattice that has q and demand on its points.

    `demand` of one period is for whole units. Raises InputError unless q is below its mean (stock would grow without end) and
    a multiple of an integer's reciprocal up to a hundredth.
    """
    one = _whole(demand)
    if not 0 <= order < one.mean():
        raise InputError("order", order, f"at least 0 and below the mean demand, {one.mean():g}")
    parts = next((count for count in range(1, 101) if abs(order * count - round(order * count)) < 1e-9), None)
    if parts is None:
        raise InputError("order", order, "a multiple of a whole unit's fraction, down to hundredths")
    points = 1 + parts * math.ceil(DECAYS * one.std() ** 2 / (one.mean() - order) + one.last)
    if points > MOST_POINTS:
        raise InputError("order", order, f"further below the mean demand, {one.mean():g}, or of coarser fractions")
    change = _refined(one, parts)
    return Lattice(_stationary(change, round(order * parts), points), 0, change.step)


def best_constant_order(holding: float, shortage: float, demand: Distribution, grain: float = 0.1) -> BestConstantOrder:
    """The best constant order where unmet demand is lost, in multiples of `grain` [units], for any lead time.

    `holding` h and `shortage` p per unit left over and per unit lost: h·E W + p·(μ − q), convex in q. As the lead time grows it
    becomes optimal over all policies. Source: Reiman 2004; Goldberg, Katz-Rogozhnikov, Lu, Sharma & Squillante 2016
    (Mathematics of Operations Research 41).

    >>> from scipy import stats
    >>> best = best_constant_order(1, 4, stats.poisson(5))
    >>> round(best.order, 1), round(best.cost, 3)
    (4.2, 5.077)
    """
    critical_ratio(holding, shortage)

    def cost(order: float) -> float:
        return holding * left_over(demand, order).mean() + shortage * (_mean(demand) - order)

    return BestConstantOrder(*_lowest(cost, demand, holding / (2 * shortage), grain))


def best_base_surge(
    holding: float,
    shortage: float,
    premium: float,
    express_time: int,
    demand: Distribution,
    grain: float = 0.1,
) -> BaseSurge:
    """The best tailored base-surge policy with backlogging: q every period from afar, express up to a level for the rest.

    `holding` h and `shortage` b per unit and period, `premium` what a unit costs more by express, whose lead time is
    `express_time` [periods]; q in multiples of `grain` [units]. The stock that counts for express stands the overshoot W above
    its level S, so the cost is that of a newsvendor whose demand is D − W, D that of the express lane's ℓ+1 periods, plus the
    premium on μ − q units. The cost leaves out what all units cost. Source: Allon & Van Mieghem 2010 (Management Science 56);
    Janakiraman, Seshadri & Sheopuri 2015 (Management Science 61).

    >>> from scipy import stats
    >>> best = best_base_surge(5, 495, 5, 0, stats.randint(0, 5))
    >>> (round(best.order, 1), best.level, round(best.cost, 3))
    (1.0, 4.0, 16.903)
    """
    critical_ratio(holding, shortage)

    def newsvendors(order: float) -> tuple[float, float]:
        above = left_over(demand, order)
        cover = _refined(_whole(demand).sum(express_time + 1), round(1 / above.step))
        net = Lattice(scipy.signal.convolve(cover.probability, above.probability[::-1]), cover.first - above.last, above.step)
        level, cost = newsvendor(holding, shortage, net)
        return float(level), float(cost) + premium * (_mean(demand) - order)

    order, cost = _lowest(lambda order: newsvendors(order)[1], demand, holding / (2 * max(premium, 1e-9)), grain)
    return BaseSurge(order, newsvendors(order)[0], cost)


def diffusion_order(holding: float, price: float, demand: Distribution) -> float:
    """The constant order of the heavy-traffic limit, μ − σ·√(h/2p), where W is exponential with a mean of σ²/2(μ − q) [units].

    `price` p is that of a unit which does not come that way: lost, or by express. For demand too large to be looked at unit by
    unit; as it grows the order over the mean becomes the best one's.
    """
    mean, spread = _mean(demand), float(np.reshape(demand.std(), ()))
    return max(mean - spread * math.sqrt(holding / (2 * max(price, 1e-9))), 0.0)


def diffusion_surge(holding: float, shortage: float, premium: float, express_time: int, demand: Distribution) -> BaseSurge:
    """A tailored base-surge policy of the same limit: the level is the quantile of a normal D less an exponential W."""
    mean, spread = _mean(demand), float(np.reshape(demand.std(), ()))
    order = diffusion_order(holding, premium, demand)
    above = spread**2 / (2 * (mean - order))
    whole, width = (express_time + 1) * mean, math.sqrt(express_time + 1) * spread

    def covered(level: float) -> float:
        score = (level - whole) / width
        tail = (level - whole) / above + width**2 / (2 * above**2) + scipy.stats.norm.logcdf(-score - width / above)
        return float(scipy.stats.norm.cdf(score) + math.exp(min(tail, 0.0)))

    ratio, reach = float(critical_ratio(holding, shortage)), 40 * (width + above)
    level = float(scipy.optimize.brentq(lambda level: covered(level) - ratio, whole - reach, whole + reach))
    return BaseSurge(order, level, math.sqrt(2 * holding * premium) * spread)


def _lowest(cost: Callable[[float], float], demand: Distribution, ratio: float, grain: float) -> tuple[float, float]:
    """The multiple of `grain` where a convex cost is least, from where it would be with W exponential: μ − √(ratio)·σ."""
    one = _whole(demand)
    most = math.ceil(one.mean() / grain - 1e-9) - 1
    order = min(max(math.floor((one.mean() - math.sqrt(ratio) * one.std()) / grain), 0), most)
    best = cost(order * grain)
    for way in (1, -1):
        while 0 <= order + way <= most:
            tell("the best constant order", 0.0)  # nobody knows how far it is
            try:
                other = cost((order + way) * grain)
            except InputError:  # too near the mean to be worked out
                break
            if other >= best:
                break
            order, best = order + way, other
    return order * grain, best


def _stationary(change: Lattice, order: int, points: int) -> Floats:
    """Where W settles, by solving for it: probabilities (points,)."""
    following = np.clip(np.arange(points)[:, None] + order - change.first - np.arange(len(change.probability)), 0, points - 1)
    step = np.zeros((points, points))
    np.add.at(step, (following, np.arange(points)[:, None]), change.probability[None, :])
    step -= np.eye(points)
    step[-1] = 1.0
    share = np.linalg.solve(step, np.eye(points)[-1])
    share = np.maximum(share, 0.0)
    return np.asarray(share / share.sum())


def _refined(one: Lattice, parts: int) -> Lattice:
    """The same distribution on a lattice `parts` times as fine."""
    finer = np.zeros((len(one.probability) - 1) * parts + 1)
    finer[::parts] = one.probability
    return Lattice(finer, one.first * parts, one.step / parts)


def _mean(demand: Distribution) -> float:
    return float(np.reshape(demand.mean(), ()))


def _whole(demand: Distribution) -> Lattice:
    one = on_lattice(demand)
    if one.step != 1.0 or one.first < 0 or one.last == 0:
        raise InputError("demand", demand, "whole units, none negative, not always none")
    return one
