from __future__ import annotations

import math
import sys
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from numpy.typing import NDArray

from orderup.agents import make_agent
from orderup.envs.api.central import CentralNetwork
from orderup.envs.api.parallel import ParallelNetwork
from orderup.envs.authority.actions import ActionMap
from orderup.envs.catalogue import list_scenarios
from orderup.envs.foundation.errors import InputError
from orderup.envs.information.policy import Decision, Decisions
from orderup.envs.network.building import build
from orderup.envs.rendering.canvas import fitting, width_of
from orderup.envs.rendering.layout import MARGIN, TOP, Box, NetworkLayout
from orderup.envs.rendering.legend import BAND, COLOURS, OWED
from orderup.envs.rendering.network_view import amount
from orderup.envs.rendering.picture import Picture
from orderup.envs.seating import Dropout, Seating
from orderup.envs.simulator import Simulator

from ...examples import some
from ..networks import Case, cases

BANDED = {"name": "banded", "visibility": "shared", "authority": "band", "band": 1.0, "cadence": 7}
LINE = {
    "name": "line",
    "horizon": 9,
    "sites": {"store_1": {"role": "store", "holding": 1, "initial": 10}, "plant_1": {"holding": 0.5, "initial": 6}},
    "lanes": [
        {"from": "plant_1", "to": "store_1", "lead_time": 1, "initial": 3},
        {"from": "supplier", "to": "plant_1", "lead_time": 2},
        {"from": "supplier", "to": "plant_1", "lead_time": 0, "name": "express"},
    ],
    "customers": [{"site": "store_1", "shortage": 9, "demand": {"type": "constant", "value": 14}}],
}


def table(picture: Picture) -> dict[str, dict[str, str]]:
    """The text's rows by site and lane, their cells by heading; none stands under two headings."""
    lines = picture.text().splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("site "))
    headings = lines[start]
    names = ("on hand", "backlog", "owed", "under way", "ordered", "level", "distance")
    edges = [headings.index(name) + len(name) for name in names]
    found = {}
    for line in lines[start + 1 :]:
        begin = [*line[: edges[0]].split(), "", ""][:3]
        cells = [line[left:right].strip() for left, right in zip(edges, [*edges[1:], None], strict=True)]
        found[begin[0]] = dict(zip(("role", *names, "decided"), [*begin[1:], *cells], strict=True))
    return found


def stepped(scenario: Any, autonomy: Any, periods: int, decision: Any, **seats: Any) -> tuple[Simulator, Picture]:
    """A simulator after some periods of the same decision."""
    simulator = Simulator(scenario, autonomy)
    seating = Seating(simulator, **seats)
    seating.reset(seed=0)
    for _ in range(periods):
        simulator.advance(seating.decisions({"sites": decision}) if seats else decision)
    return simulator, Picture(simulator, seating)


def pixels(image: NDArray[np.uint8], colour: str, box: Box | None = None) -> int:
    """How many pixels of a box, or of all, have a colour."""
    wanted = [int(colour[start : start + 2], 16) for start in (1, 3, 5)]
    part = image if box is None else image[int(box.top) : int(box.bottom), int(box.left) : int(box.right)]
    return int((part == wanted).all(axis=-1).sum())


def test_the_text_tells_what_was_worked_out_by_hand() -> None:
    # Period 1: the plant ships its 6 of the 8 asked; the store gets the 3 that were under way, has 13 and owes 1 of 14.
    quantity = np.array([8.0, 5.0, 2.0])[None, :, None]
    simulator, picture = stepped(LINE, "autonomous_silo", 1, Decision(quantity=quantity))
    rows = table(picture)
    assert simulator.numpy_network.lanes == ("plant_1->store_1", "supplier->plant_1", "express")
    store = {"on hand": "0", "backlog": "1", "owed": "0", "under way": "6", "ordered": "8", "decided": "site", "role": "store"}
    plant = {"on hand": "2", "backlog": "0", "owed": "2", "under way": "5", "ordered": "7", "level": "", "distance": ""}
    assert store.items() <= rows["store_1"].items()
    assert plant.items() <= rows["plant_1"].items()
    assert (rows["supplier->plant_1"]["under way"], rows["express"]["under way"], rows["express"]["ordered"]) == ("5", "0", "2")
    assert "after period 1 of 9, cost 13.0 (holding 1.0, in_transit 3.0, shortage 9.0)" in picture.text()


def test_the_cost_is_the_ledgers() -> None:
    simulator = Simulator("reference")
    picture = Picture(simulator)
    simulator.reset(seed=3)
    for _ in range(5):
        ledger = simulator.advance(Decision(level=60.0))
        assert f"cost {float(ledger.cost[0]):.1f} (" in picture.text()


def test_before_the_first_period_there_is_no_cost_and_no_order() -> None:
    _, picture = stepped("owmr", BANDED, 0, None)
    assert "before the first of 200 periods\n" in picture.text()
    assert {row["ordered"] for row in table(picture).values()} == {"0"}
    assert {row["level"] for row in table(picture).values()} == {""}
    assert picture.image().any()


def test_products_are_added_up_and_that_is_said() -> None:
    simulator, picture = stepped("reference", "autonomous_silo", 2, Decision(level=60.0))
    assert "after period 2 of 140 (4 products, added up), cost" in picture.text()
    for row, name in enumerate(simulator.numpy_network.sites):
        assert table(picture)[name]["on hand"] == amount(simulator.now.state.on_hand[row, :, 0].sum())


def test_levels_and_distances_are_the_centres_and_the_sites() -> None:
    decisions = Decisions(planner=Decision(level=40.0), sites=Decision(level=-0.25 * 12.0, relative=True))
    _, picture = stepped("owmr", BANDED, 3, decisions)
    rows = table(picture)
    assert {row["level"] for row in rows.values()} == {"40"}
    assert rows["store_1"]["distance"] == "0.25"  # of a mean demand of 12
    assert rows["warehouse_1"]["distance"] == "0.03"  # of 100
    assert "planner_0 decides every 7 periods: last in 1, next in 8" in picture.text()


@pytest.mark.parametrize(("periods", "said"), [(0, "next in 1"), (1, "last in 1, next in 8"), (7, "last in 1, next in 8")])
def test_the_planners_schedule_is_told_in_periods_counted_from_one(periods: int, said: str) -> None:
    _, picture = stepped("owmr", BANDED, periods, Decisions(Decision(level=40.0), Decision(level=0.0, relative=True)))
    assert f"every 7 periods: {said}\n" in picture.text()


def test_who_decided_is_told_of_seats_that_are_open_filled_and_down() -> None:
    agent = make_agent("base_stock")
    dropout = Dropout(rate=1.0, recovery=0.0)
    policies = {"stage_1": agent, "stage_2": agent}
    _, picture = stepped("serial_poisson", "autonomous_silo", 1, Decision(level=20.0), policies=policies)
    assert [row["decided"] for row in table(picture).values()] == ["policy", "policy", "site", "site"]
    _, picture = stepped("serial_poisson", "autonomous_silo", 1, Decision(level=20.0), policies=policies, dropout=dropout)
    assert [row["decided"] for row in table(picture).values()] == ["policy", "policy", "site", "site"]  # nobody starts down
    _, picture = stepped("serial_poisson", "autonomous_silo", 2, Decision(level=20.0), policies=policies, dropout=dropout)
    assert {row["decided"] for row in table(picture).values()} == {"fallback"}


def test_what_is_not_a_sites_to_decide_is_the_planners() -> None:
    level = {**BANDED, "purview": {"stage_1": None}}
    decisions = Decisions(Decision(level=20.0), Decision(level=0.0, relative=True))
    _, picture = stepped("serial_poisson", level, 1, decisions)
    assert [row["decided"] for row in table(picture).values()] == ["site", "planner", "planner", "planner"]
    assert [row["distance"] for row in table(picture).values()] == ["0.00", "", "", ""]


@pytest.mark.parametrize(("plan", "between"), [("single", "nobody"), ("dated", "planner")])
def test_off_its_cadence_a_central_planner_decides_nothing_unless_it_has_dated_orders(plan: str, between: str) -> None:
    level = {"name": "weekly", "visibility": "shared", "authority": "central", "cadence": 7, "plan": plan}
    tables = [table(stepped("serial_poisson", level, periods, Decision(level=20.0))[1]) for periods in (1, 2, 8)]
    assert [rows["stage_1"]["decided"] for rows in tables] == ["planner", between, "planner"]


def test_lanes_that_go_by_quantity_have_no_level() -> None:
    by_quantity = np.array([True, False, False, False])
    mixed = Decision(level=np.full((1, 4, 1), 20.0), quantity=np.full((1, 4, 1), 5.0), by_quantity=by_quantity)
    _, picture = stepped("serial_poisson", "central_ideal", 2, mixed)
    assert [row["level"] for row in table(picture).values()] == ["", "20", "20", "20"]
    assert picture.image().any()


def test_the_image_keeps_its_size_and_is_the_same_for_the_same_state() -> None:
    simulator, picture = stepped("owmr", "autonomous_silo", 0, None)
    again = Picture(Simulator("owmr"))
    first, seen = picture.image(), []
    for _ in range(4):
        simulator.advance(Decision(level=100.0))
        seen.append(picture.image())
        assert seen[-1].dtype == np.uint8
        assert seen[-1].shape == first.shape == again.image().shape
    np.testing.assert_array_equal(picture.image(), seen[-1])
    np.testing.assert_array_equal(Picture(simulator).image(), seen[-1])
    assert all((one != other).any() for one, other in pairwise(seen))


def test_an_image_is_the_callers_to_write_into() -> None:
    _, picture = stepped("newsvendor", "autonomous_silo", 1, Decision(level=10.0))
    before = picture.image()
    picture.image()[:] = 0
    np.testing.assert_array_equal(picture.image(), before)


def test_backlog_is_red_where_it_is_and_nowhere_else() -> None:
    quantity = np.array([8.0, 5.0, 2.0])[None, :, None]
    simulator, picture = stepped(LINE, "autonomous_silo", 3, Decision(quantity=quantity))
    boxes = NetworkLayout(simulator.numpy_network).sites
    assert pixels(picture.image(), OWED, boxes[0]) > 20
    simulator, picture = stepped(LINE, "autonomous_silo", 0, None)
    assert pixels(picture.image(), OWED, boxes[0]) == 0


def test_the_band_is_shaded_at_a_level_that_has_one() -> None:
    decisions = Decisions(Decision(level=40.0), Decision(level=0.0, relative=True))
    simulator, banded = stepped("owmr", BANDED, 2, decisions)
    _, free = stepped("owmr", {**BANDED, "band": math.inf}, 2, decisions)
    box = NetworkLayout(simulator.numpy_network).sites[0]
    assert pixels(banded.image(), BAND, box) > 50
    assert pixels(free.image(), BAND) == 0


def test_the_border_has_the_colour_of_who_decided() -> None:
    agent = make_agent("base_stock")
    simulator, picture = stepped("owmr", "autonomous_silo", 1, Decision(level=90.0), policies={"store_2": agent})
    image = picture.image()
    for name, box in zip(simulator.numpy_network.sites, NetworkLayout(simulator.numpy_network).sites, strict=True):
        colour = COLOURS["policy" if name == "store_2" else "site"]
        x, y = int((box.left + box.right) / 2), int(box.top) + 1
        assert pixels(image, colour, Box(x, y, x + 1, y + 1)) == 1, name


@pytest.mark.parametrize("name", [name for name in list_scenarios() if not name.startswith("orange_juice")])
def test_every_scenario_can_be_drawn(name: str) -> None:
    for autonomy in ("autonomous_silo", "central_ideal"):
        simulator, picture = stepped(name, autonomy, 2, Decision(level=30.0))
        assert set(simulator.numpy_network.sites) <= set(table(picture))
        height, width, colours = picture.image().shape
        assert (height <= 640, width <= 1200, colours) == (True, True, 3)


def overlap(one: Box, other: Box) -> bool:
    return one.left < other.right and other.left < one.right and one.top < other.bottom and other.top < one.bottom


@settings(max_examples=some(50))
@given(cases())
def test_in_any_network_boxes_stand_apart_and_product_flows_to_the_right(case: Case) -> None:
    network = build(case.scenario)
    layout = NetworkLayout(network)
    boxes = [*layout.sites, *layout.suppliers.values()]
    assert all(box.left >= MARGIN and box.top >= TOP and box.right <= layout.width - MARGIN for box in boxes)
    assert not any(overlap(one, other) for at, one in enumerate(boxes) for other in boxes[:at])
    for lane, (label, way) in enumerate(zip(network.lanes, layout.lanes, strict=True)):
        box = layout.sites[network.topology.destination[lane]]
        assert way.points[-1][0] == box.left
        assert box.top < way.points[-1][1] < box.bottom
        if network.scenario_lane(label).makes:
            assert way.points[0][0] == box.left
            assert min(x for x, _ in way.points) < box.left
        elif not network.scenario_lane(label).lateral:
            assert way.points[0][0] < box.left


@settings(max_examples=8)
@given(cases())
def test_any_network_can_be_drawn(case: Case) -> None:
    simulator = Simulator(case.scenario)
    simulator.reset(seed=case.seed)
    picture = Picture(simulator)
    sizes = {picture.image().shape}
    for _ in range(3):
        simulator.advance(Decision(level=20.0))
        sizes.add(picture.image().shape)
        assert set(simulator.numpy_network.sites) <= set(table(picture))
    assert len(sizes) == 1


def test_thirty_sites_still_fit_on_a_page() -> None:
    stores = [f"store_{number}" for number in range(1, 30)]
    scenario = {
        "name": "thirty",
        "horizon": 5,
        "sites": {name: {"holding": 1} for name in ("warehouse_1", *stores)},
        "lanes": [
            {"from": "supplier", "to": "warehouse_1", "lead_time": 1},
            *({"from": "warehouse_1", "to": name, "lead_time": 1} for name in stores),
        ],
        "customers": [{"site": name, "shortage": 9, "demand": {"type": "poisson", "mean": 5}} for name in stores],
    }
    simulator, picture = stepped(scenario, "autonomous_silo", 1, Decision(level=20.0))
    assert picture.image().shape[0] <= 1000
    assert min(box.height for box in NetworkLayout(simulator.numpy_network).sites) >= 20


def test_words_are_cut_to_the_room_there_is() -> None:
    assert fitting("warehouse_1", 11, 200) == "warehouse_1"
    for room in range(0, 60, 7):
        cut = fitting("warehouse_1", 11, room)
        assert width_of(cut, 11) <= room
        assert cut == "" or ("warehouse_1".startswith(cut[:-1]) and cut.endswith("…"))


def test_amounts_are_told_in_few_characters() -> None:
    assert [amount(value) for value in (8.04, -0.04, 99.95, 143.5, 99_999.0, 1e6, math.inf)] == [
        "8", "0", "100", "144", "99999", "1e+06", "inf",
    ]  # fmt: skip


def test_the_environment_draws_what_its_mode_says() -> None:
    for mode, kind in (("ansi", str), ("rgb_array", np.ndarray), (None, type(None))):
        env = ParallelNetwork("owmr", render_mode=mode)
        env.reset(seed=0)
        assert isinstance(env.render(), kind)
        env.close()


@pytest.mark.parametrize("make", [ParallelNetwork, CentralNetwork])
def test_without_a_display_the_window_is_refused_before_the_first_period(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    tkinter = pytest.importorskip("tkinter")

    def no_display() -> None:
        raise tkinter.TclError("no display name")

    monkeypatch.setattr(tkinter, "Tk", no_display)
    env = make("newsvendor", "central_ideal", render_mode="human")
    with pytest.raises(InputError, match=r"render_mode: found 'human \(no display name\)'; accepted: rgb_array or ansi"):
        env.reset(seed=0)


def test_without_tkinter_the_window_is_refused_before_the_first_period(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tkinter", None)
    with pytest.raises(InputError, match=r"render_mode: found 'human .*; accepted: rgb_array or ansi"):
        ParallelNetwork("newsvendor", render_mode="human").reset(seed=0)


class Screen:
    """Stands in for tkinter's windows, labels and photos, and keeps the images it is given."""

    def __init__(self, *_: Any, **keys: Any) -> None:
        self.images = [keys["data"]] if "data" in keys else []
        self.keys = keys

    def __getattr__(self, name: str) -> Any:
        return (lambda: 400) if name.startswith("winfo") else lambda *_, **__: None


def test_a_window_shows_every_period_as_large_as_the_screen_allows_and_may_be_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    photos: list[bytes] = []
    fake = SimpleNamespace(TclError=RuntimeError, Tk=Screen, Label=Screen)
    fake.PhotoImage = lambda **keys: photos.append(keys["data"])
    monkeypatch.setitem(sys.modules, "tkinter", fake)
    monkeypatch.setattr("orderup.envs.rendering.window.PACE", 0.0)
    env = ParallelNetwork("newsvendor", render_mode="human", horizon=3)
    env.reset(seed=0)
    action = {agent: np.zeros(env.action_space(agent).shape, np.float32) for agent in env.agents}
    env.step(action)
    env.render_mode = "rgb_array"
    image: Any = env.render()
    header, _, body = photos[-1].partition(b"255\n")
    assert len(photos) == 2
    width, height = map(int, header.split()[1:])
    assert max(width, height) <= 400
    np.testing.assert_array_equal(np.frombuffer(body, np.uint8).reshape(height, width, 3), image[::3, ::3])
    env.close()
    env.close()


def test_the_target_drawn_is_the_slowest_lanes_which_looks_at_the_whole_position() -> None:
    simulator, picture = stepped("dual_source", "central_ideal", 1, Decision(level=np.array([9.0, 4.0])[None, :, None]))
    lanes = dict(zip(simulator.numpy_network.lanes, (9, 4), strict=True))
    assert picture._view.sites()[0].level == lanes["regular"]
    usual = ActionMap(simulator.numpy_network, simulator.numpy_network.sites).usual_level[
        simulator.numpy_network.lanes.index("regular"), 0
    ]
    assert picture._view.sites()[0].usual == usual
