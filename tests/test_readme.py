"""The README names everything there is, and its examples run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import orderup

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
KNOWN = [*orderup.list_scenarios(), *orderup.list_autonomy(), *orderup.list_agents()]


@pytest.mark.parametrize("name", KNOWN)
def test_the_readme_has_a_line_for_every_scenario_level_and_agent(name: str) -> None:
    assert f"| `{name}` |" in README


def test_nothing_in_the_readme_waits_to_be_filled_in() -> None:
    assert not re.search(r"@[A-Z]+@", README)


def test_every_file_that_the_readme_points_to_is_there() -> None:
    for target in re.findall(r"\]\((?!http)([^)]+)\)", README):
        assert (ROOT / target).exists(), target


def test_the_first_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    example = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)[0]
    exec(compile(example.replace("episodes=1000", "episodes=20"), "README.md", "exec"), {})
    assert "Interval" in capsys.readouterr().out


def test_the_example_of_an_own_policy_can_be_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    example = re.findall(r"```python\n# my_package/policies.py\n(.*?)```", README, flags=re.DOTALL)[0]
    (tmp_path / "half_full_policies.py").write_text(example, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    agent = {"type": "half_full_policies:HalfFull", "share": 0.7}
    assert orderup.evaluate("owmr", agents=agent, episodes=20).cost > 0
