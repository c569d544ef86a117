"""What a training has come to: who decides in the seats of each party of an autonomy level, the sites and the planner."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from orderup.envs.autonomy.autonomy import PLANNER, Autonomy
from orderup.envs.foundation.errors import InputError
from orderup.envs.information.information import Information
from orderup.envs.information.policy import Context, Decision, Policy
from orderup.envs.simulator import Party, Simulator

from ..base import agents
from ..make import make_agent
from ..networks.network_policy import NetworkPolicy
from ..networks.own_network import OwnNetwork

Member: TypeAlias = NetworkPolicy | OwnNetwork | Mapping[str, Any]
"""What was learnt, by a network of ours or one's own, or the keys of an agent that was not: {"type": "echelon_base_stock"}."""

WHOLE_TABLES = ("team", "trained")
"""Agents that fill several seats, and so none of them."""


class Learnt:
    """Who decides for each party, None for one that was not there in training.

    Raises InputError for nobody at all, and for keys of an agent that does not come with the project.
    """

    def __init__(self, sites: Member | None = None, planner: Member | None = None) -> None:
        both: dict[Party, Member | None] = {"sites": sites, "planner": planner}
        self.parties: dict[Party, Member] = {party: member for party, member in both.items() if member is not None}
        """Those who were there in training."""
        if not self.parties:
            raise InputError("learnt", "nobody", "a policy for the sites, the planner or both")
        self._policies = {party: _policy(member, party) for party, member in self.parties.items()}
        self._acting: Policy = next(iter(self._policies.values()))

    @classmethod
    def alone(cls, autonomy: Autonomy, policy: NetworkPolicy | OwnNetwork) -> Learnt:
        """A policy for the one party of an autonomy level. Raises InputError for one with two."""
        if autonomy.has_sites and autonomy.has_planner:
            raise InputError(
                "autonomy", autonomy.name, "an autonomy level at which the sites alone decide, or the centre alone"
            )
        return cls(sites=policy) if autonomy.has_sites else cls(planner=policy)

    def members(self, simulator: Simulator) -> dict[str, Policy]:
        """Who fills the seats of this simulator. Raises InputError where a party is there that was not in training."""
        present: dict[Party, bool] = {"sites": simulator.autonomy.has_sites, "planner": simulator.autonomy.has_planner}
        return {party: self._of(party) for party, there in present.items() if there}

    def reset(self, context: Context) -> None:
        """Begin a batch in the seats of one party. Raises InputError for one that was not there in training."""
        self._acting = self._of("planner" if context.seats == (PLANNER,) else "sites")
        self._acting.reset(context)

    def act(self, information: Information) -> Decision:
        """Decide for this period."""
        return self._acting.act(information)

    def _of(self, party: Party) -> Policy:
        if party not in self._policies:
            found = f"a policy learnt for the {' and the '.join(self._policies)} only"
            raise InputError("agent", found, f"one learnt for the seats of the {party} too, as this autonomy level has them")
        return self._policies[party]


def _policy(member: Member, party: Party) -> Policy:
    if isinstance(member, (NetworkPolicy, OwnNetwork)):
        return member
    check_own(member, f"learnt.{party}")
    return make_agent(member, f"learnt.{party}")


def check_own(keys: Mapping[str, Any], key: str) -> None:
    """Raises InputError for keys of an agent from elsewhere, which would be imported when what was learnt is loaded."""
    known = [name for name in agents if name not in WHOLE_TABLES]
    if keys.get("type") not in known or any(":" in text for text in _texts(keys)):
        raise InputError(key, dict(keys), f"keys of an agent that comes with the project: {', '.join(known)}")


def _texts(value: Any) -> Iterator[str]:
    """Every text in plain data that could name a class, `package.module:Class`."""
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
        yield from _texts(inner)
