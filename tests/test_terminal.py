"""What strangers wrote is shown on a terminal, and does nothing there."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from orderup.envs.catalogue import load_scenario
from orderup.envs.describe.describe import Describe, described, show
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.terminal import Text, say
from orderup.evaluation import compare
from orderup.evaluation.tables.text_table import show as show_table

EVIL = "\x1b]0;owned\x07\x1b[2J[bold red]now[/]\x9b31m\u202e"
SHOWN = r"\x1b]0;owned\x07\x1b[2J[bold red]now[/]\x9b31m\u202e"
KEYS: dict[str, Any] = {**load_scenario("newsvendor").model_dump(by_alias=True), "name": "mine", "description": EVIL}


def test_an_escape_in_a_message_is_shown() -> None:
    with pytest.raises(InputError) as caught:
        load_scenario({**KEYS, EVIL: 1})
    assert str(caught.value).isprintable()
    assert r"\x1b[2J" in str(caught.value)


def test_an_escape_in_a_description_is_shown_in_tables_and_pages(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(file=io.StringIO(), width=300, color_system=None)
    level = {"name": "mine", "visibility": "silo", "description": EVIL}
    show_table(compare(KEYS, [(level, "hold")], episodes=2), console)
    show(described(Describe(scenario=KEYS, autonomy=level)))  # type: ignore[arg-type] # a page, not text
    say(str(described(Describe(scenario=KEYS, autonomy=level, format="markdown"))))
    for printed in (console.file.getvalue(), capsys.readouterr().out):  # type: ignore[attr-defined] # a StringIO
        assert not set(printed) & set("\x1b\x07\x9b\u202e")
        assert SHOWN in printed


def test_brackets_are_no_markup() -> None:
    console = Console(file=io.StringIO(), width=80)
    console.print(Text("soe[band=2]").append(": [bold]\x1b", "dim"))
    assert console.file.getvalue() == "soe[band=2]: [bold]\\x1b\n"  # type: ignore[attr-defined] # a StringIO
