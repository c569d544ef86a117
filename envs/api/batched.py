"""Many copies of the network at once, as PettingZoo would have them: by agent, arrays with a row for each copy.

Letters: B copies, D length of an observation, A numbers of an action, k choices of each.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from ..authority.reward_scale import ScaleLike
from ..foundation.errors import InputError, UnknownName
from ..foundation.whole_numbers import checked_count
from ..information.observation import ObservationEntry
from ..numerics.arrays import Array, in_numpy, is_numpy, namespace
from ..simulator import Ledger, Party
from .open_seats import OpenSeats, Seen, Space, seat_of
from .seats import Seats


class BatchedNetwork:
    """`ParallelNetwork` for `num_envs` copies side by side: arrays in, arrays out, with the copies first.

    All copies end together. With `autoreset` the next episodes have then begun: what is seen is theirs, and `infos` have the
    last observations of the old ones, `final_obs`. Rewards are −cost times `reward_scale`, which is 1 / cost by the closed form
    unless a number is given; `infos` have what was paid in money. `backend="torch"` and `device` have the arrays in PyTorch.
    Other options as for `ParallelNetwork`.
    """

    metadata: ClassVar[dict[str, Any]] = {"name": "orderup", "render_modes": [], "is_parallelizable": True}
    render_mode = None

    def __init__(
        self,
        scenario: Any,
        autonomy: Any = "autonomous_silo",
        num_envs: int = 64,
        reward_scale: ScaleLike = "auto",
        autoreset: bool = True,
        **options: Any,
    ) -> None:
        self.seats = Seats(scenario, autonomy, batch=checked_count(num_envs, "num_envs"), reward_scale=reward_scale, **options)
        if not self.seats.names:
            raise InputError("seats", "all filled", "at least one seat left open (evaluate plays where all are filled)")
        self.num_envs, self.autoreset = num_envs, autoreset
        self.names = dict(self.seats.agents)
        """What each agent is called in the scenario: a site's own name, in any words."""
        self.possible_agents = list(self.names)
        self.agents: list[str] = []
        self.groups: dict[Party, list[str]] = {view.party: list(view.agents) for view in self.seats.views}
        """The agents of each party, whose spaces are the same."""
        self.max_cycles = self.seats.simulator.horizon
        """Periods of an episode."""
        self.observation_spaces = {agent: self.observation_space(agent) for agent in self.possible_agents}
        self.action_spaces = {agent: self.action_space(agent) for agent in self.possible_agents}

    @property
    def reward_scale(self) -> float:
        """What rewards are multiplied by."""
        return self.seats.reward_scale

    @property
    def state_space(self) -> spaces.Box:
        """Space of one copy's `state()`."""
        return self.seats.state_space

    def observation_space(self, agent: str) -> Space:
        """Of one copy. Raises UnknownName for an agent that is not there."""
        return self.seats.view_of(agent).observation_space

    def action_space(self, agent: str) -> Space:
        """Of one copy. Raises UnknownName for an agent that is not there."""
        return self.seats.view_of(agent).action_space

    def observation_table(self, agent: str) -> list[ObservationEntry]:
        """What every number of an agent's observation is."""
        return self.seats.view_of(agent).observer.table(self.names[agent])

    def state(self) -> Array:
        """Everything that can be seen of every site (B, N·G), for a centralised critic in training."""
        return self.seats.state()

    def action_mask(self, agent: str) -> NDArray[np.int8]:
        """1 for each choice of an agent that is worth making in the coming period (B, A·k).

        Raises InputError for actions that are no choices.
        """
        view = self.seats.view_of(agent)
        mask: NDArray[np.int8] = self.seats.mask(view)[:, view.agents.index(agent)]
        return mask

    def reset(
        self, seed: int | None = None, options: Mapping[str, Any] | None = None
    ) -> tuple[dict[str, Seen], dict[str, dict[str, Any]]]:
        """Begin episodes 0 … B−1 of `seed`, or the next B of the last seed. Of `options`, `episodes` (B,) are their numbers."""
        self.seats.reset(seed, None if not options or "episodes" not in options else np.asarray(options["episodes"]))
        self.agents = self.possible_agents[:]
        return self._observations(), self._infos(None)

    def step(
        self, actions: Mapping[str, Any]
    ) -> tuple[dict[str, Seen], dict[str, Array], dict[str, Array], dict[str, Array], dict[str, dict[str, Any]]]:
        """One period of all copies, under actions (B, A) of every agent, or (B,) where A is 1; an idle planner's may be absent.

        Gives observations (B, …), rewards, terminations and truncations (B,). Raises InputError with the agent's name.
        """
        if not self.agents:
            raise RuntimeError("no episode is under way: call reset() first")
        ledger, done = self.seats.step(self._joined(actions))
        rewards: dict[str, Array] = {}
        for view in self.seats.views:
            rewards.update(zip(view.agents, self.paid(view, ledger), strict=True))
        observations, infos = self._observations(), self._infos(ledger)
        if done and self.autoreset:
            self.seats.reset()
            last, observations = observations, self._observations()
            for agent, seen in last.items():
                infos[agent]["final_obs"] = seen
            self._refresh(infos)
        elif done:
            self.agents = []
        never, ended = (np.full(self.num_envs, flag) for flag in (False, done))
        agents = self.possible_agents
        return observations, rewards, {a: never.copy() for a in agents}, {a: ended.copy() for a in agents}, infos

    def paid(self, view: OpenSeats, ledger: Ledger) -> Array:
        """Rewards of a party's seats in single precision (S, B), fresh."""
        found = self.seats.rewards(view, ledger)
        every = namespace(found).broadcast_to(found, (len(view.names), self.num_envs))
        return every.astype(np.float32) if is_numpy(every) else every.float().clone()

    def close(self) -> None:
        """Nothing is open."""

    def _observations(self) -> dict[str, Seen]:
        found: dict[str, Seen] = {}
        for view in self.seats.views:
            seen = self.seats.observations(view)
            found.update({agent: seat_of(seen, seat) for seat, agent in enumerate(view.agents)})
        return found

    def _infos(self, ledger: Ledger | None) -> dict[str, dict[str, Any]]:
        """By agent, the same keys in every period: whether the next decision counts, costs by term, and masks."""
        infos: dict[str, dict[str, Any]] = {}
        terms = self.seats.simulator.terms
        for view in self.seats.views:
            if ledger is None:
                columns = [np.zeros((len(view.names), self.num_envs))] * (1 + len(terms))
            else:
                amounts = (ledger.by_site, *(ledger.by_term[name] for name in terms))
                columns = [in_numpy(self.seats.cost_of(view, amount)) for amount in amounts]
            for seat, agent in enumerate(view.agents):
                own = dict(zip(("cost", *terms), (column[seat].copy() for column in columns), strict=True))
                infos[agent] = {"active": None, **own, "reward_scale": np.full(self.num_envs, self.reward_scale)}
        self._refresh(infos)
        return infos

    def _refresh(self, infos: dict[str, dict[str, Any]]) -> None:
        """Let infos say what is so now of the coming period."""
        for view in self.seats.views:
            active = view.active(self.seats.seating.down)
            masks = view.mask(active) if self.seats.has_masks else None
            for seat, agent in enumerate(view.agents):
                infos[agent]["active"] = active[:, seat].astype(np.int8)
                if masks is not None:
                    infos[agent]["action_mask"] = masks[:, seat].copy()

    def _joined(self, actions: Mapping[str, Any]) -> dict[Party, Array]:
        """Actions by agent as numbers by party (B, S, A). Raises InputError with the name of the agent."""
        if not isinstance(actions, Mapping):
            raise InputError("actions", type(actions).__name__, "actions for every agent, by its name")
        for agent in actions:
            if agent not in self.agents:
                raise UnknownName("actions", agent, self.agents)
        found: dict[Party, Array] = {}
        for view in self.seats.views:
            own = [self._of_agent(view, agent, actions) for agent in view.agents]
            xp = namespace(own[0])
            found[view.party] = view.numbers(xp.stack(own, axis=1))
        return found

    def _of_agent(self, view: OpenSeats, agent: str, actions: Mapping[str, Any]) -> Array:
        """(B, A)."""
        if agent not in actions:
            if view.party == "planner" and not self.seats.simulator.centre_decides:
                return np.repeat(view.nothing[0], self.num_envs, axis=0)
            raise InputError(f"actions[{agent}]", "nothing", "actions for every agent")
        return view.of_seat(actions[agent], f"actions[{agent}]")
