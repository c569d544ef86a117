"""What an event does while it is in force: effects, found by name or by a path into somebody's own project.

An effect invents no mechanics: it is a few changes of what events can change, each with the rules, fields and words of that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal, NamedTuple

from pydantic import Field

from ..foundation.errors import InputError, UnknownName
from ..foundation.registry import Registry
from ..foundation.typed import typed, written
from ..foundation.validation import LARGEST, Keys


class Changeable(NamedTuple):
    """Something that an event can change at a place."""

    channel: str | None
    """Of the conditions, where it is about lanes; None for demand, which is drawn changed."""
    words: str
    """What it is changed to, with a place for the value."""
    least: float = 0.0
    most: float = LARGEST
    whole: bool = False
    """Whether it is counted in whole numbers."""
    arriving: bool = False
    """Whether an event at a site is about the lanes into it; else about those out of it."""
    shared: bool = False
    """Whether it is about a limit that lanes have in common, too."""

    @property
    def pauses(self) -> bool:
        """Whether it can only be stopped, which it is wholly even where an event is in force in part."""
        return self.most == 0

    @property
    def accepted(self) -> str:
        """The values that it can be changed to, in words."""
        if self.pauses:
            return "0, which pauses it"
        return f"{'a whole number ' if self.whole else ''}from {self.least:g} to {self.most:g}"

    def accepts(self, value: object) -> bool:
        """Whether it can be changed to a value."""
        return isinstance(value, (int, float)) and self.least <= value <= self.most and not (self.whole and value % 1)


CHANGEABLE = {
    "orders": Changeable("accepting", "orders paused", most=0, arriving=True),
    "shipments": Changeable("available", "shipments paused", most=0),
    "transit": Changeable("moving", "transit paused", most=0, arriving=True),
    "receipts": Changeable("receiving", "receipts paused", most=0, arriving=True),
    "capacity": Changeable("available", "{:.0%} of the capacity left", most=1, shared=True),
    "delay": Changeable("delay", "{:.0f} periods late", least=1, most=1000, whole=True),
    "price": Changeable("price", "unit cost × {:g}"),
    "tariff": Changeable("tariff", "tariff of {:.0%}"),
    "demand": Changeable(None, "demand × {:g}"),
}
"""What events can change: 0 for what pauses, the share that is left of a capacity, periods that are added, a factor of the unit
cost, the share of it that is paid on top, a factor of demand."""


class Change(NamedTuple):
    """What an effect makes of one thing while it is wholly in force."""

    of: str
    """One of CHANGEABLE."""
    to: float

    @property
    def words(self) -> str:
        """What it does, for those who read."""
        return CHANGEABLE[self.of].words.format(self.to)


class Effect(Keys):
    """What an event does to the places it is at while it is in force.

    A subclass is registered with `@effects.register("name")`, or named `package.module:Class`; its fields are the keys beside
    `type: name`. Who sees a change while it is in force, and how early one that is announced, is up to the fields of what is
    changed; where `told` is False nobody is told, and all notice only what comes of it.
    """

    told: ClassVar[bool] = True

    def changes(self) -> Sequence[Change]:
        """What it changes, always the same: each place of an event must have something for every change."""
        raise NotImplementedError

    def words(self) -> str:
        """What it does, for those who read."""
        return ", ".join(change.words for change in self.changes())

    @property
    def label(self) -> str:
        """What an event without a name is called by, beside its places."""
        return effects.name_of(type(self)).rpartition(":")[2]


effects: Registry[Effect] = Registry("effect", Effect)
AnyEffect = Annotated[Effect, typed(effects), written(effects)]
Pausable = Literal["orders", "shipments", "transit", "receipts"]


@effects.register("pause")
class Pause(Effect):
    """Stops something, wholly: one of the four kinds of Snyder et al., IIE Transactions 48 (2016), as stockpyl names them.

    `orders` are not taken (of a site: it places none, its controller is down), `shipments` do not leave, goods stay where they
    are in `transit`, or are not let in (`receipts`).
    """

    of: Pausable = Field(description="What stops")

    def changes(self) -> Sequence[Change]:
        return (Change(self.of, 0.0),)

    @property
    def label(self) -> str:
        return self.of


@effects.register("capacity")
class CapacityLoss(Effect):
    """Leaves a share of what can be shipped, or of a limit that lanes have in common."""

    left: float = Field(ge=0, le=1, description="Share of the capacity or throughput that is left")

    def changes(self) -> Sequence[Change]:
        return (Change("capacity", self.left),)


@effects.register("delay")
class Delay(Effect):
    """Makes what is shipped late."""

    periods: int = Field(ge=1, le=1000, description="Added to the lead time of what is shipped meanwhile")

    def changes(self) -> Sequence[Change]:
        return (Change("delay", float(self.periods)),)


@effects.register("price")
class PriceFactor(Effect):
    """Makes what is bought dearer or cheaper."""

    factor: float = Field(ge=0, description="What the unit cost is multiplied by")

    def changes(self) -> Sequence[Change]:
        return (Change("price", self.factor),)


@effects.register("tariff")
class Tariff(Effect):
    """Puts a tariff on what is bought."""

    rate: float = Field(ge=0, description="Share of the unit cost that is paid on top, as the term `tariff`")

    def changes(self) -> Sequence[Change]:
        return (Change("tariff", self.rate),)


@effects.register("demand")
class DemandFactor(Effect):
    """Multiplies the demand of a site's customers, of which nobody is told."""

    factor: float = Field(ge=0, description="What demand is multiplied by")

    def changes(self) -> Sequence[Change]:
        return (Change("demand", self.factor),)


def check_changes(changes: Sequence[Change], key: str) -> None:
    """Refuse changes that cannot be anywhere. Raises InputError with the key of their effect."""
    if not changes:
        raise InputError(key, "no changes", f"at least one Change of {', '.join(CHANGEABLE)}")
    for change in changes:
        if not isinstance(change, Change):
            raise InputError(key, change, "a Change(of, to)")
        if change.of not in CHANGEABLE:
            raise UnknownName(key, change.of, CHANGEABLE)
        if not CHANGEABLE[change.of].accepts(change.to):
            raise InputError(key, f"{change.of} of {change.to}", f"{change.of} {CHANGEABLE[change.of].accepted}")
