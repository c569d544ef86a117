"""Service as it is measured on training episodes: which customers' products each target is about, and who had what in time.

Letters: G targets, C customers, K products, B batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from orderup.envs.autonomy.autonomy import Autonomy
from orderup.envs.demand.service import TargetGroup, targets
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Floats, in_float64
from orderup.envs.physics.state import Flows, State
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.seating import Seating
from orderup.envs.simulator import Simulator
from orderup.envs.trace.drawn_once import drawn_once
from orderup.envs.trace.trace import Trace

from .told import in_world

FEWEST, TRACES, SEED = 32, 512, 7_001
"""Training episodes on which service is measured, at least and at most …"""
ENOUGH = 2_000_000
"""… and in between as many as have so many numbers, periods × customers × products: large networks even out by themselves."""


@dataclass(frozen=True, eq=False)
class Measure:
    """How service is measured: which customers' products each target is about."""

    targets: tuple[TargetGroup, ...]
    members: Floats
    """1 for those that belong to a target (G, C, K)."""

    @classmethod
    def of(cls, network: Network, wanted: tuple[TargetGroup, ...]) -> Measure:
        """For the targets of a network's customers."""
        scenario = network.scenario
        members = np.zeros((len(wanted), len(network.customers), len(network.products)))
        for target, place, product in targets(scenario.customers, network.products):
            entry = scenario.customers[place]
            row = network.customers.index(f"{entry.site}/{entry.segment}")
            members[wanted.index(target), row, network.products.index(product)] = 1.0
        return cls(wanted, members)

    def holding(self, network: Network) -> Floats:
        """Mean holding cost of a target's products at their sites (G,), 1 where that is nothing [money/unit/period]."""
        of_customers = network.costs.holding[network.topology.customer_site, :, 0]
        mean = (self.members * of_customers).sum(axis=(1, 2)) / self.members.sum(axis=(1, 2))
        return np.where(mean > 0, mean, 1.0)

    def of_policy(
        self, scenario: Scenario, autonomy: Autonomy, agent: Any, told: Scenario, trace: Trace | None
    ) -> tuple[Floats, float, Trace]:
        """Service by target (G,), and the money in stock, of an agent who decides by what he is `told`, on training episodes.

        And their trace, for the next to be measured on; drawn where none is given, once for all levels of autonomy.
        """
        size = scenario.horizon * self.members[0].size
        batch = int(np.clip(ENOUGH // size, FEWEST, TRACES))
        simulator = Simulator(scenario, autonomy, batch=batch)
        seating = Seating(simulator, in_world(agent, simulator, told))
        if trace is None:
            simulator.reset(SEED, draw=drawn_once)
            seating.begin()
        else:
            seating.replay(trace)
        good, all_of = np.zeros((2, len(self.targets)))
        tied_up, counted_periods = 0.0, 0
        while not simulator.done:
            before = simulator.now.state
            simulator.advance(seating.decisions())
            if simulator.now.flows is not None and simulator.period > scenario.warmup:
                counted = self._counted(before, simulator.now.flows)
                good, all_of = good + counted[0], all_of + counted[1]
                tied_up, counted_periods = tied_up + _tied_up(simulator), counted_periods + 1
        assert simulator.trace is not None  # as it has been played
        return good / np.maximum(all_of, 1e-12), tied_up / counted_periods, simulator.trace

    def _counted(self, before: State, flows: Flows) -> tuple[Floats, Floats]:
        """Numerators and denominators of a period's service (G,)."""
        served, demand, owed = (in_float64(values) for values in (flows.served, flows.demand, before.backlog))
        on_time = np.maximum(served - owed, 0.0).sum(axis=2)
        unmet = in_float64(flows.unmet)
        covered = (unmet <= 1e-9 * (unmet + served)).sum(axis=2)
        fill = np.array([target.kind == "fill" for target in self.targets])
        good = [(self.members * values).sum(axis=(1, 2)) for values in (on_time, covered)]
        everybody = (demand.sum(axis=2), np.full(covered.shape, float(demand.shape[2])))
        whole = [(self.members * values).sum(axis=(1, 2)) for values in everybody]
        return np.where(fill, *good), np.where(fill, *whole)


def _tied_up(simulator: Simulator) -> float:
    """Money in stock on the shelves and under way between sites, on average over the batch."""
    network, state = simulator.numpy_network, simulator.now.state
    if network.costs.value is None:
        return 0.0
    under_way = in_float64(state.in_transit) * network.topology.is_inside
    units = in_float64(state.on_hand) + network.topology.inbound.total(under_way)
    return float((network.costs.value * units).sum() / simulator.batch)
