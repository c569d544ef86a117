"""How a policy of each library is asked: from what the seats see to what they do, without exploration.

A library's own words are known by what its policies have; nothing is imported that is not there. Letters: B batch, S seats, D
length of an observation, A numbers of an action, k choices of each, R rows (B·S).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from orderup.envs.autonomy.autonomy import PLANNER

Numbers: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True)
class Briefing:
    """What a policy is told in a period."""

    observations: Numbers
    """(B, S, D)."""
    masks: NDArray[np.int8] | None
    """1 for each choice worth making (B, S, A·k); None where numbers are not chosen."""
    begins: bool
    """Whether episodes begin."""

    @property
    def rows(self) -> Numbers:
        """Observations (R, D)."""
        return self.observations.reshape((-1, self.observations.shape[-1]))

    @property
    def mask_rows(self) -> NDArray[np.bool_] | None:
        """Masks (R, A·k)."""
        return None if self.masks is None else self.masks.reshape((-1, self.masks.shape[-1])).astype(bool)


Ask: TypeAlias = Callable[[Briefing], Any]
"""From what is told to answers of R·A numbers."""
Way: TypeAlias = Callable[[Any, tuple[str, ...], tuple[str, ...]], Ask]
"""How to ask a policy for some seats, by their names and as agents."""

_ways: list[tuple[Callable[[Any], bool], Way]] = []
"""Whose policies are known by what, the most particular first."""
ASKED_BY = ("predict", "act", "forward_inference", "get_action")
"""How one who is no function is asked for actions."""


def way(knows: Callable[[Any], bool]) -> Callable[[Way], Way]:
    """Decorator: ask policies of which something is so in this way."""

    def add(found: Way) -> Way:
        _ways.append((knows, found))
        return found

    return add


def asking(policy: Any, batched: bool, seats: tuple[str, ...], agents: tuple[str, ...]) -> Ask:
    """How to ask this policy."""
    for knows, found in _ways:
        if knows(policy):
            return found(policy, seats, agents)
    if batched:
        return lambda asked: policy(asked.rows)
    return _one_by_one(policy, agents)


def has(*names: str) -> Callable[[Any], bool]:
    """Whether something has all of these."""
    return lambda policy: all(callable(getattr(policy, name, None)) for name in names)


@way(has("predict"))
def _model(model: Any, seats: tuple[str, ...], agents: tuple[str, ...]) -> Ask:
    """Of Stable-Baselines3, or like one of its models."""
    return _Model(model)


class _Model:
    """One with `predict`, its memory, and the normalisation it was trained with."""

    def __init__(self, model: Any) -> None:
        self._model, self._memory = model, None
        asked = inspect.signature(model.predict).parameters
        self._masked = "action_masks" in asked
        normalised = getattr(model, "get_vec_normalize_env", None)
        self._normalised = normalised() if callable(normalised) else None

    def __call__(self, asked: Briefing) -> Any:
        rows = asked.rows if self._normalised is None else self._normalised.normalize_obs(asked.rows)
        masks = {"action_masks": asked.mask_rows} if self._masked and asked.masks is not None else {}
        start = np.full(len(rows), asked.begins)
        said, self._memory = self._model.predict(rows, state=self._memory, episode_start=start, deterministic=True, **masks)
        return said


@way(has("forward_inference", "get_inference_action_dist_cls"))
def _rllib(module: Any, seats: tuple[str, ...], agents: tuple[str, ...]) -> Ask:
    """A module of RLlib's new API stack."""
    import torch  # which is there, as the module is

    likely = module.get_inference_action_dist_cls()

    def ask(asked: Briefing) -> Any:
        with torch.no_grad():
            told = module.forward_inference({"obs": torch.from_numpy(asked.rows)})
        return likely.from_logits(told["action_dist_inputs"]).to_deterministic().sample().cpu().numpy()

    return ask


@way(lambda policy: hasattr(policy, "in_keys") and hasattr(policy, "out_keys") and callable(policy))
def _torchrl(policy: Any, seats: tuple[str, ...], agents: tuple[str, ...]) -> Ask:
    """A policy of TorchRL or BenchMARL, of the group `sites` or `planner`, or of any other one alone."""
    import torch
    from tensordict import TensorDict
    from torchrl.envs.utils import ExplorationType, set_exploration_type

    groups = {key[0] for key in policy.out_keys if isinstance(key, tuple) and key[-1] == "action"}
    own = "planner" if seats == (PLANNER,) else "sites"
    group = own if own in groups or len(groups) != 1 else next(iter(groups))
    part = policy.select_subsequence(out_keys=[(group, "action")]) if len(groups) > 1 else policy

    def ask(asked: Briefing) -> Any:
        shape = asked.observations.shape[:2]
        told = {"observation": torch.from_numpy(asked.observations)}
        if asked.masks is not None:
            told["action_mask"] = torch.from_numpy(asked.masks).bool()
        seen = TensorDict({group: TensorDict(told, batch_size=shape)}, batch_size=shape[:1])
        with torch.no_grad(), set_exploration_type(ExplorationType.DETERMINISTIC):
            return part(seen)[group, "action"].cpu().numpy()

    return ask


@way(lambda policy: hasattr(policy, "actors") and hasattr(policy, "agent_ids"))
def _agilerl(trained: Any, seats: tuple[str, ...], agents: tuple[str, ...]) -> Ask:
    """An algorithm of AgileRL for several agents, by their actors without what these draw."""
    import torch

    actors = agilerl_actors(trained, agents)

    def ask(asked: Briefing) -> Any:
        with torch.no_grad():
            said = [actor(torch.from_numpy(asked.observations[:, seat])) for seat, actor in enumerate(actors)]
        return torch.stack(said, dim=1).cpu().numpy()

    return ask


def agilerl_actors(trained: Any, agents: tuple[str, ...]) -> list[Callable[[Any], Any]]:
    """What each agent does (R, A) by what it sees (R, D): its own actor, or the one of its group, `store` of `store_1`."""
    actors = dict(trained.actors.items())
    own = [actors[agent] if agent in actors else actors[agent.rpartition("_")[0]] for agent in agents]
    return [partial(_means_of_agilerl, actor) for actor in own]


def _means_of_agilerl(actor: Any, seen: Any) -> Any:
    """The means of its actions, or its likeliest choices."""
    actor.eval()
    head = actor.head_net
    if not hasattr(head, "wrapped"):  # one that draws nothing
        return actor(seen)
    found = head.wrapped(actor.extract_features(seen))
    if hasattr(actor.action_space, "n"):
        return found.argmax(dim=-1, keepdim=True)
    return actor.scale_action(found.tanh()) if getattr(actor, "squash_output", False) else found


def is_module(policy: Any) -> bool:
    """Whether it is a network of PyTorch."""
    return any(f"{kind.__module__}.{kind.__name__}" == "torch.nn.modules.module.Module" for kind in type(policy).__mro__)


@way(is_module)
def _module(module: Any, seats: tuple[str, ...], agents: tuple[str, ...]) -> Ask:
    """A network of PyTorch, from rows to rows."""
    import torch

    def ask(asked: Briefing) -> Any:
        with torch.no_grad():
            place = next(iter(module.parameters()), torch.empty(0))
            said = module(torch.as_tensor(asked.rows, device=place.device))
        said = said[0] if isinstance(said, tuple) else said
        return said.cpu().numpy() if isinstance(said, torch.Tensor) else said

    return ask


def _one_by_one(policy: Callable[..., Any], agents: tuple[str, ...]) -> Ask:
    try:
        kinds = [entry for entry in inspect.signature(policy).parameters.values() if entry.default is entry.empty]
    except (TypeError, ValueError):
        kinds = []
    by_name = len([entry for entry in kinds if entry.kind in (entry.POSITIONAL_ONLY, entry.POSITIONAL_OR_KEYWORD)]) > 1

    def ask(asked: Briefing) -> Any:
        return [
            [policy(row, agent) if by_name else policy(row) for row, agent in zip(rows, agents, strict=True)]
            for rows in asked.observations
        ]

    return ask
