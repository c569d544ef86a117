"""When something is in force: a share from 0 to 1 for every period of every episode, drawn before the episode.

Letters: T periods, B episodes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import array_api_compat
from pydantic import Field, model_validator

from ..foundation.errors import InputError, UnknownName
from ..foundation.registry import Registry
from ..foundation.typed import typed, written
from ..foundation.validation import Keys
from ..numerics.arrays import Array, namespace
from ..numerics.draws import Draw

Chance = Annotated[float, Field(ge=0, le=1)]
Regimes = Mapping[str, Array]
"""How far each regime is in force (T, B), by name."""


class Timing(Keys):
    """When an event is in force.

    A subclass is registered with `@timings.register("name")`; its fields are the keys beside `type: name`.
    """

    def sample(self, draw: Draw, regimes: Regimes) -> Array:
        """How far it is in force in each period (T, B): 0 not at all, 1 wholly."""
        raise NotImplementedError

    def needs(self) -> tuple[str, ...]:
        """The regimes it goes by."""
        return ()


timings: Registry[Timing] = Registry("timing", Timing)


@timings.register("markov")
class Markov(Timing):
    """Begins in each period with one chance and, once in force, ends in each with another: a two-state Markov chain.

    It is not in force before the first period. `during` gives other chances for the periods of a regime, the first of those
    in force. The usual model of a supplier that fails and recovers: Tomlin, Management Science 52 (2006).
    """

    class Chances(Keys):
        """The two chances."""

        begins: Chance = Field(description="Chance that it begins in a period")
        ends: Chance = Field(description="Chance that it ends in a period, once in force")

    begins: Chance = Field(description="Chance that it begins in a period")
    ends: Chance = Field(description="Chance that it ends in a period, once in force")
    during: dict[str, Chances] = Field({}, description="Other chances while a regime is in force")

    def needs(self) -> tuple[str, ...]:
        return tuple(self.during)

    def sample(self, draw: Draw, regimes: Regimes) -> Array:
        luck = draw.uniform("event")[:, 0]
        xp = namespace(luck)
        begins, ends = xp.zeros_like(luck) + self.begins, xp.zeros_like(luck) + self.ends
        for name, chances in reversed(self.during.items()):
            ruled = regimes[name] > 0
            begins, ends = xp.where(ruled, chances.begins, begins), xp.where(ruled, chances.ends, ends)
        ends = 1 - ends
        on, found = xp.zeros_like(luck[0]) > 0, []
        for period in range(draw.periods):
            on = luck[period] < xp.where(on, ends[period], begins[period])
            found.append(on)
        return xp.astype(xp.stack(found), luck.dtype)


@timings.register("scheduled")
class Scheduled(Timing):
    """In force in these periods of every episode, counting from 0; again every `every` periods, if that is given."""

    since: int = Field(alias="from", ge=0, description="Its first period")
    until: int | None = Field(None, ge=1, description="The first period after it; left out: the episode's end")
    every: int | None = Field(None, ge=2, description="It comes again after so many periods; left out: never")

    @model_validator(mode="after")
    def _in_order(self) -> Scheduled:
        if self.until is not None and self.until <= self.since:
            raise InputError("until", self.until, f"a period after `from`, {self.since}")
        if self.every is not None and (self.until is None or self.until - self.since >= self.every):
            raise InputError("every", self.every, "more periods than it lasts, which `from` and `until` say")
        return self

    def sample(self, draw: Draw, regimes: Regimes) -> Array:
        period = _periods(draw)
        later = period - self.since
        on = later >= 0
        if self.until is not None:
            on = on & ((later if self.every is None else later % self.every) < self.until - self.since)
        return _as_share(on, draw)


@timings.register("once")
class Once(Timing):
    """In force once in every episode, for `length` periods that begin with one of `between`, each of these as likely."""

    between: tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=0)]]
    """First and last period in which it can begin."""
    length: int = Field(ge=1, description="Periods it lasts")

    @model_validator(mode="after")
    def _in_order(self) -> Once:
        if self.between[1] < self.between[0]:
            raise InputError("between", list(self.between), "the first and the last period in which it can begin")
        return self

    def sample(self, draw: Draw, regimes: Regimes) -> Array:
        luck = draw.uniform("event")[0, 0]
        xp = namespace(luck)
        first, last = self.between
        later = _periods(draw) - first - xp.floor(luck * (last - first + 1))
        return _as_share((later >= 0) & (later < self.length), draw)


@timings.register("gradual")
class Gradual(Timing):
    """Not in force before `from`, wholly since `until`, and more from period to period in between."""

    since: int = Field(alias="from", ge=0, description="The last period in which it is not in force at all")
    until: int = Field(ge=1, description="The first period in which it is wholly in force")

    @model_validator(mode="after")
    def _in_order(self) -> Gradual:
        if self.until <= self.since:
            raise InputError("until", self.until, f"a period after `from`, {self.since}")
        return self

    def sample(self, draw: Draw, regimes: Regimes) -> Array:
        later = (_periods(draw) - self.since) / (self.until - self.since)
        return _as_share(namespace(later).clip(later, 0.0, 1.0), draw)


@timings.register("regime")
class During(Timing):
    """In force whenever a regime is."""

    name: str

    def needs(self) -> tuple[str, ...]:
        return (self.name,)

    def sample(self, draw: Draw, regimes: Regimes) -> Array:
        return regimes[self.name]


AnyTiming = Annotated[Timing, typed(timings), written(timings)]


def check_needs(timing: Timing, regimes: Mapping[str, object], key: str) -> None:
    """Raise UnknownName for a regime that the timing goes by and the scenario does not have."""
    for name in timing.needs():
        if name not in regimes:
            raise UnknownName(f"{key}.name" if isinstance(timing, During) else f"{key}.during", name, regimes)


def _periods(draw: Draw) -> Array:
    """(T, 1) float64."""
    xp = namespace(draw.episodes)
    return xp.arange(draw.periods, dtype=xp.float64, device=array_api_compat.device(draw.episodes))[:, None]


def _as_share(values: Array, draw: Draw) -> Array:
    """(T, 1) or (T, B), of any type, as shares (T, B)."""
    xp = namespace(values)
    return xp.astype(values, xp.float64) + 0.0 * xp.astype(draw.episodes, xp.float64)
