"""What of a scenario a bound leaves out, in words: all of it can only make the bound lower than it need be."""

from __future__ import annotations

from collections.abc import Mapping

from orderup.agents.exact.scope import ANY, PLAIN, REALISED, Scope, beyond
from orderup.envs.network.building import build
from orderup.envs.scenario.scenario import Scenario

from .lots import may_differ

WORDS: Mapping[str, str] = {
    "fixed_cost": "fixed costs of orders",
    "trucks": "trucks",
    "setup": "set-up costs",
    "minimum": "smallest orders",
    "minimum_order": "smallest orders",
    "minimum_value": "smallest orders",
    "multiple": "lot sizes",
    "capacity": "capacities",
    "capacity_weight": "capacities",
    "throughput": "throughput of sites",
    "storage": "storage",
    "overflow": "storage",
    "variety": "cost of variety",
    "carbon": "price of carbon",
    "reserve": "stock that is reserved",
    "ramp": "capacity that is built up",
    "contract": "contracts",
    "vehicles": "the number of vehicles",
    "setup_hours": "set-up hours",
}
"""What a bound may leave out, by the last part of its key."""
ORDERS = frozenset({"fixed_cost", "setup"})
SIZES = frozenset({"minimum", "minimum_order", "minimum_value", "multiple"})
LIMITS = frozenset({"capacity", "capacity_weight", "throughput", "storage", "overflow"})


def left_out(scenario: Scenario, bound: str) -> tuple[str, ...]:
    """What a bound of this name leaves out of a scenario, each thing once."""
    known = frozenset[str]()
    if bound == "hindsight":
        known = ORDERS | LIMITS | (frozenset() if may_differ(build(scenario)) else SIZES)
    said = [path.rsplit(".", 1)[-1] for path, _ in beyond(scenario, _without(set(WORDS)))]
    return tuple(dict.fromkeys(WORDS[key] for key in said if key in WORDS and key not in known))


def _without(keys: set[str]) -> Scope:
    """What is in a bound's scope less these keys, wherever they stand; carbon counts by its price alone."""
    whole: dict[str, frozenset[str]] = {}
    for part in ANY:
        kept = REALISED[part] - keys if part else REALISED[part] - {"carbon"}
        whole[part] = kept | ({"carbon"} if part and "carbon" in PLAIN[part] else frozenset())
    return whole
