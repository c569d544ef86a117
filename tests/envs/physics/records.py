"""An episode, period by period, and how its books are compared.

Letters: T periods, N sites, L lanes, K products, C customers, B batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from orderup.envs.autonomy.autonomy import Autonomy
from orderup.envs.network.network import Network
from orderup.envs.numerics.arrays import Floats
from orderup.envs.physics.state import Flows
from orderup.envs.scenario.scenario import Lane

from ..levels_of_autonomy import begun, decisions, scripts
from ..networks import SILO, Case

ROUNDING = 1e-9


@dataclass(frozen=True)
class Record:
    """An episode: the states before and after each period, the flows between them and the ledgers, by name (T, …).

    Flows that the network cannot have are 0; `usual` says by channel what the period made of each lane (T, L, 1, B), or of
    each limit (T, D, 1, B).
    """

    network: Network
    lanes: list[Lane]
    before: dict[str, Floats]
    after: dict[str, Floats]
    flows: dict[str, Floats]
    costs: dict[str, Floats]
    by_site: Floats
    cost: Floats
    usual: dict[str, Floats]


STOCKS = ("on_hand", "backlog", "open_orders", "in_transit", "on_order")


def recorded(case: Case, autonomy: Autonomy = SILO) -> Record:
    simulator = begun(case, autonomy)
    centre, sites = scripts(simulator, case)
    states, ledgers = [simulator.now.state], []
    flows: list[Any] = []
    while not simulator.done:
        _, ledger, _ = simulator.step(decisions(simulator, centre, sites))
        states.append(simulator.now.state)
        flows.append(simulator.now.flows)
        ledgers.append(ledger)
    levels = {name: np.stack([getattr(state, name) for state in states]) for name in STOCKS}
    levels["door"] = np.stack([0.0 * state.on_order if state.door is None else state.door for state in states])
    for name in ("pending", "missing"):
        levels[name] = np.stack([sum(getattr(state, name), 0.0 * state.on_order) for state in states])
    return Record(
        simulator.numpy_network,
        [simulator.numpy_network.scenario_lane(label) for label in simulator.numpy_network.lanes],
        {name: values[:-1] for name, values in levels.items()},
        {name: values[1:] for name, values in levels.items()},
        {name: np.stack([moved(flow, name) for flow in flows]) for name in type(flows[0])._fields if name != "conditions"},
        {name: np.stack([ledger.by_term[name] for ledger in ledgers]) for name in ledgers[0].by_term},
        np.stack([ledger.by_site for ledger in ledgers]),
        np.stack([ledger.cost for ledger in ledgers]),
        {channel: np.stack([shares(simulator.numpy_network, flow, channel) for flow in flows]) for channel in CHANNELS},
    )


CHANNELS = ("accepting", "available", "moving", "receiving", "limits")


def moved(flow: Flows, name: str) -> Floats:
    """A flow, or as much of nothing as there would be of it."""
    found: Floats | None = getattr(flow, name)
    return np.zeros((1, 1, 1)) if found is None else found


def shares(network: Network, flow: Flows, channel: str) -> Floats:
    """What a period's conditions make of every lane, or of every limit."""
    if channel != "limits":
        found = network.on_lanes(channel, flow.conditions, flow.orders)
        return np.ones((len(network.lanes), 1, 1)) if found is None else np.asarray(found)
    left = np.ones((len(network.limits.limited), 1, flow.orders.shape[-1]))
    if flow.conditions.limits is not None and network.events.channels is not None:
        left[network.events.channels.limits] = flow.conditions.limits
    return left


def drawn(network: Network, amounts: Floats) -> Floats:
    """What orders or shipments (T, L, K, B) take of sites (T, N, K, B): goods for others, and the parts of what is made."""
    found = at_sites(amounts, network.topology.source, len(network.sites))
    for number, lane in enumerate(network.lanes):
        keys = network.scenario_lane(lane)
        for part, units in keys.uses.items():
            made = amounts[:, number, network.products.index(str(keys.make))]
            found[:, network.sites.index(str(keys.at)), network.products.index(part)] += units * made
    return found


def joined(network: Network, amounts: Floats) -> Floats:
    """What lanes bring with these orders or shipments (T, L, K, B): what comes beside products, too."""
    found = amounts.copy()
    for number, lane in enumerate(network.lanes):
        keys = network.scenario_lane(lane)
        for product, units in keys.co_products.items():
            made = amounts[:, number, network.products.index(str(keys.make))]
            found[:, number, network.products.index(product)] += units * made
    return found


def at_sites(amounts: Floats, owner: NDArray[np.int64], sites: int) -> Floats:
    """Rows (T, L or C, K, B) added up by their sites (T, N, K, B); −1 belongs to none."""
    out = np.zeros((amounts.shape[0], sites, *amounts.shape[2:]))
    for row, site in enumerate(owner):
        if site >= 0:
            out[:, site] += amounts[:, row]
    return out


def close(found: Any, expected: Any) -> None:
    np.testing.assert_allclose(found, expected, rtol=ROUNDING, atol=1e-8)


def never_above(amounts: Any, limit: Any) -> None:
    assert (amounts <= limit + ROUNDING * (1 + np.abs(limit))).all()
