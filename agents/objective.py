"""What backpropagation minimises: the episode's money, its own or the team's, with slopes where the true cost has steps.

Letters: B batch, N sites, L lanes, K products.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orderup.envs.arrays import Array, tree_sum
from orderup.envs.simulator import Ledger, Simulator


@dataclass(frozen=True)
class Objective:
    """The cost of a period as gradients shall see it."""

    share: float
    """λ, how much of what a site minimises is the team's cost: 1 the network's cost, 0 its own alone."""
    smoothing: float
    """How large an order is that pays most of a fixed cost, in usual amounts of a period; the true cost is a step at 0."""

    def by_row(self, simulator: Simulator, ledger: Ledger) -> Array:
        """What each episode contributes (B,) [money].

        With λ < 1 each episode belongs to one site, in turn (`owners`), and counts (1 − λ)·N times what that site pays, so that
        the mean over a batch is λ·team + (1 − λ)·(sum of the owners' own).
        """
        paid = ledger.by_site
        if simulator.plan.fixed_cost.any():
            paid = paid + self._slope(simulator)
        team = tree_sum(paid)
        if self.share == 1.0:
            return team
        sites = paid.shape[0]
        own = (owners(simulator) * paid).sum(0) * sites
        return self.share * team + (1.0 - self.share) * own

    def _slope(self, simulator: Simulator) -> Array:
        """Zero in value; its gradient is that of fixed costs paid by 1 − exp(−order / width) (N, B)."""
        network, flows = simulator.network, simulator.now.flows
        assert flows is not None  # a period has been simulated
        width = self.smoothing * simulator.backend.asarray(simulator.plan.usual_amount[simulator.plan.destination]).mean(1)
        ordered = tree_sum(flows.orders, axis=1)
        paid = network.fixed_cost[:, 0] * (1.0 - (-ordered / (width[:, None] + 1e-9)).exp())
        return network.inbound.total((paid - paid.detach())[:, None])[:, 0]


def owners(simulator: Simulator) -> Array:
    """1 where an episode is a site's (N, B): row b belongs to the b-th site that decides something, in turn."""
    seats = [simulator.plan.sites.index(seat) for seat in simulator.site_seats]
    turn = np.array(seats)[np.arange(simulator.batch) % len(seats)]
    return simulator.backend.asarray((np.arange(len(simulator.plan.sites))[:, None] == turn[None]).astype(float))
