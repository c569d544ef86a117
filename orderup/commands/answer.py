"""`orderup answer`: how far the sites of a network can be left to themselves, in one go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from orderup.cli import asks_help, parse, usage
from orderup.envs.catalogue import load_scenario
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.invocation import command_line
from orderup.envs.foundation.terminal import say
from orderup.envs.foundation.validation import validated
from orderup.evaluation import show
from orderup.evaluation.answering.answer import answer
from orderup.evaluation.answering.keys import AnswerKeys
from orderup.evaluation.answering.writing import sites_table, write_answer
from orderup.evaluation.report.report_folder import FOLDER, report_folder
from orderup.evaluation.running.progress import progress_bar

EXAMPLES = (
    "scenario=owmr-small",
    "network.yaml",
    "network.yaml 'service={fill: 0.97}' today=central_periodic",
    "network.yaml second_warehouse.yaml",
)
SETTINGS = {"service", "today", "autonomy", "agent", "episodes", "seed", "split", "horizon", "data"}


def main(arguments: list[str]) -> int:
    """Answer each job; several only with -m. 1 where something is wrong with what was found."""
    if asks_help(arguments):
        print(usage(AnswerKeys, [f"{command_line('answer')} {keys}" for keys in EXAMPLES]))
        return 0
    alone = [argument for argument in arguments if "=" not in argument and not argument.startswith("-")]
    rest = [argument for argument in arguments if argument not in alone]
    asked = parse(rest, together=("autonomy", "frontier")) if rest else [{}]
    return max([answered(_with(keys, alone), command_line("answer", *arguments)) for keys in asked])


def _with(keys: dict[str, Any], alone: Sequence[str]) -> dict[str, Any]:
    """The keys with the networks that stand alone. Raises InputError where they are named as a key too."""
    if not alone:
        return keys
    if "scenario" in keys:
        raise InputError("scenario", f"{' '.join(alone)}, and {keys['scenario']}", "networks that stand alone, or scenario=…")
    return {**keys, "scenario": list(alone)}


def answered(asked: dict[str, Any], command: str) -> int:
    """Answer by these keys, print it and write it."""
    keys = validated(AnswerKeys, asked)
    if keys.scenario is None:
        raise InputError("scenario", "nothing", "a network, by its name or its YAML file")
    first, *others = keys.scenario
    name = load_scenario(first).name
    target = report_folder(FOLDER, keys.name, f"{name}-answer"[:100], command, keys.overwrite)
    with progress_bar(None):
        found = answer(first, others, shares=keys.frontier, **keys.model_dump(include=SETTINGS))
    written = write_answer(found, target, command)
    show(found.comparison)
    say(found.headline)
    if found.alone:
        say("Which sites could decide alone first, the others as today:")
        say(
            sites_table(found)[["site", "cost_difference", "share", "verdict"]].to_string(
                index=False, float_format="{:+.4g}".format
            )
        )
    for line in found.assumptions:
        say(f"Assumed: {line}")
    say(f"Written: {', '.join(map(str, written))}")
    return int(bool(found.comparison.errors) or found.comparison.failed)
