"""What the report tells of a policy: every KPI there is, but for those of outages and those of a project of one's own."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from . import amounts, cross_flow, rationing, worked_out
from .adaptation import OfShifts
from .amounts import Amount
from .kpi import IfCounted, Kpi, kpis
from .outage_kpis import OfOutages
from .rerouting import OfPrices
from .worked_out import REVENUE


class IfEarned(Kpi):
    """What is told where customers pay."""

    def is_told(self, terms: Collection[str], sums: Collection[str]) -> bool:
        return REVENUE in terms


class CostOfTerm(Kpi):
    """One of the ledger's money terms."""

    unit, better, denominator = "money/period", "lower", worked_out.periods

    def __init__(self, term: str) -> None:
        self.name = f"cost_{term}"
        self.meaning = f"Cost: {term.replace('_', ' ')}"
        self.numerator = Amount(self.name)


@kpis.register("cost")
class Cost(Kpi):
    """All money terms together."""

    unit, better = "money/period", "lower"
    numerator, denominator = worked_out.cost, worked_out.periods


@kpis.register("profit")
class Profit(IfEarned):
    """Revenue less all other money terms."""

    unit, better = "money/period", "higher"
    numerator, denominator = worked_out.profit, worked_out.periods


@kpis.register("outlay")
class Outlay(IfEarned):
    """All money terms but revenue."""

    unit, better = "money/period", "lower"
    numerator, denominator = worked_out.outlay, worked_out.periods


@kpis.register("fill_rate")
class FillRate(Kpi):
    """Units served in the period they were asked for, of those demanded (type 2)."""

    unit, better = "1", "higher"
    numerator, denominator = amounts.on_time, amounts.demanded


@kpis.register("cycle_service_level")
class CycleServiceLevel(Kpi):
    """Share of (site, product, period) that end with nothing owed and nothing lost (type 1, every period a cycle)."""

    unit, better = "1", "higher"
    numerator, denominator = worked_out.covered, worked_out.pair_periods


@kpis.register("stockout_periods")
class StockoutPeriods(Kpi):
    """Periods of an episode that end with unmet demand, per site and product."""

    unit, better = "periods", "lower"
    numerator, denominator = amounts.stockouts, worked_out.pairs


@kpis.register("stockout_length")
class StockoutLength(Kpi):
    """Mean number of such periods in a row."""

    unit, better = "periods", "lower"
    numerator, denominator = amounts.stockouts, amounts.stockout_spells


@kpis.register("on_hand")
class OnHand(Kpi):
    """Stock on the shelf at a period's end."""

    unit, better = "units", "lower"
    numerator, denominator = amounts.on_hand, worked_out.periods


@kpis.register("working_capital")
class WorkingCapital(IfCounted):
    """Money tied up in stock on the shelves and under way between sites, at the value of a unit, at a period's end."""

    unit, better = "money", "lower"
    numerator, denominator = amounts.tied_up, worked_out.periods


@kpis.register("in_transit")
class InTransit(Kpi):
    """Stock shipped and not yet arrived, from outside suppliers too."""

    unit, better = "units", "lower"
    numerator, denominator = amounts.in_transit, worked_out.periods


@kpis.register("backlog")
class Backlog(Kpi):
    """Demand owed at a period's end."""

    unit, better = "units", "lower"
    numerator, denominator = amounts.backlog, worked_out.periods


@kpis.register("turns")
class Turns(Kpi):
    """Units that leave per unit of stock on the shelf."""

    unit, better = "1/period", "higher"
    numerator, denominator = worked_out.outflow, amounts.on_hand


@kpis.register("days_of_supply")
class DaysOfSupply(Kpi):
    """Stock on the shelf over a period's mean demand of the customers behind it."""

    unit, better = "periods", "lower"
    numerator, denominator = amounts.on_hand, worked_out.behind


@kpis.register("bullwhip")
class Bullwhip(Kpi):
    """How orders swing more than the demand behind them."""

    meaning = (
        "Var(orders) / Var(customer demand behind them) over time: a site's orders, lateral lanes left out, against "
        "the demand of all customers it is the main source for; of the network, the orders to outside suppliers "
        "against all demand, and undefined where no lane leads in from outside. Where goods are made, orders are units of "
        "parts and demand is units of products, so that 1 is no yardstick there"
    )
    unit, better = "ratio", "lower"
    numerator, denominator = worked_out.order_variance, worked_out.demand_variance


@kpis.register("order_frequency")
class OrderFrequency(Kpi):
    """Share of (site, period) in which the site orders."""

    unit, better = "1", "neither"
    numerator, denominator = amounts.orders_placed, worked_out.site_periods


@kpis.register("expedite_share")
class ExpediteShare(Kpi):
    """Units shipped by a lane that is faster than the site's main one, of all that go to sites but by lateral lanes."""

    unit, better = "1", "neither"
    numerator, denominator = worked_out.expedited, worked_out.regular_inflow


@kpis.register("worst_fill")
class WorstFill(Kpi):
    """Lowest fill rate of a site in an episode."""

    unit, better = "1", "higher"
    numerator, denominator = worked_out.WORST_FILL, worked_out.FILL_EPISODES


@kpis.register("fill_spread")
class FillSpread(Kpi):
    """Highest less lowest fill rate of a site in an episode."""

    unit, better = "1", "lower"
    numerator, denominator = worked_out.FILL_SPREAD, worked_out.FILL_EPISODES


@kpis.register("plan_nervousness")
class PlanNervousness(Kpi):
    """Change of the centre's levels from period to period, up or down, per site; none where no centre sets levels."""

    unit, better = "units/period", "lower"
    numerator, denominator = amounts.target_changes, worked_out.target_steps


@kpis.register("override_rate")
class OverrideRate(Kpi):
    """Share of (site, period) in which a site that may depart from the centre does so, by more than rounding."""

    unit, better = "1", "neither"
    numerator, denominator = amounts.overrides, worked_out.override_periods


@kpis.register("override_distance")
class OverrideDistance(Kpi):
    """How far such sites are from the centre's level, or order under approve, per lane and product."""

    unit, better = "mean demand of a period", "neither"
    numerator, denominator = amounts.override_distance, worked_out.override_pairs


@kpis.register("order_inflation")
class OrderInflation(IfCounted):
    """How much more than they need sites order from sources that ration."""

    meaning = (
        "Orders over need in the periods in which an internal source that a site orders from cannot fill all its orders: what "
        "the site orders then, over what its inventory position has lost since its last order; 1 where orders are up to a "
        "level that stays, above 1 where more is asked for because less will come"
    )
    unit, better = "ratio", "neither"
    numerator, denominator = rationing.rationed_orders, rationing.rationed_need


@kpis.register("cross_flow")
class CrossFlow(IfCounted):
    """How much peers send each other and back."""

    meaning = (
        "Share of the units on lateral lanes that the opposite lane has carried of late: what a peer is sent in a period, as "
        f"far as it has sent as much the other way in that period or the {cross_flow.WINDOW} before it"
    )
    unit, better = "1", "lower"
    numerator, denominator = cross_flow.cross_flow, cross_flow.lateral_flow


@kpis.register("utilisation")
class Utilisation(IfCounted):
    """Hours that machines run, set-ups and overtime included, of their regular ones as far as events leave these."""

    unit, better = "1", "neither"
    numerator, denominator = amounts.machine_hours, amounts.regular_hours


@kpis.register("setup_share")
class SetupShare(IfCounted):
    """Hours in which machines are set up, of those that they run."""

    unit, better = "1", "lower"
    numerator, denominator = amounts.setup_hours, amounts.machine_hours


@kpis.register("machine_queue")
class MachineQueue(IfCounted):
    """Regular periods that machines need for what has been ordered and not begun, set-ups left out."""

    unit, better = "periods", "lower"
    numerator, denominator = amounts.waiting_hours, amounts.regular_hours


@kpis.register("scrap_share")
class ScrapShare(IfCounted):
    """Units past their shelf life per unit that leaves."""

    unit, better = "1", "lower"
    numerator, denominator = amounts.scrapped, worked_out.outflow


@kpis.register("lost_on_the_way")
class LostOnTheWay(IfCounted):
    """Units shipped that do not arrive."""

    unit, better = "units/period", "lower"
    numerator, denominator = amounts.wasted, worked_out.periods


@kpis.register("spill_share")
class SpillShare(IfCounted):
    """Units that customers get at another site than their own, of all they get."""

    unit, better = "1", "lower"
    numerator, denominator = amounts.spilled, amounts.served


@kpis.register("returned")
class Returned(IfCounted):
    """Units that customers bring back."""

    unit, better = "units/period", "neither"
    numerator, denominator = amounts.returned, worked_out.periods


@kpis.register("carbon")
class Carbon(IfCounted):
    """Carbon of what is held and shipped."""

    unit, better = "kg/period", "lower"
    numerator, denominator = amounts.carbon, worked_out.periods


@kpis.register("carbon_per_unit")
class CarbonPerUnit(IfCounted):
    """The same per unit that leaves."""

    unit, better = "kg/unit", "lower"
    numerator, denominator = amounts.carbon, worked_out.outflow


COST, OUTLAY = Cost(), Outlay()


def kpis_of(terms: Collection[str], sums: Iterable[str] = ()) -> tuple[Kpi, ...]:
    """All KPIs of a network whose ledger has these terms: money first, outages last.

    `sums` are those there are; what few networks have brings KPIs of its own.
    """
    there = set(sums)
    told = [kpi for kpi in (cls() for cls in kpis.classes()) if kpi.is_told(terms, there)]
    money = [kpi for kpi in told if isinstance(kpi, (Cost, IfEarned))]
    of_events = [kpi for kind in (OfShifts, OfPrices, OfOutages) for kpi in told if isinstance(kpi, kind)]
    others = [kpi for kpi in told if kpi not in money and kpi not in of_events]
    return (*money, *map(CostOfTerm, terms), *others, *of_events)
