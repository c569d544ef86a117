"""The keys that all who train networks have, each with its meaning once, and what they come to at a level of autonomy.

A learner's class names them in its own order, which is that of its help. Letters: S seats, L lanes, K products.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, TypeAlias

import numpy as np
from pydantic import AfterValidator, Field

from orderup.envs.authority.rewards import Reward, plain_reward, reward_to_learn
from orderup.envs.autonomy.autonomy import PLANNER, Autonomy
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.validation import Hidden
from orderup.envs.numerics.arrays import Floats, in_numpy
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.simulator import Party, Simulator

from ..base import Agent
from ..integrality import is_integral
from ..make import make_agent
from .learner import Task
from .learnt import check_own


def _known(reward: Any) -> Any:
    try:
        return plain_reward(reward)
    except InputError as error:
        raise error.moved("reward", "") from None


AgentKeys: TypeAlias = str | dict[str, Any]
"""An agent by its name, or by its keys with `type`."""
Sharing: TypeAlias = Annotated[
    Literal["all", "role", "site"],
    Field(description="Which sites have a network in common, if they learn for the same: none do where each learns for itself"),
]
DeviationSteps: TypeAlias = Annotated[
    int | None,
    Field(
        ge=0,
        le=10**11,
        description="Where sites learn for themselves: periods in which each one's best response to the others is looked for, "
        "in the end; null: a tenth of the steps; 0: it is not",
    ),
]
MemoryUnits: TypeAlias = Annotated[int, Field(ge=0, le=10_000, description="Units of a recurrent layer; 0: none")]
HiddenLayers: TypeAlias = Annotated[Hidden, Field(description="Units of each hidden layer")]
Rounding: TypeAlias = Annotated[
    bool | None, Field(description="Round to whole units when used; null: where demand and stock come in whole units")
]
RewardKeys: TypeAlias = Annotated[
    str | float | dict[str, Any],
    AfterValidator(_known),
    Field(description="own, team, the team's share from 0 to 1, package.module:Class, or a mapping with such a type"),
]
ResidualOf: TypeAlias = Annotated[
    AgentKeys | None, Field(description="An agent whose decisions are corrected, in place of levels")
]


def keys_of(agent: AgentKeys | None) -> dict[str, Any] | None:
    """The agent's keys, `type` among them; None for nobody."""
    return {"type": agent} if isinstance(agent, str) else None if agent is None else dict(agent)


def universal_is_corrected(keys: Any) -> Any:
    """Keys of a learner as given, but that a `start` at universal is all its decisions, which follow what is seen."""
    if not isinstance(keys, Mapping) or keys.get("residual_of") is not None:
        return keys
    start = keys.get("start")
    name = start.get("type") if isinstance(start, Mapping) else start
    return {**keys, "start": "base_stock", "residual_of": start} if name == "universal" else keys


def given_agent(keys: Mapping[str, Any], key: str) -> Agent:
    """The agent of a seat whose party does not learn. Raises InputError for one that does not come with the project."""
    check_own(keys, key)
    return make_agent(keys, key)


def check_parties(given: Mapping[Party, AgentKeys | None], autonomy: Autonomy) -> None:
    """Raises InputError where an agent is given for a party that the autonomy level does not have."""
    there: dict[Party, bool] = {"sites": autonomy.has_sites, "planner": autonomy.has_planner}
    for party, agent in given.items():
        if agent is not None and not there[party]:
            nobody = f"no {party.removesuffix('s')} decides"
            raise InputError(f"agent.{party}", agent, f"nothing at {autonomy.name}, where {nobody}")


def game_of(reward: Any, task: Task, sites_learn: bool) -> Reward | None:
    """What each of several sites is paid for, where they learn and each for itself, if in part; else None."""
    found = reward_to_learn(reward)
    apart = sites_learn and task.autonomy.has_sites and found.team_share < 1.0
    return found if apart and len(task.site_seats) > 1 else None


def networks_of(seats: Sequence[str], scenario: Scenario, sharing: Sharing) -> list[int]:
    """Which network each seat has (S,); none for one that all share, as the planner's is."""
    if sharing == "all" or tuple(seats) == (PLANNER,):
        return []
    kinds = [scenario.sites[seat].role if sharing == "role" else seat for seat in seats]
    return [list(dict.fromkeys(kinds)).index(kind) for kind in kinds]


def first_levels(start: AgentKeys, simulator: Simulator, party: Party) -> Floats:
    """Order-up-to levels (L, K) that learning starts from. Raises InputError for an agent that sets none."""
    agent = make_agent(start, "agent.start")
    agent.reset(simulator.context(party=party))
    decision = agent.act(simulator.information_of(party))
    if decision.level is None or decision.relative is not False:
        raise InputError("agent.start", start, "an agent that sets order-up-to levels, such as base_stock")
    network = simulator.numpy_network
    return np.broadcast_to(in_numpy(decision.level)[0].astype(float), (len(network.lanes), len(network.products)))


def rounds(integral: bool | None, scenario: Scenario) -> bool:
    """Whether what a network sets is rounded when it is used: as it is said, else where the scenario deals in whole units."""
    return is_integral(scenario) if integral is None else integral
