"""What policies would have ordered in a window of the past, and what it would have come to, against what was ordered.

Letters: T periods, L lanes, K products.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from orderup.agents.team import seated
from orderup.envs.catalogue import load_autonomy, load_scenario, with_data
from orderup.envs.network.building import build
from orderup.envs.numerics.arrays import Floats, in_float64
from orderup.envs.seating import Seating
from orderup.envs.simulator import Simulator
from orderup.envs.trace.trace import FIRST_HELD_OUT_SEED

from ..comparison.comparison import Comparison
from ..comparison.side_by_side import compare
from ..running.contestant import Contestant, contestant_of
from .as_ordered import CALLED, AsOrdered
from .records import Records
from .window import RecordedWindow

if TYPE_CHECKING:
    import pandas as pd

BY_SITES = "autonomous_silo"
"""The level at which what was ordered is played: quantities, by whomever."""


NO_STOCK = "What was on the shelf when the window began is not on record: the scenario's stock stands for it."


@dataclass(frozen=True, eq=False)
class Backtest:
    """One window of the past under several policies, the first of which is what was ordered."""

    comparison: Comparison
    window: RecordedWindow
    contestants: tuple[Contestant, ...]
    notes: tuple[str, ...]
    """What was taken for granted, a sentence each."""

    @cached_property
    def orders(self) -> pd.DataFrame:
        """One row for each period, lane and product: what was ordered, and what each policy would have [units]."""
        import pandas as pd

        played = {_column(contestant): self._played(contestant) for contestant in self.contestants}
        network = build(self.comparison.traces.scenario)
        first = next(iter(played.values()))
        period, lane, product = np.indices(first.shape).reshape(3, -1)
        there = np.any([orders.reshape(-1) != 0 for orders in played.values()], axis=0)
        names = {
            "period": np.array([self.window.name(number) for number in range(len(first))])[period],
            "site": np.array(network.sites)[network.topology.destination[lane]],
            "product": np.array(network.products)[product],
            "lane": np.array(network.lanes)[lane],
        }
        amounts = {column: orders.reshape(-1) for column, orders in played.items()}
        return pd.DataFrame({**names, **amounts})[there].reset_index(drop=True)

    def _played(self, contestant: Contestant) -> Floats:
        """Its orders (T, L, K), every digit of them."""
        traces = self.comparison.traces
        simulator = Simulator(traces.scenario, contestant.autonomy, horizon=traces.horizon, split=traces.split)
        seating = Seating(simulator, seated(contestant.agent, simulator))
        seating.reset(traces.seed, np.array([0]))
        found = []
        while not simulator.done:
            simulator.advance(seating.decisions())
            assert simulator.now.flows is not None  # a period has been played
            found.append(in_float64(simulator.now.flows.orders)[..., 0])
        return np.stack(found)


def backtest(
    scenario: Any,
    judged: Sequence[Contestant | tuple[Any, Any]] = ((BY_SITES, "base_stock"),),
    *,
    ordered: Any = None,
    receipts: Any = None,
    stock: Any = None,
    data: str | None = None,
    split: str = "test",
    warmup: int = 0,
) -> Backtest:
    """What policies would have ordered on recorded demand, against what was ordered.

    `scenario` has recorded demand, of which `split` names the window; `judged` are contestants, or pairs of an autonomy level
    and an agent. What was ordered is in a table, a path or a pandas data frame: `ordered` (period, lane or to, product,
    quantity), or `receipts` (the same by the period in which it came in, and, where it is known, `since` when it was ordered).
    `stock` is what was on the shelf when the window began (left out: the scenario's), and what the table has of orders from
    before is under way then, for everybody alike. Of the first `warmup` periods nothing counts. Raises InputError with file,
    row and column of what cannot be.
    """
    loaded = load_scenario(scenario)
    loaded = loaded if data is None else with_data(loaded, data)
    window = RecordedWindow.of(loaded, split)
    records = Records(build(loaded), window)
    shelf = records.stock(stock)
    found = records.orders(ordered, receipts)
    if stock is None:
        records.notes.append(NO_STOCK)
    played = window.as_it_was(shelf, found.arriving, warmup)
    past = Contestant(load_autonomy(BY_SITES), AsOrdered(quantities=found.quantities), CALLED)
    contestants = (past, *(entry if isinstance(entry, Contestant) else contestant_of(*entry) for entry in judged))
    comparison = compare(played, contestants, episodes=1, seed=FIRST_HELD_OUT_SEED, split=split)
    others = {(skipped.autonomy, skipped.name) for skipped in comparison.skipped}
    there = tuple(entry for entry in contestants if (entry.autonomy.name, entry.name) not in others)
    return Backtest(replace(comparison, against=f"{BY_SITES} / {CALLED}"), window, there, tuple(records.notes))


def _column(contestant: Contestant) -> str:
    return CALLED if contestant.name == CALLED else f"{contestant.name} at {contestant.autonomy.name}"
