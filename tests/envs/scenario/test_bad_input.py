"""Input that cannot be used: one InputError that names the key, what was found and what would be accepted."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from orderup.envs.catalogue import list_scenarios, load_scenario
from orderup.envs.foundation.errors import InputError
from orderup.envs.simulator import Simulator

from ..by_hand import GOOD

ABSENT = object()


def changed(path: str, value: Any) -> dict[str, Any]:
    """The good scenario with the value at a path such as `lanes.0.to` replaced, added or (ABSENT) left out."""
    keys = copy.deepcopy(GOOD)
    *parents, last = path.split(".")
    block: Any = keys
    for part in parents:
        block = block[int(part)] if isinstance(block, list) else block[part]
    if isinstance(block, list):
        block[int(last) :] = [value]
    elif value is ABSENT:
        del block[last]
    else:
        block[last] = value
    return keys


def test_the_good_one_is_good() -> None:
    Simulator(GOOD).reset(seed=0)


NOT_NEGATIVE = "a finite number ≥ 0, or one for each product"
BAD: list[tuple[str, Any, str, str]] = [
    # path, value, the key as the message names it, and a part of the rest of the message
    ("horizn", 3, "scenario", "found 'horizn'; accepted: one of .*did you mean 'horizon'"),
    ("lanes.1.leadtime", 1, "scenario.lanes[1]", "found 'leadtime'; accepted: one of .*did you mean 'lead_time'"),
    ("sites.store_1.holdin", 1, "scenario.sites.store_1", "found 'holdin'; .*did you mean 'holding'"),
    ("customers.0.demand.sd", 3, "scenario.customers[0].demand", "found 'sd'; accepted: one of mean"),
    ("name", "Mine!", "scenario.name", "found 'Mine!'; accepted: String should match"),
    ("name", "owmr", "scenario.name", "found 'owmr'; accepted: another name: a different scenario of this name comes with"),
    ("horizon", 0, "scenario.horizon", "found 0"),
    ("horizon", 1.5, "scenario.horizon", "found 1.5"),
    ("horizon", True, "scenario.horizon", "found True; accepted: a whole number"),
    ("warmup", 10, "scenario.warmup", "found 10; accepted: fewer periods than the horizon, 10"),
    ("warmup", -1, "scenario.warmup", "found -1"),
    ("calendar", 1, "scenario.calendar", "found 1"),
    ("calendar", [7, 1], "scenario.calendar[1]", "found 1"),
    ("calendar", [365, 364], "scenario.calendar", r"found \[365, 364\]; accepted: seasons that all begin again"),
    ("products", [], "scenario.products", r"found \[\]"),
    ("products", ["tea", "tea"], "scenario.products", "found .*; accepted: each product once"),
    ("sites", {}, "scenario.sites", "found {}"),
    ("lanes", [], "scenario.lanes", r"found \[\]"),
    ("customers", [], "scenario.customers", r"found \[\]"),
    ("sites. Berlin", {"holding": 1}, "scenario.sites. Berlin", "without spaces at its ends"),
    ("sites.planner_0", {"holding": 1}, "scenario.sites.planner_0", "accepted: a site's name .*are taken"),
    ("sites.supplier_2", {"holding": 1}, "scenario.sites.supplier_2", "accepted: a site's name .*are taken"),
    ("sites.store_3\n", {"holding": 1}, "scenario.sites.store_3\\n", "accepted: a name of 1 to 100 characters"),
    ("sites.common", {"holding": 1}, "scenario.sites.common", "accepted: a site's name .*are taken"),
    ("products", ["tea", ""], "scenario.products[1]", "found ''; accepted: a name of 1 to 100 characters"),
    ("products", ["tea", "a\0b"], "scenario.products[1]", r"found 'a\\x00b'; accepted: a name of 1 to 100 characters"),
    ("products", ["tea", "\x1b[31m"], "scenario.products[1]", r"found '\\x1b\[31m'; accepted: a name of 1 to 100"),
    ("products", ["tea", "tea "], "scenario.products[1]", "accepted: a name .*without spaces at its ends"),
    ("suppliers", {"one\n": {}}, "scenario.suppliers.one\\n", "accepted: a name of 1 to 100 characters"),
    ("lanes.0.from", "supplier_\n", "scenario.lanes[0].from", "accepted: one of .*supplier_<word>"),
    ("lanes.1.name", "store_2", "scenario.lanes[1].name", "found 'store_2'; accepted: a name that no site and no supplier has"),
    ("lanes.1.name", "supplier", "scenario.lanes[1].name", "found 'supplier'; accepted: a name that no site and no supplier"),
    ("suppliers", {"supplier": {"origin": "store_1"}}, "scenario.suppliers.supplier.origin", "accepted: a name that no site,"),
    ("sites.store_1.initial", True, "scenario.sites.store_1.initial", "found True; accepted: a number"),
    ("sites.store_1.initial", {"tea": True, "coffee": 1}, "scenario.sites.store_1.initial.tea", "found True; accepted: a num"),
    ("sites.store_1.initial", np.float64(-8), "scenario.sites.store_1.initial", f"found -8.0; accepted: {NOT_NEGATIVE}"),
    ("sites.store_1.holding", 1e300, "scenario.sites.store_1.holding", "accepted: .* less than or equal to 1000000000000"),
    ("customers.0.demand.mean", 1e308, "scenario.customers[0].demand.mean", "accepted: .* less than or equal to 100000000"),
    ("lanes.0.lateral", "no", "scenario.lanes[0].lateral", "found 'no'; accepted: true or false"),
    ("lanes.0.lateral", 1, "scenario.lanes[0].lateral", "found 1; accepted: true or false"),
    ("lanes.0.order_delay", "1", "scenario.lanes[0].order_delay", "found '1'; accepted: a whole number, in plain digits"),
    (
        "disruptions",
        [{"at": ["supplier", "supplier"], "when": {"type": "markov", "begins": 0.1, "ends": 0.1}, "pauses": "shipments"}],
        "scenario.disruptions[0].at",
        "found 'supplier'; accepted: each place once",
    ),
    (
        "card",
        {"question": "?", "hypotheses": [{"better": "central", "worse": "federated"}]},
        "scenario.card.hypotheses[0].better",
        "found 'central'; accepted: one of .*did you mean 'central_stale'",
    ),
    (
        "card",
        {"question": "?", "hypotheses": [{"better": "federated", "worse": "federated", "against": "owmx"}]},
        "scenario.card.hypotheses[0].against",
        "found 'owmx'; accepted: one of .*did you mean 'owmr'",
    ),
    ("sites.store_3", {"holding": 1}, "scenario.sites.store_3", "found 'no lane that leads there'; accepted: a site that"),
    ("sites.store_1.holding", ABSENT, "scenario.sites.store_1.holding", "found 'nothing'; accepted: this key, which has no"),
    ("sites.store_1.holding", -1, "scenario.sites.store_1.holding", f"found -1; accepted: {NOT_NEGATIVE}"),
    ("sites.store_1.holding", "-1", "scenario.sites.store_1.holding", "found '-1'; accepted: a number, in plain digits"),
    ("sites.store_1.holding", float("nan"), "scenario.sites.store_1.holding", f"found nan; accepted: {NOT_NEGATIVE}"),
    ("sites.store_1.holding", True, "scenario.sites.store_1.holding", "found True; accepted: a number"),
    ("sites.store_1.holding", [1, 2], "scenario.sites.store_1.holding", r"found \[1, 2\]"),
    (
        "sites.store_1.holding",
        {"tea": 1},
        "scenario.sites.store_1.holding",
        "found 'nothing for coffee'; accepted: a number for",
    ),
    ("sites.store_1.holding", {"tea": 1, "coffee": -2}, "scenario.sites.store_1.holding.coffee", "found -2"),
    (
        "sites.store_1.holding",
        {"tea": 1, "cofee": 1},
        "scenario.sites.store_1.holding",
        "found 'cofee'; .*did you mean 'coffee'",
    ),
    ("sites.store_1.overflow", float("inf"), "scenario.sites.store_1.overflow", "found inf"),
    ("sites.store_1.storage", 0, "scenario.sites.store_1.storage", "found 0"),
    ("sites.store_1.rationing", "fair", "scenario.sites.store_1.rationing", "found 'fair'; accepted: .*'even_cover'"),
    ("suppliers", {"store_1": {}}, "scenario.suppliers.store_1", "accepted: a name that no site has"),
    ("suppliers", {"supplier": {"capacity": -1}}, "scenario.suppliers.supplier.capacity", "found -1"),
    ("lanes.0.to", "store_9", "scenario.lanes[0].to", "found 'store_9'; accepted: one of store_1, store_2, warehouse_1"),
    ("lanes.0.from", "suplier", "scenario.lanes[0].from", "found 'suplier'; .*did you mean 'supplier'"),
    ("lanes.1.from", "store_1", "scenario.lanes[1].to", "accepted: another site than the one it comes from"),
    ("lanes.0.lateral", True, "scenario.lanes[0].lateral", "accepted: true only between two sites"),
    ("lanes.0.transfer_price", 1, "scenario.lanes[0].transfer_price", "accepted: only between two sites"),
    ("lanes.0.terms", {"late": 1}, "scenario.lanes[0].terms", "accepted: .*a contract between sites that do not trade"),
    ("lanes.1.terms", {}, "scenario.lanes[1].terms", "found 'no payment'; accepted: at least one of backlog_share, on_hand"),
    ("lanes.1.terms", {"backlog_share": 1.5}, "scenario.lanes[1].terms.backlog_share", "found 1.5"),
    ("lanes.1.terms", {"buy_back": -1}, "scenario.lanes[1].terms.buy_back", "found -1.0; accepted: a number ≥ 0"),
    ("lanes.1.terms", {"late": float("nan")}, "scenario.lanes[1].terms.late", "found nan"),
    ("lanes.1.terms", {"late": {"tea": 1}}, "scenario.lanes[1].terms.late", "found 'nothing for coffee'"),
    ("lanes.1.terms", {"lateness": 1}, "scenario.lanes[1].terms", "did you mean 'late'"),
    ("lanes.0.lead_time", -1, "scenario.lanes[0].lead_time.value", "found -1"),
    ("lanes.0.lead_time", 1.5, "scenario.lanes[0].lead_time.value", "found 1.5"),
    ("lanes.0.lead_time", ABSENT, "scenario.lanes[0].lead_time", "found 'nothing'"),
    ("lanes.0.lead_time", {"type": "gamma"}, "scenario.lanes[0].lead_time.type", "found 'gamma'; accepted: one of discrete"),
    ("lanes.0.lead_time", {"type": "uniform_integer", "low": 3, "high": 1}, "scenario.lanes[0].lead_time.high", "found 1"),
    ("lanes.0.order_delay", -1, "scenario.lanes[0].order_delay", "found -1"),
    ("lanes.0.capacity", 0, "scenario.lanes[0].capacity", "found 0"),
    ("lanes.0.unit_cost", -2, "scenario.lanes[0].unit_cost", f"found -2; accepted: {NOT_NEGATIVE}"),
    ("lanes.0.fixed_cost", -2, "scenario.lanes[0].fixed_cost", "found -2"),
    ("lanes.0.unfilled", "lost", "scenario.lanes[0].unfilled", "found 'lost'; accepted: Input should be 'kept' or 'cancelled'"),
    ("lanes.0.products", ["milk"], "scenario.lanes[0].products", "found 'milk'; accepted: one of coffee, tea"),
    ("lanes.0.products", [], "scenario.lanes[0].products", "accepted: at least one product"),
    ("lanes.0.products", ["tea"], "scenario.customers[0].products", "found 'coffee at store_1, where no lane from a supplier"),
    ("lanes.0.name", " by sea", "scenario.lanes[0].name", "found ' by sea'"),
    (
        "lanes.3",
        {**GOOD["lanes"][0]},
        "scenario.lanes[3].name",
        "found 'supplier->warehouse_1'; accepted: a name that no other",
    ),
    ("lanes.3", None, "scenario.lanes[3]", "found None"),
    (
        "lanes.3",
        {"from": "store_1", "to": "warehouse_1", "lead_time": 1},
        "scenario.lanes",
        "found 'store_1 -> warehouse_1 -> store_1'; accepted: no cycle of lanes, except of lanes between peers",
    ),
    ("customers.0.site", "store_3", "scenario.customers[0].site", "found 'store_3'; accepted: one of store_1"),
    ("customers.0.segment", "A B", "scenario.customers[0].segment", "found 'A B'"),
    ("customers.0.unmet", "gone", "scenario.customers[0].unmet", "found 'gone'"),
    (
        "customers.1",
        {**GOOD["customers"][0]},
        "scenario.customers[1].segment",
        "accepted: one entry for each site, segment and",
    ),
    ("customers.0.demand", 5, "scenario.customers[0].demand", "found 5; accepted: a mapping with `type`: one of .*poisson"),
    ("customers.0.demand", {"type": "poison"}, "scenario.customers[0].demand.type", "found 'poison'; .*did you mean 'poisson'"),
    (
        "customers.0.demand",
        {"type": "os:system"},
        "scenario.customers[0].demand.type",
        "accepted: a subclass of .*DemandProcess",
    ),
    ("customers.0.demand", {"type": "no.such:Thing"}, "scenario.customers[0].demand.type", "accepted: an importable package"),
    ("customers.0.demand.mean", -4, "scenario.customers[0].demand.mean", "found -4.0; accepted: a number ≥ 0"),
    ("customers.0.demand.mean", {"tea": 1}, "scenario.customers[0].demand.mean", "found 'nothing for coffee'"),
    ("customers.0.demand.mean", 1e12, "demand", "accepted: a process that spreads less, or demand in larger units"),
    ("correlation", {"rho": 1}, "scenario.correlation.rho", "found 1.0; accepted: 0 ≤ rho < 1"),
    ("correlation", {"rho": [[1, 0.5], [0.4, 1]]}, "scenario.correlation.rho", "accepted: a symmetric, positive definite"),
    ("correlation", {"rho": [[1, 2], [2, 1]]}, "scenario.correlation.rho", "accepted: a symmetric, positive definite"),
    ("correlation", {"rho": [[1, 0.5], [0.5]]}, "scenario.correlation.rho", "accepted: a symmetric, positive definite"),
    ("correlation", {"rho": [[2, 0.5], [0.5, 2]]}, "scenario.correlation.rho", "ones on its diagonal"),
    (
        "correlation",
        {"rho": np.eye(3).tolist()},
        "correlation.rho",
        "found '3 rows'; accepted: a row for each of store_1, store_2",
    ),
    ("correlation", {"rho": 0.5, "sites": ["store_9"]}, "scenario.correlation.sites", "found 'store_9'; accepted: one of"),
    ("correlation", {"rho": 0.5, "sites": ["store_1"] * 2}, "scenario.correlation.sites", "accepted: each site once"),
]


@pytest.mark.parametrize(("path", "value", "key", "rest"), BAD)
def test_a_bad_scenario_is_refused_with_key_found_and_accepted(path: str, value: Any, key: str, rest: str) -> None:
    with pytest.raises(InputError, match=rest) as caught:
        Simulator(changed(path, value)).reset(seed=0)
    assert caught.value.key == key
    assert str(caught.value).startswith(f"{key}: found ")
    assert "; accepted: " in str(caught.value)


def test_all_mistakes_of_a_kind_are_told_at_once() -> None:
    keys = changed("horizon", 0)
    keys["customers"][1]["shortage"] = -3
    with pytest.raises(InputError, match=r"scenario\.horizon: found 0") as caught:
        load_scenario(keys)
    assert [line.split(":")[0] for line in caught.value.others] == ["scenario.customers[1].shortage"]


@pytest.mark.parametrize("scenario", [3, None, ["owmr"], "owmrr", "no_such.yaml", Path("no_such.yaml"), Path("/")])
def test_what_is_no_scenario_at_all_is_refused(scenario: Any) -> None:
    with pytest.raises(InputError, match=r"accepted: (a name, a YAML path|one of .*did you mean 'owmr'|a YAML file)"):
        load_scenario(scenario)


def test_a_shipped_scenario_may_be_loaded_by_its_path_and_by_its_keys() -> None:
    for name in list_scenarios():
        scenario = load_scenario(name)
        assert load_scenario(scenario.model_dump(by_alias=True)) == scenario


def test_a_shipped_scenario_under_its_own_name_may_not_be_another() -> None:
    keys = load_scenario("owmr").model_dump(by_alias=True)
    with pytest.raises(InputError, match=r"^scenario\.name: found 'owmr'; accepted: another name"):
        load_scenario({**keys, "horizon": keys["horizon"] + 1})
