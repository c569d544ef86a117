"""How the packages are built: `python -m benchmarks.house [commit]`, today or, in today's rooms, at an earlier commit.

Prints modules in the largest folder, imports from a room to one above it, circles of modules, and the files on each walk of
docs/explanation/architecture.md. An earlier module stands in the room that its file has moved to since.
"""

from __future__ import annotations

import ast
import io
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests import architecture
from tests.architecture import ROOMS, ROOT, order
from tests.walks import Step, walks


def main() -> None:
    """Measure and print."""
    if len(sys.argv) == 1:
        report(ROOT, {})
        return
    commit = sys.argv[1]
    files = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=True).stdout
    with tempfile.TemporaryDirectory() as folder, tarfile.open(fileobj=io.BytesIO(files)) as archive:
        archive.extractall(folder, filter="data")
        report(Path(folder), moved_since(commit))


def moved_since(commit: str) -> dict[str, str]:
    """Where each Python file of a commit is today."""
    command = ["git", "diff", "--find-renames=40%", "--name-status", "--diff-filter=R", commit, "--", *ROOMS]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return {line.split("\t")[1]: line.split("\t")[2] for line in listing.splitlines()}


def report(root: Path, moved: Mapping[str, str]) -> None:
    """Print all of it of a tree; `moved` says where its files are today."""
    files = [path.relative_to(root) for top in ROOMS for path in sorted((root / top).rglob("*.py"))]
    folders = Counter(file.parent.as_posix() for file in files if file.name != "__init__.py")
    graph = import_graph(root)
    height = order()
    rooms = {name: room for name in graph if (room := _room(name, root, moved)) in height}
    upward = sum(
        height[rooms[name]] < height[rooms[other]]
        for name, others in graph.items()
        for other in others
        if name not in ROOMS and {name, other} <= rooms.keys() and name.split(".")[0] == other.split(".")[0]
    )
    print("modules in the largest folders:", ", ".join(f"{count} in {folder}/" for folder, count in folders.most_common(3)))
    print(f"imports from a room to one above it: {upward}")
    print(f"circles: {len(circles(graph))}")
    for title, steps in walks().items():
        print(f"files on the walk {title!r}: {len({_file_of(step, root, moved) for step in steps} - {None})}")


def import_graph(root: Path) -> dict[str, set[str]]:
    """Which modules of the three packages each of them imports, wherever the import stands."""
    known = {}
    for top in ROOMS:
        for path in sorted((root / top).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            known[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return {name: set(architecture.imports_of(name, path, known)) for name, path in known.items()}


def _room(name: str, root: Path, moved: Mapping[str, str]) -> str:
    """The room of today that a module belongs to."""
    file = f"{name.replace('.', '/')}.py"
    if not (root / file).is_file():
        return name
    return moved.get(file, file).rpartition("/")[0].replace("/", ".")


def circles(graph: Mapping[str, set[str]]) -> list[set[str]]:
    """Sets of several modules each of which leads to all others of its set; the packages' own faces left out."""
    inner = {name: others - set(ROOMS) for name, others in graph.items() if name not in ROOMS}
    reach = {name: set(_reached(name, inner)) for name in inner}
    found = {frozenset(other for other in reach[name] if name in reach[other]) for name in inner if name in reach[name]}
    return [set(circle) for circle in found]


def _reached(name: str, graph: Mapping[str, set[str]]) -> Iterator[str]:
    seen, waiting = set[str](), [*graph.get(name, ())]
    while waiting:
        other = waiting.pop()
        if other not in seen:
            seen.add(other)
            yield other
            waiting += graph.get(other, ())


def _file_of(step: Step, root: Path, moved: Mapping[str, str]) -> str | None:
    """The file of a step in a tree, where its name is defined: today's, what that was, or any other. None: nowhere."""
    before = {new: old for old, new in moved.items()}.get(step.file, step.file)
    others = (path.relative_to(root).as_posix() for top in ROOMS for path in sorted((root / top).rglob("*.py")))
    for file in (before, step.file.rpartition("/")[2], *others):
        if (root / file).is_file() and step.name.split(".")[0] in _defined(root / file):
            return file
    return None


def _defined(path: Path) -> set[str]:
    kinds = (ast.FunctionDef, ast.ClassDef)
    return {node.name for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, kinds)}


if __name__ == "__main__":
    main()
