"""Every key of every command made wrong in every way: refused by name, or done, and then with numbers that are numbers."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import scipy.stats  # noqa: F401  (before the first case, whose time is short)
import torch  # noqa: F401  (likewise)

from orderup.agents.training.command import Train
from orderup.cli import parse
from orderup.commands import describe, evaluate, train
from orderup.envs.describe.describe import Describe
from orderup.envs.foundation.validation import Keys
from orderup.evaluation.command import Evaluate
from orderup.evaluation.studies.command import StudyCommand
from orderup.evaluation.studies.study import Study

from .covering import in_parts, part_of
from .mutations import complaint, same

pytestmark = pytest.mark.slow

VALUES = (
    *("-3", "0", "2.5", "-0.5", "nan", "inf", "1e300", "1e23", "1" + 30 * "0", "7.0", "'7'", "'3:20'", "0310"),
    *("''", "[]", "{}", "[[]]", "null", "abc", "true", "false", "[1,2]", "[abc,abc]", "{abc: 1}", "{type: abc}"),
    *("é", "'\x1b[31m'", "'a\nb'", "range(0,1e9)", "abc,def", "../abc", "/dev/zero", "''''", "(", "{a"),
)
COSTLY = {"tune": ("7",), "steps": ("null",), "seed": ("[1,2]",)}
"""Values that are right, and take minutes: seven trials, the steps of a whole training, two processes with a seed each."""
TRAIN = {
    "scenario": "newsvendor",
    "steps": "64",
    "agent.copies": "2",
    "agent.periods": "3",
    "agent.examinations": "1",
    "name": "mine",
    "overwrite": "true",
}
EVALUATE = {"scenario": "newsvendor", "episodes": "2", "horizon": "60", "page": "false", "name": "mine"}
STUDY = {"study": "quick", "study.dry_run": "true", "study.episodes": "2"}
COMMANDS: dict[str, tuple[Callable[[list[str]], Any], dict[str, str], list[str], tuple[str, ...]]] = {
    "train": (
        train.main,
        TRAIN,
        [*Train.model_fields, "agent.hidden", "agent.planner", "agent.unknown"],
        ("seed",),
    ),
    "evaluate": (
        evaluate.main,
        EVALUATE,
        [*Evaluate.model_fields, "agent.levels", "autonomy.band"],
        ("autonomy",),
    ),
    "describe": (describe.main, {"scenario": "newsvendor"}, [*Describe.model_fields, "autonomy.cadence"], ("agent",)),
    "train a study": (
        train.main,
        STUDY,
        [*StudyCommand.model_fields, *(f"study.{key}" for key in Study.model_fields)],
        ("seed",),
    ),
    "evaluate a study": (
        evaluate.main,
        STUDY,
        [*StudyCommand.model_fields, "study.unknown"],
        ("autonomy",),
    ),
}
MODELS: dict[str, type[Keys]] = {"train": Train, "evaluate": Evaluate, "describe": Describe}


def wrongly_done(command: str, key: str, value: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What is wrong with how a command with another value ends; nothing if it is refused, or done as it says."""
    main, usual, _, together = COMMANDS[command]
    arguments = [f"{name}={text}" for name, text in {**usual, key: value}.items()]
    done, code, said = complaint(main, arguments)
    printed = "".join(capsys.readouterr())
    if "\x1b" in printed:
        return "an escape is printed"
    if not done:
        return said
    if code == 0 and re.search(r"\b(nan|inf)\b", printed):
        return f"done, and says {printed!r}"
    model = MODELS.get(command)
    if model is None or "." in key:
        return ""
    (asked,) = parse(arguments, together)
    taken = getattr(model.model_validate(asked), key)
    one_of_several = isinstance(taken, list) and taken == [asked[key]]
    return "" if one_of_several or same(taken, asked[key]) else f"{asked[key]!r} was taken for {taken!r}"


@in_parts
@pytest.mark.parametrize(("command", "key"), [(name, key) for name, entry in COMMANDS.items() for key in entry[2]])
def test_a_key(
    command: str, key: str, part: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    values = [value for value in part_of(VALUES, f"{command} {key}", part) if value not in COSTLY.get(key, ())]
    wrong = {value: said for value in values if (said := wrongly_done(command, key, value, capsys))}
    assert wrong == {}
