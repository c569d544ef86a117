"""The columns of the linear program: which number of the network's periods stands where.

Letters: T periods, N sites, L lanes, K products, C customers, M machines, P pairs of a lane and a product that it carries.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from orderup.envs.network.network import Network

from .problem import Places, PlanningProblem, Truths


@dataclass(frozen=True)
class Columns:
    """Where each quantity of one future stands, −1 where it does not occur."""

    lane: Places
    """Of each pair (P,)."""
    product: Places
    """(P,)"""
    ship: Places
    """Shipments (P, T) [units]."""
    hand: Places
    """Stock at the period's end (N, K, T) [units]."""
    safe: Places
    """Part of that which is there for safety, and costs less: any plan will have it then (N, K, T) [units]."""
    unmet: Places
    """Owed at the period's end, or lost in it (C, K, T) [units]."""
    over: Places
    """Stock that does not fit (N, T) [units]."""
    opened: Places
    """Orders that the source knows and has not shipped (P, T), as long as they cannot be chosen freely [units]."""
    order: Places
    """What is ordered now, where not all of it leaves now (P,) [units]."""
    dated: Places
    """What is ordered in each of the next D periods, where that is decided now too, and not all of it leaves at once (P, D)."""
    overtime: Places
    """Hours that machines run beyond their regular ones (M, T) [hours]."""
    count: int

    @classmethod
    def of(cls, network: Network, problem: PlanningProblem) -> Columns:
        """Those of one future. Sites hold safety stock once something that is not ordered yet can have arrived."""
        sites, lanes, products, customers = network.topology.shape
        periods, decided = problem.periods, problem.decided
        carried = np.ones((lanes, products), bool) if network.limits.carried is None else network.limits.carried[:, :, 0] > 0
        lane, product = np.nonzero(carried)
        periods_of = np.arange(periods)
        waits, effective = problem.wait[lane][:, None], problem.effective(network)
        lasting = network.stays_open[lane][:, None]
        asked = (waits > 0) | (decided & ((problem.cadence > 1) | (problem.dated > 0)) & lasting)
        known = np.maximum(np.where(lasting, problem.cadence, 1), problem.dated + 1)
        fits = (
            np.zeros((sites, 1), bool)
            if network.limits.storage is None
            else np.isfinite(network.limits.storage[:, 0]) & _charged(network)
        )
        masks = {
            "ship": np.ones((lane.size, periods), bool),
            "hand": np.ones((sites, products, periods), bool),
            "safe": decided & (periods_of > effective[:, :, None]),
            "unmet": np.ones((customers, products, periods), bool),
            "over": np.repeat(fits, periods, axis=1),
            "opened": asked & (periods_of < waits + decided * known),
            "order": (asked & decided & (waits < periods))[:, 0],
            "dated": asked & decided & (waits + 1 + np.arange(problem.dated) < periods),
            "overtime": np.repeat(_works_longer(network)[:, None], periods, axis=1),
        }
        numbered = dict(_numbered(masks))
        return cls(lane, product, count=sum(int(mask.sum()) for mask in masks.values()), **numbered)

    @cached_property
    def stock_of(self) -> Places:
        """Stock at a period's start (2, N, K, T), that for safety apart; −1 in the first."""
        return earlier(self.stock)

    @property
    def stock(self) -> Places:
        """Stock at the period's end (2, N, K, T), that for safety apart."""
        return np.stack([self.hand, self.safe])


def _works_longer(network: Network) -> Truths:
    """Machines that have more hours than the regular ones (M,)."""
    machines = network.machines
    found: Truths = np.zeros(0, bool) if machines is None else (machines.most > machines.regular)[:, 0, 0]
    return found


def _charged(network: Network) -> Truths:
    charged: Truths = network.costs.overflow[:, 0] > 0
    return charged


def _numbered(masks: dict[str, Truths]) -> Iterator[tuple[str, Places]]:
    first = 0
    for name, mask in masks.items():
        places = np.full(mask.shape, -1)
        places[mask] = first + np.arange(mask.sum())
        first += int(mask.sum())
        yield name, places


def earlier(places: Places) -> Places:
    """The same a period before (…, T), −1 in the first."""
    return np.concatenate([np.full_like(places[..., :1], -1), places[..., :-1]], axis=-1)
