"""In how many decisions an ideal centre and sites differ, and what that costs: `python -m benchmarks.who_decides [--write]`.

A line for every scenario, method and level of the study `who_decides`, from what `python evaluate.py study=who_decides` has
evaluated so far. With `--write` the table goes into docs/who-decides.md, between its markers.
"""

from __future__ import annotations

import math
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from orderup.agents.runs.provenance import commit_in_short
from orderup.envs.foundation.files import write_text
from orderup.evaluation.comparison.agreement import differing_decisions, same_decisions
from orderup.evaluation.comparison.comparison import Comparison
from orderup.evaluation.comparison.contrast import relative_cost
from orderup.evaluation.comparison.ladder import is_ideal
from orderup.evaluation.comparison.method import Method
from orderup.evaluation.statistics.statistics import Interval
from orderup.evaluation.studies.reports import comparison_of
from orderup.evaluation.studies.schedule import schedule
from orderup.evaluation.studies.study import load_study

STUDY = "who_decides"
PAGE = Path(__file__).resolve().parents[1] / "docs" / "who-decides.md"
MUCH = 0.03
"""Share of the centre's cost from which its lead is counted as a large one."""
HEADINGS = ("scenario", "method", "level", "decisions that differ", "cost beyond the ideal centre, %", "who is better")


@dataclass(frozen=True)
class Line:
    """One method at one level against itself at the ideal centre."""

    scenario: str
    method: str
    level: str
    same: bool
    differing: float
    beyond: Interval
    """Share of the centre's cost."""

    @property
    def better(self) -> str:
        """Who it is, where the interval tells."""
        if self.same:
            return "same decisions"
        if self.beyond.low > 0:
            return "centre"
        return "sites" if self.beyond.high < 0 else "open"

    @property
    def cells(self) -> tuple[str, ...]:
        """As the table has it."""
        half = 100 * (self.beyond.high - self.beyond.low) / 2
        share = f"{100 * self.differing:.0f} %" if math.isfinite(self.differing) else "–"
        cost = "–" if self.same else f"{100 * self.beyond.estimate:+.2f} ± {half:.2f}"
        return self.scenario, self.method, self.level, share, cost, self.better


def lines(comparison: Comparison) -> Iterator[Line]:
    """Everybody against the same method at the ideal centre."""
    centres = {method.family: method for method in comparison.methods if is_ideal(method.autonomy)}
    for method in comparison.methods:
        centre = centres.get(method.family)
        if centre is not None and method is not centre:
            yield _line(comparison.traces.scenario.name, method, centre)


def _line(scenario: str, method: Method, centre: Method) -> Line:
    return Line(
        scenario,
        method.family,
        method.autonomy.name,
        same_decisions(method, centre),
        differing_decisions(method, centre),
        relative_cost(method, centre),
    )


def found_so_far() -> list[Line]:
    """Of all scenarios of which anything has been evaluated."""
    made = schedule(load_study(STUDY), None)
    comparisons = (comparison_of(part, {}) for part in made.parts)
    return [line for comparison in comparisons if comparison is not None for line in lines(comparison)]


def told(found: list[Line]) -> str:
    """How many came to what, by method, counting a scenario once."""
    said = []
    for method in dict.fromkeys(line.method for line in found):
        own = [line for line in found if line.method == method]
        scenarios = {line.scenario for line in own}
        clear = {line.scenario for line in own if line.better in ("centre", "sites")}
        sites = {line.scenario for line in own if line.better == "sites"}
        much = {line.scenario for line in own if line.better == "centre" and line.beyond.estimate > MUCH}
        kinds = Counter(line.better for line in own)
        said.append(
            f"{method}, {len(scenarios)} scenarios: decisions and cost differ, clear of chance, in {len(clear)}; sites are "
            f"better in {len(sites)} ({', '.join(sorted(sites)) or 'none'}), the centre by more than {100 * MUCH:g} % in "
            f"{len(much)} ({', '.join(sorted(much)) or 'none'}). {kinds['same decisions']} of {len(own)} lines could not have "
            "come out otherwise: both make the same decisions."
        )
    return "\n\n".join(said)


def as_markdown(found: list[Line]) -> str:
    """What was found, and the table."""
    rows = [HEADINGS, ["---"] * 3 + ["---:"] * 2 + ["---"], *(line.cells for line in found)]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    measured = f"Measured at {commit_in_short()}, all of this page: by the commands above, `study={STUDY}`."
    return f"{measured}\n\n{told(found)}\n\n{table}"


def main(write: bool) -> None:
    """Print it, and write it down."""
    text = as_markdown(found_so_far())
    print(text)
    if write:
        page = PAGE.read_text(encoding="utf-8")
        marked = re.compile(r"(<!-- table -->\n).*(<!-- /table -->)", re.S)
        write_text(PAGE, marked.sub(lambda found: f"{found[1]}{text}\n{found[2]}", page))


if __name__ == "__main__":
    main("--write" in sys.argv[1:])
