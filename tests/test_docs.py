"""What docs say of the code is what the code says."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import autonomy, information, scenarios
from orderup.envs.catalogue import list_scenarios, load_scenario

DOCS = Path(__file__).resolve().parent.parent / "docs"


def test_the_axes_of_autonomy_and_their_levels_are_told_as_they_are() -> None:
    page = (DOCS / "autonomy.md").read_text(encoding="utf-8")
    told = page.split("<!-- axes -->")[1].split("<!-- end of axes -->")[0]
    assert told.strip() == "\n\n".join(sheet.markdown for sheet in autonomy.axes())


def test_scenarios_are_told_as_their_files_have_them() -> None:
    assert (DOCS / "scenarios.md").read_text(encoding="utf-8") == scenarios.page()


def test_what_can_be_known_is_told_as_the_fields_have_it() -> None:
    assert (DOCS / "information.md").read_text(encoding="utf-8") == information.page()


@pytest.mark.parametrize("name", [name for name in list_scenarios() if name != "reference"])
def test_every_scenario_has_a_card_with_its_question(name: str) -> None:
    card = load_scenario(name).card
    assert card is not None
    assert card.question.endswith("?")
