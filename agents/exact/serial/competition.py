"""Two stages that each minimise what they pay themselves: the equilibrium in local levels, and the terms that repair it.

The clock is the simulator's. The retailer (stage 1) orders first in a period, the supplier (stage 2) counts that order in its
own of the same period (no order delay), ships what it has at once, and what arrives in a period can leave from the next on.
With s_i the local order-up-to levels, D_i the demand of ℓ_i+1 periods and B_2 = (D_2 − s_2)⁺ what the supplier owes after
shipping, the retailer's stock less its backlog at a period's end is s_1 − B_2 − D_1, D_1 and D_2 being independent. Stock under
way, and the mean demand that waits a period at the supplier's, are charged to the supplier at its rate whatever the levels.

Source: Cachon and Zipkin, Competitive and cooperative inventory policies in a two-stage supply chain, Management Science 45
(1999): the local inventory game, and its linear contracts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from orderup.envs.demand.distribution import Distribution
from orderup.envs.foundation.errors import InputError

from ..lattice import Lattice, never_negative, on_lattice
from .clark_scarf import check_line, clark_scarf

ROUNDS = 10_000
"""Of best responses to each other; each brings them nearer, and a few dozen are usual."""
TIE = 1e-12
"""Costs closer than this (relative) are equal, and the smaller level wins."""


@dataclass(frozen=True)
class Transfers:
    """What the supplier pays the retailer, as the keys of a lane's `terms` have it."""

    backlog_share: float = 0.0
    """1 − α: the supplier's share of the customers' shortage cost."""
    on_hand: float = 0.0
    """Per unit on the retailer's shelf at a period's end."""
    backlog: float = 0.0
    """Per unit that customers are owed then."""
    late: float = 0.0
    """Per unit that the supplier has not shipped then."""


@dataclass(frozen=True)
class Equilibrium:
    """Levels from which neither of the two can gain by itself."""

    levels: tuple[float, float]
    """The retailer's and the supplier's local order-up-to levels [units]."""
    costs: tuple[float, float]
    """What each pays a period, the supplier's with what is under way [money]."""
    optimum: float
    """What both pay together where one decides for both, over all policies."""

    @property
    def cost(self) -> float:
        """What both pay together."""
        return sum(self.costs)

    @property
    def price_of_anarchy(self) -> float:
        """How much dearer that is than the optimum, as a share of it."""
        return self.cost / self.optimum - 1.0


@dataclass(frozen=True, eq=False)
class TwoStages:
    """A retailer and its supplier: lists are the retailer's number, then the supplier's.

    `holding` are the local rates [money/unit/period], `shortage` the customers' backlog rate, `lead_times` ℓ those of the lanes
    into each. `demand` of a period is independent from period to period and never negative, on the integers or put on a grid
    of `step` [units], on which levels are searched too. Raises InputError as `clark_scarf` does.
    """

    holding: tuple[float, float]
    shortage: float
    lead_times: tuple[int, int]
    demand: Distribution
    step: float | None = None
    transfers: Transfers = Transfers()

    def __post_init__(self) -> None:
        check_line(self.holding, self.shortage, self.lead_times)
        if len(self.holding) != 2:
            raise InputError("holding", list(self.holding), "the rates of two stages")

    def under(self, transfers: Transfers) -> TwoStages:
        """The same two with other terms between them."""
        return replace(self, transfers=transfers)

    @cached_property
    def _one_period(self) -> Lattice:
        return never_negative(on_lattice(self.demand, self.step))

    @cached_property
    def _demands(self) -> tuple[Lattice, Lattice]:
        first, second = (self._one_period.sum(lead_time + 1) for lead_time in self.lead_times)
        return first, second

    @cached_property
    def rates(self) -> tuple[float, float]:
        """What a unit on the shelf and a unit owed to customers cost the retailer, after all payments."""
        terms = self.transfers
        return self.holding[0] - terms.on_hand, (1.0 - terms.backlog_share) * self.shortage - terms.backlog

    def costs(self, levels: tuple[float, float]) -> tuple[float, float]:
        """What each of the two pays a period at these local levels [money], whatever is paid between them included."""
        terms, (shelf, owed) = self.transfers, self._service(levels)
        late = self._mean_late(levels[1])
        supplier = self.holding[1] * (levels[1] - self._demands[1].mean() + late + self._pipeline)
        all_shelf, all_owed = self.holding[0] * shelf, self.shortage * owed
        retailer = self.rates[0] * shelf + self.rates[1] * owed - terms.late * late
        return retailer, supplier + all_shelf + all_owed - retailer

    @property
    def optimum(self) -> float:
        """What the two pay together where one decides for both (Clark and Scarf)."""
        return clark_scarf(self.holding, self.shortage, self.lead_times, self._one_period).cost

    @cached_property
    def best_levels(self) -> tuple[float, float]:
        """Local levels of that optimum."""
        first, second = clark_scarf(self.holding, self.shortage, self.lead_times, self._one_period).installation_levels
        return first, second

    def best_of_retailer(self, supplier: float) -> float:
        """The retailer's best level where the supplier's is given: a newsvendor's. Raises InputError where there is none."""
        shelf, owed = self.rates
        if shelf <= 0 or owed < 0:
            raise InputError("transfers", self.transfers, "terms under which stock costs the retailer something, and backlog")
        return float(self._shortfall(supplier).ppf(owed / (owed + shelf)))

    def best_of_supplier(self, retailer: float) -> float:
        """The supplier's best level ≥ 0 where the retailer's is given, the smallest of them."""
        (first, second), terms = self._demands, self.transfers
        levels = second.step * np.arange(second.last + 1)  # and what is late, which is at most as much
        net = retailer - levels[:, None] - first.values
        shelf, owed = np.maximum(net, 0.0) @ first.probability, np.maximum(-net, 0.0) @ first.probability
        borne = (self.holding[0] - self.rates[0]) * shelf + (self.shortage - self.rates[1]) * owed
        by_late = borne + (self.holding[1] + terms.late) * levels
        late = np.maximum(second.first + np.arange(len(second.probability)) - np.arange(len(levels))[:, None], 0)
        costs = self.holding[1] * levels + by_late[late] @ second.probability
        return float(levels[int(np.argmax(costs <= costs.min() + TIE * (1.0 + abs(costs.min()))))])

    def equilibrium(self) -> Equilibrium:
        """Where best responses to each other, from the optimum's levels on, come to rest. Raises InputError where none do."""
        supplier = self.best_levels[1]
        for _ in range(ROUNDS):
            retailer = self.best_of_retailer(supplier)
            answer = self.best_of_supplier(retailer)
            if answer == supplier:
                levels = (retailer, supplier)
                return Equilibrium(levels, self.costs(levels), self.optimum)
            supplier = answer
        raise InputError("transfers", self.transfers, f"terms under which best responses come to rest within {ROUNDS} rounds")

    def coordinating(self, share: float = 1.0, backlog_share: float = 0.0) -> Transfers:
        """Terms under which the optimum's levels are an equilibrium, the retailer keeping a `share` λ of its cost rates.

        With stock at λ·h_1 and backlog at λ·b the retailer's best response to s_2* is s_1*. The supplier then bears 1 − λ of
        what its level does to the retailer; that the rest is made up for, by λ·h_2·P(D_2 ≤ s_2*) = τ·P(D_2 > s_2*), takes a
        payment τ per unit late. `backlog_share` is what the two have agreed on already. Raises InputError unless 0 < λ ≤ 1.
        """
        if not 0 < share <= 1:
            raise InputError("share", share, "more than 0 and at most 1")
        filled = float(self._demands[1].cdf(self.best_levels[1]))
        return Transfers(
            backlog_share=backlog_share,
            on_hand=(1.0 - share) * self.holding[0],
            backlog=(1.0 - backlog_share - share) * self.shortage,
            late=share * self.holding[1] * filled / (1.0 - filled),
        )

    @property
    def _pipeline(self) -> float:
        """Units that are at the supplier's expense at any rate: on the lane, and a period at its door."""
        return self._one_period.mean() * (self.lead_times[0] + 1)

    def _mean_late(self, supplier: float) -> float:
        demand = self._demands[1]
        return float(demand.probability @ np.maximum(demand.values - supplier, 0.0))

    def _shortfall(self, supplier: float) -> Lattice:
        """What the retailer's level has to cover: B_2 + D_1."""
        first, second = self._demands
        late = np.rint(np.maximum(second.values - supplier, 0.0) / second.step).astype(np.int64)
        chances = np.bincount(late, second.probability)
        return Lattice(np.convolve(chances, first.probability), first.first, first.step)

    def _service(self, levels: tuple[float, float]) -> tuple[float, float]:
        """The retailer's mean stock and backlog at a period's end."""
        needed = self._shortfall(levels[1])
        net = levels[0] - needed.values
        return float(needed.probability @ np.maximum(net, 0.0)), float(needed.probability @ np.maximum(-net, 0.0))
