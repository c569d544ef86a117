"""Acting by a neural network: from what a seat sees to what it orders, in NumPy or PyTorch, without the learner.

The same lines act in evaluation and carry the gradients of training. Letters: B batch, S seats, K products, D length of an
observation, A length of an action, R rows of the network (B·S·K, or S, B·K where seats have networks of their own), F what a
row reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from orderup.envs.authority.actions import ActionMap
from orderup.envs.foundation.errors import InputError
from orderup.envs.information.information import Information
from orderup.envs.information.observation import Observer
from orderup.envs.information.policy import Context, Decision
from orderup.envs.information.view import ObservationView
from orderup.envs.numerics.arrays import Array, namespace

from ..base import Agent
from ..make import make_agent
from .allocation import Allocation
from .embedding import columns, embedded, silo_context
from .layers import Linear, Recurrent, activated, sigmoid
from .network_spec import NetworkSpec

Tensors: TypeAlias = Mapping[str, NDArray[np.float32]]


class NetworkPolicy:
    """One multilayer perceptron for all seats, or one for each of several groups; it puts out actions, as ActionMap has them.

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
        self.parameters: Mapping[str, Any] | None = None
        """In training: PyTorch's tensors in place of `tensors`, continuous orders and surrogates in place of steps."""
        self._inner: Agent | None = None if spec.residual_of is None else make_agent(spec.residual_of, "residual_of")
        self._sites = None if spec.embedded is None else NetworkPolicy(spec.embedded, embedded(tensors))
        self._context: Context | None = None

    def reset(self, context: Context) -> None:
        """Make ready for a batch. Raises InputError where seats see or set other numbers than those it was trained on."""
        if self._context is None or not _alike(self._context, context):
            self._prepare(context)
        self._context = context
        if self._inner is not None:
            self._inner.reset(context)
        if self._sites is not None:
            self._sites.parameters = None if self.parameters is None else embedded(self.parameters)
            self._sites.reset(silo_context(context))
        numbers = self.tensors if self.parameters is None else self.parameters
        self._numbers = {name: context.backend.asarray(values) for name, values in numbers.items()}
        self._constant = self._numbers.get("constant")
        self._layers, self._recurrent = self._linked(self._numbers)
        self._recent: list[Array] = []
        self._memory: Array | None = None

    def act(self, information: Information) -> Decision:
        """Decide by the network's outputs."""
        spec, seen = self.spec, self._seen(information)
        actions = self._actions(seen)
        if isinstance(self._map, Allocation):
            decision = self._map(actions, self._backend, information)
        else:
            decision = self._map(actions, self._backend, self._around(information, seen))
        if spec.whole and self.parameters is None and decision.relative is False:
            decision.level, decision.quantity = _rounded(decision.level), _rounded(decision.quantity)
        return decision

    def actions(self, information: Information) -> Array:
        """What the seats set (B, S, A)."""
        return self._actions(self._seen(information))

    def _seen(self, information: Information) -> Array | None:
        """Observations (B, S, D), where they are read at all."""
        return self._view(information) if self.spec.layers or self._sites is not None else None

    def _around(self, information: Information, seen: Array | None) -> Decision | None:
        """The decision that the actions are added to, before anything is rounded."""
        if self._sites is None:
            return None if self._inner is None else self._inner.act(information)
        assert seen is not None  # as in `_seen`
        sites = self._sites
        assert isinstance(sites._map, ActionMap)  # sites do not allocate
        return sites._map(sites._actions(seen[:, 0][:, self._columns]), self._backend)

    def _actions(self, seen: Array | None) -> Array:
        """What the seats set (B, S, A) by what they see (B, S, D)."""
        actions = None if seen is None or not self.spec.layers else self._outputs(seen)
        if self._constant is not None:
            actions = self._constant[None] if actions is None else actions + self._constant
            if actions.shape[0] == 1:
                actions = namespace(actions).broadcast_to(actions, (self._batch, *actions.shape[1:]))
        return namespace(actions).clip(actions, -1.0, 1.0) if self.spec.bounded else actions

    def forward(self, values: Array) -> Array:
        """Outputs (R, …) of what the rows read (R, F), by the layers after the memory."""
        for layer in self._layers[:-1]:
            values = activated(layer(values), self.spec.activation)
        return self._layers[-1](values)

    def _outputs(self, seen: Array) -> Array:
        """Outputs (B, S, A) of observations (B, S, D)."""
        spec, (batch, seats, _) = self.spec, seen.shape
        if spec.normalised:
            seen = (seen - self._numbers["centre"]) * self._numbers["scale"]
        rows = self._rows(seen)
        if spec.window > 1:
            self._recent = [rows, *(self._recent or [rows] * (spec.window - 1))][: spec.window]
            rows = namespace(rows).concat(self._recent, axis=-1)
        if self._recurrent is not None:
            if self._memory is None:
                self._memory = 0.0 * self._recurrent.recalls.bias[..., : spec.memory] + 0.0 * rows[..., :1]
            rows = self._memory = self._recurrent(rows, self._memory)
        outputs = self.forward(rows)
        if spec.gated:
            outputs = self._gated(outputs)
        return self._by_seat(outputs, batch, seats)

    def _rows(self, seen: Array) -> Array:
        """What each row of the network reads: (B, S, D) to (R, F), or (S, B·K, F)."""
        batch, seats, length = seen.shape
        products = self.spec.products
        if products > 1:
            blocks = seen.reshape((batch, seats, length // products, products))
            seen = namespace(seen).moveaxis(blocks, -1, -2)
        if not self.spec.groups:
            return seen.reshape((-1, length // products))
        return namespace(seen).moveaxis(seen, 1, 0).reshape((seats, -1, length // products))

    def _by_seat(self, outputs: Array, batch: int, seats: int) -> Array:
        """The rows' outputs back where they belong (B, S, A): blocks of K for each of a seat's lanes."""
        products, size = self.spec.products, outputs.shape[-1]
        xp = namespace(outputs)
        if self.spec.groups:
            outputs = xp.moveaxis(outputs.reshape((seats, batch, -1)), 0, 1)
        if products == 1:
            return outputs.reshape((batch, seats, size))
        blocks = outputs.reshape((batch, seats, products, size))
        return xp.moveaxis(blocks, -1, -2).reshape((batch, seats, -1))

    def _gated(self, outputs: Array) -> Array:
        """−1, nothing, where a gate is shut; in training the gate's slope is a sigmoid's."""
        size = outputs.shape[-1] // 2
        amount, gate = outputs[..., :size], outputs[..., size:]
        xp = namespace(outputs)
        is_open = xp.astype(gate > 0, outputs.dtype)
        if self.parameters is not None:
            slope = sigmoid(gate)
            is_open = is_open + slope - slope.detach()
        return is_open * (amount + 1.0) - 1.0

    def _prepare(self, context: Context) -> None:
        self._view, self._backend, self._batch = ObservationView(context), context.backend, context.batch
        spec = self.spec
        if spec.form == "allocation":
            self._map: ActionMap | Allocation = Allocation.of(context)
        else:
            self._map = ActionMap.of(context, spec.form)
        self._check(observation_layout(self._view.observer), context)
        if self._sites is not None:
            self._columns = columns(context)
        self._group = None
        if spec.groups:
            self._group = np.array(spec.groups) if spec.networks < len(spec.groups) else None

    def _linked(self, numbers: Mapping[str, Any]) -> tuple[list[Linear], Recurrent | None]:
        """The layers, those of each seat's network where there are several."""
        if not self.spec.layers:
            return [], None

        def linear(weight: str, bias: str) -> Linear:
            both = numbers[weight], numbers[bias]
            return Linear.of(*(both if self._group is None else (both[0][self._group], both[1][self._group])))

        layers = [linear(f"{layer}.weight", f"{layer}.bias") for layer in range(len(self.spec.hidden) + 1)]
        if not self.spec.memory:
            return layers, None
        return layers, Recurrent(linear("memory.weight", "memory.bias"), linear("memory.recurrent", "memory.recurrent_bias"))

    def _check(self, seen: list[str], context: Context) -> None:
        here = f"{context.network.scenario.name} at {context.autonomy.name}"
        learnt, action = self.spec.observation, self.spec.action
        if (len(learnt), action) != (len(seen), self._map.size):
            found = f"a policy for {len(learnt)} observed numbers and {action} decided ones"
            wanted = f"one for {len(seen)} and {self._map.size}, as in {here}"
            raise InputError("agent", found, wanted)
        for place, (its, ours) in enumerate(zip(learnt, seen, strict=True)):
            if its != ours:
                raise InputError(
                    "agent", f"a policy that takes number {place} for {its}", f"one for {here}, where it is {ours}"
                )
        seats = len(self.spec.groups) or self.spec.constants or len(context.seats)
        if seats != len(context.seats):
            raise InputError("agent", f"a policy for {seats} seats", f"one for {len(context.seats)}, as in {here}")


def _alike(one: Context, other: Context) -> bool:
    """Whether what was made ready for one context serves another."""
    same = one.network is other.network and one.backend is other.backend
    return same and (one.autonomy, one.batch, one.seats) == (other.autonomy, other.batch, other.seats)


def _rounded(values: Array | None) -> Array | None:
    return None if values is None else namespace(values).round(values)


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
