"""What stands in a YAML file is taken for what it says: no clock, code, date or word becomes another number."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from orderup.envs.catalogue import load_scenario
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.yaml_files import read_yaml, written_yaml

from ..by_hand import GOOD

PLAIN = {
    "3:20": "3:20",
    "0310": "0310",
    "0021": "0021",
    "0x1F": "0x1F",
    "0o17": "0o17",
    "0b1": "0b1",
    "1_2": "1_2",
    "00.5": "00.5",
    "2024-05-01": "2024-05-01",
    "2024-05-01 10:00:00": "2024-05-01 10:00:00",
    "yes": "yes",
    "No": "No",
    "on": "on",
    "OFF": "OFF",
    "tRUE": "tRUE",
    "=": "=",
    "true": True,
    "False": False,
    "~": None,
    "": None,
    "0": 0,
    "-17": -17,
    "3_000_000": 3_000_000,
    "1e5": 1e5,
    "1.5e-3": 1.5e-3,
    "5.": 5.0,
    "-.5": -0.5,
    ".inf": float("inf"),
}


@pytest.mark.parametrize(("written", "read"), PLAIN.items(), ids=PLAIN)
def test_a_plain_word_is_what_it_says(written: str, read: Any, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(f"value: {written}\n")
    found = read_yaml(path)["value"]
    assert (type(found), found) == (type(read), read)


@pytest.mark.parametrize("value", [*PLAIN, "null", "<<", "a\nb", "\x1b[31m", "été", 1e20, -1.5e-7, float("inf"), None, True])
def test_what_the_project_writes_is_read_as_it_was_by_anybody(value: Any, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(written_yaml({"value": value}), encoding="utf-8")
    assert read_yaml(path) == {"value": value} == yaml.safe_load(path.read_text(encoding="utf-8"))


TRAPS = [
    # the line of a scenario, the key as the message names it, and how the message goes on
    ("horizon: 3:20", "horizon", "found '3:20'; accepted: a whole number, in plain digits and without quotes"),
    ("horizon: 0310", "horizon", "found '0310'; accepted: a whole number, in plain digits and without quotes"),
    ("horizon: 200.0", "horizon", "found 200.0; accepted: a whole number, written as 200"),
    ("horizon: 2024-05-01", "horizon", "found '2024-05-01'; accepted: a whole number"),
    ("horizon: yes", "horizon", "found 'yes'; accepted: a whole number"),
    ("horizon: 10\ncalendar: true", "calendar", "found True; accepted: a whole number"),
    ("horizon: 10\nproducts: [21, tea]", "products[0]", "found 21; accepted: text, which stands in quotes: '21'"),
    ("horizon: 10\nproducts: [no, true]", "products[1]", "found True; accepted: text, which stands in quotes: 'true'"),
]


@pytest.mark.parametrize(("line", "key", "message"), TRAPS)
def test_a_value_that_is_not_what_its_key_takes_is_refused(line: str, key: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    rest = {name: value for name, value in GOOD.items() if name not in ("horizon", "warmup", "products")}
    path.write_text(f"{line}\n{written_yaml(rest)}")
    with pytest.raises(InputError) as caught:
        load_scenario(path)
    assert f"{path}.{key}: {message}" in str(caught.value)


def test_a_code_is_a_name_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(f"products: [0021, no]\n{written_yaml({**GOOD, 'products': None}).replace('products: null', '')}")
    assert load_scenario(path).products == ["0021", "no"]


def test_what_is_read_again_is_a_mapping_of_its_own_and_a_file_that_was_changed_says_what_it_says_now(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("sites: {store_1: [1, 2]}\n", encoding="utf-8")
    first = read_yaml(path)
    first["sites"]["store_1"].append(3)
    assert read_yaml(path) == {"sites": {"store_1": [1, 2]}}
    path.write_text("sites: {store_1: [1, 4]}\n", encoding="utf-8")
    assert read_yaml(path) == {"sites": {"store_1": [1, 4]}}
