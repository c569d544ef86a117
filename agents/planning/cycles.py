"""Machines that are set up for what they make: in which periods a plan has what made, and how late that may be.

Letters: T periods, L lanes, C customers, K products, M machines, S futures, B paths that are played through.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from orderup.envs.making.machines import Machines
from orderup.envs.network.loads import Item
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Floats
from orderup.envs.numerics.backend import Backend
from orderup.envs.trace.trace import Trace, draw_trace

from ..levels.explosion import Explosion
from ..levels.sources import splits
from .programs.problem import Places, PlanningProblem

BUSIEST = 0.95
"""Share of the hours that set-ups and events leave which a machine may need for mean demand."""
PATHS, PERIODS, FIRST = 64, 200, 50
"""Paths, their length, and the first periods of them that do not count."""


class MadeItem(NamedTuple):
    """A recipe that is the main lane of what it makes, an item, and takes a machine."""

    lane: int
    item: Item
    machine: int
    hours: float
    """For a unit."""
    setup: float


class MachineCycles:
    """How often a network's machines make what they are set up for, and how much work waits for them then.

    A machine makes everything once in a cycle of n periods, a common cycle as in the economic lot scheduling problem (Hanssmann
    1962): with b hours for one set-up of each product h − b/n of its h hours are left. The cycle is the shortest with which it
    is not too busy. Work that comes and cannot be done waits, by Lindley's recursion, with demand and events as they differ
    from what is usual in their period: that is what a capacitated base-stock policy holds stock for (Tayur 1993), and what no
    plan sees that knows each future.
    """

    def __init__(self, network: Network, machines: Machines, seed: int) -> None:
        self._network, self._explosion, self._seed = network, Explosion(network, delays_below=False), seed
        self._made = self._by_main_lanes(machines)
        trace = draw_trace(network, Backend("numpy"), seed, np.arange(PATHS), PERIODS)
        hours, work = _unforeseen(self._hours(machines, trace)), _unforeseen(self._work(len(machines.names), trace))
        set_up = [[made for made in self._made if made.machine == machine and made.setup > 0] for machine in range(len(work))]
        total = np.array([sum(made.setup for made in of_machine) for of_machine in set_up])
        self.length = np.array([_shortest(*each) for each in zip(total, hours, work, map(len, set_up), strict=True)])
        """Periods of each machine's cycle (M,)."""
        self.set_up: Floats = total / self.length / machines.most[:, 0, 0]
        """Share of each machine's hours that it is set up (M,)."""
        left = hours - (total / self.length)[:, None, None]
        self._behind = np.stack([_waiting(*each) for each in zip(work, left, strict=True)])
        self._every, self._turn = self._turns(set_up)

    @property
    def between(self) -> Places:
        """Periods that pass from one turn of a lane to the next, less one (L,)."""
        return self._every - 1

    def turns(self, first: int, periods: int) -> Floats:
        """1 where a lane has its turn in so many periods from the first on, else 0 (T, L)."""
        period = first + np.arange(periods)[:, None]
        found: Floats = (period % self._every == self._turn).astype(float)
        return found

    def late(self, problem: PlanningProblem, demand: Floats) -> Floats:
        """What customers ask for more when what is ordered now is there (T, C, K, S) [units], by their demand (T, C, K, S).

        Production that is late is, for whoever has to have enough then, as if so much more were asked for.
        """
        found, effective, mean = np.zeros_like(demand), problem.effective(self._network), demand.mean(axis=3)
        share = (np.arange(demand.shape[3]) + 0.5) / demand.shape[3]
        behind = np.random.default_rng(self._seed).permuted(np.quantile(self._behind, share, axis=1).T, axis=1)
        for made in self._made:
            for use in self._explosion.uses[made.item]:
                period = int(effective[made.item]) + use.span.longest
                for row, _ in self._explosion.buyers(use.sold) if period < problem.periods else ():
                    place = period, row, use.sold[1]
                    found[place] = np.maximum(found[place], behind[made.machine] * mean[place])
        return found

    def _by_main_lanes(self, machines: Machines) -> list[MadeItem]:
        network, recipes = self._network, self._network.recipes
        assert recipes is not None  # as there are machines
        every = [
            MadeItem(int(lane), (int(site), int(product)), int(machine), float(hours), float(setup))
            for lane, site, product, machine, hours, setup, takes_one in zip(
                recipes.lanes,
                recipes.site,
                recipes.product,
                machines.machine,
                machines.hours[:, 0, 0],
                machines.setup[:, 0, 0],
                machines.takes_one[:, 0],
                strict=True,
            )
            if takes_one
        ]
        return [made for made in every if network.topology.main_lanes[made.item] == made.lane]

    def _hours(self, machines: Machines, trace: Trace) -> Floats:
        """What events leave of the machines' hours, overtime included (M, T, B)."""
        demand = np.asarray(trace.demand)
        left = [machines.left(trace.at(period).conditions.limits, demand[period]) for period in range(PERIODS)]
        found: Floats = np.stack([(machines.most * share)[:, 0] for share in left], axis=1)
        return found

    def _work(self, machines: int, trace: Trace) -> Floats:
        """Hours, without set-ups, that each machine takes to make what is asked for (M, T, B), and nobody else can bring."""
        demand, customers = np.asarray(trace.demand), self._network.topology.customer_site
        most = {(split.site, split.product): split.capacity[0] for split in splits(self._network, by_main_lanes=True)}
        found = np.zeros((machines, PERIODS, PATHS))
        for made in self._made:
            units = np.einsum("ck,tckb->tb", self._explosion.content[made.item][customers], demand)
            found[made.machine] += made.hours * np.minimum(units, most.get(made.item, np.inf))
        return found

    def _turns(self, set_up: list[list[MadeItem]]) -> tuple[Places, Places]:
        """How long each lane's cycle is, and in which period of it its turn is (L,): all of them are about as busy."""
        every, turn = np.ones(len(self._network.lanes), dtype=np.int64), np.zeros(len(self._network.lanes), dtype=np.int64)
        mean = self._network.loads.mean[:, :, 0]
        for machine, of_machine in enumerate(set_up):
            busy = np.zeros(self.length[machine])
            for made in sorted(of_machine, key=lambda made: -made.hours * float(mean[made.item])):
                every[made.lane], turn[made.lane] = self.length[machine], int(busy.argmin())
                busy[turn[made.lane]] += made.setup + made.hours * float(mean[made.item]) * self.length[machine]
        return every, turn


def _unforeseen(values: Floats) -> Floats:
    """The same (M, T, B) in a world where every period is alike on average."""
    found: Floats = values - values.mean(axis=2, keepdims=True) + values.mean(axis=(1, 2), keepdims=True)
    return found


def _shortest(setup: float, hours: Floats, work: Floats, products: int) -> int:
    """Periods of the shortest cycle in which a machine is not too busy; of the longest, where it always is."""
    for length in range(1, products):
        if work.mean() <= BUSIEST * (hours.mean() - setup / length):
            return length
    return max(products, 1)


def _waiting(work: Floats, hours: Floats) -> Floats:
    """Periods' work that waits at the end of all but the first periods (T · B,), where there are `work` and `hours` (T, B)."""
    waits, found = np.zeros(work.shape[1]), []
    for comes, can in zip(work, np.maximum(hours, 0.0), strict=True):
        waits = np.maximum(waits + comes - can, 0.0)
        found.append(waits)
    usual: float = max(float(work.mean()), 1e-12)
    return np.concatenate(found[FIRST:]) / usual
