"""How close learning comes to what is known of goods that are made: `python -m benchmarks.made [name …] [--seeds 5]`.

Every training is a run in runs/benchmark/, so that one that is there is not done again. Gaps are paired differences to the
exact optimum on the same held-out traces, a million periods of each, in per cent of its cost.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from benchmarks.learning import HEADING, PATHWISE, Row, collected, line, measure
from orderup.envs.catalogue import load_scenario
from tests.agents.optima.test_assembly import bike, uneven
from tests.agents.optima.test_machines import by_name
from tests.agents.optima.test_shared_part import pair

KEYS: dict[str, Any] = {**PATHWISE, "activation": "relu", "hidden": [64, 64], "whole": False, "compiled": True}
"""What is exact has kinks: nothing is bought beyond what others have ready. What is whole need not be rounded to be so."""
ONE_SITE: dict[str, Any] = {**KEYS, "learning_rate": 0.01, "copies": 128}
TWO_SITES: dict[str, Any] = {**KEYS, "sharing": "site", "steps": 4_000_000}


def rows() -> Iterator[Row]:
    """Assemblies with and without parts that wait for each other, two products of one part, and two on one machine."""
    for name, keys in (("bike", bike()), ("uneven", uneven()), ("pair", pair()), ("press", by_name(hours=0.25))):
        scenario = load_scenario({**keys, "name": name})
        yield Row("made", scenario, "autonomous_silo", ONE_SITE, {"type": "optimal"})
    yield Row("made", load_scenario("assembly"), "autonomous_shared", TWO_SITES, {"type": "optimal"})


def main() -> None:
    """Measure what is missing, and print the table."""
    named = {row.scenario.name: row for row in rows()}
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", choices=[*named, []], help="left out: all")
    parser.add_argument("--seeds", type=int, default=5)
    asked = parser.parse_args()
    wanted = [named[name] for name in asked.names or named]
    for seed in range(asked.seeds):
        for row in wanted:
            found = measure(row, seed)
            said = f"{100 * found['gap']:+.3f} ± {100 * found['width']:.3f} %, {found['seconds']:.0f} s"
            print(f"{row.name}-{seed}: {said}", flush=True)
    print(*HEADING, *(line(collected(row, asked.seeds)) for row in wanted), sep="\n")


if __name__ == "__main__":
    main()
