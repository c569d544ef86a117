"""Every figure in README and docs says on which commit it was measured and what measures it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MADE = ROOT / "docs" / "reference"
"""Pages that are made from the code, whose numbers are defaults."""
PAGES = (
    "README.md",
    *sorted(str(file.relative_to(ROOT)) for file in (ROOT / "docs").rglob("*.md") if MADE not in file.parents),
)
FIGURE = re.compile(r"±|\d ?%|\d[\d,.]* (?:ms|µs|s|MB|GB|seconds|minutes|hours|CPU-\w+|times)\b|(?<!≥ )\b\d+\.\d\d|\d,\d{3}\b")
"""What looks measured: with an interval, in per cent, in units of time or memory, with two decimals, or in thousands."""
MARK = re.compile(r"^Measured at ([0-9a-f]{7,40})(?P<all>, all of this page)?[:,] .*`.+`", re.M)
"""The commit, and the command or the file that gives the figures again; of a section, or of all of a page."""
BLAMED = re.compile(r"^Measured at the commit that wrote the paragraph: `git blame .+`", re.M)
"""Of a page whose paragraphs are written once, each with what was found at the time."""
NONE = re.compile(r"<!-- nothing measured(?P<all> on this page)?: (.{10,}) -->")
"""Numbers that are given, come from theory, or are worked out by a test at every commit; and why."""


def sections(page: str) -> Iterator[tuple[str, str]]:
    """Each heading of a page, the first included, and what stands below it until the next, but for code."""
    title, fenced, keys = page, False, False
    lines: list[str] = []
    for line in (ROOT / page).read_text(encoding="utf-8").splitlines():
        fenced ^= line.startswith("```")
        keys = fenced and (keys or line.startswith(("```python", "```yaml")))
        if line.startswith("#") and not fenced:
            yield title, "\n".join(lines)
            title, lines = f"{page}: {line.lstrip('# ')}", []
        lines += [] if keys else [line]
    yield title, "\n".join(lines)


def marks() -> Iterator[tuple[str, str]]:
    """Every page's marks: where, and the commit."""
    for page in PAGES:
        for found in MARK.finditer((ROOT / page).read_text(encoding="utf-8")):
            yield f"{page}: {found[0]}", found[1]


@pytest.mark.parametrize("page", PAGES)
def test_every_section_with_figures_says_where_they_were_measured(page: str) -> None:
    whole = (ROOT / page).read_text(encoding="utf-8")
    covered = BLAMED.search(whole) or any(mark["all"] for kind in (MARK, NONE) for mark in kind.finditer(whole))
    for title, text in sections(page):
        figures = [line for line in text.splitlines() if FIGURE.search(line)]
        assert not figures or covered or MARK.search(text) or NONE.search(text), f"{title}: {figures[0]}"


def test_a_commit_that_is_named_is_one_of_this_history() -> None:
    shallow = subprocess.run(
        ["git", "rev-parse", "--is-shallow-repository"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if shallow.stdout.strip() != "false":
        pytest.skip("not a checkout with its history")
    for where, commit in marks():
        asked = ["git", "merge-base", "--is-ancestor", commit, "HEAD"]
        found = subprocess.run(asked, cwd=ROOT, capture_output=True, check=False)
        assert found.returncode == 0, f"{where} is no commit of this history"


def test_figures_without_a_mark_are_found() -> None:
    assert all(FIGURE.search(line) for line in ("costs 201.0 ± 3.0", "5 % less", "in 25 ms", "71.23", "2,300"))
    assert not any(FIGURE.search(line) for line in ("11 sites × 27 lanes", "Python ≥ 3.11", "Poisson(10), h=1, b=9"))
    assert MARK.search("Measured at 437973f: `make bench`.")
    assert not MARK.search("Measured at some time: `make bench`.")
