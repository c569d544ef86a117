"""Our interactive loop beside those of two public environments of the field: `python -m benchmarks.peers [--rounds 5]`.

OR-Gym (Hubbs and others, arXiv 2008.06319) and gym-invmgmt have a serial supply chain as their usual one; ours is a line of
four sites. Each round starts a process for every program, in turn, which goes through periods under one action, resets and
checks included, and gives the processor time of a period in the best of its stretches. What counts is the median over rounds
of the ratio of a peer's time to ours. The peers are installed from the package index into folders of their own, once; where
that cannot be done this says so, and is no error.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import venv
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from orderup.agents.runs.provenance import commit_in_short

ROOT = Path(__file__).resolve().parents[1]
HOMES = Path.home() / ".cache" / "orderup-benchmark-peers"
STRETCHES, LENGTH = 8, 1000
"""Of periods, after as many to begin with as recorded steps need to come."""
LOOP = f"""
import time

def shortest(periods):
    periods({2 * LENGTH})
    times = []
    for _ in range({STRETCHES}):
        begun = time.process_time()
        periods({LENGTH})
        times.append(time.process_time() - begun)
    print(min(times) / {LENGTH})
"""
PARALLEL = """
import numpy as np
import orderup

env = orderup.parallel_env("serial_poisson")
actions = {agent: np.zeros(env.action_space(agent).shape, np.float32) for agent in env.possible_agents}
env.reset(seed=0)

def periods(count):
    for _ in range(count):
        env.step(actions)
        if not env.agents:
            env.reset()

shortest(periods)
"""
GYMNASIUM = """
def periods(count):
    for _ in range(count):
        _, _, terminated, truncated, _ = env.step(action)
        if terminated or truncated:
            env.reset()

shortest(periods)
"""
CENTRAL = (
    """
import numpy as np
import orderup

env = orderup.central_env("serial_poisson")
action = np.zeros(env.action_space.shape, np.float32)
env.reset(seed=0)
"""
    + GYMNASIUM
)
OR_GYM = """
import warnings

warnings.simplefilter("ignore")
import numpy as np
import or_gym

env = or_gym.make("InvManagement-v1")
action = np.full(env.action_space.shape, 30, env.action_space.dtype)
env.reset()

def periods(count):
    for _ in range(count):
        done = env.step(action)[2]
        if done:
            env.reset()

shortest(periods)
"""
GYM_INVMGMT = (
    """
import gymnasium
import gym_invmgmt
import numpy as np

env = gymnasium.make("GymInvMgmt/Serial-v0")
action = np.full(env.action_space.shape, 30, env.action_space.dtype)
env.reset(seed=0)
"""
    + GYMNASIUM
)
OURS = {"parallel_env": PARALLEL, "central_env": CENTRAL}
PEERS = {
    "or-gym 0.5.0": (
        OR_GYM,
        (("numpy<2", "gym==0.26.2", "scipy", "pandas", "matplotlib", "networkx"), ("--no-deps", "or-gym==0.5.0")),
    ),
    "gym-invmgmt 0.2.1": (GYM_INVMGMT, (("gym-invmgmt==0.2.1",),)),
}
"""Each peer's program, and what is installed for it, command by command."""


def installed(name: str, installs: tuple[tuple[str, ...], ...]) -> Path:
    """The interpreter of a peer's folder, which is made if it is not there. Raises CalledProcessError where that fails."""
    home = HOMES / name.replace(" ", "-")
    python = home / "bin" / "python"
    if not (home / "ready").exists():
        venv.create(home, with_pip=True, clear=True)
        for packages in installs:
            subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], check=True)
        (home / "ready").touch()
    return python


def seconds(python: Path, program: str) -> float:
    """Processor time of a period."""
    found = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    done = subprocess.run([python, "-c", LOOP + program], cwd=ROOT, env=found, check=True, capture_output=True, text=True)
    return float(done.stdout.split()[-1])


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="how many times every program is started")
    rounds = parser.parse_args().rounds
    programs = {name: (Path(sys.executable), text) for name, text in OURS.items()}
    for name, (text, installs) in PEERS.items():
        try:
            programs[name] = installed(name, installs), text
        except (subprocess.CalledProcessError, OSError) as error:
            print(f"{name} is left out, as it could not be installed: {error}", file=sys.stderr)
    times: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(rounds):
        for name, (python, text) in programs.items():
            times[name].append(seconds(python, text))
    table = Table(title=f"a line of four sites, one period after the other, one thread, at {commit_in_short()}")
    table.add_column("environment")
    table.add_column("µs a period", justify="right")
    for name in OURS:
        table.add_column(f"in periods of {name}", justify="right")
    for name, found in times.items():
        ratios = [f"{np.median(np.array(found) / np.array(times[ours])):.2f}" for ours in OURS]
        table.add_row(name, f"{1e6 * np.median(found):.1f}", *ratios)
    Console().print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
