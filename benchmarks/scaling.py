"""Whether scaling beats optimised levels: `python -m benchmarks.scaling [scenario …] [--again]`.

The levels of `optimised_base_stock`, with its defaults, against themselves times 0.9 to 1.1: all of them, those of a site and
those of a product. The rival that does best on some held-out traces is compared on others, so that it is not the luckiest that
is judged. Writes docs/scaling.md between its markers. What a scenario came to is kept in reports/scaling/ and not worked out
again as long as the scenario and the settings below stay the same; `--again` forgets that. One process of one thread, smallest
scenarios first.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import sys
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from benchmarks.scaled_levels import FACTORS, ITSELF, played, scaled
from orderup.agents import make_agent
from orderup.agents.levels.search.optimised import OptimisedBaseStock, searched
from orderup.agents.levels.search.search import SearchProblem
from orderup.agents.runs.provenance import commit_in_short
from orderup.envs.catalogue import list_scenarios, load_autonomy, load_scenario
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.files import write_text
from orderup.envs.scenario.scenario import Scenario
from orderup.evaluation.statistics.digits import decimals_for
from orderup.evaluation.statistics.statistics import paired_difference

ROOT = Path(__file__).resolve().parent.parent
PAGE, KEPT = ROOT / "docs" / "scaling.md", ROOT / "reports" / "scaling"
AUTONOMY = "autonomous_silo"
CHOSEN_ON, COMPARED_ON = 400, 1600
"""Traces on which the best rival is chosen, and others on which it is compared."""
CONFIRMED_ON = 6400
"""Others still, on which a rival that seems cheaper meets them again: of forty comparisons one seems so by chance."""
LITTLE = 0.001
"""Share of the cost within which it does not matter who is cheaper."""
HEADINGS = ("scenario", "levels", "cost", "best of the scaled", "its cost", "difference", "verdict")


def main() -> int:
    """Compare what is missing, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenarios", nargs="*", help="left out: all that come with the project")
    parser.add_argument("--again", action="store_true", help="judge again what has been compared")
    asked = parser.parse_args()
    scenarios = []
    for name in asked.scenarios or list_scenarios():
        try:
            scenarios.append(load_scenario(name))
        except InputError as error:
            print(f"{name}: {error}", file=sys.stderr)
    for scenario in sorted(scenarios, key=_size):
        _compare(scenario, asked.again)
        _write_page()
    return 0


def _size(scenario: Scenario) -> int:
    return scenario.horizon * len(scenario.lanes) * len(scenario.products)


def _compare(scenario: Scenario, again: bool) -> None:
    """Search levels and scale them, unless that has been done."""
    path = KEPT / f"{scenario.name}.json"
    fingerprint = _fingerprint(scenario)
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() and not again else {}
    if kept.get("fingerprint") == fingerprint and "commit" in kept:
        return
    begun = time.process_time()
    row = compared(scenario)
    row |= {"fingerprint": fingerprint, "commit": commit_in_short(), "seconds": time.process_time() - begun}
    write_text(path, json.dumps(row, indent=1))
    print(" | ".join(_cells(row)), f"| {row['seconds']:.0f} s", flush=True)


def compared(scenario: Scenario, chosen_on: int = CHOSEN_ON, compared_on: int = COMPARED_ON, **keys: Any) -> dict[str, Any]:
    """A scenario's optimised levels against the best of their rivals, paired on traces that it was not chosen on.

    `keys` are those of `optimised_base_stock`. `difference`, `low` and `high` are the rival's cost less the levels' own, with
    its 95 % interval [money per period].
    """
    problem = SearchProblem(scenario, load_autonomy(AUTONOMY), False, 0)
    agent = make_agent({"type": "optimised_base_stock", **keys})
    assert isinstance(agent, OptimisedBaseStock)
    candidates = scaled(problem, searched(problem, agent).numbers)
    names = list(candidates)
    costs = played(problem, list(candidates.values()), np.arange(chosen_on)).mean(axis=1)
    best = names[1 + int(costs[1:].argmin())]
    both, episodes = [candidates[ITSELF], candidates[best]], chosen_on + np.arange(compared_on)
    own, other = played(problem, both, episodes)
    found = paired_difference(other, own)
    if found.high < 0.0:
        own, other = played(problem, both, episodes[-1] + 1 + np.arange(CONFIRMED_ON))
        found = paired_difference(other, own)
    levels = sum(values.size for name, values in candidates[ITSELF].items() if name.endswith("level"))
    row = {"scenario": scenario.name, "levels": levels, "cost": float(own.mean()), "rival": best}
    return {**row, "its_cost": float(other.mean()), "difference": found.estimate, "low": found.low, "high": found.high}


def verdict(row: dict[str, Any]) -> str:
    """Who is cheaper, where the traces tell and it is more than a little."""
    little = LITTLE * abs(row["cost"])
    if row["high"] < -little:
        return "**beaten**"
    if row["high"] < 0:
        return "beaten"
    return "not beaten" if row["low"] > 0 else "alike"


def _fingerprint(scenario: Scenario) -> str:
    settings = [AUTONOMY, CHOSEN_ON, COMPARED_ON, FACTORS]
    return hashlib.sha256((scenario.model_dump_json() + json.dumps(settings)).encode()).hexdigest()


def _cells(row: dict[str, Any]) -> list[str]:
    decimals = decimals_for(abs(row["cost"]))
    scale, half = 100 / (abs(row["cost"]) or 1.0), (row["high"] - row["low"]) / 2
    costs = [f"{row[name]:.{decimals}f}" for name in ("cost", "its_cost")]
    apart = f"{scale * row['difference']:+.2f} ± {scale * half:.2f} %"
    return [f"`{row['scenario']}`", str(row["levels"]), costs[0], row["rival"], costs[1], apart, verdict(row)]


def _commits(rows: list[dict[str, Any]]) -> tuple[str, str]:
    """The commit that most rows are of, and in words which are of others."""
    by_commit: dict[str, list[str]] = {}
    for row in rows:
        by_commit.setdefault(row["commit"], []).append(f"`{row['scenario']}`")
    most, *others = sorted(by_commit, key=lambda commit: -len(by_commit[commit]))
    return most, "".join(f"; {', '.join(by_commit[commit])} at {commit}" for commit in others)


def _write_page() -> None:
    """Put everything that has been compared between the page's markers."""
    there = {name: KEPT / f"{name}.json" for name in list_scenarios()}
    rows = [json.loads(path.read_text(encoding="utf-8")) for path in there.values() if path.exists()]
    lines = [HEADINGS, ["---"] * len(HEADINGS), *map(_cells, rows)]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    minutes = sum(row["seconds"] for row in rows) / 60
    most, others = _commits(rows)
    took = f"Measured at {most}: `make benchmark-scaling`, {minutes:.0f} CPU-minutes in all{others}."
    missing_ones = [f"`{name}`" for name, path in there.items() if not path.exists()]
    missing = f" Not compared: {', '.join(missing_ones)}." if missing_ones else ""
    text = re.sub(
        r"(<!-- scaling -->\n).*(<!-- /scaling -->)",
        lambda match: f"{match[1]}{table}\n\n{took}{missing}\n{match[2]}",
        PAGE.read_text(encoding="utf-8"),
        flags=re.DOTALL,
    )
    write_text(PAGE, text)


if __name__ == "__main__":
    sys.exit(main())
