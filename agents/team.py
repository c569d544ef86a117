"""Several agents round one table: one for the planner, others for the sites, mixed as one likes."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from orderup.envs.autonomy.autonomy import PLANNER
from orderup.envs.foundation.errors import InputError, UnknownName
from orderup.envs.information.information import Information
from orderup.envs.information.policy import Decision, Policy
from orderup.envs.seating import Seating
from orderup.envs.simulator import Simulator

from .base import Agent, agents
from .filling import KnowsEverySeat, filled, present
from .make import inner_agent
from .service import at_service, has_targets

Member = Annotated[Any, BeforeValidator(lambda given: None if given is None else inner_agent(given))]


@agents.register("team")
class Team(Agent):
    """Different agents in different seats: `planner`, `sites` for every site that is not named, and `seats` by site."""

    planner: Member = Field(None, description="Who plans, where a centre decides")
    sites: Member = Field(None, description="Who decides at every site that `seats` does not name")
    seats: dict[str, Member] = Field({}, description="Who decides at certain sites")

    @model_validator(mode="after")
    def _somebody(self) -> Team:
        if self.planner is None and self.sites is None and not self.seats:
            raise InputError("", "nobody", "a planner, sites or seats")
        if PLANNER in self.seats and self.planner is not None:
            raise InputError(f"seats.{PLANNER}", "two policies for one seat", "`planner`, or this")
        return self

    def act(self, information: Information) -> Decision:
        """A team acts through its members."""
        raise InputError("agent", "a team in one seat", "a team round the whole table, as orderup.evaluate seats it")

    def members(self, simulator: Simulator) -> dict[str, Policy]:
        """Who fills which seat of this simulator. Raises InputError for a seat that is not there or left empty."""
        named: dict[str, Any] = {}
        for given, member in self.seats.items():
            seat = simulator.scenario.agents.get(given, given)
            if seat not in simulator.numpy_network.sites and seat != PLANNER:
                raise UnknownName("agent.seats", seat, [*simulator.numpy_network.sites, PLANNER])
            if seat in named:
                raise InputError(f"agent.seats.{given}", f"{seat} by another name too", "one agent for each seat")
            named[seat] = member
        found: dict[str, Policy] = {}
        for seat in simulator.seats:
            usual = self.planner if seat == PLANNER else self.sites
            member = named.get(seat, usual)
            if member is None:
                raise InputError(f"agent.seats.{seat}", "nobody", "an agent for every seat of the autonomy level")
            found[seat] = member
        return found


def caveats_of(seating: Seating) -> tuple[str, ...]:
    """What all who fill a seat leave out of account, each thing once."""
    contexts = {party: seating.simulator.context(0, party) for party in present(seating.simulator.autonomy)}
    told = [
        policy.caveats(contexts["planner" if seat == PLANNER else "sites"])
        for seat, policy in seating.filled.items()
        if isinstance(policy, Agent)
    ]
    return tuple(dict.fromkeys(caveat for caveats in told for caveat in caveats))


def seated(agent: Policy | KnowsEverySeat, simulator: Simulator) -> dict[str, Policy]:
    """The policies that fill all seats of a simulator when `agent` is evaluated: a copy for either party.

    Where customers are promised service they decide by what a shortage then has to cost (`orderup.agents.service`).
    """
    if has_targets(simulator.scenario):
        return at_service(agent, simulator)
    return filled(agent, simulator)
