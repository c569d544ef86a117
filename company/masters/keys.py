"""What is done about what the other files have wrong, or leave open."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from orderup.envs.foundation.validation import Keys


class MasterKeys(Keys):
    """Each is what is done where it is found; `refuse` asks for another file, or another value."""

    unknown: Literal["refuse", "drop"] = Field(
        "refuse", description="Rows of products or sites that the demand file does not have, in another file"
    )
    zeros: Literal["refuse", "ignore"] = Field(
        "refuse", description="Article numbers that are the same but for zeros before them, which Excel takes away"
    )
    idle: Literal["refuse", "drop"] = Field("refuse", description="Lanes to a site that neither sells nor supplies another")
    negative_stock: Literal["refuse", "backlog", "zero"] = Field(
        "refuse", description="Stock of less than nothing: owed to customers, or nothing"
    )
    stale: Literal["refuse", "keep"] = Field("refuse", description="A stock file of an earlier day than the last sale")
    lead_times: Literal["days", "weeks", "periods"] | None = Field(
        None, description="What lead times in files are counted in; left out: what the column's name says"
    )
    rounding: Literal["up", "nearest", "down"] = Field("up", description="Lead times to whole periods")
    forecast_model: str | None = Field(
        None, description="Whose quantiles to take, where a forecast file has columns of several models"
    )
    forecast_spread: Literal["errors", "family"] | None = Field(
        None,
        description="How far off forecasts of one number are taken to be: as past ones were, or as demand is from its mean; "
        "left out: what a column of deviations says, else past errors where there are enough, else the family's",
    )
    impossible: Literal["refuse", "drop"] = Field("refuse", description="Receipts of a day before their order's")
