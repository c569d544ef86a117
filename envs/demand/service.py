"""Service that customers are promised in place of what a shortage costs: how much, and together with whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BeforeValidator, Field, model_validator

from ..foundation.errors import InputError
from ..foundation.validation import Keys
from .base import PerProduct

Kind = Literal["fill", "cycle"]


def _a_share(value: Any) -> Any:
    for name, number in value.items() if isinstance(value, Mapping) else [("", value)]:
        if isinstance(number, (int, float)) and not (isinstance(number, bool) or 0 < number < 1):
            raise InputError(str(name), number, "a share between 0 and 1, such as 0.95, or one for each product")
    return value


Share = Annotated[PerProduct, BeforeValidator(_a_share)] | None


class ServiceTarget(Keys):
    """A target: a share of demand that is served in its own period, or of periods that end with nothing owed and nothing lost.

    Customers of the same target are held to it together, at least cost: what counts is their service on the whole.
    """

    fill: Share = Field(None, description="Share of demand served in the period it comes in (type 2)")
    cycle: Share = Field(None, description="In its place: share of periods without unmet demand (type 1)")
    group: str | None = Field(
        None,
        description="Held to the target apart from others: so many names, so many targets to reach (a site's, a class's); left "
        "out: all that have the same target together",
        pattern=r"^[A-Za-z0-9_ .-]{1,60}$",
    )

    @model_validator(mode="after")
    def _one_of_them(self) -> ServiceTarget:
        if (self.fill is None) == (self.cycle is None):
            found = "neither" if self.fill is None else "both"
            raise InputError("fill", found, "fill or cycle, one of them")
        return self

    @property
    def kind(self) -> Kind:
        """Which of the two is meant."""
        return "fill" if self.fill is not None else "cycle"

    def target(self, product: str) -> float:
        """The target of a product. Raises InputError where there is none."""
        share = self.fill if self.fill is not None else self.cycle
        assert share is not None  # as one of them is given
        return share if isinstance(share, float) else share[product]


class TargetGroup(NamedTuple):
    """What some customers are held to together."""

    kind: Kind
    share: float
    group: str

    @property
    def told(self) -> str:
        """In words: `fill 95 %`, with the group's name if it has one."""
        return f"{self.kind} {100 * self.share:g} %{f' of {self.group}' if self.group else ''}"


def targets(customers: Any, products: tuple[str, ...]) -> Iterator[tuple[TargetGroup, int, str]]:
    """For every entry of customers that a multiplier is to be found for: the target, its place in the list, each product."""
    for place, entry in enumerate(customers):
        service: ServiceTarget | None = entry.service
        if service is None or is_settled(entry.shortage):
            continue
        for product in entry.products or products:
            yield TargetGroup(service.kind, service.target(product), service.group or ""), place, product


def is_settled(shortage: PerProduct) -> bool:
    """Whether a shortage costs anything, so that there is no multiplier to be found."""
    return any(shortage.values()) if isinstance(shortage, Mapping) else shortage > 0
