"""Goods that leave in whole packs: what a source cannot put into a pack does not leave.

Letters: m those who share (lanes, or the products of one), B batch; axes between are the same throughout. A size of 0 stands
for goods that come in any amount.
"""

from __future__ import annotations

from typing import Any

from ..numerics.arrays import Array, along, constant, is_numpy, minimum, namespace, straight, tree_sum

SLACK = 1e-6
"""Share of a pack by which sums may miss it, as orders are rounded up to whole ones."""


def whole(amounts: Array, size: Array) -> Array:
    """The whole packs in these amounts. Amounts that are whole already stay as they are, bit for bit.

    Gradients go straight through, as through the rounding of orders.
    """
    packs, broken = _packs(amounts, size)
    return namespace(amounts).where(broken, straight(packs, amounts), amounts)


def handed_out(share: Array, wanted: Array, limit: Array, size: Array, counts: Array | None = None) -> Array:
    """Shares (m, …, B) of a limit (…, B) in whole packs (m, …, 1), no more than is wanted (m, …, B).

    `counts` (m, …, 1) is what a unit counts towards the limit, if not 1.
    Each share is rounded down. What is then left goes out pack by pack, to the largest remainder first, equal ones in order;
    and what is left after that fills up whoever it still reaches, in the same order. Gradients go straight to the shares.
    """
    xp, given = namespace(share), constant(share)
    packs, broken = _packs(given, size)
    if is_numpy(share) and not broken.any():
        return share
    unit = xp.where(size > 0, size, xp.ones_like(size))
    kept = xp.where(broken, packs, given)
    remainder = xp.where(broken, xp.round((given - packs) / (unit * SLACK)), xp.zeros_like(kept))
    order = xp.argsort(-remainder, axis=0, stable=True)
    back = xp.argsort(order, axis=0, stable=True)
    turns = [along(part, order) for part in (kept, constant(wanted), unit + 0.0 * kept, size + 0.0 * kept, remainder)]
    if counts is None:
        left, each = constant(limit) - tree_sum(kept), None
    else:
        left, each = constant(limit) - tree_sum(kept * counts), along(counts + 0.0 * kept, order)
    shared = along(_in_turn(turns, left, each), back)
    return xp.where(xp.any(broken, axis=0)[None], straight(shared, share), share)


def packed_within(share: Array, wanted: Array, limit: Array, size: Array, counts: Array | None = None) -> Array:
    """Every lane's products (L, K, B) within the lane's own limit (L, 1, 1 or B), in packs (L, K, 1); `counts` is (1, K, 1)."""
    xp = namespace(share)
    share, wanted, size = (xp.moveaxis(part, 1, 0) for part in (share, wanted, size))
    each = None if counts is None else xp.moveaxis(counts, 1, 0)
    return xp.moveaxis(handed_out(share, wanted, limit[:, 0], size, each), 0, 1)


def packed_together(share: Array, wanted: Array, limit: Any, size: Array, counts: Array | None = None) -> Array:
    """Lanes that share a limit, and all their products (n, K, B), in packs (n, K, 1); `counts` is (1, K, 1)."""
    flat, asked = (part.reshape(-1, share.shape[-1]) for part in (share, wanted))
    within = 0.0 * constant(flat[0]) + (limit if isinstance(limit, float) else limit.reshape(-1))
    each = None if counts is None else (0.0 * size + counts).reshape(-1, 1)
    return handed_out(flat, asked, within, size.reshape(-1, 1), each).reshape(share.shape)


def _in_turn(turns: list[Array], left: Array, counts: Array | None) -> Array:
    """What those who share have in the end of what was left.

    `turns`, in the order in which they are served: what they have, want, take at a time, have in a pack, and lack to a share.
    """
    given, wanted, unit, size, remainder = turns
    xp, rows = namespace(given), []
    each = [None] * len(given) if counts is None else counts
    for had, most, pack, rest, count in zip(given, wanted, unit, remainder, each, strict=True):
        room = minimum(most - had, left if count is None else left / count)
        gift = xp.where((rest > 0) & (room >= pack * (1 - SLACK)), minimum(pack, room), 0.0 * room)
        rows.append(minimum(had + gift, most))  # rounding could go beyond
        left = left - (gift if count is None else gift * count)
    for number, (most, step, count) in enumerate(zip(wanted, size, each, strict=True)):
        room = minimum(most - rows[number], left if count is None else left / count)
        gift = xp.where(room > SLACK * step, whole(room, step), 0.0 * room)
        rows[number] = minimum(rows[number] + gift, most)
        left = left - (gift if count is None else gift * count)
    return xp.stack(rows)


def _packs(amounts: Array, size: Array) -> tuple[Array, Any]:
    """The amounts rounded down to whole packs, and where that leaves something over."""
    xp = namespace(amounts)
    unit = xp.where(size > 0, size, xp.ones_like(size))
    packs = xp.floor(amounts / unit + SLACK) * unit
    return packs, (size > 0) & (amounts - packs > SLACK * unit)
