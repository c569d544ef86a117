"""What docs say of the code is what the code says."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import autonomy, information, scenarios
from benchmarks.pages import PAGES
from benchmarks.pages.scenario_keys import nested_models
from orderup.envs.catalogue import list_scenarios, load_scenario
from orderup.envs.foundation.validation import Keys
from orderup.envs.scenario.scenario_keys import ScenarioKeys

DOCS = Path(__file__).resolve().parent.parent / "docs"


def test_the_axes_of_autonomy_and_their_levels_are_told_as_they_are() -> None:
    page = (DOCS / "autonomy.md").read_text(encoding="utf-8")
    told = page.split("<!-- axes -->")[1].split("<!-- end of axes -->")[0]
    assert told.strip() == "\n\n".join(sheet.markdown for sheet in autonomy.axes())


def test_scenarios_are_told_as_their_files_have_them() -> None:
    assert (DOCS / "scenarios.md").read_text(encoding="utf-8") == scenarios.page()


def test_what_can_be_known_is_told_as_the_fields_have_it() -> None:
    assert (DOCS / "information.md").read_text(encoding="utf-8") == information.page()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_the_reference_is_what_the_code_makes_of_it(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name](), "python -m benchmarks.pages writes it anew"


def test_every_key_of_a_scenario_says_what_it_means() -> None:
    told_by_their_class = {"Windows", "FileColumns"}
    models: list[type[Keys]] = [ScenarioKeys, *nested_models()]
    silent = [
        f"{model.__name__}.{name}"
        for model in models
        for name, field in model.model_fields.items()
        if not field.description and model.__name__ not in told_by_their_class and name != "columns"
    ]
    assert not silent


def test_every_page_has_its_place_in_the_sites_navigation() -> None:
    told = (DOCS.parent / "mkdocs.yml").read_text(encoding="utf-8")
    pages = {page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md")}
    assert {page for page in pages if f": {page}\n" not in told} == set()


@pytest.mark.parametrize("name", [name for name in list_scenarios() if name != "reference"])
def test_every_scenario_has_a_card_with_its_question(name: str) -> None:
    card = load_scenario(name).card
    assert card is not None
    assert card.question.endswith("?")
