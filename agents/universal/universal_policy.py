"""Acting by the network: levels in closed form, moved by as many spreads of demand as the network says.

Letters: N sites, L lanes, K products, B batch, F features.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from orderup.envs.autonomy.autonomy import PLANNER
from orderup.envs.information.information import Information
from orderup.envs.information.policy import Context, Decision
from orderup.envs.information.tokens import Tokens, TokenView
from orderup.envs.numerics.arrays import Array, Floats, batch_first, batch_last, namespace, positive, take

from ..integrality import whole_items
from ..levels.base_stock import closed_form_levels
from ..sales.asked import AskedFor
from .features.ahead import Ahead
from .features.demand_memory import DemandMemory
from .features.known_history import known_history
from .features.present_features import PresentFeatures, Scale
from .features.standing_features import FLOOR, LARGEST, Standing, standing
from .token_network import TokenNetwork


class UniversalPolicy:
    """Decides by one network for whatever sites, lanes and products there are.

    `known` says whether the mean and the deviation of demand are taken from the scenario, or estimated from what is seen, to
    begin with from as many periods of its record as `history` says (all of them where that is None). Raises InputError where
    there are fewer.
    """

    def __init__(self, numbers: Mapping[str, Any], known: bool = True, history: int | None = None) -> None:
        self.numbers, self.known, self.history = numbers, known, history
        self.parameters: Mapping[str, Any] | None = None
        """In training: PyTorch's tensors in place of `numbers`; nothing is rounded then."""
        self._context: Context | None = None

    def reset(self, context: Context) -> None:
        """Make ready for a batch."""
        if self._context is None or not _alike(self._context, context):
            self._prepare(context)
        self._context = context
        asarray = context.backend.asarray
        numbers = self.numbers if self.parameters is None else self.parameters
        as_they_are = {name: asarray(values) for name, values in numbers.items()}
        self._network.prepare(as_they_are, self._item, self._lane, self._level)
        self._memory = DemandMemory.of(self._mean + self._nothing, self._deviation, self.known)
        self._customers = DemandMemory.of(self._own + self._nothing, self._own_deviation, self.known)
        for values in self._history:
            self._memory.add(take(values, slice(0, None)) + self._nothing)
            self._customers.add(self._own_of(values) + self._nothing)

    def act(self, information: Information) -> Decision:
        """Levels for this period."""
        tokens = information.tokens(self._view)
        self._remember(tokens, information)
        scale, features = self._scale(information), self._features
        moved = self._network(
            features.of_items(tokens, scale, self._memory),
            features.of_lanes(tokens, scale),
            features.of_customers(tokens, scale),
            features.of_others(tokens, scale, self._customers),
        )
        level = positive(scale.base + moved * take(scale.spread, self._into) * features.root)
        if self.parameters is None:
            level = level + self._whole * (namespace(level).round(level) - level)
        return Decision(level=batch_first(level))

    def _prepare(self, context: Context) -> None:
        """All that does not change from one episode to the next."""
        network, asarray = context.network, context.backend.asarray
        self._network = TokenNetwork(network.topology, context.backend)
        self._view = TokenView(network, context.autonomy, context.seats, context.backend)
        self._planner = context.seats == (PLANNER,)
        found = standing(context, self.known)
        self._features = PresentFeatures(context, self._view, found, self.known)
        self._mean, self._deviation = asarray(network.loads.mean), asarray(network.loads.deviation)
        own = (np.asarray(values, dtype=float) for values in (network.demand.own_mean, network.demand.own_deviation))
        self._own, self._own_deviation = (asarray(values[:, :, None]) for values in own)
        self._nothing = context.backend.zeros(1, 1, context.batch)
        self._into, self._main = network.topology.destination, asarray(found.main[:, :, None])
        self._periods, self._safety = asarray(found.periods[:, :, None]), asarray(found.safety[:, :, None])
        closed, usual = _closed_form(context, found, self.known)
        self._closed, self._whole = asarray(closed[:, :, None]), asarray(_whole_lanes(context)[:, :, None])
        self._item, self._level = asarray(found.item[..., None]), asarray(found.seen)
        self._lane = asarray(np.concatenate([found.lane, usual[None]])[..., None])
        self._asked, self._ahead = AskedFor(network, context.backend), Ahead(context)
        past = [] if self.known else known_history(network, self.history)
        self._history = [asarray(values[:, :, None]) for values in past]

    def _own_of(self, covered: Array) -> Array:
        """A period of the record (N, K, 1), of those sites that sell."""
        return covered * (self._own > 0)

    def _remember(self, tokens: Tokens, information: Information) -> None:
        """What was asked for in the last period that is known of."""
        late = tokens.period <= tokens.age
        if tokens.period > 0 and not (self._planner and late):
            own = tokens.site.demand if self._asked.sees_all else batch_last(self._asked.own(information).demand)
            self._memory.add(own + tokens.site.ordered)
        if tokens.others is not None and not late:
            self._customers.add(tokens.others.demand)

    def _scale(self, information: Information) -> Scale:
        """What amounts are told in now."""
        if self.known:
            spread = (self._deviation**2 + (FLOOR * self._mean) ** 2) ** 0.5 + 1e-6
            extra = self._ahead.extra(information)
            return Scale(self._mean, spread, self._closed if extra is None else positive(self._closed + extra))
        mean = self._memory.mean(1)
        spread = (self._memory.deviation(1) ** 2 + (FLOOR * mean) ** 2) ** 0.5
        usual = take(mean, self._into) * self._periods + take(self._safety * spread, self._into) * self._features.root
        return Scale(mean, spread, usual * self._main)


def _closed_form(context: Context, found: Standing, known: bool) -> tuple[Floats, Floats]:
    """Levels that the network moves, where demand is known, and how they are told to it, each (L, K)."""
    network, into = context.network, context.network.topology.destination
    if not known:
        return np.zeros_like(found.main), found.safety[into] * found.main
    mean, deviation = network.loads.mean[:, :, 0], network.loads.deviation[:, :, 0]
    unit = np.sqrt(deviation**2 + (FLOOR * mean) ** 2)[into] * np.sqrt(found.periods) + 1e-6
    levels = closed_form_levels(context)
    return levels, np.clip((levels - mean[into] * found.periods) / unit, -LARGEST, LARGEST)


def _whole_lanes(context: Context) -> Floats:
    """1 for what goes in whole units by a lane (L, K)."""
    found: Floats = whole_items(context.network.scenario)[context.network.topology.destination].astype(float)
    return found


def _alike(one: Context, other: Context) -> bool:
    """Whether what was made ready for one context serves another."""
    same = one.network is other.network and one.backend is other.backend
    return same and (one.autonomy, one.batch, one.seats) == (other.autonomy, other.batch, other.seats)
