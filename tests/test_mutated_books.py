"""Keys of commands about books, and of entering a leaderboard, made wrong in every way: refused by name, or done in numbers."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import scipy.stats  # noqa: F401  (before the first case, whose time is short)
import torch  # noqa: F401  (likewise)

from orderup.commands import advise, answer, backtest, decide, import_, leaderboard
from orderup.company.keys import Import
from orderup.evaluation.advising.advise_command import Advise
from orderup.evaluation.answering.keys import AnswerKeys
from orderup.evaluation.deciding.keys import Decide
from orderup.evaluation.leaderboard.keys import SubmitKeys
from orderup.evaluation.past.keys import BacktestKeys

from .covering import in_parts, part_of
from .mutations import complaint
from .test_mutated_commands import VALUES

pytestmark = pytest.mark.slow

SHOP = """
name: shop
horizon: 6
products: [tea]
data:
  path: sales.csv
  windows: {train: [2024-W01, 2024-W12], validation: [2024-W13, 2024-W18], test: [2024-W19, 2024-W24]}
  block: 3
sites: {shop_1: {holding: 1.0}}
lanes: [{from: supplier, to: shop_1, lead_time: 2}]
customers: [{site: shop_1, shortage: 9.0, demand: {type: file}}]
"""
WEEKS = [f"2024-W{week:02}" for week in range(1, 25)]
FILES = {
    "shop.yaml": SHOP,
    "sales.csv": "\n".join(["period,site,product,demand", *(f"{week},shop_1,tea,4" for week in WEEKS)]),
    "receipts.csv": "\n".join(["received,site,quantity", *(f"{week},shop_1,4" for week in WEEKS)]),
    "board.yaml": (
        "name: small\nversion: 1\nepisodes: 20\nseed: 20000\n"
        "tasks: [{name: shop, scenario: newsvendor, autonomy: autonomous_silo}]\n"
    ),
    "stock.csv": "site,product,on_hand\nshop_1,tea,6",
    "dated.csv": "\n".join(["date,site,product,quantity", *(f"2023-01-{day:02},Ulm,007,{day % 3}" for day in range(1, 29))]),
}
SAME = {"name": "mine", "overwrite": "true"}
COMMANDS: dict[str, tuple[Callable[[list[str]], Any], dict[str, str], list[str]]] = {
    "decide": (
        decide.main,
        {"scenario": "shop.yaml", "stock": "stock.csv", **SAME},
        [*Decide.model_fields, "autonomy.band", "agent.levels"],
    ),
    "backtest": (
        backtest.main,
        {"scenario": "shop.yaml", "receipts": "receipts.csv", "stock": "stock.csv", "page": "false", **SAME},
        [*BacktestKeys.model_fields, "autonomy.band", "agent.levels"],
    ),
    "answer": (
        answer.main,
        {"scenario": "newsvendor", "episodes": "3", "horizon": "60", "autonomy": "[autonomous_silo]", "frontier": "[]", **SAME},
        [*AnswerKeys.model_fields, "autonomy.band"],
    ),
    "advise": (advise.main, {"scenario": "newsvendor", "agent": "base_stock", "traces": "3", **SAME}, [*Advise.model_fields]),
    "leaderboard submit": (
        lambda arguments: leaderboard.main(["submit", *arguments]),
        {"board": "board.yaml", "agent": "base_stock", **SAME},
        [*SubmitKeys.model_fields, "agent.levels"],
    ),
    "import": (
        import_.main,
        {"demand": "dated.csv", "period": "day", "output": "n.yaml", "overwrite": "true"},
        [*Import.model_fields],
    ),
}
NOTHING = {("decide", "autonomy"), ("decide", "agent"), ("decide", "first"), ("decide", "frequency"), ("import", "sheet")}
"""Keys of which no wrong value is taken for what was left out, nor passed over."""


def wrongly_done(command: str, key: str, value: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What is wrong with how a command with another value ends; nothing if it is refused, or done."""
    main, usual, _ = COMMANDS[command]
    done, code, said = complaint(main, [f"{name}={text}" for name, text in {**usual, key: value}.items()])
    printed = "".join(capsys.readouterr())
    if "\x1b" in printed:
        return "an escape is printed"
    if not done:
        return said
    if (command, key) in NOTHING and value != "null":
        return "done, as if it were right"
    return f"done, and says {printed!r}" if not code and re.search(r"\b(nan|inf)\b", printed) else ""


@in_parts
@pytest.mark.parametrize(("command", "key"), [(name, key) for name, entry in COMMANDS.items() for key in entry[2]])
def test_a_key(
    command: str, key: str, part: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in FILES.items():
        Path(name).write_text(text)
    values = part_of(VALUES, f"{command} {key}", part)
    wrong = {value: said for value in values if (said := wrongly_done(command, key, value, capsys))}
    assert wrong == {}
