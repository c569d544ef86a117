"""How busy machines are, worked by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import orderup
from orderup.agents import Agent
from orderup.envs.information.information import Information
from orderup.envs.information.policy import Context, Decision
from orderup.evaluation.tables.text_table import notes

PLANT: dict[str, Any] = {
    "name": "by_hand",
    "horizon": 4,
    "products": ["a", "b"],
    "sites": {"plant_1": {"holding": 1, "initial": 9, "machines": {"press": {"hours": 8}, "oven": {"hours": 8}}}},
    "lanes": [
        {"make": "a", "at": "plant_1", "machine": "press", "hours": 1, "setup_hours": 2, "lead_time": 1},
        {"make": "b", "at": "plant_1", "machine": "oven", "hours": 0.5, "lead_time": 1},
    ],
    "customers": [{"site": "plant_1", "shortage": 1, "demand": {"type": "constant", "value": 1}}],
}


class Tens(Agent):
    """10 of a in the first period, and 4 of b in every one."""

    _first: bool = True

    def reset(self, context: Context) -> None:
        self._first = True

    def act(self, information: Information) -> Decision:
        quantity = np.array([[10.0 if self._first else 0.0, 0.0], [0.0, 4.0]])
        self._first = False
        return Decision(quantity=quantity)


def test_how_busy_a_machine_is_how_long_it_is_set_up_and_what_waits_for_it() -> None:
    """Of 10 of a 6 are made in the first period, which takes all 8 hours, and 4 in the second, which takes 6; then none.

    So the press runs 14 of 32 hours, 4 of them to be set up, and after the first period half a period's work waits. The oven
    runs 2 hours in every period.
    """
    result = orderup.evaluate(PLANT, "autonomous_silo", Tens(), episodes=1)
    press, oven = (result.machines.loc[f"plant_1/{name}"] for name in ("press", "oven"))
    assert press.to_dict() == pytest.approx({"utilisation": 14 / 32, "setup_share": 4 / 14, "machine_queue": 4 / 32})
    assert oven.to_dict() == pytest.approx({"utilisation": 8 / 32, "setup_share": 0.0, "machine_queue": 0.0})
    assert result.bottleneck == "plant_1/press"
    assert result.kpis["utilisation"] == pytest.approx(22 / 64)
    assert result.sites.loc["plant_1", "setup_share"] == pytest.approx(4 / 22)


def test_the_busiest_machine_is_named_beside_the_table_and_there_is_none_without_machines() -> None:
    found = orderup.compare(PLANT, [("autonomous_silo", Tens())], episodes=1)
    name = found.methods[0].name
    assert f"Bottleneck plant_1/press, by the regular hours that it runs: autonomous_silo / {name} 44 %." in notes(found)
    plain = orderup.evaluate("newsvendor", "autonomous_silo", "base_stock", episodes=2)
    assert plain.bottleneck is None
    assert "utilisation" not in plain.kpis
