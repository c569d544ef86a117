"""Sums over "which rows belong to which": lanes to their source, lanes to their destination, customers to their site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .arrays import Array, among_zeros, rows, take, tree_sum, zeros_for


@dataclass(frozen=True)
class Bundle:
    """For each of some targets, the rows of an array that add up to it.

    `targets` indexes the targets that have any member; `members` indexes rows, (targets,) where each target has one and
    (degree, targets) otherwise, padded with row 0 where a target has fewer; `mask` (degree, targets, 1, 1) is 0 at the
    padding, or None where there is none.
    """

    targets: Any
    members: Any
    mask: Array | None
    degree: int
    count: int
    complete: bool
    """Whether every one of the `count` targets has a member."""
    owner: tuple[int, ...] = ()
    """Target of each row, −1 for none."""
    same: bool = False
    """Whether row and target are the same, each of them, so that there is nothing to do."""

    def lists(self) -> list[list[int]]:
        """The rows of each of all targets."""
        return [[row for row, target in enumerate(self.owner) if target == wanted] for wanted in range(self.count)]

    @classmethod
    def of(cls, owner: Any, count: int) -> Bundle:
        """The bundle of rows whose targets are `owner` (rows,), among `count` targets; −1 belongs to none."""
        lists = [np.flatnonzero(np.asarray(owner, dtype=np.int64) == target) for target in range(count)]
        targets = [target for target, found in enumerate(lists) if found.size]
        degree = max((found.size for found in lists), default=0)
        members = np.zeros((degree, len(targets)), dtype=np.int64)
        mask = np.zeros((degree, len(targets), 1, 1))
        for column, target in enumerate(targets):
            members[: lists[target].size, column] = lists[target]
            mask[: lists[target].size, column] = 1.0
        index = rows(members[0]) if degree == 1 else members
        return cls(
            rows(targets),
            index,
            None if mask.all() else mask,
            degree,
            count,
            len(targets) == count,
            tuple(np.asarray(owner).tolist()),
            list(owner) == list(range(count)),
        )

    def each(self, values: Array) -> Array:
        """The members' rows (degree, targets, …), 0 at the padding."""
        if self.degree == 1:
            return take(values, self.members)[None]
        picked = take(values, self.members)
        if self.mask is None:
            return picked
        return picked * (self.mask if values.ndim == 3 else self.mask[..., 0])

    def spread(self, values: Array) -> Array:
        """The same for each of all targets (degree, count, …), 0 where a target has fewer members, or none."""
        picked = self.each(values)
        if self.complete:
            return picked
        found = zeros_for(values, self.degree, self.count, *values.shape[1:])
        found[:, self.targets] = picked
        return found

    def sum(self, values: Array) -> Array:
        """One row for each target that has members (targets, …)."""
        if self.same:
            return values
        return take(values, self.members) if self.degree == 1 else tree_sum(self.each(values))

    def total(self, values: Array) -> Array:
        """One row for each of all targets (count, …), 0 where a target has no member; `values` is (rows, K, B) or (rows, B)."""
        if self.same:
            return values
        if self.complete:
            return take(values, self.members) if self.degree == 1 else tree_sum(self.each(values))
        if not self.degree:
            return zeros_for(values, self.count, *values.shape[1:])
        return among_zeros(self.sum(values), self.targets, self.count)
