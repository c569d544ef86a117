"""Who fills the seats of a simulator: one agent in all of them, a copy for either party, or someone who knows them all."""

from __future__ import annotations

from copy import deepcopy
from typing import Protocol, runtime_checkable

from orderup.envs.autonomy.autonomy import Autonomy
from orderup.envs.information.policy import Policy
from orderup.envs.simulator import Party, Simulator


@runtime_checkable
class KnowsEverySeat(Protocol):
    """One who knows who fills every seat: a team, or what a training has come to."""

    def members(self, simulator: Simulator) -> dict[str, Policy]:
        """Who fills which seat. Raises InputError where somebody is missing."""
        ...


def filled(agent: Policy | KnowsEverySeat, simulator: Simulator) -> dict[str, Policy]:
    """The policies in all seats, which decide by the costs that the scenario has."""
    if isinstance(agent, KnowsEverySeat):
        return agent.members(simulator)
    return {party: agent if number == 0 else deepcopy(agent) for number, party in enumerate(present(simulator.autonomy))}


def present(autonomy: Autonomy) -> list[Party]:
    """The parties that decide."""
    there: dict[Party, bool] = {"sites": autonomy.has_sites, "planner": autonomy.has_planner}
    return [party for party, decides in there.items() if decides]
