"""What sites pay each other by the terms of their lanes, worked out by hand, and that it sums to nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from orderup.envs.describe.terms_table import terms_rows
from orderup.envs.foundation.errors import InputError
from orderup.envs.information.policy import Decision
from orderup.envs.simulator import Simulator

from ..by_hand import Play, demand, scenario

PAID = ("shared_shortage", "subsidy", "buy_back", "shared_revenue")
ALL = {"backlog_share": 0.25, "on_hand": 0.5, "backlog": 2, "late": 3, "buy_back": 4, "revenue_share": 0.1}


def line(terms: dict[str, Any], **keys: Any) -> Any:
    """A warehouse with 5 units and an empty store that wants 2, then 8, and charges 10 a unit owed."""
    lanes = [
        {"from": "warehouse_1", "to": "store_1", "terms": terms},
        {"from": "supplier", "to": "warehouse_1", "lead_time": 1},
    ]
    customers = [{"site": "store_1", "price": 20, "demand": demand(2, 8)}]
    return scenario({"store_1": {}, "warehouse_1": {"initial": 5}}, lanes, customers, **keys)


def test_every_payment_by_hand() -> None:
    play = Play(line(ALL, horizon=2))
    play.step(quantities={"warehouse_1->store_1": 6})  # 5 leave and arrive, 1 stays open; 2 are sold, 3 are left
    assert play.cost("shared_shortage") == {"store_1": 0, "warehouse_1": 0}
    assert play.cost("subsidy") == {"store_1": -(0.5 * 3 + 3 * 1), "warehouse_1": 0.5 * 3 + 3 * 1}
    assert play.cost("buy_back") == {"store_1": 0, "warehouse_1": 0}
    assert play.cost("shared_revenue") == {"store_1": 0.1 * 2 * 20, "warehouse_1": -0.1 * 2 * 20}
    play.step()  # 3 are sold, and 5 owed
    assert play.cost("shortage") == {"store_1": 50, "warehouse_1": 0}
    assert play.cost("shared_shortage") == {"store_1": -12.5, "warehouse_1": 12.5}
    assert play.cost("subsidy") == {"store_1": -(2 * 5 + 3 * 1), "warehouse_1": 2 * 5 + 3 * 1}


def test_what_is_left_when_the_episode_ends_is_bought_back() -> None:
    play = Play(line({"buy_back": 4}, horizon=1)).step(quantities={"warehouse_1->store_1": 5})
    assert play.on_hand["store_1"] == 3
    assert play.cost("buy_back") == {"store_1": -12, "warehouse_1": 12}


def test_terms_change_what_sites_pay_and_not_what_the_network_pays() -> None:
    """In NumPy and PyTorch alike."""
    found = {}
    for backend, terms in (("numpy", {"late": 1e-9}), ("numpy", ALL), ("torch", ALL)):
        simulator = Simulator(line(ALL if terms is ALL else terms), batch=3, backend=backend)
        simulator.reset(seed=0)
        ledgers = [simulator.advance(Decision(level=6.0)) for _ in range(5)]
        found[backend, terms is ALL] = [np.asarray(ledger.by_site) for ledger in ledgers]
        for ledger in ledgers:
            for name in set(PAID) & set(ledger.by_term):
                np.testing.assert_allclose(np.asarray(ledger.by_term[name]).sum(axis=0), 0.0, atol=1e-12)
    np.testing.assert_array_equal(found["numpy", True], found["torch", True])
    plain, paid = (np.array(found["numpy", there]) for there in (False, True))
    np.testing.assert_allclose(plain.sum(axis=1), paid.sum(axis=1), atol=1e-6)
    assert not np.allclose(plain, paid)


def test_without_terms_there_is_no_term_in_the_ledger() -> None:
    lanes = [{"from": "warehouse_1", "to": "store_1"}, {"from": "supplier", "to": "warehouse_1"}]
    play = Play(scenario({"store_1": {}, "warehouse_1": {}}, lanes, [{"site": "store_1"}])).step()
    assert not set(PAID) & set(play.ledger.by_term)


def test_describe_tells_who_pays_whom() -> None:
    assert [(row.lane, row.term, row.amount) for row in terms_rows(line({"late": 3, "backlog_share": 0.25}))] == [
        ("warehouse_1->store_1", "backlog_share", "0.25"),
        ("warehouse_1->store_1", "late", "3"),
    ]


def test_terms_about_customers_need_customers_and_nobody_passes_on_more_than_all() -> None:
    sites: dict[str, Any] = {"store_1": {}, "warehouse_1": {}, "plant_1": {}}
    into_store: dict[str, Any] = {"from": "warehouse_1", "to": "store_1", "terms": {"backlog_share": 0.6}}
    lanes: list[dict[str, Any]] = [into_store, {"from": "supplier", "to": "plant_1"}, {"from": "plant_1", "to": "warehouse_1"}]
    with pytest.raises(InputError, match=r"lanes\[2\]\.terms\.backlog: found 1\.0; accepted: 0, or a lane to a site that has"):
        scenario(sites, [*lanes[:2], {**lanes[2], "terms": {"backlog": 1.0}}], [{"site": "store_1"}])
    with pytest.raises(InputError, match=r"lanes\[3\]\.terms\.backlog_share: found 0\.6; accepted: shares of at most 1 in all"):
        scenario(sites, [*lanes, {**into_store, "name": "second"}], [{"site": "store_1"}])
