"""What a scenario file may say: its keys, one by one."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from ..demand.file import Data
from ..events.disruptions import Disruption, PriceChange
from ..events.schema import CarbonPrice, Promotion, Regime, Returns, Shift
from ..forecasts.keys import Forecasts
from ..foundation.validation import Keys, Name
from .blocks import Amount, Arriving, Correlation, Customers, Lane, Site, Size, Supplier
from .card import Card
from .trucks import Truck

Season = Annotated[int, Field(ge=2)]
Sentence = Annotated[str, Field(min_length=1, max_length=500)]


class ScenarioKeys(Keys):
    """The keys of a scenario, each looked at by itself: what they come to together is checked by `Scenario`."""

    name: str = Field(pattern=r"^[a-z0-9_]+$", description="What the scenario is called in commands and reports")
    description: str = Field("", description="What it is about, in a few sentences", max_length=2000)
    source: str = Field("", description="Where the instance comes from", max_length=500)
    assumptions: list[Sentence] = Field([], description="What is not known and was assumed, a sentence each; reports say so")
    period: Literal["hour", "day", "week", "month", "quarter", "year"] | None = Field(
        None, description="What a period is, where it is one of the calendar's"
    )
    horizon: int = Field(ge=1, le=1_000_000, description="Periods in an episode")
    warmup: int = Field(0, ge=0, description="Periods left out of the evaluation")
    discount: float = Field(1.0, gt=0, le=1, description="What the next period's money is worth now")
    terminal: Literal["nothing", "landed_cost"] = Field(
        "nothing", description="What goods, and debts to customers, are worth when an episode ends, beside sites' `salvage`"
    )
    calendar: Season | Annotated[list[Season], Field(min_length=1)] | None = Field(
        None, description="Periods in a season that everybody knows (7, 52, …), or in several, [7, 364] for weekdays and years"
    )
    products: list[Name] = Field(["product"], description="What is stocked and sold", min_length=1)
    volume: Size = Field(1.0, description="Of a unit, in what storage, throughput and capacities are counted [volume/unit]")
    weight: Size = Field(1.0, description="Of a unit, in what lanes' `capacity_weight` is counted [weight/unit]")
    value: Amount | None = Field(
        None, description="What a unit that is held ties up [money/unit]; left out: what it costs to buy and bring it there"
    )
    budget: float | None = Field(
        None,
        gt=0,
        description="Most that stock may tie up on average [money], where customers are promised service: they then get less; "
        "left out: what it takes",
    )
    data: Data | None = Field(default=None, description="Recorded demand: what customers with `demand: {type: file}` leave out")
    forecasts: Forecasts | None = Field(
        None, description="Forecasts of recorded demand that come from elsewhere; left out: none"
    )
    sites: dict[Name, Site] = Field(min_length=1, description="Places that hold stock and decide, by name")
    suppliers: dict[Name, Supplier] = Field({}, description="Outside sources that have a capacity, an origin or price breaks")
    lanes: list[Lane] = Field(min_length=1, description="Ways to get product into a site")
    trucks: list[Truck] = Field([], description="Trucks that lanes have in common, each paid once in a period")
    customers: list[Customers] = Field(min_length=1, description="Who buys what where")
    arriving: list[Arriving] = Field([], description="Goods under way at the start that arrive in known periods")
    correlation: Correlation | None = Field(None, description="How demands move together; left out: they do not")
    regimes: dict[Name, Regime] = Field({}, description="States of the world that change how likely events are")
    disruptions: list[Disruption] = Field([], description="What fails, and when")
    prices: list[PriceChange] = Field([], description="Deals, dearer times and tariffs")
    shifts: list[Shift] = Field([], description="Demand that changes its size or its place")
    promotions: list[Promotion] = Field([], description="Times of higher demand that a site knows of before others do")
    returns: list[Returns] = Field([], description="What customers bring back")
    carbon: CarbonPrice | None = Field(None, description="What carbon costs; left out: it is counted, and free")
    card: Card | None = Field(None, description="The question it asks, and what is expected of the autonomy levels")
    small: dict[str, Any] = Field({}, description="Keys that `<name>-small` changes: a version for quick tests")
