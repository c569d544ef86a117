"""From tables to states: worked by hand, and every kind of bad row named with its file, row and column."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from orderup.envs.books.days import Books, Reading, read_books
from orderup.envs.books.writing import sheets_of
from orderup.envs.catalogue import load_autonomy, load_scenario
from orderup.envs.foundation.errors import InputError
from orderup.envs.network.building import build
from orderup.envs.simulator import Simulator

KEYS: dict[str, Any] = {
    "name": "shops",
    "horizon": 20,
    "products": ["tea", "rice"],
    "sites": {"shop_1": {"holding": 1.0}, "shop_2": {"holding": 1.0}, "depot_1": {"holding": 0.5}},
    "lanes": [
        {"from": "depot_1", "to": "shop_1", "lead_time": 2},
        {"from": "depot_1", "to": "shop_2", "lead_time": {"type": "uniform_integer", "low": 1, "high": 4}},
        {"from": "supplier", "to": "depot_1", "lead_time": 3, "order_delay": 1},
    ],
    "customers": [
        {"site": "shop_1", "shortage": 9, "demand": {"type": "poisson", "mean": 5}},
        {"site": "shop_2", "shortage": 9, "demand": {"type": "poisson", "mean": 5}, "unmet": "lost"},
    ],
}
STOCK = [
    {"site": site, "product": product, "on_hand": 10.0 * number}
    for number, (site, product) in enumerate(
        (site, product) for site in ("shop_1", "shop_2", "depot_1") for product in ("tea", "rice")
    )
]


def read(how: Reading | None = None, level: Any = "autonomous_silo", **tables: Any) -> Books:
    network = build(load_scenario(KEYS))
    return read_books(network, load_autonomy(level), {"stock": STOCK, **tables}, how)


def under_way(**row: Any) -> list[dict[str, Any]]:
    return [{"lane": "depot_1->shop_1", "product": "tea", "quantity": 7, **row}]


def complaint(how: Reading | None = None, level: Any = "autonomous_silo", **tables: Any) -> str:
    with pytest.raises(InputError) as told:
        read(how, level, **tables)
    return str(told.value)


def test_stock_is_where_its_row_says() -> None:
    assert read().days[-1].state.on_hand[:, :, 0].tolist() == [[0, 10], [20, 30], [40, 50]]


def test_what_is_due_in_one_period_is_second_in_a_pipeline_of_two() -> None:
    state = read(under_way=under_way(due=1)).days[-1].state
    fixed = state.shipped[0]
    assert [part[0, 0, 0] for part in fixed] == [7, 0]
    assert state.in_transit[0, 0, 0] == 7
    assert state.on_order[0, 0, 0] == 7


def test_a_shipment_with_a_drawn_lead_time_arrives_in_the_period_it_is_due() -> None:
    """Played on with no orders: 7 units due in two periods, 3 in none, on the lane that draws its lead times."""
    rows = [
        {"lane": "depot_1->shop_2", "product": "tea", "quantity": 7, "due": 2},
        {"lane": "depot_1->shop_2", "product": "tea", "quantity": 3, "due": 0},
    ]
    simulator = Simulator.from_state(KEYS, "autonomous_silo", {"stock": STOCK, "under_way": rows}, horizon=5)
    simulator.reset(0)
    lane, received = simulator.numpy_network.lanes.index("depot_1->shop_2"), []
    while not simulator.done:
        simulator.advance(_nothing(simulator))
        assert simulator.now.flows is not None
        received.append(float(simulator.now.flows.receipts[lane, 0, 0]))
    assert received == [3, 0, 7, 0, 0]


def _nothing(simulator: Simulator) -> Any:
    from orderup.envs.physics.decision import Decision

    return Decision(quantity=np.zeros((1, len(simulator.numpy_network.lanes), 2)))


def test_shipments_of_one_lane_that_are_due_on_many_days_find_room() -> None:
    rows = [{"lane": "depot_1->shop_2", "product": "tea", "quantity": 1.0 + due, "due": due} for due in range(4)]
    rows += [{"lane": "depot_1->shop_2", "product": "rice", "quantity": 1.0, "due": 3}]
    simulator = Simulator.from_state(KEYS, "autonomous_silo", {"stock": STOCK, "under_way": rows}, horizon=4)
    simulator.reset(0)
    lane, received = simulator.numpy_network.lanes.index("depot_1->shop_2"), []
    while not simulator.done:
        simulator.advance(_nothing(simulator))
        assert simulator.now.flows is not None
        received.append(simulator.now.flows.receipts[lane, :, 0].tolist())
    assert received == [[1, 0], [2, 0], [3, 0], [4, 1]]


def test_a_lane_may_be_told_by_where_it_leads() -> None:
    told = [{"from": "depot_1", "to": "shop_1", "product": "tea", "quantity": 7, "due": 1}]
    assert read(under_way=told).days[-1].state.on_order[0, 0, 0] == 7


def test_overdue_goods_arrive_now_and_that_is_said() -> None:
    books = read(under_way=under_way(due=-3))
    assert books.days[-1].state.shipped[0][-1][0, 0, 0] == 7
    assert any("overdue" in note for note in books.notes)


def test_what_a_source_has_not_shipped_and_what_it_does_not_know_of_yet() -> None:
    rows = [
        *under_way(status="open"),
        {"lane": "supplier->depot_1", "product": "rice", "quantity": 4, "status": "sent", "due": 0},
    ]
    state = read(under_way=rows).days[-1].state
    assert state.open_orders[0, 0, 0] == 7
    assert state.on_order.sum() == 11
    assert state.in_transit.sum() == 0


def test_stock_that_is_not_told_is_none_and_that_is_said() -> None:
    books = read(stock=STOCK[2:])
    assert books.days[-1].state.on_hand[:, :, 0].tolist() == [[0, 0], [20, 30], [40, 50]]
    assert any("2 of 6 pairs" in note for note in books.notes)


def test_stock_below_zero_is_refused_and_offered_as_backlog() -> None:
    below = [{**STOCK[0], "on_hand": -4}, *STOCK[1:]]
    assert complaint(stock=below).startswith("stock, row 1, column on_hand: found '-4'; accepted: a number ≥ 0")
    assert "negative=backlog" in complaint(stock=below)
    state = read(Reading(negative="backlog"), stock=below).days[-1].state
    assert state.on_hand[0, 0, 0] == 0
    assert state.backlog[0, 0, 0] == 4


def test_stock_below_zero_at_a_site_without_customers_is_nobodys_backlog() -> None:
    below = [*STOCK[:4], {**STOCK[4], "on_hand": -4}, STOCK[5]]
    assert "depot_1" in complaint(Reading(negative="backlog"), stock=below)


def test_stock_of_an_unknown_product_is_refused_or_left_out_and_counted() -> None:
    more = [*STOCK, {"site": "shop_1", "product": "tee", "on_hand": 3}]
    assert complaint(stock=more).startswith("stock, row 7, column product")
    books = read(Reading(unknown="leave_out"), stock=more)
    assert any("1 rows" in note for note in books.notes)


@pytest.mark.parametrize(
    ("tables", "told"),
    [
        ({"stock": [*STOCK, {"site": "shop_9", "product": "tea", "on_hand": 1}]}, "stock, row 7, column site: found 'shop_9'"),
        ({"stock": [*STOCK, STOCK[2]]}, "stock, row 7: found 'shop_2, tea'; accepted: one row for each site, product; row 3"),
        ({"stock": [{**STOCK[0], "on_hand": "ten"}]}, "stock, row 1, column on_hand: found 'ten'; accepted: a number"),
        ({"stock": pd.DataFrame({"site": ["shop_1"], "product": ["tea"]})}, "columns that include on_hand"),
        ({"under_way": under_way(lane="depot->shop_1", due=0)}, "under_way, row 1, column lane: found 'depot->shop_1'"),
        ({"under_way": under_way(quantity=-1, due=0)}, "under_way, row 1, column quantity: found '-1'"),
        ({"under_way": under_way()}, "under_way, row 1, column quantity: found '7'; accepted: the period in which it is due"),
        ({"under_way": under_way(due=2)}, "under_way, row 1, column due: found '2'; accepted: at most today+1"),
        ({"under_way": under_way(status="lost", due=0)}, "under_way, row 1, column status: found 'lost'"),
        ({"under_way": under_way(status="waiting", due=0)}, "nothing that waits, at autonomous_silo"),
        ({"under_way": [{"to": "depot_9", "product": "tea", "quantity": 1}]}, "under_way, row 1, column to: found 'depot_9'"),
        ({"under_way": [{"from": "shop_2", "to": "shop_1", "product": "tea", "quantity": 1}]}, "column from: found 'shop_2'"),
        ({"backlog": [{"site": "depot_1", "product": "tea", "backlog": 1}]}, "backlog, row 1, column site: found 'depot_1'"),
        ({"backlog": [{"site": "shop_2", "product": "tea", "backlog": 1}]}, "nothing: these customers do not wait"),
        ({"backlog": [{"site": "shop_1", "segment": "vip", "product": "tea", "backlog": 1}]}, "column segment: found 'vip'"),
        ({"memory": [{"what": "weather", "place": "shop_1", "quantity": 1}]}, "memory, row 1, column what: found 'weather'"),
        ({"memory": [{"what": "received", "place": "shop_1", "quantity": 1}]}, "what this network remembers: not this"),
        ({"weather": []}, "books: found 'weather'; accepted: one of backlog"),
    ],
)
def test_what_is_wrong_is_named_with_its_table_row_and_column(tables: dict[str, Any], told: str) -> None:
    assert told in complaint(**tables)


def dated(day: str, **more: Any) -> list[dict[str, Any]]:
    return [{**row, "date": day, **more} for row in STOCK]


def test_dates_are_periods_from_the_first_on_record() -> None:
    sales = [{"date": "2024-05-01", "site": "shop_1", "product": "tea", "sales": 4}]
    books = read(stock=dated("2024-05-02"), sales=sales)
    assert books.today == "2024-05-02"
    assert books.days[-1].flows is not None
    assert books.days[-1].flows.demand[0, 0, 0] == 4


def test_a_stock_file_older_than_the_history_is_refused() -> None:
    sales = [{"date": "2024-05-02", "site": "shop_1", "product": "tea", "sales": 4}]
    told = complaint(stock=dated("2024-05-02"), sales=sales)
    assert told.startswith("sales, row 1, column period: found '2024-05-02'; accepted: periods up to 2024-05-01")
    assert "bring today's stock" in told


def test_sales_alone_are_a_history_and_what_stands_for_the_rest_is_said() -> None:
    sales = [{"date": f"2024-05-0{day}", "site": "shop_1", "product": "tea", "sales": day} for day in (1, 2, 3)]
    books = read(stock=dated("2024-05-04"), sales=sales)
    assert [day.flows.demand[0, 0, 0] for day in books.days if day.flows is not None] == [1, 2, 3]
    assert any("stock of 2 earlier periods" in note for note in books.notes)
    assert any("ordered in the last period is not on record" in note for note in books.notes)


def test_files_of_any_common_form_are_read_alike(tmp_path: Path) -> None:
    frame = pd.DataFrame(STOCK)
    frame["on_hand"] += 0.5
    expected = frame["on_hand"].to_numpy().reshape(3, 2)
    frame.to_csv(tmp_path / "a.csv", index=False)
    frame.to_csv(tmp_path / "b.csv.gz", index=False)
    frame.to_csv(tmp_path / "c.csv", index=False, sep=";", decimal=",", encoding="utf-8-sig")
    frame.to_parquet(tmp_path / "d.parquet")
    for name in ("a.csv", "b.csv.gz", "c.csv", "d.parquet"):
        np.testing.assert_array_equal(read(stock=tmp_path / name).days[-1].state.on_hand[:, :, 0], expected)
    assert complaint(stock=tmp_path / "none.csv").startswith(f"{tmp_path / 'none.csv'}: found ")


def test_a_folder_without_stock_is_refused(tmp_path: Path) -> None:
    network = build(load_scenario(KEYS))
    with pytest.raises(InputError, match="stock.csv"):
        read_books(network, load_autonomy("autonomous_silo"), tmp_path)


def test_a_state_goes_into_tables_and_comes_back_the_same() -> None:
    simulator = Simulator("perishable", "autonomous_silo", horizon=12)
    from orderup.agents import make_agent

    policy = make_agent("base_stock")
    policy.reset(simulator.context())
    information = simulator.reset(1)
    for _ in range(7):
        information, _, _ = simulator.step(policy.act(information))
    tables = sheets_of(simulator.now, simulator.numpy_network)
    again = Simulator.from_state("perishable", "autonomous_silo", tables, batch=3, horizon=4)
    for name in ("on_hand", "backlog", "on_order", "in_transit", "fresh"):
        for before, after in zip(getattr(simulator.now.state, name), getattr(again.now.state, name), strict=True):
            np.testing.assert_array_equal(before + np.zeros(3), after)


def test_episodes_from_a_state_go_on_from_it_whatever_their_seed() -> None:
    simulator = Simulator.from_state(KEYS, "autonomous_silo", {"stock": STOCK}, batch=4, horizon=3)
    simulator.reset(5)
    first = simulator.now.state.on_hand
    assert (first == first[..., :1]).all()
    assert simulator.period == 0
    for _ in range(3):
        simulator.advance(_nothing_for(simulator))
    assert simulator.done
    demand = simulator.now.flows
    assert demand is not None
    assert len(np.unique(demand.demand)) > 1


def _nothing_for(simulator: Simulator) -> Any:
    from orderup.envs.physics.decision import Decision

    return Decision(quantity=np.zeros((simulator.batch, len(simulator.numpy_network.lanes), 2)))


def test_a_centre_that_does_not_decide_today_has_nothing_to_start_with() -> None:
    stock = [{**row, "period": 3} for row in STOCK]
    with pytest.raises(InputError, match="one in which the centre decides, every 7"):
        Simulator.from_state(KEYS, "central_periodic", {"stock": stock})
