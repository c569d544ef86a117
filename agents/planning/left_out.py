"""What a plan leaves out of account: whatever a scenario says beyond what the program and its futures know of."""

from __future__ import annotations

from collections.abc import Iterator

from orderup.envs.demand.series import Ar1
from orderup.envs.network.network import Network
from orderup.envs.scenario.scenario import Scenario

from ..exact.scope import Scope, beyond, keys

PLANNED: Scope = {
    "": keys(
        "name description source horizon warmup calendar products volume weight data sites suppliers lanes customers arriving "
        "correlation regimes shifts promotions discount card small"
    ),
    "sites": keys("role holding initial storage overflow throughput rationing carbon"),
    "suppliers": keys("capacity origin"),
    "lanes": keys(
        "source destination name products lead_time order_delay unit_cost transfer_price capacity capacity_weight unfilled "
        "priority lateral initial carbon"
    ),
    "customers": keys("site segment products demand price shortage unmet backlog priority dedicated"),
}
"""The keys that a plan takes into account, or that change no cost of it."""
ROUNDED = ("minimum", "minimum_order", "minimum_value", "multiple")
"""Keys that its orders are only rounded to."""


def left_out(network: Network) -> Iterator[str]:
    """What is left out, a clause each."""
    scenario = network.scenario
    found = list(dict.fromkeys(path.rpartition(".")[2] for path, _ in beyond(scenario, PLANNED)))
    if ignored := [key for key in found if key not in ROUNDED]:
        yield f"its plan ignores {', '.join(ignored)}"
    if rounded := [key for key in found if key in ROUNDED]:
        yield f"its orders are planned without {', '.join(rounded)}, and rounded to what is taken"
    if any(lane.lead_time.random for lane in scenario.lanes):
        yield "random lead times are taken for their means"
    yield from _of_demand(scenario)


def _of_demand(scenario: Scenario) -> Iterator[str]:
    events = [name for name in ("promotions", "shifts") if getattr(scenario, name)]
    if events and any(isinstance(entry.demand, Ar1) for entry in scenario.customers):
        yield f"its futures are without {' and '.join(events)}"
    elif "promotions" in events:
        yield "its futures do not know which promotions have been announced"
