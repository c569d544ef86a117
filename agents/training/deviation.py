"""What a site could gain by leaving what all have learnt: its best response to the others, looked for from where it is.

Networks follow the gradient of their site's own cost alone, through the simulator, whichever learner trained them; constant
levels are searched. What is found is a gain that there is: a longer search may find more. Letters: S sites that decide, B
episodes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from orderup.envs.authority.rewards import MixedReward, Reward
from orderup.envs.information.policy import Policy
from orderup.envs.simulator import Party, Simulator

from ..gradients.backpropagation import Optimiser, Rollout
from ..gradients.episode_window import EpisodeWindow
from ..gradients.objective import Objective
from ..learning.learner import VALIDATION_EPISODES, Diverged, Task
from ..learning.learnt import Learnt, Member
from ..learning.one_thread import one_thread
from ..learning.stopwatch import Stopwatch
from ..make import make_agent
from ..networks.network_policy import NetworkPolicy

COPIES = 64
"""Episodes side by side: many small steps, as the way to a best response is short."""
RATE, CLIP, SMOOTHING = 0.003, 1.0, 0.5
"""As `pathwise` has them where nothing else is said."""
FIRST_STEP, LAST_STEP = 0.2, 0.005
"""Of a search over constants, in actions: a tenth of what a usual level is, and next to nothing."""
SEARCHED = 64
"""Episodes that constants are compared on."""
OFFSET = 1 << 31
"""Number of the first episode of these searches: none that was learnt from."""

Tensors = dict[str, NDArray[np.float32]]


def best_response(task: Task, learnt: Learnt, reward: Reward, site: str, periods: int) -> Learnt | None:
    """All as learnt, but for one site, which now does what was found best for itself; None where it found nothing better.

    What is better is told by validation's first episodes. None, too, for sites that do not decide by a network of ours.
    """
    sites = learnt.parties.get("sites")
    if not isinstance(sites, NetworkPolicy) or sites.spec.embedded is not None:
        return None
    apart = _apart(sites, len(task.site_seats))
    searched = _searched if not apart.spec.layers else _trained
    with one_thread():
        found = searched(task, _With(learnt, apart), reward, site, periods)
    if found is None:
        return None
    place = 1 + task.site_seats.index(site)
    before, after = (task.own_costs(one, reward, VALIDATION_EPISODES)[place].mean() for one in (learnt, found))
    return found if after < before else None


def can_deviate(learnt: Learnt) -> bool:
    """Whether a site's best response can be looked for at all."""
    sites = learnt.parties.get("sites")
    return isinstance(sites, NetworkPolicy) and sites.spec.embedded is None


class _With:
    """All as learnt, but for the sites' numbers."""

    def __init__(self, learnt: Learnt, sites: NetworkPolicy) -> None:
        self.sites = sites
        self.others: dict[Party, Member] = {party: member for party, member in learnt.parties.items() if party != "sites"}

    def numbers(self, tensors: Mapping[str, NDArray[np.float32]]) -> Learnt:
        return Learnt(sites=NetworkPolicy(self.sites.spec, dict(tensors)), planner=self.others.get("planner"))


def _apart(policy: NetworkPolicy, seats: int) -> NetworkPolicy:
    """The same policy with a network of its own for each seat, so that one can change alone."""
    spec = policy.spec
    if not spec.layers or spec.groups == list(range(seats)):
        return policy
    alone = spec.model_copy(update={"groups": list(range(seats))})
    tensors = {}
    for name, values in policy.tensors.items():
        if values.shape == alone.shapes[name]:
            tensors[name] = values
        else:
            tensors[name] = values[np.array(spec.groups)] if spec.groups else np.repeat(values[None], seats, axis=0)
    return NetworkPolicy(alone, tensors)


def _trained(task: Task, start: _With, reward: Reward, site: str, periods: int) -> Learnt | None:
    """A site's network after so many periods of training it alone; None where its numbers ran away."""
    network = Simulator(task.scenario, task.autonomy).numpy_network
    window = EpisodeWindow.of(network, task.autonomy)
    sim = window.simulator(task.scenario, task.autonomy, COPIES, backend="torch")
    updates = math.ceil(periods / (COPIES * window.periods))
    optimiser = Optimiser({f"sites/{name}": values for name, values in start.sites.tensors.items()}, RATE, updates, CLIP, None)
    sites = NetworkPolicy(start.sites.spec, start.sites.tensors)
    sites.parameters = {name.removeprefix("sites/"): values for name, values in (optimiser.numbers | optimiser.fixed).items()}
    policies: dict[Party, Policy] = {party: _policy(member) for party, member in start.others.items()}
    own = None if isinstance(reward, MixedReward) else reward
    objective = Objective(reward.team_share, SMOOTHING, own, site)
    rollout = Rollout(sim, {**policies, "sites": sites}, objective, Stopwatch())
    scale = None
    try:
        for update in range(updates):
            first = OFFSET + update * COPIES
            sim.reset(task.seed, np.arange(first, first + COPIES))
            cost = rollout.play(window, optimiser.warmth)
            if not cost.requires_grad:
                return None
            scale = abs(float(cost.detach())) or 1.0 if scale is None else scale
            optimiser.step(cost / scale)
    except Diverged:
        return None
    return start.numbers({name.removeprefix("sites/"): values for name, values in optimiser.arrays().items()})


def _policy(member: Member) -> Policy:
    return make_agent(member) if isinstance(member, Mapping) else member


def _searched(task: Task, start: _With, reward: Reward, site: str, periods: int) -> Learnt | None:
    """A site's constants after trying each a little higher and lower, by ever smaller steps, as long as periods last."""
    place = task.site_seats.index(site)
    tensors: Tensors = {name: values.copy() for name, values in start.sites.tensors.items()}
    left = periods // (SEARCHED * task.scenario.horizon)
    cost = _own_cost(task, reward, place)
    best, step = cost(start.numbers(tensors)), FIRST_STEP
    while step >= LAST_STEP and left > 0:
        improved = False
        for number in range(tensors["constant"].shape[1]):
            for move in (step, -step):
                tried = {**tensors, "constant": tensors["constant"].copy()}
                tried["constant"][place, number] += move
                found, left = cost(start.numbers(tried)), left - 1
                if found < best:
                    best, tensors, improved = found, tried, True
                    break
        step = step if improved else step / 2
    return start.numbers(tensors)


def _own_cost(task: Task, reward: Reward, place: int) -> Callable[[Learnt], float]:
    """What a site pays a period on episodes that nothing was learnt from, the same in every call."""
    return lambda learnt: float(task.own_costs(learnt, reward, SEARCHED, OFFSET)[1 + place].mean())
