"""What customers asked for in the last period, as far as can be told: demand where it is seen, else an estimate by the sales.

Letters: B batch, N sites, K products.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from orderup.envs.information.information import Information
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Array, Floats, Mask, in_float64
from orderup.envs.numerics.backend import Backend

from .beyond import moments_beyond

ESTIMATE = "Whether what was asked for is estimated where sales alone are seen; else sales are taken for demand, a strawman"
"""What the key `estimate` of agents that forecast says."""
LOOKED_AT = np.linspace(0.05, 0.95, 19)
"""Chances whose quantiles tell whether demand comes in whole units."""


class Asked(NamedTuple):
    """What sites' own customers asked for."""

    demand: Array
    """(B, N, K) [units]; where a shelf ran out, what is to be expected of a demand of at least what was sold."""
    doubt: Array | None
    """Its variance by what is known (B, N, K) [units²]; None where demand is what is seen."""
    exceeded: Mask | None
    """Where more may have been asked for (B, N, K); None where all demand is seen."""


class AskedFor:
    """Who wants to know what customers asked for asks here, and gets demand itself wherever the scenario has it seen.

    A period in which a shelf ran out counts as the conditional mean of a demand of at least what was sold, by a law with the
    mean that one expects, and the deviation in proportion. With the right mean it is right on average, whatever was in stock.
    """

    def __init__(self, network: Network, backend: Backend, estimates: bool = True) -> None:
        """Where `estimates` is false what was sold is taken for what was asked for: a strawman."""
        self._backend = backend
        self.sees_all = network.fulfilment.sales_alone is None or not estimates
        """Whether all demand is seen, or what is seen taken for all."""
        if not self.sees_all:
            self._mean, self._deviation = network.demand.own_mean, network.demand.own_deviation
            self.whole = whole_units(network)
            of_all = [
                _share(own, all_)
                for own, all_ in ((self._mean, network.loads.mean), (self._deviation, network.loads.deviation))
            ]
            self.share, self.share_of_deviation = (backend.asarray(share) for share in of_all)
            """Of what a site is asked for on the whole, its own customers' part of the mean, and of the deviation (N, K)."""

    def sold(self, information: Information) -> Asked:
        """What is seen of each seat's own customers, as it is."""
        demand = information.own("demand")
        if self.sees_all:
            return Asked(demand, None, None)
        return Asked(demand, None, in_float64(information.own("stockout")) > 0)

    def own(self, information: Information, expected: Array | None = None, deviation: Array | None = None) -> Asked:
        """Of each seat's own customers, by who `expected` so much on average (B, N, K); left out: what the scenario says."""
        sold = self.sold(information)
        return sold if sold.exceeded is None else self._estimate(sold.demand, sold.exceeded, expected, deviation)

    def everywhere(self, information: Information) -> Asked:
        """Of all sites' customers, as the feed has it. Raises InputError below the visibility `shared`."""
        demand = information.everywhere("demand")
        if self.sees_all:
            return Asked(demand, None, None)
        return self._estimate(demand, in_float64(information.everywhere("stockout")) > 0, None, None)

    def _estimate(self, sales: Array, exceeded: Mask, expected: Array | None, deviation: Array | None) -> Asked:
        """Worked out in NumPy. No gradients pass: on average the estimate does not depend on what was in stock."""
        demand = in_float64(sales).copy()
        doubt = np.zeros_like(demand)
        if exceeded.any():
            mean = np.broadcast_to(self._mean if expected is None else in_float64(expected), demand.shape)
            usual = self._deviation * mean / np.where(self._mean > 0, self._mean, 1.0)
            spread = np.broadcast_to(usual if deviation is None else in_float64(deviation), demand.shape)
            whole = np.broadcast_to(self.whole, demand.shape)
            known = demand[exceeded], mean[exceeded], spread[exceeded], whole[exceeded]
            demand[exceeded], doubt[exceeded] = moments_beyond(*known)
        return Asked(self._backend.asarray(demand), self._backend.asarray(doubt), exceeded)


def _share(own: Floats, covered: Floats) -> Floats:
    return own / np.where(covered[:, :, 0] > 0, covered[:, :, 0], 1.0)


def whole_units(network: Network) -> Mask:
    """Where customers ask for whole units only, as far as quantiles show (N, K), true or false."""
    found = np.ones(network.demand.shape, dtype=bool)
    for source in network.demand.sources:
        quantiles = np.stack([source.process.over(source.products, 1).ppf(np.full(1, chance)) for chance in LOOKED_AT])
        site = network.demand.site_of_row[source.row]
        found[site, source.columns] &= (quantiles == np.round(quantiles)).all(axis=0).reshape(-1)
    return found
