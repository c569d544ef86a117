"""What a KPI is: a numerator over a denominator, so that it adds up over anything; and the registry of all there are.

An episode's value is the quotient of its sums; that of many episodes or sites is the quotient of all their sums, not a mean of
quotients.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from typing import Any, Literal, TypeAlias, get_args

from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.registry import Registry

from ..statistics.statistics import ratio
from .amounts import COUNTED, Amount

Better: TypeAlias = Literal["lower", "higher", "neither"]


class Kpi:
    """A number of the report; the docstring of its class says what it means.

    `numerator` and `denominator` are amounts, or methods of one's own that take a `Period` and give what it adds by site, an
    array (N, B). A class that is not told its `name` has its own in snake case.
    """

    name: str
    meaning: str
    unit: str
    better: Better
    """Which way is better."""
    numerator: Any
    denominator: Any

    def __init_subclass__(cls) -> None:
        given = vars(cls)
        if "name" not in given:
            cls.name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower()
        if "meaning" not in given:
            cls.meaning = " ".join((cls.__doc__ or "").split("\n\n")[0].split()).removesuffix(".")

    @cached_property
    def amounts(self) -> tuple[Amount, Amount]:
        """The numerator and the denominator."""
        top, bottom = (getattr(self, part) for part in PARTS)
        return (
            top if isinstance(top, Amount) else Amount(f"{self.name}.numerator", top),
            bottom if isinstance(bottom, Amount) else Amount(f"{self.name}.denominator", bottom),
        )

    @property
    def columns(self) -> tuple[str, str]:
        """Their names, which are columns of sums."""
        return self.amounts[0].name, self.amounts[1].name

    @property
    def is_mean(self) -> bool:
        """Whether it is a plain mean over episodes, rather than a quotient of two random sums."""
        return self.amounts[1].constant

    def of(self, sums: Mapping[str, Any]) -> Any:
        """Its value from sums (any shape); NaN where it means nothing."""
        top, bottom = self.columns
        return ratio(sums[top], sums[bottom])

    def is_told(self, terms: Collection[str], sums: Collection[str]) -> bool:
        """Whether it is told of a network whose ledger has these terms, and of which these sums are kept."""
        return True


PARTS = ("numerator", "denominator")

kpis = Registry[Kpi]("kpi", Kpi)
"""KPIs by name."""


class IfCounted(Kpi):
    """What few networks have, and is told where its numerator was counted."""

    def is_told(self, terms: Collection[str], sums: Collection[str]) -> bool:
        return self.columns[0] in sums


def asked_kpis(given: Iterable[Any], key: str = "kpis") -> tuple[Kpi, ...]:
    """KPIs by name, by `package.module:Class`, as classes or objects, each once. Raises InputError for what is none."""
    if isinstance(given, (str, type, Kpi)):
        given = [given]
    found: dict[str, Kpi] = {}
    for number, entry in enumerate(given):
        kpi = _made(entry, f"{key}[{number}]")
        if kpi.name in found:
            raise InputError(f"{key}[{number}]", kpi.name, "each KPI once")
        found[kpi.name] = kpi
    return tuple(found.values())


def amounts_of(asked: Iterable[Kpi]) -> list[Amount]:
    """What has to be counted for KPIs beside what is counted anyway, each once."""
    everything = (amount for kpi in asked for amount in kpi.amounts)
    return list(dict.fromkeys(amount for amount in everything if amount.count is not None and amount not in COUNTED))


def _made(entry: Any, key: str) -> Kpi:
    cls = kpis.find(entry, key) if isinstance(entry, str) else entry
    kpi = cls() if isinstance(cls, type) and issubclass(cls, Kpi) else cls
    if not isinstance(kpi, Kpi):
        raise InputError(key, entry, f"a KPI by name, package.module:Class or as an object: {', '.join(kpis)}")
    _check(kpi, key)
    return kpi


def _check(kpi: Kpi, key: str) -> None:
    """Raises InputError where a class does not say what a KPI has to."""
    name, known = type(kpi).__name__, kpis.find(kpi.name) if kpi.name in kpis else None
    if known is not None and known is not type(kpi):
        raise InputError(key, f"{name} called {kpi.name}", "a name that no other KPI has")
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", kpi.name):
        raise InputError(key, kpi.name, "a name in letters, digits and _")
    if not kpi.meaning:
        raise InputError(key, f"{name} without a docstring", "a docstring that says what it means")
    if not isinstance(getattr(kpi, "unit", None), str) or getattr(kpi, "better", None) not in get_args(Better):
        raise InputError(key, name, f"a class with `unit` (a text) and `better` ({', '.join(get_args(Better))})")
    for part in PARTS:
        if not callable(getattr(kpi, part, None)) and not isinstance(getattr(kpi, part, None), Amount):
            raise InputError(key, name, f"a class with `{part}`: a method that takes a period, or an amount")
