"""What a picture shows, in numbers: every site and lane with its products added up.

Letters: N sites, L lanes, K products, B batch; the first episode of a batch is shown.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..authority.actions import ActionMap
from ..information.fields import FIELDS
from ..information.snapshot import unshipped
from ..numerics.arrays import Floats
from ..physics.dynamics import inventory_position
from ..physics.ledger import terms_of
from ..seating import Seating
from ..simulator import Simulator
from .deciders import Deciders


@dataclass(frozen=True)
class LaneView:
    """A lane between two periods [units]."""

    name: str
    """What the scenario calls it, or what it makes, or nothing where it goes by its two ends."""
    label: str
    makes: bool
    """Whether what is under way is being made."""
    under_way: float
    waiting: float
    """Ordered and not shipped: open at the source, on its way there, or waiting for approval."""
    ordered: float
    """Let out to the source in the last period."""
    level: float | None
    """The centre's level in force."""
    distance: float | None
    """How far the site went from the centre in the last period, in mean demands of a period."""
    deciders: tuple[str, ...]


@dataclass(frozen=True)
class SiteView:
    """A site between two periods [units]."""

    name: str
    role: str
    on_hand: float
    backlog: float
    owed: float
    position: float
    """Inventory position."""
    level: float | None
    """The centre's level in force on the slowest lane, which looks at the whole inventory position."""
    band: float
    """How far the site may go from it; 0 where there is no band, or no end to it."""
    usual: float
    """A usual inventory position, to draw by."""
    distance: float | None
    demand: float | None
    """What its customers asked for in the last period; None where it has none."""
    served: float
    lost: float
    lanes: tuple[LaneView, ...]
    """Those that lead to it."""

    @property
    def under_way(self) -> float:
        """Shipments under way to the site."""
        return sum(lane.under_way for lane in self.lanes)

    @property
    def ordered(self) -> float:
        """What it ordered in the last period."""
        return sum(lane.ordered for lane in self.lanes)

    @property
    def deciders(self) -> tuple[str, ...]:
        """Who decided about any of its lanes."""
        return tuple(dict.fromkeys(name for lane in self.lanes for name in lane.deciders))


class NetworkView:
    """Looks at a simulator whose seats are as `seating` has them; without one they are all open."""

    def __init__(self, simulator: Simulator, seating: Seating | None = None) -> None:
        self.simulator, self.deciders = simulator, Deciders(simulator, seating)
        network = simulator.numpy_network
        self._terms = terms_of(network)
        self._reference = _slowest(simulator)
        usual = ActionMap(network, network.sites).usual_level
        products = range(len(network.products))
        self.usual = [float(sum(usual[lanes[k], k] for k in products if lanes[k] >= 0)) for lanes in self._reference]
        """A usual inventory position of every site (N,) [units]."""

    @property
    def period(self) -> int:
        """How many periods are over."""
        return self.simulator.now.period

    @property
    def when(self) -> str:
        """Where the episode stands, and what is added up."""
        horizon, products = self.simulator.horizon, len(self.simulator.numpy_network.products)
        added = f" ({products} products, added up)" if products > 1 else ""
        return (f"after period {self.period} of {horizon}" if self.period else f"before the first of {horizon} periods") + added

    @property
    def costs(self) -> dict[str, float]:
        """The last period's cost by ledger terms [money]; empty before the first."""
        now = self.simulator.now
        if now.flows is None:
            return {}
        return {term.name: float(_first(term.cost(now.network, now.state, now.flows)).sum()) for term in self._terms}

    def sites(self) -> list[SiteView]:
        """Every site as it is, with the lanes that lead to it, in the network's order."""
        simulator, now = self.simulator, self.simulator.now
        network, lanes = simulator.numpy_network, self._lanes()
        amounts = {name: _first(FIELDS[name].read(now)).sum(axis=(1, 2)) for name in ("on_hand", "backlog", "owed")}
        position = _first(inventory_position(now.network, now.state)).sum(axis=1)
        asked, served, lost = self._served()
        inbound, buyers = network.topology.inbound.lists(), network.topology.buyers.lists()
        level, band = self._levels()
        return [
            SiteView(
                name=name,
                role=network.scenario.sites[name].role,
                on_hand=float(amounts["on_hand"][row]),
                backlog=float(amounts["backlog"][row]),
                owed=float(amounts["owed"][row]),
                position=float(position[row]),
                level=level[row],
                band=band[row],
                usual=self.usual[row],
                distance=self._distance(inbound[row]),
                demand=float(asked[row]) if buyers[row] else None,
                served=float(served[row]),
                lost=float(lost[row]),
                lanes=tuple(lanes[lane] for lane in inbound[row]),
            )
            for row, name in enumerate(network.sites)
        ]

    def _lanes(self) -> list[LaneView]:
        now, network, deciders = self.simulator.now, self.simulator.numpy_network, self.deciders.of_lanes()
        under_way, waiting = (
            _first(values).sum(axis=1) for values in (now.state.in_transit, unshipped(now.network, now.state))
        )
        ordered = _first(now.state.open_orders * 0.0 if now.flows is None else now.flows.orders).sum(axis=1)
        levels = self._by_lane_and_product()
        keys = [network.scenario_lane(label) for label in network.lanes]
        return [
            LaneView(
                keys[lane].name or keys[lane].make or "",
                label,
                keys[lane].makes,
                float(under_way[lane]),
                float(waiting[lane]),
                float(ordered[lane]),
                None if levels is None or np.isnan(levels[lane]).any() else float(levels[lane].sum()),
                self._distance([lane]),
                deciders[lane],
            )
            for lane, label in enumerate(network.lanes)
        ]

    def _by_lane_and_product(self) -> Floats | None:
        """The centre's levels (L, K), NaN on lanes that go by quantity."""
        target = self.simulator.centre.target
        if target is None or target.level is None:
            return None
        levels = _first(target.level + 0.0 * self.simulator.now.state.on_order)
        return levels if target.by_quantity is None else np.where(_first(target.by_quantity), np.nan, levels)

    def _levels(self) -> tuple[list[float | None], list[float]]:
        """Every site's level on its slowest lanes, and the band around it."""
        simulator, levels = self.simulator, self._by_lane_and_product()
        sites = len(simulator.numpy_network.sites)
        if levels is None:
            return [None] * sites, [0.0] * sites
        width = simulator.autonomy.band or 0.0
        unit = _first(simulator.centre.scope.unit) * simulator.within * (0.0 if math.isinf(width) else width)
        found: list[float | None] = []
        bands: list[float] = []
        for lanes in self._reference:
            at = [(lane, k) for k, lane in enumerate(lanes) if lane >= 0]
            level = sum(float(levels[place]) for place in at)
            found.append(None if math.isnan(level) or not at else level)
            bands.append(sum(float(unit[place]) for place in at))
        return found, bands

    def _distance(self, lanes: list[int]) -> float | None:
        """Distance from the centre on some lanes, weighted by the demand they are for; None where nothing has one."""
        centre = self.simulator.centre
        if centre.distance is None:
            return None
        weight = (_first(centre.scope.safe_unit) * self.simulator.within)[lanes]
        if centre.target is not None and centre.target.by_quantity is not None:
            weight = weight * (1.0 - _first(centre.target.by_quantity)[lanes])
        return float((_first(centre.distance)[lanes] * weight).sum() / weight.sum()) if weight.any() else None

    def _served(self) -> tuple[Floats, Floats, Floats]:
        """What customers asked for in the last period, seen or not, what they got, and what was lost (N,)."""
        now = self.simulator.now
        if now.flows is None:
            return (np.zeros(len(now.network.sites)),) * 3
        network, unmet = now.network, now.flows.unmet
        lost = unmet * 0.0 if network.fulfilment.backlogged is None else unmet * (1.0 - network.fulfilment.backlogged)
        asked, served, gone = (
            _first(network.topology.buyers.total(values)).sum(axis=1) for values in (now.flows.demand, now.flows.served, lost)
        )
        return asked, served, gone


def amount(value: float) -> str:
    """A number in few characters.

    >>> amount(8.0), amount(8.04), amount(-0.04), amount(143.21), amount(1_234_567.0), amount(math.inf)
    ('8', '8', '0', '143', '1.23e+06', 'inf')
    """
    if abs(value) >= 99_999.5:
        return f"{value:.3g}"
    rounded = round(value, 0 if abs(value) >= 99.95 else 1) + 0.0
    return f"{rounded:g}"


def money(value: float) -> str:
    """An amount of money, to a tenth unless it is large."""
    return f"{value:.3g}" if abs(value) >= 999_999.95 else f"{value:.1f}"


def _first(values: Any) -> Any:
    """The first episode's, in NumPy."""
    return np.asarray(values[..., 0])


def _slowest(simulator: Simulator) -> NDArray[np.int64]:
    """The slowest regular lane by which each site gets each product (N, K), −1 where there is none."""
    network = simulator.numpy_network
    sites, lanes, products, _ = network.topology.shape
    periods = network.times.lead_time + network.times.order_delay
    found = np.full((sites, products), -1)
    for lane in sorted(range(lanes), key=lambda lane: (periods[lane], -lane)):
        entry = network.scenario_lane(network.lanes[lane])
        carried = [k for k, name in enumerate(network.products) if entry.products is None or name in entry.products]
        if not entry.lateral:
            found[network.topology.destination[lane], carried] = lane
    return found
