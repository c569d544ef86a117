"""What the command asks for that answers in one go."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from orderup.envs.foundation.validation import Count, Keys, Seed
from orderup.envs.trace.trace import FIRST_HELD_OUT_SEED

SomeOf = Annotated[list[Any], Field(min_length=1), BeforeValidator(lambda value: value if isinstance(value, list) else [value])]
"""One or several."""
EPISODES = 100


class AnswerKeys(Keys):
    """How far sites can be left to themselves: levels at equal service, which sites first, what if; to reports/<name>/."""

    scenario: SomeOf | None = Field(
        None, description="A network, by its name or YAML file, which may stand alone; further ones beside it are what if"
    )
    service: dict[str, Any] | None = Field(
        None, description="{fill: 0.95} or {cycle: 0.95}; left out: the network's own targets, else {fill: 0.95}"
    )
    today: Any = Field("central_stale", description="The autonomy level that is closest to how it is done today")
    autonomy: SomeOf | None = Field(None, description="Levels to compare; left out: all that come with the project")
    agent: Any = Field("base_stock", description="Who decides, at every level alike")
    episodes: Count = Field(EPISODES, description="Demand traces, the same for all")
    seed: Seed = Field(FIRST_HELD_OUT_SEED, description="Of the traces; training's are lower")
    split: Literal["train", "validation", "test"] = Field("test", description="Window that recorded demand is drawn from")
    horizon: Count | None = Field(None, description="Periods in an episode, warm-up included; left out: the scenario's")
    data: str | None = Field(None, description="File of recorded demand, for scenarios that use it")
    frontier: list[float] = Field(
        [0.9, 0.98], description="Further targets, at which the levels' frontiers of cost and stock are told; []: none"
    )
    name: str | None = Field(None, description="Of the report's folder; left out: the network's, and answer")
    overwrite: bool = Field(False, description="Replace a report of this name that another command made")
