"""What networks and organisations differ in, and how a number between 0 and 1 becomes a value of each."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from orderup.envs.autonomy.autonomy import Autonomy
from orderup.envs.catalogue import load_autonomy
from orderup.envs.foundation.errors import InputError, UnknownName
from orderup.envs.foundation.validation import validated
from orderup.envs.generators import NetworkFactors

Scale: TypeAlias = Literal["even", "ratio", "whole"]


@dataclass(frozen=True)
class Factor:
    """One of them."""

    name: str
    scale: Scale
    """Whether values are even between the ends, or their logarithms are; or whole numbers."""
    of_network: bool = True
    """Or else of the organisation."""

    def values(self, unit: NDArray[np.float64], least: float, most: float) -> NDArray[np.float64]:
        """Of numbers between 0 and 1, in its range."""
        if self.scale == "ratio":
            found = np.exp(np.log(least) + unit * np.log(most / least))
        elif self.scale == "whole":
            found = np.floor(least + unit * (most + 1 - least)).clip(least, most)
        else:
            found = least + unit * (most - least)
        return np.asarray(found.round(4), dtype=np.float64)

    def place(self, value: NDArray[np.float64], least: float, most: float) -> NDArray[np.float64]:
        """Where values lie in its range: 0 for the least, 1 for the most; what is beyond lies beyond."""
        if self.scale == "ratio":
            found = np.log(np.maximum(value, least / 100) / least) / np.log(most / least)
        else:
            found = (value - least) / (most - least)
        return np.asarray(found, dtype=np.float64)


FACTORS = (
    Factor("sites", "ratio"),
    Factor("depth", "whole"),
    Factor("lead_time", "even"),
    Factor("order_delay", "whole"),
    Factor("demand", "ratio"),
    Factor("variation", "even"),
    Factor("memory", "even"),
    Factor("correlation", "even"),
    Factor("critical_ratio", "even"),
    Factor("inequality", "even"),
    Factor("holding_ratio", "even"),
    Factor("lost", "even"),
    Factor("slack", "ratio"),
    Factor("outage", "even"),
    Factor("uplift", "even"),
    Factor("known_ahead", "whole"),
    Factor("reported", "even"),
    Factor("feed_age", "whole", of_network=False),
    Factor("feed_noise", "even", of_network=False),
    Factor("cadence", "whole", of_network=False),
)
"""All that an atlas may vary."""
BY_NAME = {factor.name: factor for factor in FACTORS}
ORGANISED = {"feed_age": (0, 1000), "feed_noise": (0.0, 0.9), "cadence": (1, 1000)}
"""What factors of organisations can be at all."""
WEEK = 7
"""Cadence of the presets that a cadence is given for [periods]."""
WHOLE = ("feed_age", "cadence", *(name for name, field in NetworkFactors.model_fields.items() if field.annotation is int))
"""Factors that are whole numbers."""


def check_ranges(ranges: Mapping[str, tuple[float, float]]) -> None:
    """Raises InputError for a factor that there is not, or a range upside down or beyond what networks can have."""
    for name, (least, most) in ranges.items():
        if name not in BY_NAME:
            raise UnknownName("factors", name, list(BY_NAME))
        if not least < most or (BY_NAME[name].scale == "ratio" and least <= 0):
            raise InputError(f"factors.{name}", [least, most], "the least, then the greatest")
        lowest, highest = ORGANISED.get(name, (-math.inf, math.inf))
        whole = name in WHOLE
        if not lowest <= least < most <= highest or (whole and (least % 1 or most % 1)):
            accepted = (
                f"{'whole ' if whole else ''}numbers from {lowest:g} to {highest:g}" if name in ORGANISED else "whole numbers"
            )
            raise InputError(f"factors.{name}", [least, most], accepted)
        if BY_NAME[name].of_network:
            for value in (least, most):
                factors_of({name: value}, f"factors.{name}")


def factors_of(values: Mapping[str, float], key: str = "factors") -> NetworkFactors:
    """A network's, of all values that are one's. Raises InputError, under a key, for what cannot be."""
    keys = {name: round(value) if name in WHOLE else float(value) for name, value in values.items() if BY_NAME[name].of_network}
    return validated(NetworkFactors, keys, key)


def organised(level: str, values: Mapping[str, float]) -> Autonomy:
    """A preset with the organisation's factors in place of its own, wherever it is late, noisy or slow at all.

    A cadence is that of a preset which decides every seven periods; one that decides four times as rarely stays so.
    """
    autonomy, found = load_autonomy(level), dict[str, float]()
    if autonomy.feed_latency and "feed_age" in values:
        found["feed_latency"] = round(values["feed_age"])
    if autonomy.feed_noise and "feed_noise" in values:
        found["feed_noise"] = round(float(values["feed_noise"]), 4)
    if autonomy.cadence > 1 and "cadence" in values:
        found["cadence"] = round(values["cadence"] * autonomy.cadence / WEEK)
    return load_autonomy({"type": level, **found}) if found else autonomy
