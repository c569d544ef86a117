"""Train a policy and keep it in runs/<name>: `python train.py --help`."""

from __future__ import annotations

import shlex
from typing import Any

from pydantic import Field

from orderup.agents.training import Plan, carry_out, plan
from orderup.cli import asks_help, parse, run, usage
from orderup.envs.catalogue import load_scenario, with_data
from orderup.envs.errors import InputError
from orderup.envs.validation import Keys, validated

EXAMPLES = (
    "python train.py scenario=owmr",
    "python train.py scenario=owmr autonomy=central_ideal agent=ppo agent.hidden=[64,64] seed=1 name=mine",
    "python train.py -m scenario=owmr,serial_poisson seed=0,1,2 steps=200_000",
    "(all keys of agent=ppo, with their reasons, are in configs/agents/ppo.yaml)",
)


class Train(Keys):
    """Train a policy on a scenario under a level of autonomy; the run goes to runs/<name>/."""

    scenario: Any = Field(description="A name or a YAML path")
    autonomy: Any = Field("autonomous_silo", description="A level, by name or YAML path")
    agent: Any = Field("ppo", description="A learner; its keys as agent.<key>=…")
    seed: int = Field(0, strict=True, description="Of the training episodes and the network's first numbers, below 10_000")
    steps: int | None = Field(None, strict=True, description="Periods to simulate, over all copies; left out: the agent's")
    data: str | None = Field(None, description="File of recorded demand, for scenarios that use it")
    name: str | None = Field(None, description="Of the run; left out: <scenario>-<autonomy>-<agent>-<seed>")
    folder: str = Field("runs", description="Where runs go")
    overwrite: bool = Field(False, strict=True, description="Replace a run of the same name")


def main(arguments: list[str]) -> None:
    """Train the run that is asked for, or with -m each of them, all being checked before the first begins."""
    if asks_help(arguments):
        print(usage(Train, EXAMPLES))
        return
    plans = [_plan(validated(Train, keys)) for keys in parse(arguments)]
    _check_names_differ(plans)
    for planned in plans:
        done = carry_out(planned, progress=True)
        print(f"Run: {done.folder}")
        print(f"Evaluate it: python evaluate.py {shlex.quote(f'runs=[{done.folder}]')}")


def _plan(keys: Train) -> Plan:
    scenario = load_scenario(keys.scenario)
    if keys.data is not None:
        scenario = with_data(scenario, keys.data)
    agent = {"type": "ppo", **keys.agent} if isinstance(keys.agent, dict) else keys.agent
    overrides = {} if keys.steps is None else {"steps": keys.steps}
    return plan(scenario, keys.autonomy, agent, keys.seed, keys.name, keys.folder, keys.overwrite, overrides)


def _check_names_differ(plans: list[Plan]) -> None:
    folders = [planned.folder for planned in plans]
    for folder in folders:
        if folders.count(folder) > 1:
            raise InputError(
                "name", folder.name, f"a run for each name, not {folders.count(folder)}: leave it out, or sweep it"
            )


if __name__ == "__main__":
    run(main)
