"""What closed forms leave out of account, in words."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import numpy as np

from orderup.envs.demand.base import PerProduct
from orderup.envs.demand.stationary import Stationary
from orderup.envs.network.network import Network
from orderup.envs.scenario.scenario import Site

from .explosion import Explosion
from .sources import capacities, splits

SHOWN = 3
"""Places that are named of each thing; of more it is said how many."""


def ignored(network: Network, known: Collection[str] = (), who: str = "its levels in closed form") -> tuple[str, ...]:
    """One clause that names everything a scenario has and `who` does not take into account, if there is any.

    Of what order-up-to levels in closed form do not know of, `known` are those that a rule does: of `fixed_cost`, `trucks`,
    `minimum`, `multiple`, `setup`, `variety`, `price_breaks`, `lost` and `demand`.
    """
    found = [text for key, text in _things(network) if key not in known]
    return (f"{who} leave out of account: {'; '.join(found)}",) if found else ()


def _things(network: Network) -> Iterator[tuple[str, str]]:
    yield from _limits(network)
    yield from _least(network)
    yield from _events(network)
    yield from _money(network)
    if network.fulfilment.backlogged is not None:
        yield "lost", "that lost sales do not wait"
    if moving := _not_alike(network):
        yield "demand", f"that demand at {_named(moving)} is not alike from period to period"


def _limits(network: Network) -> Iterator[tuple[str, str]]:
    sites, lanes = network.scenario.sites, network.scenario.lanes
    places = {
        "capacity": ("what {} can ship", _limited(network)),
        "machines": ("hours of machines at {}", [name for name, site in sites.items() if site.machines]),
        "shelf": ("shelf lives at {}", [name for name, site in sites.items() if site.shelf_life is not None]),
        "storage": ("storage at {}", [name for name, site in sites.items() if _is_soft(site)]),
        "hard": ("that no more than fits is taken in at {}", [name for name, site in sites.items() if site.storage_hard]),
        "yield": (
            "that losses on {} are drawn",
            [lane.label for lane in lanes if lane.yield_ and lane.yield_.spread],
        ),
        "ramp": ("capacity that is built up at {}", [lane.label for lane in lanes if lane.ramp is not None]),
        "contract": ("contracts of {}", [lane.label for lane in lanes if lane.contract is not None]),
        "promised": ("that {} need not keep what is promised", [lane.label for lane in lanes if lane.promised is not None]),
        "lost_orders": ("that orders on {} can be lost", [lane.label for lane in lanes if lane.can_lose]),
        "expires": ("that orders on {} lapse", [lane.label for lane in lanes if lane.expires is not None]),
        "reroute": ("that orders on {} can go to the next source", [lane.label for lane in lanes if lane.reroute]),
    }
    for key, (text, names) in places.items():
        if names:
            yield key, text.format(_named(names))
    yield from _making(network)
    if network.fulfilment.customer_reserve is not None or network.fulfilment.lane_reserve is not None:
        yield "reserve", "stock that is reserved"


def _making(network: Network) -> Iterator[tuple[str, str]]:
    """What recipes have to do with each other beyond what each takes."""
    if network.recipes is None:
        return
    parts, lanes = Explosion(network), network.scenario.lanes
    several = [item for item, wholes in parts.goes_into.items() if len(wholes) > 1 and parts.uses[item]]
    shared = dict.fromkeys(network.products[product] for site, product in several if network.recipes.uses[:, product].any())
    uneven = [
        network.lanes[parts.main_lane(item)]
        for item, takes in parts.takes.items()
        if len({parts.until_there(parts.main_lane(part)) for part in takes}) > 1 and parts.uses[item]
    ]
    beside = [lane.label for lane in lanes if lane.co_products]
    if shared:
        yield "shared_parts", f"that {_named([*shared])} may be short for one of several uses"
    if uneven:
        yield "uneven_parts", f"that parts for {_named(uneven)} wait for those that take longer"
    if beside:
        yield "co_products", f"what comes beside the products of {_named(beside)}"


def _least(network: Network) -> Iterator[tuple[str, str]]:
    """What makes the cost jump; of orders that are too small, each kind there is."""
    lanes = network.scenario.lanes
    kinds = {
        "minimum orders": any(lane.minimum_order for lane in lanes),
        "least values of an order": any(lane.minimum_value for lane in lanes),
    }
    for step in network.steps:
        if step == "minimum_order":
            yield from ((step, text) for text, there in kinds.items() if there)
        else:
            yield step, "costs of variety" if step == "variety" else f"{step.replace('_', ' ').removesuffix('s')}s"


def _money(network: Network) -> Iterator[tuple[str, str]]:
    """What money is worth later, goods at the end, and carbon."""
    scenario = network.scenario
    if scenario.discount < 1:
        yield "discount", "that later money is worth less"
    if scenario.terminal != "nothing":
        yield "terminal", "what goods and debts are worth when an episode ends"
    if names := [name for name, site in scenario.sites.items() if _is_there(site.salvage)]:
        yield "salvage", f"what is left at {_named(names)} being sold when an episode ends"
    if scenario.carbon is not None and scenario.carbon.price:
        yield "carbon", "what carbon costs"


def _events(network: Network) -> Iterator[tuple[str, str]]:
    events = {"prices": "changes of prices", "shifts": "shifts of demand"}
    for key in ("disruptions", "prices", "shifts", "promotions", "returns"):
        if getattr(network.scenario, key):
            yield key, events.get(key, key)
    if network.forecasts is not None:
        yield "forecasts", "forecasts of demand"
    of_customers = {"spill": "customers who go elsewhere", "goodwill": "goodwill", "promise": "waiting that is promised"}
    for key, text in of_customers.items():
        if getattr(network.mechanisms, key) is not None:
            yield key, text


def _limited(network: Network) -> list[str]:
    """Main lanes that cannot ship what is asked for in some periods, and are not helped out."""
    if not network.is_limited.any():
        return []
    usual = (
        network.loads.mean[network.topology.destination, :, 0] + 2 * network.loads.deviation[network.topology.destination, :, 0]
    )
    short = network.topology.is_main & (capacities(network, machines=False) < usual)
    for split in splits(network):
        short[split.lanes[0], split.product] = False
    return [network.lanes[lane] for lane in np.flatnonzero(short.any(axis=1))]


def _not_alike(network: Network) -> list[str]:
    entries = network.scenario.customers
    return list(dict.fromkeys(entry.site for entry in entries if not isinstance(entry.demand.at(entry.site), Stationary)))


def _is_soft(site: Site) -> bool:
    return site.storage is not None and not site.storage_hard


def _is_there(amount: PerProduct) -> bool:
    return any(amount.values()) if isinstance(amount, dict) else bool(amount)


def _named(names: Sequence[str]) -> str:
    shown = ", ".join(names[:SHOWN])
    return shown if len(names) <= SHOWN else f"{shown} and {len(names) - SHOWN} more"
