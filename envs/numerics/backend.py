"""Where the numbers live: NumPy or PyTorch, which device, which precision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..foundation.errors import InputError, UnknownName
from .arrays import Array


@dataclass(frozen=True)
class Backend:
    """An array library with a device and a floating-point type."""

    name: str = "numpy"
    device: str | None = None
    dtype: str = "float64"

    def __post_init__(self) -> None:
        if self.name not in ("numpy", "torch"):
            raise UnknownName("backend", self.name, ["numpy", "torch"])
        if self.dtype not in ("float32", "float64"):
            raise UnknownName("dtype", self.dtype, ["float32", "float64"])
        if self.name == "numpy" and self.device not in (None, "cpu"):
            raise InputError("device", self.device, "cpu with backend=numpy; another device with backend=torch")
        if self.name == "torch":
            self._check_device()

    def _check_device(self) -> None:
        import torch

        try:
            torch.empty(1, device=self.device)
        except (RuntimeError, AssertionError) as error:
            raise InputError("device", self.device, f"a device that is there, such as cpu ({error})") from None

    @property
    def xp(self) -> Any:
        """The array namespace."""
        if self.name == "numpy":
            return np
        import array_api_compat.torch

        return array_api_compat.torch

    @property
    def float(self) -> Any:
        """The floating-point type, in the library's own words."""
        return getattr(self.xp, self.dtype)

    def asarray(self, values: Any) -> Array:
        """Numbers become floats of this type here, integers stay indices, tensors keep their gradients."""
        if self.name == "numpy":
            array = np.asarray(values)
            return array if array.dtype.kind in "iub" else array.astype(self.float, copy=False)
        import torch

        tensor = torch.as_tensor(values, device=self.device)
        return tensor.to(self.float) if tensor.is_floating_point() else tensor

    def zeros(self, *shape: int) -> Array:
        """Zeros of this type."""
        return self.xp.zeros(shape, dtype=self.float, device=self.device or "cpu")
