"""What the report tells of a policy: each number as a numerator over a denominator, so that it adds up over anything.

The names of numerators and denominators are those of `accumulator`. An episode's value is the quotient of its sums;
that of many episodes or sites is the quotient of all their sums, not a mean of quotients.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ..statistics.statistics import ratio

CONSTANT = ("periods", "site_periods", "pairs", "pair_periods", "target_steps", "override_periods", "override_pairs")
"""Denominators that are the same in every episode."""


@dataclass(frozen=True)
class Kpi:
    """A number of the report."""

    name: str
    meaning: str
    unit: str
    numerator: str
    denominator: str
    better: Literal["lower", "higher", "neither"]

    @property
    def is_mean(self) -> bool:
        """Whether it is a plain mean over episodes, rather than a quotient of two random sums."""
        return self.denominator in CONSTANT

    def of(self, sums: Mapping[str, Any]) -> Any:
        """Its value from sums (any shape); NaN where it means nothing."""
        return ratio(sums[self.numerator], sums[self.denominator])


COST = Kpi("cost", "All money terms together", "money/period", "cost", "periods", "lower")

OUTLAY = Kpi("outlay", "All money terms but revenue", "money/period", "outlay", "periods", "lower")
PROFIT = (Kpi("profit", "Revenue less all other money terms", "money/period", "profit", "periods", "higher"), OUTLAY)
"""Where customers pay."""
REVENUE = "revenue"
"""The term that makes the ledger's sum minus a profit."""

SERVICE_AND_STOCK = (
    Kpi(
        "fill_rate",
        "Units served in the period they were asked for, of those demanded (type 2)",
        "1",
        "on_time",
        "demanded",
        "higher",
    ),
    Kpi(
        "cycle_service_level",
        "Share of (site, product, period) that end with nothing owed and nothing lost (type 1, every period a cycle)",
        "1",
        "covered",
        "pair_periods",
        "higher",
    ),
    Kpi(
        "stockout_periods",
        "Periods of an episode that end with unmet demand, per site and product",
        "periods",
        "stockouts",
        "pairs",
        "lower",
    ),
    Kpi("stockout_length", "Mean number of such periods in a row", "periods", "stockouts", "stockout_spells", "lower"),
    Kpi("on_hand", "Stock on the shelf at a period's end", "units", "on_hand", "periods", "lower"),
    Kpi(
        "in_transit", "Stock shipped and not yet arrived, from outside suppliers too", "units", "in_transit", "periods", "lower"
    ),
    Kpi("backlog", "Demand owed at a period's end", "units", "backlog", "periods", "lower"),
    Kpi("turns", "Units that leave per unit of stock on the shelf", "1/period", "outflow", "on_hand", "higher"),
    Kpi(
        "days_of_supply",
        "Stock on the shelf over a period's mean demand of the customers behind it",
        "periods",
        "on_hand",
        "behind",
        "lower",
    ),
    Kpi(
        "bullwhip",
        "Var(orders) / Var(customer demand behind them) over time: a site's orders, lateral lanes left out, against the demand "
        "of all customers it is the main source for; of the network, the orders to outside suppliers against all demand",
        "ratio",
        "order_variance",
        "demand_variance",
        "lower",
    ),
    Kpi("order_frequency", "Share of (site, period) in which the site orders", "1", "orders_placed", "site_periods", "neither"),
    Kpi(
        "expedite_share",
        "Units shipped by a lane that is faster than the site's main one, of all that go to sites but by lateral lanes",
        "1",
        "expedited",
        "regular_inflow",
        "neither",
    ),
)

FAIRNESS = (
    Kpi("worst_fill", "Lowest fill rate of a site in an episode", "1", "worst_fill", "fill_episodes", "higher"),
    Kpi("fill_spread", "Highest less lowest fill rate of a site in an episode", "1", "fill_spread", "fill_episodes", "lower"),
)

CENTRE = (
    Kpi(
        "plan_nervousness",
        "Change of the centre's levels from period to period, up or down, per site; none where no centre sets levels",
        "units/period",
        "target_changes",
        "target_steps",
        "lower",
    ),
    Kpi(
        "override_rate",
        "Share of (site, period) in which a site that may depart from the centre does so, by more than rounding",
        "1",
        "overrides",
        "override_periods",
        "neither",
    ),
    Kpi(
        "override_distance",
        "How far such sites are from the centre's level, or order under approve, per lane and product",
        "mean demand of a period",
        "override_distance",
        "override_pairs",
        "neither",
    ),
)


MECHANISMS = (
    Kpi("scrap_share", "Units past their shelf life per unit that leaves", "1", "scrapped", "outflow", "lower"),
    Kpi("lost_on_the_way", "Units shipped that do not arrive", "units/period", "wasted", "periods", "lower"),
    Kpi(
        "spill_share",
        "Units that customers get at another site than their own, of all they get",
        "1",
        "spilled",
        "served",
        "lower",
    ),
    Kpi("returned", "Units that customers bring back", "units/period", "returned", "periods", "neither"),
    Kpi("carbon", "Carbon of what is held and shipped", "kg/period", "carbon", "periods", "lower"),
    Kpi("carbon_per_unit", "The same per unit that leaves", "kg/unit", "carbon", "outflow", "lower"),
)

JUDGED = "of the outage that an episode is judged by"

RESILIENCE = (
    Kpi(
        "disruption_cost",
        "Cost less that of the same traces without disruptions",
        "money/period",
        "disruption_cost",
        "periods",
        "lower",
    ),
    Kpi(
        "time_to_detect",
        f"Periods from the beginning {JUDGED} to an order that is not the undisturbed twin's; a lower bound "
        "where some never show",
        "periods",
        "detect_periods",
        "outages",
        "lower",
    ),
    Kpi(
        "time_to_survive",
        f"Periods from the beginning {JUDGED} until fewer are served on time than in the twin, by 2 % of demand; a lower bound "
        "where service holds",
        "periods",
        "survive_periods",
        "outages",
        "higher",
    ),
    Kpi(
        "time_to_recover",
        f"Periods from the beginning {JUDGED} until service is the twin's again and stays so, 0 where it held; a lower "
        "bound where the episode ends before",
        "periods",
        "recover_periods",
        "outages",
        "lower",
    ),
    Kpi("fill_depth", "Deepest loss of fill rate against the twin until then", "1", "fill_depth", "outages", "lower"),
    Kpi(
        "lost_fill",
        "Area between the twin's fill rate and this one until then: periods without any service that would lose as much",
        "periods",
        "lost_fill",
        "outages",
        "lower",
    ),
    Kpi("extra_cost", "Cost beyond the twin's until then", "money", "extra_cost", "outages", "lower"),
    Kpi("outage_length", "Periods that such outages last", "periods", "outage_periods", "outages", "neither"),
    Kpi("undetected", "Share of them in which no order ever differs", "1", "undetected", "outages", "neither"),
    Kpi("unharmed", "Share of them in which service holds", "1", "unharmed", "outages", "higher"),
    Kpi("unrecovered", "Share of them that the episode ends before", "1", "unrecovered", "outages", "lower"),
)


def kpis_of(terms: Collection[str], disrupted: bool = False, counted: Iterable[str] = ()) -> tuple[Kpi, ...]:
    """All KPIs of a network whose ledger has these terms, and which can be `disrupted`, the cost first.

    `counted` are the sums there are; those of mechanisms that few networks have bring KPIs of their own.
    """
    there = set(counted)
    rare = [kpi for kpi in MECHANISMS if kpi.numerator in there]
    by_term = (
        Kpi(f"cost_{term}", f"Cost: {term.replace('_', ' ')}", "money/period", f"cost_{term}", "periods", "lower")
        for term in terms
    )
    profit = PROFIT if REVENUE in terms else ()
    return (COST, *profit, *by_term, *SERVICE_AND_STOCK, *FAIRNESS, *CENTRE, *rare, *(RESILIENCE if disrupted else ()))
