"""Command lines: Hydra's grammar in, plain Python values out, and one way to end."""

from __future__ import annotations

import copy
import itertools
import math
import os
import re
import sys
import types
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn, TextIO, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.freed_memory import keep_freed_memory
from orderup.envs.foundation.validation import Keys

if TYPE_CHECKING:
    from hydra.core.override_parser.types import Override

GRAMMAR = "key=value in Hydra's grammar: seed=0, agent.hidden=[64,64], name='a, b'"
MULTIRUN = ("-m", "--multirun")
HELP = ("-h", "--help")
MOST_VALUES = 10_000
"""Of a key that is swept, and runs of a command."""
LONGEST_HINT = 120


def asks_help(arguments: Sequence[str]) -> bool:
    """Whether -h or --help is among the arguments, or there is nothing at all."""
    return not arguments or any(argument in HELP for argument in arguments)


def parse(arguments: Sequence[str], together: Sequence[str] = ()) -> list[dict[str, Any]]:
    """The runs that a command line asks for, each a mapping of its keys; several only with -m, the last key varying fastest.

    Values to sweep of a key in `together`, or below it, are a list for one and the same run unless -m is given. `a.b=1` nests:
    {"a": {"b": 1}}. A name with further keys, `agent=ppo agent.hidden=[64]`, is {"type": "ppo", "hidden": [64]}.
    Raises InputError for what is not the grammar, a key given twice, values to sweep without -m, and Hydra's +, ~ and @.
    """
    options = [argument for argument in arguments if argument.startswith("-")]
    for option in options:
        if option not in MULTIRUN:
            raise InputError(option, "an option", f"{', '.join((*MULTIRUN, *HELP))}, or {GRAMMAR}")
    overrides = [_parsed(argument) for argument in arguments if argument not in options]
    _check_given_once(overrides)
    choices = [_choices(override, bool(options) or _heads(override, together)) for override in overrides]
    if not options:
        choices = [[found] if len(found) > 1 else found for found in choices]
    if math.prod(map(len, choices)) > MOST_VALUES:
        raise InputError("-m", f"{math.prod(map(len, choices))} runs", f"at most {MOST_VALUES}")
    keys = [override.key_or_group.replace("/", ".").split(".") for override in overrides]
    return [_nested(zip(keys, values, strict=True)) for values in itertools.product(*choices)]


class _Enduring(TextIOWrapper):
    """A standard stream whose reader may leave: what is said after that goes nowhere, and the work goes on."""

    deserted = False

    def write(self, text: str) -> int:
        with self._going_on():
            super().write(text)
        return len(text)

    def flush(self) -> None:
        with self._going_on():
            super().flush()

    @contextmanager
    def _going_on(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError:
            self.deserted = True
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.fileno())  # what is left to flush has nowhere to go


def run(main: Callable[[list[str]], int | None]) -> NoReturn:
    """Leave Python with what `main` returns of the command line's arguments; bad input is said on stderr and exits with 2.

    A reader who leaves early stops nothing; the code then is 141, as if the pipe had. On standard output a character that its
    encoding lacks, such as an arrow, is a question mark.
    """
    keep_freed_memory()
    out, said = _enduring(sys.stdout, errors="replace"), _enduring(sys.stderr)
    sys.stdout, sys.stderr = out, said
    try:
        code = main(sys.argv[1:]) or 0
        sys.stdout.flush()
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        code = 2
    except KeyboardInterrupt as interrupt:
        print(str(interrupt) or "interrupted", file=sys.stderr)
        code = 130
    sys.exit(141 if code == 0 and getattr(out, "deserted", False) else code)


def _enduring(stream: TextIO, errors: str | None = None) -> TextIO:
    """The stream, where it is one of the system's, as one that endures."""
    if type(stream) is not TextIOWrapper:
        return stream
    line, through = stream.line_buffering, stream.write_through
    return _Enduring(stream.buffer, stream.encoding, errors or stream.errors, line_buffering=line, write_through=through)


def usage(model: type[Keys], examples: Sequence[str]) -> str:
    """Help for a command whose keys are those of `model`: examples, then each key with its kind, default and meaning."""
    heading = [(model.__doc__ or "").strip().splitlines()[0], "", *(f"  {example}" for example in examples), ""]
    keys = table_of(model)
    ending = f"Written as {GRAMMAR}. With -m, values without brackets are a run for each: -m seed=0,1,2"
    return "\n".join([*heading, "Keys (kind, default, meaning):", *keys, "", ending])


def table_of(model: type[Keys], called: Callable[[str], str] = str) -> list[str]:
    """A line for each key of a model: what it is called, its kind, default and meaning."""
    fields = [(called(field.alias or name), field) for name, field in model.model_fields.items()]
    cells = [[name, _kind(field.annotation), _default(field)] for name, field in fields]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join(["", *map(str.ljust, row, widths), field.description or ""]).rstrip()
        for row, (_, field) in zip(cells, fields, strict=True)
    ]


def _parsed(argument: str) -> Override:
    from hydra.core.override_parser.overrides_parser import OverridesParser  # 0.2 s
    from hydra.errors import HydraException

    key = argument.partition("=")[0]
    for text in dict.fromkeys((argument, _quoted(argument), _as_one_word(argument))):
        try:
            override = OverridesParser.create().parse_override(text)
            break
        except HydraException as error:
            problem = str(error).splitlines()[0][:LONGEST_HINT]
        except RecursionError:
            problem = "brackets within brackets without end"
    else:
        raise InputError(key, argument, f"{GRAMMAR} ({problem}){_advice(argument)}")
    if not all(override.key_or_group.replace("/", ".").split(".")):
        raise InputError(argument, argument, GRAMMAR)
    if argument[0] in "+~" or override.package is not None:
        raise InputError(override.key_or_group, argument, "key=value: there is nothing to add, delete or place by +, ~ or @")
    return override


WORDS = re.compile(r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[^,\[\]{}()'"]+""")
"""What is in quotes, or stands between brackets and commas."""
UNQUOTED = re.compile(r"[A-Za-z0-9_/\-\\+.$%*@?|:\s]*")
"""What Hydra's grammar takes without quotes."""


def _quoted(argument: str) -> str:
    """The argument with every word in quotes that the grammar would not take without, as a path with an ü."""

    def quoted(found: re.Match[str]) -> str:
        text = found.group()
        key = re.match(r"\s*[\w.-]+:\s+", text)  # of a mapping
        start = key.end() if key else len(text) - len(text.lstrip())
        word = text[start:].rstrip()
        if text[0] in "'\"" or UNQUOTED.fullmatch(word) or word.endswith("\\"):
            return text
        return f"{text[:start]}'{word}'{text[start + len(word) :]}"

    key, equals, value = argument.partition("=")
    return f"{key}{equals}{WORDS.sub(quoted, value)}"


def _as_one_word(argument: str) -> str:
    """The argument with its whole value in quotes, where it has neither brackets nor commas that could mean something."""
    key, equals, value = argument.partition("=")
    return argument if not equals or value.startswith("'") or set(value) & set(',[]{}"\\') else f'{key}="{value}"'


def _advice(argument: str) -> str:
    """How to quote what the shell has taken apart, or what has brackets that are none."""
    key, equals, value = argument.partition("=")
    if len(argument) > LONGEST_HINT:
        return ""
    if any(value.count(left) != value.count(right) for left, right in ("[]", "{}")):
        return f"; the shell parts it at its spaces, unless all of it is in quotes: '{key}={{type: …, forecast: true}}'"
    return f"; in quotes of its own and of the shell's: \"{key}='{value}'\"" if equals and "'" not in value else ""


def _heads(override: Override, together: Sequence[str]) -> bool:
    return str(override.key_or_group).split(".")[0] in together


def _choices(override: Override, several: bool) -> list[Any]:
    from hydra.core.override_parser.types import Glob, Sweep

    key, found = override.key_or_group, override.input_line
    if not override.is_sweep_override():
        return [_plain(override.value())]
    if not several:
        values = (override.input_line or "").partition("=")[2]
        hint = "" if isinstance(override.value(), (Sweep, Glob)) and "(" in values else f", or {key}=[{values}] for a list"
        raise InputError(key, found, f"one value; add -m for a run with each{hint}")
    if not override.is_discrete_sweep() or isinstance(override.value(), Glob):
        raise InputError(key, found, "values to sweep that can be counted: a,b,c, choice(a,b), or range(0,3)")
    _check_range(override)
    swept = [_plain(value) for value in override.sweep_iterator()]
    if not swept:
        raise InputError(key, found, "at least one value")
    return swept


def _check_range(override: Override) -> None:
    """Raises InputError for a range that is too long to be counted, or never ends."""
    from hydra.core.override_parser.types import RangeSweep

    sweep = override.value()
    if not isinstance(sweep, RangeSweep) or sweep.start is None or sweep.stop is None:
        return
    length = abs(sweep.stop - sweep.start) / abs(sweep.step) if sweep.step else math.inf
    if not length <= MOST_VALUES:
        raise InputError(override.key_or_group, override.input_line, f"at most {MOST_VALUES} values, each a step from the last")


def _plain(value: Any) -> Any:
    from hydra.core.override_parser.types import QuotedString

    if isinstance(value, QuotedString):
        return value.text
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {_plain(key): _plain(item) for key, item in value.items()}
    return value


def _check_given_once(overrides: Sequence[Override]) -> None:
    keys = [override.key_or_group for override in overrides]
    for key in keys:
        if keys.count(key) > 1:
            torn = any(override.key_or_group == key and ":" in str(override.input_line) for override in overrides)
            hint = (
                f"; the shell takes {{a,b}} apart, unless it is in quotes: '{key}={{type: …, forecast: true}}'" if torn else ""
            )
            raise InputError(key, f"given {keys.count(key)} times", f"every key once{hint}")


def _nested(pairs: Iterable[tuple[list[str], Any]]) -> dict[str, Any]:
    """Parents before children, so that a name comes before the keys that go with it."""
    tree: dict[str, Any] = {}
    for path, value in sorted(pairs, key=lambda pair: len(pair[0])):
        block = tree
        for part in path[:-1]:
            inner = block.setdefault(part, {})
            block[part] = inner = {"type": inner} if isinstance(inner, str) else inner
            if not isinstance(inner, dict):
                raise InputError(".".join(path), value, f"nothing, since {part}={inner!r} has no keys")
            block = inner
        if path[-1] in block:
            raise InputError(".".join(path), "given 2 times", "every key once")
        block[path[-1]] = copy.deepcopy(value)  # the next run must not find this one's further keys in it
    return tree


def _kind(annotation: Any) -> str:
    """A type in a reader's words: `int`, `list[int]`, `own | team`."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if annotation is type(None):
        return "null"
    if origin is Annotated:
        return _kind(inner[0])
    if origin is Literal:
        return " | ".join(map(str, inner))
    if origin in (Union, types.UnionType):
        return " | ".join(dict.fromkeys(map(_kind, inner)))
    if origin is not None:
        return f"{origin.__name__.lower()}[{', '.join(_kind(item) for item in inner if item is not Ellipsis)}]"
    return "any" if annotation is Any else str(getattr(annotation, "__name__", annotation))


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True) if field.default_factory is None else "…"
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
