"""`orderup evaluate`: evaluate policies on the same held-out traces."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from orderup.cli import HELP, asks_help, parse, usage
from orderup.envs.foundation.invocation import command_line
from orderup.envs.foundation.terminal import say
from orderup.envs.foundation.validation import validated
from orderup.evaluation import show
from orderup.evaluation.command import Evaluate, ReportRequest, asked_of, compared, leagues, places
from orderup.evaluation.league.league_table import show_league, write_league_files
from orderup.evaluation.report.report import PARQUET, has_parquet, write_files

ANSWER = "answer"
"""The study that is a command of its own."""
EXAMPLES = (
    "scenario=serial_poisson",
    "scenario=serial_poisson autonomy=[central_ideal,autonomous_silo] agent=[echelon_base_stock,base_stock]",
    "scenario=serial_poisson agent=base_stock agent.levels={stage_1:23} episodes=1000 name=mine",
    "scenario=owmr autonomy=central_stale autonomy.feed_latency=0,1,3,7 agent=base_stock",
    "scenario=owmr autonomy=central_ideal agent=all bound=decomposition",
    "runs=[runs/a,runs/b]",
    "study=ladder",
)


def main(arguments: list[str]) -> int:
    """Evaluate, print the table, and write the report; of several jobs (-m) each its own. 1 where something is wrong."""
    if asks_help(arguments):
        print(_help([argument for argument in arguments if argument not in HELP]))
        return 0
    asked = parse(arguments, together=("autonomy",))
    if any(keys.get("study") == ANSWER for keys in asked):
        return _answers(asked, arguments)
    if any("study" in keys for keys in asked):
        return _studies(asked, arguments)
    command = command_line("evaluate", *arguments)
    jobs = [asked_of(validated(Evaluate, keys)) for keys in asked]
    places(jobs, command)
    taken, wrong = list[Path](), False
    for job in jobs:
        (target,) = places([job], command, taken)
        taken.append(target)
        wrong |= (_league if job.autonomies else _comparison)(job, target, command)
    return int(wrong)


def _comparison(job: ReportRequest, target: Path, command: str) -> bool:
    """Evaluate those who are asked for, write the report and print the table. Whether it holds an error, or an agent failed."""
    comparison = compared(job)
    written = write_files(comparison, target, command, job.keys.page)
    show(comparison)
    say(f"Written: {', '.join(map(str, written))}")
    if not has_parquet():
        say(f"Without pyarrow (pip install orderup[parquet]) no {PARQUET} is written.")
    return bool(comparison.errors) or comparison.failed


def _league(job: ReportRequest, target: Path, command: str) -> bool:
    """Evaluate all agents, write the tables as one, and print them. Whether any holds an error, or an agent failed."""
    found = leagues(job)
    path = write_league_files(found, target, command)
    for each in found:
        show_league(each)
    say(f"Written: {path}")
    return any(each.errors or each.failed for each in found)


def _examples() -> list[str]:
    return [f"{command_line('evaluate')} {keys}" for keys in EXAMPLES]


def _help(arguments: list[str]) -> str:
    """All keys, or those of a study, if that is asked for."""
    if "study" not in parse(arguments, together=("autonomy",))[0]:
        return usage(Evaluate, _examples())
    from orderup.evaluation.studies.command import StudyCommand

    return usage(StudyCommand, _examples()[-1:])


def _answers(asked: list[dict[str, Any]], arguments: list[str]) -> int:
    from orderup.commands.answer import answered

    command = command_line("evaluate", *arguments)
    return max([answered({key: value for key, value in keys.items() if key != "study"}, command) for keys in asked])


def _studies(asked: list[dict[str, Any]], arguments: list[str]) -> int:
    from orderup.evaluation.atlas.command import evaluate_atlas, is_atlas
    from orderup.evaluation.studies.command import evaluate_study, request  # all of training with it, which takes its time

    if any(is_atlas(keys["study"]) for keys in asked):
        return max(evaluate_atlas(keys, arguments) for keys in asked)
    return max([evaluate_study(each, arguments) for each in [request(keys) for keys in asked]])
