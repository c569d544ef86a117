from __future__ import annotations

import csv
import io
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from orderup.commands.describe import main
from orderup.envs.api.parallel import ParallelNetwork
from orderup.envs.authority.actions import ActionMap
from orderup.envs.autonomy.autonomy import PLANNER
from orderup.envs.catalogue import list_autonomy, list_scenarios, load_autonomy
from orderup.envs.describe.action_table import action_rows
from orderup.envs.describe.autonomy_table import axis_rows, seat_rows
from orderup.envs.describe.describe import Describe, Section, described, sections
from orderup.envs.describe.observation_table import observation_rows
from orderup.envs.foundation.errors import InputError, UnknownName
from orderup.envs.information.fields import FIELDS
from orderup.envs.information.observation import Observer
from orderup.envs.information.policy import Decision
from orderup.envs.information.snapshot import Snapshot
from orderup.envs.simulator import Simulator

from ...examples import some
from ..networks import Case, cases

SHARED = {"name": "late", "visibility": "shared", "authority": "band", "band": 1.0, "feed_latency": 2}
FRUIT = ["apple", "banana", "cherry", "fig", "grape", "lemon", "mango", "melon", "orange", "peach", "pear"]
GROCER = {
    "name": "grocer",
    "horizon": 5,
    "products": FRUIT,
    "sites": {"store_1": {"holding": 1}},
    "lanes": [{"from": "supplier", "to": "store_1", "lead_time": 1}],
    "customers": [{"site": "store_1", "shortage": 9, "demand": {"type": "poisson", "mean": 4}}],
}


def covered(positions: list[str]) -> list[int]:
    """The positions that rows are about, one after the other."""
    ends = [list(map(int, text.split("–"))) for text in positions]
    return [position for end in ends for position in range(end[0], end[-1] + 1)]


@pytest.mark.parametrize("autonomy", list_autonomy())
@pytest.mark.parametrize("scenario", ["owmr", "dual_source", "reference"])
def test_every_number_of_every_agent_is_in_one_row(scenario: str, autonomy: str) -> None:
    env, simulator = ParallelNetwork(scenario, autonomy), Simulator(scenario, autonomy)
    for agent in env.possible_agents:
        for full in (False, True):
            seen = covered([row.positions for row in observation_rows(simulator, agent, full)])
            done = covered([row.positions for row in action_rows(simulator, agent, full=full)])
            assert seen == list(range(env.observation_space(agent).shape[0]))
            assert done == list(range(env.action_space(agent).shape[0]))
        counts = next((row.observation, row.action) for row in seat_rows(simulator) if row.seat == agent)
        assert counts == (str(len(seen)), str(len(done)))


@settings(max_examples=some(30))
@given(cases())
def test_in_any_network_every_number_is_in_one_row(case: Case) -> None:
    simulator = Simulator(case.scenario, SHARED)
    for seat in simulator.seats:
        rows, actions = observation_rows(simulator, seat), action_rows(simulator, seat)
        length = Observer(
            simulator.numpy_network, simulator.autonomy, (PLANNER,) if seat == PLANNER else simulator.site_seats
        ).length
        assert covered([row.positions for row in rows]) == list(range(length))
        done = covered([row.positions for row in actions])
        assert done == list(range(len(done)))


def test_a_full_table_tells_of_every_number_what_the_observer_does() -> None:
    simulator = Simulator("reference", "federated")
    entries = Observer(simulator.numpy_network, simulator.autonomy, simulator.site_seats).table("store_2")
    for row, entry in zip(observation_rows(simulator, "store_2", full=True), entries, strict=True):
        assert (row.positions, row.whose, row.field, row.label) == (str(entry.position), entry.whose, entry.field, entry.label)
        assert (row.product, row.unit, row.scale) == (entry.product, entry.unit, f"{entry.scale:.4g}")


def test_many_products_stand_in_one_row() -> None:
    rows = observation_rows(Simulator(GROCER), "store_1")
    on_hand = next(row for row in rows if row.field == "on_hand")
    assert (on_hand.positions, on_hand.product) == ("0–10", "apple … pear")
    (action,) = action_rows(Simulator(GROCER), "store_1")
    assert (action.positions, action.lane, action.product) == ("0–10", "supplier->store_1", "apple … pear")
    assert len(rows) == sum(
        max(len(FIELDS[name].labels(Simulator(GROCER).numpy_network)), 1) for name in {row.field for row in rows}
    )


def test_sites_of_the_same_fields_stand_in_one_row() -> None:
    simulator = Simulator("owmr", "autonomous_shared")
    *own, others = observation_rows(simulator, "store_3")
    assert {row.whose for row in own} == {"store_3"}
    assert (others.whose, others.age, others.visibility) == ("store_1 … warehouse_1", "now", "shared")
    assert others.field == f"the same {len({row.field for row in own})}"


@pytest.mark.parametrize("seat", ["store_2", PLANNER])
def test_every_number_is_as_old_as_the_table_says(seat: str) -> None:
    env = ParallelNetwork("owmr", SHARED)
    observations, _ = env.reset(seed=5)
    simulator, history = env._seats.simulator, list[Snapshot]()
    rng = np.random.default_rng(0)
    for _ in range(6):
        history.append(simulator.now)
        actions = {agent: rng.uniform(-1, 1, env.action_space(agent).shape).astype(np.float32) for agent in env.agents}
        observations, *_ = env.step(actions)
    history.append(simulator.now)
    at = {"now": history[-1], "constant": history[0], "2 periods ago": history[-3]}
    told = set()
    for row in observation_rows(simulator, seat, full=True):
        if row.field not in ("age", "ordered_since"):
            width = FIELDS[row.field].labels(simulator.numpy_network).index(row.label)
            raw = FIELDS[row.field].read(at[row.age])[simulator.numpy_network.sites.index(row.whose), width, 0, 0]
            assert observations[seat][int(row.positions)] == pytest.approx(raw / float(row.scale), rel=2e-3, abs=1e-6)
            told.add(row.age)
    assert told == ({"constant", "2 periods ago"} if seat == PLANNER else set(at))


def test_noise_is_told_where_it_is_and_parameters_are_constant() -> None:
    rows = {row.field: row.age for row in observation_rows(Simulator("serial_poisson", "central_stale"), PLANNER)}
    assert rows["on_hand"] == "3 periods ago, ±10 %"
    assert rows["unfilled"] == "3 periods ago"  # one's own orders are not miscounted
    assert rows["holding_cost"] == "constant"


def test_levels_at_the_corners_are_the_usual_one_and_twice_that() -> None:
    (row,) = action_rows(Simulator("newsvendor"), "store_1")
    network = Simulator("newsvendor").numpy_network
    usual = ActionMap(network, network.sites).usual_level[0, 0]
    assert (row.at_minus_1, row.at_0, row.at_1) == ("0", f"{usual:.4g}", f"{2 * usual:.4g}")
    assert row.meaning == "Order-up-to level [units]."
    (row,) = action_rows(Simulator("newsvendor"), "store_1", "quantity")
    assert row.meaning == "Quantity to order [units]."


def test_within_a_band_the_corners_are_its_ends() -> None:
    (row,) = action_rows(Simulator("owmr", {**SHARED, "band": 1.5}), "store_2")  # a mean demand of 16
    assert (row.at_minus_1, row.at_0, row.at_1) == ("-24", "0", "24")
    assert row.meaning == "Distance from the centre's level [units]."


@pytest.mark.parametrize("purview", [None, {"store_1": ["tea"], "store_2": None}])
def test_numbers_that_are_said_to_have_no_effect_have_none(purview: Any) -> None:
    level = {**SHARED, "purview": purview}
    one, other = ParallelNetwork("reference", level), ParallelNetwork("reference", level)
    rng, simulator = np.random.default_rng(1), Simulator("reference", level)
    one.reset(seed=0)
    other.reset(seed=0)
    idle = {
        agent: covered([row.positions for row in action_rows(simulator, agent) if row.meaning.startswith("No effect")])
        for agent in one.agents
    }
    assert len(idle["store_1"]) == (7 if purview is None else 9)  # beans, chaff, and express coffee; other coffee, too
    for _ in range(5):
        actions = {agent: rng.uniform(-1, 1, one.action_space(agent).shape).astype(np.float32) for agent in one.agents}
        changed = {agent: numbers.copy() for agent, numbers in actions.items()}
        for agent, positions in idle.items():
            changed[agent][positions] = rng.uniform(-1, 1, len(positions))
        paid, others = one.step(actions)[4], other.step(changed)[4]
        assert paid == others


def test_axes_are_told_where_they_mean_something() -> None:
    rows = {row.axis: row for row in axis_rows(load_autonomy("hybrid_soe"))}
    assert rows["cadence"].value == "7"
    assert rows["band"].value == "1"
    assert rows["authority"].meaning == "a site may move its level around the centre's"
    assert rows["visibility"].meaning.endswith("; the planner knows the inventory records of all sites")
    assert "purview" not in rows
    assert [row.axis for row in axis_rows(load_autonomy("autonomous_silo"))] == ["visibility", "authority"]


def test_who_decides_is_told_by_lane() -> None:
    level = {"name": "some", "visibility": "shared", "authority": "band", "band": 1, "cadence": 7, "purview": {"express": None}}
    rows = {row.seat: row for row in seat_rows(Simulator("reference", level))}
    assert list(rows) == ["store_1", PLANNER]
    assert (rows["store_1"].decides, rows["store_1"].when) == ("express", "every period")
    assert rows[PLANNER].decides.endswith(", … (8 lanes)")
    assert rows[PLANNER].when == "every 7 periods"


def test_by_default_one_site_and_the_planner_are_shown() -> None:
    def titles(autonomy: str, **keys: Any) -> list[str]:
        page = sections(Simulator("owmr", autonomy), Describe(scenario="owmr", **keys))
        return [section.title for section in page[2:]]

    assert titles("central_ideal") == [f"What {PLANNER} {does}" for does in ("sees", "decides")]
    assert titles("autonomous_silo") == ["What store_1 sees", "What store_1 decides"]
    assert len(titles("hybrid_soe")) == 4
    assert titles("hybrid_soe", agent="store_4") == ["What store_4 sees", "What store_4 decides"]


def test_a_terminal_is_spared_what_is_the_same_in_every_row() -> None:
    rows = [("a", "x", "p", "", "m"), ("b", "x", "p", "", "n")]
    section = Section("Title", ("field", "whose", "product", "label", "meaning"), rows)
    assert section.narrow.headings == ("field", "whose", "meaning")
    assert section.narrow.notes == ("In every row: product p.",)
    assert section.narrow.rows == [("a", "x", "m"), ("b", "x", "n")]
    assert section.narrow.glossed.rows == [("a", "x"), ("b", "x")]
    assert section.narrow.glossed.notes[1:] == ("  a: m", "  b: n")


def test_what_levels_in_closed_form_leave_out_stands_at_the_head_and_nothing_where_they_know_all(
    capsys: pytest.CaptureFixture[str],
) -> None:
    main(["-m", "scenario=disruption_storm,owmr"])
    first, second = capsys.readouterr().out.split("owmr at ")
    (told,) = (line for line in first.splitlines() if "leave out of account" in line)
    assert told.startswith("Order-up-to levels in closed form, as base_stock's, leave out of account: what hub_1->store_1, ")
    assert told.endswith("; disruptions; changes of prices; shifts of demand.")
    assert "leave out of account" not in second


def test_csv_has_a_line_for_each_row() -> None:
    agents = ["store_1", "store_2"]
    text = described(Describe(scenario="reference", autonomy="federated", agent=agents, format="csv", full=True))
    assert isinstance(text, str)
    rows = list(csv.DictReader(io.StringIO(text)))
    simulator = Simulator("reference", "federated")
    lengths = [len(observation_rows(simulator, seat, full=True)) for seat in ("store_1", "store_2")]
    assert [row["agent"] for row in rows] == ["store_1"] * lengths[0] + ["store_2"] * lengths[1]
    assert rows[0]["meaning"] == "Stock on the shelf."


def test_markdown_tables_have_as_many_cells_in_every_line() -> None:
    text = described(Describe(scenario="reference", autonomy="hybrid_soe", format="markdown"))
    assert isinstance(text, str)
    for block in text.split("\n\n"):
        if block.startswith("|"):
            assert len({line.count("|") for line in block.splitlines()}) == 1
    assert text.count("## ") == 8


def test_the_command_prints_a_page_for_every_job(capsys: pytest.CaptureFixture[str]) -> None:
    main(["-m", "scenario=owmr", "autonomy=autonomous_silo,central_ideal"])
    out = capsys.readouterr().out
    assert [out.count(f"owmr at {name}") for name in ("autonomous_silo", "central_ideal")] == [1, 1]
    main(["scenario=owmr", "autonomy=hybrid_soe", "autonomy.band=2", "agent=store_2,planner_0"])
    out = capsys.readouterr().out
    assert "owmr at hybrid_soe[band=2]" in out
    assert out.index("What store_2 sees") < out.index("What planner_0 sees")
    assert max(map(len, out.splitlines())) > 110  # as wide as it is


def test_help_names_every_key(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--help"])
    out = capsys.readouterr().out
    assert all(f"  {name} " in out for name in Describe.model_fields)


@pytest.mark.parametrize(
    ("arguments", "key"),
    [
        (["autonomy=central_ideal"], "scenario"),
        (["scenario=nowhere"], "scenario"),
        (["scenario=owmr", "agent=store_9"], "agent"),
        (["scenario=owmr", "agent=planner_0"], "agent"),
        (["scenario=owmr", "agent=[]"], "agent"),
        (["scenario=owmr", "format=html"], "format"),
        (["scenario=owmr", "level=3"], ""),
        (["scenario=owmr", "autonomy=hybrid_soe", "autonomy.band=-1"], "autonomy.band"),
        (["scenario=owmr", "data=nothing.csv"], "owmr.data"),
    ],
)
def test_bad_input_is_refused_by_its_key(arguments: list[str], key: str) -> None:
    with pytest.raises(InputError) as caught:
        main(arguments)
    assert caught.value.key == key


def test_a_seat_that_is_not_there_is_refused_with_those_that_are() -> None:
    for rows in (observation_rows, action_rows):
        with pytest.raises(UnknownName, match="accepted: one of store_1, store_2"):
            rows(Simulator("owmr"), "store_7")


def test_bad_input_exits_with_2() -> None:
    command = [sys.executable, "-m", "orderup.envs.describe", "scenario=owmr", "agent=store_9"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: agent: found 'store_9'; accepted: one of store_1")


@pytest.mark.usefixtures("recorded_twin")
@pytest.mark.parametrize("name", list_scenarios())
def test_every_scenario_can_be_described(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    main([f"scenario={name}", "autonomy=hybrid_sop"])
    out = capsys.readouterr().out
    assert out.startswith(f"{name} at hybrid_sop\n")
    assert len(out.splitlines()) < (240 if name == "reference" else 200)  # which has a line for every kind of key


def test_describing_does_not_move_the_simulator() -> None:
    simulator = Simulator("owmr")
    simulator.reset(seed=0)
    simulator.advance(Decision(level=50.0))
    now = simulator.now
    sections(simulator, Describe(scenario="owmr"))
    assert simulator.now is now
