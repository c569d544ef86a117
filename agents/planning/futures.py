"""What demand may come: futures drawn from the scenario's own processes, given what is known of the last period.

Letters: T periods, N sites, C customers, K products, S futures, G groups of episodes that look at the same draws.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from orderup.envs.demand import DemandProcess, per_product
from orderup.envs.demand.file import FileDemand
from orderup.envs.demand.series import Ar1
from orderup.envs.events.schema import Promotion
from orderup.envs.network.building import drawing_from
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Floats
from orderup.envs.numerics.backend import Backend
from orderup.envs.scenario.scenario import Customers
from orderup.envs.trace.trace import draw_trace

from .schaake_shuffle import SchaakeShuffle

GROUPS = 16
"""Beyond so many episodes of a batch, some share their draws."""
RAISED = 20.0
"""Standard deviations by which a demand that remembers is raised while it is drawn, so that nothing is cut at 0."""

RECORD = 8.0
"""Periods of what is seen that count as much as the record: the best for the window for validation of orange_juice."""


class Futures:
    """Futures for every episode of a batch and every period.

    Where periods depend on the calendar alone these are plain draws, of the very period. Autocorrelated demand starts from the
    last demand that is known (that of a site's several customers is told apart in proportion to their variances). Recorded
    demand is the block bootstrap of its training window, in blocks as long as the horizon where the scenario names none, at the
    pace at which it is seen to run. Any other process is drawn as if nothing had been seen of it. Beside autocorrelated demand
    nobody expects promotions or shifts.

    Where promotions are `heard` of, as far as they are reported, those periods have what is heard, and beside it what may not
    be reported: their mean is multiplied, and their variance as much.

    Where forecasts come from elsewhere, the futures of a period have the quantiles that are `told` for it, in the order that
    they were drawn in: what goes together goes together still (the Schaake shuffle: Clark and others, Journal of
    Hydrometeorology 5, 2004). A site's several kinds of customers share its forecast by their means.

    Of `strata` times as many draws each customer's are the middles of equal parts, in the order of what they come to over its
    protection interval and, by half, until the middle of the horizon; which of them come together is as in the first `count`.
    """

    def __init__(
        self, network: Network, horizon: int, count: int, batch: int, seed: int, strata: int = 1, heard: bool = False
    ) -> None:
        self.horizon, self.count, self.strata, self.groups = horizon, count, strata, min(batch, GROUPS)
        self._seed = seed
        main = network.topology.main_lanes[network.topology.customer_site]
        interval = np.where(main >= 0, network.times.protection[main], 1)
        periods = np.arange(horizon)[:, None, None]
        self._counts = np.where(periods < interval, 1.0, np.where(periods < horizon // 2, 0.5, 0.0))
        shape = network.costs.price.shape[:2]
        self._rho, self._lift, self._variance = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        self._sites, self._site, self._mean = len(network.sites), network.topology.customer_site, np.zeros(shape)
        self._recorded = np.zeros(shape, dtype=bool)
        prepared = [self._prepared(network, entry) for entry in network.scenario.customers]
        update: dict[str, Any] = {"customers": prepared}
        if self._rho.any():  # raised demand would be multiplied with what it is raised by
            update |= {"shifts": [], "promotions": []}
        self._network = drawing_from(network, network.scenario.model_copy(update=update))
        self._told = None if network.forecasts is None else SchaakeShuffle(network.forecasts, self._site, self._shares())
        self._pace = Pace(self._at_sites(self._mean), batch) if self._recorded.any() else None
        self._drawn = self._unreported = np.zeros((0, *shape, self.groups * self._paths))
        self._quiet: Network | None = None
        if heard and not self._rho.any():
            left = [_unreported(one) for one in network.scenario.promotions if one.reported < 1]
            self._quiet = drawing_from(network, network.scenario.model_copy(update={**update, "promotions": left}))

    def after(
        self,
        period: int,
        age: int,
        latest: Floats,
        episode: int,
        heard: Floats | None = None,
        told: Floats | None = None,
    ) -> Floats:
        """Demand (T, C, K, S) from `period` on, as one knows who last saw the demand `latest` (N, K), `age` periods ago.

        `latest` is of the period before `period − age`; before the first, nothing is known. What promotions that are heard of
        multiply mean demand by in the first periods is `heard` (A, N, K); quantiles of their demand are `told` (Q, N, A, K).
        """
        seen = period - age - 1
        drawn = self._until(period + self.horizon)
        group = episode % self.groups * self._paths
        own = drawn[:, :, :, group : group + self._paths]
        future = own[period : period + self.horizon] - self._lift[:, :, None]
        if heard is not None and self._quiet is not None:
            span = slice(period, period + len(heard))
            future[: len(heard)] = self._unreported[span, :, :, group : group + self._paths][: self.horizon]
        if seen >= 0 and self._rho.any():
            departed = self._told_apart(latest)[:, :, None] + self._mean[:, :, None] - (own[seen] - self._lift[:, :, None])
            ahead = np.arange(age + 1, age + 1 + self.horizon)[:, None, None, None]
            future = future + self._rho[:, :, None] ** ahead * departed
        if self._pace is not None:
            if seen >= 0:
                usual = drawn[seen].mean(axis=-1) - self._lift  # in that very period, whatever was on
                self._pace.hear(latest, self._at_sites(usual), episode)
            future = future * np.where(self._recorded, self._pace.of(episode)[self._site], 1.0)[:, :, None]
        future = np.maximum(future, 0.0)
        found = self._spread(future if heard is None else _promoted(future, heard[:, self._site]))
        return found if told is None or self._told is None else self._told.shuffled(found, told)

    def _shares(self) -> Floats:
        """Of each customer in the mean demand of its site (C, K)."""
        return self._mean / np.maximum(self._at_sites(self._mean)[self._site], 1e-12)

    @property
    def _paths(self) -> int:
        """Draws of each decision."""
        return self.count * self.strata

    def _spread(self, drawn: Floats) -> Floats:
        """As many as are wanted (T, C, K, S), spread evenly over all that were drawn."""
        if self.strata == 1:
            return drawn
        total = np.einsum("tcks,tck->cks", drawn, self._counts)
        rank = total[:, :, : self.count].argsort(axis=2).argsort(axis=2)
        chosen = np.take_along_axis(total.argsort(axis=2), rank * self.strata + self.strata // 2, axis=2)
        return np.take_along_axis(drawn, chosen[None], axis=3)

    def _told_apart(self, latest: Floats) -> Floats:
        """How far each customer's demand was from its mean (C, K), by that of its site."""
        share = self._variance / np.maximum(self._at_sites(self._variance)[self._site], 1e-12)
        told: Floats = share * (latest - self._at_sites(self._mean))[self._site]
        return told

    def _at_sites(self, values: Floats) -> Floats:
        """What customers' values (C, K) come to at each site (N, K)."""
        found = np.zeros((self._sites, values.shape[1]))
        np.add.at(found, self._site, values)
        return found

    def _until(self, end: int) -> Floats:
        """Draws (T, C, K, G·S) of at least the periods before `end`; longer ones begin with the same numbers."""
        if len(self._drawn) < end:
            numbers, most = np.arange(self.groups * self._paths), max(end, self._network.scenario.horizon + self.horizon)
            self._drawn = np.asarray(draw_trace(self._network, Backend("numpy"), self._seed, numbers, most).demand)
            if self._quiet is not None:
                self._unreported = np.asarray(draw_trace(self._quiet, Backend("numpy"), self._seed, numbers, most).demand)
        return self._drawn

    def _prepared(self, network: Network, entry: Customers) -> Customers:
        """The same customers, as they are drawn here."""
        bought = tuple(entry.products or network.products)
        row = network.customers.index(f"{entry.site}/{entry.segment}")
        columns = [network.topology.product_place[product] for product in bought]
        mean, deviation = entry.demand.at(entry.site).moments(bought)
        self._mean[row, columns], self._variance[row, columns] = mean, deviation**2
        self._recorded[row, columns] = isinstance(entry.demand, FileDemand)
        demand: DemandProcess = entry.demand
        if isinstance(demand, Ar1):
            lift = RAISED * deviation
            self._rho[row, columns], self._lift[row, columns] = per_product(demand.rho, bought), lift
            demand = demand.model_copy(update={"mean": dict(zip(bought, (mean + lift).tolist(), strict=True))})
        if isinstance(demand, FileDemand):
            demand = demand.model_copy(update={"block": demand.block or self.horizon, "bootstrap": ["train"]})
        return entry.model_copy(update={"demand": demand})


def _unreported(event: Promotion) -> Promotion:
    """Those promotions of a kind that are not reported."""
    return event.model_copy(update={"chance": event.chance * (1.0 - event.reported)})


def _promoted(future: Floats, factor: Floats) -> Floats:
    """Futures (T, C, K, S) whose mean in the first periods, and whose variance, is multiplied by a factor (A, C, K)."""
    found, periods = future.copy(), min(len(factor), len(future))
    by = factor[:periods, :, :, None]
    mean = future[:periods].mean(axis=3, keepdims=True)
    found[:periods] = np.maximum(by * mean + by**0.5 * (future[:periods] - mean), 0.0)
    return found


class Pace:
    """How fast recorded demand is seen to run at each site, as a multiple of its record: that is a sample, and times change.

    `mean` (N, K) is what a period usually brings.
    """

    def __init__(self, mean: Floats, batch: int) -> None:
        self._record = RECORD * np.where(mean > 0, mean, 1.0)
        self._heard, self._expected = (np.zeros((batch, *mean.shape)) for _ in range(2))

    def hear(self, latest: Floats, expected: Floats, episode: int) -> None:
        """Take note of the demand of one more period, and of what the record had for it (N, K) [units]."""
        self._heard[episode] += latest
        self._expected[episode] += expected

    def of(self, episode: int) -> Floats:
        """(N, K); 1 as long as nothing was heard."""
        found: Floats = (self._record + self._heard[episode]) / (self._record + self._expected[episode])
        return found
