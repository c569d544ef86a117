"""All randomness of a batch of episodes, drawn before they start.

Letters: T periods, C customers, R lanes with random lead times, K products, B episodes. What an episode brings depends on the
seed, its number and the names of the places alone: not on the batch, nor on which other sites there are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import Any

import numpy as np

from ..events.conditions import USUAL, Conditions, Foreseen, Outlook
from ..forecasts.known_forecasts import KnownForecasts
from ..network.network import Network
from ..numerics.arrays import Array, namespace, ndtr, ndtri, put_rows, rows
from ..numerics.backend import Backend
from ..numerics.draws import Draw
from ..physics.dynamics import Shocks
from .event_draws import Events

FIRST_HELD_OUT_SEED = 10_000
"""Seeds below are for training, those from here on for evaluating what came of it."""


@dataclass(frozen=True)
class Trace:
    """What happens to a network, whatever is decided."""

    demand: Array
    """(T, C, K, B) [units]"""
    lead_time: Array | None
    """Of what is shipped in each period, on the lanes that draw theirs (T, R, 1, B) [periods]."""

    feed_error: Array | None = None
    """Relative error of a feed's readings of each site in each period, the one after the last too (T+1, N, K, B)."""
    conditions: Conditions = USUAL
    """What is different from usual in each period, the one after the last too (T+1, …)."""
    calm: Conditions = USUAL
    """The same without disruptions."""
    told: Conditions | None = None
    """The same without effects of which nobody is told; None where there are none."""
    calm_demand: Array | None = None
    """Demand without disruptions; None where they leave it alone."""
    outage: Array | None = None
    """Whether anything is disrupted in a period (T, B); None where nothing can be."""
    promotions: Foreseen = ()
    """Extra demand by promotions, as a share of its mean, as the sites themselves know it (…, N, 1, B)."""
    reported: Foreseen = ()
    """The same as far as they pass it on."""
    announced: Mapping[str, Foreseen] = field(default_factory=dict)
    """By channel, what announced events will make of it."""
    calm_announced: Mapping[str, Foreseen] = field(default_factory=dict)
    """The same without disruptions."""
    delayed: Any = None
    """Rows of `lead_time` that disruptions delay."""
    forecasts: KnownForecasts | None = None
    """What is forecast of demand, and when; None where nothing is."""

    @cached_property
    def periods(self) -> int:
        """T."""
        return int(self.demand.shape[0])

    def at(self, period: int) -> Shocks:
        """The part that belongs to one period."""
        times = None if self.lead_time is None else self.lead_time[period]
        if self.conditions is USUAL:
            return Shocks(self.demand[period], times)
        now = self.conditions.at(period)
        if now.delay is not None and times is not None:
            times = put_rows(times, self.delayed, times[self.delayed] + namespace(times).astype(now.delay, times.dtype))
        return Shocks(self.demand[period], times, now)

    def all_periods(self) -> tuple[Shocks, Conditions | None]:
        """What happens in each period (T, …), and what is known of it when it begins: as `at` and `outlook` have them."""
        last = self.periods
        times, now = self.lead_time, self.conditions
        if now is USUAL:
            return Shocks(self.demand, times), None if self.is_usual else USUAL
        if now.delay is not None and times is not None:
            delay = namespace(times).astype(now.delay[:last], times.dtype)
            times = namespace(times).moveaxis(times, 1, 0)
            moved = times[self.delayed] + namespace(times).moveaxis(delay, 1, 0)
            times = namespace(times).moveaxis(put_rows(times, self.delayed, moved), 0, 1)
        return Shocks(self.demand, times, now), now if self.told is None else self.told

    def outlook(self, period: int) -> Outlook | None:
        """What is revealed at a period's beginning, or after the last one; None where everything is as usual."""
        if self.is_usual:
            return None
        known = self.conditions if self.told is None else self.told
        return Outlook(known.at(period), period, self.promotions, self.reported, self.announced, self.forecasts)

    @property
    def is_usual(self) -> bool:
        """Whether nothing is revealed in any period, everything being as usual."""
        return self.conditions is USUAL and not self.promotions and self.forecasts is None

    def undisturbed(self) -> Trace:
        """The same trace without its disruptions: its twin."""
        quiet = None if self.outage is None else self.outage & False
        demand = self.demand if self.calm_demand is None else self.calm_demand
        return replace(self, demand=demand, conditions=self.calm, told=None, outage=quiet, announced=self.calm_announced)

    def repeated(self, times: int) -> Trace:
        """The same episodes so many times in a row, for as many policies side by side."""

        def again(values: Array) -> Array:
            return namespace(values).concat([values] * times, axis=-1)

        def all_of(foreseen: Foreseen) -> Foreseen:
            return tuple((notice, again(values)) for notice, values in foreseen)

        def as_before(conditions: Conditions) -> Conditions:
            if conditions is USUAL:
                return USUAL
            return Conditions(*(None if values is None else again(values) for values in conditions))

        return Trace(
            demand=again(self.demand),
            lead_time=None if self.lead_time is None else again(self.lead_time),
            feed_error=None if self.feed_error is None else again(self.feed_error),
            conditions=as_before(self.conditions),
            calm=as_before(self.calm),
            told=None if self.told is None else as_before(self.told),
            calm_demand=None if self.calm_demand is None else again(self.calm_demand),
            outage=None if self.outage is None else again(self.outage),
            promotions=all_of(self.promotions),
            reported=all_of(self.reported),
            announced={name: all_of(foreseen) for name, foreseen in self.announced.items()},
            calm_announced={name: all_of(foreseen) for name, foreseen in self.calm_announced.items()},
            delayed=self.delayed,
            forecasts=None if self.forecasts is None else self.forecasts.repeated(times),
        )


def draw_trace(
    network: Network,
    backend: Backend,
    seed: int,
    episodes: Array,
    periods: int,
    split: str = "train",
    feed_noise: float = 0.0,
) -> Trace:
    """The trace of some episodes (B,) of a seed.

    `split` says which window recorded data is drawn from, `feed_noise` how large a feed's relative error can be.
    """
    source = _source(network, backend, seed, episodes, periods, split)
    error = draw_feed_errors(network, backend, seed, episodes, periods, feed_noise)
    events = Events(network, backend, periods, source.event)
    forecasts = (
        None if network.forecasts is None else network.forecasts.in_episodes(source.event("file", periods), backend.asarray)
    )
    plain = Trace(_demand(source, backend, events), _lead_times(source, backend), error, forecasts=forecasts)
    failing = any(shift.fails for shift in network.events.shifts)
    if not (network.events.channels or network.events.promotions or network.events.returns or failing):
        return plain
    hidden = any(not one.told for one in network.events.influences)
    return replace(
        plain,
        conditions=events.conditions(),
        calm=events.conditions(undisturbed=True),
        told=events.conditions(told=True) if hidden else None,
        calm_demand=_demand(source, backend, events, undisturbed=True) if failing else None,
        outage=events.outage(),
        promotions=events.promotions.known,
        reported=events.promotions.reported,
        announced=events.announced(),
        calm_announced=events.announced(undisturbed=True),
        delayed=_delayed(network),
    )


def draw_events(network: Network, backend: Backend, seed: int, episodes: Array, periods: int, split: str = "train") -> Events:
    """What happens apart from demand in the same episodes, event by event."""
    return Events(network, backend, periods, _source(network, backend, seed, episodes, periods, split).event)


def _source(network: Network, backend: Backend, seed: int, episodes: Array, periods: int, split: str) -> _Source:
    number = backend.xp.asarray(episodes, dtype=backend.xp.int64, device=backend.device or "cpu")
    return _Source(network, seed, number, periods, split)


@dataclass(frozen=True)
class _Source:
    network: Network
    seed: int
    episodes: Array
    periods: int
    split: str

    def draw(self, place: str, site: str, products: tuple[str, ...], correlate: Callable[[Array], Array] | None = None) -> Draw:
        return Draw(self.seed, place, site, products, self.periods, self.episodes, self.split, correlate)

    def event(self, name: str, periods: int) -> Draw:
        """What an event common to the network draws from."""
        return Draw(self.seed, name, name, ("event",), periods, self.episodes, self.split)


def _delayed(network: Network) -> Any:
    """Rows, among the lanes that draw their lead times, of those that disruptions delay."""
    return rows(np.flatnonzero(network.times.delay_at_most[network.times.is_random] > 0))


def _demand(source: _Source, backend: Backend, events: Events, undisturbed: bool = False) -> Array:
    network = source.network
    _, _, products, customers = network.topology.shape
    copula = _copula(source)
    out = backend.zeros(source.periods, customers, products, source.episodes.shape[0])
    for one in network.demand.sources:
        factor = events.demand_factor(one.site, undisturbed)
        draw = source.draw(one.place, one.site, one.products, copula(one.site, one.products) if copula else None)
        demand = one.process.sample(draw) if factor is None else one.process.scaled(draw, factor)
        if one.products == network.products:
            out[:, one.row] = demand
        else:
            out[:, one.row, one.columns] = backend.asarray(demand)
    return out


def _lead_times(source: _Source, backend: Backend) -> Array | None:
    drawn = source.network.times.drawn
    if not drawn:
        return None
    times = [one.process.sample(source.draw(one.lane, one.destination, ("lead_time",))) for one in drawn]
    return backend.xp.stack([backend.asarray(values) for values in times], axis=1)[:, :, None]


def draw_feed_errors(
    network: Network, backend: Backend, seed: int, episodes: Array, periods: int, noise: float
) -> Array | None:
    """Even over ±noise, afresh in every period, for each site and product; None without noise."""
    if not noise:
        return None
    later = _source(network, backend, seed, episodes, periods + 1, "train")  # the window is that of recorded demand alone
    drawn = [later.draw(site, site, network.products).uniform("feed_error") for site in network.sites]
    return backend.xp.stack([backend.asarray((2.0 * values - 1.0) * noise) for values in drawn], axis=1)


def _copula(source: _Source) -> Callable[[str, tuple[str, ...]], Callable[[Array], Array]] | None:
    """For a site and its products: what makes its uniforms (T, K, B) move with those of the other sites.

    A site's normal score is a weighted sum of its own and of others' independent ones (those of their first segments).
    """
    scores = source.network.demand.scores
    if scores is None:
        return None

    @cache
    def score(name: str, products: tuple[str, ...]) -> Array:
        return ndtri(source.draw(scores.places[name], name, products).uniform())

    def correlate(site: str, products: tuple[str, ...]) -> Callable[[Array], Array]:
        weights = scores.weights[site]

        def blend(own: Array) -> Array:
            total = weights[site] * ndtri(own)
            for other in sorted(weights.keys() - {site}):
                total = total + weights[other] * score(other, products)
            return namespace(own).clip(ndtr(total), 1e-12, 1 - 1e-12)

        return blend

    return correlate
