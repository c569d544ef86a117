"""Reading what a stranger may have written imports the project, what the user allows by name, and nothing else."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from orderup.agents import make_agent
from orderup.agents.runs.run import load_config, load_run
from orderup.agents.training.command import Train, prepared_of
from orderup.agents.training.train import resume, train
from orderup.envs.catalogue import load_scenario
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.sealed_files import sealed
from orderup.envs.foundation.validation import validated
from orderup.evaluation.command import Evaluate, asked_of
from orderup.evaluation.running.contestant import contestant_of

from ..learners import LINE

ROOT = Path(__file__).resolve().parents[3]
NOISY = """
from pathlib import Path
from orderup import Agent
from orderup.envs.demand.stationary import Poisson

Path(__file__).with_name("imported").touch()

class Mine(Agent):
    class Inner(Agent):
        pass

class Surge(Poisson):
    pass
"""


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    keys: dict[str, Any] = {"copies": 8, "hidden": [8], "steps": 1_000, "examinations": 1}
    return train(LINE, agent="pathwise", name="one", folder=tmp_path_factory.mktemp("runs"), progress=False, **keys).folder


@pytest.fixture
def folder(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A run of somebody else, and in the working folder a module that tells when it is imported."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "noisy.py").write_text(NOISY)
    yield Path(shutil.copytree(trained, tmp_path / "one"))
    sys.modules.pop("noisy", None)


def edited(folder: Path, **keys: Any) -> None:
    """The run's config with other keys, and a digest that is right for them."""
    path = folder / "config.yaml"
    kept = yaml.safe_load(path.read_text(encoding="utf-8"))
    kept.pop("sha256")
    path.write_text(yaml.safe_dump(sealed({**kept, **keys}), sort_keys=False), encoding="utf-8")


def asking(folder: Path, where: str, path: str) -> None:
    """Name a class in one of the places of a config where one may be named."""
    if where == "demand":
        scenario = load_scenario(LINE).model_dump(mode="json", by_alias=True, exclude_none=True)
        scenario["customers"][0]["demand"] = {"type": path, "mean": 10}
        edited(folder, scenario=scenario)
    elif where == "agent":
        edited(folder, agent={"type": path})
    else:
        edited(folder, agent={"type": "pathwise", "start": path})


def evaluated(folder: str) -> Any:
    return contestant_of("autonomous_silo", make_agent({"type": "trained", "run": folder}))


@pytest.mark.parametrize("where", ["demand", "agent", "start"])
@pytest.mark.parametrize("reading", [load_run, load_config, resume, evaluated])
def test_no_module_is_imported_for_a_run_that_names_one(folder: Path, where: str, reading: Any) -> None:
    asking(folder, where, "noisy:Surge" if where == "demand" else "noisy:Mine")
    with pytest.raises(InputError, match=r"found 'noisy:.*; accepted: what comes with the project.*allow=\[noisy\]"):
        reading(str(folder))
    assert "noisy" not in sys.modules
    assert not Path("imported").exists()


def test_a_module_that_is_allowed_is_imported(folder: Path) -> None:
    asking(folder, "demand", "noisy:Surge")
    run = load_run(folder, allow=("noisy",))
    assert type(run.scenario.customers[0].demand).__name__ == "Surge"
    with pytest.raises(InputError, match=r"allow: found 'no-module'; accepted: names of modules: allow=\[my_package\]"):
        load_run(folder, allow=["no-module"])


def test_the_command_line_allows_what_it_names_and_nothing_else(folder: Path) -> None:
    asking(folder, "demand", "noisy:Surge")
    keys = {"runs": ["one"], "agent": "hold"}
    with pytest.raises(InputError, match=r"allow=\[noisy\]"):
        asked_of(validated(Evaluate, {**keys, "allow": ["another"]}))
    assert not Path("imported").exists()
    assert asked_of(validated(Evaluate, {**keys, "allow": ["noisy"]})).scenario.name == LINE["name"]
    sys.modules.pop("noisy")
    with pytest.raises(InputError, match=r"allow=\[noisy\]"):
        prepared_of(validated(Train, {"resume": "one"}))
    assert prepared_of(validated(Train, {"resume": "one", "allow": ["noisy"]}))[0].finished


@pytest.mark.parametrize(
    ("module", "reason"),
    [
        ("raise SystemExit(0)", "SystemExit: 0"),
        ("len(1)", "TypeError: object of type 'int' has no len"),
        ("1 / 0", "ZeroDivisionError"),
        ("class Mine: pass", "a subclass of orderup.agents.base.Agent"),
        ("", "AttributeError|it has no 'Mine'"),
    ],
)
def test_whatever_an_import_ends_with_is_an_error_of_its_key(folder: Path, module: str, reason: str) -> None:
    Path("noisy.py").write_text(module)
    with pytest.raises(InputError, match=f"agent: found 'noisy:Mine'; accepted: .*{reason}"):
        make_agent("noisy:Mine")


@pytest.mark.parametrize("name", [":Mine", ".noisy:Mine", "noisy:", "a b:c", "noisy:Mine.Outer"])
def test_a_path_that_leads_nowhere_is_an_error_of_its_key(folder: Path, name: str) -> None:
    with pytest.raises(InputError, match="agent: found .*an importable package.module:Class"):
        make_agent(name)


def test_a_class_in_a_class_is_found(folder: Path) -> None:
    assert type(make_agent("noisy:Mine.Inner")).__qualname__ == "Mine.Inner"


def test_the_tutorials_own_policy_is_evaluated_from_the_folder_it_is_in(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "tutorials" / "own-agent.md").read_text(encoding="utf-8")
    code = page.split("# my_package/policies.py")[1].split("```")[0]
    (tmp_path / "my_package").mkdir()
    (tmp_path / "my_package" / "policies.py").write_text(code, encoding="utf-8")
    agent = "agent={type:'my_package.policies:HalfFull',share:0.7}"
    command = [sys.executable, str(ROOT / "evaluate.py"), "scenario=newsvendor", agent, "episodes=3", "page=false"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    command[3] = "agent='my_pakage.policies:HalfFull'"
    failed = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", check=False)
    assert failed.returncode == 2
    assert f"looked in {tmp_path} and PYTHONPATH, too" in failed.stderr
