"""A scenario's card: the question it asks, and what is expected of the levels before anybody has looked."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from ..foundation.errors import InputError
from ..foundation.validation import Keys

Measure = Literal["cost", "cvar", "spread", "fill_rate"]


class Hypothesis(Keys):
    """An expected ordering, registered with the scenario; whatever comes of it is reported.

    `better` and `worse` are levels of autonomy. With `against` the worse one is played in another scenario, which is how
    variants of a network are compared; with `by_at_most` [a share of the worse] a difference so small is expected.
    """

    better: str = Field(description="The level of autonomy that is expected to be better")
    worse: str = Field(description="Than this one")
    measure: Measure = Field("cost", description="What is compared: mean cost, CVaR95 or spread of episode cost, or fill rate")
    against: str | None = Field(None, description="Another scenario that the worse one is played in; left out: the same")
    by_at_most: float | None = Field(None, gt=0, description="They are expected to differ by less than this share")
    because: str = Field("", description="The reason", max_length=500)

    @model_validator(mode="after")
    def _two_things(self) -> Hypothesis:
        if self.better == self.worse and self.against is None:
            raise InputError("worse", self.worse, "another autonomy level than `better`, or another scenario in `against`")
        return self


class Card(Keys):
    """What a scenario is for."""

    question: str = Field(min_length=1, max_length=500, description="What the scenario is to answer")
    hypotheses: list[Hypothesis] = Field([], description="What is expected of the levels, before anybody looks")
