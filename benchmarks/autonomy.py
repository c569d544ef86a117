"""What information is worth and what latency costs: `python benchmarks/autonomy.py voi|map|all [--quick]`.

Prints tables and writes them to docs/autonomy.md, between their markers. The same method decides at every autonomy level,
fitted anew for each; all autonomy levels of a table meet the same held-out demand, so that differences are paired by trace. Two
processes of one thread each.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import platform
import re
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.markup import escape
from rich.table import Table

import orderup
from orderup.agents.runs.provenance import commit_in_short
from orderup.envs.autonomy.autonomy import Autonomy
from orderup.envs.catalogue import changed, list_autonomy, load_autonomy, load_scenario
from orderup.envs.scenario.scenario import Scenario
from orderup.evaluation.statistics.statistics import Interval, bootstrap_interval, paired_difference

Costs = NDArray[np.float64]

PAGE = Path(__file__).resolve().parent.parent / "docs" / "autonomy.md"
EPISODES, PROCESSES = 400, 2
OPTIMISED: dict[str, Any] = {"type": "optimised_base_stock"}
FOLLOWING = {**OPTIMISED, "forecast": True}
ECHELON: dict[str, Any] = {"type": "echelon_base_stock"}
AVERAGE: dict[str, Any] = {"type": "moving_average", "window": 5}
CORRELATIONS, LATENCIES, FEW_LATENCIES = (0.0, 0.5, 0.9), tuple(range(8)), (0, 2, 7)


@dataclass(frozen=True)
class Point:
    """One policy at one autonomy level on one scenario: what a process fits and evaluates."""

    label: str
    scenario: Scenario
    autonomy: Any
    agent: dict[str, Any]
    episodes: int = EPISODES


@dataclass(frozen=True)
class Sheet:
    """A table, for the terminal and for the page."""

    title: str
    headings: Sequence[str]
    rows: list[list[str]] = field(default_factory=list)

    def show(self) -> None:
        """Print it."""
        table = Table(title=escape(self.title))
        for heading in self.headings:
            table.add_column(heading)
        for row in self.rows:
            table.add_row(*map(escape, row))
        Console(width=150).print(table)

    @property
    def markdown(self) -> str:
        """The same for the page."""
        rows = [self.headings, ["---"] * len(self.headings), *self.rows]
        return "\n".join([f"**{self.title}**", "", *("| " + " | ".join(row) + " |" for row in rows)])


def evaluated(point: Point) -> Costs:
    """Cost per period of every trace (E,)."""
    return orderup.evaluate(point.scenario, point.autonomy, point.agent, episodes=point.episodes).episodes["cost"].to_numpy()


def all_evaluated(points: Iterable[Point]) -> dict[str, Costs]:
    """The costs of every point by its label, worked out side by side; progress on the terminal."""
    found: dict[str, Costs] = {}
    wanted, began = {point.label: point for point in points}, time.perf_counter()
    with ProcessPoolExecutor(PROCESSES, multiprocessing.get_context("spawn")) as pool:
        running = {pool.submit(evaluated, point): point.label for point in wanted.values()}
        for done in as_completed(running):
            label = running[done]
            found[label] = done.result()
            seconds = time.perf_counter() - began
            print(f"{len(found)}/{len(wanted)}  {seconds:5.0f} s  {label}: {found[label].mean():.3f}", flush=True)
    return found


def beer_game(name: str, demand: dict[str, Any]) -> Scenario:
    """The beer game's network with another demand, for as long as other scenarios."""
    beer = load_scenario("beer_game")
    customers = [{**beer.customers[0].model_dump(), "demand": demand}]
    return changed(beer, name=name, horizon=200, warmup=50, customers=customers)


def poisson_beer() -> Scenario:
    """The beer game with Poisson demand."""
    return beer_game("beer_game_poisson", {"type": "poisson", "mean": 8})


def information_points() -> list[tuple[str, Point, Point]]:
    """What is compared: the method in words, and who decides by one site's records and by all sites'."""
    beer, poisson = load_scenario("beer_game"), poisson_beer()
    ar1 = beer_game("beer_game_ar1", {"type": "ar1", "mean": 8, "sd": 2, "rho": 0.7})
    line, sharing = load_scenario("serial_poisson"), {**AVERAGE, "shared": True}
    compared = [
        ("constant levels, optimised", line, OPTIMISED, OPTIMISED, EPISODES),
        ("moving average of 5", line, AVERAGE, sharing, EPISODES),
        ("moving average of 5", beer, AVERAGE, sharing, 1),
        ("moving average of 5", poisson, AVERAGE, sharing, EPISODES),
        ("moving average of 5", ar1, AVERAGE, sharing, EPISODES),
        ("closed-form levels, local or echelon", poisson, {"type": "base_stock"}, ECHELON, EPISODES),
        ("local levels, optimised, or echelon", poisson, OPTIMISED, ECHELON, EPISODES),
        ("levels that follow demand, optimised", load_scenario("stale_centre"), FOLLOWING, FOLLOWING, EPISODES),
    ]
    return [
        (
            method,
            Point(f"{scenario.name}, {method}, silo", scenario, "autonomous_silo", silo, episodes),
            Point(f"{scenario.name}, {method}, shared", scenario, "autonomous_shared", shared, episodes),
        )
        for method, scenario, silo, shared, episodes in compared
    ]


def value_of_information() -> list[Sheet]:
    """Cost at `autonomous_silo` less cost at `autonomous_shared`."""
    compared = information_points()
    costs = all_evaluated(point for _, *pair in compared for point in pair)
    sheet = Sheet(
        "Value of information: cost per period (silo) − cost (shared)",
        ["scenario", "method", "silo", "shared", "value", "95 % interval", "of the silo's cost"],
    )
    for method, silo, shared in compared:
        mine, theirs = costs[silo.label], costs[shared.label]
        worth = paired_difference(mine, theirs)
        reach = f"{worth.low:.3f} … {worth.high:.3f}" if len(mine) > 1 else "one trace: no chance in it"
        figures = [f"{mine.mean():.3f}", f"{theirs.mean():.3f}", f"{worth.estimate:.3f}", reach]
        sheet.rows.append([silo.scenario.name, method, *figures, f"{worth.estimate / mine.mean():.1%}"])
    return [sheet]


def correlated(rho: float) -> Scenario:
    """`stale_centre`, with mean and spread of demand as they are and another correlation with the period before."""
    scenario = load_scenario("stale_centre")
    customers = [entry.model_dump() for entry in scenario.customers]
    for entry in customers:
        entry["demand"]["rho"] = rho
    return changed(scenario, name=f"stale_centre_{round(100 * rho)}", customers=customers)


def central(latency: int) -> dict[str, Any]:
    """A centre that orders for all, on all sites' records as they were `latency` periods ago."""
    name = f"central_{latency}_late"
    return {"name": name, "authority": "central", "visibility": "shared", "feed_latency": latency}


def cases() -> dict[str, tuple[Scenario, dict[str, Any], dict[str, Any]]]:
    """The map's scenarios, with the method at every autonomy level and that of `autonomous_shared`."""
    found = {f"stale_centre, correlation {rho:g}": (correlated(rho), FOLLOWING, FOLLOWING) for rho in CORRELATIONS}
    return {**found, "beer_game_poisson": (poisson_beer(), OPTIMISED, ECHELON)}


def latency_map(latencies: Sequence[int], refits: bool) -> list[Sheet]:
    """What a late centre costs against sites that decide for themselves; with `refits`, what a fit's own luck amounts to."""
    points = {}
    for case, (scenario, method, sharing) in cases().items():
        autonomies: dict[Any, Any] = {d: central(d) for d in latencies}
        autonomies |= {"shared": "autonomous_shared", "silo": "autonomous_silo"}
        for key, autonomy in autonomies.items():
            points[case, key, 0] = Point(f"{case}, {key}", scenario, autonomy, sharing if key == "shared" else method)
        for key in ("silo", latencies[-1]) if refits else ():
            points[case, key, 1] = Point(f"{case}, {key}, fitted again", scenario, autonomies[key], {**method, "seed": 1})
    found = all_evaluated(points.values())
    costs = {key: found[point.label] for key, point in points.items()}
    sheets = [_prices(case, latencies, costs) for case in cases()]
    sheets.append(_crossings(latencies, costs))
    return [*sheets, _luck(costs)] if refits else sheets


def _prices(case: str, latencies: Sequence[int], costs: dict[Any, Costs]) -> Sheet:
    means = ", ".join(f"{key} {costs[case, key, 0].mean():.2f}" for key in ("shared", "silo"))
    against = [column for key in ("shared", "silo") for column in (f"price against {key}", "95 % interval")]
    sheet = Sheet(f"{case}: cost(central, d) / cost(autonomous) − 1 (autonomous: {means})", ["d", "cost(central, d)", *against])
    for d in latencies:
        cells = [str(d), f"{costs[case, d, 0].mean():.2f}"]
        for key in ("shared", "silo"):
            price = relative(costs[case, d, 0], costs[case, key, 0])
            cells += [f"{price.estimate:+.2%}", f"{price.low:+.2%} … {price.high:+.2%}"]
        sheet.rows.append(cells)
    return sheet


def _crossings(latencies: Sequence[int], costs: dict[Any, Costs]) -> Sheet:
    sheet = Sheet(
        "Who costs less, by the latency d of the centre's feed", ["case", "against", *(f"d = {d}" for d in latencies)]
    )
    for case in cases():
        for key in ("shared", "silo"):
            found = [winner(relative(costs[case, d, 0], costs[case, key, 0])) for d in latencies]
            sheet.rows.append([case, key, *found])
    return sheet


def _luck(costs: dict[Any, Costs]) -> Sheet:
    sheet = Sheet(
        "A fit's own luck: the same point fitted on other training episodes",
        ["case", "autonomy", "cost", "fitted again", "change", "95 % interval (traces alone)"],
    )
    for (case, key, seed), again in costs.items():
        if seed:
            first, change = costs[case, key, 0], relative(again, costs[case, key, 0])
            autonomy = f"autonomous_{key}" if isinstance(key, str) else f"central, d = {key}"
            figures = [f"{first.mean():.2f}", f"{again.mean():.2f}", f"{change.estimate:+.2%}"]
            sheet.rows.append([case, autonomy, *figures, f"{change.low:+.2%} … {change.high:+.2%}"])
    return sheet


def relative(costs: Costs, reference: Costs) -> Interval:
    """Mean cost over the reference's, less 1, paired by trace."""
    columns = np.stack([costs, reference], axis=1)
    return bootstrap_interval(columns, lambda means: (means[..., 0] / means[..., 1] - 1)[..., None])[0]


def winner(price: Interval) -> str:
    """Who costs less; what is below rounding is no difference."""
    if abs(price.estimate) < 1e-6 or not price.excludes(0.0):
        return "not distinguishable"
    return "autonomous" if price.estimate > 0 else "central"


def axes() -> list[Sheet]:
    """What the axes and the autonomy levels that come with the project mean, from their own descriptions."""
    fields = Sheet("Axes", ["axis", "meaning", "unless given"])
    for name, info in Autonomy.model_fields.items():
        if info.description:
            fields.rows.append([name, info.description, "must be given" if info.is_required() else _said(info.default)])
    presets = Sheet("Levels that come with the project", ["autonomy", "meaning", "axes"])
    for name in list_autonomy():
        keys = load_autonomy(name).model_dump(exclude_defaults=True)
        shown = ", ".join(f"{key} {value}" for key, value in keys.items() if key not in ("name", "description"))
        presets.rows.append([name, load_autonomy(name).description, shown])
    return [fields, presets]


def _said(value: object) -> str:
    return "none" if value is None else str(value)


def write(section: str, sheets: Sequence[Sheet], how: str = "") -> None:
    """Print tables, and put them between a section's markers on the page. Raises ValueError where there are none."""
    for sheet in sheets:
        sheet.show()
    page, parts = PAGE.read_text(encoding="utf-8"), [how] * bool(how) + [sheet.markdown for sheet in sheets]
    opening, closing = f"<!-- {section} -->", f"<!-- end of {section} -->"
    if opening not in page or closing not in page:
        raise ValueError(f"{PAGE}: found no {opening} … {closing}")
    between = re.compile(f"{re.escape(opening)}.*?{re.escape(closing)}", re.DOTALL)
    text = "\n\n".join([opening, *parts, closing])
    PAGE.write_text(between.sub(lambda _: text, page), encoding="utf-8")


def machine() -> str:
    """The processor's name and how many of them there are."""
    cpus = Path("/proc/cpuinfo")
    lines = cpus.read_text(encoding="utf-8").splitlines() if cpus.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.processor() or platform.machine()}, {os.cpu_count()} CPUs"


def main() -> None:
    """Work out what is asked for, print it and write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["axes", "voi", "map", "all"])
    parser.add_argument("--quick", action="store_true", help="fewer latencies")
    parser.add_argument("--refits", action="store_true", help="fit some points of the map a second time")
    asked = parser.parse_args()
    command = f"python benchmarks/autonomy.py {asked.what}{' --quick' * asked.quick}{' --refits' * asked.refits}"
    latencies = FEW_LATENCIES if asked.quick else LATENCIES
    sections: dict[str, Callable[[], list[Sheet]]] = {
        "axes": axes,
        "voi": value_of_information,
        "map": lambda: latency_map(latencies, asked.refits),
    }
    for section in sections if asked.what == "all" else [asked.what]:
        began = time.perf_counter()
        sheets = sections[section]()
        minutes = (time.perf_counter() - began) / 60
        traces = (
            f"Measured at {commit_in_short()}: `{command}`, {minutes:.1f} minutes on {machine()}; {EPISODES} held-out traces."
        )
        write(section, sheets, "" if section == "axes" else traces)


if __name__ == "__main__":
    main()
