"""Judge policies on the same held-out traces: `python evaluate.py --help`."""

from __future__ import annotations

import shlex
import sys
from io import TextIOWrapper
from typing import Any

from orderup.cli import HELP, asks_help, parse, run, usage
from orderup.envs.validation import validated
from orderup.evaluation import show, write_report
from orderup.evaluation.command import Evaluate, compared, leagues
from orderup.evaluation.league_table import show_league, write_leagues
from orderup.evaluation.report import PARQUET, WRITTEN, checked_name, has_parquet

EXAMPLES = (
    "python evaluate.py scenario=serial_poisson",
    "python evaluate.py scenario=serial_poisson autonomy=[central_ideal,autonomous_silo] agent=[echelon_base_stock,base_stock]",
    "python evaluate.py scenario=serial_poisson agent=base_stock agent.levels={stage_1:23} episodes=1000 name=mine",
    "python evaluate.py scenario=owmr autonomy=central_stale autonomy.feed_latency=0,1,3,7 agent=base_stock",
    "python evaluate.py scenario=owmr autonomy=central_ideal agent=all bound=decomposition",
    "python evaluate.py runs=[runs/a,runs/b]",
    "python evaluate.py study=ladder",
)


def main(arguments: list[str]) -> int:
    """Judge, print the table, and write the report; of several jobs (-m) each its own. 1 where a report holds an error."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # not every encoding has arrows
    if asks_help(arguments):
        print(_help([argument for argument in arguments if argument not in HELP]))
        return 0
    asked = parse(arguments, together=("autonomy",))
    if any("study" in keys for keys in asked):
        return _studies(asked, arguments)
    jobs = [validated(Evaluate, keys) for keys in asked]
    for keys in jobs:
        checked_name(keys.name or "any")
    leagues_asked = [keys.everybody for keys in jobs]
    used, wrong = list[str](), False
    for keys, everybody in zip(jobs, leagues_asked, strict=True):
        if everybody:
            wrong |= _league(keys)
            continue
        comparison = compared(keys)
        show(comparison)
        wrong |= bool(comparison.errors)
        used.append(keys.name or comparison.traces.scenario.name)
        number = used.count(used[-1])
        name = used[-1] if number == 1 else f"{used[-1]}_{number}"
        folder = write_report(comparison, name, shlex.join(["python", "evaluate.py", *arguments]), page=keys.page)
        print(f"Written: {', '.join(str(path) for path in sorted(folder.iterdir()) if path.name in WRITTEN)}")
        if not has_parquet():
            print(f"Without pyarrow (pip install orderup[parquet]) no {PARQUET} is written.")
    return int(wrong)


def _league(keys: Evaluate) -> bool:
    """Judge everybody there is, print the tables, and write them as one. Whether any holds an error."""
    found = leagues(keys)
    for each in found:
        show_league(each)
    print(f"Written: {write_leagues(found, keys.name or found[0].traces.scenario.name)}")
    return any(each.errors for each in found)


def _help(arguments: list[str]) -> str:
    """All keys, or those of a study, if that is asked for."""
    if "study" not in parse(arguments, together=("autonomy",))[0]:
        return usage(Evaluate, EXAMPLES)
    from orderup.evaluation.studies.command import StudyKeys

    return usage(StudyKeys, EXAMPLES[-1:])


def _studies(asked: list[dict[str, Any]], arguments: list[str]) -> int:
    from orderup.evaluation.studies.command import judge_study, request  # all of training with it, which takes its time

    return max([judge_study(each, arguments) for each in [request(keys) for keys in asked]])


if __name__ == "__main__":
    run(main)
