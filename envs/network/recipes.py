"""What is made at the sites of a network: of which parts, on which machines, and who of several gets what of them.

Letters as in orderup.envs.network.network: N sites, L lanes, K products; R recipes, M machines.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ..demand.base import places
from ..flows.rationing import Division, divisions
from ..flows.recipes import Recipes
from ..making.machines import Machines
from ..making.shared_stock import SharedStock
from ..making.turns import SiteTurns
from ..numerics.arrays import rows
from ..numerics.bundles import Bundle
from ..scenario.event_places import machine_of, machine_place
from ..scenario.scenario import Lane, Scenario
from .loads import NEGLIGIBLE, Loads
from .stacking import per_row, unless
from .topology import Topology


def compile_recipes(scenario: Scenario, topology: Topology) -> Recipes | None:
    """The recipes of a scenario; None where nothing is made."""
    lanes, place = topology.lanes_of(scenario), topology.product_place
    rows = np.flatnonzero(topology.is_made)
    made = [lanes[row] for row in rows]
    product = np.array([place[str(lane.make)] for lane in made], dtype=np.int64)
    uses, co_products = (_amounts(made, field, topology.products) for field in ("uses", "co_products"))
    return Recipes.of(rows, product, topology.destination[rows], uses, co_products, len(topology.sites))


def _amounts(lanes: list[Lane], field: str, products: tuple[str, ...]) -> NDArray[np.float64]:
    found, place = np.zeros((len(lanes), len(products), 1)), places(products)
    for row, lane in enumerate(lanes):
        for product, amount in getattr(lane, field).items():
            found[row, place[product], 0] = amount
    return found


def machine_names(scenario: Scenario, topology: Topology) -> tuple[str, ...]:
    """`site/machine` of each machine, site by site."""
    return tuple(machine_place(name, machine) for name in topology.sites for machine in scenario.sites[name].machines)


def compile_machines(
    scenario: Scenario, topology: Topology, recipes: Recipes | None, loads: Loads, places_of: Mapping[str, int]
) -> Machines | None:
    """The machines of a scenario, None where it has none; `places_of` says where each stands in the conditions' limits."""
    names = machine_names(scenario, topology)
    if recipes is None or not names:
        return None
    lanes = [topology.lanes_of(scenario)[row] for row in recipes.lanes]
    standing = [name for name in topology.sites for _ in scenario.sites[name].machines]
    keys = [machine for name in topology.sites for machine in scenario.sites[name].machines.values()]
    number = np.array([names.index(place) if (place := machine_of(lane)) is not None else -1 for lane in lanes])
    site = np.array([topology.sites.index(name) for name in standing])
    hours, setup = per_row([lane.hours for lane in lanes]), per_row([lane.setup_hours for lane in lanes])
    rules = [scenario.sites[topology.sites[place]].rationing for place in site]
    mean = loads.mean[recipes.site, recipes.product]
    load = hours * mean[:, None]
    set_up = np.array([bool((setup[number == one] > 0).any()) for one in range(len(names))])

    def several(which: NDArray[np.bool_]) -> tuple[Division, ...]:
        owner = np.where((number >= 0) & which[number], number, -1)
        return divisions(owner, np.arange(len(lanes)), rules, [lane.priority for lane in lanes], load)

    alone = [row for row, one in enumerate(number) if one >= 0 and (number == one).sum() == 1]
    return Machines(
        names=names,
        site=site,
        machine=np.maximum(number, 0),
        takes_one=(number >= 0)[:, None],
        on=Bundle.of(number, len(names)),
        hours=hours,
        setup=setup,
        regular=per_row([one.hours for one in keys]),
        most=per_row([one.most for one in keys]),
        crumbs=NEGLIGIBLE * np.where(mean > 0, mean, 1.0),
        overtime=unless(per_row([one.overtime.cost if one.overtime else 0.0 for one in keys]), 0.0),
        of_site=Bundle.of(site, len(topology.sites)),
        single=(rows(alone), rows(number[alone])) if alone else None,
        shared=several(~set_up),
        queued=several(set_up),
        places=tuple(places_of.get(name) for name in names),
    )


def compile_sharing(
    scenario: Scenario,
    topology: Topology,
    loads: Loads,
    packs: NDArray[np.float64] | None,
    recipes: Recipes,
    machines: Machines | None,
) -> SharedStock:
    """How those who draw on sites' stock share it where something is made; `packs` (L, K, 1) are the lanes' multiples.

    Of recipes, whose claims are for parts, cover and packs are counted in these.
    """
    leaving = np.flatnonzero(topology.source >= 0)
    goods = np.arange(len(topology.products)) if leaving.size else recipes.parts
    drawing = np.concatenate([leaving, recipes.lanes])
    site = np.concatenate([topology.source[leaving], recipes.site])
    priority = [lane.priority for lane in topology.lanes_of(scenario)]
    rank = np.argsort(np.argsort(priority, kind="stable"))[drawing].tolist()
    taking = drawn_from(topology, recipes)[drawing]
    by_lane = loads.mean[topology.destination]

    def claims(amounts: NDArray[np.float64]) -> NDArray[np.float64]:
        found: NDArray[np.float64] = recipes.claims(amounts, recipes.made(amounts))[drawing][:, goods]
        return found

    rules = [one.rationing for one in topology.sites_of(scenario)]
    of_parts = None if packs is None else claims(packs)
    single = [row for row, place in enumerate(taking) if place >= 0 and (taking == place).sum() == 1]
    machine = np.full(len(recipes.lanes), -1) if machines is None else np.where(machines.takes_one[:, 0], machines.machine, -1)
    return SharedStock(
        recipes=recipes,
        lanes=rows(leaving) if leaving.size else None,
        into=rows(topology.destination[leaving]),
        outbound=Bundle.of(topology.source[leaving], len(topology.sites)),
        uses=recipes.uses[:, goods],
        among=recipes.parts if leaving.size else None,
        packs=None if packs is None else packs[drawing][:, goods],
        single=(rows(single), rows(taking[single])) if single else None,
        divisions=divisions(taking, np.arange(len(drawing)), rules, rank, claims(by_lane), of_parts),
        turns=SiteTurns.of(site, len(leaving), machine, rank),
    )


def drawn_from(topology: Topology, recipes: Recipes | None) -> NDArray[np.int64]:
    """The site whose stock each lane draws on (L,): its source, or where its parts are; −1 for none."""
    found: NDArray[np.int64] = topology.source.copy()
    if recipes is not None:
        some = recipes.uses.any(axis=(1, 2))
        found[recipes.lanes[some]] = recipes.site[some]
    return found
