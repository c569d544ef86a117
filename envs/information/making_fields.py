"""What can be known of goods that are made: fields like the others, absent from a network without recipes.

A recipe is a lane, so that what is in work stands in `pipeline` by age, and what has not been begun in `unfilled`.
"""

from __future__ import annotations

from ..network.network import Network
from ..numerics.arrays import Array
from .event_fields import limits_in, notice
from .fields import BY_LANE, BY_SITE, known
from .snapshot import Snapshot


def _if_made(network: Network) -> list[str]:
    return [] if network.recipes is None else [""]


@known("units", BY_SITE, _if_made, exact=True)
def parts_owed(now: Snapshot) -> list[Array]:
    """Parts that recipes need which the site has ordered and not begun."""
    return [] if now.network.recipes is None else [now.network.recipes.used(now.state.open_orders)]


@known("units", BY_SITE, _if_made, exact=True)
def parts_asked(now: Snapshot) -> list[Array]:
    """Parts that recipes need which it was told to begin in the last period."""
    if now.network.recipes is None:
        return []
    nothing = now.state.on_hand * 0.0
    return [nothing if now.flows is None else now.network.recipes.used(now.flows.known)]


def _if_machines(network: Network) -> list[str]:
    return [] if network.machines is None else [f"lane {lane}" for lane in range(network.topology.inbound.degree)]


@known("hours", BY_LANE, _if_machines)
def hours_free(now: Snapshot) -> list[Array]:
    """Hours that the machine of a recipe has in the coming period, overtime included; 0 on lanes without one."""
    return [] if now.network.machines is None else [_hours(now, 0)]


def _news(network: Network) -> list[str]:
    return [f"{lane}, in {ahead}" for ahead in range(1, notice(network, ("limits",)) + 1) for lane in _if_machines(network)]


@known("hours", BY_LANE, _news)
def hours_ahead(now: Snapshot) -> list[Array]:
    """The same in the periods ahead, as far as it is announced what is left of them."""
    ahead = 0 if now.network.machines is None else notice(now.network, ("limits",))
    return [_hours(now, periods) for periods in range(1, ahead + 1)]


def _hours(now: Snapshot, ahead: int) -> Array:
    """By recipe, at its product, so many periods ahead (L, K, B)."""
    recipes, machines, like = now.network.recipes, now.network.machines, 0.0 * now.state.open_orders
    assert recipes is not None  # as there are machines
    assert machines is not None
    hours = machines.most * machines.left(limits_in(now, ahead), like)
    return recipes.put(like, hours[machines.machine, 0] * machines.takes_one)
