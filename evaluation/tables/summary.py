"""Everything a comparison comes to, and how it was made, as plain data: `summary.json`."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from orderup.agents import agents

from ..comparison.agreement import order_spread
from ..comparison.comparison import Comparison
from ..comparison.ladder import Ladder
from ..comparison.method import Method
from ..comparison.prices import Bound, Price
from ..running.result import Result
from ..statistics.statistics import Interval, mean_interval

TABLES = ("sites", "echelons", "products", "segments", "lanes")


def summary(comparison: Comparison, command: str = "") -> dict[str, Any]:
    """The headline, every method with its KPIs, ladders, prices, and all that is needed to evaluate them again."""
    traces, reference, bound = comparison.traces, comparison.reference_method, comparison.bound
    return {
        "command": command,
        "headline": comparison.headline,
        "told_as": comparison.money.word,
        "traces": {
            "seed": traces.seed,
            "episodes": traces.episodes,
            "split": traces.split,
            "horizon": traces.horizon,
            "warmup": traces.scenario.warmup,
        },
        "warnings": list(comparison.warnings),
        "caveats": list(comparison.caveats),
        "reference": {"autonomy": reference.autonomy.name, "method": reference.name},
        "kpis": {
            kpi.name: {"meaning": kpi.meaning, "unit": kpi.unit, "better": kpi.better} for kpi in reference.definitions.values()
        },
        "methods": [_method(comparison, method) for method in comparison.methods],
        "ladders": [_ladder(ladder) for ladder in ladders(comparison)],
        "bound": None if bound is None else _bound(bound),
        "errors": list(comparison.errors),
        "prices": [_price(price) for price in comparison.prices],
        "forecasts": [asdict(one) for one in comparison.calibration],
        "skipped": [
            {"autonomy": entry.autonomy, "agent": entry.name, "reason": entry.reason, "failed": entry.failed}
            for entry in comparison.skipped
        ],
        "scenario": traces.scenario.model_dump(mode="json", by_alias=True),
    }


def ladders(comparison: Comparison) -> list[Ladder]:
    """The best method of each autonomy level, and every method that was evaluated at several."""
    families = dict.fromkeys(method.family for method in comparison.methods)
    each = [comparison.ladder_same(family) for family in families]
    return [comparison.ladder_best(), *(ladder for ladder in each if len(ladder.rungs) > 1)]


def _bound(bound: Bound) -> dict[str, Any]:
    cost = mean_interval(bound.cost).estimate
    return {
        "name": bound.name,
        "cost": cost,
        "on_every_trace": bound.on_every_trace,
        "relaxed": list(bound.relaxed),
        "gap": bound.gap,
    }


def _method(comparison: Comparison, method: Method) -> dict[str, Any]:
    return {
        "autonomy": method.autonomy.name,
        "method": method.name,
        "family": method.family,
        "level": method.autonomy.model_dump(mode="json", by_alias=True),
        "kpis": _all_bounds(method.intervals),
        "cvar95": bounds(method.cvar95),
        "difference": _all_bounds(comparison.differences(method)),
        "relative_cost": bounds(comparison.relative_cost(method)),
        "p_value": comparison.p_values.get(method.label),
        "differing_decisions": comparison.differing_decisions(method),
        "order_distance": _told(comparison.order_distance(method)),
        "order_spread": _told(order_spread(method)),
        "same_decisions": list(comparison.alike.get(method.label, ())),
        "caveats": list(method.caveats),
        "runs": [_run(result) for result in method.seeds],
    }


def _told(by_echelon: Mapping[int, float]) -> dict[str, float]:
    """Mean demands by echelon, 0 being next to the customers."""
    return {str(echelon): value for echelon, value in by_echelon.items()}


def _run(result: Result) -> dict[str, Any]:
    agent, training = result.agent, result.training
    learnt = None
    if training is not None:
        learnt = {"seed": training.seed, "autonomy": training.autonomy.name, "settings": dict(training.settings)}
    return {
        "agent": result.name,
        "settings": {"type": agents.name_of(type(agent)), **agent.model_dump(mode="json", by_alias=True)},
        "training": learnt,
        "cost": bounds(result.interval),
        "decision_regret": None if result.decision_regret is None else result.decision_regret.tolist(),
        **{name: getattr(result, name).reset_index().to_dict(orient="records") for name in TABLES},
    }


def _ladder(ladder: Ladder) -> dict[str, Any]:
    rungs = [
        {
            "autonomy": rung.autonomy.name,
            "method": rung.method.name,
            "difference": bounds(rung.difference),
            "relative": bounds(rung.relative),
        }
        for rung in ladder.rungs
    ]
    return {"meaning": ladder.meaning, "against": ladder.foot.label, "rungs": rungs}


def _price(price: Price) -> dict[str, Any]:
    named = {"kind": price.kind, "meaning": price.meaning, "unit": price.unit}
    return named | {"of": price.method.label, "against": price.against, **bounds(price.interval)}


def _all_bounds(intervals: Mapping[str, Interval]) -> dict[str, Any]:
    return {name: bounds(interval) for name, interval in intervals.items()}


def bounds(interval: Interval) -> dict[str, float]:
    """An interval as plain data."""
    return {"estimate": interval.estimate, "low": interval.low, "high": interval.high}


def as_json(data: Any, indent: int | None = 1) -> str:
    """Plain data as JSON, what is not a number being null."""
    return json.dumps(_plain(data), indent=indent, ensure_ascii=False, allow_nan=False) + "\n"


def _plain(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _plain(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_plain(value) for value in data]
    return None if isinstance(data, float) and not math.isfinite(data) else data
