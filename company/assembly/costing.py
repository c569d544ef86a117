"""What holding and shortages cost, by files and where they do not tell, by stated assumptions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orderup.envs.numerics.arrays import Floats

from ..masters.costs import RoleCosts
from ..record.periods import CalendarPeriods
from .draft import Draft, some
from .keys import ModelKeys
from .places import SitesAndLanes


@dataclass(frozen=True)
class Costing:
    """Costs of each product at each site [money]."""

    value: dict[str, float]
    """Of a unit of each product."""
    holding: dict[str, dict[str, float]]
    """By site and product, of a unit and period."""
    assumed_holding: frozenset[str]
    """Sites at which it is worked out from values."""


def values_of(products: tuple[str, ...], price: Floats, costs: RoleCosts, keys: ModelKeys, draft: Draft) -> dict[str, float]:
    """The value of a unit of each product [money], where need be from prices, or 1."""
    known = {name: value for name in products if (value := costs.anywhere("value", name)) is not None}
    asked = {name: found for name in products if (found := costs.anywhere("price", name)) is not None}
    sold = dict(zip(products, np.asarray(price).tolist(), strict=True))
    by_price = {name: keys.value_share * value for name, value in {**sold, **asked}.items() if not np.isnan(value)}
    from_price = [name for name in products if name not in known and name in by_price]
    if from_price:
        share = f"{100 * keys.value_share:g} % of its price"
        draft.assume(f"A unit of {some(from_price)} is worth {share} (value_share): no file tells what it costs.")
    unknown = [name for name in products if name not in known and name not in by_price]
    usual = float(np.median(list({**by_price, **known}.values()))) if len(unknown) < len(products) else 1.0
    if unknown:
        what = (
            "1, in money that is none of a country's"
            if usual == 1.0 and not known and not by_price
            else f"{usual:g}, as others are in the middle"
        )
        draft.assume(f"A unit of {some(unknown)} is worth {what}: no file tells what it costs.")
    return {**dict.fromkeys(products, usual), **by_price, **known}


def costing_of(
    places: SitesAndLanes,
    products: tuple[str, ...],
    value: dict[str, float],
    costs: RoleCosts,
    periods: CalendarPeriods,
    keys: ModelKeys,
    draft: Draft,
) -> Costing:
    """Holding costs of every site: its own, the product's, or a yearly rate of its value."""
    holding: dict[str, dict[str, float]] = {}
    assumed = set()
    for site in places.roles:
        row = places.rows.get(site)
        own = row.holding if row is not None else None
        rate = row.holding_rate if row is not None and row.holding_rate is not None else None
        holding[site] = {}
        for name in products:
            given = costs.of("holding", site, name)
            share = costs.of("holding_rate", site, name) or rate
            if given is None and own is None and share is None:
                assumed.add(site)
            found = given if given is not None else own
            holding[site][name] = found if found is not None else (share or keys.holding_rate) * value[name] / periods.a_year
    if assumed:
        draft.assume(
            f"Holding a unit for a year costs {100 * keys.holding_rate:g} % of its value (holding_rate): no file tells.",
            *(("sites", site) for site in sorted(assumed)),
        )
    if free := sorted({name for amounts in holding.values() for name, amount in amounts.items() if amount == 0}):
        draft.assume(f"Holding a unit of {some(free)} costs nothing, as files say: more of it than is needed is no loss.")
    return Costing(value, holding, frozenset(assumed))


def shortage_of(holding: float, target: float) -> float:
    """The shortage cost of a unit and period by which a newsvendor's best cycle service is the target: h · β / (1 − β)."""
    return holding * target / (1.0 - target)
