"""Effects of one's own: what they do is what the project's events do, and is told to whom it is told there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import Field

from orderup.envs.autonomy.autonomy import PLANNER
from orderup.envs.describe.event_words import event_rows
from orderup.envs.describe.happenings import happenings
from orderup.envs.events.effects import CHANGEABLE, Change, Effect, effects
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.imports import importing_only
from orderup.envs.foundation.validation import validated
from orderup.envs.information.policy import Decision
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.simulator import Simulator
from orderup.envs.trace.trace import draw_events

from ..by_hand import GOOD, SILO, demand, scenario
from ..looking import running, seen

Floats = NDArray[np.float64]
HERE = "tests.envs.events.test_effects"
STORM = {"type": "regime", "name": "storm"}


class Strike(Effect):
    """Half the lane is there, late and dear, and customers hoard."""

    left: float = Field(0.5, ge=0, le=1)
    late: int = Field(1, ge=1)
    duty: float = Field(0.2, ge=0)
    hoarding: float = Field(1.5, ge=0)

    def changes(self) -> Sequence[Change]:
        return (
            Change("capacity", self.left),
            Change("delay", self.late),
            Change("tariff", self.duty),
            Change("demand", self.hoarding),
        )


class Whispered(Strike):
    """The same, and nobody says so."""

    told = False


class Wanted(Effect):
    """Whatever a test wants."""

    of: str
    to: float

    def changes(self) -> Sequence[Change]:
        return (Change(self.of, self.to),)


class Nothing(Effect):
    """No effect."""

    def changes(self) -> Sequence[Change]:
        return ()


class Loose(Effect):
    """A pair that says not what it is."""

    def changes(self) -> Any:
        return (("capacity", 0.5),)


def world(**keys: Any) -> Scenario:
    """Two stores that feed each other's town through a warehouse; store_1 sells to store_2 as well."""
    sites: dict[str, Any] = {name: {"initial": 30} for name in ("store_1", "store_2", "warehouse_1")}
    lanes = [
        {"from": "supplier", "to": "warehouse_1", "lead_time": 2, "unit_cost": 2},
        {"from": "warehouse_1", "to": "store_1", "lead_time": 1},
        {"from": "store_1", "to": "store_2", "lead_time": 1, "unit_cost": 1, "capacity": 12},
    ]
    customers = [{"site": name, "demand": {"type": "poisson", "mean": 8}} for name in ("store_1", "store_2")]
    storm = {"storm": {"when": {"type": "markov", "begins": 0.3, "ends": 0.3}}}
    return scenario(sites, lanes, customers, **{"horizon": 30, "regimes": storm, **keys})


def at_store(effect: Any, when: Any = STORM, **keys: Any) -> dict[str, Any]:
    return {"at": "store_1", "when": when, "effect": effect, **keys}


def course(given: Scenario, twin: bool = False) -> Floats:
    """Costs and stock of every period, site and episode (2 T, N, B), under orders of 10."""
    simulator = Simulator(given, SILO, batch=4)
    simulator.reset(seed=3)
    trace = simulator.trace
    assert trace is not None
    simulator.replay(trace.undisturbed() if twin else trace)
    found = []
    for _ in range(given.horizon):
        _, ledger, _ = simulator.step(Decision(quantity=np.full((4, 3, 1), 10.0)))
        found += [ledger.by_site, simulator.now.state.on_hand[:, 0]]
    return np.stack(found)


def test_an_effect_of_several_changes_is_several_events_at_the_same_time() -> None:
    """To the bit: the changes one by one, by the keys that the project has for each."""
    together = world(disruptions=[at_store({"type": f"{HERE}:Strike"})])
    apart = world(
        disruptions=[
            {"at": "store_1", "keeps": 0.5, "when": STORM},
            {"at": "store_1", "delay": 1, "when": STORM},
        ],
        prices=[{"at": "store_1", "tariff": 0.2, "when": STORM}],
        shifts=[{"at": "store_1", "factor": 1.5, "when": STORM}],
    )
    np.testing.assert_array_equal(course(together), course(apart))
    assert not np.array_equal(course(together), course(world()))


def test_its_undisturbed_twin_is_a_world_without_it() -> None:
    disturbed = world(disruptions=[at_store({"type": f"{HERE}:Strike"})])
    calm = world(disruptions=[at_store({"type": f"{HERE}:Strike"}, when={"type": "scheduled", "from": 1000})])
    np.testing.assert_array_equal(course(disturbed, twin=True), course(calm))


@pytest.mark.parametrize(
    ("short", "effect"),
    [
        ({"pauses": "orders"}, {"type": "pause", "of": "orders"}),
        ({"keeps": 0.25}, {"type": "capacity", "left": 0.25}),
        ({"delay": 2}, {"type": "delay", "periods": 2}),
    ],
    ids=str,
)
def test_a_short_key_is_the_effect_that_it_is_short_for(short: Any, effect: Any) -> None:
    """By the same default name, and so with the same luck."""
    when = {"type": "markov", "begins": 0.3, "ends": 0.3}
    place = {"at": "store_1->store_2", "when": when}
    np.testing.assert_array_equal(
        course(world(disruptions=[{**place, **short}])), course(world(disruptions=[{**place, "effect": effect}]))
    )


def test_demand_is_multiplied_while_it_is_in_force_and_that_counts_as_an_outage() -> None:
    when = {"type": "scheduled", "from": 1, "until": 3}
    given = scenario(
        {"store_1": {}}, [{"from": "supplier", "to": "store_1"}], [{"site": "store_1", "demand": demand(10)}],
        horizon=4, disruptions=[at_store({"type": "demand", "factor": 1.5}, when)],
    )  # fmt: skip
    simulator = Simulator(given, SILO)
    simulator.reset(seed=0)
    trace = simulator.trace
    assert trace is not None
    assert trace.outage is not None
    assert trace.demand.ravel().tolist() == [10, 15, 15, 10]
    assert trace.outage.ravel().tolist() == [False, True, True, False]
    assert trace.undisturbed().demand.ravel().tolist() == [10, 10, 10, 10]
    assert trace.repeated(2).undisturbed().demand[:, 0, 0].tolist() == [[10, 10]] * 4
    (told,) = happenings(draw_events(simulator.numpy_network, simulator.backend, 0, np.arange(1), 4))
    assert (told.name, told.effect, told.sites, told.spans) == ("demand:store_1", "demand × 1.5", ("store_1",), ((2, 3),))


def test_a_tariff_that_fails_is_not_in_the_twin_and_has_luck_of_its_own() -> None:
    when = {"type": "markov", "begins": 0.3, "ends": 0.3}
    rate = {"type": "tariff", "rate": 0.5}
    both = world(
        disruptions=[at_store(rate, when, announced=2)], prices=[{"at": "store_1", "tariff": 0.5, "when": when, "announced": 2}]
    )
    simulator = Simulator(both, SILO, batch=50)
    simulator.reset(seed=0)
    trace = simulator.trace
    assert trace is not None
    assert simulator.numpy_network.events.names == ("tariff:store_1", "tariff:store_1 2")
    assert trace.conditions.tariff is not None
    assert set(np.unique(trace.conditions.tariff)) == {0.0, 0.5, 1.0}
    twin = trace.undisturbed()
    assert twin.conditions.tariff is not None
    assert set(np.unique(twin.conditions.tariff)) == {0.0, 0.5}
    ((notice, values),) = twin.announced["tariff"]
    assert notice == 2
    np.testing.assert_array_equal(values[:31], twin.conditions.tariff)


def test_it_is_described_by_its_changes_and_by_who_is_told() -> None:
    given = world(disruptions=[at_store({"type": f"{HERE}:{name}"}) for name in ("Strike", "Whispered")])
    rows = [row for row in event_rows(given) if row.event == "disruption"]
    does = "50% of the capacity left, 1 periods late, tariff of 20%, demand × 1.5"
    assert [(row.at, row.effect, row.known) for row in rows] == [
        ("store_1", does, "when it happens; nobody is told of demand"),
        ("store_1", does, "nobody is told"),
    ]


@pytest.mark.parametrize("autonomy", ["central_ideal", "autonomous_silo", "autonomous_shared"])
def test_what_is_told_is_seen_at_once_and_what_is_not_only_by_what_comes_of_it(autonomy: str) -> None:
    def looked(name: str, first: int, periods: int = 6) -> dict[str, bytes]:
        when = {"type": "scheduled", "from": first}
        return seen(running(world(disruptions=[at_store({"type": f"{HERE}:{name}"}, when)]), autonomy, periods))

    seats = looked("Strike", 100)
    buyer = PLANNER if autonomy == "central_ideal" else "store_2"
    assert looked("Strike", 6)[buyer] != seats[buyer]
    assert looked("Whispered", 6) == seats
    assert looked("Whispered", 5) != seats  # a period later there is more demand
    assert looked("Whispered", 7) == looked("Strike", 7) == seats


def test_what_is_announced_of_it_is_seen_ahead_by_whom_it_is_for() -> None:
    def looked(first: int, announced: int) -> dict[str, bytes]:
        when = {"type": "scheduled", "from": first}
        strike = at_store({"type": f"{HERE}:Strike"}, when, announced=announced)
        return seen(running(world(disruptions=[strike]), "autonomous_silo"))

    nothing = looked(100, 2)
    assert looked(8, 2)["store_2"] != nothing["store_2"]
    assert looked(8, 2)["warehouse_1"] == nothing["warehouse_1"]
    assert looked(9, 2) == nothing


def refused(effect: Any, at: str = "store_1", **keys: Any) -> str:
    with pytest.raises(InputError) as caught:
        world(disruptions=[{**at_store(effect, **keys), "at": at}])
    return str(caught.value)


@pytest.mark.parametrize(
    ("effect", "message"),
    [
        ({"type": "strike"}, r"disruptions[0].effect.type: found 'strike'; accepted: one of capacity, delay, demand, pause"),
        ({"type": f"{HERE}:Change"}, "disruptions[0].effect.type: found"),
        ({"type": f"{HERE}:Strike", "left": 2}, "disruptions[0].effect.left: found 2"),
        (
            {"type": f"{HERE}:Strike", "right": 2},
            "disruptions[0].effect: found 'right'; accepted: one of duty, hoarding, late, left",
        ),
        ({"type": f"{HERE}:Nothing"}, "disruptions[0].effect: found 'no changes'; accepted: at least one Change of orders"),
        ({"type": f"{HERE}:Loose"}, "disruptions[0].effect: found ('capacity', 0.5); accepted: a Change(of, to)"),
        (
            {"type": f"{HERE}:Wanted", "of": "weather", "to": 1},
            "disruptions[0].effect: found 'weather'; accepted: one of capacity, delay",
        ),
        ({"type": f"{HERE}:Wanted", "of": "orders", "to": 0.5}, "found 'orders of 0.5'; accepted: orders 0, which pauses it"),
        ({"type": f"{HERE}:Wanted", "of": "delay", "to": 0.5}, "accepted: delay a whole number from 1 to 1000"),
        ({"type": f"{HERE}:Wanted", "of": "price", "to": -1}, "accepted: price from 0 to 1e+12"),
    ],
    ids=str,
)
def test_what_no_effect_can_be_is_refused_by_its_path(effect: Any, message: str) -> None:
    assert message in refused(effect)


@pytest.mark.parametrize(
    ("at", "message"),
    [
        ("warehouse_1", "disruptions[0].effect: found 0.5; accepted: 0, or a place with a limit"),
        ("store_2", "disruptions[0].at: found 'store_2'; accepted: a place with lanes that capacity can be about"),
        ("store_1->store_2", "disruptions[0].at: found 'store_1->store_2'; accepted: one of store_1, store_2"),
        ("mars", "disruptions[0].at: found 'mars'"),
    ],
)
def test_a_place_that_has_nothing_for_one_of_its_changes_is_refused(at: str, message: str) -> None:
    assert message in refused({"type": f"{HERE}:Strike"}, at)


@pytest.mark.parametrize("effect", [{"type": f"{HERE}:Whispered"}, {"type": "demand", "factor": 2}], ids=str)
def test_what_nobody_is_told_cannot_be_announced(effect: Any) -> None:
    assert "disruptions[0].announced: found 2; accepted: 0: nobody is told of" in refused(effect, announced=2)


def test_a_scenario_with_one_is_written_and_read_as_it_was() -> None:
    given = world(disruptions=[at_store({"type": f"{HERE}:Strike", "left": 0.25})])
    plain = given.model_dump(mode="json", by_alias=True)
    assert plain["disruptions"][0]["effect"]["type"] == f"{HERE}:Strike"
    assert validated(Scenario, plain) == given


def test_a_strangers_scenario_imports_only_what_is_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "strange_effects.py").write_text("raise SystemExit('imported')\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    foreign = {**GOOD, "disruptions": [at_store({"type": "strange_effects:Strike"}, {"type": "scheduled", "from": 1})]}
    with importing_only([]), pytest.raises(InputError, match=r"^disruptions\[0\]\.effect\.type: .*allow=\[strange_effects\]"):
        validated(Scenario, foreign)
    with importing_only(["strange_effects"]), pytest.raises(InputError, match="SystemExit: imported"):
        validated(Scenario, foreign)


def test_every_change_has_a_registered_effect_that_makes_it() -> None:
    made = {change.of for effect in EXAMPLES for change in effects.find(effect["type"]).model_validate(keys(effect)).changes()}
    assert made == set(CHANGEABLE)
    assert {effect["type"] for effect in EXAMPLES} == set(effects)


EXAMPLES: list[dict[str, Any]] = [
    *({"type": "pause", "of": of} for of in ("orders", "shipments", "transit", "receipts")),
    {"type": "capacity", "left": 0.5},
    {"type": "delay", "periods": 1},
    {"type": "price", "factor": 2},
    {"type": "tariff", "rate": 0.1},
    {"type": "demand", "factor": 2},
]


def keys(effect: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in effect.items() if key != "type"}
