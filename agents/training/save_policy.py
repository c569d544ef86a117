"""A policy that another library has trained as the folder of a run, which is judged like one of the project's own.

Letters: S seats, D length of an observation, A numbers of an action, k choices of each.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from orderup.envs.authority.choices import ActionsLike, DiscreteActions, actions_of
from orderup.envs.catalogue import load_autonomy, load_scenario
from orderup.envs.foundation.errors import InputError, UnknownName
from orderup.envs.foundation.whole_numbers import checked_seed
from orderup.envs.simulator import Party, Simulator

from ..adapter import name_of
from ..learning.learnt import Learnt, Member
from ..networks.exported import ExportedPolicy
from ..networks.network_policy import observation_layout
from ..networks.tensor_program import recorded
from ..runs import checkpoint
from ..runs.checkpoint import BEST, Checkpoint
from ..runs.lock import only_one
from ..runs.run import Config, Run, checked_name, load_run, open_run
from ..seat_format import SeatFormat
from .greedy import greedy_function

PARTIES: tuple[Party, ...] = ("sites", "planner")


def save_policy(
    policy: Any,
    name: str,
    scenario: Any,
    autonomy: Any = "autonomous_silo",
    *,
    actions: ActionsLike = "level",
    bounds: float | None = None,
    seed: int = 0,
    folder: str | Path = "runs",
    overwrite: bool = False,
) -> Run:
    """Write a policy that another library has trained to `folder`/`name`, as a run that `evaluate` and `evaluate.py` read.

    `policy` is what `orderup.evaluate` takes: a model of Stable-Baselines3 or sb3-contrib, a module of RLlib, a policy of
    TorchRL or BenchMARL, a `torch.nn.Module`; for both parties at once where it knows them by their groups, or {"sites": …,
    "planner": …}, in which an agent of the project by its name or keys will do. `actions` and `bounds` are the environment's;
    `seed` is what it was trained with. What it does is written down as plain data, its numbers as safetensors. Raises
    InputError for one that cannot be: a function that is not PyTorch's, or a policy with a memory, which are evaluated as they
    are.
    """
    simulator = Simulator(load_scenario(scenario), load_autonomy(autonomy))
    given = {party: _given(policy, party) for party in simulator.parties}
    members: dict[Party, Member] = {party: _member(one, simulator, party, actions, bounds) for party, one in given.items()}
    learnt = Learnt(members.get("sites"), members.get("planner"))
    named = {party: _named(one) for party, one in given.items()}
    keys = {"type": "elsewhere", "policy": named, "actions": _plain(actions), "bounds": bounds, "reward": "team"}
    config = Config(scenario=simulator.scenario, autonomy=load_autonomy(autonomy), agent=keys, seed=checked_seed(seed))
    place = Path(folder) / checked_name(name)
    with only_one(place):
        open_run(place, config, overwrite)
        checkpoint.save(place, BEST, Checkpoint(learnt, periods=0))
    return load_run(place)


def _given(policy: Any, party: Party) -> Any:
    if not isinstance(policy, Mapping) or "type" in policy:
        return policy
    for key in policy:
        if key not in PARTIES:
            raise UnknownName("policy", key, PARTIES)
    if party not in policy:
        raise InputError(f"policy.{party}", "nothing", "a policy for each party that decides at this level of autonomy")
    return policy[party]


def _named(policy: Any) -> Any:
    return policy if isinstance(policy, str) else dict(policy) if isinstance(policy, Mapping) else name_of(policy)


def _plain(actions: ActionsLike) -> Any:
    form = actions_of(actions)
    return {"type": "discrete", **form.model_dump()} if isinstance(form, DiscreteActions) else form


def _member(policy: Any, simulator: Simulator, party: Party, actions: ActionsLike, bounds: float | None) -> Member:
    """One party's policy as a run keeps it."""
    if isinstance(policy, (str, Mapping)):
        return {"type": policy} if isinstance(policy, str) else policy
    context = simulator.context(party=party)
    reads = getattr(getattr(policy, "observation_space", None), "shape", None) or (None,)
    form = SeatFormat(context, context.seats, actions, bounds, reads[0] if len(reads) == 1 else None)
    program, tensors, masked = _recorded(policy, form, party)
    shapes = {name: list(values.shape) for name, values in tensors.items()}
    keys = ExportedPolicy(
        library=name_of(policy),
        observation=observation_layout(form.observer),
        seats=len(context.seats),
        length=form.length,
        actions=_plain(actions),
        bounds=bounds,
        masked=masked,
        program=program,
        numbers=shapes,
    )
    return keys.with_tensors(tensors)


def _recorded(policy: Any, form: SeatFormat, party: Party) -> tuple[Any, dict[str, Any], bool]:
    """Program, tensors, and whether masks are read."""
    import torch

    function, masked = greedy_function(policy, party, form)
    example = torch.from_numpy(np.full((len(form.seats), form.length), 0.5, np.float32))
    masks = [torch.ones((len(form.seats), form.map.size * form.choices.k), dtype=torch.bool)] if masked and form.choices else []
    program, tensors = recorded(function, [example, *masks])
    return program, tensors, bool(masks)
