"""The house's own rules: which room may import which, what is packaged, and what no file may mention."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections import Counter
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from .architecture import ROOMS, imported, modules, order, room_of

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
FOLDERS = ("envs", "company", "agents", "evaluation")
GYMS = ("gymnasium", "gym", "pettingzoo", "stable_baselines3", "orderup.envs.api")
COMMAND_LINES = ("train", "evaluate")
MOST_IN_A_ROOM = 16


def files(pattern: str, *folders: str) -> list[Path]:
    """The files under the top-level folders whose name fits, relative to the checkout; links are not followed."""
    return sorted(file.relative_to(ROOT) for folder in folders for file in (ROOT / folder).rglob(pattern))


def python_files(*folders: str) -> list[Path]:
    """The Python files under the top-level folders."""
    return files("*.py", *folders)


def package_of(file: Path) -> tuple[str, ...]:
    """The parts of the package a file belongs to, under the name it is imported by."""
    parts = file.parent.parts
    return ("orderup", *parts) if parts[:1] and parts[0] in FOLDERS else parts


def imports(file: Path) -> Iterator[str]:
    """Every module and name a file imports, in absolute form, wherever in the file the import stands."""
    for node in ast.walk(ast.parse((ROOT / file).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = package_of(file)
            above = package[: len(package) + 1 - node.level] if node.level else ()
            yield from (".".join((*above, *filter(None, [node.module]), alias.name)) for alias in node.names)


def forbidden(files: list[Path], *modules: str) -> list[str]:
    """The imports of one of the modules, or of something inside it: "file imports name" each."""
    starts = tuple(f"{module}." for module in modules)
    return [f"{file} imports {name}" for file in files for name in imports(file) if f"{name}.".startswith(starts)]


def test_the_problem_knows_neither_solutions_nor_evaluate() -> None:
    assert not forbidden(python_files("envs"), "orderup.company", "orderup.agents", "orderup.evaluation")


def test_the_solutions_know_only_the_problem() -> None:
    assert not forbidden(python_files("agents"), "orderup.company", "orderup.evaluation")


def test_a_companys_files_become_a_problem_and_know_no_solution() -> None:
    assert not forbidden(python_files("company"), "orderup.agents", "orderup.evaluation")


def test_every_folder_with_python_in_it_is_a_room_of_the_house() -> None:
    assert {room_of(module) for module in modules() if module not in ROOMS} | set(ROOMS) == set(order())


def test_a_room_imports_only_rooms_below_it() -> None:
    """Inside each package, wherever an import stands, and for types too; only a package's own face looks up into its rooms."""
    height = order()
    upward = [
        f"{module} imports {other}"
        for module in modules()
        for other in imported(module)
        if module not in ROOMS and module.split(".")[0] == other.split(".")[0]
        if height[room_of(module)] < height[room_of(other)]
    ]
    assert not upward


def test_no_two_modules_import_each_other_in_a_circle() -> None:
    sorter = TopologicalSorter({module: set(imported(module)) for module in modules() if module not in ROOMS})
    sorter.prepare()  # raises CycleError, which names the circle


def test_no_folder_holds_more_modules_than_one_can_keep_in_mind() -> None:
    counts = Counter(room_of(module) for module, path in modules().items() if path.name != "__init__.py")
    assert max(counts.values()) <= MOST_IN_A_ROOM, counts.most_common(3)


def test_every_room_says_what_it_is_and_what_it_may_import() -> None:
    for module, path in modules().items():
        if path.name == "__init__.py":
            assert len(ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "") > 30, module


def test_nothing_imports_the_command_lines() -> None:
    assert not forbidden(python_files("orderup", *FOLDERS, "benchmarks", "tests"), *COMMAND_LINES)


def test_the_core_knows_no_gym() -> None:
    core = [file for file in python_files("envs") if "api" not in file.parts]
    assert not forbidden(core, *GYMS)


def test_no_folder_is_imported_under_its_bare_name() -> None:
    everything = [*python_files("orderup", *FOLDERS, "benchmarks", "tests"), *(f.relative_to(ROOT) for f in ROOT.glob("*.py"))]
    assert not forbidden(everything, *FOLDERS, "configs")


def test_imports_are_found_in_whatever_form_they_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    file = tmp_path / "envs" / "demand" / "surge.py"
    file.parent.mkdir(parents=True)
    file.write_text(
        "import envs.a\nfrom .. import agents\nfrom ...agents.b import C\ndef f():\n    from gymnasium import spaces\n"
    )
    found = ["envs.a", "orderup.envs.agents", "orderup.agents.b.C", "gymnasium.spaces"]
    assert sorted(imports(Path("envs/demand/surge.py"))) == sorted(found)
    assert len(forbidden(python_files("envs"), "envs", "orderup.agents", "gymnasium")) == 3


def test_every_folder_with_python_in_it_is_a_listed_package() -> None:
    ours = python_files("orderup", *FOLDERS)
    packages = {".".join(package_of(file)) for file in ours}
    assert packages | {"orderup.configs"} == set(PROJECT["tool"]["setuptools"]["packages"])
    assert packages == {".".join(package_of(file)) for file in ours if file.name == "__init__.py"}


def test_the_links_to_the_folders_are_links_and_not_files_that_say_where_they_led() -> None:
    """As copies are that know no links; nothing can be imported from them."""
    links = {f"orderup/{folder}": f"../{folder}" for folder in (*FOLDERS, "configs")} | {"editable/orderup": "../orderup"}
    assert {name: str((ROOT / name).readlink()) for name in links if (ROOT / name).is_symlink()} == links


def test_no_class_name_stands_twice() -> None:
    """Whoever reads `Decision` or `Table` has to know which is meant."""
    found: dict[str, list[str]] = {}
    for file in python_files("orderup", *FOLDERS):
        for node in ast.walk(ast.parse((ROOT / file).read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                found.setdefault(node.name, []).append(str(file))
    assert {name: files for name, files in found.items() if len(files) > 1} == {}


def test_every_ignored_rule_has_its_reason_beside_it() -> None:
    ignore = re.compile(r"#\s*(?:noqa|type:\s*ignore)\b(?:\[[^]]*\]|:[A-Z0-9, ]+)?(?P<rest>[^\n]*)")
    for file in python_files("orderup", *FOLDERS, "benchmarks"):
        for found in ignore.finditer((ROOT / file).read_text(encoding="utf-8")):
            assert re.search(r"\w{3}", found["rest"]), f"{file}: {found[0]}"


def test_no_file_names_a_package_index_or_a_folder_of_somebodys_machine() -> None:
    told = re.compile(
        r"pypi\.org|pythonhosted\.org|download\.pytorch\.org|index[-_]url|find[-_]links|(?<![\w.])/(?:work|home|root|opt)/",
        re.I,
    )
    kept = git_files()
    assert kept
    for name in kept:
        found = told.search((ROOT / name).read_bytes().decode("utf-8", errors="ignore"))
        assert found is None, f"{name}: {found[0]}"


def git_files() -> list[str]:
    """Every file that git keeps or would keep."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listing.returncode:
        pytest.skip("not a git checkout")
    names = dict.fromkeys(filter(None, listing.stdout.split("\0")))
    return [name for name in names if (ROOT / name).is_file() and not (ROOT / name).is_symlink()]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from a copy of the packages, so that neither old build products nor other tests get into it."""
    tree = tmp_path_factory.mktemp("tree")
    for folder in ("orderup", *FOLDERS, "configs"):
        shutil.copytree(ROOT / folder, tree / folder, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "LICENSE", "README.md"):
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, tree)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tree / "dist"), str(tree)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    return next((tree / "dist").glob("*.whl"))


@pytest.mark.xdist_group("wheel")  # one process builds it, once
def test_the_wheel_holds_every_file_once_and_nothing_under_a_bare_name(wheel: Path) -> None:
    templates = files("*", *(f"evaluation/{room}/templates" for room in ("page", "deciding", "answering", "atlas")))
    sources = [
        *python_files("orderup", *FOLDERS),
        *files("*.yaml", "configs"),
        *files("*.csv", "configs"),
        *files("*.safetensors", "agents"),
        *files("expectation.json", "evaluation"),
        *files("networks.csv", "evaluation"),
        *templates,
        Path("orderup/py.typed"),
    ]
    expected = [file if file.parts[0] == "orderup" else "orderup" / file for file in sources]
    packed = [name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name]
    assert sorted(packed) == sorted(file.as_posix() for file in expected)


@pytest.mark.xdist_group("wheel")
def test_the_wheel_works_in_a_project_that_has_its_own_envs(wheel: Path, tmp_path: Path) -> None:
    site, project = tmp_path / "site", tmp_path / "project"
    zipfile.ZipFile(wheel).extractall(site)
    for name in FOLDERS:
        (project / name).mkdir(parents=True)
        (project / name / "__init__.py").touch()
    (project / "main.py").write_text(USE_THE_WHEEL)
    command = [sys.executable, "main.py", str(site), str(project)]
    used = subprocess.run(
        command, cwd=project, env={**os.environ, "PYTHONPATH": str(site)}, capture_output=True, text=True, check=False
    )
    assert used.returncode == 0, used.stderr


USE_THE_WHEEL = """
import sys
from importlib import resources
from pathlib import Path

import agents, envs, evaluation
import orderup.agents, orderup.envs, orderup.evaluation

site, project = map(Path, sys.argv[1:])
for module in (orderup, orderup.agents, orderup.envs, orderup.evaluation):
    assert site in Path(module.__file__).parents, module
for module in (agents, envs, evaluation):
    assert project in Path(module.__file__).parents, module
scenarios = resources.files("orderup") / "configs" / "scenarios"
texts = [file.read_text(encoding="utf-8") for file in scenarios.iterdir() if file.name.endswith(".yaml")]
assert texts and all(texts), scenarios
"""
