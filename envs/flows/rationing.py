"""How a source divides what it has among its lanes' open orders.

Letters: S sources, m the lanes of a source (padded), K products, B batch. Nobody gets more than asked, no source gives more
than it has; where stock reaches, everybody gets what was asked, exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..numerics.arrays import Array, constant, minimum, namespace, positive, rows, tree_sum
from ..numerics.bundles import Bundle
from .packs import handed_out, whole

REMEMBERED = 20
"""For how many periods a source that serves by turn remembers who ordered when; what is older counts as equally old."""
LEAST_WEIGHT = 1e-3
"""Whoever has no demand, or next to none, is taken for this share of the largest at the source, so that a cover exists."""


@dataclass(frozen=True)
class Division:
    """Sources that divide by one rule, and their lanes."""

    rule: str
    sites: Any
    lanes: Bundle
    """Which lanes belong to each of the sources, the most important first."""
    members: Any
    """All these lanes (n,), and `slot`, where each stands in the bundle's (m · S) rows."""
    slot: Any
    weight: Array
    """Mean demand of a period behind each lane (m, S, K, 1), for even cover; at least LEAST_WEIGHT of the source's largest."""
    destination: Any
    """Destination site of each lane of the bundle (m, S)."""
    packs: Array | None
    """How many units a pack has on each lane of the bundle (m, S, K, 1), 0 for any amount; None where no lane has packs."""

    def divide(
        self, wanted: Array, stock: Array, position: Callable[[], Array], asked_for: Callable[[], tuple[Array, ...]]
    ) -> Array:
        """Shipments (n, K, B) of `members` out of `stock` (N, K, B).

        `wanted` is (L, K, B). Should the rule ask for it, `position()` gives what each site has or is being sent (N, K, B), and
        `asked_for()` all that lanes are owed, then what sources heard of now and in each earlier period (L, K, B).
        """
        asked, have = self.lanes.each(wanted), stock[self.sites]
        if self.rule == "priority":
            given = by_priority(asked, have, self.packs)
        elif self.rule == "even_cover":
            given = even_cover(asked, have, position()[self.destination], self.weight)
        elif self.rule == "first_come":
            owed, *heard = (self.lanes.each(orders) for orders in asked_for())
            given = by_turn(asked, have, owed, heard)
        elif self.rule == "uniform":
            given = uniform(asked, have)
        elif self.rule == "linear":
            given = linear(asked, have)
        else:
            given = proportional(asked, have)
        if self.packs is not None and self.rule != "priority":
            given = handed_out(given, asked, have, self.packs)
        return given.reshape((-1, *wanted.shape[1:]))[self.slot]


def proportional(wanted: Array, stock: Array) -> Array:
    """Everybody gets the same share of what was asked: `wanted` (m, S, K, B) from `stock` (S, K, B)."""
    xp = namespace(stock)
    total = tree_sum(wanted)
    short = total > stock
    return wanted * xp.where(short, stock / xp.where(short, total, 1.0), 1.0)


def uniform(wanted: Array, stock: Array) -> Array:
    """Nobody gets more than a common amount, however much was asked: `wanted` (m, S, K, B) from `stock` (S, K, B).

    Asking for more than one needs gains nothing then (uniform allocation in Cachon and Lariviere, Management Science 45, 1999).
    """
    nothing = 0.0 * wanted
    return even_cover(wanted, stock, nothing, nothing + 1.0)


def linear(wanted: Array, stock: Array) -> Array:
    """What is missing is taken from everybody alike, from nobody more than was asked: `wanted` (m, S, K, B), `stock` (S, K, B).

    Linear allocation in Cachon and Lariviere (Management Science 45, 1999); whoever asks for more gets as much more.
    """
    xp = namespace(stock)
    return even_cover(wanted, stock, xp.max(wanted, axis=0) - wanted, 0.0 * wanted + 1.0)


def by_priority(wanted: Array, stock: Array, packs: Array | None = None) -> Array:
    """The first lane is filled before the second gets anything: `wanted` (m, S, K, B), the most important lane first.

    What does not make a pack (m, S, K, 1) for one lane is there for the next.
    """
    xp = namespace(stock)
    given, left = [], stock
    for number, asked in enumerate(wanted):
        got = xp.minimum(asked, left)
        got = got if packs is None else whole(got, packs[number])
        given.append(got)
        left = left - got
    return xp.stack(given)


def by_turn(wanted: Array, stock: Array, owed: Array, heard: Sequence[Array]) -> Array:
    """Whoever ordered first is served first, and all who did in one period get the same share: `wanted` (m, S, K, B).

    `owed` is all that a lane is owed, of which it may want less now, and `heard` what it ordered in each period, the latest
    first: a lane's own oldest order goes first, so that what it is still owed is what it ordered last.
    """
    turns, older = [], owed
    for orders in heard:
        young = minimum(orders, older)
        turns.append(young)
        older = older - young
    given, room, left = 0.0 * wanted, wanted, stock
    for due in (older, *reversed(turns)):
        got = proportional(minimum(due, room), left)
        given, room, left = given + got, room - got, positive(left - tree_sum(got))
    short = tree_sum(wanted) > stock
    return namespace(stock).where(short, proportional(minimum(given, wanted), stock), wanted)


def even_cover(wanted: Array, stock: Array, position: Array, weight: Array, halvings: int = 40) -> Array:
    """Bring everybody's stock to the same number of periods of cover, as far as was asked and as the stock reaches.

    `position` (m, S, K, B) is what each destination has or is being sent already, `weight` (m, S, K, 1) the mean demand it
    covers. The common cover c solves Σ min(max(c·weight − position, 0), wanted) = stock. Bisection finds who is filled in
    part; for those the equation is linear, which makes the result exact and differentiable.
    """
    xp = namespace(stock)
    zero = xp.zeros_like(wanted)
    asked, have, held = constant(wanted), constant(stock), constant(position)
    low, high = xp.min(held / weight, axis=0), xp.max((held + asked) / weight, axis=0)
    for _ in range(halvings):
        middle = 0.5 * (low + high)
        over = tree_sum(xp.minimum(xp.maximum(middle * weight - held, zero), asked)) > have
        low, high = xp.where(over, low, middle), xp.where(over, middle, high)
    level = low * weight - held
    full, part = level >= asked, (level > zero) & (level < asked)
    weights = tree_sum(xp.where(part, weight + zero, zero))
    left = stock - tree_sum(xp.where(full, wanted, zero)) + tree_sum(xp.where(part, position, zero))
    cover = xp.where(weights > 0, left / xp.where(weights > 0, weights, xp.ones_like(weights)), low)
    linear = xp.minimum(xp.maximum(cover * weight - position, zero), wanted)
    share = xp.where(full, wanted, xp.where(part, linear, zero))
    return xp.where(tree_sum(wanted) > stock, proportional(share, stock), wanted)


def share_within(amounts: Array, limit: Any) -> Array:
    """What share (n, 1, B) of amounts (n, K, B) keeps the sum over products within a limit [units]."""
    xp = namespace(amounts)
    total = tree_sum(amounts, axis=1)[:, None]
    over = total > limit
    return xp.where(over, limit / xp.where(over, total, 1.0), 1.0)


def divisions(
    source: NDArray[np.int64],
    destination: NDArray[np.int64],
    rules: Sequence[str],
    priority: Sequence[int],
    mean: NDArray[np.float64],
    packs: NDArray[np.float64] | None = None,
) -> tuple[Division, ...]:
    """Group the sources that have several lanes by their rule.

    `mean` (N, K, 1) is the demand behind each site, `packs` (L, K, 1) how many units leave together on each lane.
    """
    several = [site for site in range(len(rules)) if (source == site).sum() > 1]
    return tuple(
        _division(rule, [site for site in several if rules[site] == rule], source, destination, priority, mean, packs)
        for rule in sorted({rules[site] for site in several})
    )


def _division(
    rule: str, sites: list[int], source: Any, destination: Any, priority: Any, mean: Any, packs: NDArray[np.float64] | None
) -> Division:
    own = [sorted(np.flatnonzero(source == site), key=lambda lane: priority[lane]) for site in sites]
    degree = max(map(len, own))
    index, mask = np.zeros((degree, len(sites)), dtype=np.int64), np.zeros((degree, len(sites), 1, 1))
    for column, lanes in enumerate(own):
        index[: len(lanes), column], mask[: len(lanes), column] = lanes, 1.0
    bundle = Bundle(rows(sites), index, None if mask.all() else mask, degree, len(sites), True)
    members = np.concatenate(own)
    slot = [row * len(sites) + column for column, lanes in enumerate(own) for row in range(len(lanes))]
    weight = mean[destination[index]] * mask
    largest = weight.max(axis=0)
    weight = np.where(largest > 0, np.maximum(weight, LEAST_WEIGHT * largest), 1.0)
    size = None if packs is None else packs[index] * mask
    size = size if size is not None and size.any() else None
    return Division(rule, rows(sites), bundle, rows(members), rows(slot), weight, destination[index], size)
