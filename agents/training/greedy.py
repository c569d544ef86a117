"""What a trained policy does without exploration, as one function of PyTorch: library by library, known by what policies have.

Letters: S seats, D length of an observation, A numbers of an action, k choices of each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

from orderup.envs.foundation.errors import InputError
from orderup.envs.simulator import Party

from ..asking import agilerl_actors, is_module
from ..seat_format import SeatFormat

Function: TypeAlias = Callable[..., Any]
"""From observations (S, D), and masks (S, A·k) where these are read, to answers (S, A)."""
Writer: TypeAlias = Callable[[Any, Party, SeatFormat], tuple[Function, bool]]
"""The function of a policy, and whether it reads masks."""

_writers: list[tuple[Callable[[Any], bool], Writer]] = []


def written_by(knows: Callable[[Any], bool]) -> Callable[[Writer], Writer]:
    """Decorator: policies of which something is so are written down in this way."""

    def add(writer: Writer) -> Writer:
        _writers.append((knows, writer))
        return writer

    return add


def greedy_function(policy: Any, party: Party, form: SeatFormat) -> tuple[Function, bool]:
    """The function of a party's policy, and whether it reads masks. Raises InputError for one of no library that is known."""
    for knows, writer in _writers:
        if knows(policy):
            return writer(policy, party, form)
    known = "a model of Stable-Baselines3, a module of RLlib, a policy of TorchRL or BenchMARL, or a torch.nn.Module"
    raise InputError("policy", policy, f"{known}; others are evaluated as they are, and not saved")


@written_by(lambda policy: hasattr(policy, "policy") and callable(getattr(policy, "predict", None)))
def _stable_baselines(model: Any, party: Party, form: SeatFormat) -> tuple[Function, bool]:
    """Of Stable-Baselines3 and sb3-contrib, with the normalisation that it was trained with."""
    policy = model.policy
    if hasattr(policy, "lstm_actor"):
        raise InputError("policy", "one with a memory", "one without; it is evaluated as it is, and not saved")
    policy.set_training_mode(False)
    normal = _normalisation(model)
    if hasattr(model, "_last_obs") and "Maskable" in type(model).__name__:
        return lambda seen, masks: policy.get_distribution(normal(seen), action_masks=masks).mode(), True
    return lambda seen: policy._predict(normal(seen), deterministic=True), False


def _normalisation(model: Any) -> Callable[[Any], Any]:
    import torch

    env = model.get_vec_normalize_env()
    if env is None or not env.norm_obs:
        return lambda seen: seen
    mean = torch.as_tensor(env.obs_rms.mean, dtype=torch.float32)
    scale = torch.as_tensor(1.0 / (env.obs_rms.var + env.epsilon) ** 0.5, dtype=torch.float32)
    most = float(env.clip_obs)
    return lambda seen: ((seen - mean) * scale).clamp(-most, most)


@written_by(lambda policy: callable(getattr(policy, "forward_inference", None)))
def _rllib(module: Any, party: Party, form: SeatFormat) -> tuple[Function, bool]:
    likely = module.get_inference_action_dist_cls()

    def function(seen: Any) -> Any:
        told = module.forward_inference({"obs": seen})["action_dist_inputs"]
        return likely.from_logits(told).to_deterministic().sample()

    return function, False


@written_by(lambda policy: hasattr(policy, "in_keys") and hasattr(policy, "out_keys"))
def _torchrl(policy: Any, party: Party, form: SeatFormat) -> tuple[Function, bool]:
    """Of TorchRL and BenchMARL: of the party's group, or of the only one there is."""
    from tensordict import TensorDict
    from torchrl.envs.utils import ExplorationType, set_exploration_type

    groups = {key[0] for key in policy.out_keys if isinstance(key, tuple) and key[-1] == "action"}
    group = party if party in groups or len(groups) != 1 else next(iter(groups))
    part = policy.select_subsequence(out_keys=[(group, "action")]) if len(groups) > 1 else policy
    masked = any(isinstance(key, tuple) and key[-1] == "action_mask" for key in part.in_keys)

    def function(seen: Any, *masks: Any) -> Any:
        told = {"observation": seen[None]} | ({"action_mask": masks[0][None]} if masks else {})
        given = TensorDict({group: TensorDict(told, batch_size=(1, len(seen)))}, batch_size=(1,))
        with set_exploration_type(ExplorationType.DETERMINISTIC), _unchecked():
            return part(given)[group, "action"][0]

    return function, masked


@contextmanager
def _unchecked() -> Iterator[None]:
    """Let TorchRL's distributions do without looks at their bounds, as it does when it is compiled."""
    from torchrl.modules.distributions import continuous

    before = continuous.is_compiling
    continuous.is_compiling = lambda: True
    try:
        yield
    finally:
        continuous.is_compiling = before


@written_by(lambda policy: hasattr(policy, "actors") and hasattr(policy, "agent_ids"))
def _agilerl(trained: Any, party: Party, form: SeatFormat) -> tuple[Function, bool]:
    """An algorithm of AgileRL for several agents: the actor of each, which some share, without what it draws."""
    import torch

    named = {seat: agent for agent, seat in form.context.network.scenario.agents.items()}
    mine = agilerl_actors(trained, tuple(named.get(seat, seat) for seat in form.seats))

    def function(seen: Any) -> Any:
        return torch.cat([actor(seen[seat][None]) for seat, actor in enumerate(mine)])

    return function, False


@written_by(is_module)
def _module(module: Any, party: Party, form: SeatFormat) -> tuple[Function, bool]:
    def function(seen: Any) -> Any:
        said = module(seen)
        return said[0] if isinstance(said, tuple) else said

    return function, False
