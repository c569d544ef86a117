"""A scenario written out as a company's files would have it: sales, sites, lanes, stock, receipts, costs."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import orderup
from orderup.envs.demand.base import of_product
from orderup.envs.scenario.scenario import Scenario

FIRST = dt.date(2016, 1, 4)
"""A Monday, and the first week of its year."""


def day_of(period: int, unit: str) -> dt.date:
    """The first day of a period."""
    if unit == "month":
        return dt.date(FIRST.year + period // 12, period % 12 + 1, 1)
    return FIRST + dt.timedelta(days=period * {"week": 7, "day": 1}[unit])


def write_company(scenario: Scenario, folder: Path, periods: int, unit: str = "week", seed: int = 1) -> dict[str, Any]:
    """The files of a scenario whose demand has been watched for so many periods; their paths by key."""
    tables = {
        "demand": sales(scenario, periods, unit, seed),
        "sites": sites(scenario),
        "lanes": lanes(scenario),
        "stock": stock(scenario),
        "receipts": receipts(scenario, unit, seed),
        "costs": costs(scenario),
    }
    found: dict[str, Any] = {}
    for name, table in tables.items():
        if len(table):
            found[name] = folder / f"{name}.csv"
            table.to_csv(found[name], index=False, sep=";", decimal=",")
    return found


def sales(scenario: Scenario, periods: int, unit: str, seed: int) -> pd.DataFrame:
    """What customers asked for, a row for each site, product and period, zeros too."""
    simulator = orderup.Simulator(scenario, batch=1, horizon=periods)
    simulator.reset(seed)
    network, trace = simulator.numpy_network, simulator.trace
    assert trace is not None
    demand = np.asarray(trace.demand)[..., 0]
    rows = [
        (day_of(period, unit).isoformat(), network.topology.customers[row].rpartition("/")[0], product, demand[period, row, k])
        for period in range(periods)
        for row in range(demand.shape[1])
        for k, product in enumerate(network.products)
        if network.topology.customers[row].rpartition("/")[0] in buyers_of(scenario, product)
    ]
    return pd.DataFrame(rows, columns=["date", "site", "product", "quantity"])


def buyers_of(scenario: Scenario, product: str) -> set[str]:
    """The sites at which somebody buys a product."""
    return {entry.site for entry in scenario.customers if product in (entry.products or scenario.products)}


def sites(scenario: Scenario) -> pd.DataFrame:
    """Roles and limits."""
    rows = [(name, site.role, site.storage, site.throughput) for name, site in scenario.sites.items()]
    return pd.DataFrame(rows, columns=["site", "role", "storage", "throughput"])


def lanes(scenario: Scenario) -> pd.DataFrame:
    """A row for each lane and product."""
    rows = [
        {
            "from": lane.source,
            "to": lane.destination,
            "product": product,
            "lead time (periods)": None if lane.lead_time.random else lane.lead_time.longest,
            "order delay": lane.order_delay,
            "fixed cost": lane.fixed_cost,
            "capacity": lane.capacity,
            **{name: of_product(getattr(lane, name), product) for name in ("unit_cost", "minimum", "multiple")},
        }
        for lane in scenario.lanes
        for product in lane.products or scenario.products
    ]
    return pd.DataFrame(rows)


def stock(scenario: Scenario) -> pd.DataFrame:
    """What is on the shelf at the start."""
    rows = [
        (name, product, of_product(site.initial, product))
        for name, site in scenario.sites.items()
        if site.initial is not None
        for product in scenario.products
    ]
    return pd.DataFrame(rows, columns=["site", "product", "on hand"])


def receipts(scenario: Scenario, unit: str, seed: int, count: int = 400) -> pd.DataFrame:
    """Orders and when they came in, on the lanes whose lead time is random."""
    rng, rows = np.random.default_rng(seed), []
    for lane in scenario.lanes:
        if lane.lead_time.random:
            chances = lane.lead_time.chances()
            for number, time in enumerate(rng.choice(list(chances), count, p=list(chances.values()))):
                rows.append((lane.source, lane.destination, day_of(number, unit), day_of(number + int(time), unit)))
    return pd.DataFrame(rows, columns=["from", "to", "order_date", "receipt_date"])


def costs(scenario: Scenario) -> pd.DataFrame:
    """What holding and shortages cost, and what customers pay."""
    shortage = {
        (entry.site, product): (of_product(entry.shortage, product), of_product(entry.price, product))
        for entry in scenario.customers
        for product in entry.products or scenario.products
    }
    rows = [
        (name, product, of_product(site.holding, product), *shortage.get((name, product), (None, None)))
        for name, site in scenario.sites.items()
        for product in scenario.products
    ]
    return pd.DataFrame(rows, columns=["site", "product", "holding", "shortage", "price"])
