"""Sites, products and suppliers have whatever names their users give them; agents are called as clients expect."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import orderup
from orderup.envs.describe.describe import Describe, described
from orderup.envs.foundation.errors import InputError
from orderup.envs.rendering import canvas
from orderup.envs.scenario.naming import NAME

NAMES = {"north_1": "Köln/Süd", "store_2": "<b>Wien</b>", "store_3": "0815", "depot_1": "Zentrallager Ost"}


def network(names: dict[str, str]) -> dict[str, Any]:
    """One warehouse and three stores under any names."""
    stores = [names[name] for name in ("north_1", "store_2", "store_3")]
    centre, supplier = names["depot_1"], names.get("supplier", "supplier")
    return {
        "name": "named",
        "horizon": 12,
        "products": ["00012", "Schraube M8/20"],
        "sites": {name: {"role": "store", "holding": 1.0} for name in stores}
        | {centre: {"role": "warehouse", "holding": 0.5, "machines": {"Presse 1/2": {"hours": 50}}}},
        "suppliers": {} if supplier == "supplier" else {supplier: {}},
        "lanes": [{"from": centre, "to": name, "lead_time": 1} for name in stores]
        + [{"from": supplier, "to": centre, "lead_time": 2, "products": ["00012"], "name": "Seefracht, langsam"}]
        + [{"make": "Schraube M8/20", "at": centre, "machine": "Presse 1/2", "hours": 1, "lead_time": 1}],
        "customers": [{"site": name, "shortage": 9, "demand": {"type": "poisson", "mean": 5}} for name in stores],
        "disruptions": [
            {"at": f"{centre}/Presse 1/2", "keeps": 0.5, "when": {"type": "scheduled", "from": 3, "until": 6}},
            {"at": stores[0], "pauses": "receipts", "when": {"type": "scheduled", "from": 2, "until": 4}},
        ],
    }


PLAIN = network({name: name for name in NAMES})
NAMED = network(NAMES | {"supplier": "Müller & Söhne"})


def test_agents_are_called_by_role_and_number_and_names_tell_whom_each_is() -> None:
    env = orderup.parallel_env(NAMED, autonomy="hybrid_sop")
    called = {"store_1": "Köln/Süd", "store_2": "<b>Wien</b>", "store_3": "0815", "warehouse_1": "Zentrallager Ost"}
    assert env.names == called | {"planner_0": "planner_0"}
    assert env.possible_agents == list(env.names)
    assert all(re.fullmatch(NAME, agent) for agent in env.possible_agents)


def test_a_number_that_a_site_is_called_by_is_given_to_no_other() -> None:
    scenario = orderup.load_scenario(network(NAMES | {"north_1": "store_1", "store_2": "Wien"}))
    assert scenario.agents == {"store_1": "store_1", "store_2": "Wien", "store_3": "0815", "warehouse_1": "Zentrallager Ost"}


def test_names_change_no_number() -> None:
    """The same policies cost the same, whatever sites are called, on demand that does not hang on names."""
    found = []
    for keys in (PLAIN, NAMED):
        for entry in keys["customers"]:
            entry["demand"] = {"type": "replay", "values": [3, 8, 5, 4]}
        found.append(orderup.evaluate(keys, autonomy="hybrid_sop", agents="base_stock", episodes=2).episodes["cost"])
    np.testing.assert_array_equal(found[0], found[1])


def test_observations_rewards_and_infos_go_by_agents() -> None:
    env = orderup.parallel_env(NAMED, autonomy="autonomous_silo")
    observations, _ = env.reset(seed=0)
    stepped = env.step({agent: np.zeros(env.action_space(agent).shape, np.float32) for agent in env.agents})
    assert set(observations) == set(env.names)
    assert all(set(part) == set(env.names) for part in stepped)
    assert {entry.whose for entry in env.observation_table("store_1")} == {"Köln/Süd"}


@pytest.mark.parametrize("seat", ["store_1", "Köln/Süd"])
def test_a_seat_is_filled_by_the_name_of_its_site_or_of_its_agent(seat: str) -> None:
    env = orderup.parallel_env(NAMED, seats={seat: "base_stock"})
    assert "store_1" not in env.possible_agents
    team = {"type": "team", "sites": "base_stock", "seats": {seat: "sterman"}}
    assert orderup.evaluate(NAMED, autonomy="autonomous_silo", agents=team, episodes=2).cost > 0


def test_a_seat_that_is_filled_under_both_of_its_names_is_refused() -> None:
    team = {"type": "team", "sites": "base_stock", "seats": {"store_1": "sterman", "Köln/Süd": "base_stock"}}
    with pytest.raises(InputError, match="one agent for each seat"):
        orderup.evaluate(NAMED, autonomy="autonomous_silo", agents=team, episodes=2)


def test_a_function_that_wants_to_know_whom_it_decides_for_is_told_the_agent() -> None:
    asked = set()

    def decide(observation: Any, agent: str) -> Any:
        asked.add(agent)
        return np.zeros(env.action_space(agent).shape)

    env = orderup.parallel_env(NAMED, autonomy="autonomous_silo")
    orderup.evaluate(NAMED, autonomy="autonomous_silo", agents=decide, episodes=2)
    assert asked == set(env.possible_agents)


@pytest.mark.parametrize("agent", ["store_1", "Köln/Süd"])
def test_the_page_about_a_level_knows_a_site_by_either_name_and_shows_its_own(agent: str) -> None:
    page = described(Describe.model_validate({"scenario": NAMED, "agent": [agent], "format": "markdown"}))
    assert "What Köln/Süd sees" in str(page)


def test_pictures_show_letters_of_other_languages_or_the_nearest_that_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canvas, "larger_font", lambda size: None)
    assert canvas.drawable("Köln, Straße", 13) == "Koln, Strasse"
    monkeypatch.setattr(canvas, "larger_font", lambda size: canvas.font(size))
    assert canvas.drawable("Köln, Straße", 13) == "Köln, Straße"
