"""From the evaluated policies of a study to its reports: one comparison for each scenario."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..comparison.comparison import Comparison
from ..report.report import write_files
from ..report.report_folder import FOLDER, checked_name, report_folder
from ..running.result import Result, Skipped
from ..tables.text_table import show
from .schedule import Schedule, ScheduledScenario


def comparison_of(part: ScheduledScenario, failures: Mapping[str, str]) -> Comparison | None:
    """Who was evaluated on a scenario, in the study's order, and who is missing and why; None where nobody was evaluated."""
    results, skipped = list[Result](), list(part.refused)
    for job in part.evaluations:
        found = job.found if job.name not in failures else None
        if isinstance(found, Result):
            results.append(found)
        else:
            who, reason = job.contestant, failures.get(job.name, "not evaluated yet")
            skipped.append(found or Skipped(who.autonomy.name, who.name, reason))
    return Comparison(tuple(results), tuple(skipped)) if results else None


def write_reports(
    made: Schedule, failures: Mapping[str, str], command: str, folder: Path = FOLDER, overwrite: bool = False
) -> list[Path]:
    """Print and write each scenario's report: in reports/<study>/, or in a folder below it for each of several scenarios."""
    target, several = report_folder(folder, None, made.study.name, command, overwrite), len(made.parts) > 1
    written, evaluated = [], []
    for part in made.parts:
        comparison = comparison_of(part, failures)
        if comparison is not None:
            place = target / checked_name(part.traces.scenario.name) if several else target
            write_files(comparison, place, command)
            written.append(place)
            evaluated.append(comparison)
    for comparison in evaluated:
        show(comparison)
    return written


def useless(made: Schedule) -> dict[str, str]:
    """Rules that were evaluated nowhere because no autonomy level of the study has a place for them, and why at the first."""
    reasons = dict[str, list[str | None]]()
    for job in made.evaluations:
        if job.run_folder is None:
            found = job.found
            reasons.setdefault(job.contestant.name, []).append(found.reason if isinstance(found, Skipped) else None)
    return {name: every[0] or "" for name, every in reasons.items() if None not in every}
