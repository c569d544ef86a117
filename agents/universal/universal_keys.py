"""The keys of training one network for every network, and what learning starts from."""

from __future__ import annotations

import math
from typing import Any, Self

from pydantic import Field, model_validator

from orderup.envs.catalogue import load_autonomy
from orderup.envs.foundation.errors import InputError, UnknownName
from orderup.envs.foundation.validation import Count, validated
from orderup.envs.generators import NetworkFamily

from ..learning.learner import Learner
from ..runs import checkpoint
from ..runs.run import Trained, run_folder
from .token_spec import TokenSpec
from .universal_network import Demand, UniversalNetwork, shipped, shipped_digest

PERIODS = 60
"""Of an episode, about: those that do not count and those that do."""


class UniversalKeys(Learner):
    """The keys of `universal_pathwise`."""

    family: dict[str, Any] | None = Field(
        description="Keys of the generator network_family, but for `seed`: networks that are drawn to learn on; null: the "
        "scenario alone"
    )
    levels: dict[str, float] = Field(description="Of a family: levels of autonomy to learn at, and how often each is drawn")
    unknown: float = Field(ge=0, le=1, description="Of a family: share of updates in which demand is estimated, and not known")
    fresh: float = Field(
        ge=0, le=1, description="Of these: share in which nothing is in stock at first, and customers do not wait"
    )
    reuse: Count = Field(description="Of a family: updates on the same few networks")
    copies: Count = Field(description="Episodes simulated side by side, afresh in every update")
    learning_rate: float = Field(gt=0, le=1e12, description="At the start, falling to 0 as half a cosine")
    clip: float = Field(gt=0, description="Longest gradient that is followed whole")
    average: float = Field(
        ge=0, le=1, description="Part of all updates that the network kept is the mean of; 0: the last alone"
    )
    start: str | dict[str, Any] | None = Field(
        description="Whom to go on from: universal, which comes with the project, or {run: runs/…}; null: "
        "a network that knows nothing yet"
    )
    demand: Demand
    standing: Count = Field(description="Units of the layers that read what stands before an episode")
    sets: Count = Field(description="Units of the layers that read lanes and customers, which are added up")
    hidden: Count = Field(description="Units of the layers that read a product at a site")
    head: Count = Field(description="Units of the layer that decides for a lane")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.family is not None:
            if "seed" in self.family:
                raise InputError("family.seed", self.family["seed"], "nothing: networks are drawn by the training's own seed")
            validated(NetworkFamily, self.family, "family")
        for name, weight in self.levels.items():
            _check_level(name, weight)
        if not sum(self.levels.values()):
            raise InputError("levels", self.levels, "levels of autonomy by name, each with how often it is drawn")
        return self

    @property
    def spec(self) -> TokenSpec:
        """The network that is learnt."""
        return TokenSpec(standing=self.standing, sets=self.sets, hidden=self.hidden, head=self.head)

    @property
    def weights(self) -> str | None:
        """Those that learning starts from, where they come with the project."""
        return shipped_digest() if self.start == "universal" else None

    @property
    def updates(self) -> int:
        """How many there are."""
        return max(1, -(-self.total // (PERIODS * self.copies)))

    def first(self, seed: int) -> UniversalNetwork:
        """The network that learning starts from. Raises InputError for one of other keys."""
        if self.start is None:
            return UniversalNetwork(spec=self.spec, demand=self.demand).with_tensors(self.spec.start(seed))
        found = shipped() if self.start == "universal" else _of_run(self.start)
        return UniversalNetwork(spec=found.spec, demand=self.demand).with_tensors(found.tensors)


def _check_level(name: str, weight: float) -> None:
    """Raises InputError for a level that is none, or a weight that cannot be."""
    try:
        load_autonomy(name)
    except InputError as error:
        raise error.under("levels") from None
    if not 0 <= weight < math.inf:
        raise InputError(f"levels.{name}", weight, "a number ≥ 0")


def _of_run(start: str | dict[str, Any]) -> UniversalNetwork:
    key = "agent.start"
    if not isinstance(start, dict) or "run" not in start:
        raise InputError(key, start, "universal, {run: runs/…}, or nothing")
    for name in start:
        if name not in ("run", "checkpoint"):
            raise UnknownName(key, name, ("run", "checkpoint"))
    given = validated(Trained, start, key)
    learnt = checkpoint.load(run_folder(given.run, f"{key}.run"), given.checkpoint).learnt
    for member in learnt.parties.values():
        if isinstance(member, UniversalNetwork):
            return member
    raise InputError(f"{key}.run", "a run of another family of policies", "one of agent=universal_pathwise")
