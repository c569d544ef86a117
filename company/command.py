"""The command `orderup import`: its keys in, what it found out on the screen, its files at the end."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from orderup.envs.foundation.invocation import command_line
from orderup.envs.foundation.terminal import say
from orderup.envs.foundation.validation import validated

from .importing import network_of
from .keys import FILES, Import, NetworkKeys
from .network_files import NetworkFiles
from .telling import show


def carry_out(keys: Import) -> NetworkFiles:
    """Read, decide, fit, tell, and write where an output is asked for."""
    chosen: dict[str, Any] = {name: getattr(keys, name) for name in keys.model_fields_set & set(NetworkKeys.model_fields)}
    if "name" not in chosen and keys.output is not None:
        chosen["name"] = scenario_name(keys.output)
    tables = {name: getattr(keys, name) for name in FILES if name != "demand"}
    files = network_of(keys.demand, tables, validated(NetworkKeys, chosen, ""))
    assert files.scenario is not None  # looked at as a scenario before anything is said or written
    show(files)
    if keys.output is None:
        say("Nothing is written: -o network.yaml writes it")
        return files
    written = files.write(keys.output, keys.overwrite)
    say(f"Written: {', '.join(map(str, written))}")
    levels = "autonomy=[central_ideal,autonomous_silo]"
    say(f"Next: {command_line('evaluate', f'scenario={keys.output}', 'agent=base_stock', levels)}")
    return files


def scenario_name(output: str) -> str:
    """A scenario's name from its file's.

    >>> scenario_name("plans/Netz Süd-2024.yaml")
    'netz_s_d_2024'
    """
    return re.sub(r"[^a-z0-9]+", "_", Path(output).stem.lower()).strip("_") or "company"
