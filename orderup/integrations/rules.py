"""Seats held by rules that stay among a client's agents: what they see, and what they do, before they do it.

Letters: B copies, A numbers of an action, L lanes, K products.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..agents import make_agent
from ..envs.api.batched import BatchedNetwork
from ..envs.api.open_seats import OpenSeats, seat_of
from ..envs.autonomy.autonomy import PLANNER
from ..envs.information.information import Information
from ..envs.information.policy import Context, Decision, Policy
from ..envs.simulator import Party


class AskedAhead:
    """A policy that is asked once in a period, and says the same when it is asked again."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._said: tuple[int, Decision] | None = None

    def reset(self, context: Context) -> None:
        self._said = None
        self.policy.reset(context)

    def act(self, information: Information) -> Decision:
        if self._said is None or self._said[0] != information.period:
            self._said = information.period, self.policy.act(information)
        return self._said[1]


class RulesBeside:
    """Agents in some seats of a batch, `sites` or `planner` among the names, seen as its other agents are."""

    def __init__(self, rules: Mapping[str, Any]) -> None:
        self.policies = {seat: AskedAhead(make_agent(rule, f"rules.{seat}")) for seat, rule in rules.items()}
        self.views: list[OpenSeats] = []

    def begin(self, core: BatchedNetwork) -> None:
        """Look at a batch in which they sit."""
        self.core, simulator = core, core.seats.simulator
        filled = core.seats.seating.filled
        parties: dict[Party, tuple[str, ...]] = {
            "sites": tuple(name for name in simulator.site_seats if name in filled),
            "planner": (PLANNER,) if PLANNER in filled else (),
        }
        form = core.seats.views[0].form
        self.views = [OpenSeats(simulator, party, names, form) for party, names in parties.items() if names]

    @property
    def observation_spaces(self) -> dict[str, Any]:
        """By agent."""
        return {agent: view.observation_space for view in self.views for agent in view.agents}

    @property
    def action_spaces(self) -> dict[str, Any]:
        """By agent."""
        return {agent: view.action_space for view in self.views for agent in view.agents}

    def observations(self) -> dict[str, Any]:
        """By agent (B, D)."""
        return {agent: seat_of(view.observations(), seat) for view in self.views for seat, agent in enumerate(view.agents)}

    def actions(self) -> dict[str, NDArray[Any]]:
        """What they are about to do, by agent (B, A): as near as numbers, or choices, can say it; 0 of an idle planner."""
        found: dict[str, NDArray[Any]] = {}
        for view in self.views:
            numbers = self._numbers(view)
            for seat, agent in enumerate(view.agents):
                found[agent] = numbers[:, seat]
        return found

    def rewards(self, others: Mapping[str, Any], copies: int) -> dict[str, Any]:
        """Nothing: nobody learns there."""
        return {agent: np.zeros(copies, np.float32) for view in self.views for agent in view.agents}

    def _numbers(self, view: OpenSeats) -> NDArray[Any]:
        """(B, S, A)."""
        simulator, policies = self.core.seats.simulator, self.core.seats.seating.filled
        batch, size = self.core.num_envs, len(view.agents)
        found = np.zeros((batch, size, view.width), dtype=np.float32)
        if view.party == "sites" or simulator.centre_decides:
            for policy in {id(policies[name]): policies[name] for name in view.names}.values():
                said = said_in_numbers(view, policy.act(simulator.information_of(view.party)), batch)
                mine = [seat for seat, name in enumerate(view.names) if policies[name] is policy]
                found[:, mine] = said[:, mine]
        if view.choices is not None:
            return np.stack([view.choices.nearest(each) for each in found]).reshape(batch, size, view.width)
        return found


def said_in_numbers(view: OpenSeats, decision: Decision, batch: int) -> NDArray[np.float32]:
    """A decision as the numbers that come closest to it (B, S, A)."""
    actions = view.actions
    shape = (batch, len(actions.owned), actions.products)
    usual = actions.usual_level if actions.form == "level" else actions.usual_quantity
    wanted = decision.level if decision.level is not None else decision.quantity
    amount = np.broadcast_to(np.asarray(wanted, dtype=float), shape)
    numbers = amount / np.where(usual > 0, usual, 1.0) - 1.0
    found = np.zeros((batch, actions.seats * actions.size // actions.products, actions.products), dtype=np.float32)
    found[:, actions.flat[actions.owned]] = numbers[:, actions.owned]
    return found.reshape((batch, actions.seats, actions.size)).clip(-1.0, 1.0)
