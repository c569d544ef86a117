"""The rooms in one picture and in one table: docs/explanation/rooms.svg and docs/reference/rooms.md, from the imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from tests.architecture import ROOMS, imported, modules, order, room_of

from .keys import escaped

WIDTH, HEIGHT, GAP = 190, 26, 12
"""Of a room in the picture, and between two."""
COLUMN, TOP, MARGIN, REACH = 380, 64, 150, 9
"""From one package to the next, above the rooms, beside them for the arrows, and how far an arrow swings out for each room."""
COLOURS = {"envs": "#00796b", "company": "#8d6e00", "agents": "#5e35b1", "evaluation": "#c0562a"}
IMPORTS = {
    "envs": "imports none of the others",
    "company": "imports envs",
    "agents": "imports envs",
    "evaluation": "imports envs and agents",
}
HEAD = """# Rooms

The sub-packages, from above to below. A room imports only rooms below it in its package, for types too. `company` and
`agents` import `envs`, `evaluation` imports `envs` and `agents`, and `tests/test_house.py` holds all that. This page and
[the picture](../explanation/rooms.svg) are made from the packages (`python -m benchmarks.pages`).
"""


def rooms_page() -> str:
    """The whole of docs/reference/rooms.md."""
    parts = [HEAD]
    for top, rooms in reversed(ROOMS.items()):
        rows = [
            ["room", "what it is"],
            ["---", "---"],
            *([f"`{_folder(top, room)}`", _said(top, room)] for room in reversed(rooms)),
        ]
        parts += [f"## {top}", "", *(f"| {' | '.join(row)} |" for row in rows), ""]
    return "\n".join(parts)


def _folder(top: str, room: str) -> str:
    return f"{top}/{room.replace('.', '/')}/" if room else f"{top}/*.py"


def _said(top: str, room: str) -> str:
    """The first sentence of a room's docstring."""
    path = modules()[f"{top}.{room}".rstrip(".")]
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return escaped(text.split("\n\n")[0].replace("\n", " ")).replace("|", "\\|")


def arrows() -> dict[str, set[str]]:
    """Which rooms of its own package each room imports, but for what follows from others: the arrows of the picture."""
    height, direct = order(), dict[str, set[str]]()
    for module in modules():
        room = room_of(module)
        for other in imported(module) if module not in ROOMS else ():
            below = room_of(other)
            if below != room and below.split(".")[0] == room.split(".")[0]:
                direct.setdefault(room, set()).add(below)
    reach = dict[str, set[str]]()
    for room in sorted(height, key=height.__getitem__):
        reach[room] = set().union(*({below, *reach.get(below, ())} for below in direct.get(room, ())))
    return {
        room: {below for below in found if not any(below in reach.get(other, ()) for other in found - {below})}
        for room, found in direct.items()
    }


def rooms_svg() -> str:
    """The whole of docs/explanation/rooms.svg."""
    most = max(map(len, ROOMS.values()))
    width, height = len(ROOMS) * COLUMN - 20, TOP + most * (HEIGHT + GAP) + 20
    drawn = [line for number, top in enumerate(ROOMS) for line in _package(top, number, most, arrows())]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="13">',
            '<defs><marker id="tip" viewBox="0 0 6 6" refX="6" refY="3" markerWidth="6" markerHeight="6" orient="auto">'
            '<path d="M0 0 L6 3 L0 6 z" fill="#777"/></marker></defs>',
            f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
            *drawn,
            "</svg>",
            "",
        ]
    )


def _package(top: str, number: int, most: int, found: Mapping[str, set[str]]) -> Iterator[str]:
    """A package: its rooms from above to below, and who imports whom to their left."""
    rooms, left = ROOMS[top], number * COLUMN + MARGIN
    middle = {
        f"{top}.{room}".rstrip("."): TOP + (most - 1 - place) * (HEIGHT + GAP) + HEIGHT / 2 for place, room in enumerate(rooms)
    }
    below = IMPORTS[top]
    yield f'<text x="{left}" y="26" font-size="18" font-weight="bold" fill="{COLOURS[top]}">{top}/</text>'
    yield f'<text x="{left}" y="44" fill="#555">{below}</text>'
    for room, targets in found.items():
        for target in sorted(targets) if room in middle else ():
            y, end = middle[room], middle[target]
            swing = left - 6 - REACH * (end - y) / (HEIGHT + GAP)
            yield (
                f'<path d="M{left} {y:g} C{swing:g} {y:g} {swing:g} {end:g} {left} {end:g}" fill="none" stroke="#777" '
                'marker-end="url(#tip)"/>'
            )
    for room, y in middle.items():
        label = room.partition(".")[2] or "modules of its own"
        yield (
            f'<rect x="{left}" y="{y - HEIGHT / 2:g}" width="{WIDTH}" height="{HEIGHT}" rx="5" fill="{COLOURS[top]}" '
            f'fill-opacity="0.12" stroke="{COLOURS[top]}"/>'
        )
        yield f'<text x="{left + WIDTH / 2:g}" y="{y + 4:g}" text-anchor="middle">{label}</text>'
