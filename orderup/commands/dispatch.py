"""The `orderup` command: which of its commands is meant."""

from __future__ import annotations

from importlib import import_module
from keyword import iskeyword
from typing import NoReturn

from orderup import __version__
from orderup.cli import HELP, run
from orderup.envs.foundation.errors import UnknownName
from orderup.envs.foundation.shipped_configs import list_autonomy, list_scenarios

COMMANDS = {
    "train": "Train a policy and keep it in runs/<name>/",
    "evaluate": "Evaluate policies on the same held-out traces; the report goes to reports/<name>/",
    "answer": "How far the sites of a network can be left to themselves, at equal service, and which first",
    "decide": "Today's orders of any policy, from today's stock, goods under way and backlog",
    "backtest": "What policies would have ordered in the past, against what was ordered",
    "advise": "How much can be left to the sites of a network, and why",
    "leaderboard": "A table that others can enter: submit, verify, render",
    "describe": "What everybody sees and decides at a level of autonomy, number by number",
    "import": "Make a network of a company's files: sales, sites, lanes, stock, receipts, costs",
}
"""Each is the module of its name beside this one, imported when it is asked for; that of a word of Python's ends in _."""


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
        module = f"{command}_" if iskeyword(command) else command
        code: int | None = import_module(f"orderup.commands.{module}").main(arguments[1:])
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
