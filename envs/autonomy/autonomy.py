"""The level of autonomy: a point in a small space of who knows what, who decides what, how often, how late."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, ConfigDict, Field, field_validator, model_validator

from ..foundation.errors import InputError, UnknownName
from ..foundation.validation import LARGEST, Keys
from ..network.network import Network
from . import approve, authorities, band  # noqa: F401  (importing them registers the authorities)
from .authority import Authority, authority_of
from .authority import authorities as registered

Visibility: TypeAlias = Literal["silo", "neighbours", "shared", "integrated"]
VISIBILITIES: tuple[Visibility, ...] = ("silo", "neighbours", "shared", "integrated")
"""From the least to the most that a decision maker sees."""

PLANNER = "planner_0"
"""The centre's name among the agents."""


def _width(value: Any) -> Any:
    return math.inf if isinstance(value, str) and value in ("inf", ".inf", "infinity") else value


class Autonomy(Keys):
    """A point in the space of organisations; an axis that means nothing at a level is refused there."""

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
        """Whether sites decide anything."""
        return self.acts.has_sites

    def visibility_of(self, seats: tuple[str, ...]) -> Visibility:
        """What these seats see: sites what the level says, a planner at least all sites."""
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
        if self.purview is not None and not self.has_sites:
            refuse("purview", f"nothing with authority {self.authority}, where sites decide nothing")
        if self.visibility == "silo" and not self.has_planner and (self.feed_latency or self.feed_noise):
            refuse("visibility", "more than silo, or no feed latency and noise: there is no feed to be late")
        return self


def purview(autonomy: Autonomy, network: Network) -> NDArray[np.bool_]:
    """Which lanes and products the sites may decide (L, K).

    Raises InputError for a name that is not there, and for a lane that is left to nobody.
    """
    lanes, products = len(network.lanes), len(network.products)
    if not autonomy.has_sites:
        return np.zeros((lanes, products), dtype=bool)
    if autonomy.purview is None:
        return np.ones((lanes, products), dtype=bool)
    mask = np.zeros((lanes, products), dtype=bool)
    for name, given in autonomy.purview.items():
        if name in network.sites:
            rows = network.topology.destination == network.sites.index(name)
        elif name in network.lanes:
            rows = np.array(network.lanes) == name
        else:
            raise UnknownName("autonomy.purview", name, [*network.sites, *network.lanes])
        for product in given or network.products:
            if product not in network.topology.product_place:
                raise UnknownName(f"autonomy.purview.{name}", product, network.products)
            mask[rows, network.topology.product_place[product]] = True
    if not mask.any():
        raise InputError("autonomy.purview", autonomy.purview, "something for the sites to decide")
    if not autonomy.has_planner and not mask.all():
        left = network.lanes[int(np.argmin(mask.all(axis=1)))]
        raise InputError(
            "autonomy.purview", f"{left} left to nobody", "every lane and product, as there is no centre for the rest"
        )
    return mask
