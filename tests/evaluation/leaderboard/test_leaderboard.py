"""Entries cost what evaluating says, lies are found, seals hold, nothing is executed, and chance gives nobody a place."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import orderup
from orderup.commands.leaderboard import main
from orderup.envs.foundation.errors import InputError
from orderup.evaluation.leaderboard.board import Board, load_board
from orderup.evaluation.leaderboard.entry import COSTS, ENTRY, KeptEntry, load_entry, save_entry
from orderup.evaluation.leaderboard.ranking import places, standings
from orderup.evaluation.leaderboard.rendering import load_entries, render
from orderup.evaluation.leaderboard.submitting import submit
from orderup.evaluation.leaderboard.verifying import verify

SEED_FILE = b"987654321 and nobody can guess this"
BOARD = {
    "name": "small",
    "version": 1,
    "tasks": [
        {"name": "shop", "scenario": "newsvendor", "autonomy": "autonomous_silo", "optimum": 9.9532, "source": "Zipkin"},
        {"name": "hub", "scenario": "owmr-small", "autonomy": "central_ideal"},
    ],
    "episodes": 20,
    "seed": 20_000,
    "sealed": hashlib.sha256(SEED_FILE).hexdigest(),
}
ENTRIES = Path(__file__).resolve().parents[3] / "leaderboard" / "distribution"
SMALL = {"type": "pathwise", "steps": 600, "copies": 4, "hidden": [4], "examinations": 1}
"""A training of seconds."""


def quiet(_: str) -> None:
    """Nothing is said."""


@pytest.fixture(scope="module")
def board() -> Board:
    return Board.model_validate(BOARD)


@pytest.fixture(scope="module")
def home(board: Board, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rule, the same under another name, and another rule."""
    folder = tmp_path_factory.mktemp("entries")
    for name, agent in (("base_stock", "base_stock"), ("twin", "base_stock"), ("smoothed", "moving_average")):
        submit(board, name, folder, agent=agent, say=quiet)
    return folder


def test_an_entry_costs_what_evaluating_says(board: Board, home: Path) -> None:
    kept = load_entry(home / "smoothed", board)
    for task in board.tasks:
        result = orderup.evaluate(task.scenario, task.autonomy, "moving_average", episodes=20, seed=20_000)
        np.testing.assert_array_equal(kept.costs[task.name], result.episodes["cost"])
    assert [kept.entry.tasks[name].information for name in ("shop", "hub")] == ["silo", "integrated"]


def test_whoever_verifies_gets_the_same_to_the_bit(board: Board, home: Path) -> None:
    assert all(each.honest and each.apart == 0.0 for each in verify(board, load_entry(home / "base_stock", board), say=quiet))


def test_a_lie_is_found(board: Board, home: Path, tmp_path: Path) -> None:
    """Damage by its digest; costs that are sealed again by playing them."""
    kept = load_entry(home / "base_stock", board)
    better = {name: found - 0.01 for name, found in kept.costs.items()}
    save_entry(tmp_path / "liar", kept.entry.model_copy(update={"name": "liar"}), better)
    assert not any(each.honest for each in verify(board, load_entry(tmp_path / "liar", board), say=quiet))
    data = bytearray((tmp_path / "liar" / COSTS).read_bytes())
    data[-1] ^= 1
    (tmp_path / "liar" / COSTS).write_bytes(bytes(data))
    with pytest.raises(InputError, match="not what was written"):
        load_entry(tmp_path / "liar", board)


def test_weights_of_another_version_are_no_lie_but_another_entry(board: Board, home: Path) -> None:
    kept = load_entry(home / "base_stock", board)
    older = replace(kept, entry=kept.entry.model_copy(update={"identity": "0" * 64}))
    with pytest.raises(InputError, match="enter it anew"):
        verify(board, older, say=quiet)


def test_a_class_of_information_that_is_not_the_levels_is_found(board: Board, home: Path) -> None:
    kept = load_entry(home / "base_stock", board)
    tasks = {name: said.model_copy(update={"information": "silo"}) for name, said in kept.entry.tasks.items()}
    found = verify(board, replace(kept, entry=kept.entry.model_copy(update={"tasks": tasks})), say=quiet)
    assert {each.task: each.honest for each in found} == {"shop": True, "hub": False}


def test_sealed_traces_take_the_file_that_was_sealed(board: Board, home: Path, tmp_path: Path) -> None:
    right, wrong = tmp_path / "seed.txt", tmp_path / "other.txt"
    right.write_bytes(SEED_FILE)
    wrong.write_bytes(b"123456789 guessed")
    with pytest.raises(InputError, match="SHA-256"):
        verify(board, load_entry(home / "smoothed", board), sealed=wrong, say=quiet)
    assert load_entry(home / "smoothed", board).sealed is None
    verify(board, load_entry(home / "smoothed", board), sealed=right, say=quiet)
    kept = load_entry(home / "smoothed", board)
    assert kept.sealed is not None
    result = orderup.evaluate("newsvendor", "autonomous_silo", "moving_average", episodes=20, seed=987_654_321)
    np.testing.assert_array_equal(kept.sealed["shop"], result.episodes["cost"])
    written = render(board, load_entries(board, home), tmp_path / "report", "orderup leaderboard render", sealed=True)
    assert "nobody had seen" in written[0].read_text(encoding="utf-8")


def test_entries_that_do_the_same_share_their_place(board: Board, home: Path) -> None:
    entries = load_entries(board, home)
    ranks = {place.name: place.rank for place in places(board.tasks[0], entries)}
    assert ranks == {"base_stock": 1, "twin": 1, "smoothed": 3}
    found = {each.name: each for each in standings(board, entries, "base_stock")}
    assert (found["twin"].rank, found["twin"].score, found["twin"].half) == (1, 0.0, 0.0)
    assert found["smoothed"].rank == 3


def test_chance_gives_a_place_away_in_one_board_of_twenty(board: Board, home: Path) -> None:
    """Six entries that are equally good, on traces of their own luck: who of them is behind is so by chance."""
    one, rng = load_entry(home / "base_stock", board), np.random.default_rng(4)
    wrong = 0
    for _ in range(60):
        common = rng.normal(10, 2, 20)
        entries = [
            replace(
                one,
                entry=one.entry.model_copy(update={"name": f"entry_{number}"}),
                costs={"shop": common + rng.normal(0, 1, 20)},
            )
            for number in range(6)
        ]
        wrong += any(place.rank > 1 for place in places(board.tasks[0], entries))
    assert wrong <= 8


def test_a_run_is_entered_for_the_task_that_it_was_trained_on(board: Board, tmp_path: Path) -> None:
    run = orderup.train(
        "newsvendor", autonomy="autonomous_silo", agent=SMALL,
        folder=tmp_path / "runs", name="mine",
    )  # fmt: skip
    kept = submit(board, "mine", tmp_path / "entries", runs=[str(run.folder)], say=quiet)
    assert set(kept.costs) == {"shop"}
    assert kept.entry.kind == "learnt"
    assert kept.entry.tasks["shop"].training is not None
    assert all(each.honest for each in verify(board, kept, say=quiet))
    (standing,) = standings(board, [kept], "mine")
    assert standing.rank is None  # it has not entered every task
    with pytest.raises(InputError, match="second for shop"):
        submit(board, "two", tmp_path / "entries", runs=[str(run.folder)] * 2, say=quiet)
    other = board.model_copy(update={"tasks": board.tasks[1:]})
    with pytest.raises(InputError, match="a run of a task: owmr-small at central_ideal"):
        submit(other, "none", tmp_path / "entries", runs=[str(run.folder)], say=quiet)


def test_who_cannot_act_on_a_task_enters_the_others(board: Board, tmp_path: Path) -> None:
    said: list[str] = []
    kept = submit(board, "echelons", tmp_path, agent="echelon_base_stock", say=said.append)
    assert set(kept.costs) == {"hub"}
    assert said[0].startswith("shop: left out")
    with pytest.raises(InputError, match="shared"):
        submit(board.model_copy(update={"tasks": board.tasks[:1]}), "none", tmp_path, agent="echelon_base_stock", say=quiet)


def test_who_has_no_task_in_common_with_the_reference_is_told_beside_nothing(board: Board, tmp_path: Path, home: Path) -> None:
    one = load_entry(home / "base_stock", board)
    halves = [
        replace(one, entry=one.entry.model_copy(update={"name": name}), costs={name: one.costs[name]})
        for name in ("hub", "shop")
    ]
    hub, shop = standings(board, halves, "hub")
    assert (hub.score, hub.rank) == (0.0, None)
    assert np.isnan(shop.score)
    written = render(board, [replace(half, entry=half.entry) for half in halves], tmp_path, "orderup leaderboard render")
    assert "NaN" not in written[2].read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"agent": {"type": "this:Zen"}}, "allow"),
        ({"agent": {"type": "trained", "run": "runs/x"}}, "runs="),
        ({"agent": "base_stock", "runs": ["runs/x"]}, "both"),
        ({}, "neither"),
        ({"agent": "nobody"}, "nobody"),
        ({"runs": ["runs/nowhere"]}, "nowhere"),
    ],
)
def test_what_cannot_be_entered_is_refused_before_anything_is_written(
    board: Board, tmp_path: Path, given: dict[str, object], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        submit(board, "wrong", tmp_path, say=quiet, **given)  # type: ignore[arg-type] # wrong ones too
    assert not list(tmp_path.iterdir())


def test_an_entry_of_another_board_is_refused(board: Board, home: Path) -> None:
    newer = board.model_copy(update={"version": 2})
    with pytest.raises(InputError, match="judge it there anew"):
        load_entry(home / "base_stock", newer)


def test_a_board_that_cannot_be_is_refused_by_key() -> None:
    for change, said in (
        ({"seed": 5}, "seed"),
        ({"tasks": [BOARD["tasks"][0]] * 2}, "tasks"),  # type: ignore[index] # a list
        ({"tasks": [{"name": "x", "scenario": "nowhere", "autonomy": "autonomous_silo"}]}, "nowhere"),
        ({"sealed": "short"}, "sealed"),
    ):
        with pytest.raises((InputError, ValueError), match=said):
            Board.model_validate({**BOARD, **change})
    with pytest.raises(InputError, match="distribution"):
        load_board("nowhere")


def test_the_projects_own_board_can_be_read() -> None:
    assert len(load_board("distribution").tasks) == 9


def test_the_projects_own_entries_are_of_the_board_as_it_is() -> None:
    """Whoever changes a scenario of it, a level or the policy for every network enters them anew."""
    own = load_board("distribution")
    entries = load_entries(own, ENTRIES)
    assert {"base_stock", "levels_fitted", "universal"} <= {kept.name for kept in entries}
    for kept in entries:
        assert kept.who("lost_sales").called == kept.entry.agent["type"]  # type: ignore[index] # all are agents by their keys


@pytest.mark.slow  # every task of two of them
@pytest.mark.parametrize("name", ["base_stock", "universal"])
def test_the_projects_own_entries_are_as_they_say(name: str) -> None:
    own = load_board("distribution")
    assert all(each.honest for each in verify(own, load_entry(ENTRIES / name, own), say=quiet))


def test_the_commands_do_it_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "board.yaml").write_text(
        "name: tiny\nversion: 1\nepisodes: 20\nseed: 20000\n"
        "tasks:\n  - {name: shop, scenario: newsvendor, autonomy: autonomous_silo}\n",
        encoding="utf-8",
    )
    assert main(["submit", "board=board.yaml", "name=mine", "agent=base_stock"]) == 0
    assert (tmp_path / "leaderboard" / "tiny" / "mine" / ENTRY).is_file()
    assert main(["verify", "board=board.yaml"]) == 0
    assert main(["render", "board=board.yaml"]) == 0
    assert (tmp_path / "reports" / "leaderboard_tiny" / "standings.csv").is_file()
    assert main(["--help"]) == 0
    assert "submit" in capsys.readouterr().out
    for wrong in (["nothing"], ["submit", "board=board.yaml", "name=mine", "agent=base_stock"], ["render", "board=no.yaml"]):
        with pytest.raises(InputError):
            main(wrong)


def test_links_are_not_followed(board: Board, home: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(home / "base_stock")
    with pytest.raises(InputError):
        load_entry(tmp_path / "link", board)
    assert isinstance(load_entry(home / "base_stock", board), KeptEntry)
