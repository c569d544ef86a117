"""The level of autonomy on one page: `orderup describe scenario=owmr autonomy=hybrid_soe`."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field
from rich import box
from rich.console import Console
from rich.table import Table

from ..autonomy.autonomy import PLANNER
from ..catalogue import load_scenario, with_data
from ..foundation.terminal import Text
from ..foundation.validation import Keys
from ..network.network import Network
from ..simulator import Simulator
from .action_table import ActionRow, action_rows
from .autonomy_table import AxisRow, SeatRow, axis_rows, seat_rows
from .event_words import EventRow, event_rows
from .observation_table import ObservationRow, lanes_of, observation_rows
from .terms_table import TermsRow, terms_rows

COUNTED = "`observation` and `action` are how many numbers a seat sees and decides."
SCALED = "A number that is seen is the amount divided by `scale`."
ACTED = "What −1, 0 and 1 mean; what lies between is in proportion, but for a quantity that would be negative, which is 0."
STEPS = "The cost jumps where {} come in: its slopes alone do not lead to its least value."
PAID = "By the source of the lane to its destination, unless something else is said; what one pays the other gets."
TOLD_ONCE = ("product", "unit", "owner", "visibility", "age")
"""Columns that a terminal is spared where all their rows say the same."""
BROKEN = ("whose", "label", "product", "lane", "decides", "meaning")
"""Columns that may be broken over lines."""

Remarks: TypeAlias = Callable[[Network], Sequence[str]]
"""Sentences about a network by those who know more of it than the problem does, as of what agents can make of it."""
SomeOf = Annotated[list[str], Field(min_length=1), BeforeValidator(lambda value: value if isinstance(value, list) else [value])]


class Describe(Keys):
    """What everybody sees and decides at a level of autonomy, number by number."""

    scenario: Any = Field(description="A name or a YAML path")
    autonomy: Any = Field(
        "autonomous_silo", description="An autonomy level's name or YAML path, and keys to change: autonomy.band=2"
    )
    agent: SomeOf | None = Field(None, description="Whose view; left out: the first site's and the planner's, if they decide")
    actions: Literal["level", "quantity"] = Field("level", description="What actions mean, as for the environments")
    full: bool = Field(False, description="A row for every number, else like ones stand together")
    format: Literal["text", "markdown", "csv"] = Field("text", description="csv holds the observations alone")
    data: str | None = Field(None, description="File of recorded demand, for scenarios that use it")


@dataclass(frozen=True)
class Section:
    """A table with its title, and sentences above it."""

    title: str
    headings: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    notes: tuple[str, ...] = ()

    @property
    def filled(self) -> Section:
        """The same without the columns that say nothing."""
        return self._with([at for at in range(len(self.headings)) if any(self._said(at))])

    @property
    def narrow(self) -> Section:
        """The same without those either that say one thing only, which is told above."""
        said = [self._said(at) for at in range(len(self.headings))]
        kept = [at for at, values in enumerate(said) if len(values) > 1 or self.headings[at] not in TOLD_ONCE]
        told = [f"{self.headings[at]} {values.pop()}" for at, values in enumerate(said) if at not in kept and values]
        notes = (*self.notes, f"In every row: {', '.join(told)}.") if told else self.notes
        return replace(self._with(kept), notes=notes).filled

    @property
    def glossed(self) -> Section:
        """The same with what the fields mean above the table and not in it."""
        if "field" not in self.headings:
            return self
        whose, field, meaning = (self.headings.index(name) for name in ("whose", "field", "meaning"))
        glosses = dict.fromkeys(f"  {row[field] or row[whose]}: {row[meaning]}" for row in self.rows)
        kept = [at for at in range(len(self.headings)) if at != meaning]
        return replace(self._with(kept), notes=(*self.notes, *glosses))

    def _said(self, at: int) -> set[str]:
        return {row[at] for row in self.rows if row[at]}

    def _with(self, kept: Sequence[int]) -> Section:
        rows = [tuple(row[at] for at in kept) for row in self.rows]
        return replace(self, headings=tuple(self.headings[at] for at in kept), rows=rows)


def sections(simulator: Simulator, keys: Describe, remarks: Remarks | None = None) -> list[Section]:
    """The page about an autonomy level on a network, with `remarks` on the network at its head."""
    autonomy = simulator.autonomy
    about = tuple(filter(None, [autonomy.description]))
    remarked = () if remarks is None else tuple(remarks(simulator.numpy_network))
    found = [
        Section(f"{simulator.scenario.name} at {autonomy.name}", AxisRow._fields, axis_rows(autonomy), about),
        Section("Who decides", SeatRow._fields, seat_rows(simulator, keys.actions), (COUNTED,)),
    ]
    happening, steps = event_rows(simulator.scenario), simulator.numpy_network.steps
    if happening:
        found.append(Section("What happens", EventRow._fields, happening))
    if terms := terms_rows(simulator.scenario):
        found.append(Section("What sites pay each other", TermsRow._fields, terms, (PAID,)))
    jumps = (STEPS.format(", ".join(steps)),) if steps else ()
    found[0] = replace(found[0], notes=(*about, *jumps, *remarked))
    for seat in agents_of(simulator, keys.agent):
        sees, does = observation_rows(simulator, seat, keys.full), action_rows(simulator, seat, keys.actions, keys.full)
        found.append(Section(f"What {seat} sees", ObservationRow._fields, sees, (SCALED, *_lanes(simulator, sees))))
        found.append(Section(f"What {seat} decides", ActionRow._fields, does, (ACTED,)))
    return found


def agents_of(simulator: Simulator, asked: Sequence[str] | None) -> list[str]:
    """Whose views are asked for: by default the first site's and the planner's, as far as they decide."""
    if asked is not None:
        return [simulator.seat_of(name) for name in asked]
    return [*simulator.site_seats[:1], *([PLANNER] if simulator.autonomy.has_planner else [])]


def as_markdown(page: Sequence[Section]) -> str:
    """As GitHub's tables."""
    parts = []
    for section in page:
        filled = section.filled
        lines = [filled.headings, ("---",) * len(filled.headings), *filled.rows]
        table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        parts += [f"## {section.title}", *section.notes, table]
    return "\n\n".join(parts)


def as_csv(simulator: Simulator, keys: Describe) -> str:
    """The observations, a line for each row."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("agent", *ObservationRow._fields))
    for seat in agents_of(simulator, keys.agent):
        writer.writerows((seat, *row) for row in observation_rows(simulator, seat, keys.full))
    return out.getvalue().rstrip("\n")


def show(page: Sequence[Section]) -> None:
    """Print the page to standard output, as wide as it is where that is no terminal."""
    sections = [section.narrow for section in page]
    wide = Console(width=10_000)
    widths = [wide.measure(_table(section)).maximum for section in sections]
    console = Console() if sys.stdout.isatty() else Console(width=max(widths), color_system=None)
    for section, width in zip(sections, widths, strict=True):
        shown = section if width <= console.width else section.glossed
        console.print(Text(shown.title, style="bold"))
        for note in shown.notes:
            console.print(Text(note), style="dim", soft_wrap=True)
        console.print(_table(shown))


def _table(section: Section) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for heading in section.headings:
        table.add_column(heading.replace("_", " "), no_wrap=heading not in BROKEN, overflow="fold")
    for row in section.rows:
        table.add_row(*map(Text, row))
    return table


def _lanes(simulator: Simulator, rows: Sequence[ObservationRow]) -> list[str]:
    """Which lanes the labels mean, at the site that is shown in full."""
    if not any(row.label.startswith("lane ") for row in rows):
        return []
    site = rows[0].whose
    named = "; ".join(f"lane {at} is {name or 'none, and always 0'}" for at, name in enumerate(lanes_of(simulator, site)))
    return [f"At {site} {named}."]


def described(keys: Describe, remarks: Remarks | None = None) -> str | list[Section]:
    """What the keys ask for: text to print, or a page to show, `remarks` as for sections."""
    scenario = load_scenario(keys.scenario)
    simulator = Simulator(scenario if keys.data is None else with_data(scenario, keys.data), keys.autonomy)
    if keys.format == "csv":
        return as_csv(simulator, keys)
    page = sections(simulator, keys, remarks)
    return as_markdown(page) if keys.format == "markdown" else page
