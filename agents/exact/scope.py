"""What theory takes into account: a scenario that says more is refused by the first key that it says it with.

An optimum holds for what it was derived for. Whatever can only raise the cost, or forbid something, may be left out of a bound;
what could lower the cost may not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from orderup.envs.foundation.errors import InputError
from orderup.envs.scenario.scenario import Scenario

Scope = Mapping[str, frozenset[str]]
"""The keys of each part of a scenario that a cost is valid with."""


def keys(names: str) -> frozenset[str]:
    """Of names with blanks between them."""
    return frozenset(names.split())


PLAIN: Scope = {
    "": keys(
        "name description source horizon warmup calendar products volume weight data sites suppliers lanes customers arriving "
        "correlation regimes card small assumptions period value"
    ),
    "sites": keys("role holding initial rationing carbon"),
    "suppliers": keys("origin"),
    "lanes": keys(
        "source destination name products lead_time order_delay unit_cost transfer_price fixed_cost unfilled priority lateral "
        "initial carbon terms"
    ),
    "customers": keys("site segment products demand observes price shortage unmet backlog priority dedicated"),
}
"""What the exact optima were derived for, as far as keys tell."""
ANY: Scope = {
    "": keys(
        "name description source horizon warmup calendar products volume weight data sites suppliers lanes customers arriving "
        "correlation regimes carbon trucks card small assumptions period value"
    ),
    "sites": keys("role holding initial storage overflow throughput rationing variety carbon"),
    "suppliers": keys("capacity origin"),
    "lanes": keys(
        "source destination name products lead_time order_delay unit_cost transfer_price fixed_cost capacity "
        "capacity_weight minimum minimum_order minimum_value multiple unfilled priority lateral initial reserve setup ramp "
        "contract vehicles promised carbon terms"
    ),
    "customers": keys("site segment products demand observes price shortage unmet backlog priority reserve dedicated"),
}
"""What a bound stays valid with: what is in it, costs that it leaves out, and rules that it need not keep."""
REALISED: Scope = {
    **ANY,
    "": ANY[""] | keys("disruptions prices shifts promotions discount forecasts"),
    "sites": ANY["sites"] | keys("salvage machines"),
    "lanes": ANY["lanes"] | keys("make at uses co_products machine hours setup_hours"),
}
"""The same of a bound on a realised trace, which says what became of events."""


def check_scope(scenario: Scenario, key: str, who: str, scope: Scope) -> None:
    """Raises InputError for a scenario that says something which is not in scope; `key` is where the user asked for `who`."""
    for place, found in beyond(scenario, scope):
        raise InputError(key, f"{who}, {place}={found} in {scenario.name}", "a scenario without it")


def beyond(scenario: Scenario, scope: Scope) -> Iterator[tuple[str, Any]]:
    """What a scenario says that is not in scope: the key's path, and its value."""
    yield from _said(scenario, scope[""], "")
    for name, site in scenario.sites.items():
        yield from _said(site, scope["sites"], f"sites.{name}.")
    for name, supplier in scenario.suppliers.items():
        yield from _said(supplier, scope["suppliers"], f"suppliers.{name}.")
    for number, lane in enumerate(scenario.lanes):
        yield from _said(lane, scope["lanes"], f"lanes[{number}].")
    for number, entry in enumerate(scenario.customers):
        yield from _said(entry, scope["customers"], f"customers[{number}].")


def _said(part: BaseModel, known: frozenset[str], path: str) -> Iterator[tuple[str, Any]]:
    """The keys beyond those known to which a part gives another value than their default."""
    for name, key in type(part).model_fields.items():
        value = getattr(part, name)
        if name not in known and value != key.get_default(call_default_factory=True):
            yield f"{path}{key.alias or name}", _short(value)


def _short(value: Any) -> Any:
    return "…" if isinstance(value, (dict, list, tuple, BaseModel)) else value
