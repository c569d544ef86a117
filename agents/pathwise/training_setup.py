"""From the keys of `pathwise` and a task to a policy: what the networks look like, and the loop that trains them.

Letters: S seats, K products, A length of an action, L lanes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from orderup.envs.authority.actions import ActionMap
from orderup.envs.authority.rewards import MixedReward, reward_to_learn
from orderup.envs.autonomy.autonomy import PLANNER
from orderup.envs.foundation.errors import InputError
from orderup.envs.information.policy import Context, Policy
from orderup.envs.information.view import ObservationView
from orderup.envs.seating import Seating
from orderup.envs.simulator import Party, Simulator

from ..gradients.backpropagation import PARTIES, Optimiser, Rollout, by_party
from ..gradients.episode_window import EpisodeWindow
from ..gradients.objective import Objective
from ..learning.learner import Journal, Task
from ..learning.learnt import Learnt, Member
from ..learning.network_keys import check_parties, first_levels, given_agent, keys_of, networks_of, rounds
from ..learning.one_thread import one_thread
from ..learning.stopwatch import Stopwatch
from ..make import make_agent
from ..networks.embedding import PREFIX, places
from ..networks.network_policy import NetworkPolicy, observation_layout
from ..networks.network_spec import NetworkSpec
from ..networks.widening import SEEN, widened
from .pathwise_keys import PathwiseKeys
from .silo_run import check_goes_on, silo_networks

LOOKED_AT = 128
"""Episodes by which observations are centred and scaled."""
SMALLEST_SPREAD = 0.02
"""Of an observed number; what varies less is not blown up to the order of one."""


class PathwiseSetup:
    """Everything that is worked out of the keys and the task before learning: who learns, by what network, from where."""

    def __init__(self, settings: PathwiseKeys, task: Task, copies: int | None = None) -> None:
        self.settings, self.task = settings.sized(task), task
        self.copies = copies or self.settings.copies or 1
        one = Simulator(task.scenario, task.autonomy)
        level = one.autonomy
        self.window = EpisodeWindow.of(one.numpy_network, level, settings.periods)
        self.simulator = self.window.simulator(task.scenario, level, self.copies, backend="torch", device=settings.device)
        self.given: dict[Party, dict[str, Any]] = {}
        """Agents, by their keys, in the seats of those who do not learn."""
        begun = silo_networks(settings, task, self.simulator)
        self.embedded = begun if level.has_planner else None
        """The silo sites' networks inside the planner's. They are learnt on with it, from where their run left them."""
        self.widened = None if level.has_planner else begun
        """The silo sites' networks that sites who see more go on with."""
        self.specs: dict[Party, NetworkSpec] = {}
        self.sharing = settings.sharing if settings.game(task) is None else "site"
        check_parties({"sites": settings.sites, "planner": settings.planner}, level)
        for party in PARTIES:
            if getattr(level, f"has_{party}"):
                self._seat(party, keys_of(getattr(settings, party)))
        if not self.specs:
            raise InputError("agent", "an agent in every seat", "somebody who learns: leave out `planner` or `sites`")
        reward = reward_to_learn(settings.reward)
        reward.check(level)
        self.share = reward.team_share
        self.own_reward = None if isinstance(reward, MixedReward) else reward
        """What is learnt for where it is anything else than money."""
        if self.share < 1.0 and set(self.specs) != {"sites"}:
            raise InputError("reward", settings.reward, "team, unless sites alone learn: give the planner's seat to an agent")

    def _seat(self, party: Party, keys: dict[str, Any] | None) -> None:
        if keys is not None:
            given_agent(keys, f"agent.{party}").reset(self.simulator.context(0, party))
            self.given[party] = keys
        else:
            self.specs[party] = self._spec(self.simulator.context(0, party))

    def _spec(self, context: Context) -> NetworkSpec:
        settings, network = self.settings, context.network
        apart = network.recipes is None if settings.by_product is None else settings.by_product
        layout = observation_layout(ObservationView(context).observer)
        allocates = settings.actions == "allocation"
        size = ActionMap.of(context, "level" if allocates else settings.actions).size  # type: ignore[arg-type] # not allocation
        embedded = None if self.embedded is None else self.embedded.spec
        begun = embedded or (None if self.widened is None else self.widened.spec)
        spec = NetworkSpec(
            observation=layout,
            action=size,
            form=settings.actions,
            hidden=settings.hidden,
            activation=settings.activation,
            groups=networks_of(context.seats, self.task.scenario, self.sharing) if settings.network else [],
            products=len(network.products) if apart else 1,
            window=settings.window,
            memory=settings.memory,
            constants=len(context.seats),
            layers=settings.network,
            normalised=settings.network,
            gated=settings.gated,
            bounded=False,
            whole=rounds(settings.whole, self.task.scenario) if begun is None else begun.whole,
            residual_of=keys_of(settings.residual_of),
            embedded=embedded,
        )
        if self.widened is not None:
            check_goes_on(self.widened.spec, spec)
        return spec

    def rehearse(self) -> None:
        """Raises InputError where a network of these keys cannot act here, its start sets no levels, or all is one."""
        numbers: dict[str, NDArray[np.float32]] = {}
        for party, spec in self.specs.items():
            context = self.simulator.context(0, party)
            tensors = {name: np.zeros(shape, np.float32) for name, shape in spec.shapes.items()}
            NetworkPolicy(spec, tensors).reset(context)
            self._constants(spec, context)
            numbers |= {f"{party}/{name}": values for name, values in tensors.items()}
        self._follow(numbers)

    def _follow(self, numbers: dict[str, NDArray[np.float32]]) -> None:
        """Raises InputError where the cost of the window does not depend on what somebody who learns decides in it."""
        optimiser = Optimiser(numbers, self.settings.learning_rate, 1, self.settings.clip, self.settings.device)
        self.simulator.reset(self.task.seed)
        with one_thread():
            cost = self.rollout(optimiser, Objective(1.0, self.settings.smoothing, self.own_reward), Stopwatch()).play(
                self.window
            )
            if cost.requires_grad:
                cost.backward()  # type: ignore[no-untyped-call] # PyTorch leaves it without types
        for party in self.specs:
            if all(values.grad is None for values in by_party(optimiser.numbers, party).values()):
                found = f"{self.window.periods} periods of {self.task.scenario.name} in which no cost hangs on the {party}"
                raise InputError(
                    "agent", found, "a scenario, an autonomy level and `periods` in which what is decided changes the cost"
                )

    def start(self) -> dict[str, NDArray[np.float32]]:
        """The numbers that learning starts from, `party/tensor`: networks that say nothing, and the start's levels."""
        generator = np.random.default_rng([self.task.seed, 1])
        found: dict[str, NDArray[np.float32]] = {}
        for party, spec in self.specs.items():
            last = f"{len(spec.hidden)}."
            if self.widened is not None:
                own = places(self.simulator.context(0, party))
                tensors = widened(self.widened.spec, self.widened.tensors, spec, own)
                found |= {f"{party}/{name}": values for name, values in tensors.items()}
                continue
            for name, shape in spec.shapes.items():
                if name.startswith(PREFIX):
                    continue
                if name in ("centre", "scale"):
                    values = np.zeros(shape)
                elif name == "constant":
                    values = self._constants(spec, self.simulator.context(0, party))
                elif name.startswith(last):
                    values = np.zeros(shape)
                else:
                    inputs = spec.shapes[f"{name.rpartition('.')[0]}.{'recurrent' if 'recurrent' in name else 'weight'}"][-1]
                    values = generator.uniform(-1, 1, shape) / math.sqrt(inputs)
                found[f"{party}/{name}"] = values.astype(np.float32)
        if self.embedded is not None:
            tensors = self.embedded.tensors  # whose order is another in every process, and the gradient's norm with it
            found |= {f"planner/{PREFIX}{name}": tensors[name] for name in self.embedded.spec.shapes}
        return found | self._usual_observations(found)

    def _usual_observations(self, numbers: Mapping[str, NDArray[np.float32]]) -> dict[str, NDArray[np.float32]]:
        """Centre and scale of what is seen while all decide as at the start, the same for all seats and products."""
        if not any(spec.normalised for spec in self.specs.values()):
            return {}
        seen = _seen(self.learnt(numbers), self.task, self.window)
        found: dict[str, NDArray[np.float32]] = {}
        for party, spec in self.specs.items():
            products = spec.products
            blocks = seen[party].reshape(-1, len(spec.observation) // products, products)
            rows = np.moveaxis(blocks, -1, 1).reshape(-1, blocks.shape[1])
            centre, spread = rows.mean(axis=0), rows.std(axis=0)
            scale = np.where(spread > 1e-6, 1.0 / np.maximum(spread, SMALLEST_SPREAD), 0.0)
            for name, values in (("centre", centre), ("scale", scale)):
                found[f"{party}/{name}"] = np.repeat(values, products).astype(np.float32)
            if self.widened is not None:  # what it was centred by stays
                own = places(self.simulator.context(0, party))
                for name in SEEN:
                    found[f"{party}/{name}"][own] = self.widened.tensors[name]
        return found

    def _constants(self, spec: NetworkSpec, context: Context) -> NDArray[np.float64]:
        """Of every seat (S, A): its first levels, or nothing where something else is there to be corrected."""
        actions = ActionMap.of(context)
        nothing = np.zeros((len(context.seats), spec.action))
        if not spec.decides_alone or self.widened is not None or actions.width is not None:
            return nothing
        level = first_levels(self.settings.start, self.simulator, "planner" if context.seats == (PLANNER,) else "sites")
        if spec.form == "quantity":
            return nothing
        return np.asarray(actions.actions_for(level))

    def policies(self, numbers: Mapping[str, NDArray[np.float32]]) -> dict[Party, NetworkPolicy]:
        """Those who learn, with these numbers."""
        return {party: NetworkPolicy(spec, by_party(numbers, party)) for party, spec in self.specs.items()}

    def rollout(self, optimiser: Optimiser, objective: Objective, clock: Stopwatch) -> Rollout:
        """All policies, those who learn with the numbers that are searched."""
        policies = self.policies(optimiser.arrays())
        for party, policy in policies.items():
            policy.parameters = by_party(optimiser.numbers | optimiser.fixed, party)
        others: dict[Party, Policy] = {party: make_agent(keys) for party, keys in self.given.items()}
        rollout = Rollout(self.simulator, {**others, **policies}, objective, clock)
        if self.settings.compiled:
            rollout.record()
        return rollout

    def learnt(self, numbers: Mapping[str, NDArray[np.float32]]) -> Learnt:
        """All that decide, ready to be evaluated."""
        members: dict[Party, Member] = {**self.policies(numbers), **self.given}
        return Learnt(sites=members.get("sites"), planner=members.get("planner"))


def learn(settings: PathwiseKeys, task: Task, journal: Journal) -> None:
    """Train until all steps are done or the journal says stop."""
    with one_thread():
        setup = PathwiseSetup(settings, task)
        copies = setup.copies
        simulator, window = setup.simulator, setup.window
        per_update = window.periods * copies
        iterations = math.ceil(setup.settings.total / per_update)
        optimiser = Optimiser(setup.start(), settings.learning_rate, iterations, settings.clip, settings.device)
        rollout = setup.rollout(optimiser, Objective(setup.share, settings.smoothing, setup.own_reward), journal.clock)
        if journal.state is not None:
            optimiser.restore(journal.state)
        scale = _scale(task)
        journal.begin(lambda: setup.learnt(optimiser.arrays()), optimiser.state)
        going = True
        while going and not optimiser.finished:
            first = optimiser.done * copies
            simulator.reset(task.seed, np.arange(first, first + copies))
            cost = rollout.play(window, optimiser.warmth)
            if settings.compiled and rollout.refusal is not None:
                raise InputError("agent.compiled", f"true, which cannot record {rollout.refusal}", "false")
            with journal.clock.phase("learn"):
                norm = optimiser.step(cost / scale)
            going = journal.update(optimiser.done * per_update, {"training_cost": float(cost.detach()), "gradient": norm})


def _seen(learnt: Learnt, task: Task, window: EpisodeWindow) -> dict[Party, NDArray[np.float64]]:
    """Observations (T, B, S, D) of each party that learns in a window of some training episodes."""
    sim = window.simulator(task.scenario, task.autonomy, LOOKED_AT, dtype="float64")
    seating = Seating(sim, learnt.members(sim))
    found: dict[Party, list[NDArray[np.float64]]] = {}
    seating.reset(task.seed)
    views = {
        party: ObservationView(sim.context(0, party))
        for party, member in learnt.parties.items()
        if isinstance(member, NetworkPolicy)
    }
    for _ in range(window.periods):
        for party, view in views.items():
            found.setdefault(party, []).append(view(sim.information_of(party)))
        sim.advance(seating.decisions())
    return {party: np.stack(seen[window.burn_in :]) for party, seen in found.items()}


def _scale(task: Task) -> float:
    """What the closed form costs in a period, so that gradients are of the order of one."""
    reference = task.reference()
    return 1.0 if reference is None else abs(float(reference.mean())) or 1.0
