from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest
from pydantic import Field

from orderup.cli import asks_help, parse, run, usage
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.validation import Keys


def test_values_are_plain_python_of_the_kind_they_look_like() -> None:
    (found,) = parse(["a=1", "b=1e-3", "c=true", "d=null", "e=[64,64]", "f={x: 1, y: [a, 'b c']}", "g='1, 2'", "h=runs/a.yaml"])
    assert found == {
        "a": 1,
        "b": 0.001,
        "c": True,
        "d": None,
        "e": [64, 64],
        "f": {"x": 1, "y": ["a", "b c"]},
        "g": "1, 2",
        "h": "runs/a.yaml",
    }
    assert type(found["f"]["y"][1]) is str


def test_dots_nest() -> None:
    assert parse(["a.b.c=1", "a.d=2"]) == [{"a": {"b": {"c": 1}, "d": 2}}]


def test_a_name_with_further_keys_is_a_mapping_with_a_type_in_either_order() -> None:
    expected = [{"agent": {"type": "ppo", "hidden": [64]}}]
    assert parse(["agent=ppo", "agent.hidden=[64]"]) == expected
    assert parse(["agent.hidden=[64]", "agent=ppo"]) == expected


def test_a_sweep_is_every_combination_with_the_last_key_fastest() -> None:
    runs = parse(["-m", "seed=0,1", "agent.x=range(2,4)", "agent={type: ppo}"])
    assert [(found["seed"], found["agent"]["x"]) for found in runs] == [(0, 2), (0, 3), (1, 2), (1, 3)]


def test_a_sweep_without_m_is_refused_with_both_ways_out() -> None:
    with pytest.raises(InputError, match=r"seed: .*add -m .*or seed=\[0,1\]"):
        parse(["seed=0,1"])


@pytest.mark.parametrize(
    ("arguments", "key"),
    [
        (["a=1", "a=2"], "a"),
        (["a=1", "a.b=2"], "a.b"),
        (["a={b: 1}", "a.b=2"], "a.b"),
        (["a.b=1", "a/b=2"], "a.b"),
        (["+a=1"], "a"),
        (["~a"], "a"),
        (["a@b=1"], "a"),
        (["a=[1"], "a"),
        (["word"], "word"),
        (["a..b=1"], "a..b"),
        (["=1"], "=1"),
        (["--seed=1"], "--seed=1"),
        (["-m", "a=interval(0,1)"], "a"),
        (["-m", "a=glob(*)"], "a"),
    ],
)
def test_what_is_not_one_value_for_one_key_is_refused_by_its_key(arguments: list[str], key: str) -> None:
    with pytest.raises(InputError) as refused:
        parse(arguments)
    assert refused.value.key == key


class Command(Keys):
    """Does something.

    More about it.
    """

    seed: int = Field(0, description="Which numbers")
    scenario: str
    hidden: list[int] | None = None


def test_help_names_every_key_with_its_kind_default_and_meaning() -> None:
    lines = usage(Command, ["python do.py scenario=x"]).splitlines()
    assert lines[0] == "Does something."
    assert "  python do.py scenario=x" in lines
    table = [line.split(maxsplit=3) for line in lines if line.startswith(("  seed", "  scenario"))]
    assert table == [["seed", "int", "0", "Which numbers"], ["scenario", "str", "required"]]
    assert any(line.split() == ["hidden", "list[int]", "|", "null", "null"] for line in lines)
    assert asks_help(["seed=1", "--help"])
    assert asks_help([])
    assert not asks_help(["seed=1"])


@pytest.mark.parametrize(
    ("raised", "code", "said"),
    [
        (InputError("seed", -1, "a whole number"), 2, "error: seed: found -1; accepted: a whole number\n"),
        (KeyboardInterrupt("stopped; saved in runs/x"), 130, "stopped; saved in runs/x\n"),
        (KeyboardInterrupt(), 130, "interrupted\n"),
    ],
)
def test_an_ending_has_its_code_and_its_words(
    raised: BaseException, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def main(arguments: list[str]) -> int:
        raise raised

    with pytest.raises(SystemExit) as left:
        run(main)
    assert left.value.code == code
    assert capsys.readouterr().err == said


def test_a_reader_who_leaves_early_is_no_error() -> None:
    program = "from orderup.cli import run\nrun(lambda _: print('line\\n' * 100_000))"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "line\n"
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait() == 141


def test_an_arrow_on_a_terminal_without_arrows_is_a_question_mark() -> None:
    program = "from orderup.cli import run\nrun(lambda _: print('3 → 4'))"
    ascii_alone = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run([sys.executable, "-c", program], env=ascii_alone, capture_output=True, text=True, check=True)
    assert done.stdout == "3 ? 4\n"


UNQUOTED = [
    (["data=ventes_été.csv"], {"data": "ventes_été.csv"}),
    (["runs=[runs/été,runs/b]"], {"runs": ["runs/été", "runs/b"]}),
    (["agent={type: x, path: été.csv, on: true}"], {"agent": {"type": "x", "path": "été.csv", "on": True}}),
    (["data=a;b (1).csv"], {"data": "a;b (1).csv"}),
    (["data=d'hier.csv"], {"data": "d'hier.csv"}),
    (["name=日本語"], {"name": "日本語"}),
    (["data='été, 1.csv'"], {"data": "été, 1.csv"}),
]


@pytest.mark.parametrize(("arguments", "keys"), UNQUOTED)
def test_a_path_in_any_language_needs_no_quotes_beside_the_shells(arguments: list[str], keys: dict[str, Any]) -> None:
    assert parse(arguments) == [keys]


TORN = [
    (
        ["agent={type:", "x,", "forecast:", "true}"],
        "agent",
        r"unless all of it is in quotes: 'agent=\{type: …, forecast: true\}'",
    ),
    (["agent=type:x", "agent=forecast:true"], "agent", r"takes \{a,b\} apart, unless it is in quotes: 'agent=\{type: …"),
    (["autonomy=soe[band=2]"], "autonomy", r"in quotes of its own and of the shell's: \"autonomy='soe\[band=2\]'\""),
    (["a=" + 3000 * "[" + 3000 * "]"], "a", "brackets within brackets without end"),
]


@pytest.mark.parametrize(("arguments", "key", "hint"), TORN)
def test_what_the_shell_or_the_grammar_takes_apart_is_told_with_its_quotes(arguments: list[str], key: str, hint: str) -> None:
    with pytest.raises(InputError, match=hint) as caught:
        parse(arguments)
    assert caught.value.key == key


@pytest.mark.parametrize("argument", ["seed=range(0,1e9)", "seed=range(0,10,0)", "seed=range(0,1e308)", "seed=range(5,0)"])
def test_a_range_is_counted_before_it_is_swept(argument: str) -> None:
    with pytest.raises(InputError, match="^seed: found 'seed=range.*at (most 10000 values|least one value)"):
        parse(["-m", argument])


def test_more_runs_than_anybody_waits_for_are_refused() -> None:
    with pytest.raises(InputError, match="^-m: found '40000 runs'; accepted: at most 10000"):
        parse(["-m", "seed=range(0,200)", "steps=range(1,201)"])
