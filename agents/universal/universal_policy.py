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
from ..levels.base_stock import closed_form_levels, site_position
from ..levels.sources import Sharing, whole_levels
from ..sales.asked import AskedFor
from .features.ahead import Ahead, covered_by
from .features.demand_memory import DemandMemory, Smoothed
from .features.known_history import known_history
from .features.present_features import PresentFeatures, Scale
from .features.standing_features import LARGEST, SMALLEST, Standing, standing
from .features.standing_features import spread as spread_of
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
        self._memory = DemandMemory.starting(self._mean + self._nothing, self._deviation, self.known)
        self._customers = Smoothed.of(self._own + self._nothing, self.known)
        for values in self._history:
            covered, own = (part + self._nothing for part in values)
            self._memory.add(covered)
            self._customers.add(own)

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
        decision = Decision(level=batch_first(level))
        return self._sharing.decision(decision, lambda: site_position(information)) if self._sharing else decision

    def _prepare(self, context: Context) -> None:
        """All that does not change from one episode to the next."""
        network, asarray = context.network, context.backend.asarray
        self._network = TokenNetwork(network.topology, context.backend)
        self._view = TokenView(network, context.autonomy, context.seats, context.backend)
        self._planner, self._xp = context.seats == (PLANNER,), context.backend.xp
        found = standing(context, self.known)
        self._features = PresentFeatures(context, self._view, found, self.known)
        self._mean, self._deviation = asarray(network.loads.mean), asarray(network.loads.deviation)
        self._own = asarray(np.asarray(network.demand.own_mean, dtype=float)[:, :, None])
        self._nothing = context.backend.zeros(1, 1, context.batch)
        self._into, self._main = network.topology.destination, asarray(found.main[:, :, None])
        self._periods, self._safety = asarray(found.periods[:, :, None]), asarray(found.safety[:, :, None])
        self._sharing = Sharing(context)
        closed, usual = _closed_form(context, found, self.known)
        self._closed, self._whole = asarray(closed[:, :, None]), asarray(_whole_lanes(context)[:, :, None])
        self._item, self._level = asarray(found.item[..., None]), asarray(found.seen)
        self._lane = asarray(np.concatenate([found.lane, usual[None]])[..., None])
        self._asked, self._ahead = AskedFor(network, context.backend), Ahead(context)
        past = [] if self.known else known_history(network, self.history)
        self._history = [tuple(asarray(part[:, :, None]) for part in (covered_by(network, own), own)) for own in past]

    def _remember(self, tokens: Tokens, information: Information) -> None:
        """What was asked for in the last period that is known of."""
        late = tokens.period <= tokens.age
        if tokens.period > 0 and not (self._planner and late):
            own = tokens.site.demand if self._asked.sees_all else self._estimated(information)
            self._memory.add(own + tokens.site.ordered)
        if tokens.others is not None and not late:
            self._customers.add(tokens.others.demand)

    def _estimated(self, information: Information) -> Array:
        """What own customers asked for (N, K, B), where sales alone are seen: by the scenario's mean, or the one remembered."""
        if self.known:
            return batch_last(self._asked.own(information).demand)
        sold = information.own("demand")
        expected = self._xp.maximum(batch_first(self._memory.forecast()), sold)  # at first nothing is remembered
        return batch_last(self._asked.own(information, expected, batch_first(self._memory.forecast_error())).demand)

    def _scale(self, information: Information) -> Scale:
        """What amounts are told in now."""
        if self.known:
            spread = spread_of(self._mean, self._deviation) + SMALLEST
            extra = self._ahead.extra(information)
            return Scale(self._mean, spread, self._closed if extra is None else positive(self._closed + extra))
        mean = self._memory.forecast()
        spread = spread_of(mean, self._memory.forecast_error())
        usual = take(mean, self._into) * self._periods + take(self._safety * spread, self._into) * self._features.root
        return Scale(mean, spread, usual * self._main)


def _closed_form(context: Context, found: Standing, known: bool) -> tuple[Floats, Floats]:
    """Levels that the network moves, where demand is known, and how they are told to it, each (L, K)."""
    network, into = context.network, context.network.topology.destination
    if not known:
        return np.zeros_like(found.main), found.safety[into] * found.main
    mean, deviation = network.loads.mean[:, :, 0], network.loads.deviation[:, :, 0]
    unit = spread_of(mean, deviation)[into] * np.sqrt(found.periods) + SMALLEST
    levels = whole_levels(network, closed_form_levels(context))
    return levels, np.clip((levels - mean[into] * found.periods) / unit, -LARGEST, LARGEST)


def _whole_lanes(context: Context) -> Floats:
    """1 for what goes in whole units by a lane (L, K)."""
    found: Floats = whole_items(context.network.scenario)[context.network.topology.destination].astype(float)
    return found


def _alike(one: Context, other: Context) -> bool:
    """Whether what was made ready for one context serves another."""
    same = one.network is other.network and one.backend is other.backend
    return same and (one.autonomy, one.batch, one.seats) == (other.autonomy, other.batch, other.seats)
