"""What closed forms leave out of account, in words."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import numpy as np

from orderup.envs.demand.stationary import Stationary
from orderup.envs.network import Network

from .sources import capacities, splits

SHOWN = 3
"""Places that are named of each thing; of more it is said how many."""


def ignored(network: Network, known: Collection[str] = ()) -> tuple[str, ...]:
    """One clause that names everything a scenario has and order-up-to levels in closed form do not know of, if there is any.

    `known` are those of `fixed_cost`, `minimum`, `multiple`, `setup`, `variety`, `price_breaks`, `lost` and `demand` that a
    rule takes into account.
    """
    found = [text for key, text in _things(network) if key not in known]
    return (f"its levels in closed form leave out of account: {'; '.join(found)}",) if found else ()


def _things(network: Network) -> Iterator[tuple[str, str]]:
    yield from _limits(network)
    for step in network.steps:
        yield step, "costs of variety" if step == "variety" else f"{step.replace('_', ' ').removesuffix('s')}s"
    yield from _events(network)
    if network.backlogged is not None:
        yield "lost", "that lost sales do not wait"
    if moving := _not_alike(network):
        yield "demand", f"that demand at {_named(moving)} is not alike from period to period"


def _limits(network: Network) -> Iterator[tuple[str, str]]:
    sites, lanes = network.scenario.sites, network.scenario.lanes
    places = {
        "capacity": ("what {} can ship", _limited(network)),
        "shelf": ("shelf lives at {}", [name for name, site in sites.items() if site.shelf_life is not None]),
        "storage": ("storage at {}", [name for name, site in sites.items() if site.storage is not None]),
        "yield": (
            "that losses on {} are drawn",
            [lane.label for lane in lanes if lane.yield_ and lane.yield_.spread],
        ),
        "ramp": ("capacity that is built up at {}", [lane.label for lane in lanes if lane.ramp is not None]),
        "contract": ("contracts of {}", [lane.label for lane in lanes if lane.contract is not None]),
    }
    for key, (text, names) in places.items():
        if names:
            yield key, text.format(_named(names))
    if network.customer_reserve is not None or network.lane_reserve is not None:
        yield "reserve", "stock that is reserved"


def _events(network: Network) -> Iterator[tuple[str, str]]:
    events = {"prices": "changes of prices", "shifts": "shifts of demand"}
    for key in ("disruptions", "prices", "shifts", "promotions", "returns"):
        if getattr(network.scenario, key):
            yield key, events.get(key, key)
    customs = {"spill": "customers who go elsewhere", "goodwill": "goodwill", "promise": "waiting that is promised"}
    for key, text in customs.items():
        if getattr(network, key) is not None:
            yield key, text


def _limited(network: Network) -> list[str]:
    """Main lanes that cannot ship what is asked for in some periods, and are not helped out."""
    if not network.is_limited.any():
        return []
    usual = network.mean[network.destination, :, 0] + 2 * network.deviation[network.destination, :, 0]
    short = network.is_main & (capacities(network) < usual)
    for split in splits(network):
        short[split.lanes[0], split.product] = False
    return [network.lanes[lane] for lane in np.flatnonzero(short.any(axis=1))]


def _not_alike(network: Network) -> list[str]:
    entries = network.scenario.customers
    return list(dict.fromkeys(entry.site for entry in entries if not isinstance(entry.demand.at(entry.site), Stationary)))


def _named(names: Sequence[str]) -> str:
    shown = ", ".join(names[:SHOWN])
    return shown if len(names) <= SHOWN else f"{shown} and {len(names) - SHOWN} more"
