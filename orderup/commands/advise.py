"""`orderup advise`: how much can be left to the sites of a network."""

from __future__ import annotations

from orderup.cli import asks_help, parse, usage
from orderup.envs.foundation.invocation import command_line
from orderup.envs.foundation.terminal import say
from orderup.evaluation.advising.advise_command import Advise, advised

EXAMPLES = ("scenario=owmr", "scenario=my_network.yaml traces=200 name=mine")


def main(arguments: list[str]) -> None:
    """Give advice on each scenario that is asked for; several only with -m."""
    if asks_help(arguments):
        print(usage(Advise, [f"{command_line('advise')} {keys}" for keys in EXAMPLES]))
        return
    command = command_line("advise", *arguments)
    for keys in parse(arguments):
        say(f"Written: {', '.join(map(str, advised(keys, command)))}")
