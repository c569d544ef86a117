"""Sites, lanes, stock, receipts and costs: what they say, and what is asked where they cannot be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import orderup
from orderup.company.assembly.costing import shortage_of
from orderup.company.network_files import NetworkFiles
from orderup.envs.demand.base import of_product
from orderup.envs.foundation.errors import InputError

WEEKS = pd.date_range("2023-01-02", periods=60, freq="7D").astype(str)
STORES, PRODUCTS = ("Berlin", "Köln"), ("007", "Tee")


def demand() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    rows = [(week, site, product, int(rng.poisson(8))) for week in WEEKS for site in STORES for product in PRODUCTS]
    return pd.DataFrame(rows, columns=["date", "site", "product", "quantity"])


LANES = "from;to;lead time (weeks)\nMüller & Söhne;Lager;2\nLager;Berlin;1\nLager;Köln;1\n"


def network(tmp_path: Path, **given: Any) -> NetworkFiles:
    """A network of tables, those given as text as files."""
    options = {}
    for name, value in given.items():
        if name in ("sites", "lanes", "stock", "receipts", "costs", "rules") and isinstance(value, str):
            path = tmp_path / f"{name}.csv"
            path.write_text(value, encoding="utf-8")
            value = path
        options[name] = value
    return orderup.network_from_tables(demand(), period="week", **{"lanes": None, **options})


def entry(found: NetworkFiles, site: str, product: str) -> Any:
    """The customers of a product at a site."""
    (one,) = [
        one for one in found.scenario.customers if one.site == site and product in (one.products or found.scenario.products)
    ]
    return one


def test_lanes_say_who_is_there_and_what_kind_of_place_each_is(tmp_path: Path) -> None:
    scenario = network(tmp_path, lanes=LANES).scenario
    assert {name: site.role for name, site in scenario.sites.items()} == {
        "Berlin": "store",
        "Köln": "store",
        "Lager": "warehouse",
    }
    assert list(scenario.suppliers) == ["Müller & Söhne"]
    assert {lane.label: lane.lead_time.mean for lane in scenario.lanes} == {
        "Müller & Söhne->Lager": 2,
        "Lager->Berlin": 1,
        "Lager->Köln": 1,
    }


def test_without_lanes_the_sites_file_says_who_supplies_whom(tmp_path: Path) -> None:
    sites = "Standort;Typ;Beliefert von\nBerlin;Filiale;Lager\nKöln;Filiale;Lager\nLager;Zentrallager;\n"
    found = network(tmp_path, sites=sites)
    assert {lane.label for lane in found.scenario.lanes} == {"Lager->Berlin", "Lager->Köln", "supplier->Lager"}
    assert any("outside supplier supplies Lager" in text for text in found.assumptions)


def test_without_any_of_that_one_supplier_supplies_all_and_it_is_said(tmp_path: Path) -> None:
    found = network(tmp_path)
    assert {lane.label for lane in found.scenario.lanes} == {"supplier->Berlin", "supplier->Köln"}
    assert any("no file of lanes was given" in text for text in found.assumptions)
    assert "# assumption: Goods are under way for 1 period" in found.yaml


def test_lead_times_are_as_often_as_receipts_had_them(tmp_path: Path) -> None:
    days = pd.date_range("2023-01-02", periods=10, freq="7D")
    took = [7, 7, 7, 7, 7, 14, 14, 14, 15, 21]
    receipts = pd.DataFrame(
        {
            "from": "Lager",
            "to": "Köln",
            "order_date": days.astype(str),
            "receipt_date": (days + pd.to_timedelta(took, "D")).astype(str),
        }
    )
    found = network(tmp_path, lanes=LANES, receipts=receipts)
    (lane,) = [lane for lane in found.scenario.lanes if lane.label == "Lager->Köln"]
    assert lane.lead_time.chances() == pytest.approx({1: 0.5, 2: 0.3, 3: 0.2})
    assert "as 10 receipts had it; the lanes file says 1" in found.yaml


def test_an_order_that_has_not_come_in_arrives_when_it_is_due(tmp_path: Path) -> None:
    heading = "from;to;product;order date;receipt date;quantity\n"
    receipts = f"{heading}Lager;Köln;Tee;2023-01-02;2023-01-09;5\nLager;Köln;Tee;2024-02-20;;40\n"
    found = network(tmp_path, lanes=LANES, receipts=receipts)
    (arriving,) = found.scenario.arriving
    assert (arriving.lane, arriving.period, arriving.quantity, arriving.product) == ("Lager->Köln", 0, 40, "Tee")


def test_stock_is_where_an_episode_starts_and_what_is_not_listed_is_none(tmp_path: Path) -> None:
    stock = "Filiale;Artikel;Bestand\nBerlin;007;12,5\nKöln;Tee;3\nBerlin;007;1\n"
    sites = network(tmp_path, lanes=LANES, stock=stock).scenario.sites
    assert sites["Berlin"].initial == {"007": 13.5, "Tee": 0}
    assert sites["Köln"].initial == {"007": 0, "Tee": 3}
    assert sites["Lager"].initial == 0


def test_costs_are_the_files_and_what_it_does_not_say_is_assumed(tmp_path: Path) -> None:
    costs = "Artikel;Einstandspreis;Fehlmengenkosten\n007;10,00 €;4\nTee;;\n"
    found = network(tmp_path, lanes=LANES, costs=costs, holding_rate=0.26, service=0.9, unmet="backlog")
    holding = found.scenario.sites["Berlin"].holding
    assert of_product(holding, "007") == pytest.approx(0.26 * 10 / (365.25 / 7), rel=1e-5)
    assert of_product(holding, "Tee") == of_product(holding, "007")  # worth as much as others
    assert of_product(entry(found, "Berlin", "007").shortage, "007") == 4
    assert any("A unit of Tee is worth 10" in text for text in found.assumptions)
    assert set(found.scenario.assumptions) == set(found.assumptions)


def test_the_shortage_cost_of_a_target_makes_it_the_newsvendors_best() -> None:
    holding, target = 0.3, 0.95
    shortage = shortage_of(holding, target)
    assert shortage / (shortage + holding) == pytest.approx(target)


def test_packs_come_from_reorder_rules(tmp_path: Path) -> None:
    rules = "Product,Location,Min Quantity,Max Quantity,Multiple Quantity\n007,Berlin/Stock,5,20,6\nTee,Köln/Stock,5,20,0\n"
    found = network(tmp_path, lanes=LANES, rules=rules)
    (lane,) = [lane for lane in found.scenario.lanes if lane.label == "Lager->Berlin"]
    assert lane.multiple == {"007": 6, "Tee": 0}


def test_products_of_a_lane_may_have_terms_of_their_own(tmp_path: Path) -> None:
    lanes = "from;to;product;lead time (weeks);minimum\nS;Berlin;007;1;5\nS;Berlin;Tee;1;8\nS;Köln;007;1;5\nS;Köln;Tee;3;5\n"
    scenario = network(tmp_path, lanes=lanes).scenario
    berlin, *koeln = scenario.lanes
    assert berlin.minimum == {"007": 5, "Tee": 8}
    assert [(lane.products, lane.lead_time.mean, lane.minimum) for lane in koeln] == [(["007"], 1, 5), (["Tee"], 3, 5)]


def test_reading_is_the_same_from_excel_parquet_and_frames(tmp_path: Path) -> None:
    frame = demand()
    frame.to_excel(tmp_path / "a.xlsx", index=False, engine="openpyxl")
    frame.to_parquet(tmp_path / "a.parquet")
    frame.to_csv(tmp_path / "a.csv", index=False)
    found = [
        orderup.read_demand(source, period="week")
        for source in (frame, *(tmp_path / f"a.{x}" for x in ("xlsx", "parquet", "csv")))
    ]
    assert all(one.products == found[0].products and (one.demand == found[0].demand).all() for one in found)


ASKED: dict[str, tuple[dict[str, Any], str, dict[str, Any]]] = {
    # the file and the key, what is asked, and the option by which it is answered
    "a lane to a site nobody sells from": (
        {"lanes": LANES + "Lager;Ulm;1\n"},
        "lanes, to: found 'Ulm, where nobody sells anything'; accepted: .*idle=drop",
        {"idle": "drop"},
    ),
    "a site that is on no lane": (
        {"lanes": LANES, "sites": "site;role\nUlm;store\n"},
        "sites: found 'Ulm, which sells nothing and is on no lane'; accepted: .*idle=drop",
        {"idle": "drop"},
    ),
    "stock of unknown products": (
        {"lanes": LANES, "stock": "site;product;stock\nBerlin;Kaffee;3\n"},
        "stock.csv, row 2, column product: found 'Kaffee'; accepted: one of 007, Tee.*unknown=drop",
        {"unknown": "drop"},
    ),
    "stock at unknown sites": (
        {"lanes": LANES, "stock": "site;product;stock\nUlm;Tee;3\n"},
        "stock.csv, row 2, column site: found 'Ulm'",
        {"unknown": "drop"},
    ),
    "article numbers without their zeros": (
        {"lanes": LANES, "stock": "site;product;stock\nBerlin;7;3\n"},
        "stock.csv, row 2, column product: found '7'; accepted: .*zeros=ignore if it is '007'",
        {"zeros": "ignore"},
    ),
    "negative stock": (
        {"lanes": LANES, "stock": "site;product;stock\nBerlin;Tee;-4\n"},
        "stock.csv, row 2, column stock: found '-4'; accepted: .*negative_stock=backlog",
        {"negative_stock": "backlog"},
    ),
    "stock older than the history": (
        {"lanes": LANES, "stock": "site;product;stock;date\nBerlin;Tee;4;2023-06-30\n"},
        "stock.csv, row 2, column date: found '2023-06-30'; .*the last sale, 2024-02-19, or stale=keep",
        {"stale": "keep"},
    ),
    "receipts before their order": (
        {"lanes": LANES, "receipts": "from;to;order date;receipt date\nLager;Köln;2023-02-01;2023-01-01\n"},
        "receipts.csv, row 2, column receipt date: found '2023-01-01'; accepted: a day not before the order's",
        {"impossible": "drop"},
    ),
    "receipts on no lane": (
        {"lanes": LANES, "receipts": "from;to;order date;receipt date\nUlm;Köln;2023-01-01;2023-01-08\n"},
        "receipts: found 'Ulm to Köln'; accepted: receipts on lanes that the network has, or unknown=drop",
        {"unknown": "drop"},
    ),
    "lead times in what is not said": (
        {"lanes": LANES.replace("lead time (weeks)", "lead time")},
        "lanes.csv, column lead time: .*lead_times=days, weeks or periods",
        {"lead_times": "weeks"},
    ),
    "two currencies": (
        {"lanes": LANES, "costs": "product;value;currency\n007;3;EUR\nTee;4;USD\n"},
        "costs.csv, row 3, column currency: found 'USD'; accepted: one currency, or currencies=",
        {"currencies": {"EUR": 1.0, "USD": 0.9}},
    ),
    "days that can be read in two ways": (
        {"lanes": LANES, "receipts": "from;to;order date;receipt date\nLager;Köln;01/02/2023;08/02/2023\n"},
        "receipts.csv, row 2, column order date: found '01/02/2023'; accepted: dates=day_first or dates=month_first",
        {"dates": "day_first"},
    ),
    "thousands that may be fractions": (
        {"lanes": LANES, "stock": "site;product;stock\nBerlin;Tee;1.250\n"},
        "stock.csv, row 2, column stock: found '1.250'; accepted: decimal=point or decimal=comma",
        {"decimal": "comma"},
    ),
}


@pytest.mark.parametrize("name", ASKED)
def test_what_cannot_be_is_asked_about_and_the_answer_does(name: str, tmp_path: Path) -> None:
    given, question, answer = ASKED[name]
    with pytest.raises(InputError, match=question):
        network(tmp_path, **given)
    found = network(tmp_path, **given, **answer)
    assert set(found.scenario.sites) == {"Berlin", "Köln", "Lager"}


def test_negative_stock_is_owed_to_those_who_wait(tmp_path: Path) -> None:
    stock = "site;product;stock\nBerlin;Tee;-4\n"
    found = network(tmp_path, lanes=LANES, stock=stock, negative_stock="backlog", unmet="backlog")
    assert entry(found, "Berlin", "Tee").backlog == {"007": 0, "Tee": 4}
    (decision,) = [decision for decision in found.decisions if decision.key == "negative_stock"]
    assert (decision.count, decision.why) == (1, "4 units")


HOPELESS: dict[str, tuple[dict[str, Any], str]] = {
    "a cost twice": (
        {"lanes": LANES, "costs": "product;value\n007;3\n007;4\n"},
        "costs.csv, row 3, column product: found '007 again",
    ),
    "a cost below nothing": (
        {"lanes": LANES, "costs": "product;value\n007;-3\n"},
        "costs.csv, row 2, column value: .*a number ≥ 0",
    ),
    "a target of everything": (
        {"lanes": LANES, "costs": "product;service\n007;95\n"},
        "row 2, column service: .*a share below 1",
    ),
    "a site nobody brings anything to": (
        {"lanes": "from;to;lead time (weeks)\nS;Berlin;1\n"},
        "sites.Köln: found 'no lane that leads there'",
    ),
    "a lane to another spelling": (
        {"lanes": LANES.replace("Lager;Köln", "Lager;KÖLN")},
        "lanes, to: found 'KÖLN'.*is it 'Köln'",
    ),
    "a circle": ({"lanes": LANES + "Köln;Lager;1\n"}, "no cycle of lanes"),
    "a site twice": (
        {"sites": "site;role\nBerlin;store\nBerlin;store\n"},
        "sites.csv, row 3, column site: found 'Berlin again'",
    ),
    "a name that is taken": (
        {"lanes": "from;to;lead time (weeks)\nS;planner_1;1\nplanner_1;Berlin;1\nplanner_1;Köln;1\n"},
        "are taken",
    ),
    "no file": ({"stock": Path("nowhere.csv")}, "stock: found 'nowhere.csv'; accepted: an existing file"),
    "a kind of file nobody reads": (
        {"stock": Path("stock.docx")},
        "stock: found 'stock.docx'; accepted: a file whose name ends in .csv",
    ),
    "several warehouses and no lanes": (
        {"sites": "site;role\nBerlin;store\nKöln;store\nNord;warehouse\nSüd;warehouse\n"},
        "lanes: found 'Nord, Süd, and no word on which of them supplies whom'",
    ),
}


@pytest.mark.parametrize("name", HOPELESS)
def test_what_can_be_no_network_is_refused_with_file_row_and_column(name: str, tmp_path: Path) -> None:
    given, message = HOPELESS[name]
    with pytest.raises(InputError, match=message):
        assert network(tmp_path, **given).scenario.sites


def test_the_same_lane_twice_is_one_and_said(tmp_path: Path) -> None:
    found = network(tmp_path, lanes=LANES + "Lager;Köln;1\n")
    assert len(found.scenario.lanes) == 3
    assert [decision.count for decision in found.decisions if "there already" in decision.found] == [1]


def test_an_option_that_there_is_not_is_named() -> None:
    with pytest.raises(InputError, match="found 'retruns'; accepted: .*did you mean 'returns'"):
        orderup.read_demand(demand(), retruns="drop")
    with pytest.raises(InputError, match="columns: found 'sales'; accepted: one of costs, demand"):
        orderup.read_demand(demand(), columns={"sales": {}})
