"""The scenario's key `forecasts`: where a file of forecasts is, and what it calls things."""

from __future__ import annotations

from pydantic import Field, model_validator

from ..foundation.errors import InputError
from ..foundation.validation import Keys, Periods


class ForecastColumns(Keys):
    """What the file calls its columns. Quantiles stand in a column each, or one below the other in two columns."""

    period: str = Field("period", description="Of the demand that is forecast, named as in the file of recorded demand")
    site: str | None = Field("site", description="Named as in the network; null: the only site with customers")
    product: str | None = Field("product", description="Likewise; null: the only product")
    series: str | None = Field(None, description="Site and product in one, as Nixtla's unique_id: store_1/tea")
    cutoff: str | None = Field(
        None, description="The last period whose demand the forecast knew; left out: none of them, it was there from the start"
    )
    horizon: str | None = Field(None, description="The same as the number of periods from it to the one that is forecast")
    quantile: str | None = Field(
        None, description="Its level, between 0 and 1, where quantiles stand below each other; left out: a column each"
    )
    value: str | None = Field(None, description="The quantile itself, where they stand below each other")

    @model_validator(mode="after")
    def _one_way(self) -> ForecastColumns:
        if (self.quantile is None) != (self.value is None):
            raise InputError("quantile", self.quantile, "a column together with one for `value`, or neither")
        if self.cutoff is not None and self.horizon is not None:
            raise InputError("horizon", self.horizon, "nothing beside `cutoff`, which says the same")
        return self


class Forecasts(Keys):
    """Forecasts of recorded demand that come from elsewhere: quantiles by site, product, period and when they were made.

    Of a period they say what was forecast for it last before it became known. Where the file has nothing, the quantiles of the
    site's own training window stand for it; quantiles below nothing count as nothing, and those that cross are put in order.
    """

    path: str = Field(description="A CSV or Parquet file")
    columns: ForecastColumns = ForecastColumns()
    model: str | None = Field(None, description="Whose quantiles to take, where columns are of several models")
    separator: str = Field("/", min_length=1, description="Between site and product in the column `series`")
    ahead: Periods | None = Field(
        None, description="Periods that are looked at, the coming one included; left out: the longest protection interval"
    )
