"""A scenario's card: the question it asks, and what is expected of the autonomy levels before anybody has looked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, model_validator

from ..foundation.errors import InputError
from ..foundation.validation import Keys

Measure = Literal["cost", "cvar", "spread", "fill_rate"]


class Hypothesis(Keys):
    """An expected ordering, registered with the scenario; whatever comes of it is reported.

    `better` and `worse` are levels of autonomy. With `within` both are played with keys of the scenario changed, with `against`
    the worse one is, or is played in another scenario, which is how variants of a network are compared; with `by_at_most` [a
    share of the worse] a difference so small is expected.
    """

    better: str = Field(description="The level of autonomy that is expected to be better")
    worse: str = Field(description="Than this one")
    measure: Measure = Field("cost", description="What is compared: mean cost, CVaR95 or spread of episode cost, or fill rate")
    within: dict[str, Any] | None = Field(None, description="Keys of the scenario that are changed for both")
    against: str | dict[str, Any] | None = Field(
        None,
        description="Another scenario for the worse one, or keys that are changed for it; left out: the same",
    )
    agent: str | dict[str, Any] | None = Field(None, description="The method for both; left out: that of the study")
    by_at_most: float | None = Field(None, gt=0, description="They are expected to differ by less than this share")
    because: str = Field("", description="The reason", max_length=500)

    @property
    def expected(self) -> str:
        """Who is expected to be better than whom, in a few words."""
        where = f"{self.worse_played_in}{self.played_in}{self._decided_by}"
        if self.by_at_most is not None:
            return f"{self.better} ≈ {self.worse}{where} (within {100 * self.by_at_most:g} %)"
        return f"{self.better} better than {self.worse}{where}"

    @property
    def _decided_by(self) -> str:
        if self.agent is None:
            return ""
        return f" with {self.agent}" if isinstance(self.agent, str) else f" with agent {_told(self.agent)}"

    @property
    def played_in(self) -> str:
        """What both are played in beside the scenario as it is, in a few words; nothing where that is all."""
        return "" if self.within is None else f" with {_told(self.within)}"

    @property
    def worse_played_in(self) -> str:
        """What the worse one alone is played in, likewise."""
        if self.against is None:
            return ""
        return f" in {self.against}" if isinstance(self.against, str) else f" with {_told(self.against)}"

    @model_validator(mode="after")
    def _two_things(self) -> Hypothesis:
        if self.better == self.worse and self.against is None:
            raise InputError("worse", self.worse, "another autonomy level than `better`, or another scenario in `against`")
        for name in ("within", "against"):
            if getattr(self, name) == {}:
                raise InputError(name, {}, "at least one key that is changed, or nothing")
        return self


def _told(changes: Mapping[str, Any], above: str = "") -> str:
    """Changed keys, and what they are changed to where that is short."""
    parts = []
    for key, value in changes.items():
        path = f"{above}{key}"
        if isinstance(value, Mapping):
            parts.append(_told(value, f"{path}."))
        else:
            parts.append(
                _other(path, value) if isinstance(value, list) else f"no {path}" if value is None else f"{path}={value}"
            )
    return ", ".join(parts)


def _other(path: str, values: list[Any]) -> str:
    """A list that stands for another, by its length where it is one of plain values."""
    return f"other {path}" if any(isinstance(value, (Mapping, list)) for value in values) else f"{len(values)} {path}"


class Card(Keys):
    """What a scenario is for."""

    question: str = Field(min_length=1, max_length=500, description="What the scenario is to answer")
    hypotheses: list[Hypothesis] = Field([], description="What is expected of the autonomy levels, before anybody looks")
