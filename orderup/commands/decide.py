"""`orderup decide`: today's orders, from today's stock."""

from __future__ import annotations

import re
from typing import Any

from orderup.cli import asks_help, parse, usage
from orderup.commands.alone import scenario_alone
from orderup.envs.catalogue import load_scenario, with_data
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.invocation import command_line
from orderup.envs.foundation.terminal import say
from orderup.envs.foundation.validation import validated
from orderup.evaluation.deciding.decide import Orders, decide
from orderup.evaluation.deciding.keys import Decide, ReadingKeys
from orderup.evaluation.deciding.writing import headline, write_orders
from orderup.evaluation.report.report_folder import NAME, report_folder

EXAMPLES = (
    "scenario=owmr books=today",
    "network.yaml stock=stock.csv under_way=under_way.csv backlog=backlog.csv",
    "network.yaml books=today autonomy=hybrid_soe agent=optimised_base_stock",
    "run=runs/a books=today",
)
FOLDER = "orders"
TABLES = ("stock", "backlog", "under_way", "sales", "ordered", "memory")


def main(arguments: list[str]) -> None:
    """Decide what each job asks for, and write it; several only with -m."""
    if asks_help(arguments):
        print(usage(Decide, [f"{command_line('decide')} {keys}" for keys in EXAMPLES]))
        return
    command = command_line("decide", *arguments)
    for job in parse(scenario_alone(arguments)):
        _decided(validated(Decide, job), command)


def _decided(keys: Decide, command: str) -> None:
    scenario, autonomy, agent = _who(keys)
    orders = decide(scenario, autonomy, agent, books=_books(keys), seed=keys.seed, **keys.model_dump(include=_READING))
    default = re.sub(r"[^A-Za-z0-9._-]+", "-", f"{orders.simulator.scenario.name}-{orders.today}").strip("-.")
    assert re.fullmatch(NAME, default) or len(default) > 100  # a scenario's name begins with a letter
    target = report_folder(FOLDER, keys.name, default[:100], command, keys.overwrite)
    written = write_orders(orders, target, command)
    _show(orders)
    say(f"Written: {', '.join(map(str, written))}")


_READING = set(ReadingKeys.model_fields)


def _who(keys: Decide) -> tuple[Any, Any, Any]:
    """The scenario, the level and the agent. Raises InputError where two are named, or none."""
    if keys.run is None:
        if keys.scenario is None:
            raise InputError("scenario", "nothing", "a scenario's name or YAML path, or a run")
        scenario = load_scenario(keys.scenario)
        found = scenario if keys.data is None else with_data(scenario, keys.data)
        autonomy = "autonomous_silo" if keys.autonomy is None else keys.autonomy
        return found, autonomy, "base_stock" if keys.agent is None else keys.agent
    if keys.agent is not None:
        raise InputError("agent", keys.agent, "nothing beside a run, which is an agent")
    from orderup.agents.runs.run import load_run  # PyTorch with it, which takes its time

    run = load_run(keys.run, keys.allow)
    scenario = load_scenario(run.scenario if keys.scenario is None else keys.scenario)
    found = scenario if keys.data is None else with_data(scenario, keys.data)
    return found, run.autonomy if keys.autonomy is None else keys.autonomy, run.agent


def _books(keys: Decide) -> Any:
    """Where the tables are. Raises InputError where both a folder and single ones are named."""
    named = {name: getattr(keys, name) for name in TABLES if getattr(keys, name) is not None}
    if keys.books is None:
        return named
    if named:
        raise InputError("books", keys.books, f"a folder, or {', '.join(named)}, and not both")
    return keys.books


def _show(orders: Orders) -> None:
    table = orders.table[(orders.table["quantity"] > 0) | (orders.table["waiting"] > 0)]
    columns = ["site", "product", "source", "quantity", "waiting", "reason"]
    shown = table[columns if (table["waiting"] > 0).any() else [name for name in columns if name != "waiting"]]
    say(f"{headline(orders)} ({orders.contestant.name} at {orders.contestant.autonomy.name}, {orders.today})")
    if len(shown):
        say(shown.head(40).to_string(index=False, float_format=lambda value: f"{value:.6g}"))
    if len(shown) > 40:
        say(f"… and {len(shown) - 40} more")
    for note in orders.notes:
        say(f"Note: {note}")
