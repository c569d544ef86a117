"""What is wanted of the lanes: the one form of a decision, how two become one, and how it comes into the core.

Letters: L lanes, K products, B batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ..foundation.errors import InputError
from ..network.network import Network
from ..numerics.arrays import Array, batch_last, is_numpy, namespace, stretched
from ..numerics.backend import Backend


@dataclass(slots=True, eq=False)
class Decision:
    """What is wanted of the lanes: order-up-to levels, quantities, or, lane by lane, the one or the other.

    Each (B, L, K), or anything that broadcasts to it [units]. Where both are given `by_quantity` (L,) or (B, L) says which
    lanes go by their quantity. Levels that are `relative`, all or those of some lanes (L,) or (B, L), are distances from the
    centre's. `response` says by how many units a level rises for every unit that internal customers order in this same period,
    which nobody knows when he decides.

    Where a centre hands out dated orders for P periods after this one, `later` gives them (B, P, L, K); left out, they follow
    from this decision, and from the demand of a period that each site's own customers are `expected` to have (B, N, K), by the
    centre's own forecast if it has one.

    Inside the core the batch is last: (L, K, B) each, (P, L, K, B) and (N, K, B), and flags of lanes have three axes too,
    (L, 1, 1) or (L, 1, B).
    """

    level: Array = None
    quantity: Array = None
    by_quantity: Array = None
    relative: Any = False
    response: Array = None
    later: Array = None
    expected: Array = None

    def __post_init__(self) -> None:
        if self.by_quantity is None:
            fits = (self.level is None) != (self.quantity is None)
        else:
            fits = self.level is not None and self.quantity is not None
        if not fits:
            raise ValueError("a decision holds a level or a quantity, or both and by_quantity")


class Decisions(NamedTuple):
    """What both parties decide, where the centre and the sites decide; one alone may be given as it is."""

    planner: Decision | None = None
    sites: Decision | None = None


def merged(chosen: Array, ours: Decision, theirs: Decision) -> Decision:
    """`ours` where `chosen`, `theirs` elsewhere: by lane, (L,) or (B, L), or, inside the core, (L, K, 1) or (L, 1, B)."""
    mask = chosen if chosen.ndim == 3 else chosen[..., None]
    relative = _flags(chosen, ours.relative, theirs.relative)
    response = _response(mask, ours.response, theirs.response)
    if ours.quantity is None and theirs.quantity is None:
        return Decision(_where(mask, ours.level, theirs.level), relative=relative, response=response)
    if ours.level is None and theirs.level is None:
        return Decision(quantity=_where(mask, ours.quantity, theirs.quantity))
    by = _flags(chosen, _by_quantity(ours), _by_quantity(theirs))
    level, quantity = _where(mask, ours.level, theirs.level), _where(mask, ours.quantity, theirs.quantity)
    return Decision(level, quantity, by, relative, response)


def _where(mask: Array, one: Array | None, other: Array | None) -> Array:
    """Amounts; who gives none goes by the other's."""
    if one is None or other is None:
        return other if one is None else one
    xp = namespace(one if hasattr(one, "shape") else other if hasattr(other, "shape") else mask)
    return xp.where(xp.asarray(mask), one, other)


def _flags(chosen: Array, one: Any, other: Any) -> Any:
    """Flags of lanes, each by lane or one for all."""
    if isinstance(one, bool) and one is other:
        return one
    if is_numpy(chosen):
        return np.where(chosen, one, other)
    xp = namespace(chosen)
    return xp.where(chosen, *(xp.asarray(flags, device=chosen.device) for flags in (one, other)))


def _by_quantity(decision: Decision) -> Any:
    return decision.level is None if decision.by_quantity is None else decision.by_quantity


def _response(mask: Array, one: Array | None, other: Array | None) -> Array | None:
    """Both parties' responses; those who give none do not respond."""
    some = other if one is None else one
    if some is None:
        return None
    none = namespace(some).zeros_like(some)
    return _where(mask, none if one is None else one, none if other is None else other)


@dataclass(frozen=True)
class Intake:
    """The way of decisions into the core of one simulator: the one place where their batch goes from first to last."""

    backend: Backend
    shape: tuple[int, int, int]
    """B, L and K."""
    sites: int
    """N."""
    dtype: np.dtype[Any]
    """The backend's floating-point type, in NumPy's words."""

    @classmethod
    def of(cls, backend: Backend, batch: int, network: Network) -> Intake:
        """For decisions on a network, of a batch of episodes."""
        return cls(backend, (batch, len(network.lanes), len(network.products)), len(network.sites), np.dtype(backend.dtype))

    def taken(self, decision: Decision) -> Decision:
        """A decision as the core has it. Raises InputError for arrays that do not fit."""
        level, quantity, response = decision.level, decision.quantity, decision.response
        shape, (by, relative) = self.shape, self.flags(decision)
        return Decision(
            None if level is None else self._fitted(level, "level", shape),
            None if quantity is None else self._fitted(quantity, "quantity", shape),
            by,
            relative,
            None if response is None else self._fitted(response, "response", shape),
            None if decision.later is None else self._dated(decision.later),
            None if decision.expected is None else self._expected(decision.expected),
        )

    def flags(self, decision: Decision) -> tuple[Array, Any]:
        """Which lanes go by their quantity, and whose levels are relative, as the core has them."""
        by, relative = decision.by_quantity, decision.relative
        return (
            None if by is None else self._of_lanes(by, "by_quantity"),
            relative if isinstance(relative, bool) else self._of_lanes(relative, "relative"),
        )

    def _of_lanes(self, flags: Any, key: str) -> Array:
        """From (L,) to (L, 1, 1), from (B, L) to (L, 1, B)."""
        array = self.backend.asarray(flags)
        shape, (batch, lanes, _) = tuple(array.shape), self.shape
        if shape not in ((lanes,), (batch, lanes)):
            raise InputError(f"decision.{key}", shape, f"({lanes},) or ({batch}, {lanes}): one for each lane")
        return array[:, None, None] != 0 if len(shape) == 1 else batch_last(array)[:, None] != 0

    def _dated(self, values: Any) -> Array:
        """From (B, P, L, K), or what broadcasts to it, to (P, L, K, B)."""
        batch, lanes, products = self.shape
        periods = values.shape[-3] if values.ndim > 2 else 1
        return self._fitted(values, "later", (batch, periods, lanes, products))

    def _expected(self, values: Any) -> Array:
        """From (B, N, K), or what broadcasts to it, to (N, K, B)."""
        return self._fitted(values, "expected", (self.shape[0], self.sites, self.shape[2]))

    def _fitted(self, values: Any, key: str, shape: tuple[int, ...]) -> Array:
        """What broadcasts to a shape with the batch first, as (B, L, K), with the batch last."""
        if type(values) is not np.ndarray or self.backend.name != "numpy" or values.dtype != self.dtype:
            values = self._numbers(values)
        if values.shape != shape:
            try:
                values = stretched(values, shape)
            except (ValueError, RuntimeError):
                raise InputError(f"decision.{key}", tuple(values.shape), f"something that broadcasts to {shape}") from None
        return batch_last(values)

    def _numbers(self, values: Any) -> Array:
        """In the backend's floating-point type."""
        array = self.backend.asarray(values)
        return array if array.dtype == self.backend.float else self.backend.xp.astype(array, self.backend.float)
