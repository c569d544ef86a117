"""What a planner expects of prices, lanes and limits, by the fields that its information gives it, and by no others.

Letters: B batch, N sites, L lanes, M limits that lanes have in common, T periods, A periods ahead that something is announced.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from orderup.envs.events.conditions import NEUTRAL
from orderup.envs.information.fields import may_see
from orderup.envs.information.information import Information
from orderup.envs.information.policy import Context
from orderup.envs.network.event_effects import Influence
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Floats, in_float64

from .expected import EventKind
from .forecasts import FIELD, quantiles


class Source(NamedTuple):
    """Where something that events change is shown."""

    channels: tuple[str, ...]
    now: str
    """The field of the present."""
    ahead: str
    """The field of what is announced."""
    limits_of: str = ""
    """Whose limits it is about: sites', machines' or suppliers'."""

    @property
    def of_limits(self) -> bool:
        """Whether it is about limits that lanes have in common, and not about lanes."""
        return bool(self.limits_of)


SOURCES = {
    "price": Source(("price",), "price_factor", "prices_ahead"),
    "tariff": Source(("tariff",), "tariff_rate", "tariffs_ahead"),
    "open": Source(("accepting", "available"), "lane_open", "openings_ahead"),
    "sites": Source(("limits",), "throughput_left", "throughput_ahead", limits_of="sites"),
    "machines": Source(("limits",), "hours_free", "hours_ahead", limits_of="machines"),
    "suppliers": Source(("limits",), "supplier_left", "supplier_ahead", limits_of="suppliers"),
}


@dataclass(frozen=True, eq=False)
class Prospect:
    """What is expected in an episode, from the period of the feed on; None where nothing ever happens to it."""

    price: Floats | None = None
    """What unit costs are multiplied by, tariffs included (T, L)."""
    left: Floats | None = None
    """Share of a lane that is open for shipments (T, L)."""
    taken: Floats | None = None
    """The same for orders (T, L)."""
    limits: Floats | None = None
    """Share of each limit (T, M)."""

    def later(self, periods: int) -> Self:
        """The same from so many periods later on."""
        return type(self)(**{name: None if values is None else values[periods:] for name, values in vars(self).items()})


class Shown(NamedTuple):
    """What information shows of one kind of events: now (B, R), and as announced (B, A, R); None where it does not."""

    now: Floats | None
    ahead: Floats | None

    def of(self, episode: int) -> tuple[Floats | None, Floats | None]:
        """The same in one episode."""
        now, ahead = (None if values is None else values[episode] for values in self)
        return now, ahead


class News(NamedTuple):
    """What information shows in a period."""

    kinds: dict[str, Shown]
    """Of events, by kind."""
    promotions: Floats | None
    """What mean demand is multiplied by, by promotions that are reported, from the feed's period on (B, A, N, K)."""
    forecasts: Floats | None = None
    """Quantiles of what customers will ask for, from the feed's period on (Q, B, N, A, K); None where nothing is forecast."""


class Prospects:
    """What is expected of events at a level of autonomy: as announced, then as usual for what comes and goes, else as it is.

    An event that nobody shows counts by its share of all periods; one of which nobody is told is not counted at all. Delays of
    shipments, and goods that are held on their way, are not looked at.
    """

    def __init__(self, context: Context) -> None:
        self._network, self._autonomy, self._seats = context.network, context.autonomy, context.seats
        self._slot = _slots(context.network)
        self._kinds = {name: kind for name, source in SOURCES.items() if (kind := self._kind(source)) is not None}
        self._about = {name: _about(context.network, name) for name in SOURCES["open"].channels}

    @property
    def is_anything(self) -> bool:
        """Whether anything can happen that is looked at."""
        return bool(self._kinds)

    @property
    def notice(self) -> int:
        """Periods ahead that a lane or a limit is heard to be closed, or cut."""
        sources = [SOURCES[name] for name in ("open", "sites", "machines", "suppliers")]
        heard = [source for source in sources if self._sees(source.ahead)]
        return max((one.announced for source in heard for one in self._influences(source)), default=0)

    @property
    def hears_promotions(self) -> bool:
        """Whether any promotions of demand that is drawn are reported to whoever expects."""
        promotions = self._network.scenario.promotions
        heard = any(one.reported for one in promotions) and not any(one.recorded for one in promotions)
        return heard and self._sees("promotions_reported")

    def look(self, information: Information) -> News:
        """What is shown now."""
        promotions = self._of_sites("promotions_reported", information) if self.hears_promotions else None
        source, forecasts = self._network.forecasts, None
        if source is not None and self._sees(FIELD):
            forecasts = in_float64(quantiles(information.everywhere(FIELD), source.levels))
        return News({name: self._shown(SOURCES[name], information) for name in self._kinds}, promotions, forecasts)

    def expect(self, news: News, episode: int, periods: int) -> Prospect:
        """What comes of events in an episode."""
        found = {name: kind.expected(*news.kinds[name].of(episode), periods) for name, kind in self._kinds.items()}
        price, tariff, opened = (found.get(name) for name in ("price", "tariff", "open"))
        if tariff is not None:
            price = (1.0 if price is None else price) * (1.0 + tariff)
        limits = [found[name] for name, source in SOURCES.items() if source.of_limits and name in found]
        return Prospect(
            price=price,
            left=None if opened is None else np.where(self._about["available"], opened, 1.0),
            taken=None if opened is None else np.where(self._about["accepting"], opened, 1.0),
            limits=np.prod(limits, axis=0) if limits else None,
        )

    def _influences(self, source: Source) -> list[Influence]:
        """Events of one kind, as far as anybody is told of them."""
        found = [one for one in self._network.events.influences if one.channel in source.channels and one.told]
        return [one for one in found if not source.of_limits or _whose(self._network, one) == source.limits_of]

    def _kind(self, source: Source) -> EventKind | None:
        """The same as what they come to; None where there are none."""
        network, influences = self._network, self._influences(source)
        if not influences:
            return None
        usual, rows = NEUTRAL[source.channels[0]], len(network.limits.limited if source.of_limits else network.lanes)
        return EventKind.of(influences, usual, rows, network.events.regimes, self._sees(source.ahead))

    def _sees(self, field: str) -> bool:
        return may_see(field, self._autonomy, self._seats)

    def _shown(self, source: Source, information: Information) -> Shown:
        now, ahead = (
            self._read(source, field, information) if self._sees(field) else None for field in (source.now, source.ahead)
        )
        return Shown(None if now is None else now[:, 0], ahead)

    def _read(self, source: Source, field: str, information: Information) -> Floats:
        """A field of lanes, or of limits, by periods ahead (B, A, R)."""
        topology = self._network.topology
        if not source.of_limits:
            return self._of_lanes(field, information)
        if source.limits_of == "machines":
            by_row, names = self._of_machines(field, information), self._machines
        elif source.limits_of == "suppliers":
            by_row, names = self._of_lanes(field, information), topology.sources
        else:
            by_row, names = self._of_sites(field, information)[..., 0], topology.sites
        found = np.ones((*by_row.shape[:2], len(self._network.limits.limited)))
        for number, name in enumerate(self._network.limits.limited):
            if name in names and _kind_of(self._network, name) == source.limits_of:
                found[:, :, number] = by_row[:, :, names.index(name)]
        return found

    def _of_sites(self, field: str, information: Information) -> Floats:
        """A field of sites by periods ahead (B, A, N, K)."""
        values = in_float64(information.everywhere(field))
        return np.moveaxis(values.reshape(*values.shape[:2], -1, values.shape[-1]), 1, 2)

    @property
    def _machines(self) -> tuple[str, ...]:
        return () if self._network.machines is None else self._network.machines.names

    def _of_machines(self, field: str, information: Information) -> Floats:
        """What machines have left of their hours, overtime included, by periods ahead (B, A, M)."""
        machines, recipes = self._network.machines, self._network.recipes
        assert machines is not None  # as something happens to them
        assert recipes is not None
        takes_one = np.flatnonzero(machines.takes_one[:, 0])
        numbers, which = np.unique(machines.machine[takes_one], return_index=True)
        assert numbers.size == len(machines.names)  # the scenario's checks see to it that all are used
        of_recipes = takes_one[which]
        hours = self._of_lanes(field, information, recipes.product[of_recipes], recipes.lanes[of_recipes])
        found: Floats = hours / machines.most[:, 0, 0]
        return found

    def _of_lanes(self, field: str, information: Information, products: Any = 0, lanes: Any = slice(None)) -> Floats:
        """A field of lanes by periods ahead (B, A, L), or of some `lanes` alone, each of its own of some `products`."""
        topology, values = self._network.topology, in_float64(information.everywhere(field))
        by_slot = values.reshape(*values.shape[:2], -1, topology.inbound.degree, values.shape[-1])
        return np.moveaxis(by_slot[:, topology.destination[lanes], :, self._slot[lanes], products], 0, 2)


def _slots(network: Network) -> NDArray[np.int64]:
    """Which of its destination's lanes each one is (L,), as the fields' entries count them."""
    place = {lane: slot for lanes in network.topology.inbound.lists() for slot, lane in enumerate(lanes)}
    return np.array([place[lane] for lane in range(len(network.lanes))])


def _about(network: Network, channel: str) -> NDArray[np.bool_]:
    """Whether events on a channel are about each lane (L,)."""
    lanes, channels = np.arange(len(network.lanes)), network.events.channels
    rows = None if channels is None else getattr(channels, channel)
    return np.zeros(lanes.size, dtype=bool) if rows is None else np.isin(lanes, lanes[rows])


def _whose(network: Network, one: Influence) -> str:
    """Whose limits an event is about."""
    return _kind_of(network, network.limits.limited[one.rows[0]])


def _kind_of(network: Network, name: str) -> str:
    """Whether a limit of this name is a site's, a machine's or a supplier's."""
    machines = () if network.machines is None else network.machines.names
    return "sites" if name in network.sites else "machines" if name in machines else "suppliers"
