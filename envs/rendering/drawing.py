"""The picture of a network: boxes for sites, arrows for lanes, bars for stock."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .canvas import Canvas, Point, width_of
from .layout import MARGIN, STUB, Box, NetworkLayout, Way
from .legend import BAND, COLOURS, GREY, LEVEL, OWED, POSITION, STOCK, draw_legend
from .network_view import LaneView, NetworkView, SiteView, amount, money

ZERO = 0.22
"""Share of a bar's width that lies below zero."""


def draw(view: NetworkView, layout: NetworkLayout) -> NDArray[np.uint8]:
    """The network as it is (height, width, 3)."""
    canvas, sites = Canvas(layout.width, layout.height), view.sites()
    network, begun = view.simulator.numpy_network, view.period > 0
    _title(canvas, view, layout)
    by_label = {lane.label: lane for site in sites for lane in site.lanes}
    seen = [by_label[label] for label in network.lanes]
    for lane, way in zip(seen, layout.lanes, strict=True):
        canvas.arrow(way.points, COLOURS[lane.deciders[-1]], 1.6)
    for name, box in layout.suppliers.items():
        canvas.box(box.left, box.top, box.right, box.bottom, "#F3F4F6", GREY, 1, 4)
        canvas.text(box.left + 6, box.middle, name, 10.5, GREY, "lm", layout.outside - 8)
    for number, (site, box) in enumerate(zip(sites, layout.sites, strict=True)):
        _site(canvas, site, box)
        if number in layout.customers and site.demand is not None:
            _customers(canvas, site, layout.customers[number], box, network.topology.echelon[number] == 0, begun)
    for lane, way in zip(seen, layout.lanes, strict=True):
        _amounts(canvas, lane, way, begun)
    draw_legend(canvas, view, layout)
    return canvas.pixels()


def _title(canvas: Canvas, view: NetworkView, layout: NetworkLayout) -> None:
    simulator, room = view.simulator, layout.width - 2 * MARGIN
    autonomy = simulator.autonomy
    end = MARGIN + canvas.text(MARGIN, 26, f"{simulator.scenario.name}  ·  {autonomy.name}", 18, "black", room=room)
    if autonomy.description:
        canvas.text(end + 14, 26, autonomy.description, 11, GREY, room=layout.width - MARGIN - end - 14)
    end = MARGIN + canvas.text(MARGIN, 48, view.when, 13, "black")
    costs = view.costs
    if costs:
        terms = ", ".join(f"{name.replace('_', ' ')} {money(value)}" for name, value in costs.items() if value)
        end += canvas.text(end, 48, f"   ·   cost of the period {money(sum(costs.values()))}", 13, "black")
        canvas.text(end + 6, 48, f"= {terms}" if len(costs) > 1 else "", 11, GREY, room=layout.width - MARGIN - end - 6)
    canvas.text(MARGIN, 66, view.deciders.schedule, 11, COLOURS["planner's policy"], room=room)


def _site(canvas: Canvas, site: SiteView, box: Box) -> None:
    colours = [COLOURS[name] for name in site.deciders] or [GREY]
    canvas.box(box.left, box.top, box.right, box.bottom, "white", colours[0], 2.5, 5)
    if len(colours) > 1:
        canvas.box(box.left + 3.5, box.top + 3.5, box.right - 3.5, box.bottom - 3.5, None, colours[1], 2, 3)
    inner = Box(box.left + 7, box.top + 4, box.right - 7, box.bottom - 5)
    if box.height >= 58:
        _large(canvas, site, inner)
    elif box.height >= 36:
        _medium(canvas, site, inner)
    else:
        _small(canvas, site, inner)


def _large(canvas: Canvas, site: SiteView, box: Box) -> None:
    width = box.right - box.left
    step = (box.height - 12) / 2
    _name(canvas, site, box.left, box.top + 11, width, 12)
    stock = _fitted((f"on hand {amount(site.on_hand)}", amount(site.on_hand)), _owes(site), width)
    position = _fitted((f"position {amount(site.position)}", amount(site.position)), _aim(site), width)
    for number, (words, aside) in enumerate((stock, position)):
        bottom = box.top + 12 + step * (number + 1)
        end = box.left + 5 + canvas.text(box.left, bottom - 10, words, 10.5, "black", room=width)
        canvas.text(end, bottom - 10, aside, 10.5, (OWED, LEVEL)[number], room=box.right - end)
        (_stock_bar, _position_bar)[number](canvas, site, Box(box.left, bottom - 7, box.right, bottom - 1))


def _fitted(choices: tuple[str, str], aside: str, room: float) -> tuple[str, str]:
    """Words in full where there is room for them and what stands beside them, else in short."""
    return choices[width_of(choices[0], 10.5) + 5 + width_of(aside, 10.5) > room], aside


def _medium(canvas: Canvas, site: SiteView, box: Box) -> None:
    end = _name(canvas, site, box.left, box.top + 9, (box.right - box.left) * 0.6, 11)
    words = f"{amount(site.on_hand)} on hand" if box.right - box.left - end > 70 else amount(site.on_hand)
    canvas.text(box.right, box.top + 9, words, 10, "black", "rs")
    _stock_bar(canvas, site, Box(box.left, box.bottom - 15, box.right, box.bottom - 9))
    _position_bar(canvas, site, Box(box.left, box.bottom - 6, box.right, box.bottom))


def _small(canvas: Canvas, site: SiteView, box: Box) -> None:
    half = (box.left + box.right) / 2
    end = canvas.text(box.left, box.middle, site.name, 10, "black", "lm", half - box.left - 2)
    if width_of(amount(site.on_hand), 10) + end + 8 < half - box.left:
        canvas.text(half - 4, box.middle, amount(site.on_hand), 10, "black", "rm")
    _stock_bar(canvas, site, Box(half, box.middle - 5, box.right, box.middle - 1))
    _position_bar(canvas, site, Box(half, box.middle + 1, box.right, box.middle + 5))


def _name(canvas: Canvas, site: SiteView, x: float, y: float, room: float, size: float) -> float:
    end = canvas.text(x, y, site.name, size, "black", room=room)
    aside = "down" if "fallback" in site.deciders else "" if site.name.startswith(site.role) else site.role
    if aside and end + 6 + width_of(aside, 9.5) <= room:
        end += 6 + canvas.text(x + end + 6, y, aside, 9.5, COLOURS["fallback"] if aside == "down" else GREY)
    return end


def _owes(site: SiteView) -> str:
    owes = site.backlog + site.owed
    return f"owes {amount(owes)}" if owes > 0 else ""


def _aim(site: SiteView) -> str:
    if site.level is None:
        return ""
    return f"/ {amount(site.level)}" + (f" ±{amount(site.band)}" if site.band else "")


def _stock_bar(canvas: Canvas, site: SiteView, box: Box) -> None:
    canvas.box(box.left, box.top, box.right, box.bottom, "#EEF1F4")
    canvas.box(_place(box, site, -site.backlog - site.owed), box.top, _place(box, site, 0), box.bottom, OWED)
    canvas.box(_place(box, site, 0), box.top, _place(box, site, site.on_hand), box.bottom, STOCK)
    _zero(canvas, site, box)


def _position_bar(canvas: Canvas, site: SiteView, box: Box) -> None:
    canvas.box(box.left, box.top, box.right, box.bottom, "#EEF1F4")
    zero, end = _place(box, site, 0), _place(box, site, site.position)
    if site.level is not None and site.band:
        canvas.box(
            _place(box, site, site.level - site.band),
            box.top - 2,
            _place(box, site, site.level + site.band),
            box.bottom + 2,
            BAND,
        )
    canvas.box(min(zero, end), box.top + 1, max(zero, end), box.bottom - 1, POSITION if site.position >= 0 else OWED)
    _zero(canvas, site, box)
    if site.level is not None:
        x = _place(box, site, site.level)
        canvas.line([(x, box.top - 2), (x, box.bottom + 2)], LEVEL, 1.5)


def _zero(canvas: Canvas, site: SiteView, box: Box) -> None:
    x = _place(box, site, 0)
    canvas.line([(x, box.top - 1), (x, box.bottom + 1)], GREY, 1)


def _place(box: Box, site: SiteView, units: float) -> float:
    """Where an amount stands in a bar that ends at twice a usual inventory position."""
    share = ZERO + (1 - ZERO) * units / (2 * site.usual or 1.0)
    return box.left + (box.right - box.left) * min(max(share, 0.0), 1.0)


def _amounts(canvas: Canvas, lane: LaneView, way: Way, begun: bool) -> None:
    """What is under way above a lane's end, the period's order below it; all in one line where lanes are close."""
    x, y = way.end[0] - 10, way.end[1]
    name = f"{lane.name}: " if lane.name else ""
    where = "in work" if lane.makes else "under way"
    above = [(f"{name}{amount(lane.under_way)} {where}", f"{name}{amount(lane.under_way)}", "black")]
    below = [(f"{amount(lane.ordered)} ordered", f"+{amount(lane.ordered)}", GREY)] if begun else []
    if lane.waiting > 0.05:
        below.append((f"{amount(lane.waiting)} waiting", f"({amount(lane.waiting)})", OWED))
    if way.pitch < 30:
        _run(canvas, x, y - 4, "s", above + below, way.room)
    else:
        _run(canvas, x, y - 4, "s", above, way.room)
        _run(canvas, x, y + 6, "t", below, way.room)


def _run(canvas: Canvas, x: float, y: float, anchor: str, parts: list[tuple[str, str, str]], room: float) -> None:
    """Words of several colours that end at x: in full, or short where there is no room."""
    short = int(sum(width_of(part[0], 10) + 6 for part in parts) - 6 > room)
    for part in reversed(parts):
        x -= canvas.text(x, y, part[short], 10, part[2], "r" + anchor, room, halo=True) + 6


def _customers(canvas: Canvas, site: SiteView, start: Point, box: Box, outermost: bool, begun: bool) -> None:
    """An arrow to the customers; what they asked for and got stands along it, or below a site that supplies others too."""
    x, y = start
    canvas.arrow([(x + 2, y), (x + (STUB - 6 if outermost else 24), y)], GREY, 1.6)
    if not begun or site.demand is None:
        return
    told = [(f"asked {amount(site.demand)}", "black"), (f"got {amount(site.served)}", GREY)]
    if site.lost > 0:
        told.append((f"lost {amount(site.lost)}", OWED))
    if outermost:
        for (words, colour), down, anchor in zip(told, (-4, 5, 17), ("ls", "lt", "lt"), strict=False):
            canvas.text(x + 6, y + down, words, 10, colour, anchor, STUB - 12)
    else:
        at = box.left
        for words, colour in told:
            at += 6 + canvas.text(at, box.bottom + 12, words, 10, colour)
