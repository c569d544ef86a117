"""The README is short, leads to what there is, and its example runs; what it no longer lists, the docs do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import orderup

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
LONGEST = 150
LISTS = {
    "scenarios.md": orderup.list_scenarios(),
    "autonomy.md": orderup.list_autonomy(),
    "reference/agents.md": orderup.list_agents(),
}
"""Where everything of a kind has its line."""


@pytest.mark.parametrize(("page", "name"), [(page, name) for page, names in LISTS.items() for name in names])
def test_the_docs_have_a_line_for_every_scenario_level_and_agent(page: str, name: str) -> None:
    assert re.search(rf"^\| `?{name}`? \|", (ROOT / "docs" / page).read_text(encoding="utf-8"), flags=re.M)
    assert f"docs/{page}" in README


def test_the_readme_can_be_read_in_minutes() -> None:
    assert len(README.splitlines()) <= LONGEST


def test_nothing_in_the_readme_waits_to_be_filled_in() -> None:
    assert not re.search(r"@[A-Z]+@", README)


def test_every_file_that_the_readme_points_to_is_there() -> None:
    for target in re.findall(r"\]\((?!http)([^)]+)\)", README):
        assert (ROOT / target).exists(), target


def test_the_first_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    example = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)[0]
    exec(compile(example.replace("episodes=1000", "episodes=20"), "README.md", "exec"), {})
    assert "Interval" in capsys.readouterr().out
