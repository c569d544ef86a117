"""A function of PyTorch written down as plain data: which operations, on what, in which order; and played again from that.

It is recorded by running it once. Only operations that do nothing but work out numbers can be written down, and only such are
played: reading a program executes nothing of whoever wrote it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from orderup.envs.foundation.errors import InputError

WHERE = ("device", "layout", "pin_memory")
"""Arguments that say where a result is kept."""
LARGEST = 20_000
"""Operations of a program."""
_NAMES = (
    "_log_softmax _softmax _to_copy _unsafe_view abs add addmm alias amax amin argmax baddbmm bitwise_and bitwise_not "
    "bitwise_or bmm cat clamp clamp_max clamp_min clone constant_pad_nd detach div elu eq erf exp expand expm1 full "
    "full_like ge gelu gt hardtanh index_select le leaky_relu log log1p log_sigmoid_forward logical_and logical_not "
    "logical_or logsumexp lt masked_fill max maximum mean minimum mish mm mul native_layer_norm ne neg new_ones "
    "new_zeros ones ones_like permute pow reciprocal relu repeat reshape round rsqrt rsub scalar_tensor select "
    "sigmoid sign silu slice softplus split split_with_sizes sqrt squeeze stack std sub sum t tanh transpose unbind "
    "unsqueeze var view where zeros zeros_like"
)
OPERATIONS = frozenset(_NAMES.split())
"""Of PyTorch's own operations, by their names: none that reads, writes, draws or calls anything."""
KINDS = ("float32", "int64", "bool")
"""Types of numbers that a program can make."""

Program = list[dict[str, Any]]
"""One entry for each operation: `op`, `args` and `kwargs`; an argument that is an earlier result is {"result": number}, an
input {"input": number}, a tensor {"tensor": name}, a constant {"numbers": […], "kind": "int64"}. The last is the output."""


def recorded(function: Callable[..., Any], examples: Sequence[Any]) -> tuple[Program, dict[str, NDArray[np.float32]]]:
    """What a function does with inputs like the `examples`, and the numbers that it has in it.

    Raises InputError for a function that does something else than working out numbers.
    """
    import torch
    from torch.distributions import Distribution
    from torch.fx.experimental.proxy_tensor import make_fx

    checks = Distribution._validate_args  # which would look at the numbers
    Distribution.set_default_validate_args(False)
    try:
        with torch.no_grad():
            traced = make_fx(function, tracing_mode="real")(*examples)
    except InputError:
        raise
    except Exception as error:
        wanted = "one whose actions are worked out from one observation by PyTorch alone: evaluate others as they are"
        raise InputError("policy", f"one that cannot be written down ({type(error).__name__}: {error})", wanted) from error
    finally:
        Distribution.set_default_validate_args(checks)
    traced.graph.eliminate_dead_code()
    return _written(traced)


def _written(traced: Any) -> tuple[Program, dict[str, NDArray[np.float32]]]:
    places: dict[Any, dict[str, Any]] = {}
    program: Program = []
    tensors: dict[str, NDArray[np.float32]] = {}
    inputs = iter(range(LARGEST))
    for node in traced.graph.nodes:
        if node.op == "placeholder":
            places[node] = {"input": next(inputs)}
        elif node.op == "get_attr":
            places[node] = _constant(_attribute(traced, node.target), tensors)
        else:
            name = "output" if node.op == "output" else _name(node.target)
            given = {key: value for key, value in node.kwargs.items() if key not in WHERE}
            args = [_argument(value, places) for value in node.args]
            kwargs = {key: _argument(value, places) for key, value in given.items()}
            program.append({"op": name, "args": args, "kwargs": kwargs})
            places[node] = {"result": len(program) - 1}
    return program, tensors


def _argument(value: Any, places: Mapping[Any, dict[str, Any]]) -> Any:
    """What an operation is given, as plain data."""
    import torch

    if isinstance(value, torch.fx.Node):
        return places[value]
    if isinstance(value, (list, tuple)):
        return [_argument(each, places) for each in value]
    if isinstance(value, torch.dtype):
        return {"kind": _kind(value)}
    if isinstance(value, (torch.layout, torch.device, torch.memory_format)):
        return None
    if value is None or isinstance(value, (bool, int, float, str)):
        return {"infinite": value > 0} if isinstance(value, float) and np.isinf(value) else value
    raise InputError("policy", f"an operation on {type(value).__name__}", "operations on numbers")


def _name(target: Any) -> str:
    """An operation's name, `addmm.default`, or `item` for what takes one of several results."""
    if getattr(target, "__name__", "") == "getitem":
        return "item"
    name = str(target).removeprefix("aten.").replace("lift_fresh_copy", "clone")
    if name.partition(".")[0] not in OPERATIONS:
        raise InputError("policy", f"the operation {target}", f"operations of {', '.join(sorted(OPERATIONS))}")
    return name


def _kind(kind: Any) -> str:
    name = str(kind).removeprefix("torch.")
    return {"float64": "float32", "int32": "int64"}.get(name, name)


def _attribute(traced: Any, path: str) -> Any:
    found = traced
    for name in path.split("."):
        found = getattr(found, name)
    return found


def _constant(values: Any, tensors: dict[str, NDArray[np.float32]]) -> dict[str, Any]:
    found = values.detach().cpu().numpy()
    if found.dtype.kind != "f" or not np.isfinite(found).all():
        kind = "bool" if found.dtype.kind == "b" else "float32" if found.dtype.kind == "f" else "int64"
        numbers = found.astype(float).tolist() if kind == "float32" else found.tolist()
        return {"numbers": numbers, "kind": kind}
    name = str(len(tensors))
    tensors[name] = found.astype(np.float32)
    return {"tensor": name}


def check_program(program: Any, inputs: int, tensors: Mapping[str, Any]) -> None:
    """Raises InputError for what is no program of so many inputs on these tensors."""
    if not isinstance(program, list) or not 0 < len(program) <= LARGEST:
        raise InputError("program", type(program).__name__, f"1 to {LARGEST} operations")
    for number, entry in enumerate(program):
        last = number == len(program) - 1
        name = entry.get("op") if isinstance(entry, dict) else None
        if (
            not isinstance(entry, dict)
            or set(entry) != {"op", "args", "kwargs"}
            or not isinstance(name, str)
            or (name == "output") != last
        ):
            raise InputError(f"program[{number}]", entry, "an operation: op, args and kwargs; output at the end")
        name = entry["op"]
        if name not in ("output", "item") and not _works_out_numbers(name):
            raise InputError(f"program[{number}].op", name, "an operation that works out numbers")
        if not isinstance(entry["args"], list) or not isinstance(entry["kwargs"], dict):
            raise InputError(f"program[{number}]", entry, "args in a list, and kwargs by their names")
        for place in _places([entry["args"], list(entry["kwargs"].values())]):
            if not _is_known(place, number, inputs, tensors):
                raise InputError(f"program[{number}]", place, "an earlier result, an input, or a tensor that is there")


def _works_out_numbers(name: str) -> bool:
    """Whether it is one of the operations, in one of its forms; what else Python calls by a name like that is none."""
    base, dot, form = name.partition(".")
    return base in OPERATIONS and (form.isidentifier() and not form.startswith("_") if dot else True)


def _places(value: Any) -> list[dict[str, Any]]:
    """All mappings among arguments, none of which has another in it."""
    if isinstance(value, list):
        return [place for each in value for place in _places(each)]
    return [value] if isinstance(value, dict) else []


def _is_known(place: dict[str, Any], number: int, inputs: int, tensors: Mapping[str, Any]) -> bool:
    """Whether a mapping is one of those that an argument may be, with nothing beside it."""
    if set(place) == {"numbers", "kind"}:
        return isinstance(place["kind"], str) and place["kind"] in KINDS and not _places(place["numbers"])
    if len(place) != 1:
        return False
    ((what, value),) = place.items()
    if what in ("result", "input"):
        return type(value) is int and 0 <= value < (number if what == "result" else inputs)
    if what == "infinite":
        return type(value) is bool
    return isinstance(value, str) and value in {"tensor": tensors, "kind": KINDS}.get(what, ())


class Player:
    """Plays a program that has been checked, for all rows of its inputs at once."""

    def __init__(self, program: Program, tensors: Mapping[str, NDArray[np.float32]]) -> None:
        import torch

        self._tensors = {name: torch.from_numpy(values) for name, values in tensors.items()}
        self._steps = [(_operation(entry["op"]), entry["args"], entry["kwargs"]) for entry in program[:-1]]
        self._output = program[-1]["args"][0]
        self._of_rows = torch.vmap(self._one)

    def __call__(self, *inputs: NDArray[Any]) -> NDArray[Any]:
        """The output of every row (B, …) of inputs (B, …)."""
        import torch

        with torch.no_grad():
            found: NDArray[Any] = self._of_rows(*(torch.from_numpy(np.ascontiguousarray(each)) for each in inputs)).numpy()
        return found

    def _one(self, *inputs: Any) -> Any:
        results: list[Any] = []
        for operation, args, kwargs in self._steps:
            given = [self._value(each, inputs, results) for each in args]
            named = {key: self._value(each, inputs, results) for key, each in kwargs.items()}
            results.append(operation(*given, **named))
        return self._value(self._output, inputs, results)

    def _value(self, given: Any, inputs: Sequence[Any], results: Sequence[Any]) -> Any:
        import torch

        if isinstance(given, list):
            return [self._value(each, inputs, results) for each in given]
        if not isinstance(given, dict):
            return given
        if "result" in given:
            return results[given["result"]]
        if "input" in given:
            return inputs[given["input"]]
        if "tensor" in given:
            return self._tensors[given["tensor"]]
        if "infinite" in given:
            return float("inf") if given["infinite"] else -float("inf")
        kind = getattr(torch, given["kind"])
        return torch.tensor(given["numbers"], dtype=kind) if "numbers" in given else kind


def _operation(name: str) -> Callable[..., Any]:
    import torch

    if name == "item":
        return lambda values, place: values[place]
    base, _, form = name.partition(".")
    forms = getattr(torch.ops.aten, base)
    if (form or "default") not in forms.overloads():  # its other attributes are Python's, which would do anything
        raise InputError("program", name, f"one of {base}'s forms: {', '.join(forms.overloads())}")
    found: Callable[..., Any] = getattr(forms, form or "default")
    return found
