"""Random numbers as a function of what they are for: Philox 4x32-10, vectorised, the same bits in NumPy and PyTorch.

Source: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011, doi 10.1145/2063384.2063405.
A word has 32 bits and is held in an int64, whose products wrap around.

Shapes: T periods, J names, B episodes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any, TypeAlias

import array_api_compat
import numpy as np
from numpy.typing import NDArray

from ..foundation.errors import InputError
from .arrays import Array, namespace
from .chunks import chunks

Words: TypeAlias = tuple[Array, Array, Array, Array]

ROUNDS = 10
WORD = 0xFFFFFFFF
MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
WEYL = (0x9E3779B9, 0xBB67AE85)


def uniforms(seed: int, names: Sequence[str], episodes: Array, periods: int) -> Array:
    """Uniforms (T, J, B) float64 in the open interval (0, 1), in the namespace and on the device of `episodes` (B,) int64.

    The value at (t, j, b) depends on `seed`, `names[j]`, `episodes[b]` and t, and on nothing else. Raises InputError unless
    the seed lies in [0, 2^64) and the episodes in [0, 2^32).
    """
    _check(seed, episodes)
    xp, device = namespace(episodes), array_api_compat.device(episodes)
    if array_api_compat.is_torch_array(episodes) and str(device) == "cpu":  # the same bits, two to five times sooner
        return xp.from_numpy(uniforms(seed, names, episodes.numpy(), periods))
    shape = (-(-periods // 4), len(names), episodes.shape[0])
    values = xp.empty((shape[0], 4, *shape[1:]), dtype=xp.float64, device=device)
    block = xp.arange(shape[0], dtype=xp.int64, device=device)[:, None, None]
    keys0, keys1, high, seed_high = _keys(seed, tuple(names), xp, device)
    for q, j, b in chunks(shape, device):
        words = philox((episodes[b], block[q], high[j], seed_high), zip(keys0, keys1[:, j], strict=True))
        _fill(values[q, :, j, b], words)
    return values.reshape(4 * shape[0], *shape[1:])[:periods]


def philox(counter: Words, keys: Iterable[tuple[Array, Array]]) -> Words:
    """The four random words of each counter (four words that broadcast); `keys` are the `key_schedule`'s, round by round."""
    c0, c1, c2, c3 = counter
    m0, m1, mask, half = _constants(namespace(c0), array_api_compat.device(c0))
    for k0, k1 in keys:
        p0, p1 = c0 * m0, c2 * m1
        c0, c1, c2, c3 = ((p1 >> half) ^ c1 ^ k0) & mask, p1, ((p0 >> half) ^ c3 ^ k1) & mask, p0
    return c0, c1 & mask, c2, c3 & mask


def key_schedule(word: NDArray[np.int64], weyl: int) -> NDArray[np.int64]:
    """A word of the key in every round (10, …), from its first value (…)."""
    return np.stack([(word + i * weyl) & WORD for i in range(ROUNDS)])


@lru_cache(maxsize=512)
def _keys(seed: int, names: tuple[str, ...], xp: Any, device: Any) -> tuple[list[Array], Array, Array, Array]:
    """What a (seed, names) fixes: the rounds' keys (10 scalars and (10, J, 1)), the names' (J, 1) and seed's counter words."""
    low, high = _hashes(names)[..., None]
    keys0 = [xp.asarray(int(key), dtype=xp.int64, device=device) for key in key_schedule(np.array(seed & WORD), WEYL[0])]
    keys1 = xp.asarray(key_schedule(low, WEYL[1]), device=device)
    return keys0, keys1, xp.asarray(high, device=device), xp.asarray(seed >> 32, dtype=xp.int64, device=device)


@lru_cache(maxsize=512)
def _hashes(names: tuple[str, ...]) -> NDArray[np.int64]:
    """The low and the high 32 bits (2, J) of a 64-bit hash of each name."""
    digests = b"".join(blake2b(name.encode(), digest_size=8).digest() for name in names)
    return np.ascontiguousarray(np.frombuffer(digests, dtype="<u4").reshape(-1, 2).T, dtype=np.int64)


@lru_cache
def _constants(xp: Any, device: Any) -> tuple[Array, ...]:
    """What every round multiplies, masks and shifts with, as arrays: an operation with a Python number takes longer."""
    return tuple(xp.asarray(number, dtype=xp.int64, device=device) for number in (*MULTIPLIERS, WORD, 32))


def _fill(values: Array, words: Words) -> None:
    """Write (word + ½) / 2^32 into values (blocks, 4, J, B), one word for each of a block's four periods."""
    for i, word in enumerate(words):
        values[:, i] = word
    values += 0.5
    values *= 2.0**-32


def _check(seed: int, episodes: Array) -> None:
    if not 0 <= seed < 1 << 64:
        raise InputError("seed", seed, "a whole number from 0 to 2^64 - 1")
    if bool(((episodes >> 32) != 0).any()):
        raise InputError("episodes", [int(episodes.min()), int(episodes.max())], "whole numbers from 0 to 2^32 - 1")
