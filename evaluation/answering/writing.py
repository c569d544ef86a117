"""The answer in a folder: a page in her words and names, its tables as CSV, and the report with all details beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orderup.agents.runs.provenance import provenance
from orderup.envs.foundation.files import write_text

from ..comparison.agreement import same_decisions
from ..comparison.method import Method
from ..page.template import template
from ..report.report import write_files
from ..statistics.digits import decimals_for, plus_minus, significant
from ..statistics.statistics import Interval
from ..tables.csv_text import as_csv
from .answer import Answer
from .chart import chart
from .what_if import SHOWN, Cell, kpi_rows

if TYPE_CHECKING:
    import pandas as pd

PAGE, SUMMARY, DETAILS = "index.html", "summary.json", "details"
PERIODS = {"hour": "hours", "day": "days", "week": "weeks", "month": "months", "quarter": "quarters", "year": "years"}


def write_answer(answer: Answer, folder: str | Path, command: str = "") -> list[Path]:
    """Write the page, the tables and the details; each file whole or not at all. Raises InputError where they cannot be."""
    target = Path(folder)
    tables = {"levels.csv": levels_table(answer), "sites.csv": sites_table(answer), "frontier.csv": answer.frontier}
    write_text(target / PAGE, as_page(answer, command))
    written = [target / PAGE]
    for name, table in tables.items():
        if table is not None and len(table):
            write_text(target / name, as_csv(table))
            written.append(target / name)
    write_text(
        target / SUMMARY, json.dumps({"command": command, "headline": answer.headline, **_said(answer)}, indent=2) + "\n"
    )
    write_files(answer.comparison, target / DETAILS, command)
    return [*written, target / SUMMARY, target / DETAILS / PAGE]


def _said(answer: Answer) -> dict[str, Any]:
    return {"assumptions": list(answer.assumptions), "versions": provenance()["versions"]}


def levels_table(answer: Answer) -> pd.DataFrame:
    """One row for each level: its KPIs, and their differences to today's with bounds."""
    import pandas as pd

    rows = []
    for method in answer.comparison.methods:
        gaps = answer.comparison.differences(method)
        row: dict[str, Any] = {"autonomy": method.autonomy.name, "agent": method.name}
        for name in SHOWN:
            if name in method.kpis:
                gap = gaps[name]
                row |= {
                    name: method.kpis[name],
                    f"{name}_difference": gap.estimate,
                    f"{name}_low": gap.low,
                    f"{name}_high": gap.high,
                }
        rows.append(row)
    return pd.DataFrame(rows)


def sites_table(answer: Answer) -> pd.DataFrame:
    """One row for each site that was left to itself, the largest saving first."""
    import pandas as pd

    return pd.DataFrame(
        [
            {
                "site": one.site,
                "cost_difference": one.cost.estimate,
                "low": one.cost.low,
                "high": one.cost.high,
                "share": one.share,
                "stock_difference": one.on_hand.estimate,
                "verdict": one.verdict,
            }
            for one in answer.alone
        ]
    )


def as_page(answer: Answer, command: str = "") -> str:
    """The page as text, which asks for nothing else."""
    scenario = answer.comparison.traces.scenario
    return template(__package__, "answer.html").render(
        answer=answer,
        scenario=scenario,
        period=scenario.period or "period",
        periods=PERIODS.get(scenario.period or "", "periods"),
        levels=[_level(answer, method) for method in answer.comparison.methods],
        alike=_alike(answer),
        sites=[(one, _money(one.cost), f"{100 * one.share:+.1f} %", _arrow(one.cost)) for one in answer.alone],
        chart=None if answer.frontier is None else chart(answer.frontier),
        frontier=[] if answer.frontier is None else answer.frontier.to_dict("records"),
        what_if=_what_if(answer),
        traces=answer.comparison.traces,
        details=f"{DETAILS}/{PAGE}",
        significant=significant,
        command=command or "orderup.answer",
        versions=provenance()["versions"],
    )


def _level(answer: Answer, method: Method) -> dict[str, Any]:
    kpis, gap = method.kpis, answer.comparison.difference(method)
    is_today = method is answer.today
    return {
        "name": method.autonomy.name,
        "words": method.autonomy.description,
        "cost": plus_minus(method.worth, f",.{decimals_for(method.worth.estimate)}f"),
        "gap": "" if is_today else _money(gap),
        "share": "" if is_today else f"{100 * gap.estimate / abs(answer.today.cost):+.1f} %",
        "arrow": "today" if is_today else _arrow(gap),
        "class": "reference" if is_today else "better" if gap.high < 0 else "worse" if gap.low > 0 else "same",
        "service": f"{100 * kpis['fill_rate']:.1f} %",
        "stock": f"{kpis['days_of_supply']:.3g}",
        "capital": significant(kpis["working_capital"], ",") if "working_capital" in kpis else "–",
    }


def _money(interval: Interval) -> str:
    return plus_minus(interval, f"+z,.{decimals_for(interval.estimate, 3)}f")


def _arrow(interval: Interval) -> str:
    return "▲" if interval.low > 0 else "▼" if interval.high < 0 else "≈"


def _alike(answer: Answer) -> list[str]:
    """Levels that make the same decisions as another one on every trace, which the table proves nothing about."""
    methods, found = answer.comparison.methods, []
    for number, method in enumerate(methods):
        twin = next((other for other in methods[:number] if same_decisions(other, method)), None)
        if twin is not None:
            found.append(f"{method.autonomy.name} orders as {twin.autonomy.name} does")
    return found


def _what_if(answer: Answer) -> dict[str, Any] | None:
    """The networks' names, and a row for each KPI."""
    if not answer.what_if:
        return None
    rows: list[tuple[str, str, str, list[Cell]]] = [
        (kpi.name.replace("_", " "), kpi.unit, kpi.meaning, cells) for kpi, cells in kpi_rows(answer.what_if)
    ]
    return {"names": [method.seeds[0].traces.scenario.name for method in answer.what_if], "rows": rows}
