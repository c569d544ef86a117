"""docs/reference/commands.md: the keys of the command lines and of a study's file, from the models that read them."""

from __future__ import annotations

from orderup.agents.training.command import Train
from orderup.envs.describe.describe import Describe
from orderup.envs.foundation.validation import Keys
from orderup.evaluation.command import Evaluate
from orderup.evaluation.studies.command import StudyKeys
from orderup.evaluation.studies.study import Study

from .keys import described

HEAD = """# Commands

Everything after a command is `key=value` in [Hydra's grammar](https://hydra.cc/docs/advanced/override_grammar/basic/): dots
nest (`agent.hidden=[64,64]`), quotes keep text together (`name='a, b'`), and with `-m` values without brackets are a run for
each (`-m seed=0,1,2`). `--help` prints what stands here. This page is made from the models that read the keys
(`python -m benchmarks.pages`). In a checkout `python train.py` and `python evaluate.py` are the first two.

A command exits with 0, with 1 where an agent failed or a result is below a proven bound, with 2 for input that is refused, and
with 130 after Ctrl-C.
"""
COMMANDS: dict[str, type[Keys]] = {
    "`orderup train`": Train,
    "`orderup evaluate`": Evaluate,
    "Either of them with `study=<name>`": StudyKeys,
    "`orderup describe`": Describe,
    "A study's file, `configs/studies/<name>.yaml`": Study,
}


def commands_page() -> str:
    """The whole of docs/reference/commands.md."""
    return "\n".join([HEAD, *(f"## {title}\n\n{described(model)}" for title, model in COMMANDS.items())])
