"""docs/reference/scenario-keys.md and processes.md: everything that a scenario file may say, from the models that read it."""

from __future__ import annotations

from orderup.envs.demand import DemandProcess, demands
from orderup.envs.demand.lead_time import LeadTime, lead_times
from orderup.envs.demand.stationary import Stationary
from orderup.envs.events.effects import Effect, effects
from orderup.envs.events.timing import Timing, timings
from orderup.envs.foundation.validation import Keys
from orderup.envs.generators import generators
from orderup.envs.generators.workshops import Workshops
from orderup.envs.scenario.scenario_keys import ScenarioKeys

from .keys import described, models_in, registered

ELSEWHERE: dict[type, str] = {
    DemandProcess: "processes.md#demand",
    Stationary: "processes.md#demand",
    LeadTime: "processes.md#lead-times",
    Timing: "processes.md#timings-of-events",
    Effect: "processes.md#effects-of-disruptions",
    Workshops: "#workshops",
}
"""What a key may hold one of several kinds of."""

KEYS_HEAD = """# Scenario keys

A scenario is one YAML file. This page lists every key, and is made from the models that read the file
(`python -m benchmarks.pages`). `configs/scenarios/reference.yaml` shows all of them in one commented file, and
[the tutorial](../tutorials/own-scenario.md) builds a scenario step by step.

An amount is a number for all products, or a mapping from product to number. A key without a default may be left out unless it
is **required**; what that means is said beside it. Unknown keys, wrong types and impossible networks are refused with the path
of the key, what was found there, and what would be accepted.
"""

PROCESSES_HEAD = """# Events and processes

What a scenario's keys `demand`, `lead_time`, `when`, `effect` and `generator` can be: a mapping with `type`, whose other keys
are listed here. Your own class works in the same places as `type: my_package.module:Class` (how:
[a demand process](../how-to/events.md#a-demand-process-of-your-own), [an effect](../how-to/own-effect.md)). This page is made
from the classes (`python -m benchmarks.pages`).
"""


def scenario_keys_page() -> str:
    """The whole of docs/reference/scenario-keys.md."""
    found = nested_models()
    links = ELSEWHERE | {model: f"#{anchor(model)}" for model in found}
    parts = [KEYS_HEAD, "## The file { #scenariokeys }", "", described(ScenarioKeys, links)]
    for model, path in found.items():
        parts += [f"## `{path}` {{ #{anchor(model)} }}", "", described(model, links)]
    return "\n".join(parts)


def anchor(model: type) -> str:
    """Where a model's table is on the page."""
    return model.__name__.lower()


def nested_models() -> dict[type[Keys], str]:
    """The models that keys of a scenario hold, each with the path of the first key that holds it, in the file's order."""
    found: dict[type[Keys], str] = {}
    waiting: list[tuple[type[Keys], str]] = [(ScenarioKeys, "")]
    while waiting:
        model, path = waiting.pop(0)
        for name, field in model.model_fields.items():
            key = f"{path}.{field.alias or name}".lstrip(".")
            for inner in models_in(field.annotation):
                if inner not in found and inner not in ELSEWHERE:
                    found[inner] = key + _entry(str(field.annotation))
                    waiting.append((inner, found[inner]))
    return found


def _entry(annotation: str) -> str:
    """How an entry of a mapping or a list is written."""
    return ".<name>" if annotation.startswith("dict[") else "[]" if annotation.startswith("list[") else ""


def processes_page() -> str:
    """The whole of docs/reference/processes.md."""
    sections = {
        "Demand": demands,
        "Lead times": lead_times,
        "Timings of events": timings,
        "Effects of disruptions": effects,
        "Generators of networks": generators,
    }
    parts = [PROCESSES_HEAD]
    for title, registry in sections.items():
        parts += [f"## {title}", "", registered(registry, ELSEWHERE)]  # type: ignore[arg-type] # of five kinds of Keys
    parts += ["### `random_network.making` { #workshops }", "", described(Workshops)]
    return "\n".join(parts)
