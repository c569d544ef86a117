"""A network of one's own is kept in a run, and read back by who allows it."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from orderup.agents.learning.learnt import Learnt
from orderup.agents.networks.own_network import OwnNetwork
from orderup.agents.runs import checkpoint
from orderup.agents.runs.checkpoint import Checkpoint
from orderup.envs.foundation.errors import InputError
from orderup.envs.information.information import Information
from orderup.envs.information.policy import Context, Decision

MODULE = """
from orderup.agents.networks.own_network import OwnNetwork

class Wide(OwnNetwork):
    units: int

    @property
    def shapes(self):
        return {"weight": (self.units,)}
"""


class OneLevel(OwnNetwork):
    """Orders up to a number of usual levels, the same everywhere."""

    scale: float = 1.0

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """One number."""
        return {"level": (1,)}

    def reset(self, context: Context) -> None:
        """Work the levels out."""
        self._levels = self.scale * float(self.tensors["level"][0]) * context.network.usual_level[None]

    def act(self, information: Information) -> Decision:
        """The same in every period."""
        return Decision(level=self._levels)


def test_an_own_network_comes_back_with_its_keys_and_numbers(tmp_path: Path) -> None:
    made = OneLevel(scale=0.5).with_tensors({"level": np.array([1.25])})
    checkpoint.save(tmp_path, "best", Checkpoint(Learnt(sites=made), 10))
    found = checkpoint.load(tmp_path, "best").learnt.parties["sites"]
    assert isinstance(found, OneLevel)
    assert (found.scale, found.tensors["level"].tolist()) == (0.5, [1.25])


def test_who_does_not_allow_its_module_does_not_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "wide_networks.py").write_text(MODULE, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    from orderup.agents.networks.own_network import own_networks

    wide = own_networks.find("wide_networks:Wide")
    run = tmp_path / "run"
    run.mkdir()
    made = wide.model_validate({"units": 3}).with_tensors({"weight": np.arange(3.0)})
    checkpoint.save(run, "best", Checkpoint(Learnt(sites=made), 10))
    monkeypatch.delitem(sys.modules, "wide_networks")
    with pytest.raises(InputError, match=r"wide_networks:Wide.*allow=\[wide_networks\]"):
        checkpoint.load(run, "best")
    assert "wide_networks" not in sys.modules
    assert checkpoint.load(run, "best", allow=["wide_networks"]).learnt.parties


@pytest.mark.parametrize(
    ("tensors", "said"),
    [({"level": [1.0, 2.0]}, r"^tensors: "), ({}, r"^tensors: "), ({"level": [float("nan")]}, r"^tensors.level: ")],
)
def test_other_numbers_than_a_network_has_are_refused(tensors: dict[str, list[float]], said: str) -> None:
    with pytest.raises(InputError, match=said):
        OneLevel().with_tensors({name: np.array(values) for name, values in tensors.items()})
