"""The optimum of one store with a slow and a fast lane, by value iteration: what no constant levels reach."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from orderup.envs.information import Information
from orderup.envs.policy import Context, Decision

LOWEST, HIGHEST, LARGEST = -4, 20, 7
"""Net stock at a period's start, what arrives then included, and a regular order: wider changes nothing."""


class DualSourcingOptimum:
    """The best policy for demand that is as likely to be 0, 1, 2, 3 or 4, and its cost per period.

    A state is the net stock x at a period's start with the regular goods that arrive in it, and the regular orders q_1 …
    q_{ℓ−1} that arrive in the periods after. One chooses y ≥ x, by express, and the regular order r:
    V(x, q) = min_y c_e·(y − x) + G(y) + min_r c_r·r + E V(y − D + q_1, q_2, …, r), G the cost of holding and shortage.
    """

    def __init__(self, lead_time: int, regular: float, express: float, holding: float = 5, shortage: float = 495) -> None:
        self.lead_time = lead_time
        stock, demand = np.arange(LOWEST, HIGHEST + 1), np.arange(5)
        left = stock[:, None] - demand
        now = (holding * np.maximum(left, 0) + shortage * np.maximum(-left, 0)).mean(axis=1)
        arriving = np.arange(LARGEST + 1)
        after = np.clip(left[:, :, None] + arriving - LOWEST, 0, len(stock) - 1)
        values = np.zeros((len(stock), *(LARGEST + 1,) * (lead_time - 1)))
        while True:
            ahead = values[after].mean(axis=1) + regular * arriving
            by_level = now.reshape(-1, *(1,) * (lead_time - 1)) + ahead.min(axis=-1) + express * _along(stock, lead_time)
            best = np.minimum.accumulate(by_level[::-1])[::-1]
            gain = best - express * _along(stock, lead_time) - values
            values = values + gain - gain.flat[0]
            if np.ptp(gain) < 1e-9:
                break
        self.cost = float(gain.mean())
        self._level = LOWEST + _first_at_or_above(by_level, best)
        self._order = ahead.argmin(axis=-1)

    def reset(self, context: Context) -> None:
        self._lanes = [context.network.lanes.index(name) for name in ("regular", "express")]

    def act(self, information: Information) -> Decision:
        """Look up what the state asks for."""
        under_way = information.own("pipeline")[:, 0, :, 0].reshape(-1, self.lead_time, 2).sum(axis=2)
        net = (information.own("on_hand") - information.own("backlog"))[:, 0, 0] + under_way[:, -1]
        stock, coming = net.astype(int), tuple(np.minimum(under_way[:, -2::-1].astype(int).T, LARGEST))
        level = self._level[(np.clip(stock, LOWEST, HIGHEST) - LOWEST, *coming)]
        wanted = np.zeros((len(stock), 2, 1))
        wanted[:, self._lanes[0], 0] = self._order[(level - LOWEST, *coming)]
        wanted[:, self._lanes[1], 0] = level - stock
        return Decision(quantity=wanted)


def _along(stock: NDArray[Any], lead_time: int) -> NDArray[Any]:
    return stock.reshape(-1, *(1,) * (lead_time - 1))


def _first_at_or_above(values: NDArray[np.float64], best: NDArray[np.float64]) -> NDArray[np.int64]:
    """Where along the first axis, from each place on, `values` first come down to `best`."""
    place = np.where(values <= best, _along(np.arange(len(values)), values.ndim), len(values))
    return np.minimum.accumulate(place[::-1])[::-1]
