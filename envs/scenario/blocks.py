"""What a scenario file may say of one thing: a site, a supplier, a lane, customers, a correlation of demands."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field, field_validator, model_validator

from ..demand import DemandProcess, PerProduct, demands, each
from ..demand.file import Data, FileDemand
from ..demand.lead_time import Fixed, LeadTime, lead_times
from ..demand.service import ServiceTarget
from ..events.schema import Contract, Goodwill, Overtime, PriceBreak, Ramp, Spill, Vehicles, Yield
from ..foundation.errors import InputError
from ..foundation.typed import typed, written
from ..foundation.validation import Keys, Name
from .machines import Machine, said_of_making
from .trade_terms import Terms


def _not_negative(value: Any) -> Any:
    for name, number in value.items() if isinstance(value, Mapping) else [("", value)]:
        if isinstance(number, (int, float)) and not (isinstance(number, bool) or 0 <= number < math.inf):
            raise InputError(str(name), number, "a finite number ≥ 0, or one for each product")
    return value


AnyDemand = Annotated[DemandProcess, typed(demands), written(demands)]
AnyLeadTime = Annotated[LeadTime, typed(lead_times, shorthand="fixed"), written(lead_times)]
Amount = Annotated[PerProduct, BeforeValidator(_not_negative)]
"""Looked at before all else, for the message."""
Size = Annotated[Amount, each("a number > 0", lambda number: number > 0)]
PartsList = dict[Name, Annotated[float, Field(gt=0)]]
"""So many units of some products."""
Limit = Annotated[float, Field(gt=0)] | None
Least = Annotated[float, Field(ge=0)]
Names = list[Name] | None


class Site(Keys):
    """A place that holds stock and decides."""

    role: str = Field("site", description="What kind of place it is: store, warehouse, plant, …", pattern=r"^[a-z_]+$")
    holding: Amount = Field(description="Cost of a unit on the shelf at a period's end [money/unit/period]")
    initial: Amount | None = Field(
        None, description="Stock on hand at the start [units]; left out: mean + 2 sd of the demand over the protection interval"
    )
    storage: Limit = Field(None, description="Stock that fits, all products together [volume]; more costs `overflow`")
    overflow: float = Field(0.0, ge=0, description="Cost of a volume of 1 above `storage` at a period's end [money/period]")
    storage_hard: bool = Field(False, description="Whether `storage` is never exceeded: what does not fit waits at the door")
    storage_full: Literal["waits", "refused", "charged"] = Field(
        "waits",
        description="What becomes of what hard storage has no room for: it waits at the door; or orders are taken for no more "
        "than will fit; or it is turned away there and gone, at `overflow` [money] for a volume of 1",
    )
    throughput: Limit = Field(
        None, description="Most that can leave over the lanes in a period, all products together [volume]"
    )
    rationing: Literal["proportional", "priority", "even_cover", "first_come", "uniform", "linear"] = Field(
        "proportional", description="How stock is divided among the lanes' open orders when it does not reach"
    )
    shelf_life: int | None = Field(
        None, ge=1, le=1000, description="Periods that stock can be used, that of its receipt included; left out: for ever"
    )
    issue: Literal["fifo", "lifo"] = Field(
        "fifo", description="Of stock with a `shelf_life`, which leaves first: the oldest, or the youngest"
    )
    scrap_cost: float = Field(0.0, ge=0, description="Of a unit that is past its shelf life [money/unit]")
    overtime: Overtime | None = Field(None, description="Throughput beyond the regular one: `extra` volume, at a `cost`")
    machines: dict[Name, Machine] = Field({}, description="What recipes are made on there, by name")
    variety: float = Field(0.0, ge=0, description="Of every product that is on the shelf or asked for in a period [money]")
    carbon: float = Field(0.0, ge=0, description="Of a unit on the shelf at a period's end [kg/unit/period]")
    salvage: Amount = Field(0.0, description="What a unit that is left on the shelf when the episode ends brings [money/unit]")

    @model_validator(mode="after")
    def _has_an_age(self) -> Site:
        if self.issue == "lifo" and self.shelf_life is None:
            raise InputError("issue", self.issue, "fifo, or a site with a shelf_life: only there does age matter")
        return self


class Supplier(Keys):
    """An outside source: it has everything, up to a capacity. `supplier` and `supplier_<word>` need not be listed."""

    capacity: Limit = Field(None, description="Most it ships in a period over all its lanes, all products together [volume]")
    origin: Name | None = Field(None, description="Common origin: what is `at` it hits all suppliers that have it")
    price_breaks: list[PriceBreak] = Field([], description="Discounts on all units of an order that is large enough")


class Lane(Keys):
    """One way to get product into a site: from elsewhere, or a recipe by which it is made there."""

    source: str = Field(alias="from", description="A site, or an outside supplier")
    destination: str = Field(alias="to", description="The site it leads to")
    make: str | None = Field(None, description="A product that is made, in place of `from` and `to`; left out: none")
    at: str | None = Field(None, description="The site where that is")
    uses: PartsList = Field({}, description="Of which parts, and how many for a unit; left out: of none [units]")
    co_products: PartsList = Field({}, description="What comes of it beside each unit; left out: nothing [units]")
    machine: str | None = Field(None, description="The machine of the site that it takes; left out: none")
    hours: float = Field(0.0, ge=0, description="Of the machine, for a unit [hours/unit]")
    setup_hours: float = Field(0.0, ge=0, description="Of the machine, in each period in which anything is made [hours]")
    name: Name | None = Field(None, description="Left out: `from->to`, or `at:make`")
    products: Names = Field(None, description="Which products it carries; left out: all, or the one that is made")
    lead_time: AnyLeadTime = Field(description="ℓ: shipped in t, on the shelf before the demand of t+ℓ [periods]")
    promised: int | None = Field(
        None, ge=0, le=10_000, description="All that whoever decides knows of its lead time [periods]; left out: the truth"
    )
    order_delay: int = Field(0, ge=0, le=1000, description="Periods until the source knows of an order")
    unit_cost: Amount = Field(0.0, description="Per unit shipped: a purchase from outside, transport from a site [money/unit]")
    transfer_price: Amount = Field(0.0, description="What the destination pays the source site per unit shipped [money/unit]")
    fixed_cost: float = Field(0.0, ge=0, description="Per order, whatever its products and size [money]")
    capacity: Limit = Field(None, description="Most it takes in a period, all products together [volume]")
    capacity_weight: Limit = Field(None, description="The same by weight [weight]")
    minimum: Amount = Field(0.0, description="Smallest order of a product other than none [units]")
    minimum_order: Least = Field(0.0, description="Smallest order other than none, all its products together [units]")
    minimum_value: Least = Field(0.0, description="The same in money, at the lane's unit cost [money]")
    multiple: Amount = Field(
        0.0,
        description="Pack of a product: orders are rounded up to whole packs, and only whole packs leave; 0: any [units]",
    )
    unfilled: Literal["kept", "cancelled"] = Field("kept", description="What becomes of what the source could not ship")
    expires: int | None = Field(
        None, ge=1, le=1000, description="Periods in which the source may ship an order, before it lapses; left out: any number"
    )
    reroute: bool = Field(
        False, description="Whether that goes to the site's next source instead, by unit cost, a period later"
    )
    priority: int = Field(0, description="Rank at a source that rations by priority: the lowest number first")
    lateral: bool = Field(False, description="Between peers: may close a cycle, and is ordered before all other lanes")
    initial: Amount = Field(0.0, description="Units in each period of its pipeline and order delay at the start")
    reserve: Amount = Field(0.0, description="Stock at the source site that this lane leaves there [units]")
    setup: Amount = Field(0.0, description="Per product ordered in a period, whatever the amount [money]")
    yield_: Yield | None = Field(None, alias="yield", description="How much of what is shipped arrives; left out: all")
    ramp: Ramp | None = Field(None, description="Capacity that is built up; left out: all there from the start")
    lost_orders: float = Field(0.0, ge=0, lt=1, description="Chance that a period's order never reaches the source")
    lost_known: bool = Field(
        True,
        description="Whether whoever placed it knows at once; else he counts on it until it would have arrived at the latest",
    )
    vehicles: Vehicles | None = Field(None, description="What leaves needs a free one of them; left out: as many as it takes")
    contract: Contract | None = Field(None, description="A commitment with a window; left out: none")
    terms: Terms | None = Field(None, description="What the two sites pay each other beside the price; left out: nothing")
    carbon: float = Field(0.0, ge=0, description="Of a unit shipped [kg/unit]")

    @model_validator(mode="before")
    @classmethod
    def _where_it_is_made(cls, given: Any) -> Any:
        """A recipe leads from its site to the same, and carries what it makes."""
        return said_of_making(given)

    @model_validator(mode="after")
    def _agrees(self) -> Lane:
        if not (self.lost_known or self.can_lose):
            raise InputError("lost_known", False, "true, or a lane with lost_orders above 0")
        if self.expires is not None and (self.unfilled == "cancelled" or self.reroute):
            raise InputError("expires", self.expires, "nothing where what could not be shipped is cancelled, or goes elsewhere")
        return self

    @property
    def known_lead_time(self) -> LeadTime:
        """Its lead time as those who decide know it."""
        return self.lead_time if self.promised is None else Fixed(value=self.promised)

    @property
    def can_lose(self) -> bool:
        """Whether orders on it can get lost."""
        return self.lost_orders > 0 or self.lead_time.loses

    @property
    def label(self) -> str:
        """The name it goes by in decisions, results and messages."""
        return self.name or (f"{self.source}->{self.destination}" if self.make is None else f"{self.at}:{self.make}")

    @property
    def makes(self) -> bool:
        """Whether it makes goods, and does not bring them."""
        return self.make is not None


class Customers(Keys):
    """Those who buy certain products at a site: one segment of its demand."""

    site: str = Field(description="Where they buy")
    segment: str = Field("all", description="Which of the site's customers they are", pattern=r"^[a-z0-9_]+$")
    products: Names = Field(None, description="What they buy; left out: every product")
    demand: AnyDemand = Field(description="What they ask for in a period [units]")
    price: Amount = Field(0.0, description="Paid per unit sold [money/unit]")
    shortage: Amount = Field(
        description="Per unit owed at a period's end, or per unit lost [money/unit]; left out beside `service`: 0, until the "
        "multiplier is found that reaches the target"
    )
    service: ServiceTarget | None = Field(
        None, description="Promised in place of a shortage cost: a share of demand, or of periods; left out: nothing"
    )
    unmet: Literal["backlog", "lost"] = Field("backlog", description="Whether they wait for what is short, or go without")
    observes: Literal["sales", "demand"] | None = Field(
        None,
        description="What the site sees of their demand: what they got off its shelf, or all that they asked for; "
        "left out: sales where unmet demand is lost, else demand",
    )
    backlog: Amount = Field(0.0, description="Demand that they are owed at the start, and late already [units]")
    priority: int = Field(0, description="Who is served first at the site: the lowest number")
    promise: int = Field(0, ge=0, le=1000, description="Periods that they wait without a shortage cost")
    reserve: Amount = Field(0.0, description="Stock that is kept from them, for those who come before them [units]")
    dedicated: bool = Field(False, description="Whether nobody else at the site may buy their products")
    spill_to: Spill | None = Field(None, description="Another site that serves them at once when their own has run out")
    goodwill: Goodwill | None = Field(None, description="How bad service drives them away; left out: not at all")

    @model_validator(mode="before")
    @classmethod
    def _sales_where_lost(cls, given: Any) -> Any:
        """Said where it is left out, so that what is seen is part of what makes a scenario the same.

        Raises InputError for a null where unmet demand is lost: whoever writes the key says what is seen.
        """
        if isinstance(given, Mapping) and given.get("service") is not None and "shortage" not in given:
            given = {"shortage": 0.0, **given}
        if not isinstance(given, Mapping) or given.get("unmet") != "lost":
            return given
        if given.get("observes", "sales") is None:
            raise InputError("observes", None, "sales or demand, or the key left out")
        return {"observes": "sales", **given}

    @property
    def seen_by_sales(self) -> bool:
        """Whether their site sees what they got, and not what they asked for."""
        return self.observes == "sales"

    def reading(self, data: Data) -> Customers:
        """The same customers; if their demand is in a file, with what they leave out about it taken from `data`."""
        demand = self.demand.filled(data) if isinstance(self.demand, FileDemand) else self.demand
        return self.model_copy(update={"demand": demand})


class Correlation(Keys):
    """How the demands of different sites move together: a Gaussian copula, product by product.

    `rho` is one correlation of the normal scores for all pairs of sites, or a matrix in the order of `sites`.
    """

    rho: float | list[list[float]] = Field(0.0, description="Of the normal scores: one for all pairs of sites, or a matrix")
    sites: Names = Field(None, description="Which sites; left out: all that have customers")

    @field_validator("rho")
    @classmethod
    def _between(cls, rho: Any) -> Any:
        if isinstance(rho, float) and not 0 <= rho < 1:
            raise InputError("", rho, "0 ≤ rho < 1 for all pairs, or a correlation matrix")
        if isinstance(rho, list):
            matrix = np.array(rho) if len({len(row) for row in rho}) == 1 else np.zeros((1, 0))
            square = matrix.shape[0] == matrix.shape[1] and np.array_equal(matrix, matrix.T) and (np.diag(matrix) == 1).all()
            if not square or np.linalg.eigvalsh(matrix).min() <= 0:
                raise InputError("", rho, "a symmetric, positive definite matrix with ones on its diagonal")
        return rho

    def matrix(self, sites: Sequence[str]) -> NDArray[np.float64]:
        """Correlation matrix of the normal scores of `sites`, in their order; sites left out are independent.

        Raises InputError when a given matrix does not have a row for each site it is about.
        """
        members = list(self.sites or sites)
        full = np.eye(len(sites))
        given = np.array(self.rho) if isinstance(self.rho, list) else np.full((len(members),) * 2, self.rho)
        if len(given) != len(members):
            raise InputError("correlation.rho", f"{len(given)} rows", f"a row for each of {', '.join(members)}")
        at = [sites.index(name) for name in members if name in sites]
        kept = [number for number, name in enumerate(members) if name in sites]
        full[np.ix_(at, at)] = given[np.ix_(kept, kept)]
        np.fill_diagonal(full, 1.0)
        return full

    def weights(self, sites: Sequence[str]) -> dict[str, dict[str, float]]:
        """How the normal score of each of `sites` is made of independent ones: weights by site, and of one `common` to all.

        One rho for all pairs makes every score √rho · common + √(1 − rho) · own, so that no site's demand depends on which
        other sites there are; a matrix is taken apart after Cholesky, where a site depends on those listed before it.
        """
        alone = {site: {site: 1.0} for site in sites}
        members = sites if self.sites is None else [site for site in sites if site in self.sites]
        if isinstance(self.rho, float):
            own = math.sqrt(1 - self.rho)
            return alone | {site: {"common": math.sqrt(self.rho), site: own} for site in members}
        rows = np.linalg.cholesky(self.matrix(sites))
        made = [{name: float(weight) for name, weight in zip(sites, row, strict=True) if weight} for row in rows]
        return alone | {site: made[sites.index(site)] for site in members}


class Arriving(Keys):
    """A shipment that left before the start, on top of what its lane has in every period of its pipeline (`initial`)."""

    lane: str = Field(description="The lane it is on")
    period: int = Field(ge=0, description="When it arrives, in time for that period's demand; 0 is the first")
    quantity: float = Field(ge=0, description="[units]")
    product: str | None = Field(None, description="Left out: so much of every product that the lane carries")
