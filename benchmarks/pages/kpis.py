"""docs/reference/kpis.md: every KPI with its formula, from the objects that the report computes."""

from __future__ import annotations

from orderup.evaluation.measures.adaptation import OfShifts
from orderup.evaluation.measures.kpi import IfCounted, Kpi, kpis
from orderup.evaluation.measures.kpis import (
    Cost,
    CrossFlow,
    FillSpread,
    IfEarned,
    OrderInflation,
    OverrideDistance,
    OverrideRate,
    PlanNervousness,
    WorstFill,
)
from orderup.evaluation.measures.outage_kpis import OfOutages
from orderup.evaluation.measures.rerouting import OfPrices

HEAD = """# KPIs

Every number of the report is a numerator over a denominator. Both are sums over the evaluated periods (those after the
warm-up); an episode's value is the quotient of its sums, and that of many episodes, sites or products is the quotient of all
their sums, not a mean of quotients. This page is made from the objects that the report computes (`python -m benchmarks.pages`).

Beside these there is a KPI `cost_<term>` for every term of a network's ledger (`cost_holding`, `cost_shortage`, …): the sum of
that term over the number of periods. In results and data frames a KPI goes by its name here.
"""
REST = "Service and stock"
GROUPS: dict[str, tuple[type[Kpi], ...]] = {
    "Money": (Cost, IfEarned),
    REST: (),
    "Fairness among sites": (WorstFill, FillSpread),
    "Centre and sites": (PlanNervousness, OverrideRate, OverrideDistance),
    "Of mechanisms that few networks have": (IfCounted,),
    "Among sites that compete or help each other: where there are internal sources, and lateral lanes in both directions": (
        OrderInflation,
        CrossFlow,
    ),
    "Adaptation: where demand shifts once, or as scheduled": (OfShifts,),
    "Rerouting: where a price changes once, or as scheduled": (OfPrices,),
    "Resilience: where a scenario has disruptions": (OfOutages,),
}
"""Which KPIs, or kinds of them, stand together; the last that fits counts."""
SUMS: dict[str, str] = {
    "affected_after": "units ordered by lanes whose price changes, in the second half of the change",
    "affected_before": "units ordered by them from the warm-up until the announcement",
    "all_after": "units ordered by all lanes into the same sites, lateral ones left out, in the second half of the change",
    "all_before": "units ordered by them from the warm-up until the announcement",
    "backlog": "units owed to customers at a period's end",
    "behind": "units asked for by the customers whom a site, directly or through others, is the main source for",
    "bought_ahead": "units ordered by lanes whose price will change, between announcement and change",
    "carbon": "kg of carbon of what is held and shipped",
    "cost": "money of all ledger terms, revenue counting as negative",
    "covered": "(site, product, period) that end with nothing owed and nothing lost",
    "cross_flow": "units that peers send each other, as far as as many went the other way within the window",
    "demand_variance": "sample variance over time of the demand behind a site, or behind suppliers, summed over products",
    "demanded": "units that customers ask for",
    "detect_periods": "periods from an outage's beginning to the first order that differs from the undisturbed twin's",
    "disruption_cost": "cost less that of the undisturbed twin",
    "expedited": "units shipped by lanes that are faster than the main one",
    "extra_cost": "cost beyond the twin's from an outage's beginning until service is back",
    "fill_depth": "deepest loss of fill rate against the twin",
    "fill_episodes": "episodes in which anybody asked for anything",
    "fill_spread": "highest less lowest fill rate of a site",
    "in_transit": "units shipped and not yet arrived",
    "lag_periods": "periods from when mean demand reaches 90 % of what a shift makes of it until the mean of orders does",
    "lateral_flow": "units shipped by lateral lanes",
    "lost_fill": "area between the twin's fill rate and this one",
    "machine_hours": "hours that machines run, set-ups and overtime included",
    "on_hand": "units on the shelf at a period's end",
    "on_time": "units served in the period they were asked for",
    "tied_up": "money in stock on the shelves and under way from site to site, at the value of a unit",
    "order_variance": "sample variance over time of a site's orders, or the network's to suppliers, summed over products",
    "orders_placed": "(site, period) in which a site orders",
    "outage_periods": "periods that the evaluated outages last",
    "outages": "evaluated outages, at most one in an episode",
    "outflow": "units that leave a site, to customers or other sites; of the network, those that customers get",
    "outlay": "money of all ledger terms but revenue",
    "override_distance": "distance of a site's level or order from the centre's, in mean demands of a period",
    "override_pairs": "(lane, product, period) in which a site may depart from the centre",
    "override_periods": "(site, period) in which a site may depart from the centre",
    "overrides": "(site, period) in which it does",
    "pair_periods": "(site, product, period) with customers",
    "pairs": "(site, product) with customers",
    "periods": "evaluated periods",
    "price_changes": "changes of prices that are looked at, at most one in an episode",
    "profit": "revenue less the money of all other ledger terms",
    "rationed_need": "units by which the positions of those sites have fallen since their last orders",
    "rationed_orders": "units that sites order while an internal source of theirs cannot fill all its orders",
    "recover_periods": "periods from an outage's beginning until service is the twin's again and stays so",
    "regular_hours": "those that they have without overtime, less what events take",
    "regular_inflow": "units shipped to sites, lateral lanes left out",
    "reroute_periods": "periods from the change's beginning until the mix of lanes comes near the final one",
    "returned": "units that customers bring back",
    "scrapped": "units past their shelf life",
    "served": "units that customers get",
    "setup_hours": "those in which they are set up",
    "shifts": "shifts of demand that are looked at, at most one in an episode",
    "site_periods": "(site, period)",
    "spilled": "units that customers get at another site than their own",
    "stockout_spells": "uninterrupted runs of periods with unmet demand, per site and product",
    "stockouts": "(site, product, period) that end with unmet demand",
    "survive_periods": "periods from an outage's beginning until service is worse than the twin's",
    "target_changes": "units by which the centre's levels move from one period to the next",
    "target_steps": "(site, period) between two of the centre's levels",
    "unadapted": "shifts that are over before orders have reached it",
    "undetected": "outages in which no order ever differs",
    "unharmed": "outages in which service holds",
    "unrecovered": "outages that the episode ends before",
    "usually_bought": "units ordered by these lanes in as many periods before the announcement, on average",
    "waiting_hours": "those that it takes to make what has been ordered and not begun at a period's end, without set-ups",
    "wasted": "units shipped that do not arrive",
    "worst_fill": "lowest fill rate of a site",
}
"""What is added up, by the name that a KPI's numerator or denominator has."""


def kpis_page() -> str:
    """The whole of docs/reference/kpis.md."""
    parts, everything = [HEAD], [cls() for cls in kpis.classes()]
    for title in GROUPS:
        those = [kpi for kpi in everything if _group(kpi) == title]
        rows = [["KPI", "meaning", "formula", "unit", "better"], ["---"] * 5, *map(_row, those)]
        parts += [f"## {title}", "", _table(rows), ""]
    used = sorted({name for kpi in everything for name in kpi.columns})
    rows = [["sum", "what is added up"], ["---", "---"], *([f"`{name}`", SUMS[name]] for name in used)]
    return "\n".join([*parts, "## What the sums are", "", _table(rows), ""])


def _group(kpi: Kpi) -> str:
    return next((title for title, kinds in reversed(GROUPS.items()) if isinstance(kpi, kinds)), REST)


def _row(kpi: Kpi) -> list[str]:
    formula = " / ".join(f"`{name}`" for name in kpi.columns)
    return [f"`{kpi.name}`", kpi.meaning.replace("|", "\\|"), formula, kpi.unit, kpi.better]


def _table(rows: list[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
