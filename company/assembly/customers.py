"""Who buys what where: a site's customers, with the demand that was fitted and the service that they are to have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from orderup.envs.scenario.blocks import Customers

from ..cleaning.demand_record import DemandRecord
from ..fitting.demand_fit import DemandFit, SiteFit
from ..masters.costs import RoleCosts
from ..masters.stock import Stock
from .costing import Costing, shortage_of
from .draft import Draft, one_or_each, rounded
from .keys import ModelKeys
from .places import SitesAndLanes


@dataclass(frozen=True)
class Buyers:
    """What entries of customers are made of."""

    record: DemandRecord
    fit: DemandFit
    places: SitesAndLanes
    costing: Costing
    costs: RoleCosts
    classes: Mapping[str, str]
    stock: Stock | None
    keys: ModelKeys

    def entries(self, draft: Draft) -> list[dict[str, Any]]:
        """An entry for each site and target, with what is assumed of it said."""
        found = [entry for fit in self.fit.sites for entry in self._of_site(fit, draft)]
        if self.keys.unmet is None:
            draft.assume("Demand that is not met is lost in stores, and waits elsewhere (unmet).")
        return found

    def _of_site(self, fit: SiteFit, draft: Draft) -> list[dict[str, Any]]:
        site = self.record.sites[fit.site]
        products = [self.record.products[number] for number in self.record.product[fit.series]]
        targets = {name: self._target(site, name) for name in products}
        groups: dict[float | None, list[int]] = {}
        for number, name in enumerate(products):
            groups.setdefault(targets[name], []).append(number)
        return [self._entry(site, fit, [products[at] for at in rows], rows, target, draft) for target, rows in groups.items()]

    def _target(self, site: str, product: str) -> float | None:
        """The service that a product is to have at a site; None where what it costs to be short is given."""
        if self.costs.of("shortage", site, product) is not None:
            return None
        given = self.costs.of("service", site, product)
        if given is not None:
            return given
        service = self.keys.service
        return service if isinstance(service, float) else service.get(self.classes[product][0], max(service.values()))

    def _entry(
        self, site: str, fit: SiteFit, products: list[str], rows: list[int], target: float | None, draft: Draft
    ) -> dict[str, Any]:
        role = self.places.roles[site]
        unmet = self.keys.unmet or ("lost" if role == "store" else "backlog")
        entry: dict[str, Any] = {"site": site}
        if set(products) != set(self.record.products):
            entry["products"] = products
        entry["unmet"] = unmet
        price = {name: self.costs.of("price", site, name) for name in products}
        if all(value is not None for value in price.values()):
            entry["price"] = one_or_each({name: float(value or 0.0) for name, value in price.items()})
        entry |= self._service(site, products, target, draft)
        late = {} if self.stock is None else {name: self.stock.backlog.get((site, name), 0.0) for name in products}
        if any(late.values()) and unmet == "backlog":
            entry["backlog"] = one_or_each(late)
        elif owed := sum(late.values()):
            draft.assume(
                f"{rounded(owed)} units owed at {site} are lost: its customers do not wait (unmet=backlog if they do)."
            )
        entry["demand"] = self._demand(fit, products, rows)
        return entry

    def _service(self, site: str, products: list[str], target: float | None, draft: Draft) -> dict[str, Any]:
        if target is None:
            given = {name: float(self.costs.of("shortage", site, name) or 0.0) for name in products}
            return {"shortage": one_or_each(given)}
        told = f"{100 * target:g} %"
        if "service" in Customers.model_fields:
            draft.assume(f"{told} {SAID[self.keys.service_by]} is what customers are to have (service).")
            return {"service": {self.keys.service_by: target}}
        draft.assume(
            f"A unit that is short costs holding · β / (1 − β), by which a share β = {told} of periods without a shortage is "
            "cheapest (service)."
        )
        holding = self.costing.holding[site]
        return {"shortage": one_or_each({name: shortage_of(holding[name], target) for name in products})}

    def _demand(self, fit: SiteFit, products: list[str], rows: list[int]) -> dict[str, Any]:
        numbers = {
            key: one_or_each(dict(zip(products, values[rows].tolist(), strict=True)), 5) for key, values in fit.numbers.items()
        }
        base = {"type": fit.family, **numbers}
        if fit.season is None:
            return base
        factors = {"profile": fit.season.factors, "outer": fit.season.outer}
        cycle = {
            name: [rounded(factor, 4) for factor in np.asarray(values).tolist()]
            for name, values in factors.items()
            if values is not None
        }
        return {"type": "seasonal", "base": base, **cycle, "start": self.fit.start % fit.season.length}


SAID = {"fill": "of units served from the shelf", "cycle": "of periods without a shortage"}
