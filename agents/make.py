"""Agents from what a user gives: a name, keys with `type`, a policy from elsewhere, or any of these seat by seat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orderup.envs.autonomy.autonomy import PLANNER
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.validation import validated

from .adapter import Adapted, SeatAssignment, adapted, is_policy
from .base import Agent, agents


def make_agent(given: Any, key: str = "agent") -> Agent:
    """An agent from its name (or `package.module:Class`), its keys with `type`, itself, or a policy from elsewhere.

    What that may be says `orderup.agents.adapter`. Raises InputError.
    """
    if isinstance(given, Agent):
        return given
    if not isinstance(given, (str, Mapping)) and is_policy(given):
        return adapted(given)
    if isinstance(given, str):
        given = {"type": given}
    if not (isinstance(given, Mapping) and isinstance(given.get("type"), str)):
        beside = "; further keys beside it: agent=<name> agent.<key>=…" if isinstance(given, Mapping) else ""
        raise InputError(key, given, f"one of {', '.join(agents)}, package.module:Class, or a mapping with `type`{beside}")
    fields = {name: value for name, value in given.items() if name != "type"}
    return validated(agents.find(given["type"], key), fields, key)


def inner_agent(given: Any) -> Agent:
    """One that stands below a key of another, which the complaint is then behind."""
    try:
        return make_agent(given)
    except InputError as error:
        raise error.moved("agent", "") from None


def list_agents() -> list[str]:
    """Names of the agents that come with the project."""
    return list(agents)


def in_seats(policies: Mapping[str, Any]) -> Agent:
    """Who decides where: a policy or an agent for each seat, `sites` for all that are not named, `planner` for the centre."""
    made = {PLANNER if seat == "planner" else seat: make_agent(policy, f"agent.{seat}") for seat, policy in policies.items()}
    named = frozenset(made) - {"sites", PLANNER}
    elsewhere = frozenset(seat for seat in named if isinstance(made[seat], Adapted))
    sites = isinstance(made.get("sites"), Adapted)
    for seat, agent in made.items():
        if isinstance(agent, Adapted) and seat != PLANNER:
            made[seat] = agent.at(SeatAssignment(None if seat == "sites" else seat, named, elsewhere, sites))
    members: dict[str, Any] = {"sites": made.pop("sites", None), "planner": made.pop(PLANNER, None), "seats": made}
    return validated(agents.find("team", "agent"), members, "agent")
