"""Whether a change of the code has changed a number: digests of episodes, trained networks and a study's results.

    python -m benchmarks.fingerprints > before.json     # at the one commit
    python -m benchmarks.fingerprints before.json       # at the other: what differs, and exit code 1 where anything does

Digests are of the numbers' bits, and so are compared on one machine and one set of libraries.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import orderup

REFUSED = "refused"
PERIODS = 25
SEED = 7
TRAININGS: dict[str, dict[str, Any]] = {
    "pathwise at autonomous_silo": {
        "agent": {"type": "pathwise", "copies": 16},
        "autonomy": "autonomous_silo",
        "steps": 20_000,
    },
    "pathwise at central_ideal": {"agent": {"type": "pathwise", "copies": 16}, "autonomy": "central_ideal", "steps": 20_000},
    "ppo at autonomous_silo": {"agent": "ppo", "autonomy": "autonomous_silo", "steps": 20_000},
}


def digest(*arrays: Any) -> str:
    """The first letters of the SHA-256 of the arrays' bits."""
    found = hashlib.sha256()
    for array in arrays:
        found.update(np.ascontiguousarray(np.asarray(array)).tobytes())
    return found.hexdigest()[:16]


def episode(scenario: str, autonomy: str) -> str:
    """Of what the sites and the planner see and pay through an episode, when everybody acts at random."""
    env = orderup.parallel_env(scenario, autonomy=autonomy, horizon=PERIODS)
    seen, _ = env.reset(seed=SEED)
    generator = np.random.default_rng(SEED)
    numbers: list[Any] = [seen[agent] for agent in env.agents]
    while env.agents:
        actions = {agent: generator.uniform(-1, 1, env.action_space(agent).shape).astype(np.float32) for agent in env.agents}
        seen, rewards, *_ = env.step(actions)
        numbers += [part for agent in seen for part in (seen[agent], np.float64(rewards[agent]))]
    return digest(*numbers)


def episodes() -> Iterator[tuple[str, str]]:
    """Every scenario at every autonomy level; one that needs data of its own is refused."""
    for scenario in orderup.list_scenarios():
        for autonomy in orderup.list_autonomy():
            try:
                yield f"episode of {scenario} at {autonomy}", episode(scenario, autonomy)
            except orderup.InputError:
                yield f"episode of {scenario} at {autonomy}", REFUSED


def trainings(folder: Path) -> Iterator[tuple[str, str]]:
    """The last weights of short trainings."""
    for name, keys in TRAININGS.items():
        run = orderup.train("owmr-small", seed=SEED, name=name.replace(" ", "_"), folder=folder, progress=False, **keys)
        tensors = sorted(Path(run.folder).rglob("*.safetensors"))
        yield f"training of {name}", digest(*(np.frombuffer(path.read_bytes(), dtype=np.uint8) for path in tensors))


def evaluated() -> Iterator[tuple[str, str]]:
    """Every episode's numbers of some rules at some autonomy levels."""
    for autonomy in ("autonomous_silo", "central_ideal", "hybrid_soe", "management_by_exception"):
        for agent in ("base_stock", "s_s", "sterman", "optimised_base_stock"):
            try:
                result = orderup.evaluate("owmr-small", autonomy, agents=agent, episodes=20)
            except orderup.InputError:
                yield f"evaluation of {agent} at {autonomy}", REFUSED
                continue
            yield f"evaluation of {agent} at {autonomy}", digest(result.sums.to_numpy(dtype=np.float64))


def fingerprints() -> dict[str, str]:
    """All digests by name."""
    with tempfile.TemporaryDirectory() as folder:
        return {**dict(episodes()), **dict(evaluated()), **dict(trainings(Path(folder)))}


def main() -> int:
    """Print the digests, or what differs from those in a file."""
    found = fingerprints()
    if len(sys.argv) < 2:
        print(json.dumps(found, indent=1))
        return 0
    before = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    differing = [name for name in sorted({*before, *found}) if before.get(name) != found.get(name)]
    print(f"{len(found) - len(differing)} the same, {len(differing)} not", *differing, sep="\n")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
