"""What a change of prices does to orders: bought ahead of it, and moved to other lanes after it.

Letters: B episodes, T periods.

Looked at is the first change of prices of the scenario that comes `once`, or as `scheduled`, and of it the first time that is
announced after the warm-up. Orders are those by the lanes that it makes dearer or cheaper, and by all lanes into the same
sites, lateral ones left out. The usual is their mean from the warm-up until the announcement, the final mix that of the second
half of the change. Orders have moved when their mix first comes near the final one: to stay there would mostly measure how
much the mix swings anyway.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orderup.envs.events.timing import Once, Scheduled
from orderup.envs.network.event_effects import Influence
from orderup.envs.numerics.arrays import in_float64
from orderup.envs.numerics.backend import Backend
from orderup.envs.physics.state import Flows
from orderup.envs.simulator import Simulator
from orderup.envs.trace.trace import draw_events

from ..statistics.statistics import Floats, ratio
from .adaptation import SPAN, mean_of_late
from .amounts import Amount
from .kpi import IfCounted, kpis
from .resilience import Flags, Periods, first_beginning, first_of

NEAR = 0.05
"""Share of orders within which the mix of lanes is the final one."""

CHANGES = Amount("price_changes")
REROUTE_PERIODS = Amount("reroute_periods")
BOUGHT_AHEAD, USUALLY_BOUGHT = Amount("bought_ahead"), Amount("usually_bought")
AFFECTED_BEFORE, ALL_BEFORE = Amount("affected_before"), Amount("all_before")
AFFECTED_AFTER, ALL_AFTER = Amount("affected_after"), Amount("all_after")


@dataclass(frozen=True)
class Rerouting:
    """Orders of some episodes (B, T) [units], and when the change is in force (B, T)."""

    affected: Floats
    """By the lanes whose price changes."""
    total: Floats
    """By all lanes into the same sites."""
    in_force: Flags
    announced: int
    """Periods ahead."""
    warmup: int

    @property
    def begins(self) -> Periods:
        """First period of the change that is looked at (B,), T where there is none."""
        return first_beginning(self.in_force, self.warmup + self.announced + 1)

    @property
    def sums(self) -> dict[str, Floats]:
        """Numerators and denominators of each episode (B,), all 0 where there is no change to look at."""
        begins = self.begins[:, None]
        ends, every = first_of(~self.in_force, self.begins)[:, None], np.arange(self.total.shape[1])
        heard, settled = begins - self.announced, (begins + ends) // 2
        before, ahead = (every >= self.warmup) & (every < heard), (every >= heard) & (every < begins)
        after = (every >= settled) & (every < ends)
        final = ratio((self.affected * after).sum(axis=1), (self.total * after).sum(axis=1))
        mix = ratio(mean_of_late(self.affected), mean_of_late(self.total))
        there = np.minimum(first_of(abs(mix - final[:, None]) <= NEAR, self.begins), ends[:, 0])
        usual = ratio((self.affected * before).sum(axis=1), before.sum(axis=1).astype(np.float64))
        found = {
            CHANGES: np.ones(len(begins)),
            REROUTE_PERIODS: 1.0 * (there - self.begins),
            BOUGHT_AHEAD: (self.affected * ahead).sum(axis=1),
            USUALLY_BOUGHT: np.nan_to_num(usual) * self.announced,
            AFFECTED_BEFORE: (self.affected * before).sum(axis=1),
            ALL_BEFORE: (self.total * before).sum(axis=1),
            AFFECTED_AFTER: (self.affected * after).sum(axis=1),
            ALL_AFTER: (self.total * after).sum(axis=1),
        }
        return {amount.name: values * (self.begins < len(every)) for amount, values in found.items()}


class PriceLog:
    """What is ordered by the lanes whose price changes, and by all into the same sites, period by period."""

    def __init__(self, sim: Simulator, change: Influence) -> None:
        self._sim, self._change = sim, change
        topology, influences = sim.numpy_network.topology, sim.numpy_network.events.influences
        rows = sorted({row for one in influences if one.event == change.event for row in one.rows})
        self._affected = np.array(rows)
        self._all = np.flatnonzero(np.isin(topology.destination, topology.destination[rows]) & ~topology.is_lateral)
        self._rows: list[tuple[Floats, Floats]] = []

    @classmethod
    def of(cls, sim: Simulator) -> PriceLog | None:
        """That of the first change that can be looked at; None where there is none."""
        fitting = [one for one in sim.numpy_network.events.influences if _can_be_followed(one)]
        return cls(sim, fitting[0]) if fitting else None

    def add(self, flows: Flows) -> None:
        """Write down one period."""
        orders = in_float64(flows.orders).sum(axis=1)
        self._rows.append((orders[self._affected].sum(axis=0), orders[self._all].sum(axis=0)))

    def sums(self, warmup: int) -> dict[str, Floats]:
        """What everything written down so far comes to (B,)."""
        sim = self._sim
        events = draw_events(sim.numpy_network, Backend("numpy"), sim.seed, sim.episodes, sim.horizon, sim.split)
        in_force = in_float64(events.degrees[self._change.event])[: sim.horizon] > 0
        affected, total = (np.stack(rows, axis=1) for rows in zip(*self._rows, strict=True))
        return Rerouting(affected, total, in_force.T, self._change.announced, warmup).sums


def _can_be_followed(one: Influence) -> bool:
    return one.channel in ("price", "tariff") and not one.fails and isinstance(one.timing, (Once, Scheduled))


class OfPrices(IfCounted):
    """What is told where a price changes once, or as scheduled."""


@kpis.register("time_to_reroute")
class TimeToReroute(OfPrices):
    """How long until orders have moved."""

    meaning = (
        f"Periods from the beginning of a change of prices until the share of orders by the lanes that it is about, as a mean "
        f"of {SPAN} periods, comes within {100 * NEAR:.0f} points of what it comes to in the second half of the change"
    )
    unit, better = "periods", "neither"
    numerator, denominator = REROUTE_PERIODS, CHANGES


@kpis.register("pre_buying")
class PreBuying(OfPrices):
    """Orders by these lanes between announcement and change, over as many periods of usual ones; none without notice."""

    unit, better = "ratio", "neither"
    numerator, denominator = BOUGHT_AHEAD, USUALLY_BOUGHT


@kpis.register("share_before_price_change")
class ShareBeforePriceChange(OfPrices):
    """Share of these lanes in the orders of the sites they lead to, before the change is announced."""

    unit, better = "1", "neither"
    numerator, denominator = AFFECTED_BEFORE, ALL_BEFORE


@kpis.register("share_after_price_change")
class ShareAfterPriceChange(OfPrices):
    """The same in the second half of the change."""

    unit, better = "1", "neither"
    numerator, denominator = AFFECTED_AFTER, ALL_AFTER
