"""The level of autonomy: a point in a small space of who knows what, who decides what, how often, how late."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, ConfigDict, Field, field_validator, model_validator

from ..foundation.errors import InputError
from ..foundation.validation import LARGEST, Keys
from . import approve, authorities, band  # noqa: F401  (importing them registers the authorities)
from .authority import Authority, authority_of
from .authority import authorities as registered

Visibility: TypeAlias = Literal["silo", "neighbours", "shared", "integrated"]
VISIBILITIES: tuple[Visibility, ...] = ("silo", "neighbours", "shared", "integrated")
"""From the least to the most that a decision maker sees."""

PLANNER = "planner_0"
"""The centre's name among the agents."""


Share: TypeAlias = Annotated[int, Field(ge=0, le=1_000_000)] | str | list[str]
"""So many sites, one by its name, or several."""


def _width(value: Any) -> Any:
    return math.inf if isinstance(value, str) and value in ("inf", ".inf", "infinity") else value


class Autonomy(Keys):
    """A point in the space of organisations; an axis that means nothing at an autonomy level is refused there."""

    model_config = ConfigDict(allow_inf_nan=True)  # a band and a threshold may be infinite

    name: str = Field(pattern=r"^[a-z0-9_]+(\[[A-Za-z0-9_=.,…-]*\])?$")
    description: str = ""
    visibility: Visibility = Field(
        description="What a site sees beside its own inventory records; a planner sees all sites', or more"
    )
    authority: str = Field(
        "autonomous",
        description=(
            "central: the centre turns its levels into orders on its own, late and noisy, feed; target: sites execute the "
            "centre's levels on fresh data of their own; band: a site may move its level around the centre's; approve: a "
            "site's order far from the centre's waits for approval; autonomous: sites set their own levels"
        ),
    )
    cadence: int = Field(1, ge=1, le=1_000_000, description="The centre decides every so many periods")
    plan: Literal["single", "dated"] | None = Field(
        None,
        description=(
            "What a centre that orders hands out; dated: orders for every period until it decides again; single: orders of "
            "that period alone; left out: dated, where it orders itself"
        ),
    )
    approval_latency: int = Field(
        0, ge=0, le=10_000, description="Periods that a decision of the centre, or to be approved, waits"
    )
    approval_threshold: Annotated[float, BeforeValidator(_width)] | None = Field(
        None,
        ge=0,
        description="Distance from the centre's order above which a site's waits, in mean demands of a period",
    )
    feed_latency: int = Field(0, ge=0, le=10_000, description="Age of the records of sites that one does not run [periods]")
    feed_noise: float = Field(
        0.0, ge=0, lt=1, description="Largest relative error of the records of sites that one does not run"
    )
    band: Annotated[float, BeforeValidator(_width)] | None = Field(
        None, ge=0, description="How far a site's order-up-to level may differ from the centre's, in mean demands of a period"
    )
    purview: dict[str, list[str] | None] | None = Field(
        None, description="What sites may decide: products (nothing: all) by lane or by site; left out: every lane"
    )
    share: Share | None = Field(
        None,
        description=(
            "Sites that decide, the rest being the centre's: how many, the most downstream first, or their names; at authority "
            "central or target they order for themselves; all of them are autonomous, none leaves it to the centre"
        ),
    )

    @field_validator("authority")
    @classmethod
    def _known_authority(cls, value: str) -> str:
        registered.find(value, "")
        return value

    @field_validator("feed_noise", "band", "approval_threshold")
    @classmethod
    def _a_number(cls, value: float | None) -> float | None:
        if value is not None and (math.isnan(value) or LARGEST < value < math.inf):
            raise InputError("", value, f"a number of at most {LARGEST:g}, or inf, for as far as they like")
        return value

    @field_validator("purview")
    @classmethod
    def _some_products(cls, purview: dict[str, list[str] | None] | None) -> dict[str, list[str] | None] | None:
        for name, products in (purview or {}).items():
            if products == []:
                raise InputError(name, products, "at least one product, or nothing (null) for all of them")
        return purview

    @property
    def acts(self) -> Authority:
        """What is done with decisions, and what that says of who decides."""
        return authority_of(self.authority, self.band, self.approval_threshold)

    @property
    def has_planner(self) -> bool:
        """Whether a centre decides anything."""
        return self.acts.has_planner

    @property
    def pools_orders(self) -> bool:
        """Whether all orders of a supplier pass the centre."""
        return self.acts.pools_orders

    @property
    def has_sites(self) -> bool:
        """Whether sites decide anything: by the authority, or since they have a share of it."""
        return self.acts.has_sites or bool(self.share or self.purview)

    @property
    def sites_are_free(self) -> bool:
        """Whether what sites decide is theirs alone: no centre's word keeps it close to its own."""
        return self.has_sites and not self.acts.sites_may_differ

    @property
    def orders_for_all(self) -> bool:
        """Whether a centre places everybody's orders."""
        return self.acts.places_orders and not self.has_sites

    @property
    def plans_ahead(self) -> int:
        """For how many periods after its own a centre hands out dated orders; 0 where it hands out none."""
        return self.cadence - 1 if self.acts.dates_orders and self.plan != "single" else 0

    def knows_orders(self, seats: tuple[str, ...]) -> bool:
        """Whether these seats are a centre's that places orders, and so knows of them when they are placed."""
        return seats == (PLANNER,) and self.acts.places_orders

    def sets_levels(self, seats: tuple[str, ...]) -> bool:
        """Whether these seats have to decide on levels, since others execute them or they are kept close to a centre's."""
        return self.acts.executes_levels and (seats == (PLANNER,) or self.acts.sites_may_differ)

    def visibility_of(self, seats: tuple[str, ...]) -> Visibility:
        """What these seats see: sites what the autonomy level says, a planner at least all sites."""
        return "shared" if seats == (PLANNER,) and self.visibility != "integrated" else self.visibility

    def sees(self, seats: tuple[str, ...], needed: Visibility) -> bool:
        """Whether these seats see what a visibility gives, or more."""
        return VISIBILITIES.index(self.visibility_of(seats)) >= VISIBILITIES.index(needed)

    @model_validator(mode="after")
    def _means_something(self) -> Autonomy:
        def refuse(key: str, accepted: str) -> None:
            raise InputError(key, getattr(self, key), accepted)

        needs = registered[self.authority].needs
        if (self.band is None) == ("band" in needs):
            refuse("band", "a width with authority band, and nothing with any other")
        if (self.approval_threshold is None) == ("approval_threshold" in needs):
            refuse(
                "approval_threshold",
                "a distance with authority approve, where there is an approver, and nothing with any other",
            )
        if self.approval_latency and not self.has_planner:
            refuse("approval_latency", "0 with authority autonomous, where nobody approves")
        if self.cadence != 1 and not self.has_planner:
            refuse("cadence", "1 with authority autonomous, where there is no centre")
        if self.plan is not None and not self.acts.dates_orders:
            refuse("plan", f"nothing with authority {self.authority}, where a centre hands out no orders")
        if self.purview is not None and self.share is not None:
            refuse("share", "nothing beside a purview, which says the same in more detail")
        if self.visibility == "silo" and not self.has_planner and (self.feed_latency or self.feed_noise):
            refuse("visibility", "more than silo, or no feed latency and noise: there is no feed to be late")
        return self
