"""Acting by a neural network: from what a seat sees to what it orders, in NumPy or PyTorch, without the learner.

Letters: B batch, S seats, D length of an observation, A length of an action, H units of a layer.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from orderup.envs.actions import ActionMap, Form
from orderup.envs.arrays import Array, namespace
from orderup.envs.errors import InputError
from orderup.envs.information import Information
from orderup.envs.observation import Observer, View
from orderup.envs.policy import Context, Decision
from orderup.envs.validation import Keys

Tensors: TypeAlias = Mapping[str, NDArray[np.float32]]
Activation: TypeAlias = Literal["relu", "tanh"]


class NetworkSpec(Keys):
    """What a network reads, what it sets, and its layers: all that is needed to rebuild it, but for its numbers."""

    observation: list[str] = Field(min_length=1, description="What each number it reads is (D,)")
    action: int = Field(gt=0, description="A: numbers that a seat sets")
    form: Form = Field(description="What those numbers mean")
    hidden: list[int] = Field(description="Units of each hidden layer")
    activation: Activation

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Names and shapes of its tensors: `<layer>.weight` (H, H of the layer before), `<layer>.bias` (H,)."""
        widths = [len(self.observation), *self.hidden, self.action]
        layers = list(enumerate(pairwise(widths)))
        weights = {f"{layer}.weight": (after, before) for layer, (before, after) in layers}
        return weights | {f"{layer}.bias": (after,) for layer, (_, after) in layers}


class NetworkPolicy:
    """A multilayer perceptron in all seats; its outputs, clipped to [−1, 1], are actions (`orderup.envs.actions`).

    Raises InputError when `tensors` are not those of `spec`, or hold something that is not a number.
    """

    def __init__(self, spec: NetworkSpec, tensors: Tensors) -> None:
        found = {name: values.shape for name, values in tensors.items()}
        if found != spec.shapes:
            wrong = sorted(name for name in found.keys() | spec.shapes.keys() if found.get(name) != spec.shapes.get(name))
            raise InputError("tensors", {name: found.get(name) for name in wrong}, _listed(spec.shapes, wrong))
        for name, values in tensors.items():
            if not np.isfinite(values).all():
                raise InputError(f"tensors.{name}", "infinite numbers or none", "finite numbers")
        self.spec, self.tensors = spec, dict(tensors)

    def reset(self, context: Context) -> None:
        """Make ready for a batch. Raises InputError where seats see or set other numbers than those it was trained on."""
        self._view, self._backend = View(context), context.backend
        self._actions = ActionMap.of(context, self.spec.form)
        self._check(observation_layout(self._view.observer), context)
        layers = range(len(self.spec.hidden) + 1)
        self._layers = [
            (self._backend.asarray(self.tensors[f"{layer}.weight"].T), self._backend.asarray(self.tensors[f"{layer}.bias"]))
            for layer in layers
        ]

    def act(self, information: Information) -> Decision:
        """Decide by the network's outputs."""
        seen = self._view(information)
        outputs = self.forward(seen.reshape((-1, seen.shape[-1])))
        return self._actions(outputs.reshape((*seen.shape[:2], -1)), self._backend)

    def forward(self, values: Array) -> Array:
        """Actions (rows, A) of observations (rows, D)."""
        for weight, bias in self._layers[:-1]:
            values = self._activated(values @ weight + bias)
        weight, bias = self._layers[-1]
        return namespace(values).clip(values @ weight + bias, -1.0, 1.0)

    def _activated(self, values: Array) -> Array:
        xp = namespace(values)
        return xp.tanh(values) if self.spec.activation == "tanh" else xp.clip(values, 0.0, None)

    def _check(self, seen: list[str], context: Context) -> None:
        here = f"{context.network.scenario.name} at {context.autonomy.name}"
        learnt, action = self.spec.observation, self.spec.action
        if (len(learnt), action) != (len(seen), self._actions.size):
            found = f"a policy for {len(learnt)} observed numbers and {action} decided ones"
            wanted = f"one for {len(seen)} and {self._actions.size}, as in {here}"
            raise InputError("agent", found, wanted)
        for place, (its, ours) in enumerate(zip(learnt, seen, strict=True)):
            if its != ours:
                raise InputError(
                    "agent", f"a policy that takes number {place} for {its}", f"one for {here}, where it is {ours}"
                )


def observation_layout(observer: Observer) -> list[str]:
    """What each number of an observation is (D,), in words that do not depend on names of sites and products."""
    found = []
    for entry in observer.table(observer.seats[0]):
        whose = entry.position // observer.block
        product = observer.network.products.index(entry.product)
        found.append(f"{entry.field}{f' {entry.label}' if entry.label else ''}, product {product}, site {whose}")
    return found


def _listed(shapes: Mapping[str, tuple[int, ...]], names: list[str]) -> str:
    return ", ".join(f"{name} {shapes[name]}" if name in shapes else f"no {name}" for name in names)
