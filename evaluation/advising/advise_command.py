"""What a command line asks advice on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from orderup.agents import make_agent
from orderup.envs.catalogue import load_scenario, with_data
from orderup.envs.foundation.files import check_no_link
from orderup.envs.foundation.terminal import say
from orderup.envs.foundation.validation import Keys, Name, Seed, validated
from orderup.envs.trace.trace import FIRST_HELD_OUT_SEED

from ..atlas.expectation import shipped_expectation
from ..atlas.likeness import shipped_networks
from ..report.report_folder import FOLDER, report_folder
from .advice import advise
from .advice_page import in_words, write_advice


class Advise(Keys):
    """How much can be left to the sites of a network: what each level of autonomy costs there, and why."""

    scenario: Any = Field(description="A name or a YAML path")
    agent: Any = Field("universal", description="Who decides, at every level")
    traces: Annotated[int, Field(ge=2, le=100_000)] = Field(50, description="Demand traces, the same at every level")
    seed: Seed = Field(FIRST_HELD_OUT_SEED, description="Of the traces")
    data: str | None = Field(None, description="File of recorded demand, for scenarios that use it")
    name: Name | None = Field(None, description="Of the folder in reports/; left out: advice_<scenario>")
    overwrite: bool = Field(False, description="Replace a report of that name that another command made")


def advised(keys: dict[str, Any], command: str) -> list[Path]:
    """Give advice, in words on the terminal and in files. Raises InputError for what cannot be."""
    asked = validated(Advise, keys)
    scenario = load_scenario(asked.scenario)
    scenario = scenario if asked.data is None else with_data(scenario, asked.data)
    target = report_folder(FOLDER, asked.name, f"advice_{scenario.name}", command, asked.overwrite)
    check_no_link(target)
    make_agent(asked.agent)
    found = advise(scenario, asked.agent, asked.traces, asked.seed, shipped_expectation(), shipped_networks())
    sentences: Sequence[str] = in_words(found)
    for sentence in sentences:
        say(sentence)
    return write_advice(found, target, command)
