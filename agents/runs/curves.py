"""A training's curves for TensorBoard: costs beside what they are compared with, times, and what the learner says of itself."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from orderup.envs.foundation.files import MAKING, open_plain, remove

from ..learning.learner import REFERENCE

FILES = "events.out.tfevents.*"
"""What TensorBoard reads."""
COSTS = {"cost": "cost/validation", f"cost_of_{REFERENCE}": f"cost/{REFERENCE}", "bound": "cost/bound"}
"""Columns of the table that are costs, and what their curves are called."""
OWN = "own_cost_"
"""What the columns of sites' own costs begin with, where each learns for itself."""
ONE_CHART = "Cost of validation's episodes, beside closed-form levels and the bound"


class Curves:
    """A new file of curves in a run's folder, in place of those that are there.

    TensorBoard's own writer has a thread, which keeps its failures to itself.
    """

    def __init__(self, folder: Path) -> None:
        from tensorboard.compat.proto.event_pb2 import Event

        for old in folder.glob(FILES):
            remove(old)
        path = folder / FILES.replace("*", f"{int(time.time()):010d}.run")
        self._file: IO[bytes] = os.fdopen(open_plain(path, MAKING), "wb")
        self._write(Event(wall_time=time.time(), file_version="brain.Event:2"))
        self._write(Event(wall_time=time.time(), summary=_layout()))

    def draw(self, row: Mapping[str, float | None]) -> None:
        """A point of every curve, from a line of the table."""
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary

        step = int(row["periods"] or 0)
        known = {tag_of(name): value for name, value in row.items() if value is not None and name != "periods"}
        values = [Summary.Value(tag=tag, simple_value=value) for tag, value in known.items()]
        self._write(Event(step=step, wall_time=time.time(), summary=Summary(value=values)))
        self._file.flush()

    def close(self) -> None:
        self._file.close()

    def _write(self, event: object) -> None:
        from tensorboard.summary.writer.record_writer import RecordWriter

        RecordWriter(self._file).write(event.SerializeToString())  # type: ignore[attr-defined]  # generated code has no types


def tag_of(column: str) -> str:
    """The curve of a column of the table: its group, and its name there."""
    if column in COSTS:
        return COSTS[column]
    if column.startswith(OWN):
        return f"cost/{column}"
    return f"time/{column}" if column.startswith("seconds") else f"training/{column}"


def _layout() -> object:
    """One chart with all costs, under TensorBoard's "Custom Scalars"."""
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.compat.proto.tensor_pb2 import TensorProto
    from tensorboard.compat.proto.types_pb2 import DT_STRING
    from tensorboard.plugins.custom_scalar.layout_pb2 import Category, Chart, Layout, MultilineChartContent
    from tensorboard.plugins.custom_scalar.metadata import CONFIG_SUMMARY_TAG, create_summary_metadata

    chart = Chart(title=ONE_CHART, multiline=MultilineChartContent(tag=list(COSTS.values())))
    layout = Layout(category=[Category(title="Cost", chart=[chart])])
    tensor = TensorProto(dtype=DT_STRING, string_val=[layout.SerializeToString()])
    return Summary(value=[Summary.Value(tag=CONFIG_SUMMARY_TAG, tensor=tensor, metadata=create_summary_metadata())])
