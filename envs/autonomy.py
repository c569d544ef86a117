"""The level of autonomy: who knows what, and who decides."""

from __future__ import annotations

from typing import Literal, TypeAlias

from pydantic import Field

from .validation import Keys, Reserved

Visibility: TypeAlias = Literal["silo", "neighbours", "shared", "integrated"]
VISIBILITIES: tuple[Visibility, ...] = ("silo", "neighbours", "shared", "integrated")
"""From the least to the most that a decision maker sees."""

PLANNER = "planner_0"
"""The centre's name among the agents."""


class Autonomy(Keys):
    """A point in the space of organisations."""

    name: str = Field(pattern=r"^[a-z0-9_]+$")
    description: str = ""
    visibility: Visibility
    authority: Literal["autonomous", "central"] = Field(
        "autonomous", description="autonomous: every site decides for itself; central: one planner decides for all"
    )
    cadence: Reserved
    approval_latency: Reserved
    approval_threshold: Reserved
    feed_latency: Reserved
    feed_noise: Reserved
    band: Reserved
    purview: Reserved
