"""Layouts of data sets and tools that call their columns by names of their own, a row for each cell."""

from __future__ import annotations

from .layout import Layout, layouts


@layouts.register("long")
class Long(Layout):
    """A row for each site, product and day, week or month, under headings that people use."""


@layouts.register("nixtla")
class Nixtla(Layout):
    """Nixtla's long format, of statsforecast and its like: `unique_id` is taken for the product."""

    known_by = ("unique_id", "ds", "y")
    called = {"product": "unique_id", "date": "ds", "quantity": "y"}


@layouts.register("favorita")
class Favorita(Layout):
    """Corporación Favorita Grocery Sales: `unit_sales` less than nothing came back, and what was not sold has no row."""

    known_by = ("store_nbr", "item_nbr", "unit_sales")
    called = {"date": "date", "site": "store_nbr", "product": "item_nbr", "quantity": "unit_sales"}


@layouts.register("rossmann")
class Rossmann(Layout):
    """Rossmann Store Sales: a store's turnover a day, as of one product, and whether it was open."""

    known_by = ("store", "dayofweek", "date", "sales", "customers", "open")
    called = {"date": "date", "site": "store", "quantity": "sales", "open": "open"}


@layouts.register("freshretailnet")
class FreshRetailNet(Layout):
    """FreshRetailNet-50K: a day's sales of fresh goods, with the hours between 6 and 22 in which the shelf was empty."""

    known_by = ("store_id", "product_id", "dt", "sale_amount", "stock_hour6_22_cnt")
    called = {
        "date": "dt",
        "site": "store_id",
        "product": "product_id",
        "quantity": "sale_amount",
        "out_of_stock": "stock_hour6_22_cnt",
    }


@layouts.register("inventorybench")
class InventoryBench(Layout):
    """InventoryBench as one table: each instance is a site of one product, its periods are numbers."""

    known_by = ("instance", "split", "period", "demand")
    called = {"date": "period", "site": "instance", "quantity": "demand"}
