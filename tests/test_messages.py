"""What is said of a wrong command tells where, and what to do instead."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

import orderup
from orderup.agents import make_agent
from orderup.commands.evaluate import main as evaluate
from orderup.commands.train import main as train
from orderup.envs.catalogue import load_scenario
from orderup.envs.foundation.errors import InputError
from orderup.evaluation.running.playing import CannotAct
from orderup.evaluation.studies.schedule import schedule
from orderup.evaluation.studies.study import load_study

from .agents.learners import LINE

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize(
    ("main", "arguments", "said"),
    [
        (
            evaluate,
            ["scenario=newsvendor", "autonomy.feed_latency=0,1"],
            "autonomy: found .*=<name> autonomy.feed_latency",
        ),
        (train, ["scenario=newsvendor", "autonomy.band=1"], r"autonomy: found .*autonomy=<name> autonomy.band=1"),
        (evaluate, ["scenario.horizon=30"], "scenario: found .*scenario=<name> scenario.horizon=30"),
        (evaluate, ["study.seeds=[1]"], r"study: found .*study=<name> study.seeds=\[1\]"),
        (
            evaluate,
            ["scenario=newsvendor", "agent.levels={store_1:3}"],
            r"agent(\.levels)?: found .*agent=<name> agent.<key>=…",
        ),
        (
            train,
            ["scenario=newsvendor", "agent=dqn"],
            "agent: found 'dqn'; accepted: one of .*ppo.*for `orderup evaluate`",
        ),
        (
            train,
            ["scenario=newsvendor", "agent=hold"],
            "agent: found 'hold'; accepted: one of .*ppo.*for `orderup evaluate`",
        ),
        (evaluate, ["runs=[runs/abc]"], r"runs\[0\]: found 'runs/abc'; accepted: the folder of a run; looked for .*/runs/abc"),
        (train, ["resume=runs/abc"], "resume: found 'runs/abc'; accepted: the folder of a run; looked for .*/runs/abc"),
        (evaluate, ["runs=[~nobody9/x]"], r"runs\[0\]: found '~nobody9/x'; accepted: a path: nobody of this name has a home"),
        (evaluate, ["scenario=~nobody9/x.yaml"], "found '~nobody9/x.yaml'; accepted: a path: nobody of this name has a home"),
        (train, ["scenario=newsvendor", "folder=~nobody9"], "folder: found '~nobody9'"),
        (train, ["study=quick", "folder=~nobody9"], "folder: found '~nobody9'"),
        (train, ["scenario=newsvendor", "folder=" + "a" * 300], "folder: found 'aaa.*File name too long"),
        (train, ["scenario=newsvendor", "name=" + "a" * 300], "name: found 'aaa.*at most 200"),
        (evaluate, ["runs=[" + "a" * 300 + "]"], r"runs\[0\]: found 'aaa.*File name too long"),
        (evaluate, ["study=" + "a" * 300 + ".yaml"], "File name too long"),
        (train, ["resume=/etc/passwd"], "resume: found '/etc/passwd'; accepted: the folder of a run"),
        (train, ["scenario=newsvendor", "allow=[os]"], "allow: found .*nothing without resume="),
        (evaluate, ["runs=[x]", "allow=[a-b]"], r"runs\[0\]: found 'x'|allow: found 'a-b'"),
        (
            evaluate,
            ["scenario=newsvendor", "agent={type:team,sites:{type:base_stock,foo:1}}"],
            "agent.sites: found 'foo'; accepted: one of levels",
        ),
        (
            evaluate,
            ["scenario=newsvendor", "agent={type:skill,policy:{type:base_stck}}"],
            "agent.policy: found 'base_stck'.*did you mean 'base_stock'",
        ),
    ],
)
def test_a_wrong_command_is_told_where_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, main: Any, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=said):
        main(arguments)
    assert not list(tmp_path.iterdir())


def test_a_missing_run_is_told_which_there_are(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.yaml").touch()
    with pytest.raises(InputError, match="looked for .*/on; there are one, two$"):
        orderup.evaluate(LINE, agents={"type": "trained", "run": str(tmp_path / "on")})


def test_every_line_of_a_nested_complaint_has_its_whole_path() -> None:
    wrong = {**LINE, "sites": {"store_1": {"holding": -1.0, "storage": "x"}, "warehouse_1": {"holdin": 1}}}
    with pytest.raises(InputError) as told:
        schedule(load_study({"name": "s", "scenarios": [LINE, wrong], "levels": ["autonomous_silo"], "agents": ["hold"]}))
    lines = str(told.value).splitlines()
    assert len(lines) == 3
    assert all(line.startswith("study.scenarios[1].sites.") for line in lines)
    inner = InputError("levels", 1, "2", [InputError("band", 3, "4", ["a sentence"])])
    assert str(inner.under("agent").moved("agent", "study.agents[0]")).splitlines() == [
        "study.agents[0].levels: found 1; accepted: 2",
        "study.agents[0].band: found 3; accepted: 4",
        "a sentence",
    ]
    with pytest.raises(InputError) as told:
        make_agent({"type": "team", "planner": {"type": "mpc", "scenarios": 0, "horizon": 0}})
    assert [line.split(":")[0] for line in str(told.value).splitlines()] == ["agent.planner.scenarios", "agent.planner.horizon"]


def test_a_gap_in_the_window_to_be_evaluated_by_is_no_fault_of_the_agents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [(period, "store_1", "product", 5) for period in range(1, 61) if period != 50]
    rows += [(50, "elsewhere", "product", 5)]
    pd.DataFrame(rows, columns=["period", "site", "product", "demand"]).to_csv(tmp_path / "sales.csv", index=False)
    data = {"path": str(tmp_path / "sales.csv"), "windows": {"train": [1, 20], "validation": [21, 40], "test": [41, 60]}}
    customers = [{"site": "store_1", "shortage": 9, "demand": {"type": "file"}}]
    keys = {**LINE, "name": "gap", "horizon": 20, "data": data, "customers": customers}
    scenario = load_scenario(keys)
    with pytest.raises(InputError, match="demand.missing: found .*in 50") as told:
        orderup.evaluate(scenario, agents="hold", episodes=2)
    assert not isinstance(told.value, CannotAct)
    (tmp_path / "gap.yaml").write_text(
        yaml.safe_dump({**LINE, "name": "gap", "horizon": 20, "data": data, "customers": customers})
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        "orderup.evaluation.comparison.side_by_side.evaluated", lambda *_: pytest.fail("somebody was evaluated")
    )
    with pytest.raises(InputError, match="demand.missing"):
        evaluate(["-m", "scenario=newsvendor,gap.yaml", "agent=hold"])
