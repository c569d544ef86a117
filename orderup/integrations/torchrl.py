"""The batch as an environment of TorchRL: a tensor dictionary with a group for each party, or for whom one likes.

Letters: B copies, n agents of a group, D length of an observation, A numbers of an action, k choices of each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..envs.api.batched import BatchedNetwork
from ..envs.api.open_seats import MASK, SEEN, OpenSeats, Seen
from ..envs.foundation.errors import InputError, UnknownName
from ..envs.numerics.arrays import in_numpy
from ..envs.simulator import Ledger, Party
from ..face import batched_env
from .missing import needed

torch = needed("torch", "torchrl")
needed("torchrl", "torchrl")

from tensordict import TensorDict, TensorDictBase  # noqa: E402 # only where TorchRL is there
from torchrl.data import Bounded, Categorical, Composite, MultiCategorical, Unbounded  # noqa: E402 # as above
from torchrl.envs import EnvBase  # noqa: E402 # as above

STATE = "state"


@dataclass(frozen=True)
class Group:
    """Some agents of one party, which have spaces in common."""

    agents: tuple[str, ...]
    view: OpenSeats
    seats: list[int]
    """Their places among the party's."""


class TorchRLNetwork(EnvBase):  # type: ignore[misc] # TorchRL is not there where types are checked
    """`num_envs` copies of a scenario as one TorchRL environment, a step of which is one step of the simulator.

    Its tensor dictionaries have, for each group, (group, "observation") (B, n, D), (group, "action") (B, n, A), or (B, n) of
    single choices, (group, "reward") (B, n, 1), (group, "info", "cost") in money (B, n, 1), and (group, "action_mask") where
    actions are choices; "state" (B, W) for centralised critics. `groups` is `party` (sites and planner), `agent` (each by
    itself), or a mapping from names to agents of one party. On another device than the CPU the simulator runs there, in
    PyTorch. Options are those of `orderup.batched_env`. Raises InputError for groups that cannot be.
    """

    def __init__(
        self,
        scenario: Any,
        autonomy: Any = "autonomous_silo",
        num_envs: int = 64,
        *,
        groups: str | Mapping[str, Any] = "party",
        device: Any = "cpu",
        seed: int | None = None,
        state: bool = True,
        **options: Any,
    ) -> None:
        place = torch.device(device)
        where = {} if place.type == "cpu" else {"backend": "torch", "device": str(place)}
        self.core: BatchedNetwork = batched_env(scenario, autonomy, num_envs, autoreset=False, **{**where, **options})
        super().__init__(device=place, batch_size=torch.Size([self.core.num_envs]))
        self.groups = _groups(self.core, groups)
        self.group_map = {name: list(group.agents) for name, group in self.groups.items()}
        self._seed, self._with_state = seed, state
        self._make_specs()

    @property
    def max_steps(self) -> int:
        """Periods of an episode."""
        return self.core.max_cycles

    def _reset(self, tensordict: TensorDictBase | None = None, **kwargs: Any) -> TensorDictBase:
        self._check_all(tensordict)
        self.core.seats.reset(self._seed)
        self._seed = None
        return self._told(None, False)

    def _step(self, tensordict: TensorDictBase) -> TensorDictBase:
        numbers: dict[Party, Any] = {}
        for view in self.core.seats.views:
            numbers[view.party] = view.numbers(self._actions_of(view, tensordict))
        ledger, done = self.core.seats.step(numbers)
        return self._told(ledger, done)

    def _set_seed(self, seed: int | None) -> None:
        self._seed = None if seed is None else int(seed)

    def _check_all(self, tensordict: TensorDictBase | None) -> None:
        """All copies begin and end together. Raises InputError where some are to begin anew."""
        which = None if tensordict is None else tensordict.get("_reset", None)
        if which is not None and not bool(which.all()):
            raise InputError("_reset", "some of the copies", "all of them: they begin and end together")

    def _actions_of(self, view: OpenSeats, tensordict: TensorDictBase) -> Any:
        """Of a party's seats in their order (B, S, A)."""
        parts = [(group.seats, tensordict.get((name, "action"))) for name, group in self.groups.items() if group.view is view]
        if len(parts) == 1 and parts[0][0] == list(range(len(view.agents))):
            return parts[0][1]
        rows = [(seat, action[:, at]) for seats, action in parts for at, seat in enumerate(seats)]
        return torch.stack([action for _, action in sorted(rows, key=lambda row: row[0])], dim=1)

    def _told(self, ledger: Ledger | None, done: bool) -> TensorDictBase:
        """All that is said after a period, or, without its ledger, when episodes begin."""
        found: dict[str, Any] = {}
        seen = {view.party: self._shown(view, ledger) for view in self.core.seats.views}
        for name, group in self.groups.items():
            own = _part(seen[group.view.party], group)
            found[name] = TensorDict(own, batch_size=(*self.batch_size, len(group.agents)), device=self.device)
        ended = torch.full((self.core.num_envs, 1), done, device=self.device)
        found |= {"done": ended, "truncated": ended.clone(), "terminated": torch.zeros_like(ended)}
        if self._with_state:
            found[STATE] = self._tensor(self.core.state())
        return TensorDict(found, batch_size=self.batch_size, device=self.device)

    def _shown(self, view: OpenSeats, ledger: Ledger | None) -> dict[str, Any]:
        """What the seats of one party are told, by name, with (B, S) in front."""
        seats = self.core.seats
        found: dict[str, Any] = {SEEN: self._tensors(view.observations())}
        if view.masks is not None:
            found[MASK] = self._tensor(seats.mask(view)).bool()
        if ledger is None:
            cost = torch.zeros((self.core.num_envs, len(view.agents), 1), device=self.device)
        else:
            cost = self._tensor(in_numpy(seats.cost_of(view, ledger.by_site)).T.astype(np.float32)).unsqueeze(-1)
            found["reward"] = self._tensor(self.core.paid(view, ledger)).transpose(0, 1).unsqueeze(-1).contiguous()
        found["info"] = {"cost": cost}
        return found

    def _tensors(self, seen: Seen) -> Any:
        if isinstance(seen, Mapping):
            return {name: self._tensor(values) for name, values in seen.items()}
        return self._tensor(seen)

    def _tensor(self, values: Any) -> Any:
        return torch.as_tensor(np.ascontiguousarray(values) if isinstance(values, np.ndarray) else values, device=self.device)

    def _make_specs(self) -> None:
        batch, observed, acted, paid = self.batch_size, {}, {}, {}
        for name, group in self.groups.items():
            shape = (*batch, len(group.agents))
            observed[name] = self._composite(self._observed(group, shape), shape)
            acted[name] = self._composite({"action": self._acted(group, shape)}, shape)
            reward = Unbounded((*shape, 1), device=self.device, dtype=torch.float32)
            paid[name] = self._composite({"reward": reward}, shape)
        if self._with_state:
            size = self.core.state_space.shape[0]
            observed[STATE] = Unbounded((*batch, size), device=self.device, dtype=torch.float32)
        self.observation_spec, self.action_spec, self.reward_spec = (
            self._composite(each, batch) for each in (observed, acted, paid)
        )
        flag = {
            key: Categorical(2, (*batch, 1), dtype=torch.bool, device=self.device)
            for key in ("done", "truncated", "terminated")
        }
        self.done_spec = self._composite(flag, batch)

    def _composite(self, entries: Mapping[str, Any], shape: Any) -> Composite:
        return Composite(dict(entries), shape=torch.Size(shape), device=self.device)

    def _observed(self, group: Group, shape: tuple[int, ...]) -> dict[str, Any]:
        space, view = group.view.observation_space, group.view
        plain = space[SEEN] if not view.shows_arrays and view.tokens is None else space
        found: dict[str, Any] = {SEEN: self._boxes(plain, shape)}
        if view.choices is not None:
            found[MASK] = Categorical(2, (*shape, view.width * view.choices.k), dtype=torch.bool, device=self.device)
        cost = Unbounded((*shape, 1), device=self.device, dtype=torch.float32)
        found["info"] = self._composite({"cost": cost}, shape)
        return found

    def _boxes(self, space: Any, shape: tuple[int, ...]) -> Any:
        if hasattr(space, "spaces"):
            own = {name: self._boxes(each, shape) for name, each in space.spaces.items() if name != MASK}
            return self._composite(own, shape)
        kind, whole = getattr(torch, str(space.dtype)), (*shape, *space.shape)
        if not space.is_bounded():
            return Unbounded(whole, device=self.device, dtype=kind)
        low, high = (torch.as_tensor(edge, dtype=kind).expand(whole).contiguous() for edge in (space.low, space.high))
        return Bounded(low, high, whole, device=self.device, dtype=kind)

    def _acted(self, group: Group, shape: tuple[int, ...]) -> Any:
        view = group.view
        if view.choices is None:
            return Bounded(-1.0, 1.0, (*shape, view.width), device=self.device, dtype=torch.float32)
        if view.width == 1:
            return Categorical(view.choices.k, shape, device=self.device, dtype=torch.int64)
        return MultiCategorical([view.choices.k] * view.width, (*shape, view.width), device=self.device, dtype=torch.int64)


def _part(told: dict[str, Any], group: Group) -> dict[str, Any]:
    """What is told the agents of one group of what is told their party."""
    if group.seats == list(range(len(group.view.agents))):
        return told

    def own(values: Any) -> Any:
        return {name: own(each) for name, each in values.items()} if isinstance(values, Mapping) else values[:, group.seats]

    return {name: own(values) for name, values in told.items()}


def _groups(core: BatchedNetwork, given: str | Mapping[str, Any]) -> dict[str, Group]:
    """Groups by their names. Raises InputError where agents of a group have other spaces, or not each agent is in one."""
    if isinstance(given, str):
        if given not in ("party", "agent"):
            raise UnknownName("groups", given, ["party", "agent"])
        named: Mapping[Any, Any] = core.groups if given == "party" else {agent: [agent] for agent in core.possible_agents}
    else:
        named = given
    found, left = dict[str, Group](), list(core.possible_agents)
    for name, agents in named.items():
        for agent in agents:
            if agent not in left:
                raise UnknownName(f"groups.{name}", agent, left)
            left.remove(agent)
        views = {id(view): view for view in (core.seats.view_of(agent) for agent in agents)}
        if len(views) != 1:
            together = "agents of one party, whose spaces are the same: the planner's are others than the sites'"
            raise InputError(f"groups.{name}", list(agents), together)
        (view,) = views.values()
        found[str(name)] = Group(tuple(agents), view, [view.agents.index(agent) for agent in agents])
    if left:
        raise InputError("groups", f"no group for {', '.join(left)}", "each agent in one group")
    return found
