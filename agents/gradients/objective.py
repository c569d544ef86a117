"""What backpropagation minimises: the episode's money, its own or the team's, with slopes where the true cost has steps.

Letters: B batch, N sites, L lanes, K products.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orderup.envs.authority.rewards import Reward
from orderup.envs.network.costs import landed_cost
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Array, put_rows, tree_sum
from orderup.envs.outcome import outcome_of
from orderup.envs.simulator import Ledger, Simulator


@dataclass(frozen=True)
class Objective:
    """The cost of a period as gradients shall see it."""

    share: float
    """λ, how much of what a site minimises is the team's cost: 1 the network's cost, 0 its own alone."""
    smoothing: float
    """How large an order is that pays most of a fixed cost, in usual amounts of a period; the true cost is a step at 0."""
    reward: Reward | None = None
    """What is maximised in place of money, where it is anything else."""
    site: str | None = None
    """Whose episodes all are, where one site alone learns; None: each is one site's, in turn."""

    def by_row(self, simulator: Simulator, ledger: Ledger) -> Array:
        """What each episode contributes (B,) [money].

        With λ < 1 each episode belongs to one site, in turn (`owners`), and counts (1 − λ)·N times what that site pays, so that
        the mean over a batch is λ·team + (1 − λ)·(sum of the owners' own).
        """
        paid = self._paid(simulator, ledger)
        team = tree_sum(paid)
        if self.share == 1.0:
            return team
        seats = self.owners(simulator)
        own = (seats * paid).sum(0) * seats.shape[0]
        return self.share * team + (1.0 - self.share) * own

    def owners(self, simulator: Simulator) -> Array:
        """1 where an episode is a site's (N, B): row b belongs to the b-th site that decides something, in turn."""
        names = simulator.numpy_network.sites
        seats = [names.index(seat) for seat in (simulator.site_seats if self.site is None else [self.site])]
        turn = np.array(seats)[np.arange(simulator.batch) % len(seats)]
        return simulator.backend.asarray((np.arange(len(names))[:, None] == turn[None]).astype(float))

    def _paid(self, simulator: Simulator, ledger: Ledger) -> Array:
        """What each site pays (N, B) [money], or minus what it is rewarded with."""
        if self.reward is not None:
            return -self.reward.reward(outcome_of(simulator, ledger.discounted))
        paid = ledger.discounted.by_site
        costs = simulator.numpy_network.costs
        if not (costs.fixed_cost.any() or costs.trucks):
            return paid
        return paid + self._slope(simulator) * ledger.weight

    def at_the_end(self, simulator: Simulator) -> Array:
        """What a window leaves to the periods after it (B,) [money]: stock, at what it has cost to have it there, is a credit.

        Without it, goods bought shortly before the end are all cost and no use, and gradients favour lanes that are fast.
        There is none where the window's end is the episode's, and the scenario says itself what goods are worth then; nor where
        it is not money that is minimised.
        """
        found = simulator.backend.zeros(simulator.batch)
        if simulator.has_ended or self.reward is not None:
            return found
        weight = simulator.weight(simulator.now.period) if simulator.discounts else 1.0
        if self.share > 0.0 and (team := _left_over(simulator)) is not None:
            found = tree_sum(team if weight == 1.0 else team * weight)
            found = found if self.share == 1.0 else self.share * found
        if self.share < 1.0 and (apart := _left_to_each(simulator)) is not None:
            own = (self.owners(simulator) * apart).sum(0) * apart.shape[0]
            found = found + (1.0 - self.share) * weight * own
        return found

    def _slope(self, simulator: Simulator) -> Array:
        """Zero in value; its gradient is that of fixed costs paid by 1 − exp(−order / width) (N, B).

        A truck's is paid by 1 − exp(−Σ order / width) over its lanes, in equal parts.
        """
        network, flows = simulator.network, simulator.now.flows
        assert flows is not None  # a period has been simulated
        width = self.smoothing * simulator.backend.asarray(
            simulator.numpy_network.loads.usual_amount[simulator.numpy_network.topology.destination]
        ).mean(1)
        ordered = tree_sum(flows.orders, axis=1)
        filled = ordered / (width[:, None] + 1e-9)
        paid = network.costs.fixed_cost[:, 0] * (1.0 - (-filled).exp())
        for truck in network.costs.trucks:
            of_all = truck.share * (1.0 - (-tree_sum(filled[truck.lanes])).exp())[None]
            paid = put_rows(paid, truck.lanes, paid[truck.lanes] + of_all)
        return network.topology.inbound.total((paid - paid.detach())[:, None])[:, 0]


def _left_over(simulator: Simulator) -> Array | None:
    """Minus the worth of each site's stock, on the shelf and under way, plus that of what it owes customers (N, B) [money].

    None where nothing is paid per unit.
    """
    numpy_network, network, state = simulator.numpy_network, simulator.network, simulator.now.state
    if not (numpy_network.costs.unit_cost.any() or numpy_network.costs.price.any()):
        return None
    worth = landed_cost(numpy_network.topology, numpy_network.costs)
    asarray = simulator.backend.asarray
    under_way = asarray(_of_source(numpy_network, worth) + numpy_network.costs.unit_cost[:, :, 0])[:, :, None]
    owed = state.backlog * (asarray(worth[numpy_network.topology.customer_site])[:, :, None] - network.costs.price)
    stock = tree_sum(state.on_hand * asarray(worth)[:, :, None], axis=1)
    coming = network.topology.inbound.total(tree_sum(state.in_transit * under_way, axis=1))
    return network.topology.buyers.total(tree_sum(owed, axis=1)) - stock - coming


def _of_source(network: Network, worth: NDArray[np.float64]) -> NDArray[np.float64]:
    """A site's worth for every lane out of it, nothing for lanes from outside (L, K)."""
    return np.where((network.topology.source >= 0)[:, None], worth[np.maximum(network.topology.source, 0)], 0.0)


def _left_to_each(simulator: Simulator) -> Array | None:
    """The same of what each site has paid itself, or is paid (N, B) [money]: goods at its own lanes' price, and what it owes.

    None where nothing is paid per unit.
    """
    numpy_network, network, state = simulator.numpy_network, simulator.network, simulator.now.state
    topology, costs = numpy_network.topology, numpy_network.costs
    paid = (costs.unit_cost + costs.transfer_price)[:, :, 0]
    if not (paid.any() or costs.price.any()):
        return None
    products = np.arange(len(topology.products))
    worth = np.where(topology.main_lanes >= 0, paid[topology.main_lanes, products], 0.0)
    asarray = simulator.backend.asarray
    stock = tree_sum(state.on_hand * asarray(worth)[:, :, None], axis=1)
    coming = network.topology.inbound.total(tree_sum(state.in_transit * asarray(paid)[:, :, None], axis=1))
    owed = state.backlog * (asarray(worth[topology.customer_site])[:, :, None] - network.costs.price)
    ordered = state.open_orders * (asarray(_of_source(numpy_network, worth))[:, :, None] - network.costs.transfer_price)
    debts = network.topology.buyers.total(tree_sum(owed, axis=1)) + network.topology.outbound.total(tree_sum(ordered, axis=1))
    return debts - stock - coming
