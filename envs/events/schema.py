"""What a scenario may say of shifts of demand, promotions and regimes, and of prices, capacities and customers that change."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from ..foundation.errors import InputError
from ..foundation.validation import Keys
from .timing import AnyTiming


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _each_once(places: list[str]) -> list[str]:
    for place in places:
        if places.count(place) > 1:
            raise InputError("", place, "each place once")
    return places


Places = Annotated[list[str], BeforeValidator(_as_list), AfterValidator(_each_once), Field(min_length=1)]
"""One name, or a list of names that the same event hits at once."""


class Regime(Keys):
    """A common state, such as a storm, that changes how likely other events are."""

    when: AnyTiming = Field(description="When it is in force")


class Shift(Keys):
    """Demand that changes: suddenly, or (with a `gradual` timing) by and by; at some sites, or moving from some to others.

    Nobody is told. With `from`, `to` and `share` that share of the demand at `from` turns up at `to` instead, divided in
    proportion to mean demand there; with `at` and `factor` it is multiplied.
    """

    name: str | None = Field(None, description="Left out: what it does, and where", pattern=r"^[A-Za-z0-9_>-]+$")
    when: AnyTiming = Field(description="When it is in force")
    at: Places | None = Field(None, description="Sites whose demand is multiplied")
    factor: float | None = Field(None, ge=0, description="By what")
    leaves: Places | None = Field(None, alias="from", description="Sites that lose demand")
    gains: Places | None = Field(None, alias="to", description="Sites where it turns up instead")
    share: float | None = Field(None, ge=0, le=1, description="How much of it")

    @model_validator(mode="after")
    def _one_way(self) -> Shift:
        names = {"at": "at", "factor": "factor", "leaves": "from", "gains": "to", "share": "share"}
        given = [shown for name, shown in names.items() if getattr(self, name) is not None]
        if given not in (["at", "factor"], ["from", "to", "share"]):
            raise InputError("", given, "either at and factor, or from, to and share")
        both = sorted(set(self.leaves or ()) & set(self.gains or ()))
        if both:
            raise InputError("to", both[0], "a site that demand does not leave")
        return self


class Promotion(Keys):
    """Times of higher demand at a site that the site knows `known_ahead` periods before, and others late or never.

    Each of the sites has its own, unless `together`. A share `reported` of them can be put into words and is passed on: those
    are seen by others, as late as the feed is; the rest only where they happen (Anand and Mendelson, Management Science 43,
    1997). Those that are `recorded` stand in the file of the site's demand, which they have moved already: what a period's
    promotion, or its absence, means for demand is taken from the training window.
    """

    name: str | None = Field(None, description="Left out: promotion, and where", pattern=r"^[A-Za-z0-9_>-]+$")
    at: Places = Field(description="Sites")
    recorded: bool = Field(False, description="Whether they are in the file that the site's demand is in, and in that demand")
    uplift: float = Field(1.0, ge=0, description="What mean demand is multiplied by")
    chance: float = Field(0.0, ge=0, le=1, description="Chance that one begins in a period without")
    length: int = Field(1, ge=1, le=1000, description="Periods it lasts")
    known_ahead: int = Field(0, ge=0, le=1000, description="Periods ahead that the site knows of it")
    reported: float = Field(0.0, ge=0, le=1, description="Chance that one is passed on to others")
    together: bool = Field(False, description="Whether all these sites have it at the same time")

    @model_validator(mode="after")
    def _told_once(self) -> Promotion:
        made = [name for name in ("uplift", "chance", "length", "together") if name in self.model_fields_set]
        said = [name for name in made if getattr(self, name) != type(self).model_fields[name].default]
        if self.recorded and said:
            raise InputError(said[0], getattr(self, said[0]), "nothing for promotions that are recorded")
        if not self.recorded and not ("uplift" in made and self.chance > 0):
            raise InputError("", sorted(made), "uplift and a chance above 0, or recorded: true")
        return self


class PriceBreak(Keys):
    """A discount on all units of an order that is large enough."""

    least: float = Field(alias="from", gt=0, description="Smallest order that gets it [units]")
    discount: float = Field(gt=0, lt=1, description="Share of the unit cost")


def check_breaks(breaks: Sequence[PriceBreak]) -> Sequence[PriceBreak]:
    """Refuse price breaks that are not in order. Raises InputError."""
    for number, (one, other) in enumerate(itertools.pairwise(breaks), start=1):
        if other.least <= one.least:
            raise InputError(f"[{number}].from", other.least, f"more units than the break before it, {one.least:g}")
        if other.discount <= one.discount:
            raise InputError(f"[{number}].discount", other.discount, f"more than the break before it, {one.discount:g}")
    return breaks


class Ramp(Keys):
    """Capacity that is built up: a share of it at first, all of it later."""

    start: float = Field(alias="from", ge=0, lt=1, description="Share of the capacity that is there at first")
    since: int = Field(0, ge=0, description="The last period with that share")
    until: int = Field(ge=1, description="The first period with all of it")

    @model_validator(mode="after")
    def _in_order(self) -> Ramp:
        if self.until <= self.since:
            raise InputError("until", self.until, f"a period after `since`, {self.since}")
        return self


class Yield(Keys):
    """How much of what is shipped arrives: every shipment a share of its own, evenly spread over mean ± spread."""

    mean: float = Field(gt=0, le=1, description="Share that arrives on average")
    spread: float = Field(0.0, ge=0, description="Half the width of the range it is drawn from")

    @model_validator(mode="after")
    def _a_share(self) -> Yield:
        _check_share("mean", self.mean, self.spread)
        return self


class Contract(Keys):
    """A commitment with a window: an order stays within a share below and above what has been ordered of late.

    What one is committed to follows the orders, by 1/notice of the difference in a period, and begins at mean demand: a rolling
    form of the quantity-flexibility contract (Tsay and Lovejoy, Manufacturing & Service Operations Management 1, 1999).
    """

    notice: int = Field(ge=1, le=1000, description="Periods over which the commitment follows the orders")
    down: float = Field(ge=0, le=1, description="How far below the commitment an order may be, as a share of it")
    up: float = Field(ge=0, description="How far above, as a share")


class Vehicles(Keys):
    """Vehicles of a lane: whole ones are used, and each is back after its round trip. All are there at the start."""

    number: int = Field(ge=1, le=1_000_000, description="How many there are")
    capacity: float = Field(gt=0, description="What one takes, all products together [volume]")
    round_trip: int = Field(ge=1, le=1000, description="Periods from a departure to the next of the same vehicle")


class Overtime(Keys):
    """Throughput beyond the regular one, at a cost."""

    extra: float = Field(gt=0, description="Most volume beyond the regular throughput that can leave in a period")
    cost: float = Field(ge=0, description="Of a volume of 1 of it, beyond what it costs anyway [money]")


class Goodwill(Keys):
    """Customers who stay away after bad service: their demand is multiplied by a goodwill between `least` and 1.

    In every period it falls by `loss` times the share of demand that was not served, and regains `recovery` of what it lacks.
    """

    loss: float = Field(ge=0, le=1, description="Fall for each share of demand that goes unserved")
    recovery: float = Field(ge=0, le=1, description="Share of what it lacks that comes back in a period")
    least: float = Field(0.0, ge=0, le=1, description="What it never falls below")


class Spill(Keys):
    """Where customers go at once when their own site has run out."""

    site: str = Field(description="The other site")
    cost: float = Field(0.0, ge=0, description="Of each unit they get there, paid by their own site [money/unit]")


class Returns(Keys):
    """What customers bring back: a share of what they were served, some periods later, to the shelf of a site.

    Each period's share is drawn evenly from share ± spread. A lane from that site on can stand for making them as new; or they
    become another product, of which a recipe makes them as new.
    """

    leaves: Places = Field(alias="from", description="Sites whose customers bring something back")
    gains: str = Field(alias="to", description="Site where it arrives")
    share: float = Field(gt=0, le=1, description="Of what was served")
    spread: float = Field(0.0, ge=0, description="Half the width of the range the share is drawn from")
    delay: int = Field(ge=1, le=1000, description="Periods from sale to return")
    becomes: str | None = Field(None, description="The product that all of it is from then on; left out: each what it was")

    @model_validator(mode="after")
    def _a_share(self) -> Returns:
        _check_share("share", self.share, self.spread)
        return self


class CarbonPrice(Keys):
    """What carbon costs: a price per kg, on all of it or on what exceeds an allowance per period of the whole network."""

    price: float = Field(ge=0, description="[money/kg]")
    allowance: float | None = Field(None, ge=0, description="Free of charge in each period [kg]; left out: none")


def _check_share(name: str, middle: float, spread: float) -> None:
    if middle + spread > 1 or middle - spread < 0:
        raise InputError("spread", spread, f"a range {name} ± spread within 0 and 1")
