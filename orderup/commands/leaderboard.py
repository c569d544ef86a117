"""`orderup leaderboard submit|verify|render`: a table that others can enter."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from orderup.cli import HELP, parse, usage
from orderup.envs.foundation.errors import UnknownName
from orderup.envs.foundation.files import user_path
from orderup.envs.foundation.invocation import command_line
from orderup.envs.foundation.terminal import say
from orderup.envs.foundation.validation import validated
from orderup.evaluation.leaderboard.board import Board, load_board
from orderup.evaluation.leaderboard.entry import load_entry
from orderup.evaluation.leaderboard.keys import RenderKeys, SubmitKeys, VerifyKeys
from orderup.evaluation.leaderboard.rendering import load_entries, render
from orderup.evaluation.leaderboard.submitting import submit
from orderup.evaluation.leaderboard.verifying import verify
from orderup.evaluation.report.report_folder import FOLDER, report_folder

EXAMPLES = {
    "submit": ("submit name=smoothed agent=moving_average", "submit name=mine 'runs=[runs/a,runs/b]'"),
    "verify": ("verify", "verify entry=mine sealed=seed.txt"),
    "render": ("render", "render traces=sealed"),
}


def main(arguments: list[str]) -> int:
    """Do what comes first. 1 where an entry is not as it says. Raises InputError for what cannot be."""
    parts: dict[str, tuple[Any, Callable[[dict[str, Any], str], int]]] = {
        "submit": (SubmitKeys, _submit),
        "verify": (VerifyKeys, _verify),
        "render": (RenderKeys, _render),
    }
    part = arguments[0] if arguments else HELP[-1]
    if part in HELP:
        for name, (keys, _) in parts.items():
            print(_usage(name, keys), end="\n\n")
        return 0
    if part not in parts:
        raise UnknownName("leaderboard", part, parts)
    keys, does = parts[part]
    rest = arguments[1:]
    if any(argument in HELP for argument in rest):
        print(_usage(part, keys))
        return 0
    command = command_line("leaderboard", *arguments)
    return max([does(asked, command) for asked in (parse(rest) if rest else [{}])])


def _usage(part: str, keys: Any) -> str:
    return usage(keys, [f"{command_line('leaderboard')} {each}" for each in EXAMPLES[part]])


def _place(keys: Any) -> tuple[Board, Path]:
    board = load_board(keys.board)
    return board, user_path(keys.folder, "folder") / board.name


def _submit(asked: dict[str, Any], command: str) -> int:
    keys = validated(SubmitKeys, asked)
    board, home = _place(keys)
    who = {"agent": keys.agent, "runs": keys.runs}
    kept = submit(board, keys.name, home, **who, overwrite=keys.overwrite, command=command, say=say)
    say(f"Written: {kept.folder}")
    return 0


def _verify(asked: dict[str, Any], command: str) -> int:
    keys = validated(VerifyKeys, asked)
    board, home = _place(keys)
    sealed = None if keys.sealed is None else user_path(keys.sealed, "sealed")
    entries = load_entries(board, home) if keys.entry is None else [load_entry(home / keys.entry, board)]
    honest = True
    for kept in entries:
        say(f"{kept.name}:")
        honest &= all(each.honest for each in verify(board, kept, sealed=sealed, say=say))
    return 0 if honest else 1


def _render(asked: dict[str, Any], command: str) -> int:
    keys = validated(RenderKeys, asked)
    board, home = _place(keys)
    entries = load_entries(board, home)
    target = report_folder(FOLDER, keys.name, f"leaderboard_{board.name}", command, keys.overwrite)
    say(f"Written: {', '.join(map(str, render(board, entries, target, command, sealed=keys.traces == 'sealed')))}")
    return 0
