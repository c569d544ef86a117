"""From a company's tables to demand, and to a network."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from orderup.envs.foundation.errors import InputError, UnknownName
from orderup.envs.foundation.validation import validated

from .assembly.costing import costing_of, values_of
from .assembly.customers import Buyers
from .assembly.draft import Draft, some
from .assembly.forecast_spread import with_quantiles
from .assembly.opening import sites_of
from .assembly.places import SitesAndLanes, places_of
from .assembly.ways import Ways, check_lanes_known
from .cleaning.cleaning import cleaned
from .cleaning.demand_record import DemandRecord
from .fitting.classes import classes_of
from .fitting.correlation import believed, common_correlation
from .fitting.demand_fit import DemandFit, fitted
from .fitting.told_seasons import tell_seasons
from .fitting.windows import spans_of
from .keys import NAMED, DemandKeys, NetworkKeys, given_to
from .layouts.choosing import layout_of
from .masters.holidays import read_holidays
from .masters.known import KnownNames
from .masters.sites import read_sites
from .network_files import NetworkFiles
from .other_files import OtherFiles, today_of
from .record.decisions import ImportDecision, ImportDecisions
from .record.joined import joined, respelled, told_once
from .record.periods import periods_for
from .record.rows import RowReader
from .record.sales import Sales
from .tables.reading import is_workbook, opened

A_YEAR = {"day": (182, 28), "week": (104, 26), "month": (36, 12), "number": (104, 26)}
"""Periods of an episode, and of its warm-up; where days have a season of the year, all of that is looked at."""


def read_demand(source: Any, **options: Any) -> DemandRecord:
    """What was asked for, period by period, as a file of sales has it: CSV, Excel, Parquet, a DataFrame, or a list of these.

    `options` are the keys of `orderup import` that are about it. The record's `decisions` say what was found and done about it,
    its `table` has a row for each period, site and product. Raises InputError, with file, row and column, for what the keys
    refuse and for what is not known.
    """
    keys = validated(DemandKeys, options, "")
    _check_sheet(keys, [source])
    return demand_of(source, keys)


def demand_of(source: Any, keys: DemandKeys) -> DemandRecord:
    """The same with keys that have been looked at."""
    _check_columns(keys)
    decisions = ImportDecisions(keys.strict, frozenset(keys.model_fields_set))
    sources = list(source) if isinstance(source, (list, tuple)) else [source]
    if not sources:
        raise InputError("demand", source, "at least one file")
    sales = joined([_sales_of(one, keys, decisions) for one in sources])
    if len(sources) > 1:
        sales = told_once(respelled(sales, keys.spelling, decisions), keys, decisions)
    sales = _some(sales, keys, decisions)
    periods = periods_for(sales.grain, keys.period, keys.week_starts, sales.table.name)
    shut = read_holidays(keys.holidays, given_to(keys, "holidays"), keys, sales.sites, periods, decisions)
    record = cleaned(sales, periods, keys, today_of(keys), decisions, shut)
    decisions.refuse_if_strict()
    return record


def _sales_of(source: Any, keys: DemandKeys, decisions: ImportDecisions) -> Sales:
    """The rows of one demand file."""
    file = opened(source, keys, "demand")
    layout = layout_of(file, keys.layout, decisions)
    sales = layout.sales(file, RowReader(keys, keys, decisions, keys.site), given_to(keys, "demand"))
    for note in sales.table.notes:
        decisions.add(ImportDecision(file.name, "rows", len(sales), "", note, changes=False))
    used = ", ".join(f"{role.replace('_', ' ')} from {name}" for role, name in sales.columns.items())
    unused = [name for name in file.header if name not in sales.table.columns and not name.startswith("column ")]
    beside = f"; not used: {some(unused, 12)}" if unused and not sales.table.cells_of else ""
    decisions.add(ImportDecision(file.name, "columns", len(sales.columns), "columns", f"{used}{beside}", changes=False))
    return sales


def network_from_tables(
    demand: Any,
    *,
    sites: Any = None,
    lanes: Any = None,
    stock: Any = None,
    receipts: Any = None,
    costs: Any = None,
    rules: Any = None,
    forecasts: Any = None,
    **options: Any,
) -> NetworkFiles:
    """A network of a company's tables, each the path of a file or a DataFrame; `demand` may be what `read_demand` gave.

    `options` are the keys of `orderup import`. What comes back has the `scenario`, its `yaml`, `decisions` and `assumptions`,
    and is written by `write`. Raises InputError, with file, row and column.
    """
    tables = {"sites": sites, "lanes": lanes, "stock": stock, "receipts": receipts, "costs": costs, "rules": rules}
    tables |= {"forecasts": forecasts}
    return network_of(demand, tables, validated(NetworkKeys, options, ""))


def network_of(demand: Any, tables: Mapping[str, Any], keys: NetworkKeys) -> NetworkFiles:
    """The same with keys that have been looked at."""
    _check_sheet(keys, [demand, *tables.values()])
    record = demand if isinstance(demand, DemandRecord) else demand_of(demand, keys)
    decisions = record.decisions
    files = OtherFiles(record, keys, tables)
    draft = Draft()
    rows = read_sites(tables["sites"], given_to(keys, "sites"), keys, decisions) if tables.get("sites") is not None else {}
    products = KnownNames("product", record.products, record.ended)
    lanes = files.lanes(products)
    receipts = files.receipts()
    places = places_of(record.sites, rows, lanes, receipts, keys, draft, decisions)
    if receipts is not None:
        check_lanes_known(receipts, places, keys, decisions)
    known = KnownNames("site", tuple(places.roles), frozenset(record.ended_sites))
    costs, stock = files.costs(known, products), files.stock(known, products)
    multiples = files.rules(known, products)
    value = values_of(record.products, record.price, costs, keys, draft)
    costing = costing_of(places, record.products, value, costs, record.periods, keys, draft)
    spans = spans_of(record.length, keys.test_periods, keys.validation_periods)
    fit = fitted(record, spans, keys.family, keys.seasons)
    told = files.forecasts(products)
    if told is not None:
        told = with_quantiles(told, record, fit, spans, keys, draft)
    if keys.seasons:
        tell_seasons(record, fit, decisions)
    classes = dict(zip(record.products, classes_of(record, np.array([value[name] for name in record.products])), strict=True))
    buyers = Buyers(record, fit, places, costing, costs, classes, stock, keys)
    ways = Ways(places, receipts, multiples, keys, _whole(record, keys, decisions))
    entries = sites_of(places, record.products, costing.holding, stock, draft)
    _fill(draft, record, fit, places, entries, ways, buyers, keys, products, decisions)
    decisions.refuse_if_strict()
    return NetworkFiles(draft, record, fit, spans, decisions, classes, told)


def _fill(
    draft: Draft,
    record: DemandRecord,
    fit: DemandFit,
    places: SitesAndLanes,
    sites: dict[str, Any],
    ways: Ways,
    buyers: Buyers,
    keys: NetworkKeys,
    products: KnownNames,
    decisions: ImportDecisions,
) -> None:
    """The scenario's keys, in the order in which they are read."""
    season = record.periods.season()
    lengths = sorted({length for site in fit.sites if site.season for length in (season, site.season.length) if length})
    horizon, warmup = A_YEAR[record.periods.unit]
    if lengths[1:]:
        horizon = lengths[-1] + warmup
    lanes, customers = ways.entries(record.products, draft), buyers.entries(draft)
    arriving = ways.arriving(record, lanes, products, keys, draft, decisions)
    draft.keys["name"] = keys.name or "company"
    draft.keys["description"] = (
        f"{len(record.products)} products at {len(places.roles)} sites, as a company's files tell, "
        f"{record.names[0]} to {record.names[-1]}."
    )
    draft.keys["assumptions"] = draft.assumptions
    if record.periods.unit != "number":
        draft.keys["period"] = record.periods.unit
    draft.keys["horizon"] = keys.horizon or horizon
    draft.keys["warmup"] = min(warmup, draft.keys["horizon"] // 4) if keys.warmup is None else keys.warmup
    if lengths:
        draft.keys["calendar"] = lengths if lengths[1:] else lengths[0]
    draft.keys["products"] = list(record.products)
    draft.keys["sites"] = sites
    if places.suppliers:
        draft.keys["suppliers"] = {name: {} for name in places.suppliers}
    draft.keys["lanes"] = lanes
    draft.keys["customers"] = customers
    if arriving:
        draft.keys["arriving"] = arriving
    _correlate(draft, record, fit)


def _whole(record: DemandRecord, keys: NetworkKeys, decisions: ImportDecisions) -> frozenset[str]:
    """Products that are to be ordered in whole units, as they are sold."""
    whole = (np.isnan(record.demand) | (record.demand % 1 == 0)).all(axis=1)
    found = [name for number, name in enumerate(record.products) if whole[record.product == number].all()]
    done = "ordered so" if keys.whole_units else "orders may be of fractions; true has whole ones"
    told = "products that are sold in whole units alone"
    decisions.add(
        ImportDecision(record.source, told, len(found), "whole_units", f"{str(keys.whole_units).lower()}: {done}", "", False)
    )
    return frozenset(found if keys.whole_units else ())


def _correlate(draft: Draft, record: DemandRecord, fit: DemandFit) -> None:
    rho, error = common_correlation(fit.residuals(record), record.site, record.product)
    if len(record.sites) > 1 and (found := believed(rho, error)):
        draft.note(("correlation",), f"fitted: {rho:.3f}, with a standard error of {error:.3f}")
        draft.keys["correlation"] = {"rho": found}


def _check_columns(keys: DemandKeys) -> None:
    for file in keys.columns:
        if file not in NAMED:
            raise UnknownName("columns", file, NAMED)


def _check_sheet(keys: DemandKeys, sources: Iterable[Any]) -> None:
    if keys.sheet is not None and not any(is_workbook(source) for source in sources):
        raise InputError("sheet", keys.sheet, "nothing where no file is a workbook (.xlsx, .ods, …)")


def _some(sales: Sales, keys: DemandKeys, decisions: ImportDecisions) -> Sales:
    """Only the sites and products that are asked for."""
    kept = np.ones(len(sales), dtype=bool)
    for key, names, codes in (("only_sites", sales.sites, sales.site), ("only_products", sales.products, sales.product)):
        asked = getattr(keys, key)
        if asked is None:
            continue
        for name in asked:
            if name not in names:
                raise UnknownName(key, name, names)
        inside = np.isin(np.array(names, dtype=object), asked)[codes]
        decisions.add(
            ImportDecision(sales.table.name, "rows of others", int((~inside & kept).sum()), key, "left out", "", True)
        )
        kept &= inside
    if keys.top is not None and keys.top < len(sales.products):
        units = np.bincount(sales.product[kept], np.nan_to_num(sales.quantity[kept]), len(sales.products))
        inside = np.isin(np.arange(len(units)), np.argsort(-units, kind="stable")[: keys.top])[sales.product]
        told = f"the {keys.top} products of which most was sold"
        decisions.add(
            ImportDecision(sales.table.name, "rows of other products", int((~inside & kept).sum()), "top", told, "", True)
        )
        kept &= inside
    return sales.keep(kept)
