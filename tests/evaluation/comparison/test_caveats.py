"""What a policy leaves out of account stands beside its numbers wherever they are shown."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from pydantic import PrivateAttr
from rich.console import Console

from orderup.agents import Agent, make_agent
from orderup.envs.autonomy.autonomy import PLANNER
from orderup.envs.information.information import Information
from orderup.envs.information.policy import Context, Decision
from orderup.evaluation import Comparison, compare, write_report
from orderup.evaluation.page.writing import as_page
from orderup.evaluation.running.contestant import contestant_of
from orderup.evaluation.studies.results import Stamp, load, save
from orderup.evaluation.tables.text_table import show

from ..cases import RANDOM


class Frank(Agent):
    """Orders nothing, and says what it knows nothing of."""

    _periods: int = PrivateAttr(default=0)

    def reset(self, context: Context) -> None:
        self._periods = 0

    def act(self, information: Information) -> Decision:
        self._periods += 1
        return Decision(level=np.zeros((1, 1, 1)))

    def caveats(self, context: Context) -> tuple[str, ...]:
        who = "centre" if context.seats == (PLANNER,) else "sites"
        return ("its orders ignore the weather", f"its {who} slept through {self._periods} periods")


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    evaluated = [
        ("autonomous_silo", Frank()),
        ("central_ideal", make_agent({"type": "skill", "policy": Frank()})),
        ("hybrid_soe", Frank()),
    ]
    return compare(RANDOM, [*evaluated, ("autonomous_silo", "hold")], episodes=3, horizon=12, batch=2)


def test_what_is_ignored_is_told_once_with_all_who_ignore_it(comparison: Comparison) -> None:
    names = [method.label for method in comparison.methods]
    assert comparison.caveats == (
        f"{names[0]}, {names[1]}, {names[2]}: its orders ignore the weather",
        f"{names[0]}, {names[2]}: its sites slept through 12 periods",
        f"{names[1]}: its centre slept through 12 periods",
        f"{names[2]}: its centre slept through 2 periods",
    )
    assert comparison.results[3].caveats == ()


def test_it_stands_beneath_the_table_in_the_report_and_on_the_page(comparison: Comparison, tmp_path: Path) -> None:
    out = StringIO()
    show(comparison, Console(file=out, width=400))
    folder = write_report(comparison, "frank", folder=tmp_path, page=False)
    page = as_page(comparison, recorded=False)
    stored = json.loads((folder / "summary.json").read_text())
    assert stored["caveats"] == list(comparison.caveats)
    assert stored["methods"][0]["caveats"] == list(comparison.results[0].caveats)
    for caveat in comparison.caveats:
        assert f"Caveat: {caveat}" in out.getvalue()
        assert caveat.replace("_", r"\_") in (folder / "summary.md").read_text()
        assert page.count(caveat) == 2


def test_a_study_keeps_it_with_what_it_evaluated(comparison: Comparison, tmp_path: Path) -> None:
    result, stamp = comparison.results[0], Stamp("key", None)
    save(tmp_path / "judged", stamp, result, 1.0)
    again = load(tmp_path / "judged", stamp, result.traces, contestant_of("autonomous_silo", Frank()))
    assert getattr(again, "caveats", None) == result.caveats != ()
