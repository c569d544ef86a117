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
        "forecasts correlation regimes disruptions prices shifts promotions discount trucks card small assumptions period value"
    ),
    "sites": keys("role holding initial storage overflow throughput rationing carbon machines"),
    "suppliers": keys("capacity origin"),
    "lanes": keys(
        "source destination name products lead_time promised order_delay unit_cost transfer_price capacity capacity_weight "
        "unfilled priority lateral initial carbon fixed_cost setup minimum minimum_order minimum_value multiple ramp terms "
        "make at uses co_products machine hours setup_hours"
    ),
    "customers": keys("site segment products demand price shortage service unmet observes backlog priority dedicated"),
}
"""The keys that a plan takes into account, or that change no cost of it."""


def left_out(network: Network) -> Iterator[str]:
    """What is left out, a clause each."""
    scenario = network.scenario
    found = list(dict.fromkeys(path.rpartition(".")[2] for path, _ in beyond(scenario, PLANNED)))
    if found:
        yield f"its plan ignores {', '.join(found)}"
    if any(lane.setup_hours for lane in scenario.lanes):
        yield "machines that are set up are planned to make everything in turn, in a fixed cycle"
    if any(lane.known_lead_time.random for lane in scenario.lanes):
        yield "random lead times are taken for their means"
    if any(lane.promised is not None for lane in scenario.lanes):
        yield "promised lead times are taken to be kept"
    yield from _of_events(network)
    yield from _of_demand(scenario)


def _of_events(network: Network) -> Iterator[str]:
    told = [one for one in network.events.influences if one.told]
    if any(one.pauses and one.channel in ("accepting", "available") for one in told):
        yield "closures are planned for once they are seen or announced, and not before"
    held = {"delay": "delays", "moving": "goods held on their way", "receiving": "goods held at the door"}
    if found := [words for channel, words in held.items() if any(one.channel == channel for one in told)]:
        yield f"its plan ignores {', '.join(found)}"


def _of_demand(scenario: Scenario) -> Iterator[str]:
    events = [name for name in ("promotions", "shifts") if getattr(scenario, name)]
    if events and any(isinstance(entry.demand, Ar1) for entry in scenario.customers):
        yield f"its futures are without {' and '.join(events)} that nobody reports"
    if any(one.recorded for one in scenario.promotions):
        yield "its futures do not know which recorded promotions have been announced"
