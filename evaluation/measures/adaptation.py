"""How late orders follow a shift of demand: of every episode one shift that comes once, or as scheduled.

Letters: B episodes, T periods.

Looked at is the first shift of the scenario that brings some sites demand, by a factor or from others, `once` or as
`scheduled`, and of it the first time that begins after the warm-up. The sites that gain are taken together. Their orders have
adapted when their mean over `SPAN` periods reaches 90 % of mean demand there while the shift is in force; the demand itself,
which is noisy too, gets there at some time, and from then on the lag counts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orderup.envs.events.timing import Once, Scheduled
from orderup.envs.network.event_sources import ShiftSource
from orderup.envs.numerics.arrays import in_float64, tree_sum
from orderup.envs.numerics.backend import Backend
from orderup.envs.physics.state import Flows
from orderup.envs.simulator import Simulator
from orderup.envs.trace.trace import draw_events

from ..statistics.statistics import Floats
from .amounts import Amount
from .kpi import IfCounted, kpis
from .resilience import Flags, Periods, first_beginning, first_of

SPAN = 5
"""Periods over which orders and demand are averaged."""
REACHED = 0.9
"""Share of the new mean demand at which they count as adapted."""

SHIFTS = Amount("shifts")
LAG_PERIODS = Amount("lag_periods")
UNADAPTED = Amount("unadapted")


@dataclass(frozen=True)
class Adaptation:
    """The gaining sites' orders and demand in some episodes (B, T) [units], and when the shift is in force (B, T)."""

    orders: Floats
    demand: Floats
    in_force: Flags
    warmup: int

    @property
    def begins(self) -> Periods:
        """First period of the shift that is looked at (B,), T where there is none."""
        return first_beginning(self.in_force, self.warmup)

    @property
    def sums(self) -> dict[str, Floats]:
        """Numerators and denominators of each episode (B,), all 0 where there is no shift to look at."""
        begins = self.begins
        every, ends = np.arange(self.orders.shape[1]), first_of(~self.in_force, begins)
        within = (every >= begins[:, None]) & (every < ends[:, None])
        found = begins < self.orders.shape[1]
        wanted = REACHED * (self.demand * within).sum(axis=1) / np.maximum(within.sum(axis=1), 1)
        followed, led = (
            np.minimum(first_of(mean_of_late(values) >= wanted[:, None], begins), ends) for values in (self.orders, self.demand)
        )
        told = {SHIFTS: np.ones(len(found)), LAG_PERIODS: 1.0 * (followed - led), UNADAPTED: 1.0 * (followed == ends)}
        return {amount.name: values * found for amount, values in told.items()}


def mean_of_late(values: Floats) -> Floats:
    """Mean of each period and the `SPAN` − 1 before it (B, T); of those there are."""
    total = np.cumsum(np.pad(values, ((0, 0), (SPAN, 0))), axis=1)
    counts = np.minimum(np.arange(1, values.shape[1] + 1), SPAN)
    found: Floats = (total[:, SPAN:] - total[:, :-SPAN]) / counts
    return found


class ShiftLog:
    """What is ordered by the sites that a shift brings demand to, period by period."""

    def __init__(self, sim: Simulator, number: int) -> None:
        self._sim, self._number = sim, number
        topology, changes = sim.numpy_network.topology, sim.numpy_network.events.shifts[number].changes
        self._gaining = np.array([changes.get(name, 0.0) > 0 for name in sim.numpy_network.sites])
        self._lanes = np.flatnonzero(self._gaining[topology.destination])
        self._rows: list[Floats] = []

    @classmethod
    def of(cls, sim: Simulator) -> ShiftLog | None:
        """That of the first shift that can be looked at; None where there is none."""
        shifts = sim.numpy_network.events.shifts
        fitting = [number for number, shift in enumerate(shifts) if _can_be_followed(shift)]
        return cls(sim, fitting[0]) if fitting else None

    def add(self, flows: Flows) -> None:
        """Write down one period."""
        self._rows.append(tree_sum(in_float64(flows.orders)[self._lanes].sum(axis=1)))

    def sums(self, warmup: int) -> dict[str, Floats]:
        """What everything written down so far comes to (B,)."""
        sim = self._sim
        assert sim.trace is not None  # as there is something written down
        events = draw_events(sim.numpy_network, Backend("numpy"), sim.seed, sim.episodes, sim.horizon, sim.split)
        customers = np.flatnonzero(self._gaining[sim.numpy_network.topology.customer_site])
        demand = in_float64(sim.trace.demand)[:, customers].sum(axis=(1, 2))
        in_force = in_float64(events.shifted[self._number]) > 0
        return Adaptation(np.stack(self._rows, axis=1), demand.T, in_force.T, warmup).sums


def _can_be_followed(shift: ShiftSource) -> bool:
    gains = any(change > 0 for change in shift.changes.values())
    return gains and not shift.fails and isinstance(shift.timing, (Once, Scheduled))


class OfShifts(IfCounted):
    """What is told where demand shifts once, or as scheduled."""


@kpis.register("adaptation_lag")
class AdaptationLag(OfShifts):
    """How much later than demand orders adapt."""

    meaning = (
        f"Periods from when the mean of {SPAN} periods' demand at the sites that a shift brings demand to reaches "
        f"{REACHED:.0%} of the new mean demand until that of their orders does; a lower bound where some never do"
    )
    unit, better = "periods", "lower"
    numerator, denominator = LAG_PERIODS, SHIFTS


@kpis.register("unadapted")
class Unadapted(OfShifts):
    """Share of such shifts that are over before orders have reached it."""

    unit, better = "1", "lower"
    numerator, denominator = UNADAPTED, SHIFTS
