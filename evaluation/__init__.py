"""The same held-out demand for every policy, paired differences, intervals and the report."""

from .answering.answer import Answer, answer
from .bounds.bounds import bound_of_name, clark_scarf_bound, decomposition_bound, with_bound
from .bounds.hindsight import Hindsight, hindsight_bound
from .comparison.comparison import Comparison
from .comparison.frontier import frontier
from .comparison.ladder import Ladder, Rung
from .comparison.method import Method
from .comparison.prices import Bound, Price
from .comparison.side_by_side import compare
from .deciding.decide import Orders, decide
from .league.league import League, league_of
from .league.league_table import show_league
from .measures.amounts import Period
from .measures.kpi import Kpi
from .past.backtest import Backtest, backtest
from .report.report import write_report
from .running.contestant import Contestant, contestants
from .running.result import Result, Skipped, Traces, Training
from .running.runner import evaluate
from .statistics.statistics import Interval
from .tables.text_table import show

__all__ = [
    "Answer",
    "Backtest",
    "Bound",
    "Comparison",
    "Contestant",
    "Hindsight",
    "Interval",
    "Kpi",
    "Ladder",
    "League",
    "Method",
    "Orders",
    "Period",
    "Price",
    "Result",
    "Rung",
    "Skipped",
    "Traces",
    "Training",
    "answer",
    "backtest",
    "bound_of_name",
    "clark_scarf_bound",
    "compare",
    "contestants",
    "decide",
    "decomposition_bound",
    "evaluate",
    "frontier",
    "hindsight_bound",
    "league_of",
    "show",
    "show_league",
    "with_bound",
    "write_report",
]
