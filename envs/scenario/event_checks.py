"""What makes an event impossible in a network: places that are not there, and effects that these have nothing for."""

from __future__ import annotations

from collections.abc import Iterator

from ..demand.file import FileDemand
from ..events.schema import check_breaks
from ..events.timing import check_needs
from ..foundation.errors import InputError, UnknownName
from .blocks import Customers
from .change_checks import impossible
from .event_places import is_limited
from .scenario_keys import ScenarioKeys


def check_events(scenario: ScenarioKeys) -> None:
    """Refuse events that cannot be. Raises InputError with the key, what was found and what would be accepted."""
    for find in (
        _names,
        _regimes,
        _effects,
        _shifts,
        _promotions,
        _returns,
        _customers,
        _lanes,
        _sites,
        _suppliers,
    ):
        for problem in find(scenario):
            raise problem


def _names(scenario: ScenarioKeys) -> Iterator[InputError]:
    taken: set[str] = set()
    for kind in ("disruptions", "prices", "shifts", "promotions"):
        for number, event in enumerate(getattr(scenario, kind)):
            if event.name in taken:
                yield InputError(f"{kind}[{number}].name", event.name, "a name that no other event has")
            taken |= {event.name} - {None}


def _regimes(scenario: ScenarioKeys) -> Iterator[InputError]:
    for name, regime in scenario.regimes.items():
        if regime.when.needs():
            yield InputError(f"regimes.{name}.when", list(regime.when.needs()), "a timing that goes by no other regime")


def _effects(scenario: ScenarioKeys) -> Iterator[InputError]:
    for kind in ("disruptions", "prices"):
        for number, event in enumerate(getattr(scenario, kind)):
            check_needs(event.when, scenario.regimes, f"{kind}[{number}].when")
            for place in event.at:
                for change in event.changes:
                    yield from impossible(scenario, event, change, place, f"{kind}[{number}]")


def _shifts(scenario: ScenarioKeys) -> Iterator[InputError]:
    buying = {entry.site for entry in scenario.customers}
    for number, event in enumerate(scenario.shifts):
        key = f"shifts[{number}]"
        check_needs(event.when, scenario.regimes, f"{key}.when")
        for name, places in (("at", event.at), ("from", event.leaves), ("to", event.gains)):
            for place in places or ():
                if place not in buying:
                    yield UnknownName(f"{key}.{name}", place, sorted(buying))


def _promotions(scenario: ScenarioKeys) -> Iterator[InputError]:
    buying = {entry.site for entry in scenario.customers}
    for number, event in enumerate(scenario.promotions):
        for place in event.at:
            if place not in buying:
                yield UnknownName(f"promotions[{number}].at", place, sorted(buying))
            demands = [entry.demand for entry in scenario.customers if entry.site == place]
            read = [demand for demand in demands if isinstance(demand, FileDemand) and demand.columns.promotion]
            if event.recorded and not len(read) == len(demands) == 1:
                found = f"{place}, whose demand is in no file with a column for promotions"
                yield InputError(f"promotions[{number}].recorded", found, "sites with one kind of customers, recorded so")


def _returns(scenario: ScenarioKeys) -> Iterator[InputError]:
    for number, entry in enumerate(scenario.returns):
        for place in entry.leaves:
            if place not in {customers.site for customers in scenario.customers}:
                yield UnknownName(f"returns[{number}].from", place, sorted({entry.site for entry in scenario.customers}))
        if entry.gains not in scenario.sites:
            yield UnknownName(f"returns[{number}].to", entry.gains, scenario.sites)
        if entry.becomes not in (None, *scenario.products):
            yield UnknownName(f"returns[{number}].becomes", str(entry.becomes), scenario.products)
    for site in {customers.site for customers in scenario.customers}:
        total = sum(entry.share + entry.spread for entry in scenario.returns if site in entry.leaves)
        if total > 1:
            yield InputError("returns", f"{total:g} of what is sold at {site}", "shares of at most 1 in sum")


ALIKE = ("promise", "goodwill", "spill_to")
"""What all entries of one segment have in common."""


def _customers(scenario: ScenarioKeys) -> Iterator[InputError]:
    first: dict[tuple[str, str], Customers] = {}
    for number, entry in enumerate(scenario.customers):
        key = f"customers[{number}]"
        for name in ALIKE:
            found, other = getattr(entry, name), getattr(first.setdefault((entry.site, entry.segment), entry), name)
            if found != other:
                yield InputError(f"{key}.{name}", found, f"{other}, as for the segment's other products, or another segment")
        if entry.spill_to is not None and entry.spill_to.site not in scenario.sites:
            yield UnknownName(f"{key}.spill_to.site", entry.spill_to.site, scenario.sites)
        if entry.spill_to is not None and entry.spill_to.site == entry.site:
            yield InputError(f"{key}.spill_to.site", entry.site, "another site than their own")
        if entry.promise and entry.unmet == "lost":
            yield InputError(f"{key}.promise", entry.promise, "0 for customers who do not wait")
        if entry.observes == "sales" and entry.unmet == "backlog":
            accepted = "demand, which the books of those who wait tell; or customers who do not: unmet: lost"
            yield InputError(f"{key}.observes", entry.observes, accepted)
        if entry.dedicated:
            yield from _sharing(scenario, entry, f"{key}.dedicated")


def _sharing(scenario: ScenarioKeys, entry: Customers, key: str) -> Iterator[InputError]:
    """Others at the site who buy what is dedicated to an entry's customers."""
    for other in scenario.customers:
        shared = set(entry.products or scenario.products) & set(other.products or scenario.products)
        if other is not entry and other.site == entry.site and shared:
            found = f"{', '.join(sorted(shared))}, which {other.segment} buy there too"
            yield InputError(key, found, "products that no other customers at the site buy")


def _lanes(scenario: ScenarioKeys) -> Iterator[InputError]:
    for number, lane in enumerate(scenario.lanes):
        if lane.ramp is not None and not is_limited(lane):
            yield InputError(f"lanes[{number}].ramp", "a lane without a capacity", "a lane with one, which is built up")
        reserved = lane.reserve if isinstance(lane.reserve, float) else max(lane.reserve.values())
        if reserved and lane.source not in scenario.sites:
            yield InputError(f"lanes[{number}].reserve", lane.reserve, "0 on a lane from an outside supplier")


def _sites(scenario: ScenarioKeys) -> Iterator[InputError]:
    for name, site in scenario.sites.items():
        if site.overtime is not None and site.throughput is None:
            yield InputError(f"sites.{name}.overtime", "a site without a throughput", "one with a regular throughput")


def _suppliers(scenario: ScenarioKeys) -> Iterator[InputError]:
    for name, supplier in scenario.suppliers.items():
        try:
            check_breaks(supplier.price_breaks)
        except InputError as error:
            yield error.under(f"suppliers.{name}.price_breaks")
