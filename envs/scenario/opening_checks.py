"""What a scenario may say of its beginning and its end: goods that arrive in a known period, debts, what is left over."""

from __future__ import annotations

from collections.abc import Iterator

from ..foundation.errors import InputError, UnknownName
from .scenario_keys import ScenarioKeys


def check_opening(scenario: ScenarioKeys) -> None:
    """Refuse a beginning or an end that cannot be. Raises InputError with the key and what would be accepted."""
    for problem in _problems(scenario):
        raise problem


def _problems(scenario: ScenarioKeys) -> Iterator[InputError]:
    lanes = {lane.label: lane for lane in scenario.lanes}
    for number, entry in enumerate(scenario.arriving):
        key = f"arriving[{number}]"
        if entry.lane not in lanes:
            yield UnknownName(f"{key}.lane", entry.lane, lanes)
            return
        lane, carried = lanes[entry.lane], lanes[entry.lane].products or scenario.products
        if entry.product is not None and entry.product not in carried:
            yield UnknownName(f"{key}.product", entry.product, carried)
        if entry.period >= lane.lead_time.longest:
            accepted = f"a period before {lane.lead_time.longest}, its lead time: what arrives later leaves after the start"
            yield InputError(f"{key}.period", entry.period, accepted)
    for name, site in scenario.sites.items():
        if scenario.terminal != "nothing" and site.salvage:
            yield InputError(f"sites.{name}.salvage", site.salvage, f"nothing beside terminal: {scenario.terminal}")
    for number, customers in enumerate(scenario.customers):
        if customers.backlog and customers.unmet == "lost":
            yield InputError(
                f"customers[{number}].backlog", customers.backlog, "nothing, or customers who wait: unmet: backlog"
            )
