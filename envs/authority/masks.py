"""Which choices of a seat are worth making: what would be ordered by the others would not be taken, or be the same.

A mask never hides an order that could be placed: where two choices come to the same, one is left. What a mask goes by is what
its seat knows when it decides. Letters: B batch, S seats, A numbers of a seat, k choices, L lanes, K products.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..autonomy.autonomy import Autonomy
from ..information.snapshot import Snapshot
from ..network.network import Network
from ..numerics.arrays import Array, in_numpy
from ..physics.execution import allowed
from .choices import Choices

CLOSE = 1e-6
"""Relative difference of two quantities that are the same."""


class ChoiceMasks:
    """Masks (B, S, A, k) of the choices of a party's seats; `within` (L, K) is what these seats may decide at all."""

    def __init__(self, choices: Choices, network: Network, within: NDArray[np.bool_], autonomy: Autonomy) -> None:
        self.choices, self.network = choices, network
        late = bool(autonomy.feed_latency or autonomy.feed_noise)
        self.binds_now = choices.at_once and not (choices.actions.is_planners and late)
        """Whether how lanes are now matters to what is chosen, and is known."""
        self.only_rest = np.arange(choices.k) == choices.rest
        self.always = self._always(within)
        """What is not ruled out for good (S, A, k)."""

    def __call__(self, now: Snapshot, active: NDArray[np.bool_]) -> NDArray[np.int8]:
        """Masks of the period that begins (B, S, A, k), by what is so `now`; who is not `active` (B, S) has one choice."""
        found = np.broadcast_to(self.always, (len(active), *self.always.shape)).copy()
        if self.binds_now:
            self._bind(self._blocks(found), now)
            self._close(self._blocks(found), now.accepting)
        found[~active] = self.only_rest
        return found.astype(np.int8)

    def _close(self, blocks: NDArray[np.bool_], accepting: Array | None) -> None:
        """Nothing is ordered on lanes that take no orders now (L, 1, B)."""
        if accepting is not None:
            shut = np.broadcast_to(in_numpy(accepting)[self.choices.owned, 0].T == 0, (len(blocks), len(self.choices.owned)))
            at = self.choices.at
            blocks[:, at] = np.where(shut[..., None, None], self.only_rest, blocks[:, at])

    def _bind(self, blocks: NDArray[np.bool_], now: Snapshot) -> None:
        """Of quantities under contract those within the window are left, or the ones next to it."""
        contract = self.network.mechanisms.contract
        if contract is None or not self.choices.are_amounts or now.state.committed is None:
            return
        committed = np.broadcast_to(in_numpy(now.state.committed), (*now.state.committed.shape[:2], len(blocks)))
        windows = {int(lane): row for row, lane in enumerate(np.arange(len(self.network.lanes))[contract.lanes])}
        for place, lane in enumerate(self.choices.owned.tolist()):
            if lane in windows:
                row = windows[lane]
                low, high = (share[row] * committed[row] for share in (contract.least, contract.most))
                possible = blocks[:, self.choices.at[place]]
                blocks[:, self.choices.at[place]] = _within(self.choices.amounts[place], possible, low.T, high.T)

    def _blocks(self, found: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """The same masks by blocks of K numbers, as lanes have them (…, S·P, K, k)."""
        return found.reshape((*found.shape[:-3], -1, self.choices.actions.products, self.choices.k))

    def _always(self, within: NDArray[np.bool_]) -> NDArray[np.bool_]:
        choices = self.choices
        found = np.zeros((choices.seats, choices.size, choices.k), dtype=bool)
        possible = self._amounts() if choices.are_amounts else self._levels()
        limits, decided = self.network.limits, within[choices.owned]
        if limits.carried is not None:
            decided = decided & (limits.carried[choices.owned, :, 0] > 0)
        self._blocks(found)[choices.at] = possible & decided[..., None]
        found[..., choices.rest] = True
        return found

    def _levels(self) -> NDArray[np.bool_]:
        """All levels; of what is asked of peers, which are quantities, nothing once (l, K, k)."""
        choices, lateral = self.choices, self.choices.actions.lateral
        numbers = choices.values.reshape((-1, choices.actions.products, choices.k))[choices.at]
        if lateral is None or choices.relative:
            return np.ones(numbers.shape, dtype=bool)
        found: NDArray[np.bool_] = (numbers > 0) | ~lateral[choices.owned][:, None, None]
        return found

    def _amounts(self) -> NDArray[np.bool_]:
        """Quantities that are placed as they are said, each once (l, K, k); joint minima of several products are not seen."""
        amounts = self.choices.amounts
        every = np.zeros((len(self.network.lanes), *amounts.shape[1:]))
        every[self.choices.owned] = amounts
        network = self.network
        if len(network.products) > 1:
            network = replace(network, limits=replace(network.limits, least_orders=()))
        placed = allowed(network, every, slice(None))[self.choices.owned]
        found: NDArray[np.bool_] = np.abs(placed - amounts) <= CLOSE * (1.0 + amounts)
        found[..., 1:] &= np.diff(amounts, axis=-1) > CLOSE
        return found


def _within(
    amounts: NDArray[np.float64], possible: NDArray[np.bool_], least: NDArray[np.float64], most: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Which `possible` (B, K, k) of some amounts (K, k) lie in windows (B, K), or else come closest to them."""
    low, high = least[..., None], most[..., None]
    outside = np.maximum(low - amounts, 0.0) + np.maximum(amounts - high, 0.0)
    outside = np.where(possible, np.where(outside <= CLOSE * (1.0 + high), 0.0, outside), np.inf)
    found: NDArray[np.bool_] = possible & (outside == outside.min(axis=-1, keepdims=True))
    return found
