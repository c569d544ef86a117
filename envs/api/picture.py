"""The network drawn: stock, backlog, what is under way, the centre's levels, and who decides."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..simulator import Simulator


class Picture:
    """Draws the first episode of a simulator's batch, all products together."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator

    def text(self) -> str:
        """As a table."""
        from ..information import FIELDS

        now = self._simulator.now
        columns = ("on_hand", "backlog", "owed", "unfilled", "pipeline", "demand")
        rows = [f"period {now.period}", f"{'site':<14}" + "".join(f"{name:>10}" for name in columns)]
        for number, site in enumerate(now.network.sites):
            amounts = [float(FIELDS[name].read(now)[number, ..., 0].sum()) for name in columns]
            rows.append(f"{site:<14}" + "".join(f"{amount:>10.1f}" for amount in amounts))
        return "\n".join(rows)

    def image(self) -> NDArray[np.uint8]:
        """As pixels (height, width, 3)."""
        raise NotImplementedError

    def show(self) -> None:
        """In a window."""

    def close(self) -> None:
        """Close the window."""
