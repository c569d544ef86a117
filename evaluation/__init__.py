"""The judge: the same held-out demand for every policy, paired differences, intervals and the report."""

from .bounds import bound_of_name, clark_scarf_bound, decomposition_bound, with_bound
from .comparison import Comparison
from .contestant import Contestant, contestants
from .hindsight import Hindsight, hindsight_bound
from .ladder import Ladder, Rung
from .league import League, league_of
from .league_table import show_league
from .method import Method
from .prices import Bound, Price
from .report import write_report
from .result import Result, Skipped, Traces, Training
from .runner import evaluate
from .side_by_side import compare
from .statistics import Interval
from .table import show

__all__ = [
    "Bound",
    "Comparison",
    "Contestant",
    "Hindsight",
    "Interval",
    "Ladder",
    "League",
    "Method",
    "Price",
    "Result",
    "Rung",
    "Skipped",
    "Traces",
    "Training",
    "bound_of_name",
    "clark_scarf_bound",
    "compare",
    "contestants",
    "decomposition_bound",
    "evaluate",
    "hindsight_bound",
    "league_of",
    "show",
    "show_league",
    "with_bound",
    "write_report",
]
