"""Whoever decides by other costs than those that are paid."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pydantic import Field

from orderup.envs.information.information import Information
from orderup.envs.information.policy import Context, Decision, Policy
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.simulator import Simulator

from .base import Agent
from .filling import filled


def in_world(agent: Any, simulator: Simulator, told: Scenario, missed: tuple[str, ...] = ()) -> dict[str, Policy]:
    """Who fills the seats of a simulator and decides by a scenario with other costs, which is what he is `told`."""
    elsewhere = Simulator(told, simulator.autonomy, split=simulator.split)
    seats = filled(agent, elsewhere)
    told_to = {id(policy): Told(policy=policy, network=elsewhere.numpy_network, missed=missed) for policy in seats.values()}
    return {seat: told_to[id(policy)] for seat, policy in seats.items()}


class Told(Agent):
    """Someone who is told other costs than those that are paid."""

    policy: Any = Field(description="Who decides")
    network: Any = Field(description="The network as he knows it")
    missed: tuple[str, ...] = Field((), description="Targets of service that he does not reach")

    def reset(self, context: Context) -> None:
        """As told."""
        self.policy.reset(replace(context, network=self.network))

    def act(self, information: Information) -> Decision:
        """As he does."""
        decision: Decision = self.policy.act(information)
        return decision

    def caveats(self, context: Context) -> tuple[str, ...]:
        """His own, and targets that are not reached."""
        own = self.policy.caveats(replace(context, network=self.network)) if isinstance(self.policy, Agent) else ()
        return (*own, *self.missed)
