"""What no policy of one warehouse and many stores can be below: the problem in which stores may give stock back at no cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.polynomial.hermite_e import hermegauss
from numpy.typing import NDArray
from scipy import fft, special

from orderup.envs.foundation.errors import InputError

from ..lattice import Lattice
from .clark_scarf import Induced

NODES = 96
"""Values of the common factor over which demands are integrated, by Gauss and Hermite."""
MOST_AT_ONCE = 2**22
"""Points of sums and values of the factor that are held at once."""


@dataclass(frozen=True, eq=False)
class Store:
    """One store, its local costs, and the lead time ℓ of the lane from the warehouse."""

    holding: float
    shortage: float
    lead_time: int
    demand: Lattice
    """Of one period."""


def decomposition(holding: float, lead_time: int, stores: Sequence[Store], total: Lattice) -> float:
    """A lower bound on the long-run cost per period of a warehouse and its stores, over all policies [money/period].

    The warehouse has local `holding` h_0 and `lead_time` ℓ_0 from an outside supplier that has everything; `total` is the
    demand of one period at all stores together, which may be correlated. Demand is backlogged and independent from period to
    period. Stock under way to a store is charged h_0.

    In echelon form a period costs h_0·(stock of the whole system, net of backlogs) plus, for each store, (h_i − h_0)·(its net
    stock) + (h_i + b_i)·(its backlog). What is shipped in t to store i, up to the position y_i, determines its net stock at
    the end of t+ℓ_i, y_i − D_i of ℓ_i+1 periods. The y_i may not sum to more than the stock x that the system has without
    what is under way to the warehouse, nor may any y_i be below what store i has already. Leaving out the latter (shipments
    may be negative: the *balance* assumption) gives a problem that costs no more, in which the stores' share of the cost
    depends on x alone,

        G(x) = min { Σ_i g_i(y_i) : Σ_i y_i ≤ x },   g_i(y) = E[(h_i − h_0)·(y − D_i) + (h_i + b_i)·(D_i − y)⁺].

    What the warehouse orders in t, up to the echelon position Y, can be shipped on from t+ℓ_0+1, so that the bound is
    min_Y E[h_0·(Y − D_0) + G(Y − D_0)] with D_0 the total demand of ℓ_0+1 periods. G is the infimal convolution of convex
    functions: its slopes are theirs, sorted. With one store this is the recursion of Chen and Zheng, and exact.

    Raises InputError where there is no store, or the warehouse holds stock at more than a store does. Source: Eppen and
    Schrage 1981 (TIMS Studies in the Management Sciences 16); Federgruen and Zipkin 1984 (Management Science 30).
    """
    if not stores:
        raise InputError("stores", "none", "at least one")
    if holding <= 0 or any(store.holding < holding for store in stores):
        raise InputError(
            "holding", [holding, *(store.holding for store in stores)], "positive, stores' at least the warehouse's"
        )
    if any(store.shortage <= 0 for store in stores):
        raise InputError("shortage", [store.shortage for store in stores], "positive costs")
    pooled = _pooled([_of_store(store, holding) for store in stores], total.step)
    _, cost = pooled.next_stage(holding, total.sum(lead_time + 1))
    return cost


def _of_store(store: Store, upstream: float) -> Induced:
    """What a store costs by the position that it can be brought to."""
    customers = Induced.by_customers(store.shortage + store.holding)
    found, _ = customers.next_stage(store.holding - upstream, store.demand.sum(store.lead_time + 1))
    return found


def _pooled(parts: Sequence[Induced], step: float) -> Induced:
    """The least that all stores cost together by the sum of their positions: steepest slopes first.

    Below all its points a store's cost is linear; that of the store which takes a shortage most lightly ends the others'.
    """
    slope = max(part.slope for part in parts)
    gains = np.sort(np.concatenate([-np.diff(part.values) for part in parts]))
    gains = gains[gains < -slope * step]
    least = sum(float(part.values[-1]) for part in parts)
    values = least + np.concatenate([[0.0], np.cumsum(gains)])[::-1]
    return Induced(sum(part.last for part in parts) - len(gains), values, slope)


def common_factor_sum(demands: Sequence[Lattice], weights: Sequence[float]) -> Lattice:
    """Distribution of the sum of demands whose normal scores are w_i·Z + √(1 − w_i²)·Z_i, with Z common to all.

    Given Z the demands are independent, and convolved; over Z the result is integrated. All demands have the same step.
    """
    size = sum(len(demand.probability) - 1 for demand in demands) + 1
    length = fft.next_fast_len(size, real=True)
    nodes, share = hermegauss(NODES) if any(weights) else (np.zeros(1), np.ones(1))
    at_once = max(MOST_AT_ONCE // length, 1)
    mixed = np.zeros(size)
    for first in range(0, len(nodes), at_once):
        part = slice(first, first + at_once)
        product = np.ones((len(nodes[part]), length // 2 + 1), dtype=np.complex128)
        for demand, weight in zip(demands, weights, strict=True):
            product *= fft.rfft(_given(demand, weight, nodes[part]), length, axis=1)
        mixed += (share[part] / share.sum()) @ fft.irfft(product, length, axis=1)[:, :size]
    mixed = np.clip(mixed, 0.0, None)
    return Lattice(mixed / mixed.sum(), sum(demand.first for demand in demands), demands[0].step)


def _given(demand: Lattice, weight: float, nodes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities of a demand (nodes, M) for each value of the common factor."""
    score = special.ndtri(np.clip(np.cumsum(demand.probability)[:-1], 0.0, 1.0))
    reached = special.ndtr((score - weight * nodes[:, None]) / np.sqrt(1.0 - weight**2))
    ends = np.zeros((len(nodes), 1))
    return np.diff(np.concatenate([ends, reached, ends + 1.0], axis=1), axis=1)
