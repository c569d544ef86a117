"""Levels by the distribution of the last periods' demand, sales that may have been exceeded included.

Letters: B batch, N sites, L lanes, K products, P a lane's protection interval.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np
from scipy.special import ndtri

from orderup.envs.information.information import Information, internal_orders
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Floats, Mask, in_float64

from ..levels.covering import Span
from ..sales.asked import AskedFor
from ..sales.product_limit import ProductLimit


class SalesWindow:
    """The last periods of all sites, at first quantiles of normal demand with the network's numbers, known as they are."""

    def __init__(self, network: Network, asked: AskedFor, window: int) -> None:
        self._network, self._asked = network, asked
        self._usual = network.loads.mean[None, :, :, 0], network.loads.deviation[None, :, :, 0]
        mean, deviation = self._usual
        scores = ndtri((np.arange(window) + 0.5) / window)
        self._sold: deque[Floats] = deque([np.maximum(mean + deviation * score, 0.0) for score in scores], maxlen=window)
        self._exceeded: deque[Mask] = deque([np.zeros(mean.shape, dtype=bool)] * window, maxlen=window)

    def hear(self, information: Information) -> None:
        """Take note of what each seat's site sold, and was ordered, in the last period."""
        asked = self._asked.sold(information)
        sold = in_float64(asked.demand + internal_orders(information))
        exceeded = np.zeros(sold.shape, dtype=bool) if asked.exceeded is None else asked.exceeded
        half = 0.0 if asked.exceeded is None else 0.5 * self._asked.whole
        self._sold.append(sold - half * exceeded)  # of whole units, at least 5 is more than 4½
        self._exceeded.append(exceeded)

    def levels(self, spans: Sequence[Span], chance: Floats) -> Floats:
        """Levels (B, L, K) that cover the demand of each lane's span with a chance (L, K).

        P means, and √P times what the quantile of one period is above its mean: as normal demand has it.
        """
        seen = ProductLimit.of(*(np.stack(np.broadcast_arrays(*values)) for values in (self._sold, self._exceeded)))
        mean, columns = seen.mean(*self._usual), []
        for lane, (site, span) in enumerate(zip(self._network.topology.destination, spans, strict=True)):
            of_site = ProductLimit(seen.values[:, :, site], seen.survival[:, :, site])
            above = of_site.quantile(chance[lane], *(values[:, site] for values in self._usual)) - mean[:, site]
            late = span.variance * mean[:, site] ** 2 * ndtri(chance[lane]) ** 2 if span.further else 0.0
            columns.append(span.mean * mean[:, site] + np.sign(above) * (span.mean * above**2 + late) ** 0.5)
        return np.maximum(np.stack(columns, axis=1), 0.0)
