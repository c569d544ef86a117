"""What local rules have in common: a few numbers for every lane, given, in closed form or fitted, and the records they go by.

Letters: B batch, N sites, L lanes, K products.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Self, TypeAlias

import numpy as np
from pydantic import Field, PrivateAttr

from orderup.envs.flows.recipes import Recipes
from orderup.envs.information.information import Information
from orderup.envs.information.policy import Context, Decision
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Array, Floats, batch_first, batch_last, namespace
from orderup.envs.numerics.backend import Backend
from orderup.envs.numerics.conversion import converted

from ..base import Agent
from ..levels.base_stock import periods_ahead, replaced, site_position, waiting_time
from ..levels.ignored import ignored
from ..levels.sources import Sharing
from .fitted import Numbers, fit
from .site_demand import SiteDemand

Amounts: TypeAlias = float | dict[str, float | list[float]] | None
"""A number everywhere, or by lane or site (its products' main lanes), one for every product or one for each."""

ROUNDING = 1e-9
"""What positions may be off by, in usual levels."""
NEVER = 1e6
"""How far below a position the level is that orders nothing whatever other sites ask for, in usual levels."""


class Rule(Agent):
    """A rule for a site and each product's main lane, by the site's own records; its other lanes are left alone.

    What the user does not give of its numbers is worked out in closed form, and with `fitted` then improved by simulation, once
    for a scenario and a level.
    """

    names: ClassVar[tuple[str, ...]] = ()
    """The fields that are its numbers."""
    signed: ClassVar[tuple[str, ...]] = ()
    """Those of them that can be below 0."""
    dates_ahead: ClassVar[bool] = True
    """Whether its decision says what later periods' orders are; else a centre that dates orders dates one alone."""
    known: ClassVar[frozenset[str]] = frozenset()
    """What its closed form takes into account beyond base-stock's, as orderup.agents.levels.ignored calls it."""
    fitted: bool = Field(
        False, description="Improve the numbers that are not given by simulated episodes at the autonomy level"
    )
    _network: Network = PrivateAttr()
    _backend: Backend = PrivateAttr()
    _sharing: Sharing = PrivateAttr()
    _number: dict[str, Array] = PrivateAttr()
    _recipes: Recipes = PrivateAttr()
    _levels_of_making: int = PrivateAttr(default=0)
    _later_periods: int = PrivateAttr(default=0)
    _notes: dict[str, None] = PrivateAttr(default_factory=dict)
    _undone: tuple[str, ...] = PrivateAttr(default=())

    def reset(self, context: Context) -> None:
        """Settle the numbers. Raises InputError for a network that the rule is not for."""
        self.begin(context, self.numbers(context))

    def numbers(self, context: Context) -> Numbers:
        """Every number of the rule in this context, each (L, K)."""
        if not self.fitted:
            return self.start(context)
        found = fit(self, context)
        self._undone = found.undone
        return found.numbers

    def start(self, context: Context) -> Numbers:
        """The numbers before any fit: those given, in their places, and closed forms elsewhere."""
        wait = waiting_time(context) + (0 if self.dates_ahead else periods_ahead(context))
        found = self.closed_form(context.network, wait) if self.names else {}
        return {name: spread(context.network, found[name], getattr(self, name), name) for name in self.names}

    def begin(self, context: Context, numbers: Mapping[str, Any]) -> None:
        """Make ready for a batch with these numbers."""
        self._network, self._backend, self._sharing = context.network, context.backend, Sharing(context, by_main_lanes=True)
        self._number = {name: _batched(context.backend.asarray(values)) for name, values in numbers.items()}
        self._later_periods = periods_ahead(context)
        if context.network.recipes is not None:
            self._recipes = converted(context.network.recipes, context.backend.asarray)
            self._levels_of_making = int(context.network.topology.turn.max())

    def closed_form(self, network: Network, wait: int) -> Numbers:
        """Every number of the rule (L, K) by formula; `wait` is how many periods an order is late at the autonomy level."""
        raise NotImplementedError

    def note(self, caveat: str) -> None:
        """Remember what a closed form leaves out of account."""
        self._notes[caveat] = None

    def fitting(self, site: SiteDemand) -> SiteDemand:
        """The site as a search over reorder points can look at it; says so where that is coarser than it is."""
        found = site.fitting
        if found is not site and site.certain is None:
            self.note("some of its numbers are the best on a grid, demand and fixed cost being too large for single units")
        return found

    def caveats(self, context: Context) -> tuple[str, ...]:
        """What its closed forms leave out of account, and a fit has left undone."""
        closed = self.free and not self.fitted
        return (*(ignored(context.network, self.taken_into_account) if closed else ()), *self._notes, *self._undone)

    @property
    def taken_into_account(self) -> frozenset[str]:
        """The same as `known`, by the rule's keys."""
        return self.known

    def bare(self) -> Self:
        """The rule by its keys alone, without what an earlier reset has left."""
        return type(self)(**self.model_dump())

    @property
    def free(self) -> tuple[str, ...]:
        """The numbers that the user did not give."""
        return tuple(name for name in self.names if getattr(self, name) is None)

    def by_lane(self, values: Array) -> Array:
        """What belongs to sites (B, N, K), for each lane into them (B, L, K)."""
        return values[:, self._backend.asarray(self._network.topology.destination)]

    def position(self, information: Information) -> Array:
        """Inventory position of each lane's site (B, L, K), as its seat's records have it."""
        return self.by_lane(site_position(information))

    def reached(self, position: Array, reorder: Array) -> Array:
        """Whether positions are down at their reorder points (B, L, K), but for what sums of parts of units are off by."""
        return position <= reorder + ROUNDING * self._backend.asarray(self._network.usual_level)[None]

    def never(self, position: Array) -> Array:
        """Levels that order nothing at these positions (B, L, K)."""
        return position - NEVER * self._backend.asarray(self._network.usual_level + 1.0)[None]

    def to_levels(self, level: Array, information: Information) -> Decision:
        """Levels (B, L, K) for main lanes, nothing by others but what those cannot ship."""
        decision = self._sharing.decision(self._on_main_lanes(level), lambda: site_position(information))
        return replace(decision, later=self.nothing_later)

    def _on_main_lanes(self, level: Array) -> Decision:
        main = self._network.topology.is_main
        if main.all():
            return Decision(level=level)
        others = ~main.any(axis=1)
        if not main[~others].all():  # a lane that is the main one of some products only
            level = namespace(level).where(self.main > 0, level, self.never(0.0 * level))
        if not others.any():
            return Decision(level=level)
        return Decision(level=level, quantity=0.0 * level, by_quantity=self._backend.asarray(others))

    def by_position(self, information: Information, ordered: Callable[[Array], Array]) -> Decision:
        """What is `ordered` (B, L, K) at positions of lanes' sites (B, L, K), by main lanes.

        A site knows what it begins to make: these positions are without the parts of it.
        """
        position = site_position(information)
        quantity = ordered(self.by_lane(position))
        for _ in range(self._levels_of_making):  # each turn knows what is made one level further down
            parts = batch_first(self._recipes.used(batch_last(quantity * self.main + 0.0 * self.by_lane(position))))
            quantity = ordered(self.by_lane(position - parts))
        return self.to_quantities(quantity)

    def to_quantities(self, quantity: Array) -> Decision:
        """Quantities (B, L, K) by main lanes, nothing by others but what those cannot ship."""
        return Decision(quantity=self._sharing.quantities(quantity * self.main), later=self.nothing_later)

    @property
    def nothing_later(self) -> Array | None:
        """Orders of nothing (1, P, 1, 1) in the periods after this one that a rule which cannot date any could date."""
        periods = 0 if self.dates_ahead else self._later_periods
        return self._backend.zeros(1, periods, 1, 1) if periods else None

    @property
    def main(self) -> Array:
        """1 for the main lane of a product (L, K)."""
        return self._backend.asarray(1.0 * self._network.topology.is_main)


def spread(network: Network, values: Floats, given: Amounts, key: str) -> Floats:
    """`values` (L, K) with those replaced that the user gave for everybody, or by the names of lanes and sites.

    Raises InputError for a name that is not there, or a list that is not one number for each product.
    """
    if isinstance(given, dict):
        return replaced(network, values, given, key)
    return values.copy() if given is None else np.full_like(values, given)


def _batched(values: Array) -> Array:
    return values[None] if values.ndim == 2 else values
