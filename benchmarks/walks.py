"""What is executed on the walks of docs/explanation/architecture.md: `python -m benchmarks.walks [commit]`, else today.

Each walk is run as RUNS says. Counted are the functions of the project that are called between its two ends, and the files that
they are in; neither class bodies nor modules that are imported alone.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("envs", "company", "agents", "evaluation", "orderup")
OPTIMIZED = 0x1
"""CO_OPTIMIZED: of functions, not of class bodies and modules."""
SCENARIO = "owmr"
TRAIN = (f"scenario={SCENARIO}", "agent=pathwise", "agent.steps=3000", "name=walk")
EVALUATE = (f"scenario={SCENARIO}", "autonomy=[central_ideal,hybrid_soe]", "agent=base_stock", "episodes=3", "name=walk")
"""What the two commands are given."""


class Calls:
    """Functions of a tree that are called while this is entered, by file and qualified name."""

    def __init__(self, root: Path) -> None:
        self.found = set[tuple[str, str]]()
        self._roots = tuple(str((root / package).resolve()) + os.sep for package in PACKAGES)
        self._files = dict[CodeType, str | None]()
        self._length = len(str(root.resolve())) + 1

    def _seen(self, frame: FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        if event != "call" or not code.co_flags & OPTIMIZED or code.co_name.startswith("<"):
            return
        if code not in self._files:
            path = os.path.realpath(code.co_filename)
            self._files[code] = path[self._length :] if path.startswith(self._roots) else None
        file = self._files[code]
        if file is not None:
            self.found.add((file, code.co_qualname))

    def __enter__(self) -> Calls:
        """Begin to count."""
        sys.setprofile(self._seen)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)


def observed(calls: Calls, _: Path) -> None:
    """From demand to an observation: an environment's second `reset`, what is built once being there."""
    env = _environment()
    env.reset(seed=1)
    with calls:
        env.reset(seed=2)


def shipped(calls: Calls, _: Path) -> None:
    """From a decision to a shipment: an environment's second `step`, which plays the whole period."""
    env = _environment()
    env.reset(seed=1)
    actions = {agent: env.action_space(agent).sample() * 0 for agent in env.agents}
    env.step(actions)
    with calls:
        env.step(actions)


def learnt(calls: Calls, root: Path) -> None:
    """From the command line of `train.py` to the first gradient."""
    import torch

    def backward(*arguments: Any, **keys: Any) -> None:
        raise Reached

    torch.autograd.backward = backward
    _command(calls, root / "train.py", TRAIN)


def reported(calls: Calls, root: Path) -> None:
    """From the command line of `evaluate.py` to the files of the report."""
    _command(calls, root / "evaluate.py", EVALUATE)


RUNS: dict[str, Callable[[Calls, Path], None]] = {
    "demand to an observation": observed,
    "a decision to a shipment": shipped,
    "`train.py` to the gradient": learnt,
    "`evaluate.py` to a number in the report": reported,
}


class Reached(Exception):
    """The walk's end."""


def _environment() -> Any:
    import orderup

    return orderup.parallel_env(SCENARIO, "hybrid_soe")


def _command(calls: Calls, script: Path, arguments: tuple[str, ...]) -> None:
    import runpy

    sys.argv = [str(script), *arguments]
    try:
        with calls:
            runpy.run_path(str(script), run_name="__main__")
    except (Reached, SystemExit) as end:
        if isinstance(end, SystemExit) and end.code:
            raise


def counted(root: Path) -> dict[str, tuple[int, int]]:
    """Files and functions on each walk in a tree, each in a process of its own."""
    found = {}
    for name in RUNS:
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-P", __file__, "--count", name, str(root)]
            keys = {**os.environ, "PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"}
            out = subprocess.run(command, cwd=folder, env=keys, stdout=subprocess.PIPE, check=True, text=True).stdout
        calls = json.loads(out.splitlines()[-1])
        found[name] = len({file for file, _ in calls}), len(calls)
    return found


def main() -> None:
    """Print a table of a tree: today's, or a commit's."""
    if sys.argv[1:2] == ["--count"]:
        name, root = sys.argv[2], Path(sys.argv[3])
        calls = Calls(root)
        RUNS[name](calls, root)
        print("\n" + json.dumps(sorted(calls.found)))
        return
    if len(sys.argv) == 1:
        show(counted(ROOT))
        return
    files = subprocess.run(["git", "archive", sys.argv[1]], cwd=ROOT, capture_output=True, check=True).stdout
    with tempfile.TemporaryDirectory() as folder, tarfile.open(fileobj=io.BytesIO(files)) as archive:
        archive.extractall(folder, filter="data")
        show(counted(Path(folder)))


def show(found: dict[str, tuple[int, int]]) -> None:
    """Print it as Markdown."""
    print("| executed from … | files | functions |\n| --- | ---: | ---: |")
    for name, (files, functions) in found.items():
        print(f"| {name} | {files} | {functions} |")


if __name__ == "__main__":
    main()
