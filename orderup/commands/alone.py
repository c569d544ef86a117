"""A scenario that stands alone on a command line: `orderup answer network.yaml` is `orderup answer scenario=network.yaml`."""

from __future__ import annotations

from collections.abc import Sequence

from orderup.envs.foundation.errors import InputError


def scenario_alone(arguments: Sequence[str]) -> list[str]:
    """The arguments with `scenario=` before one that is no key=value. Raises InputError for several such."""
    alone = [argument for argument in arguments if "=" not in argument and not argument.startswith("-")]
    if len(alone) > 1:
        raise InputError("scenario", " ".join(alone), "one scenario, by its name or its YAML file; all else as key=value")
    return [f"scenario='{argument}'" if argument in alone else argument for argument in arguments]
