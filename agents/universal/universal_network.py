"""A network for every network as a run keeps it, and as it comes with the project."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, PrivateAttr

from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.files import read_bytes
from orderup.envs.information.information import Information
from orderup.envs.information.policy import Context, Decision

from ..networks.own_network import OwnNetwork, own_networks
from .scope import check_scope
from .token_spec import TokenSpec
from .universal_policy import UniversalPolicy

SHIPPED = Path(__file__).parent / "universal.safetensors"
LARGEST = 2**24
"""Bytes of it that are read at all."""

Demand: TypeAlias = Annotated[
    Literal["known", "estimated"],
    Field(description="Whether the mean and the deviation of demand are the scenario's, or estimated from what is seen"),
]
History: TypeAlias = Annotated[
    int | None,
    Field(ge=0, description="Periods of the record to estimate them from first; left out: all of the training window"),
]


@own_networks.register("universal")
class UniversalNetwork(OwnNetwork):
    """The same weights for all sites, lanes and products; what they mean for a network is worked out when it is there."""

    spec: TokenSpec = TokenSpec()
    demand: Demand = "known"
    history: History = None
    _policy: UniversalPolicy | None = PrivateAttr(default=None)

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Names and shapes of its tensors, which hang on its keys alone."""
        return self.spec.shapes

    def reset(self, context: Context) -> None:
        """Make ready for a batch. Raises InputError for a network that reads other numbers, or a scenario out of its scope."""
        self.spec.check()
        check_scope(context)
        if self._policy is None:
            self._policy = UniversalPolicy(self.tensors, self.demand == "known", self.history)
        self._policy.reset(context)

    def act(self, information: Information) -> Decision:
        """Decide for this period."""
        assert self._policy is not None  # reset comes first
        return self._policy.act(information)


def shipped(demand: Demand = "known", history: int | None = None) -> UniversalNetwork:
    """The network that comes with the project."""
    return UniversalNetwork(demand=demand, history=history).with_tensors(_shipped_tensors())


@lru_cache(maxsize=1)
def shipped_digest() -> str:
    """The SHA-256 of its numbers' file."""
    return hashlib.sha256(_shipped_bytes()).hexdigest()


@lru_cache(maxsize=1)
def _shipped_tensors() -> dict[str, NDArray[np.float32]]:
    from safetensors.numpy import load as from_bytes

    return dict(sorted(from_bytes(_shipped_bytes()).items()))


def _shipped_bytes() -> bytes:
    if not SHIPPED.is_file():
        raise InputError("agent", "universal, whose numbers are missing", f"an installation with {SHIPPED.name}")
    return read_bytes(SHIPPED, LARGEST, "the network that comes with the project")
