"""What a seat sees, row by row, from the declarations of the fields: whose, what, in which unit, how old."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from ..autonomy.autonomy import PLANNER, Autonomy
from ..foundation.errors import UnknownName
from ..information.fields import FIELDS, Field
from ..information.observation import ObservationEntry, Observer
from ..simulator import Simulator

SEVERAL = 4
"""More labels of a field, or more other sites, than this stand in one row."""

ABOUT_THE_FEED = ("age", "ordered_since")
"""Fields that come with a late feed and are not late themselves."""


class ObservationRow(NamedTuple):
    """One number of an observation, or several of a kind."""

    positions: str
    whose: str
    field: str
    label: str
    product: str
    unit: str
    scale: str
    owner: str
    visibility: str
    age: str
    meaning: str


def observation_rows(simulator: Simulator, seat: str, full: bool = False) -> list[ObservationRow]:
    """What a seat observes; `full` has a row for each number, else products, and sites of the same fields, stand together.

    Raises UnknownName for a seat that the autonomy level does not have.
    """
    observer = observer_of(simulator, seat)
    table, size = observer.table(seat), observer.block
    blocks = [table[start : start + size] for start in range(0, len(table), size)]
    rows = [
        _observed(group, simulator.autonomy, number == 0 and seat != PLANNER)
        for number, block in enumerate(blocks if full else blocks[:1])
        for group in _groups(block, full)
    ]
    return rows if full else [*rows, *_repeated(blocks[1:], observer)]


def observer_of(simulator: Simulator, seat: str) -> Observer:
    """Builds the observations of a seat and its like. Raises UnknownName for a seat that the autonomy level does not have."""
    return Observer(simulator.numpy_network, simulator.autonomy, party_of(simulator, seat))


def party_of(simulator: Simulator, seat: str) -> tuple[str, ...]:
    """The seats among which a seat has its place. Raises UnknownName for one that the autonomy level does not have."""
    if seat not in simulator.seats:
        raise UnknownName("agent", seat, simulator.seats)
    return (PLANNER,) if seat == PLANNER else simulator.site_seats


def lanes_of(simulator: Simulator, site: str) -> list[str]:
    """The lanes that a field's `lane 0`, `lane 1`, … are at a site; nothing where it has fewer than another."""
    inbound = simulator.numpy_network.topology.inbound
    names = [simulator.numpy_network.lanes[lane] for lane in inbound.lists()[simulator.numpy_network.sites.index(site)]]
    return names + [""] * (inbound.degree - len(names))


def _groups(block: Sequence[ObservationEntry], full: bool) -> Iterator[list[ObservationEntry]]:
    """Entries that stand in one row: each alone, or all products of a label, or all of a field of many labels."""
    if full:
        yield from ([entry] for entry in block)
        return
    for _, field in groupby(block, key=lambda entry: entry.field):
        entries = list(field)
        if len({entry.label for entry in entries}) > SEVERAL:
            yield entries
        else:
            yield from (list(group) for _, group in groupby(entries, key=lambda entry: entry.label))


def _observed(group: Sequence[ObservationEntry], autonomy: Autonomy, own: bool) -> ObservationRow:
    entry, field = group[0], FIELDS[group[0].field]
    return ObservationRow(
        positions=span([entry.position for entry in group]),
        whose=entry.whose,
        field=entry.field,
        label=from_to([entry.label for entry in group]),
        product=from_to([entry.product for entry in group]),
        unit=entry.unit,
        scale=between([entry.scale for entry in group]),
        owner=field.owner,
        visibility=field.visibility,
        age="" if entry.whose == "nobody" else _age(autonomy, own, field),
        meaning="Always 0." if entry.whose == "nobody" else entry.meaning,
    )


def _repeated(blocks: Sequence[Sequence[ObservationEntry]], observer: Observer) -> list[ObservationRow]:
    """The blocks of other sites, which hold the same fields as the first."""

    def alike(block: Sequence[ObservationEntry]) -> str:
        return "others" if len(blocks) > SEVERAL and block[0].whose != "nobody" else block[0].whose

    autonomy, rows = observer.autonomy, []
    visibility = autonomy.visibility_of(observer.seats)
    empty = ObservationRow(*[""] * len(ObservationRow._fields))
    for kind, group in groupby(blocks, key=alike):
        same = list(group)
        row = empty._replace(positions=span([entry.position for block in same for entry in block]))
        if kind == "nobody":
            rows.append(row._replace(whose=kind, meaning="Always 0: another site has more neighbours."))
        else:
            whose = from_to([block[0].whose for block in same])
            field, age = f"the same {len(observer.fields)}", _age(autonomy, False)
            rows.append(row._replace(whose=whose, field=field, visibility=visibility, age=age, meaning="As above."))
    return rows


def _age(autonomy: Autonomy, own: bool, field: Field | None = None) -> str:
    """How old what a seat sees is, and how far off at most."""
    if field is not None and field.constant:
        return "constant"
    if own or (field is not None and field.name in ABOUT_THE_FEED):
        return "now"
    late = autonomy.feed_latency
    noise = f", ±{100 * autonomy.feed_noise:g} %" if autonomy.feed_noise and (field is None or field.noisy) else ""
    return (f"{late} period{'s' * (late > 1)} ago" if late else "now") + noise


def span(positions: Sequence[int]) -> str:
    """The positions that a row is about, which follow each other."""
    first, last = positions[0], positions[-1]
    return str(first) if first == last else f"{first}–{last}"


def from_to(names: Sequence[str]) -> str:
    """Names in order: the few that there are, else the first and the last."""
    distinct = list(dict.fromkeys(names))
    return ", ".join(distinct) if len(distinct) <= 2 else f"{distinct[0]} … {distinct[-1]}"


def between(values: Sequence[float]) -> str:
    """A number, or the least and the largest of several."""
    low, high = f"{min(values):.4g}", f"{max(values):.4g}"
    return low if low == high else f"{low} … {high}"
