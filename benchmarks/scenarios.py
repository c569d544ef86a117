"""What every scenario asks: `python benchmarks/scenarios.py` writes docs/scenarios.md from the scenarios and their cards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

from orderup.envs.catalogue import list_scenarios, load_scenario
from orderup.envs.demand.file import FileDemand
from orderup.envs.demand.series import Ar1
from orderup.envs.foundation.files import write_text
from orderup.envs.scenario.card import Hypothesis
from orderup.envs.scenario.scenario import Customers, Lane, Scenario, Site

PAGE = Path(__file__).resolve().parent.parent / "docs" / "scenarios.md"
HEAD = """# Scenarios

Each asks one question; its file in `configs/scenarios/` is its data sheet, with description, source, and what is expected of
the levels of autonomy. This page is written from these files by `python benchmarks/scenarios.py`.

`<name>-small` is a small version for quick tests, where ✓ says that there is one: `scenario=transship-small`. Any key can be
changed on the command line: `scenario=owmr scenario.horizon=60 scenario.sites.store_1.holding=2`.
"""
TAIL = """## What is expected

<!-- nothing measured: what was expected beforehand -->

Registered with the scenarios; `python evaluate.py study=hypotheses` says what became of each, with intervals, and keeps those
that were refuted. ≈ stands for an expected difference of at most so much. `micro_segments` was made anew after its first
version, whose customers waited and whose goods came every period, had refuted the first hypothesis: thresholds only cost there.
"""


def page() -> str:
    """The whole of docs/scenarios.md."""
    scenarios = [load_scenario(name) for name in list_scenarios()]
    rows = [["scenario", "question", "network", "mechanisms", "small"], ["---"] * 5, *map(_row, scenarios)]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    expected = [line for scenario in scenarios for line in _expected(scenario)]
    return "\n".join([HEAD, table, "", TAIL, *expected, ""])


def _row(scenario: Scenario) -> list[str]:
    question = scenario.card.question if scenario.card else scenario.description
    return [f"`{scenario.name}`", question, network(scenario), ", ".join(mechanisms(scenario)), "✓" if scenario.small else ""]


def _expected(scenario: Scenario) -> list[str]:
    hypotheses = scenario.card.hypotheses if scenario.card else []
    return [f"- `{scenario.name}`: {_told(entry)}. {entry.because}".rstrip() for entry in hypotheses]


def _told(entry: Hypothesis) -> str:
    return f"{entry.measure}: {entry.expected}"


def network(scenario: Scenario) -> str:
    """How many sites of which role, and how many lanes, products and suppliers where there are several."""
    roles = Counter(site.role for site in scenario.sites.values())
    sites = ", ".join(f"{count} {role if count == 1 else role + 's'}" for role, count in roles.items())
    suppliers = {lane.source for lane in scenario.lanes} - set(scenario.sites)
    counts = {"lane": len(scenario.lanes), "product": len(scenario.products), "supplier": len(suppliers)}
    shown = [f"{count} {word}s" for word, count in counts.items() if count > 1]
    return "; ".join([sites, ", ".join(shown)] if shown else [sites])


def mechanisms(scenario: Scenario) -> list[str]:
    """What happens there beside demand, stock and lead times."""
    return [word for word, is_there in MECHANISMS.items() if is_there(scenario)]


def _any_lane(has: Callable[[Lane], object]) -> Callable[[Scenario], bool]:
    return lambda scenario: any(has(lane) for lane in scenario.lanes)


def _any_site(has: Callable[[Site], object]) -> Callable[[Scenario], bool]:
    return lambda scenario: any(has(site) for site in scenario.sites.values())


def _any_customer(has: Callable[[Customers], object]) -> Callable[[Scenario], bool]:
    return lambda scenario: any(has(entry) for entry in scenario.customers)


def _any_change(*what: str) -> Callable[[Scenario], bool]:
    return lambda scenario: any(
        change.of in what for event in (*scenario.disruptions, *scenario.prices) for change in event.changes
    )


def _several_segments(scenario: Scenario) -> bool:
    return len({entry.segment for entry in scenario.customers}) > 1


def _several_ways(scenario: Scenario) -> bool:
    ways = Counter(lane.destination for lane in scenario.lanes if not (lane.lateral or lane.makes))
    return max(ways.values(), default=0) > 1


MECHANISMS: Mapping[str, Callable[[Scenario], bool]] = {
    "outages": _any_change("orders", "shipments", "transit", "receipts"),
    "lost capacity": _any_change("capacity"),
    "late fleet": _any_change("delay"),
    "common origin": lambda scenario: any(supplier.origin for supplier in scenario.suppliers.values()),
    "storms": lambda scenario: bool(scenario.regimes),
    "promotions": lambda scenario: bool(scenario.promotions),
    "demand that moves away": lambda scenario: any(event.share is not None for event in scenario.shifts),
    "demand that changes": lambda scenario: any(event.factor is not None for event in scenario.shifts),
    "demand with memory": _any_customer(lambda entry: isinstance(entry.demand, Ar1)),
    "a season": lambda scenario: scenario.calendar is not None,
    "recorded demand": _any_customer(lambda entry: isinstance(entry.demand, FileDemand)),
    "correlated demand": lambda scenario: scenario.correlation is not None,
    "goodwill": _any_customer(lambda entry: entry.goodwill),
    "spill-over": _any_customer(lambda entry: entry.spill_to),
    "lost sales": _any_customer(lambda entry: entry.unmet == "lost"),
    "prices": _any_customer(lambda entry: entry.price),
    "segments": _several_segments,
    "threshold rationing": _any_customer(lambda entry: entry.reserve),
    "dedicated stock": _any_customer(lambda entry: entry.dedicated),
    "promised waits": _any_customer(lambda entry: entry.promise),
    "cost of variety": _any_site(lambda site: site.variety),
    "goods that are made": _any_lane(lambda lane: lane.makes),
    "machines": _any_site(lambda site: site.machines),
    "several sources": _several_ways,
    "peers": _any_lane(lambda lane: lane.lateral),
    "random lead times": _any_lane(lambda lane: lane.lead_time.random),
    "promised lead times": _any_lane(lambda lane: lane.promised is not None),
    "orders that travel": _any_lane(lambda lane: lane.order_delay),
    "capacity": lambda scenario: any(
        [*(x.capacity for x in scenario.suppliers.values()), *(x.capacity for x in scenario.lanes)]
    ),
    "volume and weight": lambda scenario: scenario.volume != 1 or scenario.weight != 1,
    "hard storage": _any_site(lambda site: site.storage_hard),
    "full stores that turn goods or orders away": _any_site(lambda site: site.storage_full != "waits"),
    "throughput": _any_site(lambda site: site.throughput),
    "overtime": _any_site(lambda site: site.overtime),
    "orders that get lost": _any_lane(lambda lane: lane.lost_orders),
    "orders that lapse": _any_lane(lambda lane: lane.expires),
    "orders that are passed on": _any_lane(lambda lane: lane.reroute),
    "capacity that is built up": _any_lane(lambda lane: lane.ramp),
    "fixed costs": _any_lane(lambda lane: lane.fixed_cost or lane.setup),
    "trucks in common": lambda scenario: bool(scenario.trucks),
    "lots": _any_lane(lambda lane: lane.minimum or lane.minimum_order or lane.minimum_value or lane.multiple),
    "price breaks": lambda scenario: any(supplier.price_breaks for supplier in scenario.suppliers.values()),
    "deals": _any_change("price"),
    "tariffs": _any_change("tariff"),
    "vehicles": _any_lane(lambda lane: lane.vehicles),
    "contracts": _any_lane(lambda lane: lane.contract),
    "payments between sites": _any_lane(lambda lane: lane.terms),
    "yield": _any_lane(lambda lane: lane.yield_),
    "shelf life": _any_site(lambda site: site.shelf_life),
    "the youngest first": _any_site(lambda site: site.issue == "lifo"),
    "returns": lambda scenario: bool(scenario.returns),
    "salvage": lambda scenario: scenario.terminal != "nothing" or any(site.salvage for site in scenario.sites.values()),
    "discounting": lambda scenario: scenario.discount < 1,
    "carbon price": lambda scenario: scenario.carbon is not None,
}
"""Each with how to tell from the scenario's keys."""


if __name__ == "__main__":
    write_text(PAGE, page())
    print(f"Written: {PAGE}")
