"""How things stand at the beginning of a period, and what moved in the one before it.

Letters: N sites, L lanes, K products, C customers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..autonomy.autonomy import Autonomy
from ..demand.periods import Frequency
from ..forecasts.known_forecasts import KnownForecasts
from ..foundation.errors import InputError
from ..network.network import Network
from ..numerics.arrays import Floats
from ..physics.state import Flows, State
from .ahead import ForecastsAhead
from .memory import misread
from .moved import Moved
from .periods import Periods
from .places import Places
from .reading import BookTable, read_sheets
from .standing import StatesOfTables

LARGEST_PERIOD = 100_000
LONGEST_HISTORY = 10_000


@dataclass(frozen=True, eq=False)
class Day:
    """One period's beginning, in NumPy, each array with a batch of one."""

    period: int
    state: State
    flows: Flows | None
    """What moved in the period before; None where nobody says."""
    decided: Floats | None
    """What was decided on in the period before (L, K, 1); None where nobody says."""
    misread: Floats | None = None
    """Relative error of a feed's readings of this period (N, K, 1); None where nobody knows of one."""
    forecasts: KnownForecasts | None = None
    """What is forecast of demand when it begins; None where nothing is."""


@dataclass(frozen=True)
class Books:
    """Today, and the periods before it as far as they are on record."""

    days: tuple[Day, ...]
    """One for each period, the last of which is today."""
    periods: Periods
    notes: tuple[str, ...] = ()
    """What has been taken for granted, a sentence each."""

    @property
    def today(self) -> str:
        """What the tables call today's period."""
        return self.periods.name(self.days[-1].period)

    def check_beginning(self, autonomy: Autonomy, latest: int) -> None:
        """Whether an episode can begin today: by period `latest`, and in one of the centre's. Raises InputError."""
        today, first = self.days[-1].period, self.periods.name(0)
        if not 0 <= today <= latest:
            raise InputError("first", first, f"the name of an earlier period, close to {self.today}")
        if autonomy.has_planner and today % autonomy.cadence:
            accepted = f"one in which the centre decides, every {autonomy.cadence} from {first} on"
            raise InputError("stock, column period", self.today, accepted)


@dataclass(frozen=True)
class Reading:
    """How tables are read."""

    first: str | None = None
    """The name of the period that an episode counts as 0."""
    frequency: Frequency | None = None
    negative: Literal["refuse", "backlog"] = "refuse"
    """What becomes of stock below zero: it is refused, or counted as owed to the site's customers."""
    unknown: Literal["refuse", "leave_out"] = "refuse"
    """What becomes of stock of products, or at sites, that the network does not have."""


def read_books(network: Network, autonomy: Autonomy, given: object, how: Reading | None = None) -> Books:
    """The books in a folder, or in tables by kind: paths, or data frames. Raises InputError with file, row and column."""
    how, sheets = how or Reading(), read_sheets(given)
    if "stock" not in sheets:
        raise InputError("stock", "none", "a table of the stock on each site's shelf")
    return Builder(network, autonomy, sheets, how).books()


class Builder:
    """Makes days of tables."""

    def __init__(self, network: Network, autonomy: Autonomy, sheets: Mapping[str, BookTable], how: Reading) -> None:
        self._sheets = dict(sheets)
        self.periods = Periods.of(network.scenario, sheets, how.first, how.frequency)
        self._numbers = {name: self.periods.numbers(sheet) for name, sheet in sheets.items() if "period" in sheet}
        self.today = self._today()
        self._places = places = Places(network)
        self._standing = StatesOfTables(places, autonomy, self.periods, how.negative, how.unknown)
        self._moved = Moved(places)
        self._ahead = None if network.forecasts is None else ForecastsAhead(network.forecasts, self.periods)

    def _today(self) -> int:
        """The period that is about to begin: the latest of the stock, which nothing may be later than."""
        stock = self._numbers.get("stock")
        over = {name: found for name, found in self._numbers.items() if self._sheets[name].kind.of_the_past and found.size}
        if stock is None:
            others = [self._numbers[name] for name in self._numbers if name not in over and self._numbers[name].size]
            later = [int(found.max()) + 1 for found in over.values()] + [int(found.max()) for found in others]
            return max(later, default=0)
        if not stock.size:
            raise InputError(self._sheets["stock"].name, "no rows", "the stock on each site's shelf")
        today = int(stock.max())
        for name, found in self._numbers.items():
            sheet = self._sheets[name]
            latest = today - sheet.kind.of_the_past
            accepted = (
                f"periods up to {self.periods.name(latest)}: the stock in {self._sheets['stock'].name} is that of "
                f"{self.periods.name(today)}, and older than this; bring today's stock, or leave these rows out"
            )
            sheet.refuse("period", found > latest, accepted)
        if abs(today) > LARGEST_PERIOD:
            raise InputError(
                "first", None, f"the name of a period close to {self.periods.name(today)}, which is number {today}"
            )
        return today

    def books(self) -> Books:
        """All days from the first on record to today."""
        days = tuple(self._days())
        return Books(
            days,
            self.periods,
            tuple(dict.fromkeys((*self._notes(), *self._standing.notes, *self._moved.notes, *self._unforeseen()))),
        )

    def _days(self) -> Iterator[Day]:
        for period in range(self._first_period(), self.today + 1):
            stands = {name: self._stand(name, period) for name, sheet in self._sheets.items() if not sheet.kind.of_the_past}
            state = self._standing.state({name: sheet for name, sheet in stands.items() if sheet is not None}, period)
            moved = {name: self._at(name, period - 1) for name, sheet in self._sheets.items() if sheet.kind.of_the_past}
            there = {name: sheet for name, sheet in moved.items() if sheet is not None and len(sheet)}
            flows, decided = self._moved.flows(there, stands.get("memory"), state, period)
            forecasts = None if self._ahead is None else self._ahead.on(period)
            yield Day(period, state, flows, decided, misread(self._places, stands.get("memory")), forecasts)

    def _first_period(self) -> int:
        earliest = [
            int(found.min()) + self._sheets[name].kind.of_the_past for name, found in self._numbers.items() if found.size
        ]
        first = min([*earliest, self.today])
        if self.today - first > LONGEST_HISTORY:
            raise InputError("books", f"{self.today - first} periods", f"at most {LONGEST_HISTORY} before today")
        return first

    def _stand(self, name: str, period: int) -> BookTable | None:
        """A table's rows of a period; where it has none of it, those of the next period it has."""
        if name not in self._numbers:
            return self._sheets[name]
        numbers = self._numbers[name]
        later = numbers[numbers >= period]
        stock = self._numbers.get("stock")
        if name != "stock" and stock is not None and period in stock:
            return self._at(name, period)
        return self._at(name, int(later.min())) if later.size else None

    def _at(self, name: str, period: int) -> BookTable | None:
        numbers = self._numbers.get(name)
        return None if numbers is None else self._sheets[name].at(numbers == period)

    def _unforeseen(self) -> Sequence[str]:
        """What of the periods ahead the books do not tell."""
        found = [] if self._ahead is None else list(self._ahead.notes)
        events = [*self._places.network.events.names, *(one.name for one in self._places.network.events.promotions)]
        if events:
            names = ", ".join(dict.fromkeys(events))
            found.append(f"Events are not in the books: lanes are open, limits whole, and nothing is announced ({names}).")
        return found

    def _notes(self) -> Sequence[str]:
        stock, first = self._numbers.get("stock"), self._first_period()
        known = {self.today} if stock is None else set(np.unique(stock).tolist())
        missing = self.today + 1 - first - len(known & set(range(first, self.today + 1)))
        if not missing:
            return ()
        return (f"The stock of {missing} earlier periods is not on record: that of the next period on record stands for it.",)
