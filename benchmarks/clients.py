"""Whether users of each library can train on each kind of scenario: what it takes them, how fast it goes, if costs fall.

    python -m benchmarks.clients --client torchrl --seconds 60    # in an environment that has the library; adds to clients.json
    python -m benchmarks.clients --table                          # writes docs/clients.md from it

Every client trains by the lines that stand here, which are all that a user writes. What a period costs is noted inside the
simulator, and so alike for all: on average over the first and the last fifth of the training, exploration included.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from orderup.agents.runs.provenance import commit_in_short
from orderup.envs.api.seats import Seats
from orderup.envs.foundation.files import write_text

ROOT = Path(__file__).resolve().parent.parent
LONG = 15.0
"""Seconds from which on costs are told: an episode's first periods cost less, and shorter runs see few others."""
KEPT, PAGE = ROOT / "benchmarks" / "clients.json", ROOT / "docs" / "clients.md"
SETTINGS = {
    "owmr, silo": ("owmr", "autonomous_silo"),
    "owmr, shared": ("owmr", "autonomous_shared"),
    "owmr, planner and sites": ("owmr", "hybrid_soe"),
    "owmr, ideal centre": ("owmr", "central_ideal"),
    "several products": ("modular_variety", "autonomous_silo"),
    "disruptions": ("disruption_storm", "autonomous_silo"),
}
LINES = {
    "Stable-Baselines3": """
env = sb3_env(scenario, level, copies=64, uniform=True)
PPO("MlpPolicy", env, **ppo_settings(env), learning_rate=1e-3, gamma=0.95, device="cpu", seed=0).learn(10**9)
""",
    "TorchRL": """
env = TorchRLNetwork(scenario, level, num_envs=64)
reinforce(env)
""",
    "BenchMARL": """
task = benchmarl_task(scenario, autonomy=level)
Experiment(task, algorithm, model, seed=0, config=config, critic_model_config=critic).run()
""",
    "RLlib": """
keys = {"scenario": scenario, "autonomy": level}
config = PPOConfig().environment(register("orderup"), env_config=keys).rl_module(rl_module_spec=modules(keys))
config = config.multi_agent(policies=parties, policy_mapping_fn=policy_of("party")).training(lr=1e-3, gamma=0.95)
[trainer.train() for trainer in [set_up(config).build_algo()] for _ in range(10**6)]
""",
    "AgileRL": """
env = AgileRLNetwork(scenario, level, num_envs=64)
train(env, [ippo(env)])
""",
}
"""What a user of each library writes of ours; how he sets his library up is in `prepared`."""
MODULES = {
    "Stable-Baselines3": "stable_baselines3",
    "TorchRL": "torchrl",
    "BenchMARL": "benchmarl",
    "RLlib": "rllib",
    "AgileRL": "agilerl",
}


class Watch:
    """Notes what periods cost, and when, while a client trains; ends the training after so many seconds of processor time."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.noted = seconds, list[tuple[float, float, int]]()

    def train(self, lines: str, names: dict[str, Any]) -> None:
        """Let a client train by its lines; in this process every form of an environment steps by `Seats.step`."""
        step, begun = Seats.step, 0.0

        def watched(seats: Seats, actions: Any) -> Any:
            nonlocal begun
            begun = begun or time.process_time()  # the first period; what comes before is setting up
            ledger, done = step(seats, actions)
            spent = time.process_time() - begun
            self.noted.append((spent, float(np.mean(ledger.cost)), seats.simulator.batch * len(seats.names)))
            if spent > self.seconds:
                raise TimeUp
            return ledger, done

        try:
            with patch.object(Seats, "step", watched):
                exec(compile(lines, "<client>", "exec"), names)
        except TimeUp:
            pass

    @property
    def found(self) -> dict[str, float]:
        """Milliseconds for a thousand decisions of agents, and what a period cost at first and at last [money]."""
        spent, cost, decisions = (np.array(column) for column in zip(*self.noted, strict=True))
        early, late = cost[spent < spent[-1] / 5], cost[spent > spent[-1] * 4 / 5]
        return {
            "milliseconds": float(spent[-1] / decisions.sum() * 1e6),
            "first": float(early.mean()),
            "last": float(late.mean()),
            "seconds": self.seconds,
        }


class TimeUp(BaseException):
    """The training has taken as long as it may; no library catches this."""


def prepared(client: str, scenario: str, level: str) -> dict[str, Any]:
    """What a user of a library has before he comes to ours."""
    import importlib

    names = dict(vars(importlib.import_module(f"benchmarks.client_settings.{MODULES[client]}")))
    both = Seats(scenario, level, batch=1).agents
    parties = {"planner" if agent == "planner_0" else "sites" for agent in both}
    return {**names, "scenario": scenario, "level": level, "parties": parties}


def measured(client: str, seconds: float, settings: list[str]) -> None:
    """Train on some settings, and add what was found to the file."""
    for setting in settings:
        scenario, level = SETTINGS[setting]
        watch = Watch(seconds)
        try:
            watch.train(LINES[client], prepared(client, scenario, level))
            found: dict[str, Any] = watch.found
        except Exception as error:  # what the table is to tell
            found = {"refused": f"{type(error).__name__}: {str(error)[:200]}"}
        kept = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
        kept.setdefault(client, {})[setting] = found
        kept["measured"] = commit_in_short().rstrip("+")
        write_text(KEPT, json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
        print(client, setting, found, flush=True)


def as_table(kept: dict[str, Any]) -> str:
    """Of each client and setting: milliseconds for a thousand decisions, and the cost of a period before and after."""
    lines = [f"| client | lines | {' | '.join(SETTINGS)} |", f"|---|---|{'---|' * len(SETTINGS)}"]
    for client in LINES:
        cells = [_cell(kept.get(client, {}).get(setting)) for setting in SETTINGS]
        lines.append(f"| {client} | {len(LINES[client].strip().splitlines())} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(found: dict[str, Any] | None) -> str:
    if found is None:
        return "not tried"
    if "refused" in found:
        return f"no: {found['refused']}"
    milliseconds = found["milliseconds"]
    speed = f"{milliseconds:,.0f} ms" if milliseconds >= 100 else f"{milliseconds:.3g} ms"
    if found["seconds"] < LONG:
        return speed
    return f"{speed}; {found['first']:.4g} → {found['last']:.4g} {'▼' if found['last'] < found['first'] else '▲'}"


def main() -> None:
    """Measure a client, or write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--client", choices=list(LINES))
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--setting", choices=list(SETTINGS), help="one of them; all if left out")
    parser.add_argument("--table", action="store_true")
    asked = parser.parse_args()
    if asked.client:
        measured(asked.client, asked.seconds, [asked.setting] if asked.setting else list(SETTINGS))
    if asked.table:
        before, _, rest = PAGE.read_text(encoding="utf-8").partition("<!-- table -->\n")
        after = rest.partition("<!-- end of table -->")[2]
        kept = json.loads(KEPT.read_text(encoding="utf-8"))
        write_text(PAGE, f"{before}<!-- table -->\n{as_table(kept)}\n<!-- end of table -->{after}")


if __name__ == "__main__":
    main()
