"""Reports on disk: what another command made stays, and everything is refused before anybody is evaluated."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from orderup.commands.evaluate import main as evaluate
from orderup.envs.foundation.errors import InputError
from orderup.evaluation.report import report
from orderup.evaluation.report.report_folder import made_by, report_folder, same_question

from .agents.learners import LINE

ROOT = Path(__file__).resolve().parent.parent

ONE = ["scenario=newsvendor", "episodes=2", "horizon=60"]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a folder of its own, with a page that takes no time."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        "orderup.evaluation.page.writing.write_page", lambda found, folder, command: (folder / "index.html").touch()
    )


def reports() -> list[str]:
    return sorted(path.name for path in Path("reports").iterdir()) if Path("reports").exists() else []


def episodes(name: str) -> int:
    return len((Path("reports") / name / "results.csv").read_text(encoding="utf-8").splitlines()) - 1


def test_the_same_command_replaces_its_report_and_another_gets_a_new_name() -> None:
    evaluate(ONE)
    evaluate(ONE)
    evaluate([ONE[1], ONE[0], ONE[2], "batch=1"])  # which asks for the same
    assert reports() == ["newsvendor"]
    evaluate([*ONE, "agent=hold"])
    evaluate(["-m", "scenario=newsvendor", "agent=hold,random", "episodes=3", "horizon=60"])
    evaluate(["-m", "scenario=newsvendor", "agent=hold,random", "episodes=3", "horizon=60"])
    assert reports() == ["newsvendor", "newsvendor_2", "newsvendor_3", "newsvendor_4"]
    assert [episodes(name) for name in reports()] == [2, 2, 3, 3]


def test_a_name_that_another_command_has_taken_is_refused_before_anybody_is_evaluated(monkeypatch: pytest.MonkeyPatch) -> None:
    evaluate([*ONE, "name=mine"])
    with monkeypatch.context() as patch:
        patch.setattr("orderup.evaluation.comparison.side_by_side.evaluated", lambda *_: pytest.fail("somebody was evaluated"))
        with pytest.raises(InputError, match=r"name: found 'mine'.*made by `orderup evaluate .*name=mine`; overwrite=true"):
            evaluate([*ONE, "agent=hold", "name=mine"])
    evaluate([*ONE, "agent=hold", "name=mine", "overwrite=true"])
    told = json.loads(Path("reports/mine/summary.json").read_text(encoding="utf-8"))
    assert [method["method"] for method in told["methods"]] == ["hold"]


def test_without_a_page_none_is_left_from_before_nor_said_to_be_written(capsys: pytest.CaptureFixture[str]) -> None:
    evaluate(ONE)
    assert Path("reports/newsvendor/index.html").exists()
    capsys.readouterr()
    evaluate([*ONE, "page=false"])
    assert not Path("reports/newsvendor/index.html").exists()
    said = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("Written: "))
    assert "index.html" not in said
    assert sorted(said.removeprefix("Written: ").split(", ")) == [
        str(path) for path in sorted(Path("reports/newsvendor").iterdir())
    ]


def test_a_folder_without_a_report_is_taken_and_what_is_in_it_stays() -> None:
    Path("reports/newsvendor").mkdir(parents=True)
    Path("reports/newsvendor/notes.txt").write_text("mine")
    evaluate([*ONE, "page=false"])
    assert Path("reports/newsvendor/notes.txt").read_text() == "mine"
    assert episodes("newsvendor") == 2


@pytest.mark.parametrize("kept", [None, "{", '{"command": 3}', "[]", '{"command": "\'"}'])
def test_a_report_of_which_nobody_knows_who_made_it_is_not_replaced(kept: str | None) -> None:
    folder = Path("reports/newsvendor")
    folder.mkdir(parents=True)
    (folder / "results.csv").write_text("old")
    if kept is not None:
        (folder / "summary.json").write_text(kept)
    evaluate([*ONE, "page=false"])
    assert (folder / "results.csv").read_text() == "old"
    assert reports() == ["newsvendor", "newsvendor_2"]


def test_a_report_is_not_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "newsvendor").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="reports/newsvendor: found 'a link'"):
        evaluate(ONE)
    assert not list((tmp_path / "elsewhere").iterdir())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-m", "scenario=newsvendor,abc"], "scenario: found 'abc'"),
        (["-m", "scenario=newsvendor", "autonomy=autonomous_silo,abc"], "autonomy: found 'abc'"),
        (["-m", "scenario=newsvendor", "agent=hold,abc"], "agent: found 'abc'"),
        (["-m", "scenario=newsvendor", "horizon=60,1"], "horizon: found 1"),
        (["-m", "scenario=newsvendor,owmr", "bound=clark_scarf"], "bound: found 'clark_scarf, the network of owmr'"),
        (["-m", "scenario=newsvendor,perishable", "bound=hindsight"], "bound: found 'hindsight"),
        (["-m", "scenario=newsvendor", "runs=[runs/none]"], r"runs\[0\]: found 'runs/none'.*looked for .*/runs/none"),
        (["scenario=long.yaml"], "name: found 'aaa.*at most 100: name=…"),
        (["scenario=bare.yaml"], "name: found '_bare'.*name=…"),
        (["scenario=newsvendor", "name=" + "a" * 300], "name: found 'aaa"),
        (["scenario=newsvendor", "name=''"], "name: found ''"),
    ],
)
def test_what_is_refused_is_refused_before_anybody_is_evaluated(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    for name, path in (("a" * 101, "long.yaml"), ("_bare", "bare.yaml")):
        Path(path).write_text(yaml.safe_dump({**LINE, "name": name}))
    monkeypatch.setattr(
        "orderup.evaluation.comparison.side_by_side.evaluated", lambda *_: pytest.fail("somebody was evaluated")
    )
    with pytest.raises(InputError, match=said):
        evaluate(arguments)
    assert reports() == []


def test_a_place_that_cannot_be_written_is_known_before_anybody_is_evaluated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    monkeypatch.setattr(
        "orderup.evaluation.comparison.side_by_side.evaluated", lambda *_: pytest.fail("somebody was evaluated")
    )
    with pytest.raises(InputError, match="a folder that can be written"):
        evaluate(ONE)


def test_the_report_is_written_though_nobody_reads_the_table() -> None:
    command = [sys.executable, str(ROOT / "evaluate.py"), *ONE, "page=false"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait() == 141
    assert episodes("newsvendor") == 2


def test_commands_ask_the_same_but_for_what_changes_nothing_in_it() -> None:
    same = "python evaluate.py scenario=owmr agent=hold"
    assert same_question(same, "python ../evaluate.py agent=hold scenario=owmr page=false workers=3 batch=2 overwrite=true")
    for other in (
        "scenario=owmr",
        "scenario=owmr agent=hold seed=3",
        "-m scenario=owmr agent=hold",
        "scenario=owmr agent=random",
    ):
        assert not same_question(same, f"python evaluate.py {other}")


def test_a_studys_reports_are_known_by_any_of_them(tmp_path: Path) -> None:
    (tmp_path / "mine" / "owmr").mkdir(parents=True)
    (tmp_path / "mine" / "owmr" / "summary.json").write_text('{"command": "python evaluate.py study=mine"}')
    assert made_by(tmp_path / "mine" / "owmr") == "python evaluate.py study=mine"
    assert report_folder(tmp_path, None, "mine", "python evaluate.py study=mine workers=2") == tmp_path / "mine"
    assert report_folder(tmp_path, None, "mine", "python evaluate.py study=mine study.seeds=[3]") == tmp_path / "mine_2"
    assert report_folder(tmp_path, None, "mine", "", overwrite=True) == tmp_path / "mine"


def test_every_file_of_a_report_is_one_that_is_looked_for() -> None:
    from orderup.evaluation.league.league_table import ABOUT, FILE
    from orderup.evaluation.report.report_folder import REPORTS
    from orderup.evaluation.studies.conclusions import FILES

    everything: Any = {*report.WRITTEN, *FILES, FILE, ABOUT}
    assert everything == set(REPORTS)
