"""A graph's rows in the order and the places in which a machine works them out.

What nobody needs is left out. Rows are worked out in waves: all of one operation whose operands are there, side by side. A
place is used again once nobody needs what stood there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .graph import Graph, Node, NotRecordable
from .operations import CONSTANT, DETACHED, LOAD, SHOW, STORE, STRAIGHT

Indices = NDArray[np.int32]
NOWHERE = 2
"""A source that does not exist: rows that are loaded from there no program may need."""
Instruction = tuple[int, int, int, int]
"""Wave, operation, row, and where it is written to or −1."""


@dataclass(frozen=True, eq=False)
class Program:
    """What a machine does for each block of a batch, wave by wave."""

    waves: Indices
    """Operation, first and last-but-one instruction of each wave (W, 3)."""
    instructions: Indices
    """Place of the result and of up to three operands (4, I); of what is loaded its source and row, of what is stored its row
    and whether it is told rather than kept."""
    constants: NDArray[Any]
    """Numbers that stand in the first places."""
    places: int
    """How many places there are."""
    kept: int
    """Rows that come out and go in again."""
    told: int
    """Other rows that come out."""

    @classmethod
    def of(cls, graph: Graph, out: Sequence[int], shown: Sequence[int] = (), kept: int = 0) -> Program:
        """The program that works out the rows `out` and `shown`, in this order; the first of `out` are `kept`."""
        nodes, same = _without_slopes(graph.nodes)
        out, shown = [same[row] for row in out], [same[row] for row in shown]
        needed = rows_needed(nodes, [*out, *shown])
        if any(is_needed and node[:2] == (LOAD, NOWHERE) for node, is_needed in zip(nodes, needed, strict=True)):
            raise NotRecordable("what was not kept, as nothing had depended on it")
        depth = _depths(nodes, needed)
        used = [row for row, is_needed in enumerate(needed) if is_needed]
        constants = [row for row in used if nodes[row][0] == CONSTANT]
        steps = [(depth[row], nodes[row][0], row, -1) for row in used if nodes[row][0] != CONSTANT]
        steps += [(depth[row] + 1, STORE, row, number) for number, row in enumerate(out)]
        steps += [(depth[row] + 1, SHOW, row, number) for number, row in enumerate(shown)]
        steps.sort(key=lambda step: step[:2])
        return cls._placed(graph, nodes, constants, steps, len(out), kept)

    @classmethod
    def _placed(
        cls, graph: Graph, nodes: list[Node], constants: list[int], steps: list[Instruction], stored: int, kept: int
    ) -> Program:
        waves = _waves(steps)
        last = _last_uses(nodes, steps, waves)
        place = {row: number for number, row in enumerate(constants)}
        places, free = len(constants), list[int]()
        made: list[tuple[int, ...]] = []
        for number, (code, begin, end) in enumerate(waves):
            done: list[int] = []
            for _, _, row, target in steps[begin:end]:
                if code in (STORE, SHOW):
                    beyond = code == STORE and target >= kept
                    made.append((target - kept if beyond else target, place[row], beyond, 0))
                    operands: tuple[int, ...] = (row,)
                else:
                    if free:
                        place[row] = free.pop()
                    else:
                        place[row], places = places, places + 1
                    operands = () if code == LOAD else _operands(nodes[row])
                    sources = nodes[row][1:3] if code == LOAD else tuple(place[operand] for operand in operands)
                    made.append((place[row], *sources, *(0,) * (3 - len(sources))))
                done += [one for one in (*operands, row) if last.get(one) == number]
            free += [place[row] for row in dict.fromkeys(done) if nodes[row][0] != CONSTANT]
        numbers = np.array([graph.values[nodes[row][1]] for row in constants], dtype=graph.kind)
        waves_made = np.array(waves, dtype=np.int32).reshape(-1, 3)
        instructions = np.array(made, dtype=np.int32).reshape(-1, 4).T.copy()
        return cls(waves_made, instructions, numbers, max(places, 1), kept, stored - kept)


def _without_slopes(nodes: Sequence[Node]) -> tuple[list[Node], list[int]]:
    """The rows without those whose slope alone is their own, and which row each row's numbers are."""
    same, found = list(range(len(nodes))), list[Node]()
    for row, node in enumerate(nodes):
        if node[0] in (STRAIGHT, DETACHED):
            same[row] = same[node[1]]
        code, *operands = node
        mapped = operands if code <= LOAD else [same[one] if one >= 0 else one for one in operands]
        found.append((code, mapped[0], mapped[1], mapped[2]))
    return found, same


def rows_needed(nodes: Sequence[Node], out: Sequence[int]) -> list[bool]:
    """On which rows those that come `out` depend, themselves included."""
    needed = [False] * len(nodes)
    for row in out:
        needed[row] = True
    for row in range(len(nodes) - 1, -1, -1):
        if needed[row] and nodes[row][0] > LOAD:
            for operand in _operands(nodes[row]):
                needed[operand] = True
    return needed


def _operands(node: Node) -> Node | tuple[int, ...]:
    """Rows that one is made of, where it is made of others."""
    _, one, other, last = node
    return (one,) if other < 0 else (one, other) if last < 0 else (one, other, last)


def _depths(nodes: Sequence[Node], needed: Sequence[bool]) -> list[int]:
    """In which wave each row can be worked out; what is loaded comes just before it is used."""
    depth, first = [0] * len(nodes), dict[int, int]()
    for row, node in enumerate(nodes):
        if needed[row] and node[0] > LOAD:
            operands = _operands(node)
            depth[row] = 1 + max(depth[operand] for operand in operands)
            for operand in operands:
                if nodes[operand][0] == LOAD:
                    first[operand] = min(depth[row], first.get(operand, depth[row]))
    for row, used in first.items():
        depth[row] = used - 1
    return depth


def _waves(steps: list[Instruction]) -> list[tuple[int, int, int]]:
    found: list[tuple[int, int, int]] = []
    begin = 0
    for at in range(1, len(steps) + 1):
        if at == len(steps) or steps[at][:2] != steps[begin][:2]:
            found.append((steps[begin][1], begin, at))
            begin = at
    return found


def _last_uses(nodes: Sequence[Node], steps: list[Instruction], waves: list[tuple[int, int, int]]) -> dict[int, int]:
    """The wave in which each row is needed for the last time, or made if it never is."""
    last: dict[int, int] = {}
    for number, (code, begin, end) in enumerate(waves):
        for _, _, row, _ in steps[begin:end]:
            last[row] = number
            if code not in (STORE, SHOW, LOAD):
                for operand in _operands(nodes[row]):
                    last[operand] = number
    return last
