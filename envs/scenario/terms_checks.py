"""Where terms between sites mean nothing, or pass more on than there is."""

from __future__ import annotations

from ..foundation.errors import InputError
from .scenario_keys import ScenarioKeys
from .topology import is_supplier

SHARES = ("backlog_share", "revenue_share")
OF_CUSTOMERS = (*SHARES, "backlog")
TRADING = "nothing: an outside supplier pays for nothing here, so that this is a contract between sites that do not trade"


def check_terms(scenario: ScenarioKeys) -> None:
    """Raises InputError for terms with an outside supplier, about customers that a site does not have, and shares beyond 1."""
    buys = {entry.site for entry in scenario.customers}
    for number, lane in enumerate(scenario.lanes):
        if lane.terms is None:
            continue
        key = f"lanes[{number}].terms"
        if is_supplier(scenario, lane.source):
            raise InputError(key, f"terms with {lane.source}", TRADING)
        for name in OF_CUSTOMERS:
            if getattr(lane.terms, name) and lane.destination not in buys:
                raise InputError(f"{key}.{name}", getattr(lane.terms, name), "0, or a lane to a site that has customers")
    for name in SHARES:
        _check_share(scenario, name)


def _check_share(scenario: ScenarioKeys, name: str) -> None:
    passed: dict[tuple[str, str], float] = {}
    for number, lane in enumerate(scenario.lanes):
        for product in () if lane.terms is None else (lane.products or scenario.products):
            share = getattr(lane.terms, name)
            passed[lane.destination, product] = passed.get((lane.destination, product), 0.0) + share
            if passed[lane.destination, product] > 1.0:
                accepted = f"shares of at most 1 in all, over the lanes that bring {product} to {lane.destination}"
                raise InputError(f"lanes[{number}].terms.{name}", share, accepted)
