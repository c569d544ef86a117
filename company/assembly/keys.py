"""What is assumed where no file tells, and how demand is described."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from orderup.envs.foundation.validation import Keys

Class = Annotated[str, Field(pattern="^[ABC]$")]
Share = Annotated[float, Field(gt=0, lt=1)]


class ModelKeys(Keys):
    """Numbers that stand in a network as assumptions, unless a file has them."""

    holding_rate: float = Field(0.2, gt=0, lt=10, description="What holding costs in a year, as a share of a product's value")
    value_share: Share = Field(0.7, description="A product's value as a share of its price, where only that is known")
    service: Share | Annotated[dict[Class, Share], Field(min_length=1)] = Field(
        0.95,
        description="Target where no shortage cost is given: one for all, or by ABC class {A: 0.98, B: 0.95, C: 0.9}",
    )
    service_by: Literal["fill", "cycle"] = Field(
        "fill", description="What the target is about: units served, or periods without a shortage"
    )
    whole_units: bool = Field(
        False,
        description="Whether products that are sold in whole units alone are ordered so (`multiple: 1`), where no pack is "
        "known; methods that take no packs, such as `universal`, then do not decide",
    )
    unmet: Literal["lost", "backlog"] | None = Field(
        None, description="What becomes of demand that is not met; left out: lost in stores, backlog elsewhere"
    )
    lead_time: int = Field(1, ge=0, le=1000, description="Of lanes of which no file tells it [periods]")
    order_delay: int = Field(0, ge=0, le=1000, description="Periods until the source knows of an order, where no file tells")
    family: str | None = Field(None, description="Of demand; left out: for each site the likeliest, less what its numbers take")
    seasons: bool = Field(True, description="Whether demand may have a season of a week or a year")
    test_periods: int | None = Field(None, ge=1, le=100_000, description="Kept back at the end to judge by; left out: a fifth")
    validation_periods: int | None = Field(None, ge=1, le=100_000, description="Before them, to choose by; left out: a fifth")
    horizon: int | None = Field(
        None, ge=1, le=1_000_000, description="Periods in an episode; left out: a year and a quarter's warm-up"
    )
    warmup: int | None = Field(
        None, ge=0, le=1_000_000, description="Periods of it that are not counted; left out: a quarter's"
    )
