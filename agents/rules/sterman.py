"""Planners of flesh and blood: Sterman's anchoring and adjustment, and what less than perfect skill does to any policy.

Letters: B batch, N sites, L lanes, K products.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

import numpy as np
from pydantic import BeforeValidator, Field, PrivateAttr

from orderup.envs.information.information import Information, internal_orders, inventory_level, on_order
from orderup.envs.information.policy import Context, Decision
from orderup.envs.numerics.arrays import Array, positive

from ..base import Agent, agents
from ..levels.base_stock import periods_ahead
from ..levels.sources import Sharing
from ..make import inner_agent
from ..sales.asked import AskedFor


@agents.register("sterman")
class Sterman(Agent):
    """Orders as people in the beer game do: a forecast, and part of the gaps in stock and, underrated, in the supply line.

    O = max(0, F + α (S' − S − β SL)) with F the exponentially smoothed demand, S the inventory level, SL what is on order
    (Sterman, Management Science 35, 1989); the defaults are the means he estimated. The order goes by a product's main lane.
    Where sales alone are seen, demand is what F lets expect of one of at least what was sold.
    """

    smoothing: float = Field(0.36, ge=0, le=1, description="θ: weight of the last period's demand in the forecast")
    adjustment: float = Field(0.26, ge=0, le=1, description="α: share of the gap that is closed in a period")
    supply_line: float = Field(0.34, ge=0, le=1, description="β: share of what is on order that is taken into account")
    desired: float | None = Field(
        None,
        ge=0,
        description="S': desired stock, supply line included [units]; left out: the usual level (his beer game's: 17)",
    )
    _main: Array = PrivateAttr()
    _sharing: Sharing = PrivateAttr()
    _destination: Array = PrivateAttr()
    _forecast: Array = PrivateAttr()
    _asked: AskedFor = PrivateAttr()
    _desired: Array = PrivateAttr()
    _later: Array | None = PrivateAttr(default=None)
    """Nothing, in the periods until a centre decides again: people order once."""

    def reset(self, context: Context) -> None:
        """Start from the network's mean demand."""
        network, backend = context.network, context.backend
        self._sharing, self._asked = Sharing(context, by_main_lanes=True), AskedFor(network, backend)
        self._main, self._destination = (
            backend.asarray(1.0 * network.topology.is_main),
            backend.asarray(network.topology.destination),
        )
        ahead = periods_ahead(context)
        self._later = backend.zeros(1, ahead, 1, 1) if ahead else None
        self._forecast = backend.asarray(network.loads.mean[None, :, :, 0])
        usual = np.take_along_axis(network.usual_level, np.maximum(network.topology.main_lanes, 0), axis=0)
        self._desired = backend.asarray(usual if self.desired is None else np.full_like(usual, self.desired))

    def act(self, information: Information) -> Decision:
        """Anchor on the forecast, adjust for the gaps."""
        if information.period > 0:
            expected = None if self._asked.sees_all else self._forecast * self._asked.share
            asked = self._asked.own(information, expected).demand + internal_orders(information)
            self._forecast = self.smoothing * asked + (1.0 - self.smoothing) * self._forecast
        gap = self._desired - inventory_level(information) - self.supply_line * on_order(information)
        order = positive(self._forecast + self.adjustment * gap)
        return Decision(quantity=self._sharing.quantities(order[:, self._destination] * self._main), later=self._later)


@agents.register("skill")
class Skill(Agent):
    """Any policy in less skilled hands: noise in what it decides, a pull to mean demand, part of the supply line ignored."""

    policy: Annotated[Any, BeforeValidator(inner_agent)] = Field(description="The agent, by name or with its keys")
    noise: float = Field(0.0, ge=0, description="Standard deviation of the logarithm of a factor on every level and quantity")
    pull: float = Field(0.0, ge=0, le=1, description="How far a level is pulled to the mean demand of its protection interval")
    ignored: float = Field(0.0, ge=0, le=1, description="Share of what is on order that is overlooked")
    _generator: np.random.Generator = PrivateAttr()
    _context: Context = PrivateAttr()
    _mean_level: Array = PrivateAttr()
    _mean_order: Array = PrivateAttr()

    def reset(self, context: Context) -> None:
        """Begin with the policy's own reset, and a stream of errors."""
        self.policy.reset(context)
        self._context, self._generator = context, np.random.default_rng([context.seed, 0x736B696C])
        network = context.network
        mean = network.loads.mean[network.topology.destination, :, 0]
        periods = network.times.protection[:, None]
        self._mean_level, self._mean_order = (context.backend.asarray(amount)[None] for amount in (mean * periods, mean))

    def act(self, information: Information) -> Decision:
        """What the policy would do, less well."""
        decision: Decision = self.policy.act(_Overlooked(information, self.ignored) if self.ignored else information)
        level, quantity = decision.level, decision.quantity
        if level is not None:
            level = self._blurred((1.0 - self.pull) * level + self.pull * self._mean_level)
            if self.ignored:
                level = level + self.ignored * on_order(information)[:, self._context.network.topology.destination]
        if quantity is not None:
            quantity = self._blurred((1.0 - self.pull) * quantity + self.pull * self._mean_order)
        return replace(decision, level=level, quantity=quantity)

    def caveats(self, context: Context) -> tuple[str, ...]:
        """The policy's own."""
        found: tuple[str, ...] = self.policy.caveats(context)
        return found

    def _blurred(self, amounts: Array) -> Array:
        if not self.noise:
            return amounts
        network = self._context.network
        drawn = self._generator.standard_normal((self._context.batch, len(network.lanes), len(network.products)))
        return amounts * self._context.backend.asarray(np.exp(self.noise * drawn - 0.5 * self.noise**2))


class _Overlooked(Information):
    """Information in which part of what is on order is missing."""

    def __init__(self, information: Information, share: float) -> None:
        self.__dict__.update(information.__dict__)
        self._share = share

    def _field(self, source: Any, name: str, summed: bool) -> Array:
        values = super()._field(source, name, summed)
        return values * (1.0 - self._share) if name in ("pipeline", "unfilled") else values
