"""Counting an episode while it runs: sums over its evaluated periods, so that memory grows with neither time nor episodes.

Letters: B batch, N sites, L lanes, K products, C customers.
"""

from __future__ import annotations

from collections.abc import Iterable

from orderup.envs.foundation.errors import InputError
from orderup.envs.numerics.arrays import Array, tree_sum
from orderup.envs.numerics.conversion import converted
from orderup.envs.physics.state import Flows, State
from orderup.envs.simulator import Ledger, Simulator

from .amounts import COUNTED, Amount, Period
from .structure import peers_of
from .sums import Sums, sums_of
from .worked_out import Counted


class Accumulator:
    """The sums of one batch of episodes, which must have been reset; `own` are amounts beyond those that are always counted."""

    def __init__(self, sim: Simulator, own: Iterable[Amount] = ()) -> None:
        self._sim, self._network, self._centre = sim, sim.network, sim.centre
        self._own = tuple(own)
        self._sums: dict[str, Array] = {}
        self._periods = 0
        self._last: Period | None = None
        laterals = sim.numpy_network.topology.is_lateral[:, None, None]
        self._regular = sim.backend.asarray(1.0 - laterals) if laterals.any() else None
        self._peers = converted(peers_of(sim.numpy_network), sim.backend.asarray)
        topology = sim.numpy_network.topology
        bought = (topology.main_lanes >= 0) & (topology.main_sources < 0) & ~topology.is_made[topology.main_lanes]
        outside = 1.0 * bought[:, :, None]
        self._supplied = sim.backend.asarray((sim.numpy_network.loads.mean * outside).sum(axis=0, keepdims=True))
        """Mean of the orders that outside suppliers get (1, K, 1), as far as it is known beforehand."""

    def add(self, before: State, after: State, flows: Flows, ledger: Ledger) -> None:
        """Count one period: the state it began with, the state it ended with, what moved and what it cost."""
        self._periods += 1
        period = self._period(before, after, flows, ledger)
        for name, values in period.ledger.by_term.items():
            self._add(f"cost_{name}", values)
        for amount in COUNTED:
            assert amount.count is not None  # as it is counted
            if (values := amount.count(period)) is not None:
                self._add(amount.name, values)
        for amount in self._own:
            self._add(amount.name, self._checked(amount, period))
        self._add_orders(period)
        if period.previous is not None:
            period.previous.previous = None  # so that no more than two periods are kept
        self._last = period

    def _period(self, before: State, after: State, flows: Flows, ledger: Ledger) -> Period:
        target = self._centre.target
        return Period(
            network=self._network,
            before=before,
            state=after,
            flows=flows,
            ledger=ledger.discounted,
            level=None if target is None else target.level,
            distance=self._centre.distance,
            regular=self._regular,
            previous=self._last,
            peers=self._peers,
        )

    def _checked(self, amount: Amount, period: Period) -> Array:
        """What an amount of one's own comes to (N, B). Raises InputError where it has another shape."""
        assert amount.count is not None  # as nothing else is taken for one's own
        values, wanted = amount.count(period), (len(self._sim.numpy_network.sites), self._sim.batch)
        shape = tuple(getattr(values, "shape", ()))
        if shape != wanted:
            raise InputError(f"kpis.{amount.name}", f"an array {shape}", f"an array (sites, batch), here {wanted}")
        return 0.0 * period.state.on_hand[:, 0] + values

    def _add_orders(self, period: Period) -> None:
        """First and second moments, about the expected mean so that the variance does not drown in rounding."""
        outside = tree_sum(period.flows.orders * self._network.topology.is_outside)[None]
        for name, values, mean in (
            ("site", period.ordered, self._network.loads.mean),
            ("outside", outside, self._supplied),
        ):
            deviation = values - mean
            self._add(f"{name}_orders", deviation)
            self._add(f"{name}_squares", deviation * deviation)

    def _add(self, name: str, values: Array) -> None:
        if name in self._sums:
            self._sums[name] += values
        else:
            self._sums[name] = values + 0.0

    def sums(self) -> Sums:
        """Everything counted so far. Raises RuntimeError before the first period."""
        if self._last is None or self._sim.trace is None:
            raise RuntimeError("nothing has been counted")
        planned = self._last.level is not None
        return sums_of(Counted(self._sim, self._sums, self._periods, planned), self._own)
