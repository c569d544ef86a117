"""Judge policies on the same held-out traces: `python evaluate.py --help`."""

from __future__ import annotations

import shlex
import sys
from io import TextIOWrapper

from orderup.cli import asks_help, parse, run, usage
from orderup.envs.validation import validated
from orderup.evaluation import show, write_report
from orderup.evaluation.command import Evaluate, compared
from orderup.evaluation.report import checked_name

EXAMPLES = (
    "python evaluate.py scenario=serial_poisson",
    "python evaluate.py scenario=serial_poisson autonomy=[central_ideal,autonomous_silo] agent=[echelon_base_stock,base_stock]",
    "python evaluate.py scenario=serial_poisson agent=base_stock agent.levels={stage_1:23} episodes=1000 name=mine",
    "python evaluate.py scenario=owmr autonomy=central_stale autonomy.feed_latency=0,1,3,7 agent=base_stock",
    "python evaluate.py runs=[runs/a,runs/b]",
)


def main(arguments: list[str]) -> None:
    """Judge, print the table, and write the report; of several jobs (-m) each its own."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # not every encoding has arrows
    if asks_help(arguments):
        print(usage(Evaluate, EXAMPLES))
        return
    jobs = [validated(Evaluate, job) for job in parse(arguments, together=("autonomy",))]
    for keys in jobs:
        checked_name(keys.name or "any")
    used: list[str] = []
    for keys in jobs:
        comparison = compared(keys)
        show(comparison)
        used.append(keys.name or comparison.traces.scenario.name)
        number = used.count(used[-1])
        name = used[-1] if number == 1 else f"{used[-1]}_{number}"
        folder = write_report(comparison, name, shlex.join(["python", "evaluate.py", *arguments]))
        print(f"Written: {folder / 'results.csv'}, {folder / 'results.json'}")


if __name__ == "__main__":
    run(main)
