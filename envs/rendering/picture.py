"""The network as one sees it: stock, backlog, what is under way, the centre's levels, and who decides."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..foundation.errors import UnknownName
from ..seating import Seating
from ..simulator import Simulator
from .drawing import draw
from .layout import NetworkLayout
from .network_view import LaneView, NetworkView, SiteView, amount, money
from .window import PictureWindow

RENDER_MODES = ("ansi", "rgb_array", "human")
RENDER_FPS = 4
HEADINGS = ("site", "role", "on hand", "backlog", "owed", "under way", "ordered", "level", "distance", "decided")


class Picture:
    """Draws the first episode of a simulator's batch, all products added up; `seating` tells which seats policies fill."""

    def __init__(self, simulator: Simulator, seating: Seating | None = None) -> None:
        self._view = NetworkView(simulator, seating)
        self._layout: NetworkLayout | None = None
        self._window: PictureWindow | None = None

    def text(self) -> str:
        """As a table, a row for each site and, where several lanes lead there, for each of them.

        Amounts are in units, the distance from the centre's level in mean demands of a period; both levels and orders are
        those of the last period.
        """
        view = self._view
        costs = view.costs
        terms = ", ".join(f"{name} {money(cost)}" for name, cost in costs.items() if cost)
        total = f", cost {money(sum(costs.values()))} ({terms or 'nothing'})"
        head = f"{view.simulator.scenario.name} at {view.simulator.autonomy.name}, {view.when}{total if costs else ''}"
        lines = [head, *filter(None, [view.deciders.schedule])]
        rows = [HEADINGS, *(row for site in view.sites() for row in _rows(site))]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        left = (0, 1, len(HEADINGS) - 1)
        for row in rows:
            cells = [cell.ljust(widths[at]) if at in left else cell.rjust(widths[at]) for at, cell in enumerate(row)]
            lines.append("  ".join(cells).rstrip())
        return "\n".join(lines)

    def image(self) -> NDArray[np.uint8]:
        """As pixels (height, width, 3), the same size in every period."""
        if self._layout is None:
            self._layout = NetworkLayout(self._view.simulator.numpy_network)
        return draw(self._view, self._layout)

    def show(self) -> None:
        """In a window. Raises InputError where there is none to be had."""
        if self._window is None:
            self._window = PictureWindow(self._view.simulator.scenario.name)
        self._window.show(self.image())

    def close(self) -> None:
        """Close the window."""
        if self._window is not None:
            self._window.close()
            self._window = None


def checked_mode(mode: str | None) -> str | None:
    """A render mode, or None. Raises UnknownName."""
    if mode is not None and mode not in RENDER_MODES:
        raise UnknownName("render_mode", mode, RENDER_MODES)
    return mode


class Screen:
    """What an environment shows."""

    def __init__(self, simulator: Simulator, seating: Seating) -> None:
        self._simulator, self._seating = simulator, seating
        self._picture: Picture | None = None

    @property
    def picture(self) -> Picture:
        """Of the first episode, made when somebody first looks."""
        if self._picture is None:
            self._picture = Picture(self._simulator, self._seating)
        return self._picture

    def render(self, mode: str | None) -> str | NDArray[np.uint8] | None:
        """The network as it is: text (`ansi`), an image (`rgb_array`), or the image in a window (`human`)."""
        if mode is None:
            return None
        if mode == "ansi":
            return self.picture.text()
        if mode == "human":
            self.picture.show()
            return None
        return self.picture.image()

    def close(self) -> None:
        """Close the window, if there is one."""
        if self._picture is not None:
            self._picture.close()


def _rows(site: SiteView) -> list[tuple[str, ...]]:
    """A site's row, and one for each lane to it if there are several."""
    stock = (amount(site.on_hand), amount(site.backlog), amount(site.owed))
    if len(site.lanes) == 1:
        return [(site.name, site.role, *stock, *_of_lane(site.lanes[0]))]
    own = (site.name, site.role, *stock, amount(site.under_way), amount(site.ordered), "", "", " + ".join(site.deciders))
    return [own, *((f"  {lane.label}", "", "", "", "", *_of_lane(lane)) for lane in site.lanes)]


def _of_lane(lane: LaneView) -> tuple[str, ...]:
    level = "" if lane.level is None else amount(lane.level)
    distance = "" if lane.distance is None else f"{lane.distance:.2f}"
    return amount(lane.under_way), amount(lane.ordered), level, distance, " + ".join(lane.deciders)
