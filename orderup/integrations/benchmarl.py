"""Scenarios as tasks of BenchMARL: its algorithms train on the batch itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..envs.api.open_seats import MASK, SEEN
from ..envs.foundation.errors import InputError
from .missing import needed

needed("benchmarl", "benchmarl")

from benchmarl.environments import TaskClass  # noqa: E402 # only where BenchMARL is there
from torchrl.data import Composite  # noqa: E402 # as above
from torchrl.envs import EnvBase  # noqa: E402 # as above

from .torchrl import STATE, TorchRLNetwork  # noqa: E402 # as above

CHOICES: Mapping[str, Any] = {"type": "discrete"}


class OrderupTask(TaskClass):  # type: ignore[misc] # BenchMARL is not there where types are checked
    """A scenario at a level of autonomy; its configuration are the arguments of `TorchRLNetwork`.

    Algorithms of continuous actions get numbers, those of discrete ones the choices of `actions`, with masks.
    """

    def get_env_fun(self, num_envs: int, continuous_actions: bool, seed: int | None, device: Any) -> Callable[[], EnvBase]:
        """What makes the environment, whose batch are the copies that BenchMARL asks for."""
        options = {name: value for name, value in self.config.items() if name != "choices"}
        actions = options.pop("actions", "level") if continuous_actions else self.config.get("choices", CHOICES)
        return lambda: _single(TorchRLNetwork(num_envs=num_envs, seed=seed, device=device, **{**options, "actions": actions}))

    def supports_continuous_actions(self) -> bool:
        return True

    def supports_discrete_actions(self) -> bool:
        return True

    def max_steps(self, env: EnvBase) -> int:
        return int(env.max_steps)

    def has_render(self, env: EnvBase) -> bool:
        return False

    def group_map(self, env: EnvBase) -> dict[str, list[str]]:
        return dict(env.group_map)

    def state_spec(self, env: EnvBase) -> Composite | None:
        spec = env.full_observation_spec_unbatched
        return Composite({STATE: spec[STATE].clone()}) if STATE in spec else None

    def observation_spec(self, env: EnvBase) -> Composite:
        return self._each(env, lambda name: name == SEEN)

    def info_spec(self, env: EnvBase) -> Composite | None:
        return self._each(env, lambda name: name == "info")

    def action_mask_spec(self, env: EnvBase) -> Composite | None:
        if any(MASK in env.full_observation_spec_unbatched[group] for group in env.group_map):
            return self._each(env, lambda name: name == MASK)
        return None

    def action_spec(self, env: EnvBase) -> Composite:
        return env.full_action_spec_unbatched

    @staticmethod
    def env_name() -> str:
        return "orderup"

    def _each(self, env: EnvBase, wanted: Callable[[str], bool]) -> Composite:
        """Of every group what is wanted."""
        spec = env.full_observation_spec_unbatched.clone()
        if STATE in spec:
            del spec[STATE]
        for group in env.group_map:
            for name in list(spec[group].keys()):
                if not wanted(name):
                    del spec[(group, name)]
        return spec


def _single(env: TorchRLNetwork) -> TorchRLNetwork:
    """Raises InputError for agents that choose several numbers, which BenchMARL's discrete algorithms cannot."""
    for name, group in env.groups.items():
        if group.view.choices is not None and group.view.width > 1:
            accepted = "agents that choose one number each: give this seat to an agent with `seats`, or use continuous actions"
            raise InputError("choices", f"{group.view.width} numbers of each agent in group {name}", accepted)
    return env


def benchmarl_task(scenario: Any, autonomy: Any = "autonomous_silo", **options: Any) -> OrderupTask:
    """A task for BenchMARL's `Experiment`: its algorithms run with as many copies as `on_policy_n_envs_per_worker` says.

    `options` are those of `TorchRLNetwork`; `choices` are the keys of discrete actions, where an algorithm wants these.
    """
    name = scenario if isinstance(scenario, str) else getattr(scenario, "name", "scenario")
    return OrderupTask(str(name).upper(), {"scenario": scenario, "autonomy": autonomy, **options})
