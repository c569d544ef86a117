"""Networks of a project of one's own as policies that a run can keep: keys, and tensors by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import PrivateAttr

from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.registry import Registry
from orderup.envs.foundation.validation import Keys
from orderup.envs.information.information import Information
from orderup.envs.information.policy import Context, Decision


class OwnNetwork(Keys):
    """A policy whose architecture is one's own, known by its path, `package.module:Class`.

    Its fields are its keys: plain data, which a checkpoint keeps as JSON. Its numbers are `tensors`, which it keeps as
    safetensors. A subclass says which there are (`shapes`), and decides (`reset`, `act`) as any policy does.
    """

    _tensors: dict[str, NDArray[np.float32]] = PrivateAttr(default_factory=dict)

    @property
    def tensors(self) -> dict[str, NDArray[np.float32]]:
        """Its numbers, by name."""
        return self._tensors

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Names and shapes of its tensors, which hang on its keys alone."""
        raise NotImplementedError

    def with_tensors(self, tensors: Mapping[str, NDArray[Any]]) -> Self:
        """The same network with these numbers, in float32. Raises InputError for others than `shapes` has, or infinite ones."""
        found = {name: np.array(values, dtype=np.float32) for name, values in tensors.items()}
        shapes = {name: values.shape for name, values in found.items()}
        if shapes != self.shapes:
            raise InputError("tensors", shapes, f"{self.shapes}")
        for name, values in found.items():
            if not np.isfinite(values).all():
                raise InputError(f"tensors.{name}", "infinite numbers or none", "finite numbers")
        made = self.model_copy()
        made._tensors = found
        return made

    def reset(self, context: Context) -> None:
        """Begin a batch of episodes. Raises InputError when it cannot act in this context."""

    def act(self, information: Information) -> Decision:
        """Decide for this period."""
        raise NotImplementedError


own_networks = Registry[OwnNetwork]("network", OwnNetwork)
"""None that come with the project: all are known by their paths."""
