"""The judge: the same held-out demand for every policy, paired differences, intervals and the report."""

from .comparison import Comparison
from .contestant import Contestant, contestants
from .hindsight import Hindsight, hindsight_bound, with_hindsight
from .ladder import Ladder, Rung
from .method import Method
from .prices import Bound, Price
from .report import write_report
from .result import Result, Skipped, Traces, Training
from .runner import compare, evaluate
from .statistics import Interval
from .table import show

__all__ = [
    "Bound",
    "Comparison",
    "Contestant",
    "Hindsight",
    "Interval",
    "Ladder",
    "Method",
    "Price",
    "Result",
    "Rung",
    "Skipped",
    "Traces",
    "Training",
    "compare",
    "contestants",
    "evaluate",
    "hindsight_bound",
    "show",
    "with_hindsight",
    "write_report",
]
