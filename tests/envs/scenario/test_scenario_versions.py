"""Versions of a scenario: its small one, one with some keys changed, and one that differs in words alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

import orderup
from orderup.envs.catalogue import SMALL, config_folder, contents, list_scenarios, load_scenario, patched
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.yaml_files import read_yaml

KEYS = {name: read_yaml(config_folder("scenarios") / f"{name}.yaml") for name in list_scenarios()}
WITH_SMALL = [name for name, keys in KEYS.items() if "small" in keys]


@pytest.mark.parametrize("name", WITH_SMALL)
def test_a_small_version_is_small_and_plays(name: str) -> None:
    scenario = load_scenario(f"{name}{SMALL}")
    assert scenario.name == f"{name}_small"
    assert scenario.horizon <= 40
    assert len(scenario.sites) <= 6
    assert not scenario.small
    sim = orderup.Simulator(scenario)
    sim.reset(seed=0)


def test_what_a_card_compares_with_is_small_too() -> None:
    for name in WITH_SMALL:
        card = load_scenario(name).card
        for hypothesis in card.hypotheses if card else []:
            assert not isinstance(hypothesis.against, str) or hypothesis.against in WITH_SMALL, (name, hypothesis.against)


def test_a_small_version_works_wherever_a_name_does() -> None:
    env = orderup.parallel_env("transship-small", autonomy="autonomous_silo")
    assert env.possible_agents == ["store_1", "store_2"]
    assert orderup.evaluate("transship-small", agents="base_stock", episodes=2).traces.scenario.name == "transship_small"


def test_a_small_version_that_is_not_there_is_refused_and_the_one_meant_is_named() -> None:
    with pytest.raises(
        InputError, match="scenario: found 'newsvendor-small'; accepted: a small version that there is: additive-sm"
    ):
        load_scenario("newsvendor-small")
    with pytest.raises(InputError, match="found 'hub_botleneck-small'; .*did you mean 'hub_bottleneck-small'"):
        load_scenario("hub_botleneck-small")
    with pytest.raises(InputError, match="found 'small'; accepted: one of"):
        load_scenario("small")


def test_mappings_are_patched_key_by_key_lists_as_a_whole_and_null_takes_away() -> None:
    keys = {"a": {"b": 1, "c": [1, 2]}, "d": 3, "e": {"f": 1}}
    changes: dict[str, Any] = {"a": {"c": [3]}, "d": None, "e": 5, "g": {"h": {"i": None}}}
    assert patched(keys, changes) == {"a": {"b": 1, "c": [3]}, "e": 5, "g": {"h": {}}}
    assert keys == {"a": {"b": 1, "c": [1, 2]}, "d": 3, "e": {"f": 1}}


def test_a_scenario_with_keys_changed_is_called_after_them() -> None:
    scenario = load_scenario({"type": "owmr", "horizon": 60, "sites": {"store_1": {"holding": 2.5}}})
    assert scenario.name == "owmr_horizon_60_holding_2_5"
    assert scenario.horizon == 60
    assert [scenario.sites[f"store_{number}"].holding for number in (1, 2)] == [2.5, 1.0]
    assert load_scenario({"type": "owmr", "horizon": 60, "name": "mine"}).name == "mine"
    assert load_scenario({"type": "owmr"}) == load_scenario("owmr")
    assert load_scenario({"type": "random_network", "generator": {"sites": 5}}).name == "random_network_sites_5"
    assert load_scenario({"type": "transship-small", "horizon": 30}).name == "transship_small_horizon_30"


def test_a_file_can_be_changed_like_a_name(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump({**KEYS["newsvendor"], "name": "mine"}), encoding="utf-8")
    assert load_scenario({"type": str(path), "horizon": 60}).name == "mine_horizon_60"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"type": "owmr", "horizn": 3}, "scenario: found 'horizn'; .*did you mean 'horizon'"),
        ({"type": "owmrr", "horizon": 60}, "scenario: found 'owmrr'; .*did you mean 'owmr'"),
        ({"type": 3}, "scenario: found 3; accepted: a name, or a YAML path"),
        ({"type": "owmr", "horizon": 60, "name": "owmr"}, "scenario.name: found 'owmr'; accepted: another name"),
        ({"type": "owmr", "sites": {"store_1": None}}, "scenario.lanes"),
        ({"type": "random_network", "sites": {"store_1": {"holding": 1}}}, "scenario.sites: .*nothing beside `generator`"),
    ],
)
def test_changes_that_cannot_be_are_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        load_scenario(given)


def test_words_and_keys_at_their_default_do_not_make_another_scenario() -> None:
    keys = load_scenario("owmr").model_dump(by_alias=True)
    other = load_scenario({**keys, "description": "In other words.", "card": None, "small": {}})
    assert contents(other) == contents(load_scenario("owmr"))
    assert contents(load_scenario({**keys, "name": "other", "warmup": 40})) != contents(other)
    assert "regimes" not in contents(other)
