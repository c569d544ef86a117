"""What a network for every network has never met in training, and so refuses."""

from __future__ import annotations

from collections.abc import Iterator

from orderup.envs.foundation.errors import InputError
from orderup.envs.information.policy import Context
from orderup.envs.network.network import Network

KEY = "agent"


def check_scope(context: Context) -> None:
    """Raises InputError for a scenario that is out of scope, with the key that makes it so."""
    for key, what in _beyond(context.network):
        scenario = context.network.scenario.name
        raise InputError(KEY, f"universal on {scenario}, with {what} ({key})", "a scenario without, or another agent")


def _beyond(network: Network) -> Iterator[tuple[str, str]]:
    scenario = network.scenario
    if network.recipes is not None:
        yield "lanes[].make", "goods that are made"
    if network.steps:
        yield f"lanes[].{network.steps[0]}", f"a cost or an order size that jumps, {network.steps[0].replace('_', ' ')}"
    if network.topology.is_lateral.any():
        yield "lanes[].lateral", "lanes between peers"
    for name, site in scenario.sites.items():
        if site.shelf_life is not None:
            yield f"sites.{name}.shelf_life", "goods that perish"
        if site.storage_hard:
            yield f"sites.{name}.storage_hard", "stores that take in no more than fits"
    if scenario.returns:
        yield "returns", "goods that come back"
    if any(lane.contract is not None for lane in scenario.lanes):
        yield "lanes[].contract", "contracts"
