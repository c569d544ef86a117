"""The layers of a network, once for NumPy and PyTorch: rows of one network, or of several side by side.

Letters: R rows, G networks, F inputs, H units. One network works on (R, F); several on (G, R, F), each on its own rows.
"""

from __future__ import annotations

from typing import NamedTuple

from orderup.envs.numerics.arrays import Array, is_numpy, namespace

from .network_spec import Activation


class Linear(NamedTuple):
    """values @ weight + bias."""

    weight: Array
    """(F, H) or (G, F, H)"""
    bias: Array
    """(H,) or (G, 1, H)"""

    @classmethod
    def of(cls, weight: Array, bias: Array) -> Linear:
        """From tensors as they are kept: weight (H, F) or (G, H, F), bias (H,) or (G, H)."""
        several = weight.ndim == 3
        turned = weight.swapaxes(-1, -2)
        return cls(turned, bias[:, None] if several else bias)

    def __call__(self, values: Array) -> Array:
        """(…, F) to (…, H)."""
        if is_numpy(values) or values.ndim == 3:
            return values @ self.weight + self.bias
        return self.bias.addmm(values, self.weight)


class Recurrent(NamedTuple):
    """A gated recurrent unit (Cho et al. 2014, in cuDNN's form, where the reset gate comes after the product)."""

    reads: Linear
    recalls: Linear

    def __call__(self, values: Array, memory: Array) -> Array:
        """The memory after reading: values (…, F) and memory (…, M) to (…, M)."""
        read, recalled = _thirds(self.reads(values)), _thirds(self.recalls(memory))
        reset, keep = sigmoid(read[0] + recalled[0]), sigmoid(read[1] + recalled[1])
        candidate = namespace(values).tanh(read[2] + reset * recalled[2])
        return candidate + keep * (memory - candidate)


def _thirds(values: Array) -> tuple[Array, Array, Array]:
    size = values.shape[-1] // 3
    return values[..., :size], values[..., size : 2 * size], values[..., 2 * size :]


def sigmoid(values: Array) -> Array:
    """1 / (1 + exp(−x)), without overflow."""
    return 0.5 + 0.5 * namespace(values).tanh(0.5 * values)


def activated(values: Array, activation: Activation) -> Array:
    """What comes out of a unit."""
    if activation == "tanh":
        return namespace(values).tanh(values)
    if activation == "silu":
        return _silu_in_numpy(values) if is_numpy(values) else _silu(values)
    return namespace(values).clip(values, 0.0, None) if is_numpy(values) else values.relu()


def _silu_in_numpy(values: Array) -> Array:
    """As x · sigmoid(x), to the bit, with as few new arrays as there can be, which cost several times the arithmetic."""
    half = 0.5 * values
    found = namespace(values).tanh(half)
    found += 1.0
    found *= half
    return found


def _silu(values: Array) -> Array:
    from torch.nn.functional import silu

    return silu(values)
