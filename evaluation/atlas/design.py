"""The design: which networks and organisations are looked at, and which are set aside before anything is fitted.

Points fill the space of all factors evenly (a scrambled Sobol sequence; Owen, SIAM J. Numer. Anal. 34, 1997). Networks of one
block are simulated side by side, and so share what is of the organisation: a split-plot design.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field, model_validator
from scipy.stats import qmc

from orderup.agents import make_agent
from orderup.envs.catalogue import list_autonomy, load_autonomy, load_scenario
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.validation import Count, Keys, Seed
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.trace.trace import FIRST_HELD_OUT_SEED

from ..report.report import NAME
from ..studies.study import check_once
from .factors import BY_NAME, FACTORS, check_ranges, factors_of

KIND = "atlas"
SITES, CENTRE = "autonomous_silo", "central_stale"
"""Levels that are held against each other wherever two are: sites by themselves, and a centre that learns late, as they do."""
HELD_OUT = 0.2
"""Share of networks that no model is fitted to."""


class Expected(Keys):
    """What theory says of an atlas beforehand."""

    measure: str = Field(description="A level, whose cost beside the first level's is meant")
    factor: str = Field(description="What it changes with, all else equal")
    direction: Literal["rising", "falling", "flat"] = Field(alias="is", description="How, along the factor's range")
    because: str = Field("", description="Why that is expected")


class Atlas(Keys):
    """Thousands of networks at every level of autonomy, played by one policy, and a model of what decides who should decide."""

    other_words: ClassVar[dict[str, str]] = {"agents": "agent"}

    kind: Literal["atlas"]
    name: str = Field(pattern=f"^{NAME}$", description="Of its folders, runs/<name>/ and reports/<name>/")
    description: str = ""
    networks: Count = Field(2000, description="How many; more keep those that are there and add others")
    block: Count = Field(20, description="Networks that are simulated side by side, in the same organisation")
    levels: Annotated[list[str], Field(min_length=2)] = Field(
        description="Presets of autonomy; others are compared with the first"
    )
    factors: dict[str, tuple[float, float]] = Field(description="Least and greatest of each factor that is varied")
    agent: Any = Field("universal", description="Who decides, at every level")
    traces: Annotated[int, Field(ge=2, le=100_000)] = Field(100, description="Of each network, the same at every level")
    horizon: Count = Field(100, description="Periods in an episode, warm-up included")
    warmup: int = Field(30, ge=0, description="Of these, those that do not count")
    seed: Seed = Field(0, description="Of the design")
    trace_seed: Seed = Field(FIRST_HELD_OUT_SEED, description="Of the traces")
    expects: list[Expected] = Field([], description="What theory says beforehand")

    @model_validator(mode="after")
    def _possible(self) -> Atlas:
        check_ranges(self.factors)
        make_agent(self.agent)
        check_once("levels", self.levels)
        check_once("expects", [f"{each.measure} with {each.factor}" for each in self.expects])
        if self.horizon <= self.warmup:
            raise InputError("horizon", self.horizon, f"more periods than the warm-up, {self.warmup}")
        for number, level in enumerate(self.levels):
            if level not in list_autonomy():
                raise InputError(f"levels[{number}]", level, f"one of {', '.join(list_autonomy())}")
            load_autonomy(level)
        for number, expected in enumerate(self.expects):
            if expected.measure not in self.levels[1:]:
                raise InputError(f"expects[{number}].measure", expected.measure, f"one of {', '.join(self.levels[1:])}")
            if expected.factor not in self.factors:
                raise InputError(f"expects[{number}].factor", expected.factor, f"one of {', '.join(self.factors)}")
        return self

    @property
    def blocks(self) -> int:
        """How many there are."""
        return -(-self.networks // self.block)

    def points(self) -> pd.DataFrame:
        """Every network's factors, one row each in the design's order, with its `block` and whether it is `held_out`."""
        own = [name for name in self.names if BY_NAME[name].of_network]
        shared = [name for name in self.names if not BY_NAME[name].of_network]
        count = self.blocks * self.block
        found = pd.DataFrame(self._values(own, count, 1))
        found["block"] = np.arange(count) // self.block
        for name, values in self._values(shared, self.blocks, 2).items():
            found[name] = values[found["block"]]
        found = found.iloc[: self.networks].copy()
        names = [*own, *shared]
        found["held_out"] = [_is_held_out(row) for row in found[names].itertuples(index=False)]
        return found[[*names, "block", "held_out"]]

    @property
    def names(self) -> list[str]:
        """Of the factors that are varied, in their own order."""
        return [factor.name for factor in FACTORS if factor.name in self.factors]

    def _values(self, names: list[str], count: int, stream: int) -> dict[str, Any]:
        if not names:
            return {}
        sequence = qmc.Sobol(len(names), rng=np.random.default_rng([self.seed, stream]))
        units = sequence.random_base2(int(np.ceil(np.log2(max(count, 2)))))[:count]
        return {name: BY_NAME[name].values(units[:, column], *self.factors[name]) for column, name in enumerate(names)}

    def scenario(self, points: pd.DataFrame) -> Scenario:
        """The networks of some points (rows of `points`, of one block) side by side."""
        own = [name for name in self.names if BY_NAME[name].of_network]
        rows = [factors_of(dict(zip(own, row, strict=True))).model_dump() for row in points[own].itertuples(index=False)]
        generator = {"type": "factor_networks", "points": rows, "seed": self.seed * 100_003 + int(points["block"].iloc[0])}
        keys = {"name": f"{self.name}_{int(points['block'].iloc[0]) + 1}", "horizon": self.horizon, "warmup": self.warmup}
        return load_scenario({**keys, "generator": generator})


def _is_held_out(values: tuple[float, ...]) -> bool:
    """By a hash of its factors, so that it is known before anything is played."""
    digest = blake2b(repr([round(float(value), 4) for value in values]).encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") / 2**32 < HELD_OUT
