"""Events and mechanisms that cannot be: one InputError that names the key, what was found and what would be accepted."""

from __future__ import annotations

from typing import Any

import pytest

from orderup.envs.catalogue import load_scenario
from orderup.envs.foundation.errors import InputError
from orderup.envs.simulator import Simulator

from .test_bad_input import changed

ALWAYS = {"type": "scheduled", "from": 0}
MARKOV = {"type": "markov", "begins": 0.1, "ends": 0.5}
LANE, NOW = "warehouse_1->store_1", "supplier->warehouse_1"


def failure(**keys: Any) -> list[dict[str, Any]]:
    return [{"at": LANE, "when": ALWAYS, **({} if {"keeps", "delay"} & set(keys) else {"pauses": "orders"}), **keys}]


def when(**keys: Any) -> list[dict[str, Any]]:
    return failure(when=keys)


def price(**keys: Any) -> list[dict[str, Any]]:
    return [{"at": NOW, "when": ALWAYS, **keys}]


def shift(**keys: Any) -> list[dict[str, Any]]:
    return [{"when": ALWAYS, **keys}]


def back(**keys: Any) -> list[dict[str, Any]]:
    return [{"from": "store_1", "to": "warehouse_1", "share": 0.5, "delay": 2, **keys}]


def breaks(*steps: tuple[float, float]) -> dict[str, Any]:
    return {"supplier": {"price_breaks": [{"from": least, "discount": share} for least, share in steps]}}


def buys(**keys: Any) -> dict[str, Any]:
    return {"site": "store_1", "shortage": 1, "demand": {"type": "poisson", "mean": 1}, **keys}


PROMOTION = {"at": "store_1", "uplift": 2, "chance": 0.1}
CONTRACT = {"notice": 4, "down": 0.2, "up": 0.2}
BAD: list[tuple[str, Any, str, str]] = [
    # path, value, the key as the message names it, and a part of the rest of the message
    ("disruptions", when(type="markov", begins=1.2, ends=0.5), "disruptions[0].when.begins", "found 1.2"),
    ("disruptions", when(type="markov", begins=0.1, ends=-0.5), "disruptions[0].when.ends", "found -0.5"),
    ("disruptions", when(**MARKOV, during={"storm": {"begins": 1, "ends": 0}}), "disruptions[0].when.during", "found 'storm'"),
    ("disruptions", when(type="regime", name="storm"), "disruptions[0].when.name", "found 'storm'"),
    ("disruptions", when(type="sometimes"), "disruptions[0].when.type", "found 'sometimes'; accepted: one of .*markov"),
    ("disruptions", when(type="scheduled", **{"from": 4}, until=4), "disruptions[0].when.until", "a period after `from`, 4"),
    (
        "disruptions",
        when(type="scheduled", **{"from": 0}, until=4, every=4),
        "disruptions[0].when.every",
        "more periods than it lasts",
    ),
    ("disruptions", when(type="once", between=[5, 3], length=1), "disruptions[0].when.between", r"found \[5, 3\]"),
    ("disruptions", when(type="once", between=[1, 3], length=0), "disruptions[0].when.length", "found 0"),
    (
        "disruptions",
        when(type="gradual", **{"from": 4}, until=2),
        "disruptions[0].when.until",
        "found 2; accepted: a period after",
    ),
    ("disruptions", failure(at="warehouse_2"), "disruptions[0].at", f"found 'warehouse_2'; accepted: one of .*{LANE}"),
    ("disruptions", failure(at="store_1->store_2"), "disruptions[0].at", "found 'store_1->store_2'; accepted: one of"),
    ("disruptions", failure(at=[LANE, "planet"]), "disruptions[0].at", "found 'planet'"),
    ("disruptions", failure(at=[]), "disruptions[0].at", r"found \[\]"),
    (
        "disruptions",
        failure(at="store_1", pauses="shipments"),
        "disruptions[0].at",
        "a place with lanes that shipments can be about",
    ),
    ("disruptions", failure(pauses="everything"), "disruptions[0].pauses", "found 'everything'; accepted: .*'transit'"),
    ("disruptions", failure(pauses="orders", keeps=0.5), "disruptions[0]", "one of pauses, keeps, delay and effect"),
    ("disruptions", [{"at": LANE, "when": ALWAYS}], "disruptions[0]", "found 'no effect'; accepted: one of pauses"),
    ("disruptions", failure(keeps=1.5), "disruptions[0].keeps", "found 1.5"),
    ("disruptions", failure(keeps=0.5), "disruptions[0].keeps", f"accepted: 0, or a place with a limit: {LANE} has none"),
    ("disruptions", failure(delay=0), "disruptions[0].delay", "found 0"),
    ("disruptions", failure(announced=-1), "disruptions[0].announced", "found -1"),
    ("disruptions", failure(name="out") * 2, "disruptions[1].name", "found 'out'; accepted: a name that no other event has"),
    ("disruptions", failure(name="two words"), "disruptions[0].name", "found 'two words'"),
    ("regimes", {"storm": {"when": {"type": "regime", "name": "storm"}}}, "regimes.storm.when", "goes by no other regime"),
    ("prices", price(factor=-1), "prices[0].factor", "found -1"),
    ("prices", price(tariff=-0.1), "prices[0].tariff", "found -0.1"),
    ("prices", price(factor=1, tariff=1), "prices[0]", "one of factor and tariff"),
    ("prices", price(), "prices[0]", "found 'no effect'; accepted: one of factor and tariff"),
    ("prices", price(factor=2), "prices[0].at", f"found '{NOW}'; accepted: lanes with a unit cost"),
    ("prices", price(at="nowhere", factor=2), "prices[0].at", "found 'nowhere'"),
    ("shifts", shift(at="warehouse_1", factor=2), "shifts[0].at", "found 'warehouse_1'; accepted: one of store_1, store_2"),
    ("shifts", shift(at="store_1"), "shifts[0]", "either at and factor, or from, to and share"),
    ("shifts", shift(at="store_1", factor=-2), "shifts[0].factor", "found -2"),
    ("shifts", shift(**{"from": "store_1", "to": "store_2"}, share=1.2), "shifts[0].share", "found 1.2"),
    ("shifts", shift(**{"from": "store_1", "to": "store_1"}, share=0.2), "shifts[0].to", "a site that demand does not leave"),
    ("promotions", [{**PROMOTION, "chance": 1.1}], "promotions[0].chance", "found 1.1"),
    ("promotions", [{**PROMOTION, "chance": 0}], "promotions[0]", "accepted: uplift and a chance above 0"),
    ("promotions", [{**PROMOTION, "reported": 2}], "promotions[0].reported", "found 2"),
    ("promotions", [{**PROMOTION, "at": "warehouse_1"}], "promotions[0].at", "found 'warehouse_1'; accepted: one of store_1"),
    ("promotions", [{**PROMOTION, "length": 0}], "promotions[0].length", "found 0"),
    (
        "suppliers",
        breaks((20, 0.1), (10, 0.2)),
        "suppliers.supplier.price_breaks[1].from",
        "found 10.0; accepted: more units than .* 20",
    ),
    (
        "suppliers",
        breaks((10, 0.2), (20, 0.1)),
        "suppliers.supplier.price_breaks[1].discount",
        "found 0.1; accepted: more than .* 0.2",
    ),
    ("suppliers", breaks((10, 0.2), (10, 0.3)), "suppliers.supplier.price_breaks[1].from", "found 10.0"),
    ("suppliers", breaks((0, 0.2)), "suppliers.supplier.price_breaks[0].from", "found 0"),
    ("suppliers", breaks((10, 1)), "suppliers.supplier.price_breaks[0].discount", "found 1"),
    (
        "lanes.0.ramp",
        {"from": 0.2, "since": 5, "until": 3},
        "lanes[0].ramp.until",
        "found 3; accepted: a period after `since`, 5",
    ),
    ("lanes.0.ramp", {"from": 1.2, "until": 3}, "lanes[0].ramp.from", "found 1.2"),
    ("lanes.0.ramp", {"from": 0.2, "until": 3}, "lanes[0].ramp", "found 'a lane without a capacity'"),
    ("lanes.0.contract", {**CONTRACT, "down": -0.1}, "lanes[0].contract.down", "found -0.1"),
    ("lanes.0.contract", {**CONTRACT, "up": -0.1}, "lanes[0].contract.up", "found -0.1"),
    ("lanes.0.contract", {**CONTRACT, "down": 1.1}, "lanes[0].contract.down", "found 1.1"),
    ("lanes.0.contract", {**CONTRACT, "notice": 0}, "lanes[0].contract.notice", "found 0"),
    ("lanes.0.yield", {"mean": 1.1}, "lanes[0].yield.mean", "found 1.1"),
    ("lanes.0.yield", {"mean": 0.9, "spread": 0.2}, "lanes[0].yield.spread", "found 0.2; accepted: a range"),
    ("lanes.0.reserve", 5, "lanes[0].reserve", "found 5.0; accepted: 0 on a lane from an outside supplier"),
    ("lanes.1.reserve", -5, "lanes[1].reserve", "found -5"),
    ("lanes.0.setup", -1, "lanes[0].setup", "found -1"),
    ("lanes.0.carbon", -1, "lanes[0].carbon", "found -1"),
    ("carbon", {"price": -1}, "carbon.price", "found -1"),
    ("carbon", {"price": 1, "allowance": -1}, "carbon.allowance", "found -1"),
    ("sites.store_1.shelf_life", 0, "sites.store_1.shelf_life", "found 0"),
    ("sites.store_1.shelf_life", 2.5, "sites.store_1.shelf_life", "found 2.5"),
    ("sites.store_1.issue", "lifo", "sites.store_1.issue", "fifo, or a site with a shelf_life"),
    ("sites.store_1.issue", "filo", "sites.store_1.issue", "found .filo."),
    ("sites.store_1.scrap_cost", -1, "sites.store_1.scrap_cost", "found -1"),
    ("sites.store_1.variety", -1, "sites.store_1.variety", "found -1"),
    (
        "sites.warehouse_1.overtime",
        {"extra": 1, "cost": 1},
        "sites.warehouse_1.overtime",
        "found 'a site without a throughput'",
    ),
    ("customers.0.promise", -1, "customers[0].promise", "found -1"),
    ("customers.0.reserve", -1, "customers[0].reserve", "found -1"),
    ("customers.0.goodwill", {"loss": 2, "recovery": 0.1}, "customers[0].goodwill.loss", "found 2"),
    ("customers.0.spill_to", {"site": "store_9"}, "customers[0].spill_to.site", "found 'store_9'; accepted: one of store_1"),
    ("customers.0.spill_to", {"site": "store_1"}, "customers[0].spill_to.site", "accepted: another site than their own"),
    ("customers.0.spill_to", {"site": "store_2", "cost": -1}, "customers[0].spill_to.cost", "found -1"),
    (
        "customers.2",
        buys(segment="late", unmet="lost", promise=2),
        "customers[2].promise",
        "found 2; accepted: 0 for customers who do not",
    ),
    ("customers.2", buys(segment="none", products=[]), "customers[2].products", "found .*; accepted: at least one product"),
    ("customers.2", buys(segment="none", site="store_9"), "customers[2].site", "found 'store_9'"),
    (
        "customers.2",
        buys(segment="new", dedicated=True),
        "customers[2].dedicated",
        "found 'coffee, tea, which all buy there too'",
    ),
    ("returns", back(share=1.2), "returns[0].share", "found 1.2"),
    ("returns", back(share=0.9, spread=0.2), "returns[0].spread", "found 0.2; accepted: a range share ± spread within 0 and 1"),
    (
        "returns",
        [*back(share=0.6), *back(share=0.6)],
        "returns",
        "found '1.2 of what is sold at store_1'; accepted: shares of at most 1",
    ),
    ("returns", back(delay=0), "returns[0].delay", "found 0"),
    ("returns", back(to="store_9"), "returns[0].to", "found 'store_9'"),
    ("returns", back(becomes="gold"), "returns[0].becomes", "found 'gold'; accepted: one of "),
    ("returns", back(**{"from": "warehouse_1"}), "returns[0].from", "found 'warehouse_1'; accepted: one of store_1, store_2"),
]


@pytest.mark.parametrize(("path", "value", "key", "rest"), BAD)
def test_a_world_that_cannot_be_is_refused_with_key_found_and_accepted(path: str, value: Any, key: str, rest: str) -> None:
    with pytest.raises(InputError, match=rest) as caught:
        load_scenario(changed(path, value))
    assert caught.value.key == f"scenario.{key}"
    assert str(caught.value).startswith(f"scenario.{key}: found ")
    assert "; accepted: " in str(caught.value)


@pytest.mark.parametrize("effect", ["transit", "receipts"])
@pytest.mark.parametrize("lead_time", [0, {"type": "uniform_integer", "low": 1, "high": 2}])
def test_nothing_is_held_on_a_lane_where_goods_arrive_at_once_or_at_random(effect: str, lead_time: Any) -> None:
    keys = changed("lanes.1.lead_time", lead_time)
    with pytest.raises(
        InputError, match=rf"^scenario\.disruptions\[0\]\.at: .* fixed lead time ≥ 1, on which {effect} can pause"
    ):
        load_scenario({**keys, "disruptions": failure(pauses=effect)})
    with pytest.raises(InputError, match="that no other disruption delays"):
        load_scenario(changed("disruptions", [*failure(pauses=effect), *failure(delay=2)]))


def test_entries_of_one_segment_agree_on_what_is_about_its_people() -> None:
    tea, coffee = buys(segment="late", products=["tea"], promise=2), buys(segment="late", products=["coffee"])
    keys = changed("customers.0", buys())
    with pytest.raises(InputError, match=r"customers\[2\]\.promise: found 0; accepted: 2, as for the segment's other products"):
        load_scenario({**keys, "customers": [*keys["customers"], tea, coffee]})


def test_what_is_as_it_should_be_is_not_refused() -> None:
    keys = changed(
        "disruptions", [*failure(at="store_1"), *failure(at="supplier", delay=2), *failure(at="store_2", pauses="transit")]
    )
    keys["lanes"][0] |= {
        "unit_cost": 3,
        "capacity": 9,
        "ramp": {"from": 0, "until": 4},
        "contract": CONTRACT,
        "yield": {"mean": 1},
    }
    keys |= {"prices": price(factor=0.5, announced=3), "returns": back(share=0.5, spread=0.5), "carbon": {"price": 0}}
    keys |= {"suppliers": breaks((1, 0.1), (2, 0.2)), "promotions": [PROMOTION], "shifts": shift(at="store_1", factor=0)}
    simulator = Simulator(keys)
    simulator.reset(seed=0)
    assert simulator.numpy_network.events.channels is not None
