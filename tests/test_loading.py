"""What is loaded when: the name `orderup` alone next to nothing, and PyTorch only where something learns."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HEAVY = ("torch", "stable_baselines3", "tensorboard", "scipy", "pandas", "plotly", "matplotlib", "PIL", "pygame", "tkinter")

EPISODE = """
simulator = orderup.Simulator("newsvendor", batch=2)
agent = orderup.make_agent("base_stock")
simulator.reset(7)
agent.reset(simulator.context())
for _ in range(simulator.horizon):
    simulator.step(agent.act(simulator.information))
"""
EVALUATED = """
for agent, level in (("base_stock", "autonomous_silo"), ("s_s", "autonomous_silo"), ("mpc", "central_ideal")):
    orderup.evaluate("newsvendor", level, agents=agent, episodes=2)
"""


def loaded_by(code: str) -> set[str]:
    """The modules that a fresh Python has after `import orderup` and some code."""
    code = f"import sys, orderup\n{code}\nprint(*sys.modules, file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stderr.split())


def test_the_name_alone_loads_none_of_what_takes_long() -> None:
    loaded = loaded_by("")
    assert not loaded & set(HEAVY)
    assert {name.rpartition(".")[0] for name in loaded if name.startswith("orderup.envs.")} <= {
        "orderup.envs",
        "orderup.envs.api",
        "orderup.envs.foundation",
    }


def test_every_environment_is_known_after_the_name_alone() -> None:
    loaded_by("""
import gymnasium, pettingzoo
for name in orderup.list_scenarios():
    assert f"orderup/{name}-v0" in gymnasium.registry
gymnasium.make("orderup/newsvendor-v0").reset(seed=1)
pettingzoo.make("parallel", "orderup/newsvendor-v0").reset(seed=1)
""")


def test_every_name_of_the_face_is_told_before_it_is_loaded_and_can_be() -> None:
    loaded_by("""
assert set(orderup.__all__) <= set(dir(orderup))
assert all(getattr(orderup, name) is not None for name in orderup.__all__)
""")


def test_a_scenario_is_read_without_the_distributions_that_its_demand_is_drawn_from() -> None:
    assert "scipy.stats" not in loaded_by('orderup.load_scenario("owmr"), orderup.load_autonomy("hybrid_soe")')


@pytest.mark.parametrize("code", [EPISODE, EVALUATED], ids=["simulated", "evaluated"])
def test_where_nobody_learns_pytorch_is_not_loaded(code: str) -> None:
    assert not loaded_by(code) & {"torch", "stable_baselines3", "plotly", "matplotlib", "pygame", "tkinter"}


def test_a_folder_called_orderup_beside_a_script_does_not_hide_what_is_installed(tmp_path: Path) -> None:
    """As a checkout that is installed editable has it: a path in a .pth file, behind the script's own folder."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    assert project["distutils"]["editable_wheel"]["mode"] == "compat"
    (tmp_path / "orderup").mkdir()
    (tmp_path / "site").mkdir()
    path = ROOT / project["setuptools"]["package-dir"][""]
    (tmp_path / "site" / "checkout.pth").write_text(f"{path}\n")
    assert sorted(each.name for each in path.iterdir()) == ["orderup"]
    script = tmp_path / "script.py"
    script.write_text(f"import site; site.addsitedir({str(tmp_path / 'site')!r}); import orderup; print(orderup.__file__)\n")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    told = subprocess.run([sys.executable, script], env=environment, capture_output=True, text=True, check=True).stdout
    assert Path(told.strip()).resolve() == ROOT / "orderup" / "__init__.py"
