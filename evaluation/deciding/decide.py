"""What a policy orders today, from a company's books: the simulator's own decisions, of a period that is not played.

Letters: L lanes, K products.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from orderup.agents.team import caveats_of, seated
from orderup.envs.books.days import Books, Reading, read_books
from orderup.envs.foundation.errors import InputError, one_word
from orderup.envs.foundation.validation import validated
from orderup.envs.foundation.whole_numbers import checked_seed
from orderup.envs.proposed import Proposed, proposed
from orderup.envs.seating import Seating
from orderup.envs.simulator import Simulator

from ..running.contestant import Contestant, contestant_of
from ..running.playing import CannotAct
from .keys import ReadingKeys
from .table import orders_table

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Orders:
    """Today's orders of a policy at a level of autonomy."""

    contestant: Contestant
    books: Books
    simulator: Simulator
    """Which stands at today's state."""
    proposed: Proposed
    caveats: tuple[str, ...]
    """What the policy says that it leaves out of account, a clause each."""

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row for each lane and product it brings: what goes out, why, and what waits (docs/how-to/todays-orders.md)."""
        return orders_table(self.simulator, self.proposed)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was taken for granted of the books, a sentence each."""
        return self.books.notes

    @property
    def today(self) -> str:
        """The period that the orders are for, as the books call it."""
        return self.books.today

    def __repr__(self) -> str:
        """One line."""
        placed = int((self.table["quantity"] > 0).sum())
        return f"{placed} orders of {self.contestant.name} at {self.contestant.autonomy.name} for {self.today}"


def decide(
    scenario: Any,
    autonomy: Any = None,
    agent: Any = None,
    *,
    books: Any,
    agents: Any = None,
    seed: int = 0,
    **reading: Any,
) -> Orders:
    """What a policy orders today at a level of autonomy, from what the books say of today and of the periods before.

    `scenario`, `autonomy` and `agent` are as in orderup.evaluate; a run of training brings its own level. `books` are a folder
    with `stock.csv` and, as far as there are any, `backlog.csv`, `under_way.csv`, `sales.csv`, `ordered.csv` and `memory.csv`;
    or these by name, as paths or pandas data frames; the other keywords are those of orderup.envs.books.days.Reading: `first`,
    `frequency`, `negative`, `unknown`. Periods on record before today are gone through first, so that whoever remembers,
    forecasts, or waits for approval, does so here too; `seed` is that of a policy's own lots.
    Raises InputError with file, row and column for books that cannot be, and CannotAct where the policy cannot act.
    """
    who = one_word("agents", agents, "agent", agent, "base_stock")
    level = autonomy if autonomy is not None else getattr(who, "autonomy", None) or "autonomous_silo"
    contestant, simulator = contestant_of(level, who), Simulator(scenario, level)
    how = validated(ReadingKeys, reading)
    found = read_books(simulator.numpy_network, simulator.autonomy, books, Reading(**how.model_dump()))
    return decided(simulator, contestant, found, checked_seed(seed))


def decided(simulator: Simulator, contestant: Contestant, books: Books, seed: int = 0) -> Orders:
    """The same of books that have been read, on a simulator of the contestant's level with a batch of one."""
    first, *others = books.days
    _check_first(simulator, books)
    seating = Seating(simulator, seated(contestant.agent, simulator))
    simulator.open_at(first)
    try:
        seating.begin(seed)
        for day in others:
            before = proposed(simulator, seating.decisions())
            simulator.stand(day, before.ordered.decided)
        now = proposed(simulator, seating.decisions())
    except InputError as error:
        raise error if isinstance(error, CannotAct) else CannotAct(contestant, str(error)) from error
    return Orders(contestant, books, simulator, now, caveats_of(seating))


def _check_first(simulator: Simulator, books: Books) -> None:
    """Raises InputError where the centre's last decision would be before the first period on record."""
    autonomy, first = simulator.autonomy, books.days[0].period
    if autonomy.has_planner and first % autonomy.cadence:
        periods = books.periods
        begins, number = first - first % autonomy.cadence, len(books.days)
        found = f"{number} period{'s' * (number > 1)}, from {periods.name(first)} to {books.today}"
        accepted = (
            f"books from {periods.name(begins)} on, when the centre decided last: it does every {autonomy.cadence} periods, "
            f"counted from {periods.name(0)} (first=… says otherwise)"
        )
        raise InputError("books", found, accepted)
