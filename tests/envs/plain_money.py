"""The ledger in plain Python: what a period of the plain model costs whom, by (term, site)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orderup.envs.scenario.scenario import Lane
from orderup.envs.scenario.trade_terms import Terms

from .plain_queue import Amounts, World, dot, total

if TYPE_CHECKING:
    from .plain_network import Period, PlainNetwork

Costs = dict[tuple[str, str], float]
NOTHING = 1e-9
DUST = 1e-5
"""What sums and broken packs leave of nothing."""


def count(model: PlainNetwork, period: Period, world: World) -> Costs:
    """Every term of the ledger on the state at the period's end."""
    cost: Costs = {}
    for name in model.scenario.sites:
        _of_site(cost, model, period, name, world)
    for label, lane in model.lanes.items():
        _of_lane(cost, model, period, world, label, lane)
    for customer in model.backlog:
        place = customer.split("/")[0]
        _add(cost, "shortage", place, dot(period.late[customer], model.by_entry(customer, lambda entry: entry.shortage)))
        _add(cost, "revenue", place, -dot(period.served[customer], model.by_entry(customer, lambda entry: entry.price)))
        spill = model.entries(customer)[0].spill_to
        if spill is not None:
            _add(cost, "spill", place, spill.cost * sum(period.spilled[customer]))
    _of_trucks(cost, model, period)
    _of_carbon(cost, model, period)
    return cost


def _of_site(cost: Costs, model: PlainNetwork, period: Period, name: str, world: World) -> None:
    site, stock = model.scenario.sites[name], model.on_hand[name].units
    _add(cost, "holding", name, dot(stock, model.numbers(site.holding)))
    if site.storage is not None:
        turned_away = sum(dot(model.turned_away[label], model.volume) for label in model.into(name))
        above = max(dot(stock, model.volume) - site.storage, 0.0) + turned_away
        _add(cost, "overflow", name, above * site.overflow)
    asked = total(model.zeros(), (units for customer, units in period.demand.items() if customer.split("/")[0] == name))
    _add(cost, "variety", name, site.variety * _kinds(total(stock, [asked])))
    ended = len(model.sold) == model.scenario.horizon
    _add(cost, "salvage", name, -dot(stock, model.numbers(site.salvage)) * ended)
    _add(cost, "scrap", name, site.scrap_cost * sum(period.scrapped[name]))
    for machine, keys in site.machines.items():
        if keys.overtime is not None:
            ran = sum(
                _hours(lane, period.shipments[label], model)
                for label, lane in model.lanes.items()
                if lane.machine == machine and lane.at == name
            )
            regular = keys.hours * world.of("limits", f"{name}/{machine}")
            _add(cost, "overtime", name, keys.overtime.cost * max(ran - regular, 0.0))
    if site.overtime is not None and site.throughput is not None:
        leaving = sum(dot(period.shipments[label], model.volume) for label in model.out_of(name))
        _add(cost, "overtime", name, site.overtime.cost * max(leaving - site.throughput, 0.0))


def _of_lane(cost: Costs, model: PlainNetwork, period: Period, world: World, label: str, lane: Lane) -> None:
    inside = lane.source in model.on_hand and not lane.makes
    moved, to = period.shipments[label], lane.destination
    paid = dot(moved, model.numbers(lane.unit_cost)) * world.of("price", label)
    _add(cost, "making" if lane.makes else "transport" if inside else "purchase", to, paid)
    _add(cost, "tariff", to, paid * world.of("tariff", label))
    _add(cost, "discount", to, -paid * _discount(model, lane, sum(moved)))
    _add(cost, "fixed", to, lane.fixed_cost * (sum(period.orders[label]) > NOTHING))
    ordered = [float(units > NOTHING) for units in period.orders[label]]
    _add(cost, "setup", to, dot(ordered, model.numbers(lane.setup)))
    if lane.makes:
        in_work = model.carried(lane, model.in_transit(label))
        worth = dot(model.parts(label, in_work), model.numbers(model.scenario.sites[to].holding))
        _add(cost, "in_transit", to, worth)
    if inside:
        rate = model.numbers(model.scenario.sites[lane.source].holding)
        _add(cost, "in_transit", lane.source, dot(model.in_transit(label), rate))
        between = dot(moved, model.numbers(lane.transfer_price))
        _add(cost, "transfer", to, between)
        _add(cost, "transfer", lane.source, -between)
    if lane.terms is not None:
        for name, paid in _by_terms(model, period, label, lane, lane.terms).items():
            _add(cost, name, lane.source, paid)
            _add(cost, name, to, -paid)


def _by_terms(model: PlainNetwork, period: Period, label: str, lane: Lane, terms: Terms) -> dict[str, float]:
    """What a lane's source pays its destination, by term."""
    found = dict.fromkeys(("shared_shortage", "subsidy", "buy_back", "shared_revenue"), 0.0)
    carried = model.carried(lane, [1.0 for _ in model.scenario.products])
    for customer in [name for name in model.backlog if name.split("/")[0] == lane.destination]:
        cost, price = (model.by_entry(customer, pick) for pick in (lambda entry: entry.shortage, lambda entry: entry.price))
        for product, there in enumerate(carried):
            found["shared_shortage"] += terms.backlog_share * there * period.late[customer][product] * cost[product]
            found["shared_revenue"] -= terms.revenue_share * there * period.served[customer][product] * price[product]
        found["subsidy"] += dot(period.unmet[customer], model.carried(lane, model.numbers(terms.backlog)))
    stock = model.on_hand[lane.destination].units
    found["subsidy"] += dot(stock, model.carried(lane, model.numbers(terms.on_hand)))
    found["subsidy"] += dot(model.open[label], model.carried(lane, model.numbers(terms.late)))
    left = stock if len(model.sold) == model.scenario.horizon else model.zeros()
    found["buy_back"] += dot(
        total(left, [period.scrapped[lane.destination]]), model.carried(lane, model.numbers(terms.buy_back))
    )
    return found


def _discount(model: PlainNetwork, lane: Lane, units: float) -> float:
    """The share off by the last break that a lane's own order reaches."""
    supplier = model.scenario.suppliers.get(lane.source)
    reached = [step.discount for step in (supplier.price_breaks if supplier else ()) if units >= step.least * (1 - 1e-6)]
    return reached[-1] if reached else 0.0


def _of_trucks(cost: Costs, model: PlainNetwork, period: Period) -> None:
    for truck in model.scenario.trucks:
        on = [label for label in truck.lanes if sum(period.shipments[label]) > DUST]
        for label in truck.lanes:
            _add(cost, "trucks", model.lanes[label].destination, truck.cost / len(on) if label in on else 0.0)


def _of_carbon(cost: Costs, model: PlainNetwork, period: Period) -> None:
    keys = model.scenario.carbon
    if keys is None:
        return
    kg = {name: site.carbon * sum(model.on_hand[name].units) for name, site in model.scenario.sites.items()}
    for label, lane in model.lanes.items():
        kg[lane.destination] += lane.carbon * sum(period.shipments[label])
    everything = sum(kg.values())
    above = max(everything - (keys.allowance or 0.0), 0.0) / everything if everything else 0.0
    for name, emitted in kg.items():
        _add(cost, "carbon", name, keys.price * emitted * above)


def _kinds(units: Amounts) -> int:
    """Of how many products there is anything."""
    return sum(amount > NOTHING for amount in units)


def _add(cost: Costs, term: str, site: str, amount: float) -> None:
    cost[term, site] = cost.get((term, site), 0.0) + amount


def _hours(lane: Lane, begun: Amounts, model: PlainNetwork) -> float:
    """How long a machine runs for what has been begun of a recipe."""
    units = begun[model.scenario.products.index(str(lane.make))]
    return lane.hours * units + lane.setup_hours * (units > 0)
