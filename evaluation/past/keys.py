"""What the command about the past asks for."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from orderup.envs.foundation.validation import Keys

SomeOf = Annotated[list[Any], Field(min_length=1), BeforeValidator(lambda value: value if isinstance(value, list) else [value])]
"""One or several."""


class BacktestKeys(Keys):
    """What policies would have ordered on recorded demand, against what was ordered; the report goes to reports/<name>/."""

    scenario: Any = Field(None, description="A name or a YAML path with recorded demand, which may stand alone")
    autonomy: SomeOf = Field(["autonomous_silo"], description="Autonomy levels, by name or YAML path")
    agent: SomeOf = Field(["base_stock"], description="Agents, each at every autonomy level")
    runs: list[str] = Field([], description="Folders of trained runs, in place of levels and agents, or beside them")
    receipts: str | None = Field(None, description="What came in: period, lane (or from, to), product, quantity, since")
    ordered: str | None = Field(None, description="In place of it what was ordered: period, lane or to, product, quantity")
    stock: str | None = Field(
        None, description="On the shelf when the window began: site, product, on_hand; left out: the scenario's stock"
    )
    data: str | None = Field(None, description="File of recorded demand")
    split: Literal["train", "validation", "test"] = Field("test", description="The window that is gone through once more")
    warmup: int = Field(0, ge=0, description="First periods that do not count")
    name: str | None = Field(None, description="Of the report's folder; left out: the scenario's, and backtest")
    overwrite: bool = Field(False, description="Replace a report of this name that another command made")
    page: bool = Field(True, description="Write index.html too, with pictures and a replay")
