"""What the policy for every network comes to, as it is: `python -m benchmarks.universal exact|unseen|size|speed [keys]`.

- `exact`: instances whose optimum is known: twelve of lost sales (Zipkin 2008), two serial lines (Clark and Scarf), four of
  dual sourcing. Cost above the optimum, with half a 95 % interval, on traces of its own.
- `unseen networks=100 sites=[2,30] fitted=20`: networks of a family with other seeds than training's, at silo, neighbours,
  shared and central. Cost of the policy as it is against closed-form levels, and against levels that are fitted to these very
  networks and follow demand, which takes most of the time: down the gradient alone, their neighbours are not tried.
- `size sites=[40,200,1000]`: one large network each, against closed form, and seconds and megabytes for a decision.
- `speed`: a decision for 30 sites × 1,024 episodes beside that of the silo networks that `pathwise` trains.

One process of one thread.
"""

from __future__ import annotations

import os
import resource
import sys
import time
from itertools import pairwise
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray

from orderup.agents.make import make_agent
from orderup.envs.autonomy.autonomy import Autonomy
from orderup.envs.catalogue import load_autonomy, load_scenario
from orderup.envs.foundation.freed_memory import keep_freed_memory
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.simulator import Party, Simulator

SEED = 10_000
LEVELS = ("autonomous_silo", "federated", "autonomous_shared", "central_ideal")
LOST_SALES = {  # by lead time and shortage cost: Zipkin, Operations Research 56 (2008)
    1: {4: 4.041, 9: 5.438, 19: 6.676, 39: 7.836},
    2: {4: 4.395, 9: 6.094, 19: 7.664, 39: 9.106},
    3: {4: 4.599, 9: 6.531, 19: 8.363, 39: 10.038},
}
LINES = {"serial_clark_scarf": 47.665, "serial_poisson": 25.168}
DUAL = {(2, 105): 216.770, (2, 110): 219.733, (3, 105): 216.876, (3, 110): 220.341}
"""By the regular lane's lead time and the express lane's cost: Gijsbrechts et al., MSOM 24 (2022), figure 9."""


def costs(scenario: Scenario, autonomy: Autonomy, agent: Any, episodes: int, split: str = "test") -> NDArray[np.float64]:
    """What each part of a scenario that trades with no other pays a period after the warm-up (M, B) [money]."""
    simulator = Simulator(scenario, autonomy, batch=episodes, split=split, dtype="float32")
    party: Party = "sites" if simulator.autonomy.has_sites else "planner"
    simulator.reset(SEED)
    agent.reset(simulator.context(0, party))
    belongs, paid = simulator.numpy_network.topology.parts, 0.0
    for period in range(simulator.horizon):
        cost = simulator.advance(agent.act(simulator.information_of(party))).by_site
        paid = paid + cost.astype(float) * (period >= scenario.warmup)
    of_each: NDArray[np.float64] = np.stack(
        [np.asarray(paid)[belongs == part].sum(axis=0) for part in range(belongs.max() + 1)]
    )
    return of_each / (simulator.horizon - scenario.warmup)


def exact() -> None:
    """Cost above the optimum where that is known."""
    agent, silo = make_agent("universal"), load_autonomy("autonomous_silo")
    print("instance,cost,optimum,above it %,± %")
    for name, scenario, optimum in instances():
        found = costs(scenario, silo, agent, 1000)[0]
        half = 1.96 * found.std(ddof=1) / np.sqrt(found.size)
        print(
            f"{name},{found.mean():.4f},{optimum},{100 * (found.mean() / optimum - 1):.2f},{100 * half / optimum:.2f}",
            flush=True,
        )


def instances() -> list[tuple[str, Scenario, float]]:
    """Name, scenario and optimal cost of each."""
    found: list[tuple[str, Scenario, float]] = []
    for time_, by_shortage in LOST_SALES.items():
        for shortage, optimum in by_shortage.items():
            store = load_scenario("lost_sales").model_dump(mode="json", by_alias=True, exclude_none=True)
            store |= {"name": f"lost_sales_{time_}_{shortage}", "horizon": 450, "warmup": 50}
            store["lanes"][0]["lead_time"] = time_
            store["customers"][0]["shortage"] = shortage
            found.append((store["name"], load_scenario(store), optimum))
    for name, optimum in LINES.items():
        found.append((name, load_scenario(name), optimum))
    for (time_, price), optimum in DUAL.items():
        keys = load_scenario("dual_source").model_dump(mode="json", by_alias=True, exclude_none=True)
        keys |= {"name": f"dual_source_{time_}_{price}", "horizon": 450, "warmup": 50}
        slow, fast = sorted(keys["lanes"], key=lambda lane: float(lane["unit_cost"]))
        slow["lead_time"], fast["unit_cost"] = time_, price
        found.append((keys["name"], load_scenario(keys), optimum))
    return found


def unseen(networks: int = 100, sites: tuple[int, int] = (2, 30), fitted: int = 0, episodes: int = 64) -> None:
    """The policy as it is on networks that it has never met."""
    print("level,networks,against,mean %,median %,cheaper on %,worst ten %")
    by_level: dict[str, NDArray[np.float64]] = {}
    for name in LEVELS:
        autonomy = load_autonomy(name)
        scenario = family(networks, sites, 77_000_001)
        own = costs(scenario, autonomy, make_agent("universal"), episodes).mean(axis=1)
        by_level[name] = own
        _line(name, "closed form", own / costs(scenario, autonomy, make_agent("base_stock"), episodes).mean(axis=1))
        if fitted:
            few = family(fitted, sites, 77_000_001)
            rival = make_agent({"type": "optimised_base_stock", "forecast": True, "neighbours": False, "iterations": 300})
            _line(
                name, "levels fitted down the gradient alone", own[:fitted] / costs(few, autonomy, rival, episodes).mean(axis=1)
            )
    for less, more in pairwise(LEVELS):
        _line(more, f"itself at {less}", by_level[more] / by_level[less])


def family(networks: int, sites: tuple[int, int], seed: int) -> Scenario:
    """Networks side by side, drawn as training's are, with other seeds."""
    generator = {"type": "network_family", "networks": networks, "products": 1, "sites": list(sites), "seed": seed}
    return load_scenario({"name": "unseen", "horizon": 150, "warmup": 50, "generator": generator})


def _line(level: str, against: str, ratio: NDArray[np.float64]) -> None:
    worst = " ".join(f"{100 * (one - 1):+.1f}" for one in np.sort(ratio)[::-1][:10])
    shares = f"{100 * (ratio.mean() - 1):+.2f},{100 * (np.median(ratio) - 1):+.2f},{100 * (ratio < 1).mean():.0f}"
    print(f"{level},{len(ratio)},{against},{shares},{worst}", flush=True)


def size(sites: tuple[int, ...] = (40, 200, 1000)) -> None:
    """Large networks, one at a time."""
    print("sites,level,cost above closed form %,ms for a decision of 16 episodes,MB")
    for count in sites:
        generator = {"type": "random_network", "sites": count, "depth": 4}
        scenario = load_scenario({"name": "large", "horizon": 80, "warmup": 30, "generator": generator})
        for name in ("autonomous_silo", "central_ideal"):
            autonomy = load_autonomy(name)
            own, closed = (costs(scenario, autonomy, make_agent(agent), 16)[0].mean() for agent in ("universal", "base_stock"))
            took = 1000 * _decision(scenario, autonomy, 16)
            most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(f"{count},{name},{100 * (own / closed - 1):+.2f},{took:.1f},{most:.0f}", flush=True)


def _decision(scenario: Scenario, autonomy: Autonomy, episodes: int, agent: Any = None) -> float:
    """CPU-seconds of a decision in the middle of episodes."""
    simulator = Simulator(scenario, autonomy, batch=episodes, dtype="float32")
    party: Party = "sites" if simulator.autonomy.has_sites else "planner"
    simulator.reset(SEED)
    policy = make_agent("universal") if agent is None else agent
    policy.reset(simulator.context(0, party))
    best = np.inf
    for _ in range(12):
        began = time.process_time()
        decision = policy.act(simulator.information_of(party))
        best = min(best, time.process_time() - began)
        simulator.advance(decision)
    return float(best)


def speed() -> None:
    """A decision for thirty sites and 1,024 episodes."""
    from orderup.agents.networks.network_policy import NetworkPolicy, observation_layout
    from orderup.agents.networks.network_spec import NetworkSpec
    from orderup.envs.authority.actions import ActionMap
    from orderup.envs.information.view import ObservationView

    generator = {"type": "random_network", "sites": 30, "depth": 3}
    scenario = load_scenario({"name": "thirty", "horizon": 40, "generator": generator})
    silo = load_autonomy("autonomous_silo")
    context = Simulator(scenario, silo, dtype="float32").context(0, "sites")
    layout = observation_layout(ObservationView(context).observer)
    spec = NetworkSpec(
        observation=layout, action=ActionMap.of(context).size, form="level", hidden=[32, 32], activation="silu", normalised=True
    )
    rng = np.random.default_rng(0)
    network = NetworkPolicy(spec, {name: rng.normal(0, 0.1, shape).astype(np.float32) for name, shape in spec.shapes.items()})
    print("policy,level,ms for a decision")
    print(f"pathwise,autonomous_silo,{1000 * _decision(scenario, silo, 1024, network):.1f}", flush=True)
    for name in LEVELS:
        print(f"universal,{name},{1000 * _decision(scenario, load_autonomy(name), 1024):.1f}", flush=True)


def main(given: list[str]) -> int:
    """One of the four."""
    keep_freed_memory()
    known = {"exact": exact, "unseen": unseen, "size": size, "speed": speed}
    if not given or given[0] not in known:
        print(__doc__, file=sys.stderr)
        return 2
    keys = {key: tuple(map(int, value.strip("[]").split(","))) for key, value in (one.split("=", 1) for one in given[1:])}
    known[given[0]](**{key: value if key == "sites" else value[0] for key, value in keys.items()})
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
