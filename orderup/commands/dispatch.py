"""The `orderup` command: which of its commands is meant."""

from __future__ import annotations

from importlib import import_module
from typing import NoReturn

from orderup import __version__
from orderup.cli import HELP, run
from orderup.envs.foundation.errors import UnknownName
from orderup.envs.foundation.shipped_configs import list_autonomy, list_scenarios

COMMANDS = {
    "train": "Train a policy and keep it in runs/<name>/",
    "evaluate": "Evaluate policies on the same held-out traces; the report goes to reports/<name>/",
    "describe": "What everybody sees and decides at a level of autonomy, number by number",
}
"""Each is the module of its name beside this one, imported when it is asked for."""


def main(arguments: list[str]) -> int:
    """Do the command that comes first with the arguments after it. Raises InputError for one that there is not."""
    command = arguments[0] if arguments else HELP[-1]
    if command in HELP:
        print(_help())
    elif command == "--version":
        print(f"orderup {__version__}")
    elif command not in COMMANDS:
        raise UnknownName("command", command, COMMANDS)
    else:
        code: int | None = import_module(f"orderup.commands.{command}").main(arguments[1:])
        return code or 0
    return 0


def enter() -> NoReturn:
    """The `orderup` that is installed."""
    run(main)


def _help() -> str:
    width = max(map(len, COMMANDS))
    return "\n".join(
        [
            "How much of a supply network's replenishment can be left to its sites, and what does it cost?",
            "",
            *(f"  orderup {command:{width}}  {does}" for command, does in COMMANDS.items()),
            "",
            "The keys of each: orderup <command> --help. The version: orderup --version",
            f"Scenarios: {', '.join(list_scenarios())}",
            f"Levels of autonomy: {', '.join(list_autonomy())}",
        ]
    )
