"""The network as a PettingZoo environment: everybody who decides is an agent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray
from pettingzoo import ParallelEnv

from ..authority.choices import ActionsLike
from ..authority.reward_scale import ScaleLike
from ..authority.rewards import RewardLike
from ..autonomy.autonomy import PLANNER
from ..foundation.errors import InputError, UnknownName
from ..information.observation import ObservationEntry
from ..information.policy import Policy
from ..network.network import Network
from ..numerics.arrays import Array
from ..rendering.picture import RENDER_FPS, RENDER_MODES, Screen, checked_mode
from ..seating import Dropout
from ..simulator import Ledger, Party
from .open_seats import OpenSeats, Space, copy_of, seat_of
from .seats import Seats


class ParallelNetwork(ParallelEnv[str, Any, Any]):
    """A supply network whose sites replenish themselves, as far as the level of autonomy lets them.

    Agents: the sites that decide (`store_1`, …), and `planner_0` where a centre does, less those that `seats` fills with
    policies; `names` tells the site of each. Observation: Box (D,) float32, the fields that the autonomy level lets the agent
    see (`observation_table`), scaled to the order of one; with `observations="tokens"` a Dict of sets with masks; `bounds`
    clips what is shown. Action: Box (A,) in [−1, 1], an order-up-to level for each lane and product, or within a band the
    distance from the centre's; larger numbers are clipped; with `actions="discrete"` Discrete or MultiDiscrete, one of so many
    multiples of what is usual, with `action_mask` in `info`, or in a Dict beside the observation (`action_mask="observation"`).
    `uniform` gives planner and sites spaces of one shape.

    Reward: −cost of the period, `own`, of the `team` (mean over sites), a number λ between, `tracking`, or what a function
    says, times `reward_scale` (`auto`: 1 / cost by the closed form). An episode lasts `horizon` periods, which may be called
    `max_cycles`, and ends by truncation, for all at once. `info` holds whether the agent's next decision counts (`active`),
    its cost by ledger terms, the network's for the planner, and the scale of rewards.
    """

    metadata: ClassVar[dict[str, Any]] = {
        "name": "orderup",
        "render_modes": list(RENDER_MODES),
        "render_fps": RENDER_FPS,
        "is_parallelizable": True,
    }

    def __init__(
        self,
        scenario: Any,
        autonomy: Any = "autonomous_silo",
        reward: RewardLike = "team",
        horizon: int | None = None,
        render_mode: str | None = None,
        split: str = "train",
        actions: ActionsLike = "level",
        seats: Mapping[str, Policy] | None = None,
        dropout: Dropout | None = None,
        compiled: bool | None = None,
        *,
        max_cycles: int | None = None,
        reward_scale: ScaleLike = 1.0,
        observations: str = "vector",
        bounds: float | bool | None = None,
        action_mask: str = "info",
        uniform: bool = False,
    ) -> None:
        self.render_mode = checked_mode(render_mode)
        self._seats = Seats(
            scenario,
            autonomy,
            batch=1,
            reward=reward,
            reward_scale=reward_scale,
            horizon=horizon,
            max_cycles=max_cycles,
            split=split,
            actions=actions,
            observations=observations,
            bounds=bounds,
            action_mask=action_mask,
            uniform=uniform,
            seats=seats,
            dropout=dropout,
            compiled=compiled,
        )
        if not self._seats.names:
            raise InputError("seats", "all filled", "at least one seat left open (evaluate plays where all are filled)")
        self.names = dict(self._seats.agents)
        """What each agent is called in the scenario: a site's own name, in any words."""
        self.possible_agents = list(self.names)
        self.agents: list[str] = []
        self.max_cycles = self._seats.simulator.horizon
        """Periods of an episode."""
        self.observation_spaces = {agent: self.observation_space(agent) for agent in self.possible_agents}
        self.action_spaces = {agent: self.action_space(agent) for agent in self.possible_agents}
        self._info_keys = ("active", "cost", *self._seats.simulator.terms, "reward_scale")
        self._always_active = self._seats.simple and PLANNER not in self.possible_agents
        self._all_active = [1] * len(self.possible_agents)
        self._screen = Screen(self._seats.simulator, self._seats.seating)

    def observation_space(self, agent: str) -> Space:
        """The same object for every call; sites share one. Raises UnknownName for an agent that is not there."""
        return self._seats.view_of(agent).observation_space

    def action_space(self, agent: str) -> Space:
        """The same object for every call; sites share one. Raises UnknownName for an agent that is not there."""
        return self._seats.view_of(agent).action_space

    @property
    def state_space(self) -> spaces.Box:
        """Space of `state()`."""
        return self._seats.state_space

    @property
    def reward_scale(self) -> float:
        """What rewards are multiplied by."""
        return self._seats.reward_scale

    def state(self) -> NDArray[np.float32]:
        """Everything that can be seen of every site, for a centralised critic in training; of demand that is sales, sales."""
        state: NDArray[np.float32] = self._seats.state()[0]
        return state

    @property
    def network(self) -> Network:
        """Names, structure and numbers of the network."""
        return self._seats.simulator.numpy_network

    def checked_action(self, agent: str, action: Any) -> NDArray[Any]:
        """An agent's action as its space has it, clipped and reshaped; None of an idle planner is any.

        Raises InputError, with the agent's name, for one that is none.
        """
        view = self._seats.view_of(agent)
        found: NDArray[Any] = self._of_agent(view, agent, {} if action is None else {agent: action})[0, 0]
        return found

    def action_mask(self, agent: str) -> NDArray[np.int8]:
        """1 for each choice of an agent that is worth making in the coming period (A·k,), number by number.

        Raises InputError for actions that are no choices.
        """
        view = self._seats.view_of(agent)
        mask: NDArray[np.int8] = self._seats.mask(view)[0, view.agents.index(agent)]
        return mask

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
        """Begin episode 0 of `seed`, or the next episode of the last seed. Options are accepted and have no effect."""
        self._seats.reset(seed)
        self.agents = self.possible_agents[:]
        nothing = dict.fromkeys(self._info_keys, 0.0) | {"reward_scale": self.reward_scale}
        infos = {agent: {**nothing, "active": self._active(agent)} for agent in self.agents}
        if self.render_mode == "human":
            self.render()
        return self._observations(), self._masked(infos)

    def step(
        self, actions: Mapping[str, Any]
    ) -> tuple[dict[str, Any], dict[str, float], dict[str, bool], dict[str, bool], dict[str, dict[str, Any]]]:
        """One period. Raises InputError, with the agent's name, for an action that is missing, NaN or none of its space.

        Numbers beyond [−1, 1] are clipped, and any shape of as many will do. An idle planner's may be absent.
        """
        acted = self.agents
        if not acted:
            raise RuntimeError("no episode is under way: call reset() first")
        ledger, done = self._seats.step(self._joined(actions))
        rewards: dict[str, float] = {}
        for view in self._seats.views:
            paid = self._seats.rewards(view, ledger)[:, 0].tolist()
            rewards.update(zip(view.agents, paid if len(paid) == len(view.names) else paid * len(view.names), strict=True))
        infos = self._infos(ledger)
        if done:
            self.agents = []
        if self.render_mode == "human":
            self.render()
        return self._observations(), rewards, dict.fromkeys(acted, False), dict.fromkeys(acted, done), self._masked(infos)

    def render(self) -> str | NDArray[np.uint8] | None:
        """The network as it is: text (`ansi`), an image (`rgb_array`), or the image in a window (`human`)."""
        return self._screen.render(self.render_mode)

    def close(self) -> None:
        """Close the window, if there is one."""
        self._screen.close()

    def observation_table(self, agent: str) -> list[ObservationEntry]:
        """What every number of an agent's observation is."""
        return self._seats.view_of(agent).observer.table(self.names[agent])

    def _observations(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for view in self._seats.views:
            seen = self._seats.observations(view)
            if view.shows_arrays:
                found.update(zip(view.agents, seen[0], strict=True))
            else:
                found.update({agent: copy_of(seat_of(seen, seat), 0) for seat, agent in enumerate(view.agents)})
        return found

    def _active(self, agent: str) -> int:
        return 1 if self._always_active else int(self._seats.seating.active(self.names[agent]))

    def _infos(self, ledger: Ledger) -> dict[str, dict[str, Any]]:
        columns = [amounts[:, 0].tolist() for amounts in (ledger.by_site, *ledger.by_term.values())]
        infos: dict[str, dict[str, Any]] = {}
        for view in self._seats.views:
            if view.party == "planner":
                own = [[sum(column)] for column in columns]
            else:
                own = columns if view.rows is None else [[column[row] for row in view.rows] for column in columns]
            active = self._all_active if self._always_active else [self._active(agent) for agent in view.agents]
            for agent, row in zip(view.agents, zip(active, *own, strict=True), strict=True):
                infos[agent] = dict(zip(self._info_keys, (*row, self.reward_scale), strict=True))
        return infos

    def _masked(self, infos: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        """The same with the masks of choices."""
        if self._seats.has_masks:
            for view in self._seats.views:
                for agent, mask in zip(view.agents, self._seats.mask(view)[0], strict=True):
                    infos[agent]["action_mask"] = view.as_sampled(mask)
        return infos

    def _joined(self, actions: Mapping[str, Any]) -> dict[Party, Array]:
        """All agents' numbers by party, each (1, S, A), checked."""
        joined: dict[Party, Array] = {}
        try:
            for view in self._seats.views:
                given = [actions[agent] for agent in view.agents]
                joined[view.party] = view.numbers(np.array(given, dtype=None if view.choices else np.float32))
        except (KeyError, ValueError, TypeError):  # an InputError is a ValueError
            return self._one_by_one(actions)
        if len(actions) != len(self.agents):
            raise self._complaint(actions)
        return joined

    def _one_by_one(self, actions: Mapping[str, Any]) -> dict[Party, Array]:
        """The same, agent by agent, which may leave an idle planner out. Raises InputError with the name of the agent."""
        if not isinstance(actions, Mapping):
            raise InputError("actions", actions, "an action for every agent, by its name")
        for agent in actions:
            if agent not in self.agents:
                raise UnknownName("actions", agent, self.agents)
        joined: dict[Party, Array] = {}
        for view in self._seats.views:
            rows = [self._of_agent(view, agent, actions) for agent in view.agents]
            joined[view.party] = view.numbers(np.concatenate(rows, axis=1))
        return joined

    def _of_agent(self, view: OpenSeats, agent: str, actions: Mapping[str, Any]) -> Array:
        if agent not in actions:
            if view.party == "planner" and not self._seats.simulator.centre_decides:
                return view.nothing
            raise InputError(f"actions[{agent}]", "nothing", "an action for every agent")
        return view.of_one(actions[agent], f"actions[{agent}]")

    def _complaint(self, actions: Mapping[str, Any]) -> InputError:
        """What is wrong with actions of which there are too many."""
        return UnknownName("actions", next(agent for agent in actions if agent not in self.agents), self.agents)
