"""Networks on which speed is measured: many products, everything that can happen, many lanes."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import orderup

STORM = {"type": "markov", "begins": 0.02, "ends": 0.1}
CHANGES = ("regimes", "disruptions", "prices", "shifts", "card", "small")


def wide_scenario() -> dict[str, Any]:
    """Two stores and a warehouse with 200 products, all of them with customers."""
    sites = ["store_1", "store_2", "warehouse_1"]
    return {
        "name": "wide",
        "horizon": 200,
        "products": [f"product_{number}" for number in range(200)],
        "sites": {name: {"holding": 1.0} for name in sites},
        "lanes": [
            {"from": "warehouse_1", "to": "store_1", "lead_time": 1},
            {"from": "warehouse_1", "to": "store_2", "lead_time": 1},
            {"from": "supplier", "to": "warehouse_1", "lead_time": 2},
        ],
        "customers": [{"site": name, "shortage": 9, "demand": {"type": "poisson", "mean": 10}} for name in sites],
    }


def quiet_scenario() -> dict[str, Any]:
    """The network of disruption_storm with limits, and two segments at each store; nothing goes wrong."""
    keys = orderup.load_scenario("disruption_storm").model_dump(by_alias=True, mode="json", exclude_defaults=True)
    for site in keys["sites"].values():
        site |= {"throughput": 160, "storage": 300, "overflow": 1}
    for lane in keys["lanes"]:
        lane["capacity"] = 200
    keys["customers"] += [{**entry, "segment": "second", "priority": 1} for entry in keys["customers"]]
    return {**{key: value for key, value in keys.items() if key not in CHANGES}, "name": "quiet"}


def loud_scenario() -> dict[str, Any]:
    """The same network in which everything happens, with everything that can follow from it."""
    keys = {**quiet_scenario(), "name": "loud"}
    stores = [name for name in keys["sites"] if name.startswith("store")]
    often: dict[str, Any] = {"when": {**STORM, "during": {"storm": {"begins": 0.2, "ends": 0.2}}}}
    for name, site in keys["sites"].items():
        site |= {"shelf_life": 6, "scrap_cost": 1, "variety": 1, "carbon": 0.1}
        site |= {} if name in stores else {"overtime": {"extra": 20, "cost": 1}}
    for lane in keys["lanes"]:
        lane |= {"setup": 1, "yield": {"mean": 0.95, "spread": 0.05}, "carbon": 0.1}
        lane |= {"reserve": 2} if lane["from"] in keys["sites"] else {"ramp": {"from": 0.5, "until": 20}}
    keys["lanes"][-1]["contract"] = {"notice": 8, "down": 0.5, "up": 1.0}
    for entry, other in zip(keys["customers"], 2 * (stores[1:] + stores[:1]), strict=True):
        entry |= {
            "promise": 1,
            "spill_to": {"site": other, "cost": 1},
            "goodwill": {"loss": 0.1, "recovery": 0.1, "least": 0.5},
        }
        entry["reserve"] = 3 if entry.get("segment") == "second" else 0
    pauses: list[dict[str, Any]] = [{"at": "plant_1", "pauses": "orders"}, {"at": "supplier_overseas", "pauses": "shipments"}]
    pauses += [{"at": "plant_2->hub_1", "pauses": effect} for effect in ("transit", "receipts")]
    others: list[dict[str, Any]] = [{"at": "hub_1", "keeps": 0.2}, {"at": "hub_1", "delay": 2}]
    return {
        **keys,
        "suppliers": {"supplier_overseas": {"price_breaks": [{"from": 50, "discount": 0.02}, {"from": 100, "discount": 0.05}]}},
        "regimes": {"storm": {"when": STORM}},
        "disruptions": [{**event, **often} for event in (*pauses, *others)],
        "prices": [{"at": "supplier_overseas", key: 0.25, **often} for key in ("tariff", "factor")],
        "shifts": [{"from": stores[:4], "to": stores[4:], "share": 0.3, "when": {"type": "regime", "name": "storm"}}],
        "promotions": [{"at": stores, "uplift": 3, "chance": 0.04, "length": 3, "known_ahead": 5, "reported": 0.3}],
        "returns": [{"from": stores, "to": "hub_1", "share": 0.1, "spread": 0.1, "delay": 5}],
        "carbon": {"price": 0.1, "allowance": 10},
    }


def meshed_scenario() -> dict[str, Any]:
    """Eight stores with two warehouses each and lanes to a neighbour, a plant: 11 sites and 27 lanes."""
    stores = [f"store_{number}" for number in range(1, 9)]
    lanes: list[dict[str, Any]] = [
        {"from": f"warehouse_{which}", "to": store, "lead_time": which} for store in stores for which in (1, 2)
    ]
    lanes += [{"from": one, "to": other, "lead_time": 1, "lateral": True, "unit_cost": 0.5} for one, other in pairwise(stores)]
    lanes += [{"from": "plant_1", "to": f"warehouse_{which}", "lead_time": 2} for which in (1, 2)]
    lanes += [{"from": "supplier", "to": "plant_1", "lead_time": 2}]
    lanes += [{"from": "supplier", "to": "warehouse_1", "lead_time": 4, "unit_cost": 0.2}]
    return {
        "name": "meshed",
        "horizon": 100,
        "sites": {
            **{store: {"holding": 1} for store in stores},
            **{f"warehouse_{which}": {"holding": 0.5} for which in (1, 2)},
            "plant_1": {"holding": 0.25},
        },
        "lanes": lanes,
        "customers": [
            {"site": store, "shortage": 9, "demand": {"type": "poisson", "mean": 11 + number}}
            for number, store in enumerate(stores)
        ],
    }
