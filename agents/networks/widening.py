"""A network that reads more numbers, and at first decides as before: the weights of what is new are zero.

Letters: D length of an observation, F of what one row of the network reads, K products that go through it by themselves.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from orderup.envs.foundation.errors import InputError

from .network_spec import NetworkSpec

READ_BY = ("memory.weight", "0.weight")
"""The tensor that observations are multiplied by: the first of these that there is."""
SEEN = ("centre", "scale")
"""Tensors with a number for each that is seen."""


def widened(
    spec: NetworkSpec, tensors: Mapping[str, NDArray[np.float32]], wider: NetworkSpec, places: NDArray[np.int64]
) -> dict[str, NDArray[np.float32]]:
    """The tensors of `wider`, which differs from `spec` in its observation alone; `places` says where its numbers stand (D,).

    What is new is centred at 0 and scaled by 0 until somebody says otherwise. Raises InputError where a number of one product
    stands among those of another.
    """
    rows, products = places.reshape(-1, spec.products), np.arange(spec.products)
    if (rows % spec.products != products).any() or (rows // spec.products != rows[:, :1] // spec.products).any():
        raise InputError("agent", "numbers of several products in another order", "the same order of products")
    found = dict(tensors)
    first = next((name for name in READ_BY if name in tensors), None)
    if first is not None:
        old = tensors[first]
        before = old.reshape((*old.shape[:-1], spec.window, -1))
        after = np.zeros((*before.shape[:-1], wider.reads // wider.window), old.dtype)
        after[..., rows[:, 0] // spec.products] = before
        found[first] = after.reshape(wider.shapes[first])
    for name in SEEN:
        if name in tensors:
            found[name] = np.zeros(wider.shapes[name], tensors[name].dtype)
            found[name][places] = tensors[name]
    return {name: found[name] for name in wider.shapes}
