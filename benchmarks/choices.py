"""Whether learners that choose from a list come to the best of what they can choose.

    python -m benchmarks.choices [--only DQN] [--seeds 3]      # adds to choices.json, and writes its table into docs/clients.md

DQN is Stable-Baselines3's, MaskablePPO sb3-contrib's, whose rows are left out where it is not installed. A gap is the paired
difference to the optimum of the grid on the same held-out traces: of the newsvendor's the best constant level on it, which is
optimal there; of lost sales, where every whole order up to twice the mean can be chosen, the exact optimum.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

import orderup
from orderup.agents.runs.provenance import commit_in_short
from orderup.envs.foundation.files import write_text
from orderup.integrations.stable_baselines3 import dqn_env, ppo_settings, sb3_env

ROOT = Path(__file__).resolve().parent.parent
KEPT, PAGE = ROOT / "benchmarks" / "choices.json", ROOT / "docs" / "clients.md"
EPISODES = 2_000
"""Held out."""
LEVELS: dict[str, Any] = {"type": "discrete", "of": "level"}
ORDERS: dict[str, Any] = {"type": "discrete", "of": "quantity", "choices": 11}
"""Whole orders from 0 to 10, demand having a mean of 5."""


@dataclass(frozen=True)
class Row:
    """Who learns what, by how many periods of how many copies, with which settings of its library."""

    learner: str
    scenario: str
    actions: Mapping[str, Any]
    copies: int
    steps: int
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Of the row."""
        return f"{self.learner}, {self.scenario}"


DQN: dict[str, Any] = {
    "learning_starts": 6_400,
    "buffer_size": 400_000,
    "batch_size": 512,
    "train_freq": 1,
    "gradient_steps": 2,
    "target_update_interval": 6_400,
    "exploration_fraction": 0.7,
    "exploration_final_eps": 0.1,
}
MASKED: dict[str, Any] = {"gae_lambda": 0.9, "n_epochs": 4}
ROWS = (
    Row("DQN", "newsvendor", {**LEVELS, "choices": 11}, 64, 512_000, {**DQN, "gamma": 0.8}),
    Row("DQN", "lost_sales", ORDERS, 64, 768_000, {**DQN, "gamma": 0.95}),
    Row("MaskablePPO", "newsvendor", {**LEVELS, "choices": 21}, 64, 640_000, {**MASKED, "gamma": 0.8}),
    Row("MaskablePPO", "lost_sales", ORDERS, 64, 1_280_000, {**MASKED, "gamma": 0.95}),
)


def trained(row: Row, seed: int) -> Any:
    """By the library's own algorithm, its learning rate falling to nothing."""
    made = dqn_env if row.learner == "DQN" else sb3_env
    env = made(row.scenario, copies=row.copies, actions=row.actions)
    keys: dict[str, Any] = {**row.settings, "learning_rate": lambda left: 1e-3 * left, "device": "cpu", "seed": seed}
    library = importlib.import_module("stable_baselines3" if row.learner == "DQN" else "sb3_contrib")
    if row.learner != "DQN":
        keys = {**ppo_settings(env, periods=50), **keys}
    return getattr(library, row.learner)("MlpPolicy", env, **keys).learn(row.steps)


def best(row: Row) -> Any:
    """The optimum of what can be chosen."""
    if row.scenario == "lost_sales":
        return "optimal"
    usual = float(sb3_env(row.scenario, copies=1).seats.simulator.numpy_network.usual_level[0, 0])
    levels = np.linspace(0.0, 2.0, row.actions["choices"]) * usual
    costs = [orderup.evaluate(row.scenario, agents=_constant(level), episodes=100, seed=20_000).cost for level in levels]
    return _constant(levels[int(np.argmin(costs))])


def _constant(level: float) -> dict[str, Any]:
    return {"type": "base_stock", "levels": {"store_1": float(level)}}


def measured(row: Row, seed: int) -> dict[str, float]:
    """A training, and its gap to the optimum with half a 95 % interval, as shares of the optimum's cost."""
    import torch

    torch.set_num_threads(1)
    begun = time.process_time()
    model = trained(row, seed)
    seconds = time.process_time() - begun
    policy = orderup.adapted(model, actions=dict(row.actions))
    mine, theirs = (
        orderup.evaluate(row.scenario, agents=agent, episodes=EPISODES).episodes["cost"].to_numpy()
        for agent in (policy, best(row))
    )
    difference, cost = mine - theirs, float(theirs.mean())
    width = 1.96 * difference.std(ddof=1) / np.sqrt(difference.size)
    return {"optimum": cost, "gap": difference.mean() / cost, "width": width / cost, "seconds": seconds}


def as_table(kept: Mapping[str, Any]) -> str:
    """Of each row: the optimum's cost, the mean gap of the seeds with the widest interval, the worst of them, and seconds."""
    lines = [
        "| learner, scenario | chosen from | optimum | gap | worst seed | seeds | seconds |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in ROWS:
        found = list(kept.get(row.name, {}).values())
        if found:
            gaps, widths, seconds = (np.array([one[key] for one in found]) for key in ("gap", "width", "seconds"))
            chosen = f"{row.actions['choices']} {'levels' if row.actions['of'] == 'level' else 'orders'}"
            lines.append(
                f"| {row.name} | {chosen} | {found[0]['optimum']:.3f} | {100 * gaps.mean():+.2f} ± {100 * widths.max():.2f} % "
                f"| {100 * gaps.max():+.2f} % | {gaps.size} | {seconds.mean():.0f} |"
            )
    return "\n".join(lines)


def main() -> None:
    """Measure what is missing, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="a learner, or a row by its name")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--table", action="store_true", help="only write the table")
    asked = parser.parse_args()
    kept = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    for row in () if asked.table else ROWS:
        if asked.only not in (None, row.learner, row.name):
            continue
        if row.learner == "MaskablePPO" and importlib.util.find_spec("sb3_contrib") is None:
            print(f"{row.name}: left out, for sb3-contrib is not installed")
            continue
        for seed in range(asked.seeds):
            if str(seed) not in kept.setdefault(row.name, {}):
                kept[row.name][str(seed)] = measured(row, seed)
                kept["measured"] = commit_in_short().rstrip("+")
                write_text(KEPT, json.dumps(kept, indent=1) + "\n")
                print(row.name, seed, kept[row.name][str(seed)], flush=True)
    before, _, rest = PAGE.read_text(encoding="utf-8").partition("<!-- choices -->\n")
    write_text(
        PAGE,
        f"{before}<!-- choices -->\n{as_table(kept)}\n<!-- end of choices -->{rest.partition('<!-- end of choices -->')[2]}",
    )


if __name__ == "__main__":
    main()
