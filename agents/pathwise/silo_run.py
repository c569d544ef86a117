"""A run of silo sites for who sees more to start from: what it takes that he can do all that they do.

In a planner's network theirs decide, each by its site's part of what he sees, and his own output, zero at first, is added.
Sites that see others too go on with the same network, in which what is new weighs nothing at first. So the first examination
is of the silo sites' policy itself, and the best checkpoint never costs more than that on validation's episodes. All is learnt
on together; the silo sites' centring stays. Checkpoints hold all of it, so that evaluating them takes nothing else; resuming
the training takes the silo sites' run still.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orderup.envs.autonomy.autonomy import Autonomy
from orderup.envs.foundation.errors import InputError, UnknownName
from orderup.envs.foundation.validation import validated
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.simulator import Simulator

from ..learning.learner import Task
from ..learning.learnt import Learnt
from ..networks.embedding import SILO, columns, places
from ..networks.network_policy import NetworkPolicy
from ..networks.network_spec import NetworkSpec
from ..runs import checkpoint
from ..runs.run import Config, Trained, load_config, run_folder
from .pathwise_keys import PathwiseKeys

KEY, KEYS = "agent.start", ("run", "checkpoint")
KEYS_OF = {"form": "actions", "groups": "sharing", "products": "by_product", "layers": "network"}
"""What is called otherwise where it is asked for."""
WORDS = ("description", "source", "card", "small")
"""Keys of a scenario that change nothing in it."""
AT_ONCE: dict[str, Any] = {
    "authority": "central",
    "cadence": 1,
    "approval_latency": 0,
    "feed_latency": 0,
    "feed_noise": 0.0,
}
"""What an autonomy level is like at which a planner can decide what silo sites would."""


def includes_silo_sites(task: Task) -> bool:
    """Whether somebody at the task's level could decide what silo sites do, and knows more than they."""
    autonomy = task.autonomy
    if not autonomy.has_planner:
        return autonomy.visibility != SILO.visibility
    fresh = all(getattr(autonomy, name) == value for name, value in AT_ONCE.items())
    return fresh and not Simulator(task.scenario, autonomy).numpy_network.times.is_delayed


def silo_networks(settings: PathwiseKeys, task: Task, simulator: Simulator) -> NetworkPolicy | None:
    """The networks of the sites in the run that `start` names, its best or another `checkpoint`; None where it names none.

    Raises InputError for another run than one of silo sites' networks on the task's scenario, and for a task at whose autonomy
    level nobody could decide what they do, for a planner learns of it late or does not see what they read.
    """
    start = settings.from_run
    if start is None:
        return None
    planner = task.autonomy.has_planner
    if planner:
        _check_autonomy(task.autonomy)
    if planner and simulator.numpy_network.times.is_delayed:
        travel = f"a run of sites in {task.scenario.name}, where orders travel"
        raise InputError(KEY, travel, "one where a source knows of orders at once: a centre counts them when it places them")
    if settings.planner is not None:
        raise InputError("agent.planner", settings.planner, "nothing beside start.run: the planner learns")
    for name in start:
        if name not in KEYS:
            raise UnknownName(KEY, name, KEYS)
    given = validated(Trained, start, KEY)
    folder = run_folder(given.run, f"{KEY}.run")
    _check_run(load_config(folder, f"{KEY}.run"), task.scenario)
    found = _sites(checkpoint.load(folder, given.checkpoint).learnt)
    if settings.whole not in (None, found.spec.whole):
        raise InputError("agent.whole", settings.whole, f"{str(found.spec.whole).lower()}, as in the run to start from")
    try:
        columns(simulator.context(0, "planner")) if planner else places(simulator.context(0, "sites"))
    except InputError as error:
        raise error.moved("agent", f"{KEY}.run") from None
    return found


def check_goes_on(before: NetworkSpec, after: NetworkSpec) -> None:
    """Raises InputError where a network is not the run's in all but what it reads."""
    for name in type(before).model_fields:
        found, wanted = getattr(after, name), getattr(before, name)
        if name != "observation" and found != wanted:
            raise InputError(f"agent.{KEYS_OF.get(name, name)}", found, f"{wanted}, as in the run to start from")


def _sites(learnt: Learnt) -> NetworkPolicy:
    found = learnt.parties.get("sites")
    if not isinstance(found, NetworkPolicy):
        decides = "nobody" if found is None else found.get("type") if isinstance(found, Mapping) else type(found).__name__
        raise InputError(f"{KEY}.run", f"a run in which {decides} decides for the sites", "one in which they learnt")
    if not found.spec.decides_alone:
        corrects = (found.spec.residual_of or {}).get("type")
        raise InputError(f"{KEY}.run", f"networks that correct {corrects}", "such as decide by themselves: no residual_of")
    return found


def _check_autonomy(autonomy: Autonomy) -> None:
    wrong = {name: value for name, value in AT_ONCE.items() if getattr(autonomy, name) != value}
    if wrong:
        found = ", ".join(f"{name} {getattr(autonomy, name)}" for name in wrong)
        wanted = f"an autonomy level with {', '.join(f'{name} {value}' for name, value in wrong.items())}, as central_ideal"
        raise InputError(KEY, f"a run of sites at {autonomy.name}, with {found}", wanted)


def _check_run(config: Config, scenario: Scenario) -> None:
    autonomy = config.autonomy
    if autonomy.has_planner or autonomy.visibility != SILO.visibility:
        found = f"a run at {autonomy.name}, with authority {autonomy.authority} and visibility {autonomy.visibility}"
        raise InputError(f"{KEY}.run", found, f"one with authority {SILO.authority} and visibility {SILO.visibility}")
    differ = [name for name in type(scenario).model_fields if getattr(config.scenario, name) != getattr(scenario, name)]
    if differ := [name for name in differ if name not in WORDS]:
        found = f"a run on {config.scenario.name}, with other {', '.join(differ)}"
        raise InputError(f"{KEY}.run", found, f"one on the same {scenario.name}")
