"""The environments with their seats filled by name, and the problem in words with what agents make of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .envs.api.central import CentralNetwork
from .envs.api.parallel import ParallelNetwork
from .envs.api.turns import TurnsNetwork
from .envs.foundation.errors import InputError, one_word
from .envs.seating import Dropout

if TYPE_CHECKING:
    from .envs.api.batched import BatchedNetwork
    from .envs.api.central_vector import CentralVectorNetwork
    from .envs.api.vector import VectorNetwork
    from .envs.network.network import Network


def parallel_env(scenario: Any, autonomy: Any = "autonomous_silo", **options: Any) -> ParallelNetwork:
    """The PettingZoo environment of a scenario under a level of autonomy.

    `options` are ParallelNetwork's; in `seats`, which may be called `agents` as everywhere else, an agent is given by name, by
    its keys with `type`, or as an object, and `dropout` by its keys `rate`, `recovery` and `fallback`.
    """
    return ParallelNetwork(scenario, autonomy, **_resolved(options))


def central_env(scenario: Any, autonomy: Any = "central_ideal", **options: Any) -> CentralNetwork:
    """The Gymnasium environment of a scenario with one open seat, the planner's; `options` as for parallel_env."""
    return CentralNetwork(scenario, autonomy, **_resolved(options))


def aec_env(scenario: Any, autonomy: Any = "autonomous_silo", **options: Any) -> TurnsNetwork:
    """The same as PettingZoo's environment of turns, the planner first, then the sites downstream first."""
    return TurnsNetwork(scenario, autonomy, **_resolved(options))


def batched_env(scenario: Any, autonomy: Any = "autonomous_silo", num_envs: int = 64, **options: Any) -> BatchedNetwork:
    """Copies of a scenario side by side, arrays by agent with a row for each copy; `options` as for parallel_env."""
    from .envs.api.batched import BatchedNetwork

    return BatchedNetwork(scenario, autonomy, num_envs, **_resolved(options))


def central_vector_env(
    scenario: Any, autonomy: Any = "central_ideal", num_envs: int = 1, **options: Any
) -> CentralVectorNetwork:
    """Copies of central_env as one vector environment of Gymnasium; `options` as for parallel_env."""
    from .envs.api.central_vector import CentralVectorNetwork

    return CentralVectorNetwork(scenario, autonomy, num_envs, **_resolved(options))


def vector_env(scenario: Any, autonomy: Any = "autonomous_silo", copies: int = 64, **options: Any) -> VectorNetwork:
    """Copies of a scenario as a Stable-Baselines3 VecEnv, a row for each copy and open seat; `options` as for parallel_env."""
    from .envs.api.vector import VectorNetwork

    return VectorNetwork(scenario, autonomy, copies, **_resolved(options))


def remarks(network: Network) -> tuple[str, ...]:
    """What order-up-to levels in closed form leave out of account in a network, in a sentence; nothing where they do not."""
    from .agents.levels.ignored import ignored

    return tuple(f"{clause}." for clause in ignored(network, who="Order-up-to levels in closed form, as base_stock's,"))


def _resolved(options: dict[str, Any]) -> dict[str, Any]:
    """Agents and dropout as objects; `agents` is what `seats` is."""
    seats, dropout = one_word("agents", options.get("agents"), "seats", options.get("seats")), options.get("dropout")
    changed: dict[str, Any] = {"seats": None} if "agents" in options else {}
    if seats:
        from .agents import make_agent

        if not isinstance(seats, Mapping):
            raise InputError("seats", seats, "a mapping from a seat, `sites` or `planner` to an agent")
        changed["seats"] = {seat: _agent(make_agent, agent, f"seats.{seat}") for seat, agent in seats.items()}
    if isinstance(dropout, Mapping):
        changed["dropout"] = _dropout(dropout)
    return {name: value for name, value in {**options, **changed}.items() if name != "agents"}


def _agent(make: Any, given: Any, key: str) -> Any:
    return given if hasattr(given, "act") else make(given, key)


def _dropout(keys: Mapping[str, Any]) -> Dropout:
    from .agents import make_agent

    for key in keys:
        if key not in ("rate", "recovery", "fallback"):
            raise InputError(f"dropout.{key}", keys[key], "rate, recovery and fallback")
    fallback = keys.get("fallback")
    return Dropout(
        keys.get("rate", 0.0),
        keys.get("recovery", 1.0),
        None if fallback is None else _agent(make_agent, fallback, "dropout.fallback"),
    )
