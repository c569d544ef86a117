"""What a scenario may say of events that have an effect on lanes, and what is at their ends: disruptions and prices."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Self

from pydantic import Field, model_validator

from ..foundation.errors import InputError
from ..foundation.validation import Keys
from .effects import (
    CHANGEABLE,
    AnyEffect,
    CapacityLoss,
    Change,
    Delay,
    Effect,
    Pausable,
    Pause,
    PriceFactor,
    Tariff,
    check_changes,
)
from .schema import Places
from .timing import AnyTiming


class Event(Keys):
    """Something that has an effect on some places while it is in force."""

    ways: ClassVar[Mapping[str, Callable[[Any], Effect]]] = {}
    """The keys that say what it does, of which one is given, each with what makes an effect of its value."""
    fails: ClassVar[bool] = False
    """Whether something fails, which the undisturbed twin of a trace does not have."""

    name: str | None = Field(None, description="Left out: what it does, and where", pattern=r"^[A-Za-z0-9_>-]+$")
    at: Places = Field(description="Lanes, sites, suppliers, or origins that suppliers share")
    when: AnyTiming = Field(description="When it is in force")
    announced: int = Field(0, ge=0, le=1000, description="Periods ahead that it is known to whoever may see it")

    @model_validator(mode="after")
    def _one_effect(self) -> Self:
        given = [name for name in self.ways if getattr(self, name) is not None]
        if len(given) != 1:
            *others, last = self.ways
            raise InputError("", given or "no effect", f"one of {', '.join(others)} and {last}")
        check_changes(self.changes, self.way)
        heard = self.doing.told and any(CHANGEABLE[change.of].channel for change in self.changes)
        if self.announced and not heard:
            raise InputError("announced", self.announced, f"0: nobody is told of {self.doing.label}")
        return self

    @property
    def way(self) -> str:
        """The key that says what it does."""
        return next(name for name in self.ways if getattr(self, name) is not None)

    @property
    def doing(self) -> Effect:
        """What it does."""
        return self.ways[self.way](getattr(self, self.way))

    @property
    def changes(self) -> Sequence[Change]:
        """The same, one by one."""
        return self.doing.changes()


class Disruption(Event):
    """Something that fails: a lane, a supplier, a site, or several from one cause.

    `pauses`, `keeps` and `delay` are short for the effects `pause`, `capacity` and `delay`; `effect` has any of them, or one of
    your own.
    """

    ways: ClassVar[Mapping[str, Callable[[Any], Effect]]] = {
        "pauses": lambda of: Pause(of=of),
        "keeps": lambda left: CapacityLoss(left=left),
        "delay": lambda periods: Delay(periods=periods),
        "effect": lambda effect: effect,
    }
    fails: ClassVar[bool] = True

    pauses: Pausable | None = Field(None, description="What stops meanwhile")
    keeps: float | None = Field(None, ge=0, le=1, description="Share of its capacity or throughput that is left")
    delay: int | None = Field(None, ge=1, le=1000, description="Periods added to the lead time of what is shipped meanwhile")
    effect: AnyEffect | None = Field(None, description="What it does")


class PriceChange(Event):
    """A time of other prices: a deal (`factor` below 1), a dearer season, or a `tariff` on what is bought meanwhile."""

    ways: ClassVar[Mapping[str, Callable[[Any], Effect]]] = {
        "factor": lambda factor: PriceFactor(factor=factor),
        "tariff": lambda rate: Tariff(rate=rate),
    }

    factor: float | None = Field(None, ge=0, description="What the unit cost is multiplied by")
    tariff: float | None = Field(None, ge=0, description="Share of the unit cost that is paid on top, as the term `tariff`")
