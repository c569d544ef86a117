"""What customers bring back some periods after they got it. Letters: N sites, K products, C customers, B batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..events.schema import Returns as Keys
from ..flows.pipelines import Load
from ..numerics.arrays import Array, put_rows, rows, take, tree_sum, zeros_for


@dataclass(frozen=True)
class Flow:
    """One way back."""

    customers: Any
    site: int
    delay: int
    becomes: int | None
    """The product that all of it is when it comes back; None for what it was."""

    def back(self, sold: Array) -> Array:
        """Units that come back of each product (K, B), of so many sold."""
        if self.becomes is None:
            return sold
        return put_rows(0.0 * sold, np.array([self.becomes]), tree_sum(sold)[None])


@dataclass(frozen=True)
class ReturnFlows:
    """All ways back."""

    flows: tuple[Flow, ...]
    longest: int
    """Periods of sales that are remembered."""

    @classmethod
    def of(
        cls, given: Sequence[Keys], sites: Sequence[str], customers: Sequence[str], products: Sequence[str]
    ) -> ReturnFlows | None:
        """For these keys, of customers called `site/segment`; None where nothing comes back."""
        flows = []
        for keys in given:
            members = [row for row, name in enumerate(customers) if name.rpartition("/")[0] in keys.leaves]
            becomes = None if keys.becomes is None else products.index(keys.becomes)
            flows.append(Flow(rows(members), sites.index(keys.gains), keys.delay, becomes))
        return cls(tuple(flows), max(flow.delay for flow in flows)) if flows else None

    def start(self, backlog: Array) -> Load:
        """What is remembered at the start: nothing was sold."""
        return tuple(0.0 * backlog for _ in range(self.longest))

    def arrive(self, like: Array, sold: Load, share: Array) -> Array:
        """What comes back in a period (N, K, B), `sold` (C, K, B) being the sales of earlier ones, the latest first.

        `share` (R, 1, B) is that of each way back.
        """
        found = zeros_for(like, *like.shape)
        for number, flow in enumerate(self.flows):
            back = flow.back(tree_sum(take(sold[flow.delay - 1], flow.customers)) * share[number])
            at = np.array([flow.site])
            found = put_rows(found, at, take(found, at) + back[None])
        return found
