"""Carrying out an atlas: its blocks as jobs, and then what is written of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from orderup.agents import make_agent
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.files import check_can_be_made, check_no_link, user_path
from orderup.envs.foundation.invocation import command_line
from orderup.envs.foundation.terminal import say
from orderup.envs.foundation.validation import validated

from ..report.report_folder import FOLDER, report_folder
from ..studies.command import StudyCommand, executor_of, without_dry_run
from ..studies.execution.carrying_out import carry_out, say_failures, say_plans
from ..studies.study import StudyKeys as StudyFile
from .block_job import BlockJob
from .design import KIND, Atlas
from .writing import write_atlas


def is_atlas(given: Any) -> bool:
    """Whether what a study is asked for with is an atlas. Raises InputError for a study that is not there."""
    return StudyFile.of(without_dry_run(given)[0]).keys.get("kind") == KIND


def evaluate_atlas(given: Mapping[str, Any], arguments: Sequence[str]) -> int:
    """Play what has not been played yet, and write the page: 1 where something failed. Raises InputError for what cannot be."""
    keys = validated(StudyCommand, given)
    for name in ("scenario", "data"):
        if getattr(keys, name) is not None:
            raise InputError(name, getattr(keys, name), "nothing with an atlas, which draws its networks")
    rest, dry = without_dry_run(keys.study)
    atlas, executor = StudyFile.of(rest).made(Atlas), executor_of(keys)
    home = user_path(keys.folder, "folder") / atlas.name
    check_can_be_made(home, "folder")
    check_no_link(home)
    make_agent(atlas.agent)
    jobs = [BlockJob(atlas, its, home) for _, its in atlas.points().groupby("block")]
    if dry:
        say_plans(jobs, executor.workers)
        return 0
    asking = command_line("evaluate", *arguments)
    target = report_folder(FOLDER, None, atlas.name, asking, keys.overwrite)
    check_no_link(target)
    failures = carry_out(f"playing {atlas.name}", jobs, executor, home)
    written = write_atlas(atlas, jobs, target, asking)
    say(f"Written: {', '.join(map(str, written))}")
    say_failures(failures)
    return 1 if failures else 0
