"""What has to be said of a network, beside its numbers, to rebuild it: what it reads, what it sets, and its layers.

Letters: S seats, K products, D length of an observation, F of what one row of the network reads, A length of an action, H units
of a layer, G networks, M units of memory.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, model_validator

from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.validation import Stored

from .embedding import PREFIX

Activation: TypeAlias = Literal["relu", "tanh", "silu"]
Form: TypeAlias = Literal["level", "quantity", "allocation"]
Count = Annotated[int, Field(gt=0, strict=True)]


class NetworkSpec(Stored):
    """All of a network but its numbers, which are tensors with the names and shapes of `shapes`."""

    observation: list[str] = Field(min_length=1, description="What each number that a seat sees is (D,)")
    action: Count = Field(description="A: numbers that a seat sets")
    form: Form = Field(description="What those numbers mean")
    hidden: list[Count] = Field(description="Units of each hidden layer")
    activation: Activation
    groups: list[Annotated[int, Field(ge=0)]] = Field(
        [], description="Which network each seat has (S,); empty: all the same one"
    )
    products: Count = Field(1, description="K where each product goes through the network by itself; 1: all of them together")
    window: Count = Field(1, description="How many of the latest observations are read together")
    memory: int = Field(0, ge=0, description="M: units of a gated recurrent layer before the others; 0: none")
    constants: int = Field(0, ge=0, description="S where every seat has constants of its own that are added to the outputs")
    layers: bool = Field(True, description="Whether there is a network at all, or constants alone")
    normalised: bool = Field(False, description="Whether observations are centred and scaled by tensors first")
    gated: bool = Field(False, description="Whether half of the outputs say if the other half, quantities, are ordered at all")
    bounded: bool = Field(True, description="Whether actions are clipped to [−1, 1]")
    whole: bool = Field(False, description="Whether levels and quantities are rounded to whole units")
    residual_of: dict[str, Any] | None = Field(
        None, description="The agent whose decision the actions are added to, by its keys"
    )
    embedded: NetworkSpec | None = Field(
        None, description="Of a planner: the networks of silo sites whose decisions the actions are added to"
    )

    @model_validator(mode="after")
    def _consistent(self) -> NetworkSpec:
        for key, size in (("observation", len(self.observation)), ("action", self.action)):
            if size % self.products:
                raise InputError(key, f"{size} numbers", f"a multiple of products = {self.products}")
        if self.gated and self.form != "quantity":
            raise InputError("gated", f"form {self.form}", "form quantity")
        if self.embedded is not None and (self.residual_of is not None or self.form == "allocation"):
            raise InputError(
                "embedded", "residual_of or allocation beside it", "levels or quantities, and nothing else to correct"
            )
        if self.embedded is not None and not self.embedded.decides_alone:
            raise InputError("embedded", "networks that correct others", "such as decide by themselves")
        return self

    @property
    def decides_alone(self) -> bool:
        """Whether its actions are decisions, and not what is added to somebody's."""
        return self.residual_of is None and self.embedded is None

    @property
    def size(self) -> int:
        """How many numbers it is made of."""
        return sum(math.prod(shape) for shape in self.shapes.values())

    @property
    def networks(self) -> int:
        """G."""
        return 1 + max(self.groups, default=0)

    @property
    def reads(self) -> int:
        """F: what one row reads."""
        return len(self.observation) // self.products * self.window

    @property
    def sets(self) -> int:
        """What one row of the network puts out."""
        return self.action // self.products * (2 if self.gated else 1)

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Names and shapes of its tensors.

        `<layer>.weight` (H, H of the layer before) and `<layer>.bias` (H,), with G in front where there are several networks;
        `memory.*` the same of the recurrent layer's three gates; `constant` (S, A); `centre` and `scale` (D,).
        `embedded/*` those of the embedded networks.
        """
        found: dict[str, tuple[int, ...]] = {}
        if self.layers:
            if self.memory:
                found |= {"memory.weight": (3 * self.memory, self.reads), "memory.bias": (3 * self.memory,)}
                found |= {"memory.recurrent": (3 * self.memory, self.memory), "memory.recurrent_bias": (3 * self.memory,)}
            widths = [self.memory or self.reads, *self.hidden, self.sets]
            for layer, (before, after) in enumerate(pairwise(widths)):
                found |= {f"{layer}.weight": (after, before), f"{layer}.bias": (after,)}
        if self.groups:
            found = {name: (self.networks, *shape) for name, shape in found.items()}
        if self.constants:
            found["constant"] = (self.constants, self.action)
        if self.normalised:
            found |= {"centre": (len(self.observation),), "scale": (len(self.observation),)}
        if self.embedded is not None:
            found |= {f"{PREFIX}{name}": shape for name, shape in self.embedded.shapes.items()}
        return found
