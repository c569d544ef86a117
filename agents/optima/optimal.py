"""The exact optimum as an agent, where theory or dynamic programming has one."""

from __future__ import annotations

from typing import ClassVar

from pydantic import PrivateAttr

from orderup.envs.autonomy.autonomy import PLANNER
from orderup.envs.foundation.errors import InputError
from orderup.envs.information.information import Information
from orderup.envs.information.policy import Context, Decision
from orderup.envs.scenario.scenario import Scenario

from ..base import Agent, agents
from ..exact.scope import PLAIN, beyond, check_scope
from ..levels.base_stock import ClarkScarf, periods_ahead, waiting_time
from .assembly import ASSEMBLIES
from .known import Act
from .machines import MACHINES
from .shared_part import SHARED_PARTS
from .stores import STORES

KNOWN = (*STORES, *MACHINES, *ASSEMBLIES, *SHARED_PARTS)
"""All there are but serial lines."""
ELSE = (
    "a product assembled of parts that go into nothing else; or one store with lost sales, a cost of ordering, a regular and "
    "an express lane, products that share a lane's capacity, a machine without set-ups or overtime, or one part"
)


@agents.register("optimal")
class Optimal(Agent):
    """The exact optimum, where one is known: serial lines, assembly, and single stores of some kinds.

    Stores lose sales, pay for orders, or have an express lane; or have a few products that share the capacity of a lane, a
    machine without set-ups, or the one part that they are made of: then it is the best in whole units.
    """

    _act: Act = PrivateAttr()

    def reset(self, context: Context) -> None:
        """Solve the scenario, unless that has been done. Raises InputError where no optimum is known, as with delays."""
        network = context.network
        known = next((kind for kind in KNOWN if kind.is_of(network)), None)
        if known is None:
            _check(network.scenario)
        feed = context.autonomy.feed_latency or context.autonomy.feed_noise
        if waiting_time(context) or periods_ahead(context) or (context.seats == (PLANNER,) and feed):
            found = f"optimal at {context.autonomy.name}"
            raise InputError("agent", found, "an autonomy level without delays and noise: no optimum is known with them")
        self._act = _of_a_line(context) if known is None else known.act(context)

    def act(self, information: Information) -> Decision:
        """Order what the optimum does."""
        return self._act(information)


def _check(scenario: Scenario) -> None:
    """Raises InputError for what no solver knows of, by its key, or knows of in networks of another structure."""
    first = next(beyond(scenario, PLAIN), None)
    if first is not None and any(kind.knows(scenario) for kind in KNOWN):
        raise InputError("agent", f"optimal with {first[0]}={first[1]} in the network of {scenario.name}", ELSE)
    check_scope(scenario, "agent", "optimal", PLAIN)


def _of_a_line(context: Context) -> Act:
    line = _Line()
    try:
        line.reset(context)
    except InputError as error:
        raise InputError(error.key, error.found, f"{error.accepted}; or {ELSE}") from None
    return line.act


class _Line(ClarkScarf):
    asked_for: ClassVar[str] = "optimal"
