"""Small networks with demand that is written down, to be worked on paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from orderup.envs.foundation.validation import validated
from orderup.envs.information.policy import Decision
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.simulator import Ledger, Simulator

SILO = {"name": "test", "visibility": "silo"}
GOOD: dict[str, Any] = {
    "name": "mine",
    "horizon": 10,
    "products": ["tea", "coffee"],
    "sites": {"store_1": {"holding": 1}, "store_2": {"holding": 1}, "warehouse_1": {"holding": 0.5}},
    "lanes": [
        {"from": "supplier", "to": "warehouse_1", "lead_time": 2},
        {"from": "warehouse_1", "to": "store_1", "lead_time": 1},
        {"from": "warehouse_1", "to": "store_2", "lead_time": 1},
    ],
    "customers": [
        {"site": "store_1", "shortage": 5, "demand": {"type": "poisson", "mean": 4}},
        {"site": "store_2", "shortage": 5, "demand": {"type": "poisson", "mean": 4}},
    ],
}
"""The keys of a scenario in which nothing is wrong."""


def scenario(sites: Mapping[str, Any], lanes: Sequence[Any], customers: Sequence[Any], **keys: Any) -> Scenario:
    """A scenario of sites (holding 1 and nothing on the shelf unless told), lanes (named from>to) and customers."""
    return validated(
        Scenario,
        {
            "name": "by_hand",
            "horizon": 20,
            "sites": {name: {"holding": 1, "initial": 0, **site} for name, site in sites.items()},
            "lanes": [{"lead_time": 0, **lane} for lane in lanes],
            "customers": [{"shortage": 10, "demand": demand(0), **entry} for entry in customers],
            **keys,
        },
    )


def demand(*values: float) -> dict[str, Any]:
    """Demand of these amounts, the last of them for ever."""
    return {"type": "replay", "values": list(values), "then": "hold"}


OF_SITES = ("on_hand", "scrapped", "returned")
OF_CUSTOMERS = ("backlog", "served", "unmet", "demand", "late", "spilled", "goodwill")


class Play:
    """A simulator of one episode whose numbers are read by name: sites, lanes `from->to`, customers `site/segment`."""

    def __init__(self, given: Scenario, autonomy: Any = SILO) -> None:
        self.simulator = Simulator(given, autonomy)
        self.simulator.reset(seed=0)
        self.ledger = Ledger({})

    def step(self, levels: Mapping[str, Any] | None = None, quantities: Mapping[str, Any] | None = None) -> Play:
        """One period, with an order-up-to level for some lanes and quantities for the others (0 where none is given)."""
        network = self.simulator.numpy_network
        shape = (len(network.lanes), len(network.products))
        level, quantity = np.zeros(shape), np.zeros(shape)
        for table, given in ((level, levels or {}), (quantity, quantities or {})):
            for label, amount in given.items():
                table[network.lanes.index(label)] = amount
        by_quantity = np.array([label not in (levels or {}) for label in network.lanes])
        _, self.ledger, _ = self.simulator.step(Decision(level=level, quantity=quantity, by_quantity=by_quantity))
        return self

    def __getattr__(self, name: str) -> dict[str, Any]:
        """A field of the state or the flows as {name: amount}, or {name: [amount of each product]} where there are several."""
        state, flows, network = self.simulator.now.state, self.simulator.now.flows, self.simulator.numpy_network
        values = getattr(state if name in state._fields else flows, name)
        names = network.sites if name in OF_SITES else network.customers if name in OF_CUSTOMERS else network.lanes
        rows = np.round(values[:, :, 0], 9).tolist()
        return {key: row[0] if len(row) == 1 else row for key, row in zip(names, rows, strict=True)}

    def cost(self, term: str) -> dict[str, float]:
        """What each site paid under a term of the ledger."""
        return dict(zip(self.simulator.numpy_network.sites, np.round(self.ledger.by_term[term][:, 0], 9).tolist(), strict=True))
