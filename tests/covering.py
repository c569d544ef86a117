"""Scenarios at levels, thinned: what two of them could break together is tried every time, the whole product by the slow tests.

A covering design. A few scenarios have, taken together, every kind of key, every kind of process and every choice that any
scenario has; these are tried at every level, so that each kind meets each level. All others are tried at some levels,
which they take in turns, so that every level meets many scenarios. Of what is left out the slow tests try a sixth, and the
exhaustive ones (`make test-exhaustive`) the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import count
from typing import Any
from zlib import crc32

import pytest
from pydantic import BaseModel

from orderup.envs.catalogue import load_scenario

from .every_scenario import SCENARIOS

SOME = 2
"""Levels at which each of the other scenarios is tried."""
ONE_IN = 6
"""Cases that are left out of which the slow tests try one."""


def beyond(case: str) -> list[pytest.MarkDecorator]:
    """The marks of a case that is not tried every time: slow, and for most of them exhaustive too, always for the same ones."""
    kept = crc32(case.encode()) % ONE_IN == 0
    return [pytest.mark.slow] if kept else [pytest.mark.slow, pytest.mark.exhaustive]


def kinds(value: Any) -> Iterator[str]:
    """Every key in which something says something, every choice of such a key, and every class that is named."""
    if isinstance(value, BaseModel):
        for name in value.model_fields_set:
            key, found = f"{type(value).__name__}.{name}", getattr(value, name)
            field = type(value).model_fields.get(name)
            chosen = isinstance(found, (str, bool)) and field is not None and "Literal" in str(field.annotation)
            yield f"{key}={found}" if chosen else key
            yield from kinds(found)
    elif isinstance(value, (Mapping, list, tuple)):
        for part in value.values() if isinstance(value, Mapping) else value:
            yield from kinds(part)
    elif value is not None and not isinstance(value, (str, int, float)):
        yield type(value).__name__


@cache
def kinds_of(scenario: str) -> frozenset[str]:
    """Those of a scenario."""
    return frozenset(kinds(load_scenario(scenario)))


@cache
def telling() -> tuple[str, ...]:
    """Few scenarios that have all kinds between them, the richest first."""
    left, found = set().union(*map(kinds_of, SCENARIOS)), list[str]()
    while left:
        found.append(max(SCENARIOS, key=lambda name: len(kinds_of(name) & left)))
        left -= kinds_of(found[-1])
    return tuple(found)


def at_length(scenario: str) -> list[pytest.MarkDecorator]:
    """The marks of a scenario in a test that takes long for each: those that have all kinds between them are never left out."""
    told = {name.removesuffix("-small") for name in telling()}
    return [pytest.mark.slow] if scenario.removesuffix("-small") in told else beyond(scenario)


def cells(levels: int, scenarios: Sequence[str] = tuple(SCENARIOS), some: int = SOME) -> set[tuple[str, int]]:
    """The scenarios and the numbers of the levels at which they are tried every time."""
    turn = count()
    others = {(name, next(turn) % levels) for name in scenarios if name not in telling() for _ in range(min(some, levels))}
    return others | {(name, level) for name in scenarios if name in telling() for level in range(levels)}


in_parts = pytest.mark.parametrize(
    "part",
    [pytest.param(True, id="a sixth"), pytest.param(False, id="the rest", marks=[pytest.mark.slow, pytest.mark.exhaustive])],
)
"""A test of many values for each case, of which the slow tests try `part_of` them."""


def part_of(values: Sequence[str], case: str, part: bool) -> list[str]:
    """A sixth of some values, others for each case, or with a false `part` those that are not in it."""
    return [value for value in values if (crc32(f"{case}/{value}".encode()) % ONE_IN == 0) == part]


def covered(argument: str, levels: Sequence[Any], ids: Callable[[Any], str] = str, some: int = SOME) -> pytest.MarkDecorator:
    """A test of every scenario at every level; what the design leaves out is not tried every time."""
    tried = cells(len(levels), some=some)
    found = [
        pytest.param(name, level, id=case, marks=[] if (name, number) in tried else beyond(case))
        for name in SCENARIOS
        for number, level in enumerate(levels)
        for case in [f"{name}-{ids(level)}"]
    ]
    return pytest.mark.parametrize(("scenario", argument), found)
