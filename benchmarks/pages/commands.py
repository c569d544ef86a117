"""docs/reference/commands.md: the keys of the command lines and of a study's file, from the models that read them."""

from __future__ import annotations

from orderup.agents.training.command import Train
from orderup.company.keys import Import
from orderup.envs.describe.describe import Describe
from orderup.envs.foundation.validation import Keys
from orderup.evaluation.advising.advise_command import Advise
from orderup.evaluation.answering.keys import AnswerKeys
from orderup.evaluation.atlas.design import Atlas
from orderup.evaluation.command import Evaluate
from orderup.evaluation.deciding.keys import Decide
from orderup.evaluation.leaderboard.board import Board, BoardTask
from orderup.evaluation.leaderboard.keys import RenderKeys, SubmitKeys, VerifyKeys
from orderup.evaluation.past.keys import BacktestKeys
from orderup.evaluation.studies.command import StudyCommand
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
    "Either of them with `study=<name>`": StudyCommand,
    "`orderup advise`": Advise,
    "`orderup leaderboard submit`": SubmitKeys,
    "`orderup leaderboard verify`": VerifyKeys,
    "`orderup leaderboard render`": RenderKeys,
    "`orderup describe`": Describe,
    "`orderup answer`": AnswerKeys,
    "`orderup decide`": Decide,
    "`orderup backtest`": BacktestKeys,
    "`orderup import`, whose keys are written as options too: `--demand sales.csv --strict`": Import,
    "A study's file, `configs/studies/<name>.yaml`": Study,
    "An atlas' file, one with `kind: atlas`": Atlas,
    "A board's file, `configs/leaderboards/<name>.yaml`": Board,
    "A task of a board": BoardTask,
}


def commands_page() -> str:
    """The whole of docs/reference/commands.md."""
    return "\n".join([HEAD, *(f"## {title}\n\n{described(model)}" for title, model in COMMANDS.items())])
