"""The league of every scenario, quickly: `python benchmarks/league.py [scenario …] [--again]`.

Writes docs/league.md between its markers. What a scenario came to is kept in reports/league/ and not worked out again as long
as the scenario and the settings below stay the same, so that it can be stopped and goes on; `--again` forgets that. One
process of one thread.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import sys
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import pandas as pd

from orderup.agents.levels.search.search import SearchProblem
from orderup.agents.runs.provenance import commit_in_short
from orderup.envs.catalogue import list_scenarios, load_autonomy, load_scenario
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.files import write_text
from orderup.envs.scenario.scenario import Scenario
from orderup.evaluation import league_of
from orderup.evaluation.statistics.digits import decimals_for

ROOT = Path(__file__).resolve().parent.parent
PAGE, KEPT = ROOT / "docs" / "league.md", ROOT / "reports" / "league"
AUTONOMIES = ("central_ideal",)
EPISODES, COUNTED = 100, 60
"""Traces, and periods of each after the warm-up."""
SIZE, MOST_FEW = 2000, 10
"""Traces of those that solve programs: so many periods × sites × products in all, from 2 to the most."""
DESCENT: dict[str, Any] = {"iterations": 15, "episodes": 64, "neighbours": False}
NEIGHBOURS: dict[str, Any] = {"iterations": 15, "episodes": 64}
"""How optimised_base_stock is fitted: the second where costs have steps, down which there is no slope …"""
SMALL = 6
"""… and there are few lanes × products: beyond, levels stay in closed form there, since trying neighbours takes minutes."""
SHOWN, ALIKE, ALWAYS = 4, 3, ("base_stock", "universal", "mpc")
"""Places in a row, names in a place, and who has a column of his own."""
STAR = "\\*"
HEADINGS = ("scenario", "cost of the best", *(f"{place}." for place in range(1, SHOWN + 1)), *(f"`{name}`" for name in ALWAYS))


def main() -> int:
    """Play what is missing, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenarios", nargs="*", help="left out: all that come with the project")
    parser.add_argument("--again", action="store_true", help="play again what has been played")
    asked = parser.parse_args()
    missing = []
    for name in asked.scenarios or list_scenarios():
        for autonomy in AUTONOMIES:
            try:
                _play(load_scenario(name), autonomy, asked.again)
            except InputError as error:
                missing.append(f"`{name}` at `{autonomy}`: {error}")
                print(f"{name} at {autonomy}: {error}", file=sys.stderr)
    _write_page(missing)
    return 0


def _play(scenario: Scenario, autonomy: str, again: bool) -> None:
    """Let everybody play, unless that has been done."""
    path = KEPT / f"{scenario.name}_{autonomy}.json"
    fingerprint = _fingerprint(scenario)
    if not again and path.exists() and json.loads(path.read_text(encoding="utf-8"))["fingerprint"] == fingerprint:
        return
    horizon = min(scenario.horizon, scenario.warmup + COUNTED)
    few = max(2, min(MOST_FEW, SIZE // (horizon * len(scenario.sites) * len(scenario.products))))
    stepped = not SearchProblem(scenario, load_autonomy(autonomy), False, 0).differentiable
    keys = {
        "optimised_base_stock": NEIGHBOURS if stepped and len(scenario.lanes) * len(scenario.products) <= SMALL else DESCENT
    }
    begun = time.process_time()
    found = league_of(scenario, autonomy, episodes=EPISODES, few=few, horizon=horizon, keys=keys)
    seconds = time.process_time() - begun
    rows = found.frame.to_dict(orient="records")
    write_text(path, json.dumps({"fingerprint": fingerprint, "seconds": seconds, "rows": rows}, indent=1))
    print(f"{scenario.name} at {autonomy}: {found.best.name} {found.best.result.cost:.4g}, {seconds:.0f} s", flush=True)


def _fingerprint(scenario: Scenario) -> str:
    settings = [EPISODES, COUNTED, SIZE, MOST_FEW, DESCENT, NEIGHBOURS]
    return hashlib.sha256((scenario.model_dump_json() + json.dumps(settings)).encode()).hexdigest()


def _write_page(missing: list[str]) -> None:
    """Put everything that has been played between the page's markers."""
    names = {path.name: path for path in KEPT.glob("*.json")}
    found = [
        names[f"{name}_{autonomy}.json"]
        for name in list_scenarios()
        for autonomy in AUTONOMIES
        if f"{name}_{autonomy}.json" in names
    ]
    kept = [json.loads(path.read_text(encoding="utf-8")) for path in found]
    rows = [_row(pd.DataFrame(each["rows"])) for each in kept]
    lines = [HEADINGS, ["---"] * len(HEADINGS), *rows]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    seconds = sum(each["seconds"] for each in kept)
    took = f"Measured at {commit_in_short()}: `python benchmarks/league.py`, {seconds / 60:.0f} CPU-minutes in all."
    unplayed = "".join(f"\n- Not played: {reason}" for reason in missing)
    text = re.sub(
        r"(<!-- league -->\n).*(<!-- /league -->)",
        lambda match: f"{match[1]}{table}\n\n{took}{unplayed}\n{match[2]}",
        PAGE.read_text(encoding="utf-8"),
        flags=re.DOTALL,
    )
    write_text(PAGE, text)


def _row(places: pd.DataFrame) -> list[str]:
    """One line: the best of those with all traces, who is how far behind it, and those with a column of their own."""
    full = places[places["traces"] == places["traces"].max()]
    best = full.iloc[0]
    decimals = decimals_for(abs(best["cost"]))
    half = (best["cost_high"] - best["cost_low"]) / 2
    shown = [f"{_names(group)} {_apart(group.iloc[0], best)}" for group in _alike(full)[:SHOWN]]
    own = [places[places["agent"] == name] for name in ALWAYS]
    return [
        f"`{best['scenario']}`",
        f"{best['cost']:.{decimals}f} ± {half:.{decimals}f}",
        *shown,
        *["–"] * (SHOWN - len(shown)),
        *("–" if mine.empty else _apart(mine.iloc[0], best) for mine in own),
    ]


def _alike(places: pd.DataFrame) -> list[pd.DataFrame]:
    """Places together whose difference to the best is the same but for rounding."""
    scale = max(abs(float(places["cost"].iloc[0])), 1e-9)
    group = (places["difference"].diff().abs() > 1e-9 * scale).cumsum()
    return [rows for _, rows in places.groupby(group)]


def _names(group: pd.DataFrame) -> str:
    names = [f"`{name}`" for name in group["agent"]]
    more = f" and {len(names) - ALIKE} more" if len(names) > ALIKE else ""
    return " = ".join(names[:ALIKE]) + more


def _apart(row: pd.Series[Any], best: pd.Series[Any]) -> str:
    """How far from the best, in per cent of its cost, with half an interval; a star for fewer traces."""
    if row["difference"] == 0 and row["traces"] == best["traces"]:
        return "best"
    scale = 100 / abs(best["cost"])
    half = (row["difference_high"] - row["difference_low"]) / 2
    return f"{scale * row['difference']:+.1f} ± {scale * half:.1f} %{STAR if row['traces'] < best['traces'] else ''}"


if __name__ == "__main__":
    sys.exit(main())
