"""A kind of network whose optimum is known, and what is made of it: a rule for what to order.

Letters: B batch, L lanes, K products.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from orderup.envs.demand.base import per_product
from orderup.envs.demand.distribution import Distribution
from orderup.envs.demand.stationary import Stationary
from orderup.envs.information.information import Information
from orderup.envs.information.policy import Context, Decision
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Floats
from orderup.envs.scenario.scenario import Scenario

from ..exact.scope import PLAIN, Scope, beyond

Rule = Callable[[Information], Floats]
"""What is ordered by each lane (B, L), or of each product by each lane (B, L, K)."""
Act = Callable[[Information], Decision]
"""What an agent decides in a period."""
ROUNDING = 1e-6
"""Stock closer to a whole unit than this is whole [units]; what else is in fractions, at the start, is ordered up to one."""


@dataclass(frozen=True)
class Known:
    """Networks that one solver is for."""

    fits: Callable[[Network], bool]
    act: Callable[[Context], Act]
    scope: Scope = field(default_factory=lambda: PLAIN)
    """The keys that they may say something with."""

    def knows(self, scenario: Scenario) -> bool:
        """Whether the solver knows of all that a scenario says something with."""
        return not any(True for _ in beyond(scenario, self.scope))

    def is_of(self, network: Network) -> bool:
        """Whether a network is one of them."""
        return self.knows(network.scenario) and self.fits(network)


def by_quantity(make: Callable[[Network], Rule]) -> Callable[[Context], Act]:
    """Decisions by the quantities of a network's rule."""

    def act(context: Context) -> Act:
        rule, backend = make(context.network), context.backend

        def decide(information: Information) -> Decision:
            wanted = rule(information)
            return Decision(quantity=backend.asarray(wanted if wanted.ndim == 3 else wanted[:, :, None]))

        return decide

    return act


def by_main_lanes(network: Network, wanted: Floats) -> Floats:
    """Units of each product of the only site (B, K), as orders by the lanes that bring or make it (B, L, K)."""
    products = np.arange(len(network.products))
    found = np.zeros((len(wanted), len(network.lanes), len(products)))
    found[:, network.topology.main_lanes[0], products] = wanted
    return found


def is_plain(network: Network) -> bool:
    """Whether customers wait, lead times are fixed, orders known at once, costs in proportion, and demand is without memory."""
    wrong = (
        network.fulfilment.backlogged is not None,
        network.times.is_random.any(),
        network.times.is_delayed,
        network.costs.fixed_cost.any(),
        any(not isinstance(entry.demand.at(entry.site), Stationary) for entry in network.scenario.customers),
    )
    return not any(wrong)


def sold(scenario: Scenario, product: str) -> tuple[float, Distribution] | None:
    """Shortage cost and demand of a period of a product that one entry's customers buy; None where there is none or several."""
    entries = [entry for entry in scenario.customers if product in (entry.products or scenario.products)]
    if len(entries) != 1:
        return None
    (entry,), bought = entries, tuple(entries[0].products or scenario.products)
    shortage = per_product(entry.shortage, bought)[bought.index(product)]
    return float(shortage), entry.demand.at(entry.site).only((product,)).over((product,), 1)


class KeyedScenario:
    """A scenario that can be remembered by what it says."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario, self._text = scenario, scenario.model_dump_json()

    def __hash__(self) -> int:
        return hash(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, KeyedScenario) and self._text == other._text


def number(amount: Any) -> float:
    """An amount of the one product."""
    return float(next(iter(amount.values())) if isinstance(amount, dict) else amount)
