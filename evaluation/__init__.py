"""The judge: the same held-out demand for every policy, paired differences, intervals and the report."""

from .report import write_report
from .result import Comparison, Result, Skipped, Traces
from .runner import Contestant, compare, contestants, evaluate
from .statistics import Interval
from .table import show

__all__ = [
    "Comparison",
    "Contestant",
    "Interval",
    "Result",
    "Skipped",
    "Traces",
    "compare",
    "contestants",
    "evaluate",
    "show",
    "write_report",
]
