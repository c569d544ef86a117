"""`orderup backtest`: what policies would have ordered, against what was ordered."""

from __future__ import annotations

from orderup.agents import make_agent
from orderup.cli import asks_help, parse, usage
from orderup.commands.alone import scenario_alone
from orderup.envs.catalogue import each_autonomy, load_scenario
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.files import write_text
from orderup.envs.foundation.invocation import command_line
from orderup.envs.foundation.terminal import say
from orderup.envs.foundation.validation import validated
from orderup.evaluation import show
from orderup.evaluation.past.backtest import backtest
from orderup.evaluation.past.keys import BacktestKeys
from orderup.evaluation.report.report import write_files
from orderup.evaluation.report.report_folder import FOLDER, report_folder
from orderup.evaluation.running.contestant import Contestant, contestants
from orderup.evaluation.tables.csv_text import as_csv

EXAMPLES = (
    "scenario=orange_juice data=orange_juice.csv.gz receipts=receipts.csv",
    "network.yaml ordered=orders.csv stock=stock.csv autonomy=[autonomous_silo,central_ideal] agent=[base_stock,mpc]",
    "network.yaml receipts=receipts.csv runs=[runs/a]",
)
TABLE = "orders.csv"


def main(arguments: list[str]) -> int:
    """Go through each job's window once more; several only with -m. 1 where an agent failed."""
    if asks_help(arguments):
        print(usage(BacktestKeys, [f"{command_line('backtest')} {keys}" for keys in EXAMPLES]))
        return 0
    command = command_line("backtest", *arguments)
    jobs = [validated(BacktestKeys, job) for job in parse(scenario_alone(arguments), together=("autonomy",))]
    return max([_played(keys, command) for keys in jobs])


def _played(keys: BacktestKeys, command: str) -> int:
    if keys.scenario is None:
        raise InputError("scenario", "nothing", "a scenario with recorded demand, by its name or its YAML file")
    scenario = load_scenario(keys.scenario)
    target = report_folder(FOLDER, keys.name, f"{scenario.name}-backtest"[:100], command, keys.overwrite)
    settings = keys.model_dump(include={"ordered", "receipts", "stock", "data", "split", "warmup"})
    found = backtest(scenario, _judged(keys), **settings)
    written = write_files(found.comparison, target, command, keys.page)
    write_text(target / TABLE, as_csv(found.orders))
    show(found.comparison)
    say(f"The {keys.split} window once more, {found.window.span}.")
    for note in found.notes:
        say(f"Note: {note}")
    say(f"Written: {', '.join(map(str, [*written, target / TABLE]))}")
    return int(bool(found.comparison.errors) or found.comparison.failed)


def _judged(keys: BacktestKeys) -> list[Contestant]:
    """Rules at levels, unless only runs are named; and runs, each at the level it was trained at."""
    named = {"autonomy", "agent"} & keys.model_fields_set
    rules = contestants(each_autonomy(keys.autonomy), keys.agent) if named or not keys.runs else []
    learnt = []
    for number, folder in enumerate(keys.runs):
        from orderup.agents.runs.run import load_run  # PyTorch with it, which takes its time

        try:
            run = load_run(folder)
        except InputError as error:
            raise error.moved("run", f"runs[{number}]") if error.key == "run" else error from None
        learnt.append(Contestant(each_autonomy(run.autonomy)[0], make_agent(run.agent), run.name))
    return [*rules, *learnt]
